/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/decode/decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/forge/forge.h"

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

static const struct qw_decode_options strict = {.verify_checksums = true, .strict_checksums = true};
static const struct qw_decode_options verify = {.verify_checksums = true};
static const struct qw_decode_options ignore = {0};

static struct forge_packet packet;
static struct qw_decoded decoded;

/* In memory of exactly the frame's size, so that a sanitizer sees the first byte read beyond it. */
static void decode_bytes(uint16_t link, size_t len, size_t wire_len, const struct qw_decode_options *options)
{
	static uint8_t *exact;

	free(exact);
	exact = malloc(len ? len : 1);
	assert_non_null(exact);
	memcpy(exact, packet.data, len);
	struct qw_frame frame = {
	    .data = exact, .len = (uint32_t)len, .wire_len = (uint32_t)wire_len, .link = link, .interface = 3};
	memset(&decoded, 0xee, sizeof(decoded));
	qw_decode(&decoded, &frame, options);
}

static void decode_all(uint16_t link, const struct qw_decode_options *options)
{
	decode_bytes(link, packet.len, packet.len, options);
}

static void tcp(void)
{
	forge_tcp(&packet, 1234, 80, 7, 9, FORGE_PSH | FORGE_ACK);
	forge_text(&packet, "GET / HTTP/1.0\r\n\r\n");
}

static void udp(void)
{
	forge_udp(&packet, 1234, 53);
	forge_text(&packet, "question");
}

static void v4(void)
{
	forge_ipv4(&packet, CLIENT, SERVER);
}

static void v6(void)
{
	forge_ipv6(&packet, CLIENT6, SERVER6);
}

static void over_udp(uint16_t port)
{
	forge_ethernet(&packet);
	v4();
	forge_udp(&packet, 40000, port);
}

/* ---- frames that are right, each built once, decoded whole and cut at every byte */

static void plain_tcp(void)
{
	forge_ethernet(&packet);
	v4();
	tcp();
}

static void plain_udp(void)
{
	forge_ethernet(&packet);
	v4();
	udp();
}

static void plain_icmp(void)
{
	forge_ethernet(&packet);
	v4();
	forge_icmp(&packet, 8, 0);
	forge_text(&packet, "ping!");
}

static void plain_sctp(void)
{
	forge_ethernet(&packet);
	v4();
	forge_sctp(&packet, 2905, 2905);
	forge_text(&packet, "chunk");
}

static void ip_options(void)
{
	forge_ethernet(&packet);
	forge_ipv4_options(&packet, CLIENT, SERVER, "\x94\x04\0\0", 4); /* router alert */
	forge_tcp_options(&packet, 1234, 80, 7, 9, FORGE_SYN, "\2\4\5\xb4\1\3\3\7", 8);
}

static void six_tcp(void)
{
	forge_ethernet(&packet);
	v6();
	tcp();
}

static void six_icmp(void)
{
	forge_ethernet(&packet);
	v6();
	forge_icmpv6(&packet, 128, 0);
	forge_text(&packet, "ping!");
}

static void six_extensions(void)
{
	forge_ethernet(&packet);
	v6();
	forge_extension(&packet, 0, NULL, 8);
	forge_extension(&packet, 60, NULL, 16);
	forge_extension(&packet, 43, "\2\0\0\0\0\0", 8);
	forge_extension(&packet, 51, NULL, 16);
	forge_extension(&packet, 60, NULL, 8);
	udp();
}

static void two_vlans(void)
{
	forge_ethernet(&packet);
	forge_service_vlan(&packet, 100);
	forge_vlan(&packet, 200);
	v4();
	udp();
}

static void mpls(void)
{
	forge_ethernet(&packet);
	forge_mpls(&packet, 100, false);
	forge_mpls(&packet, 200, true);
	v4();
	tcp();
}

static void pseudowire(void)
{
	forge_ethernet(&packet);
	forge_mpls(&packet, 100, true);
	forge_data(&packet, "\0\0\0\0", 4);
	plain_tcp();
}

static void pppoe(void)
{
	forge_ethernet(&packet);
	forge_pppoe(&packet);
	v6();
	tcp();
}

static void snap(void)
{
	forge_ethernet(&packet);
	forge_snap(&packet);
	v4();
	tcp();
}

static void arp(void)
{
	forge_ethernet(&packet);
	forge_arp(&packet);
}

static void raw_four(void)
{
	v4();
	tcp();
}

static void raw_six(void)
{
	v6();
	udp();
}

static void null_six(void)
{
	forge_null(&packet);
	raw_six();
}

static void ppp(void)
{
	forge_ppp(&packet);
	raw_four();
}

static void pppoe_link(void)
{
	forge_pppoe(&packet);
	raw_four();
}

static void sll(void)
{
	forge_sll(&packet);
	raw_four();
}

static void sll2_vlan(void)
{
	forge_sll2(&packet);
	forge_vlan(&packet, 7);
	raw_six();
}

static void ip_in_ip(void)
{
	forge_ethernet(&packet);
	forge_vlan(&packet, 5);
	forge_ipv4(&packet, "192.0.2.1", "192.0.2.2");
	v4();
	tcp();
}

static void six_in_four(void)
{
	forge_ethernet(&packet);
	forge_ipv4(&packet, "192.0.2.1", "192.0.2.2");
	raw_six();
}

static void four_in_six(void)
{
	forge_ethernet(&packet);
	v6();
	raw_four();
}

static void gre(void)
{
	forge_ethernet(&packet);
	v6();
	forge_gre(&packet, FORGE_GRE_SUM | FORGE_GRE_KEY | FORGE_GRE_SEQUENCE);
	raw_four();
}

static void gre_bridge(void)
{
	forge_ethernet(&packet);
	v4();
	forge_gre(&packet, 0);
	two_vlans();
}

static void pptp(void)
{
	forge_ethernet(&packet);
	v4();
	forge_gre(&packet, FORGE_GRE_PPTP | FORGE_GRE_KEY | FORGE_GRE_SEQUENCE);
	ppp();
}

static void erspan_1(void)
{
	forge_ethernet(&packet);
	v4();
	forge_erspan_1(&packet);
	plain_tcp();
}

static void erspan_2(void)
{
	forge_ethernet(&packet);
	v4();
	forge_erspan_2(&packet, 77);
	plain_tcp();
}

static void erspan_3(void)
{
	forge_ethernet(&packet);
	v4();
	forge_erspan_3(&packet, 77, true);
	plain_tcp();
}

static void nsh_ether(void)
{
	forge_ethernet(&packet);
	forge_nsh(&packet);
	plain_tcp();
}

static void nsh_gre(void)
{
	forge_ethernet(&packet);
	v4();
	forge_gre(&packet, 0);
	forge_nsh(&packet);
	raw_six();
}

static void vxlan(void)
{
	over_udp(4789);
	forge_vxlan(&packet, 42);
	two_vlans();
}

static void vxlan_linux(void)
{
	over_udp(8472);
	forge_vxlan(&packet, 42);
	arp();
}

static void geneve(void)
{
	over_udp(6081);
	forge_geneve(&packet, 42, 8);
	plain_tcp();
}

static void geneve_ip(void)
{
	over_udp(6081);
	forge_geneve(&packet, 42, 0);
	raw_six();
}

static void gtpu(void)
{
	over_udp(2152);
	forge_gtpu(&packet, 42, true);
	raw_four();
}

static void teredo(void)
{
	over_udp(3544);
	raw_six();
}

static void deep(void)
{
	vxlan_linux();
	packet.layers = 4;
	packet.len = packet.layer[3].at + 8;
	gre();
}

struct right {
	const char *name;
	void (*build)(void);
	uint16_t link;
	uint32_t views;
};

static const struct right rights[] = {
    {"tcp", plain_tcp, LINK_ETHERNET, 1},
    {"udp", plain_udp, LINK_ETHERNET, 1},
    {"icmp", plain_icmp, LINK_ETHERNET, 1},
    {"sctp", plain_sctp, LINK_ETHERNET, 1},
    {"options", ip_options, LINK_ETHERNET, 1},
    {"ipv6 tcp", six_tcp, LINK_ETHERNET, 1},
    {"icmpv6", six_icmp, LINK_ETHERNET, 1},
    {"ipv6 extensions", six_extensions, LINK_ETHERNET, 1},
    {"two vlans", two_vlans, LINK_ETHERNET, 1},
    {"mpls", mpls, LINK_ETHERNET, 1},
    {"pppoe", pppoe, LINK_ETHERNET, 1},
    {"snap", snap, LINK_ETHERNET, 1},
    {"raw 4", raw_four, LINK_RAW, 1},
    {"raw 6", raw_six, LINK_RAW_BSD, 1},
    {"ipv4", raw_four, LINK_IPV4, 1},
    {"ipv6", raw_six, LINK_IPV6, 1},
    {"null", null_six, LINK_NULL, 1},
    {"loop", null_six, LINK_LOOP, 1},
    {"ppp", ppp, LINK_PPP, 1},
    {"ppp hdlc", ppp, LINK_HDLC, 1},
    {"pppoe link", pppoe_link, LINK_PPPOE, 1},
    {"sll", sll, LINK_SLL, 1},
    {"sll2", sll2_vlan, LINK_SLL2, 1},
    {"nsh", nsh_ether, LINK_ETHERNET, 1},
    {"ip in ip", ip_in_ip, LINK_ETHERNET, 2},
    {"6in4", six_in_four, LINK_ETHERNET, 2},
    {"4in6", four_in_six, LINK_ETHERNET, 2},
    {"gre", gre, LINK_ETHERNET, 2},
    {"gre bridge", gre_bridge, LINK_ETHERNET, 2},
    {"pptp", pptp, LINK_ETHERNET, 2},
    {"erspan 1", erspan_1, LINK_ETHERNET, 2},
    {"erspan 2", erspan_2, LINK_ETHERNET, 2},
    {"erspan 3", erspan_3, LINK_ETHERNET, 2},
    {"nsh in gre", nsh_gre, LINK_ETHERNET, 2},
    {"vxlan", vxlan, LINK_ETHERNET, 2},
    {"geneve", geneve, LINK_ETHERNET, 2},
    {"geneve ip", geneve_ip, LINK_ETHERNET, 2},
    {"gtp-u", gtpu, LINK_ETHERNET, 2},
    {"teredo", teredo, LINK_ETHERNET, 2},
    {"vxlan, gre", deep, LINK_ETHERNET, 3},
};

enum { RIGHTS = sizeof(rights) / sizeof(rights[0]) };

static void build(void (*builder)(void))
{
	forge_begin(&packet);
	builder();
	forge_end(&packet);
}

static bool is_ip(enum forge_kind kind)
{
	return kind == FORGE_IPV4 || kind == FORGE_IPV6;
}

static bool is_transport(enum forge_kind kind)
{
	return kind >= FORGE_TCP && kind <= FORGE_SCTP;
}

static size_t end_of(unsigned layer)
{
	return layer + 1 < packet.layers ? packet.layer[layer + 1].at : packet.len;
}

/* What cutting at len leaves: views whose IP header, extensions and transport header are whole. */
static uint32_t views_left(size_t len)
{
	uint32_t views = 0;

	for (unsigned i = 0; i < packet.layers; i++) {
		if (!is_ip(packet.layer[i].kind))
			continue;
		while (i + 1 < packet.layers && packet.layer[i + 1].kind == FORGE_EXTENSION)
			i++;
		if (i + 1 < packet.layers && is_transport(packet.layer[i + 1].kind))
			i++;
		if (end_of(i) > len)
			break;
		views++;
	}
	return views;
}

/* The first layer that is not whole decides. */
static enum qw_drop drop_when_cut(size_t len)
{
	if (views_left(len))
		return QW_DROP_NONE;
	for (unsigned i = 0; i < packet.layers; i++) {
		if (end_of(i) <= len)
			continue;
		if (is_transport(packet.layer[i].kind))
			return QW_DROP_TRANSPORT_SHORT;
		return is_ip(packet.layer[i].kind) || packet.layer[i].kind == FORGE_EXTENSION ? QW_DROP_NET_SHORT
											      : QW_DROP_LINK_SHORT;
	}
	return QW_DROP_NONE;
}

static void right_frames_give_all_their_views(void **state)
{
	for (unsigned i = 0; i < RIGHTS; i++) {
		build(rights[i].build);
		decode_all(rights[i].link, &strict);
		if (decoded.drop || decoded.count != rights[i].views || decoded.anomalies)
			fail_msg("%s: drop %s, %u views, anomalies %x", rights[i].name, qw_drop_name(decoded.drop),
				 decoded.count, decoded.anomalies);
		const struct qw_packet *last = &decoded.view[decoded.count - 1];
		assert_true(last->flags & QW_PACKET_TRANSPORT);
		assert_ptr_equal(last->payload + last->payload_len, last->net + last->net_len);
		for (uint32_t layer = 0; layer < decoded.count; layer++) {
			assert_int_equal(decoded.view[layer].layer, layer);
			assert_int_equal(!!(decoded.view[layer].flags & QW_PACKET_TUNNELED), layer > 0);
			assert_int_equal(decoded.view[layer].interface, 3);
		}
	}
}

static void frames_cut_by_the_capture_keep_the_views_that_are_whole(void **state)
{
	for (unsigned i = 0; i < RIGHTS; i++) {
		build(rights[i].build);
		for (size_t len = 0; len < packet.len; len++) {
			decode_bytes(rights[i].link, len, packet.len, &strict);
			enum qw_drop drop = drop_when_cut(len);
			/* SNAP without its type is a frame of 802.3 that names no protocol. */
			if (rights[i].build == snap && drop == QW_DROP_LINK_SHORT && len >= 14)
				continue;
			if (decoded.drop != drop || decoded.count != views_left(len))
				fail_msg("%s cut at %zu: %s, %u views; expected %s, %u", rights[i].name, len,
					 qw_drop_name(decoded.drop), decoded.count, qw_drop_name(drop),
					 views_left(len));
			assert_true(decoded.anomalies & 1u << QW_ANOMALY_CAPTURE_CUT);
			for (uint32_t view = 0; view < decoded.count; view++)
				assert_true(decoded.view[view].flags & QW_PACKET_CUT);
		}
	}
}

static void frames_that_are_short_on_the_wire_are_dropped(void **state)
{
	for (unsigned i = 0; i < RIGHTS; i++) {
		build(rights[i].build);
		for (size_t len = 0; len < packet.len; len++) {
			decode_bytes(rights[i].link, len, len, &strict);
			if (decoded.drop == QW_DROP_NONE && rights[i].build != snap)
				fail_msg("%s, only %zu bytes: inspected", rights[i].name, len);
			if (decoded.drop != QW_DROP_NONE)
				assert_int_equal(decoded.count, 0);
		}
	}
}

static void padding_is_left_out(void **state)
{
	for (unsigned i = 0; i < RIGHTS; i++) {
		if (rights[i].build == teredo)
			continue; /* its inner packet is whole at the UDP length all the same */
		build(rights[i].build);
		forge_pad(&packet, 13);
		decode_all(rights[i].link, &strict);
		if (decoded.drop || decoded.count != rights[i].views || decoded.anomalies)
			fail_msg("%s", rights[i].name);
		assert_ptr_not_equal(decoded.view[0].net, NULL);
		assert_true(decoded.view[0].payload_len + 13 <= packet.len);
	}
}

/* ---- fields */

static void a_tcp_packet_is_seen_as_it_is(void **state)
{
	build(plain_tcp);
	decode_all(LINK_ETHERNET, &verify);
	const struct qw_packet *view = decoded.view;
	struct qw_address client, server;

	assert_true(qw_address_parse(CLIENT, strlen(CLIENT), &client));
	assert_true(qw_address_parse(SERVER, strlen(SERVER), &server));
	assert_true(qw_address_equal(&view->src, &client));
	assert_true(qw_address_equal(&view->dst, &server));
	assert_int_equal(view->flags, QW_PACKET_IP | QW_PACKET_TRANSPORT | QW_PACKET_ETHERNET);
	assert_int_equal(view->version, 4);
	assert_int_equal(view->proto, QW_PROTO_TCP);
	assert_int_equal(view->ttl, 64);
	assert_int_equal(view->sport, 1234);
	assert_int_equal(view->dport, 80);
	assert_int_equal(view->tcp_seq, 7);
	assert_int_equal(view->tcp_ack, 9);
	assert_int_equal(view->tcp_flags, QW_TCP_PSH | QW_TCP_ACK);
	assert_int_equal(view->tcp_window, 65535);
	assert_int_equal(view->ether_type, 0x0800);
	assert_int_equal(view->net_header_len, 20);
	assert_int_equal(view->transport_len, 20);
	assert_int_equal(view->payload_len, 18);
	assert_memory_equal(view->payload, "GET / HTTP/1.0", 14);
	assert_int_equal(view->wire_len, packet.len);
}

static void tags_belong_to_the_link_of_their_layer(void **state)
{
	build(two_vlans);
	decode_all(LINK_ETHERNET, &verify);
	assert_int_equal(decoded.view[0].vlan_count, 2);
	assert_int_equal(decoded.view[0].vlan[0], 100);
	assert_int_equal(decoded.view[0].vlan[1], 200);

	build(vxlan);
	decode_all(LINK_ETHERNET, &verify);
	assert_int_equal(decoded.view[0].vlan_count, 0);
	assert_int_equal(decoded.view[1].vlan_count, 2);
	assert_non_null(decoded.view[1].mac);

	build(ip_in_ip);
	decode_all(LINK_ETHERNET, &verify);
	assert_int_equal(decoded.view[1].vlan_count, 1);
	assert_int_equal(decoded.view[1].vlan[0], 5);
	assert_null(decoded.view[1].mac);

	build(erspan_2);
	decode_all(LINK_ETHERNET, &verify);
	assert_int_equal(decoded.view[1].vlan_count, 1);
	assert_int_equal(decoded.view[1].vlan[0], 77);
}

static void the_outer_packet_keeps_the_tunnel_as_its_payload(void **state)
{
	build(vxlan);
	decode_all(LINK_ETHERNET, &verify);
	assert_int_equal(decoded.view[0].dport, 4789);
	assert_int_equal(decoded.view[0].payload[0], 8);
	assert_ptr_equal(decoded.view[0].payload + decoded.view[0].payload_len, packet.len + decoded.view[0].mac);
}

static void arp_is_a_view_without_ip(void **state)
{
	build(arp);
	decode_all(LINK_ETHERNET, &verify);
	assert_int_equal(decoded.drop, QW_DROP_NONE);
	assert_int_equal(decoded.count, 1);
	assert_int_equal(decoded.anomalies, 0);
	assert_int_equal(decoded.view[0].flags, QW_PACKET_ETHERNET);
	assert_int_equal(decoded.view[0].ether_type, 0x0806);
	assert_int_equal(decoded.view[0].payload_len, 28);

	build(vxlan_linux);
	decode_all(LINK_ETHERNET, &verify);
	assert_int_equal(decoded.count, 2);
	assert_int_equal(decoded.view[1].ether_type, 0x0806);
}

static void ethernet_in_a_pseudowire_is_found(void **state)
{
	build(pseudowire);
	decode_all(LINK_ETHERNET, &ignore);
	assert_int_equal(decoded.count, 1);
	assert_int_equal(decoded.view[0].ether_type, 0x0800);
	assert_ptr_equal(decoded.view[0].net, decoded.view[0].mac + 14);
}

static void unknown_link_types_are_dropped_as_such(void **state)
{
	build(plain_tcp);
	decode_all(147, &verify);
	assert_int_equal(decoded.drop, QW_DROP_LINK_UNKNOWN);
}

/* ---- fragments */

static void fragments_are_views_without_transport(void **state)
{
	static struct forge_packet whole;
	static void (*const builds[])(void) = {plain_udp, six_extensions};

	for (unsigned i = 0; i < 2; i++) {
		build(builds[i]);
		whole = packet;
		forge_fragment(&packet, &whole, 8, 8, 77);
		decode_all(LINK_ETHERNET, &verify);
		const struct qw_packet *view = decoded.view;
		assert_int_equal(decoded.drop, QW_DROP_NONE);
		assert_int_equal(view->flags & (QW_PACKET_FRAGMENT | QW_PACKET_TRANSPORT), QW_PACKET_FRAGMENT);
		assert_int_equal(view->fragment_id, 77);
		assert_int_equal(view->fragment_offset, 8);
		assert_int_equal(view->fragment_more, 8 + 8 < forge_fragment_total(&whole));
		assert_int_equal(view->payload_len, 8);
		assert_ptr_equal(view->payload, view->net + view->net_header_len);
	}
	assert_int_equal(decoded.view[0].fragment_proto, 0);
}

static void an_atomic_fragment_is_a_whole_packet(void **state)
{
	forge_begin(&packet);
	forge_ethernet(&packet);
	v6();
	forge_extension(&packet, 44, "\0\0\0\0\0\1", 8);
	udp();
	forge_end(&packet);
	decode_all(LINK_ETHERNET, &strict);
	assert_int_equal(decoded.anomalies, 1u << QW_ANOMALY_IPV6_ATOMIC_FRAGMENT);
	assert_true(decoded.view[0].flags & QW_PACKET_TRANSPORT);
}

static void fragments_beyond_64k_are_dropped(void **state)
{
	build(plain_udp);
	packet.data[14 + 6] = 0x1f;
	packet.data[14 + 7] = 0xff;
	decode_all(LINK_ETHERNET, &ignore);
	assert_int_equal(decoded.drop, QW_DROP_FRAGMENT_BAD);
}

static void a_reassembled_packet_is_decoded_with_its_tunnels(void **state)
{
	struct qw_packet like = {
	    .layer = 2, .flags = QW_PACKET_TUNNELED | QW_PACKET_FRAGMENT, .vlan_count = 1, .vlan = {9}};

	forge_begin(&packet);
	v4();
	raw_six();
	forge_last(&packet);
	packet.layer[0].spoiled = true;
	forge_end(&packet);
	qw_decode_reassembled(&decoded, packet.data, (uint32_t)packet.len, &like, &strict);
	assert_int_equal(decoded.drop, QW_DROP_NONE);
	assert_int_equal(decoded.count, 2);
	assert_int_equal(decoded.view[0].layer, 2);
	assert_int_equal(decoded.view[1].layer, 3);
	assert_int_equal(decoded.view[0].flags, QW_PACKET_IP | QW_PACKET_REASSEMBLED | QW_PACKET_TUNNELED);
	assert_int_equal(decoded.view[1].vlan[0], 9);
}

/* ---- checksums */

static void spoil(void (*builder)(void), enum forge_kind kind)
{
	forge_begin(&packet);
	builder();
	for (unsigned i = packet.layers; i-- > 0;)
		if (packet.layer[i].kind == kind) {
			packet.layer[i].spoiled = true;
			break;
		}
	forge_end(&packet);
}

static const struct {
	void (*build)(void);
	enum forge_kind kind;
	enum qw_drop strict, verify;
} sums[] = {
    {plain_tcp, FORGE_TCP, QW_DROP_TRANSPORT_CHECKSUM, QW_DROP_TRANSPORT_CHECKSUM},
    {six_tcp, FORGE_TCP, QW_DROP_TRANSPORT_CHECKSUM, QW_DROP_TRANSPORT_CHECKSUM},
    {plain_udp, FORGE_UDP, QW_DROP_TRANSPORT_CHECKSUM, QW_DROP_NONE},
    {two_vlans, FORGE_UDP, QW_DROP_TRANSPORT_CHECKSUM, QW_DROP_NONE},
    {plain_icmp, FORGE_ICMP, QW_DROP_TRANSPORT_CHECKSUM, QW_DROP_NONE},
    {six_icmp, FORGE_ICMPV6, QW_DROP_TRANSPORT_CHECKSUM, QW_DROP_NONE},
    {plain_tcp, FORGE_IPV4, QW_DROP_NET_CHECKSUM, QW_DROP_NONE},
    {ip_options, FORGE_IPV4, QW_DROP_NET_CHECKSUM, QW_DROP_NONE},
};

static void wrong_sums_are_judged_as_asked(void **state)
{
	for (unsigned i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
		spoil(sums[i].build, sums[i].kind);
		decode_all(LINK_ETHERNET, &strict);
		assert_int_equal(decoded.drop, sums[i].strict);
		decode_all(LINK_ETHERNET, &verify);
		assert_int_equal(decoded.drop, sums[i].verify);
		if (sums[i].verify == QW_DROP_NONE) {
			assert_int_not_equal(decoded.anomalies, 0);
			assert_true(decoded.view[0].flags & (QW_PACKET_BAD_SUM | QW_PACKET_BAD_NET_SUM));
		}
		decode_all(LINK_ETHERNET, &ignore);
		assert_int_equal(decoded.drop, QW_DROP_NONE);
		assert_int_equal(decoded.anomalies, 0);
	}
}

static void a_wrong_sum_in_a_cut_packet_is_not_held_against_it(void **state)
{
	spoil(plain_tcp, FORGE_TCP);
	decode_bytes(LINK_ETHERNET, packet.len - 1, packet.len, &strict);
	assert_int_equal(decoded.drop, QW_DROP_NONE);
}

static void a_broken_inner_packet_leaves_the_outer_one(void **state)
{
	spoil(gre, FORGE_TCP);
	decode_all(LINK_ETHERNET, &verify);
	assert_int_equal(decoded.drop, QW_DROP_NONE);
	assert_int_equal(decoded.count, 1);
	assert_true(decoded.anomalies & 1u << QW_ANOMALY_INNER_BAD);

	spoil(gre, FORGE_GRE);
	decode_all(LINK_ETHERNET, &verify);
	assert_int_equal(decoded.count, 1);
	assert_int_equal(decoded.anomalies, 1u << QW_ANOMALY_TUNNEL_BAD);
}

static void udp_without_a_sum_is_right_in_ipv4_and_in_tunnels(void **state)
{
	static const struct {
		bool six;
		uint16_t port;
		enum qw_drop drop;
	} cases[] = {{false, 53, QW_DROP_NONE}, {true, 53, QW_DROP_TRANSPORT_CHECKSUM}, {true, 4789, QW_DROP_NONE}};

	for (unsigned i = 0; i < 3; i++) {
		forge_begin(&packet);
		forge_ethernet(&packet);
		cases[i].six ? v6() : v4();
		forge_udp(&packet, 1, cases[i].port);
		forge_last(&packet)->unsummed = true;
		forge_text(&packet, "x");
		forge_end(&packet);
		decode_all(LINK_ETHERNET, &strict);
		assert_int_equal(decoded.drop, cases[i].drop);
	}
}

static void a_sum_left_to_the_network_card_passes_where_asked(void **state)
{
	struct qw_decode_options options = {.verify_checksums = true, .partial_checksums = true};
	uint32_t sum = 0x0a00 + 0x0001 + 0x0a00 + 0x0002 + 6 + 38;

	build(plain_tcp);
	packet.data[14 + 20 + 16] = (uint8_t)(sum >> 8);
	packet.data[14 + 20 + 17] = (uint8_t)sum;
	decode_all(LINK_ETHERNET, &options);
	assert_int_equal(decoded.drop, QW_DROP_NONE);
	decode_all(LINK_ETHERNET, &verify);
	assert_int_equal(decoded.drop, QW_DROP_TRANSPORT_CHECKSUM);
	packet.data[14 + 20 + 17]++;
	decode_all(LINK_ETHERNET, &options);
	assert_int_equal(decoded.drop, QW_DROP_TRANSPORT_CHECKSUM);
}

static void odd_lengths_are_summed_too(void **state)
{
	for (size_t len = 0; len < 70; len++) {
		forge_begin(&packet);
		forge_ethernet(&packet);
		v4();
		forge_udp(&packet, 1, 2);
		uint8_t *data = forge_add(&packet, FORGE_DATA, len);
		for (size_t i = 0; i < len; i++)
			data[i] = (uint8_t)(255 - i * 7);
		forge_end(&packet);
		decode_all(LINK_ETHERNET, &strict);
		assert_int_equal(decoded.drop, QW_DROP_NONE);
		packet.data[packet.len - 1]++;
		decode_all(LINK_ETHERNET, &strict);
		assert_int_equal(decoded.drop, QW_DROP_TRANSPORT_CHECKSUM);
	}
}

/* ---- contradictions: one changed byte, one outcome */

static const struct {
	const char *name;
	void (*build)(void);
	size_t at;
	uint8_t value;
	enum qw_drop drop;
	uint32_t anomalies;
} changes[] = {
    {"IPv4 of version 5", plain_tcp, 14, 0x55, QW_DROP_NET_BAD, 0},
    {"IPv4 header of 16 bytes", plain_tcp, 14, 0x44, QW_DROP_NET_BAD, 0},
    {"IPv4 total below the header", plain_tcp, 17, 19, QW_DROP_NET_BAD, 0},
    {"IPv4 total beyond the frame", plain_tcp, 16, 1, QW_DROP_NET_BAD, 0},
    {"IPv4 reserved flag", plain_tcp, 20, 0x80, QW_DROP_NONE, 1u << QW_ANOMALY_IPV4_RESERVED},
    {"IPv4 option without length", ip_options, 35, 0, QW_DROP_NONE, 1u << QW_ANOMALY_IPV4_OPTIONS_BAD},
    {"IPv6 of version 4", six_tcp, 14, 0x40, QW_DROP_NET_BAD, 0},
    {"IPv6 longer than the frame", six_tcp, 18, 1, QW_DROP_NET_BAD, 0},
    {"TCP header of 16 bytes", plain_tcp, 46, 0x40, QW_DROP_TRANSPORT_BAD, 0},
    {"TCP header beyond the segment", plain_tcp, 46, 0xf0, QW_DROP_TRANSPORT_BAD, 0},
    {"TCP without flags", plain_tcp, 47, 0, QW_DROP_NONE, 1u << QW_ANOMALY_TCP_FLAGS_BAD},
    {"TCP SYN and FIN", plain_tcp, 47, 3, QW_DROP_NONE, 1u << QW_ANOMALY_TCP_FLAGS_BAD},
    {"TCP option without length", ip_options, 59, 0, QW_DROP_NONE, 1u << QW_ANOMALY_TCP_OPTIONS_BAD},
    {"UDP shorter than its header", plain_udp, 39, 7, QW_DROP_TRANSPORT_BAD, 0},
    {"UDP longer than the packet", plain_udp, 39, 17, QW_DROP_TRANSPORT_BAD, 0},
    {"UDP shorter than the packet", plain_udp, 39, 15, QW_DROP_NONE, 1u << QW_ANOMALY_UDP_LENGTH},
    {"unknown Ethernet type", plain_udp, 12, 0x99, QW_DROP_NONE, 1u << QW_ANOMALY_NOT_IP},
    {"PPPoE of version 2", pppoe, 14, 0x21, QW_DROP_NONE, 1u << QW_ANOMALY_NOT_IP},
    {"GRE of version 2", gre, 14 + 40 + 1, 2, QW_DROP_NONE, 1u << QW_ANOMALY_TUNNEL_BAD},
    {"ERSPAN of version 3", erspan_2, 14 + 20 + 8, 0x30, QW_DROP_NONE, 1u << QW_ANOMALY_TUNNEL_BAD},
    {"NSH of version 1", nsh_ether, 14, 0x4f, QW_DROP_NONE, 1u << QW_ANOMALY_TUNNEL_BAD | 1u << QW_ANOMALY_NOT_IP},
    {"VXLAN without its flag", vxlan, 14 + 28, 0, QW_DROP_NONE, 0},
    {"Geneve of version 1", geneve, 14 + 28, 0x42, QW_DROP_NONE, 0},
    {"GTP of version 2", gtpu, 14 + 28, 0x50, QW_DROP_NONE, 0},
    {"Teredo with another length", teredo, 14 + 28 + 5, 3, QW_DROP_NONE, 0},
};

static void each_contradiction_has_its_own_name(void **state)
{
	for (unsigned i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		build(changes[i].build);
		packet.data[changes[i].at] = changes[i].value;
		decode_all(LINK_ETHERNET, &ignore);
		if (decoded.drop != changes[i].drop || (!decoded.drop && decoded.anomalies != changes[i].anomalies))
			fail_msg("%s: drop %s, anomalies %x", changes[i].name, qw_drop_name(decoded.drop),
				 decoded.anomalies);
		if (!decoded.drop)
			assert_int_equal(decoded.count, 1);
	}
}

static void vxlan_with_reserved_bits_is_followed_where_ip_proves_itself(void **state)
{
	over_udp(4789);
	forge_begin(&packet);
	over_udp(4789);
	forge_vxlan(&packet, 42);
	plain_tcp();
	packet.data[packet.layer[3].at] = 0xff;
	forge_end(&packet);
	decode_all(LINK_ETHERNET, &verify);
	assert_int_equal(decoded.count, 2);
	packet.data[packet.layer[5].at + 11] ^= 1;
	decode_all(LINK_ETHERNET, &ignore);
	assert_int_equal(decoded.count, 1);
}

/* ---- bounds */

static void packets_nested_too_deep_are_cut_off_and_noted(void **state)
{
	forge_begin(&packet);
	forge_ethernet(&packet);
	for (unsigned i = 0; i < QW_LAYERS_MAX + 2; i++)
		v4();
	tcp();
	forge_end(&packet);
	decode_all(LINK_ETHERNET, &strict);
	assert_int_equal(decoded.count, QW_LAYERS_MAX);
	assert_int_equal(decoded.anomalies, 1u << QW_ANOMALY_LAYER_DEPTH);
}

static void more_tags_than_are_kept_are_passed_over(void **state)
{
	forge_begin(&packet);
	forge_ethernet(&packet);
	for (uint16_t id = 1; id <= QW_VLAN_MAX + 2; id++)
		forge_vlan(&packet, id);
	v4();
	tcp();
	forge_end(&packet);
	decode_all(LINK_ETHERNET, &strict);
	assert_int_equal(decoded.count, 1);
	assert_int_equal(decoded.view[0].vlan_count, QW_VLAN_MAX);
	assert_int_equal(decoded.view[0].vlan[QW_VLAN_MAX - 1], QW_VLAN_MAX);
	assert_int_equal(decoded.anomalies, 1u << QW_ANOMALY_VLAN_DEPTH);
	assert_true(decoded.view[0].flags & QW_PACKET_TRANSPORT);
}

static void extensions_out_of_order_are_noted(void **state)
{
	forge_begin(&packet);
	forge_ethernet(&packet);
	v6();
	forge_extension(&packet, 43, "\0\0\0\0\0\0", 8);
	forge_extension(&packet, 0, NULL, 8);
	forge_extension(&packet, 0, NULL, 8);
	udp();
	forge_end(&packet);
	decode_all(LINK_ETHERNET, &strict);
	assert_int_equal(decoded.anomalies, 1u << QW_ANOMALY_IPV6_EXTENSION_ORDER |
						1u << QW_ANOMALY_IPV6_EXTENSION_REPEATED |
						1u << QW_ANOMALY_IPV6_ROUTING_0);
	assert_true(decoded.view[0].flags & QW_PACKET_TRANSPORT);
}

static void every_reason_has_a_name_of_its_own(void **state)
{
	for (int i = 0; i < QW_DROP_COUNT; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(qw_drop_name((enum qw_drop)i), qw_drop_name((enum qw_drop)j));
	for (int i = 0; i < QW_ANOMALY_COUNT; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(qw_anomaly_name((enum qw_anomaly)i),
						qw_anomaly_name((enum qw_anomaly)j));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(right_frames_give_all_their_views),
	    cmocka_unit_test(frames_cut_by_the_capture_keep_the_views_that_are_whole),
	    cmocka_unit_test(frames_that_are_short_on_the_wire_are_dropped),
	    cmocka_unit_test(padding_is_left_out),
	    cmocka_unit_test(a_tcp_packet_is_seen_as_it_is),
	    cmocka_unit_test(tags_belong_to_the_link_of_their_layer),
	    cmocka_unit_test(the_outer_packet_keeps_the_tunnel_as_its_payload),
	    cmocka_unit_test(arp_is_a_view_without_ip),
	    cmocka_unit_test(ethernet_in_a_pseudowire_is_found),
	    cmocka_unit_test(unknown_link_types_are_dropped_as_such),
	    cmocka_unit_test(fragments_are_views_without_transport),
	    cmocka_unit_test(an_atomic_fragment_is_a_whole_packet),
	    cmocka_unit_test(fragments_beyond_64k_are_dropped),
	    cmocka_unit_test(a_reassembled_packet_is_decoded_with_its_tunnels),
	    cmocka_unit_test(wrong_sums_are_judged_as_asked),
	    cmocka_unit_test(a_wrong_sum_in_a_cut_packet_is_not_held_against_it),
	    cmocka_unit_test(a_broken_inner_packet_leaves_the_outer_one),
	    cmocka_unit_test(udp_without_a_sum_is_right_in_ipv4_and_in_tunnels),
	    cmocka_unit_test(a_sum_left_to_the_network_card_passes_where_asked),
	    cmocka_unit_test(odd_lengths_are_summed_too),
	    cmocka_unit_test(each_contradiction_has_its_own_name),
	    cmocka_unit_test(vxlan_with_reserved_bits_is_followed_where_ip_proves_itself),
	    cmocka_unit_test(packets_nested_too_deep_are_cut_off_and_noted),
	    cmocka_unit_test(more_tags_than_are_kept_are_passed_over),
	    cmocka_unit_test(extensions_out_of_order_are_noted),
	    cmocka_unit_test(every_reason_has_a_name_of_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
