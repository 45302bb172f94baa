/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/forge/samples.h"

#include <string.h>

#include "tests/forge/bytes.h"

#define CLIENT  "10.0.0.1"
#define SERVER  "10.0.0.2"
#define CLIENT6 "2001:db8::1"
#define SERVER6 "2001:db8::2"

enum {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_PPP = 9,
	LINK_RAW_BSD = 12,
	LINK_HDLC = 50,
	LINK_PPPOE = 51,
	LINK_RAW = 101,
	LINK_LOOP = 108,
	LINK_SLL = 113,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_SLL2 = 276
};

static void tcp(struct forge_packet *packet)
{
	forge_tcp(packet, 1234, 80, 7, 9, FORGE_PSH | FORGE_ACK);
	forge_text(packet, "GET / HTTP/1.0\r\n\r\n");
}

static void udp(struct forge_packet *packet)
{
	forge_udp(packet, 1234, 53);
	forge_text(packet, "question");
}

static void v4(struct forge_packet *packet)
{
	forge_ipv4(packet, CLIENT, SERVER);
}

static void v6(struct forge_packet *packet)
{
	forge_ipv6(packet, CLIENT6, SERVER6);
}

static void over_udp(struct forge_packet *packet, uint16_t port)
{
	forge_ethernet(packet);
	v4(packet);
	forge_udp(packet, 40000, port);
}

static void plain_tcp(struct forge_packet *packet)
{
	forge_ethernet(packet);
	v4(packet);
	tcp(packet);
}

static void plain_udp(struct forge_packet *packet)
{
	forge_ethernet(packet);
	v4(packet);
	udp(packet);
}

static void plain_icmp(struct forge_packet *packet)
{
	forge_ethernet(packet);
	v4(packet);
	forge_icmp(packet, 8, 0);
	forge_text(packet, "ping!");
}

static void plain_sctp(struct forge_packet *packet)
{
	forge_ethernet(packet);
	v4(packet);
	forge_sctp(packet, 2905, 2905);
	forge_text(packet, "chunk");
}

static void ip_options(struct forge_packet *packet)
{
	forge_ethernet(packet);
	forge_ipv4_options(packet, CLIENT, SERVER, "\x94\x04\0\0", 4); /* router alert */
	forge_tcp_options(packet, 1234, 80, 7, 9, FORGE_SYN, "\2\4\5\xb4\1\3\3\7", 8);
}

static void six_tcp(struct forge_packet *packet)
{
	forge_ethernet(packet);
	v6(packet);
	tcp(packet);
}

static void six_icmp(struct forge_packet *packet)
{
	forge_ethernet(packet);
	v6(packet);
	forge_icmpv6(packet, 128, 0);
	forge_text(packet, "ping!");
}

static void six_extensions(struct forge_packet *packet)
{
	forge_ethernet(packet);
	v6(packet);
	forge_extension(packet, 0, NULL, 8);
	forge_extension(packet, 60, NULL, 16);
	forge_extension(packet, 43, "\2\0\0\0\0\0", 8);
	forge_extension(packet, 51, NULL, 16);
	forge_extension(packet, 60, NULL, 8);
	udp(packet);
}

static void two_vlans(struct forge_packet *packet)
{
	forge_ethernet(packet);
	forge_service_vlan(packet, 100);
	forge_vlan(packet, 200);
	v4(packet);
	udp(packet);
}

static void mpls(struct forge_packet *packet)
{
	forge_ethernet(packet);
	forge_mpls(packet, 100, false);
	forge_mpls(packet, 200, true);
	v4(packet);
	tcp(packet);
}

static void pseudowire(struct forge_packet *packet)
{
	forge_ethernet(packet);
	forge_mpls(packet, 100, true);
	forge_data(packet, "\0\0\0\0", 4);
	plain_tcp(packet);
}

static void pppoe(struct forge_packet *packet)
{
	forge_ethernet(packet);
	forge_pppoe(packet);
	v6(packet);
	tcp(packet);
}

static void snap(struct forge_packet *packet)
{
	forge_ethernet(packet);
	forge_snap(packet);
	v4(packet);
	tcp(packet);
}

static void arp(struct forge_packet *packet)
{
	forge_ethernet(packet);
	forge_arp(packet);
}

static void goose(struct forge_packet *packet)
{
	static const char frame[] = "\0\3\0\x1d\0\0\0\0\x61\x13\x80\2cb\x81\2\x03\xe8\x85\1\5\x86\1\7\x8a\1\0\xab\0";

	forge_link(packet, 0x88b8, frame, sizeof(frame) - 1);
}

static void sampled_values(struct forge_packet *packet)
{
	static const char frame[] = "\x40\0\0\x1b\0\0\0\0\x60\x11\x80\1\1\xa2\x0c\x30\x0a\x80\2mu\x82\2\1\0\x85\0";

	forge_link(packet, 0x88ba, frame, sizeof(frame) - 1);
}

static void profinet_dcp(struct forge_packet *packet)
{
	static const char frame[] = "\xfe\xfe\5\0\0\0\0\1\0\1\0\x0a\2\2\0\6crane1";

	forge_link(packet, 0x8892, frame, sizeof(frame) - 1);
}

static void lldp(struct forge_packet *packet)
{
	static const char frame[] = "\x02\x05\x07name\x04\x02\x07p\x06\x02\0\x14\0\0";

	forge_link(packet, 0x88cc, frame, sizeof(frame) - 1);
}

static void raw_four(struct forge_packet *packet)
{
	v4(packet);
	tcp(packet);
}

static void raw_six(struct forge_packet *packet)
{
	v6(packet);
	udp(packet);
}

static void null_six(struct forge_packet *packet)
{
	forge_null(packet);
	raw_six(packet);
}

static void ppp(struct forge_packet *packet)
{
	forge_ppp(packet);
	raw_four(packet);
}

static void pppoe_link(struct forge_packet *packet)
{
	forge_pppoe(packet);
	raw_four(packet);
}

static void sll(struct forge_packet *packet)
{
	forge_sll(packet);
	raw_four(packet);
}

static void sll2_vlan(struct forge_packet *packet)
{
	forge_sll2(packet);
	forge_vlan(packet, 7);
	raw_six(packet);
}

static void ip_in_ip(struct forge_packet *packet)
{
	forge_ethernet(packet);
	forge_vlan(packet, 5);
	forge_ipv4(packet, "192.0.2.1", "192.0.2.2");
	v4(packet);
	tcp(packet);
}

static void six_in_four(struct forge_packet *packet)
{
	forge_ethernet(packet);
	forge_ipv4(packet, "192.0.2.1", "192.0.2.2");
	raw_six(packet);
}

static void four_in_six(struct forge_packet *packet)
{
	forge_ethernet(packet);
	v6(packet);
	raw_four(packet);
}

static void gre(struct forge_packet *packet)
{
	forge_ethernet(packet);
	v6(packet);
	forge_gre(packet, FORGE_GRE_SUM | FORGE_GRE_KEY | FORGE_GRE_SEQUENCE);
	raw_four(packet);
}

static void gre_bridge(struct forge_packet *packet)
{
	forge_ethernet(packet);
	v4(packet);
	forge_gre(packet, 0);
	two_vlans(packet);
}

static void pptp(struct forge_packet *packet)
{
	forge_ethernet(packet);
	v4(packet);
	forge_gre(packet, FORGE_GRE_PPTP | FORGE_GRE_KEY | FORGE_GRE_SEQUENCE);
	ppp(packet);
}

static void erspan_1(struct forge_packet *packet)
{
	forge_ethernet(packet);
	v4(packet);
	forge_erspan_1(packet);
	plain_tcp(packet);
}

static void erspan_2(struct forge_packet *packet)
{
	forge_ethernet(packet);
	v4(packet);
	forge_erspan_2(packet, 77);
	plain_tcp(packet);
}

static void erspan_3(struct forge_packet *packet)
{
	forge_ethernet(packet);
	v4(packet);
	forge_erspan_3(packet, 77, true);
	plain_tcp(packet);
}

static void nsh_ether(struct forge_packet *packet)
{
	forge_ethernet(packet);
	forge_nsh(packet);
	plain_tcp(packet);
}

static void nsh_gre(struct forge_packet *packet)
{
	forge_ethernet(packet);
	v4(packet);
	forge_gre(packet, 0);
	forge_nsh(packet);
	raw_six(packet);
}

static void vxlan(struct forge_packet *packet)
{
	over_udp(packet, 4789);
	forge_vxlan(packet, 42);
	two_vlans(packet);
}

static void vxlan_linux(struct forge_packet *packet)
{
	over_udp(packet, 8472);
	forge_vxlan(packet, 42);
	arp(packet);
}

static void geneve(struct forge_packet *packet)
{
	over_udp(packet, 6081);
	forge_geneve(packet, 42, 8);
	plain_tcp(packet);
}

static void geneve_ip(struct forge_packet *packet)
{
	over_udp(packet, 6081);
	forge_geneve(packet, 42, 0);
	raw_six(packet);
}

static void gtpu(struct forge_packet *packet)
{
	over_udp(packet, 2152);
	forge_gtpu(packet, 42, true);
	raw_four(packet);
}

static void teredo(struct forge_packet *packet)
{
	over_udp(packet, 3544);
	raw_six(packet);
}

static void deep(struct forge_packet *packet)
{
	vxlan_linux(packet);
	packet->layers = 4;
	packet->len = packet->layer[3].at + 8;
	gre(packet);
}

const struct forge_sample forge_samples[] = {
    {"tcp", plain_tcp, LINK_ETHERNET, 1, true},
    {"udp", plain_udp, LINK_ETHERNET, 1, true},
    {"icmp", plain_icmp, LINK_ETHERNET, 1, true},
    {"sctp", plain_sctp, LINK_ETHERNET, 1, true},
    {"options", ip_options, LINK_ETHERNET, 1, true},
    {"ipv6 tcp", six_tcp, LINK_ETHERNET, 1, true},
    {"icmpv6", six_icmp, LINK_ETHERNET, 1, true},
    {"ipv6 extensions", six_extensions, LINK_ETHERNET, 1, true},
    {"two vlans", two_vlans, LINK_ETHERNET, 1, true},
    {"mpls", mpls, LINK_ETHERNET, 1, true},
    {"pppoe", pppoe, LINK_ETHERNET, 1, true},
    {"snap", snap, LINK_ETHERNET, 1, false},
    {"raw 4", raw_four, LINK_RAW, 1, true},
    {"raw 6", raw_six, LINK_RAW_BSD, 1, true},
    {"ipv4", raw_four, LINK_IPV4, 1, true},
    {"ipv6", raw_six, LINK_IPV6, 1, true},
    {"null", null_six, LINK_NULL, 1, true},
    {"loop", null_six, LINK_LOOP, 1, true},
    {"ppp", ppp, LINK_PPP, 1, true},
    {"ppp hdlc", ppp, LINK_HDLC, 1, true},
    {"pppoe link", pppoe_link, LINK_PPPOE, 1, true},
    {"sll", sll, LINK_SLL, 1, true},
    {"sll2", sll2_vlan, LINK_SLL2, 1, true},
    {"nsh", nsh_ether, LINK_ETHERNET, 1, true},
    {"ip in ip", ip_in_ip, LINK_ETHERNET, 2, true},
    {"6in4", six_in_four, LINK_ETHERNET, 2, true},
    {"4in6", four_in_six, LINK_ETHERNET, 2, true},
    {"gre", gre, LINK_ETHERNET, 2, true},
    {"gre bridge", gre_bridge, LINK_ETHERNET, 2, true},
    {"pptp", pptp, LINK_ETHERNET, 2, true},
    {"erspan 1", erspan_1, LINK_ETHERNET, 2, true},
    {"erspan 2", erspan_2, LINK_ETHERNET, 2, true},
    {"erspan 3", erspan_3, LINK_ETHERNET, 2, true},
    {"nsh in gre", nsh_gre, LINK_ETHERNET, 2, true},
    {"vxlan", vxlan, LINK_ETHERNET, 2, true},
    {"geneve", geneve, LINK_ETHERNET, 2, true},
    {"geneve ip", geneve_ip, LINK_ETHERNET, 2, true},
    {"gtp-u", gtpu, LINK_ETHERNET, 2, true},
    {"teredo", teredo, LINK_ETHERNET, 2, true},
    {"vxlan, gre", deep, LINK_ETHERNET, 3, true},
    {"pseudowire", pseudowire, LINK_ETHERNET, 1, false},
    {"arp", arp, LINK_ETHERNET, 1, false},
    {"vxlan arp", vxlan_linux, LINK_ETHERNET, 2, false},
};

const size_t forge_sample_count = sizeof(forge_samples) / sizeof(forge_samples[0]);

const struct forge_sample forge_link_samples[] = {
    {"goose", goose, LINK_ETHERNET, 1, false},
    {"sampled values", sampled_values, LINK_ETHERNET, 1, false},
    {"profinet dcp", profinet_dcp, LINK_ETHERNET, 1, false},
    {"lldp", lldp, LINK_ETHERNET, 1, false},
};

const size_t forge_link_sample_count = sizeof(forge_link_samples) / sizeof(forge_link_samples[0]);

void forge_sample_build(struct forge_packet *packet, const struct forge_sample *sample)
{
	forge_begin(packet);
	sample->build(packet);
	forge_end(packet);
}

const struct forge_sample *forge_sample_find(const char *name)
{
	for (size_t i = 0; i < forge_sample_count; i++)
		if (strcmp(forge_samples[i].name, name) == 0)
			return &forge_samples[i];
	for (size_t i = 0; i < forge_link_sample_count; i++)
		if (strcmp(forge_link_samples[i].name, name) == 0)
			return &forge_link_samples[i];
	forge_require(0);
	return NULL;
}
