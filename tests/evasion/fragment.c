/* SPDX-License-Identifier: Apache-2.0 */
/* fragment - honest IP fragments: any order, size and delay. */
#include "tests/evasion/cells.h"

enum { PARTS = 4, ORDERS = 24, UNIT = 8, ID = 77 };

/* A datagram, or a segment of an open connection. */
static struct forge_packet *build(struct stage *stage, const struct goods *goods)
{
	static struct forge_packet whole;

	if (goods_is_datagram(goods->kind)) {
		stage_datagram(stage, &whole, goods);
	} else {
		stage_open(stage);
		stage_whole_segment(stage, &whole, goods);
	}
	return &whole;
}

static size_t total_of(const struct forge_packet *whole)
{
	return forge_fragment_total_at(whole, forge_depth(whole) - 1);
}

/* [at, until) of what the IP header is followed by. */
static void part(struct stage *stage, const struct forge_packet *whole, size_t at, size_t until, uint32_t id)
{
	stage_part(stage, whole, at, until - at, id, until < total_of(whole));
}

static size_t part_at(const struct forge_packet *whole, unsigned i)
{
	return i == PARTS ? total_of(whole) : total_of(whole) * i / PARTS / UNIT * UNIT;
}

static void orders(struct stage *stage, const struct goods *goods, unsigned variant)
{
	const struct forge_packet *whole = build(stage, goods);
	uint8_t order[PARTS];

	permute(order, PARTS, variant);
	for (unsigned i = 0; i < PARTS; i++)
		part(stage, whole, part_at(whole, order[i]), part_at(whole, order[i] + 1u), ID);
}

/* Eight bytes each: forwards, backwards, in a shuffle. */
static void tiny(struct stage *stage, const struct goods *goods, unsigned variant)
{
	const struct forge_packet *whole = build(stage, goods);
	size_t total = total_of(whole), count = (total + UNIT - 1) / UNIT;

	for (size_t i = 0; i < count; i++) {
		size_t at = i;
		if (variant == 1)
			at = count - 1 - i;
		if (variant == 2)
			at = i < count / 2 ? i * 2 + 1 : (i - count / 2) * 2;
		part(stage, whole, at * UNIT, at == count - 1 ? total : at * UNIT + UNIT, ID);
	}
}

/* Each part again at once, or all again at the end but one, or some of two parts. */
static void repeated(struct stage *stage, const struct goods *goods, unsigned variant)
{
	const struct forge_packet *whole = build(stage, goods);

	for (unsigned i = 0; i < PARTS; i++) {
		size_t at = part_at(whole, i), until = part_at(whole, i + 1);
		if (variant == 1 && i > 0)
			at -= UNIT;
		if (variant == 3 && i == PARTS - 1)
			for (unsigned j = 0; j < i; j++)
				part(stage, whole, part_at(whole, j), part_at(whole, j + 1), ID);
		part(stage, whole, at, until, ID);
		if (variant == 2 && i < PARTS - 1)
			part(stage, whole, at, until, ID);
	}
}

/* Cut at each place in turn. */
static void cuts(struct stage *stage, const struct goods *goods, unsigned variant)
{
	const struct forge_packet *whole = build(stage, goods);
	size_t total = total_of(whole), cut = UNIT + UNIT * (variant / 2 % ((total - 1) / UNIT));

	if (variant & 1)
		part(stage, whole, cut, total, ID);
	part(stage, whole, 0, cut, ID);
	if (!(variant & 1))
		part(stage, whole, cut, total, ID);
}

/* The parts take their time, less than any stack gives up after. */
static void late(struct stage *stage, const struct goods *goods, unsigned variant)
{
	static const double seconds[] = {1, 5, 9, 14};
	const struct forge_packet *whole = build(stage, goods);

	part(stage, whole, 0, part_at(whole, 1), ID);
	stage_wait(stage, seconds[variant / 2]);
	if (variant & 1)
		part(stage, whole, part_at(whole, 2), total_of(whole), ID);
	part(stage, whole, part_at(whole, 1), part_at(whole, 2), ID);
	if (!(variant & 1))
		part(stage, whole, part_at(whole, 2), total_of(whole), ID);
}

/* The numbers of the fragments were used before: by a whole datagram, for another protocol, by other hosts. */
static void same_number(struct stage *stage, const struct goods *goods, unsigned variant)
{
	struct goods other = *goods;
	const struct forge_packet *whole = build(stage, goods);
	static struct forge_packet before;

	stage_decoy(other.bytes, goods->bytes, goods->len);
	if (variant & 2) {
		const char *way = stage->setting.way;
		forge_way(&before, way);
		(stage->setting.ipv6 ? forge_ipv6 : forge_ipv4)(&before, stage->setting.ipv6 ? "2001:db8:9::9" : "10.200.0.1",
								 stage->address[1]);
		forge_udp(&before, 1, 9);
		forge_data(&before, other.bytes, other.len);
		forge_end(&before);
	} else {
		stage_datagram(stage, &before, &other);
	}
	part(stage, &before, 0, part_at(&before, 2), ID);
	if (!(variant & 2))
		part(stage, &before, part_at(&before, 2), total_of(&before), ID);
	if (variant & 1)
		stage_wait(stage, 3);
	part(stage, whole, 0, part_at(whole, 2), ID);
	part(stage, whole, part_at(whole, 2), total_of(whole), ID);
}

/* The first part of a datagram that never came whole; long after, its number again, at once or taking its time. */
static void abandoned(struct stage *stage, const struct goods *goods, unsigned variant)
{
	/* What became whole is remembered for two seconds: a slow contradiction of that is not told. */
	if (variant >= 20 && variant < 24)
		return;

	static const double seconds[] = {0.01, 16, 31, 61, 200};
	struct goods other = *goods;
	const struct forge_packet *whole = build(stage, goods);
	static struct forge_packet before;

	stage_decoy(other.bytes, goods->bytes, goods->len);
	if (goods_is_datagram(goods->kind))
		stage_datagram(stage, &before, &other);
	else
		stage_whole_segment(stage, &before, &other);
	bool first = variant & 1;
	part(stage, &before, first ? 0 : part_at(&before, 2), first ? part_at(&before, 2) : total_of(&before), ID);
	stage_wait(stage, seconds[variant % 20 / 4]);
	if (variant & 2)
		part(stage, whole, part_at(whole, 2), total_of(whole), ID);
	if (variant >= 20)
		stage_wait(stage, 5);
	part(stage, whole, 0, part_at(whole, 2), ID);
	if (variant >= 20)
		stage_wait(stage, 5);
	if (!(variant & 2))
		part(stage, whole, part_at(whole, 2), total_of(whole), ID);
}

/* ---- IPv6: chains before and behind the Fragment header */

static void chain(struct stage *stage, const struct goods *goods, unsigned variant)
{
	static struct forge_packet whole;
	static const uint8_t pad[] = {1, 4, 0, 0, 0, 0};
	uint8_t atomic[6] = {0, 0, 0, 0, 0, 9};

	if (!goods_is_datagram(goods->kind))
		stage_open(stage);
	forge_way(&whole, stage->setting.way);
	forge_ipv6(&whole, stage->address[0], stage->address[1]);
	if (variant & 1)
		forge_extension(&whole, 0, pad, 8);
	if (variant & 2)
		forge_extension(&whole, 60, pad, 8);
	if (variant & 4)
		forge_extension(&whole, 44, atomic, 8);
	if (variant & 8)
		forge_extension(&whole, 60, NULL, 64);
	if (goods_is_datagram(goods->kind)) {
		forge_udp(&whole, stage->client_port, goods_port(goods->kind));
	} else {
		forge_tcp(&whole, stage->client_port, goods_port(goods->kind), stage->first[0], stage->first[1],
			  FORGE_PSH | FORGE_ACK);
	}
	forge_data(&whole, goods->bytes, goods->len);
	forge_end(&whole);
	if (!(variant & 16)) {
		stage_send(stage, &whole);
		return;
	}
	size_t cut = variant & 32 ? UNIT * 2 : part_at(&whole, 2);
	part(stage, &whole, 0, cut, ID);
	part(stage, &whole, cut, total_of(&whole), ID);
}

#define ALL (GOODS_OF_UDP | GOODS_OF_TCP)

static const struct cell cells[] = {
    {"fragments in any order", orders, ORDERS, ALL, CELL_TUNNELS},
    {"tiny fragments", tiny, 3, ALL, CELL_TUNNELS},
    {"fragments repeated", repeated, 4, ALL, 0},
    {"fragments cut anywhere", cuts, 48, ALL, 0},
    {"late fragments", late, 8, ALL, 0},
    {"a datagram's number again", same_number, 4, GOODS_OF_UDP, CELL_TUNNELS | CELL_AMBIGUOUS},
    {"an abandoned fragment", abandoned, 40, ALL, CELL_AMBIGUOUS},
    {"chains of extension headers", chain, 64, ALL, CELL_IPV6},
};

const struct cells fragment_cells = {cells, sizeof(cells) / sizeof(cells[0])};
