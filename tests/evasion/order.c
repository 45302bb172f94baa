/* SPDX-License-Identifier: Apache-2.0 */
/* order - honest TCP data, cut up and shuffled: every receiver sees the same. */
#include "tests/evasion/cells.h"

static void whole(struct stage *stage, const struct goods *goods, unsigned variant)
{
	stage_open(stage);
	stage_say(stage, goods, 0, goods->len);
	stage_ack(stage, goods->len);
}

static void split(struct stage *stage, const struct goods *goods, unsigned variant)
{
	uint32_t len = goods->until - goods->from + 2, at = goods->from + variant % len;

	stage_open(stage);
	stage_say(stage, goods, 0, at);
	stage_say(stage, goods, at, goods->len);
	stage_ack(stage, goods->len);
}

static void split_swapped(struct stage *stage, const struct goods *goods, unsigned variant)
{
	uint32_t len = goods->until - goods->from, at = goods->from + 1 + variant % len;

	stage_open(stage);
	stage_say(stage, goods, at, goods->len);
	stage_say(stage, goods, 0, at);
	stage_ack(stage, goods->len);
}

/* Byte by byte: forwards, backwards, acknowledged each, and every second one first. */
static void bytes(struct stage *stage, const struct goods *goods, unsigned variant)
{
	uint32_t len = goods->len;

	stage_open(stage);
	for (uint32_t i = 0; i < len; i++) {
		uint32_t at = i;
		if (variant == 1)
			at = len - 1 - i;
		if (variant == 3)
			at = i < len / 2 ? i * 2 + 1 : (i - len / 2) * 2;
		stage_say(stage, goods, at, at + 1);
		if (variant == 2)
			stage_ack(stage, at + 1);
	}
	stage_ack(stage, len);
}

enum { PARTS = 4, ORDERS = 24 };

static uint32_t part_at(const struct goods *goods, unsigned part)
{
	if (part == 0)
		return 0;
	if (part == PARTS)
		return goods->len;
	return goods->from + (goods->until - goods->from) * part / PARTS;
}

static void shuffled(struct stage *stage, const struct goods *goods, unsigned variant)
{
	uint8_t order[PARTS];

	permute(order, PARTS, variant);
	stage_open(stage);
	for (unsigned i = 0; i < PARTS; i++)
		stage_say(stage, goods, part_at(goods, order[i]), part_at(goods, order[i] + 1u));
	stage_ack(stage, goods->len);
}

/* Said again, with the same words: each part, all so far, a part of a part, before and after its time. */
static void repeated(struct stage *stage, const struct goods *goods, unsigned variant)
{
	bool held = variant & 1;

	stage_open(stage);
	if (!held)
		stage_say(stage, goods, 0, part_at(goods, 1));
	for (unsigned i = 1; i < PARTS; i++) {
		uint32_t at = part_at(goods, i), until = part_at(goods, i + 1);
		stage_say(stage, goods, at, until);
		switch (variant >> 1 & 3) {
		case 0: stage_say(stage, goods, at, until); break;
		case 1: stage_say(stage, goods, part_at(goods, held), until); break;
		case 2: stage_say(stage, goods, at + 1, until - 1); break;
		default: stage_say(stage, goods, at - 1, until); break;
		}
	}
	if (held)
		stage_say(stage, goods, 0, part_at(goods, 1));
	if (variant & 8)
		stage_ack(stage, goods->len);
	stage_say(stage, goods, 0, goods->len);
	stage_ack(stage, goods->len);
}

/* The sequence numbers pass zero at every byte of what matters. */
static void wrap(struct stage *stage, const struct goods *goods, unsigned variant)
{
	stage->first[FORGE_CLIENT] = 0u - goods->from - variant;
	stage->first[FORGE_SERVER] = 0u - variant % 3;
	stage_open(stage);
	stage_before(stage, goods);
	stage_say(stage, goods, goods->from + variant, goods->len);
	stage_say(stage, goods, goods->from, goods->from + variant);
	stage_ack(stage, goods->len);
}

/* Only one side is seen: with its SYN, without acknowledgements of it. */
static void one_sided(struct stage *stage, const struct goods *goods, unsigned variant)
{
	uint8_t order[PARTS];

	permute(order, PARTS, variant);
	stage_flags(stage, FORGE_CLIENT, -1, 0, FORGE_SYN);
	stage_flags(stage, FORGE_CLIENT, 0, 0, FORGE_ACK);
	for (unsigned i = 0; i < PARTS; i++)
		stage_say(stage, goods, part_at(goods, order[i]), part_at(goods, order[i] + 1u));
	stage_flags(stage, FORGE_CLIENT, goods->len, 0, FORGE_FIN | FORGE_ACK);
}

/* A conversation that began before the capture: seen from both sides, or one. */
static void midstream(struct stage *stage, const struct goods *goods, unsigned variant)
{
	uint32_t middle = (goods->from + goods->until) / 2;

	if (variant & 1)
		stage_flags(stage, FORGE_SERVER, 0, 0, FORGE_ACK);
	if (variant & 2)
		stage_flags(stage, FORGE_CLIENT, 0, 0, FORGE_ACK);
	if (variant & 4) {
		stage_say(stage, goods, 0, goods->from + 1);
		stage_say(stage, goods, middle, goods->len);
		stage_say(stage, goods, goods->from + 1, middle);
	} else {
		stage_say(stage, goods, 0, middle);
		stage_say(stage, goods, middle, goods->len);
	}
	if (variant & 1)
		stage_ack(stage, goods->len);
}

/* The capture lost a stretch long before: what follows is seen all the same. */
static void after_loss(struct stage *stage, const struct goods *goods, unsigned variant)
{
	static const uint32_t lost[] = {1, 100, 5000, 60000, 64000, 65000};
	uint32_t gap = lost[variant % 6], middle = (goods->from + goods->until) / 2;
	bool acked_first = variant >= 6;

	stage_open(stage);
	stage_data(stage, 0, "begin", 5);
	stage->first[FORGE_CLIENT] += 5 + gap;
	if (acked_first)
		stage_ack(stage, 0);
	stage_say(stage, goods, 0, middle);
	stage_say(stage, goods, middle, goods->len);
	if (!acked_first)
		stage_ack(stage, goods->len);
	stage_flags(stage, FORGE_CLIENT, goods->len, 0, FORGE_FIN | FORGE_ACK);
}

/* The first that is seen of it is a reset that its ends did not believe; its numbers are anywhere. */
static void reset_first(struct stage *stage, const struct goods *goods, unsigned variant)
{
	static const uint32_t firsts[] = {1001, 0x3fffffff, 0x7ffffff0, 0x90000000, 0xc0000001, 0xfffffff0};
	uint32_t cut = (goods->from + goods->until) / 2;
	enum forge_side side = variant & 1 ? FORGE_SERVER : FORGE_CLIENT;

	stage->first[FORGE_CLIENT] = firsts[variant / 4];
	stage->first[FORGE_SERVER] = firsts[variant / 4] * 3;
	stage_flags(stage, side, side == FORGE_CLIENT ? 0 : -90, 0, variant & 2 ? FORGE_RST : FORGE_RST | FORGE_ACK);
	stage_say(stage, goods, 0, cut);
	stage_ack(stage, cut);
	stage_say(stage, goods, cut, goods->len);
	stage_ack(stage, goods->len);
}

#define RAW ((1 << GOODS_SINGLE) | (1 << GOODS_PAIR) | (1 << GOODS_PCRE))

static const struct cell cells[] = {
    {"whole", whole, 1, GOODS_OF_TCP, CELL_TUNNELS},
    {"split at a byte", split, 102, GOODS_OF_TCP, 0},
    {"split at a byte, the second first", split_swapped, 100, GOODS_OF_TCP, 0},
    {"byte by byte", bytes, 4, GOODS_OF_TCP, CELL_TUNNELS},
    {"out of order", shuffled, ORDERS, GOODS_OF_TCP, CELL_TUNNELS},
    {"repeated", repeated, 16, GOODS_OF_TCP, CELL_TUNNELS},
    {"sequence numbers wrap", wrap, 14, GOODS_OF_TCP, 0},
    {"one side only", one_sided, ORDERS, GOODS_OF_TCP, 0},
    {"from the middle", midstream, 8, GOODS_OF_TCP, CELL_MIDSTREAM},
    {"from the middle, a reset first", reset_first, 24, GOODS_OF_TCP, CELL_MIDSTREAM},
    {"after a loss", after_loss, 12, RAW, 0},
};

const struct cells order_cells = {cells, sizeof(cells) / sizeof(cells[0])};
