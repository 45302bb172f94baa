/* SPDX-License-Identifier: Apache-2.0 */
/* way - what stands around an IP packet, by words, from the outside in. */
#include <string.h>

#include "tests/forge/bytes.h"
#include "tests/forge/forge.h"

#define OUTER_CLIENT  "192.0.2.1"
#define OUTER_SERVER  "192.0.2.2"
#define OUTER_CLIENT6 "2001:db8:ff::1"
#define OUTER_SERVER6 "2001:db8:ff::2"

enum { PORT_ANY = 40000, WORD_MAX = 16, NETWORK = 42 };

static void outer4(struct forge_packet *packet)
{
	forge_ipv4(packet, OUTER_CLIENT, OUTER_SERVER);
}

static void outer6(struct forge_packet *packet)
{
	forge_ipv6(packet, OUTER_CLIENT6, OUTER_SERVER6);
}

/* A tag whose type is not the usual one: what stands before it names it. */
static void tag(struct forge_packet *packet, uint16_t type)
{
	struct forge_layer *before = forge_last(packet);
	uint8_t *at = packet->data + before->at + (before->kind == FORGE_ETHERNET ? 12 : 2);

	forge_put16(at, type);
	before->fixed_type = true;
	forge_vlan(packet, 200);
}

static void vlan(struct forge_packet *packet)
{
	forge_vlan(packet, 100);
}

static void tag_88a8(struct forge_packet *packet)
{
	forge_service_vlan(packet, 300);
}

static void tag_9100(struct forge_packet *packet)
{
	tag(packet, 0x9100);
}

static void tag_9200(struct forge_packet *packet)
{
	tag(packet, 0x9200);
}

static void mpls(struct forge_packet *packet)
{
	forge_mpls(packet, 16, true);
}

static void label(struct forge_packet *packet)
{
	forge_mpls(packet, 17, false);
}

static void gre(struct forge_packet *packet)
{
	outer4(packet);
	forge_gre(packet, 0);
}

static void gre_full(struct forge_packet *packet)
{
	outer4(packet);
	forge_gre(packet, FORGE_GRE_SUM | FORGE_GRE_KEY | FORGE_GRE_SEQUENCE);
}

static void gre6(struct forge_packet *packet)
{
	outer6(packet);
	forge_gre(packet, FORGE_GRE_KEY);
}

static void gre_ethernet(struct forge_packet *packet)
{
	gre(packet);
	forge_ethernet(packet);
}

static void erspan_1(struct forge_packet *packet)
{
	outer4(packet);
	forge_erspan_1(packet);
	forge_ethernet(packet);
}

static void erspan_2(struct forge_packet *packet)
{
	outer4(packet);
	forge_erspan_2(packet, 7);
	forge_ethernet(packet);
}

static void erspan_3(struct forge_packet *packet)
{
	outer4(packet);
	forge_erspan_3(packet, 7, false);
	forge_ethernet(packet);
}

static void erspan_3_sub(struct forge_packet *packet)
{
	outer4(packet);
	forge_erspan_3(packet, 0, true);
	forge_ethernet(packet);
}

static void vxlan(struct forge_packet *packet)
{
	outer4(packet);
	forge_udp(packet, PORT_ANY, 4789);
	forge_vxlan(packet, NETWORK);
	forge_ethernet(packet);
}

static void vxlan6(struct forge_packet *packet)
{
	outer6(packet);
	forge_udp(packet, PORT_ANY, 4789);
	forge_vxlan(packet, NETWORK);
	forge_ethernet(packet);
}

static void geneve(struct forge_packet *packet)
{
	outer4(packet);
	forge_udp(packet, PORT_ANY, 6081);
	forge_geneve(packet, NETWORK, 0);
}

static void geneve_options(struct forge_packet *packet)
{
	outer4(packet);
	forge_udp(packet, PORT_ANY, 6081);
	forge_geneve(packet, NETWORK, 16);
	forge_ethernet(packet);
}

static void gtpu(struct forge_packet *packet)
{
	outer4(packet);
	forge_udp(packet, PORT_ANY, 2152);
	forge_gtpu(packet, NETWORK, false);
}

static void gtpu_extension(struct forge_packet *packet)
{
	outer4(packet);
	forge_udp(packet, PORT_ANY, 2152);
	forge_gtpu(packet, NETWORK, true);
}

/* Carries IPv6. */
static void teredo(struct forge_packet *packet)
{
	outer4(packet);
	forge_udp(packet, PORT_ANY, 3544);
}

static void teredo_origin(struct forge_packet *packet)
{
	teredo(packet);
	forge_data(packet, "\0\0\x9c\x40\x3f\xff\xfd\xfe", 8);
}

static const struct {
	char word[WORD_MAX];
	void (*add)(struct forge_packet *packet);
} words[] = {
    {"ethernet", forge_ethernet},
    {"vlan", vlan},
    {"88a8", tag_88a8},
    {"9100", tag_9100},
    {"9200", tag_9200},
    {"mpls", mpls},
    {"label", label},
    {"pppoe", forge_pppoe},
    {"snap", forge_snap},
    {"ip4", outer4},
    {"ip6", outer6},
    {"gre", gre},
    {"gre-full", gre_full},
    {"gre6", gre6},
    {"gre-ethernet", gre_ethernet},
    {"erspan-1", erspan_1},
    {"erspan-2", erspan_2},
    {"erspan-3", erspan_3},
    {"erspan-3-sub", erspan_3_sub},
    {"vxlan", vxlan},
    {"vxlan6", vxlan6},
    {"geneve", geneve},
    {"geneve-options", geneve_options},
    {"gtpu", gtpu},
    {"gtpu-ext", gtpu_extension},
    {"teredo", teredo},
    {"teredo-origin", teredo_origin},
};

static void add_word(struct forge_packet *packet, const char *word, size_t len)
{
	size_t i = 0;

	while (strlen(words[i].word) != len || memcmp(words[i].word, word, len) != 0) {
		i++;
		forge_require(i < sizeof(words) / sizeof(words[0]));
	}
	words[i].add(packet);
}

void forge_way(struct forge_packet *packet, const char *way)
{
	forge_begin(packet);
	forge_ethernet(packet);
	while (*way) {
		size_t len = strcspn(way, " ");
		add_word(packet, way, len);
		way += len;
		way += strspn(way, " ");
	}
}
