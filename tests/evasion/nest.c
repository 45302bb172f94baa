/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nest - tags upon tags, packets in packets, fragments in fragments: as deep as
 * is looked (QW_LAYERS_MAX, QW_DEFRAG_WHOLES), where all must be seen, and one
 * deeper, where it must at least be said that something was not.
 */
#include "tests/evasion/cells.h"

#include "sensor/flow/defrag.h"

#define TWICE(w) w " " w
#define SEVEN(w) TWICE(w) " " TWICE(w) " " TWICE(w) " " w
#define EIGHT(w) SEVEN(w) " " w

_Static_assert(QW_LAYERS_MAX == 8, "the ways below are so deep");

enum { ID = 900, HALF = 24, CARRIERS = 7, PORT_ANY = 40000 };

static void say_whole(struct stage *stage, const struct goods *goods)
{
	static struct forge_packet whole;

	if (goods_is_datagram(goods->kind)) {
		stage_datagram(stage, &whole, goods);
		stage_send(stage, &whole);
		return;
	}
	stage_open(stage);
	stage_data(stage, 0, goods->bytes, goods->len);
	stage_ack(stage, goods->len);
}

/* ---- tags and labels: there is no bound */

static const char *const tags[] = {
    TWICE("vlan"),
    TWICE("vlan") " vlan",
    TWICE("vlan") " " TWICE("vlan"),
    TWICE("vlan") " " TWICE("vlan") " vlan",
    EIGHT("vlan"),
    EIGHT("vlan") " " EIGHT("vlan"),
    EIGHT("88a8"),
    TWICE("88a8 vlan 9100 9200"),
    EIGHT("9100") " " EIGHT("9200"),
    "label label mpls",
    SEVEN("label") " mpls",
    EIGHT("label") " " EIGHT("label") " " EIGHT("label") " mpls",
    EIGHT("vlan") " " EIGHT("label") " mpls",
    EIGHT("vlan") " pppoe",
    EIGHT("vlan") " snap",
    "vxlan " EIGHT("vlan") " " EIGHT("label") " mpls",
    "gre-ethernet " EIGHT("vlan"),
    "erspan-2 " EIGHT("88a8"),
    "gre-ethernet vlan vlan vlan vlan vlan geneve-options vlan vlan vlan vlan vlan",
};

enum { TAGS = sizeof(tags) / sizeof(tags[0]) };

static void tagged(struct stage *stage, const struct goods *goods, unsigned variant)
{
	stage_way(stage, tags[variant]);
	say_whole(stage, goods);
}

/* ---- packets in packets: what is looked for lies in the last that is looked into */

static const char *const depths[] = {
    SEVEN("ip4"),
    SEVEN("ip6"),
    TWICE("ip4 ip6 gre") " gre6",
    SEVEN("gre"),
    SEVEN("gre6"),
    SEVEN("gre-full"),
    SEVEN("vxlan"),
    SEVEN("vxlan6"),
    SEVEN("geneve"),
    SEVEN("gtpu"),
    SEVEN("gtpu-ext"),
    SEVEN("erspan-2"),
    SEVEN("erspan-3-sub"),
    SEVEN("vxlan vlan"),
    SEVEN("gre-ethernet vlan vlan vlan vlan vlan"),
    "vlan mpls vxlan geneve gtpu gre ip6 erspan-3 vlan ip4",
    "vlan vlan vlan vlan vlan " TWICE("gre ip4 vxlan6") " ip6",
};

enum { DEPTHS = sizeof(depths) / sizeof(depths[0]) };

static void to_the_bound(struct stage *stage, const struct goods *goods, unsigned variant)
{
	stage_way(stage, depths[variant]);
	say_whole(stage, goods);
}

/* ---- and one more.  All the packets are of the case's hosts, so that an alarm tells whose it is. */

static void outer4(struct forge_packet *out, const struct stage *stage)
{
	if (stage->setting.ipv6)
		forge_ipv6(out, stage->address[0], stage->address[1]);
	else
		forge_ipv4(out, stage->address[0], stage->address[1]);
}

static void carrier_gre(struct forge_packet *out)
{
	forge_gre(out, FORGE_GRE_KEY);
}

static void carrier_bridge(struct forge_packet *out)
{
	forge_gre(out, 0);
	forge_ethernet(out);
	forge_vlan(out, 7);
}

static void carrier_vxlan(struct forge_packet *out)
{
	forge_udp(out, PORT_ANY, 4789);
	forge_vxlan(out, 42);
	forge_ethernet(out);
}

static void carrier_geneve(struct forge_packet *out)
{
	forge_udp(out, PORT_ANY, 6081);
	forge_geneve(out, 42, 0);
}

static void carrier_gtpu(struct forge_packet *out)
{
	forge_udp(out, PORT_ANY, 2152);
	forge_gtpu(out, 42, true);
}

static void carrier_erspan(struct forge_packet *out)
{
	forge_erspan_2(out, 7);
	forge_ethernet(out);
}

/* NULL: a packet right in a packet. */
static void (*const carriers[CARRIERS])(struct forge_packet *out) = {
    NULL, carrier_gre, carrier_bridge, carrier_vxlan, carrier_geneve, carrier_gtpu, carrier_erspan};

/* So many packets around the last; the variant says of which kind, or that each is of another. */
static void nest(struct stage *stage, struct forge_packet *out, unsigned packets, unsigned variant)
{
	forge_begin(out);
	forge_ethernet(out);
	for (unsigned i = 0; i < packets; i++) {
		void (*add)(struct forge_packet *) = carriers[variant == CARRIERS ? i % CARRIERS : variant];
		outer4(out, stage);
		if (add)
			add(out);
	}
	outer4(out, stage);
}

static void beyond_the_bound(struct stage *stage, const struct goods *goods, unsigned variant)
{
	static struct forge_packet packet;
	unsigned more = variant / (CARRIERS + 1);

	nest(stage, &packet, QW_LAYERS_MAX + more * 3, variant % (CARRIERS + 1));
	stage_fold(stage, &variant, sizeof(variant));
	if (goods_is_datagram(goods->kind))
		forge_udp(&packet, stage->client_port, goods_port(goods->kind));
	else
		forge_tcp(&packet, stage->client_port, goods_port(goods->kind), 1, 1, FORGE_PSH | FORGE_ACK);
	forge_data(&packet, goods->bytes, goods->len);
	forge_end(&packet);
	stage_send(stage, &packet);
}

/* ---- fragments of fragments */

/* The packet at `depth` of what lies in `whole` comes in halves, and each of these in halves of the packet around it … */
static void halve(struct stage *stage, const struct forge_packet *whole, unsigned depth, uint32_t id, bool backwards)
{
	static struct forge_packet level[QW_DEFRAG_WHOLES + 1][2];
	struct forge_packet *half = level[depth];
	size_t total = forge_fragment_total_at(whole, depth);

	forge_fragment_at(&half[0], whole, depth, 0, HALF, id, true);
	forge_fragment_at(&half[1], whole, depth, HALF, total - HALF, id, false);
	for (unsigned i = 0; i < 2; i++) {
		const struct forge_packet *next = &half[backwards ? 1 - i : i];
		if (depth == 0)
			stage_send(stage, next);
		else
			halve(stage, next, depth - 1, id * 2 + i, backwards);
	}
}

static const char *const around[] = {"ip4", "ip6", "gre", "gre6", "vxlan", "geneve", "vlan gre-ethernet vlan", "mpls gtpu"};

enum { AROUND = sizeof(around) / sizeof(around[0]) };

static void halved(struct stage *stage, const struct goods *goods, unsigned depth, bool backwards)
{
	static struct forge_packet whole;

	if (goods_is_datagram(goods->kind)) {
		stage_datagram(stage, &whole, goods);
	} else {
		stage_open(stage);
		stage_whole_segment(stage, &whole, goods);
	}
	halve(stage, &whole, depth, ID, backwards);
}

static void fragments_in_fragments(struct stage *stage, const struct goods *goods, unsigned variant)
{
	stage_way(stage, around[variant / 2]);
	halved(stage, goods, 1, variant & 1);
}

static void and_deeper(struct stage *stage, const struct goods *goods, unsigned variant)
{
	static const char *const ways[] = {"ip4 ip4", "ip6 ip4", "gre vxlan", "gtpu ip6"};

	stage_way(stage, ways[variant / 2]);
	halved(stage, goods, QW_DEFRAG_WHOLES, variant & 1);
}

/* IPv6: a Fragment header behind a Fragment header. */
static void fragment_headers(struct stage *stage, const struct goods *goods, unsigned variant)
{
	static struct forge_packet whole, half[2], quarter;

	if (goods_is_datagram(goods->kind)) {
		stage_datagram(stage, &whole, goods);
	} else {
		stage_open(stage);
		stage_whole_segment(stage, &whole, goods);
	}
	unsigned depth = forge_depth(&whole) - 1;
	size_t total = forge_fragment_total_at(&whole, depth);
	forge_fragment_at(&half[0], &whole, depth, 0, HALF, ID, true);
	forge_fragment_at(&half[1], &whole, depth, HALF, total - HALF, ID, false);
	for (unsigned i = 0; i < 2; i++) {
		const struct forge_packet *part = &half[variant & 1 ? 1 - i : i];
		size_t len = forge_fragment_total_at(part, depth), cut = variant & 2 ? 8 : 16;
		forge_fragment_at(&quarter, part, depth, 0, cut, ID + 1 + i, true);
		stage_send(stage, &quarter);
		forge_fragment_at(&quarter, part, depth, cut, len - cut, ID + 1 + i, false);
		stage_send(stage, &quarter);
	}
}

#define ALL (GOODS_OF_UDP | GOODS_OF_TCP)

static const struct cell cells[] = {
    {"tags upon tags", tagged, TAGS, ALL, 0},
    {"packets in packets, to the bound", to_the_bound, DEPTHS, ALL, 0},
    {"packets in packets, one too many", beyond_the_bound, (CARRIERS + 1) * 2, ALL, CELL_ALARM},
    {"fragments in fragments", fragments_in_fragments, AROUND * 2, ALL, 0},
    {"fragments in fragments, one too many", and_deeper, 8, ALL, CELL_ALARM},
    {"fragments of fragments", fragment_headers, 4, ALL, CELL_IPV6 | CELL_TUNNELS},
};

const struct cells nest_cells = {cells, sizeof(cells) / sizeof(cells[0])};
