/* SPDX-License-Identifier: Apache-2.0 */
/* overlap - TCP segments that contradict each other. */
#include "tests/evasion/cells.h"

/* The unit's first byte within what matters. */
static uint32_t unit_at(const struct goods *goods, unsigned unit)
{
	return goods->from + (goods->until - goods->from) * unit / OVERLAP_UNITS;
}

/* A piece as a segment: true where a receiver of the policy believes it. */
static void say_piece(struct stage *stage, const struct goods *goods, const struct pieces *pieces, unsigned i)
{
	const struct piece *piece = &pieces->piece[i];
	uint32_t from = unit_at(goods, piece->at), until = unit_at(goods, piece->until);
	uint8_t bytes[GOODS_MAX];

	memcpy(bytes, goods->bytes + from, until - from);
	for (unsigned unit = piece->at; unit < piece->until; unit++) {
		uint32_t at = unit_at(goods, unit), end = unit_at(goods, unit + 1);
		if (pieces->owner[unit] != i)
			stage_decoy(bytes + (at - from), goods->bytes + at, end - at);
	}
	stage_data(stage, from, bytes, until - from);
}

enum { HELD, IN_ORDER, MANNERS };

/* Held: what comes before waits until all is there, so that the policy decides. */
static void by_policy(struct stage *stage, const struct goods *goods, unsigned variant)
{
	struct pieces pieces;
	unsigned manner = variant % MANNERS, number = variant / MANNERS / POLICIES;

	pieces_make(&pieces, number, (enum policy)(variant / MANNERS % POLICIES));
	stage_open(stage);
	if (manner == IN_ORDER)
		stage_before(stage, goods);
	for (unsigned i = 0; i < pieces.count; i++)
		say_piece(stage, goods, &pieces, i);
	if (manner == HELD)
		stage_before(stage, goods);
	stage_behind(stage, goods);
	stage_ack(stage, goods->len);
}

enum { PARTS = 3, RETURN_ORDERS = 6 };

/*
 * Three parts, each said twice; bits of the variant say of each which time is
 * true: a receiver that a decoy never reached believes a mixture.
 */
static void mixture(struct stage *stage, const struct goods *goods, unsigned variant)
{
	uint32_t len = goods->until - goods->from;
	uint8_t decoy[GOODS_MAX], order[PARTS];

	stage_decoy(decoy, goods->bytes, goods->len);
	permute(order, PARTS, variant >> PARTS);
	stage_open(stage);
	stage_before(stage, goods);
	for (unsigned time = 0; time < 2; time++)
		for (unsigned i = 0; i < PARTS; i++) {
			unsigned part = time ? order[i] : i;
			uint32_t at = goods->from + len * part / PARTS, until = goods->from + len * (part + 1) / PARTS;
			bool is_true = (variant >> part & 1) == time;
			stage_data(stage, at, (is_true ? goods->bytes : decoy) + at, until - at);
		}
	stage_behind(stage, goods);
	stage_ack(stage, goods->len);
}

/* Only one byte of it is a lie, at first, which then is put right. */
static void one_byte(struct stage *stage, const struct goods *goods, unsigned variant)
{
	uint32_t at = goods->from + variant % (goods->until - goods->from);
	uint8_t bytes[GOODS_MAX];

	memcpy(bytes, goods->bytes, goods->len);
	stage_decoy(bytes + at, goods->bytes + at, 1);
	stage_open(stage);
	stage_data(stage, 0, bytes, goods->len);
	stage_say(stage, goods, at, at + 1);
	stage_ack(stage, goods->len);
}

/* Between the lie and the truth a good deal more is sent, and nothing acknowledged. */
static void far_back(struct stage *stage, const struct goods *goods, unsigned variant)
{
	static const uint16_t behind[] = {200, 1000, 1900, 3000, 3900, 6000, 12000, 20000, 40000};
	uint32_t more = behind[variant / 2 % 9], from = goods->from + 2, until = goods->until - 2;
	uint8_t bytes[GOODS_MAX], filler[1000];

	memset(filler, '.', sizeof(filler));
	memcpy(bytes, goods->bytes, goods->len);
	stage_decoy(bytes + from, goods->bytes + from, until - from);
	stage_open(stage);
	stage_data(stage, 0, bytes, goods->len);
	for (uint32_t at = 0; at < more; at += sizeof(filler))
		stage_data(stage, goods->len + at, filler, sizeof(filler));
	if (variant & 1) { /* in two, of other lengths than the first time */
		stage_say(stage, goods, from, from + 3);
		stage_say(stage, goods, from + 3, until);
	} else {
		stage_say(stage, goods, 0, goods->len);
	}
	stage_ack(stage, goods->len + more);
}

static const struct cell cells[] = {
    {"two segments overlap", by_policy, OVERLAP_SHAPES *POLICIES *MANNERS, GOODS_OF_TCP, CELL_TUNNELS | CELL_AMBIGUOUS},
    {"segments overlap by chance", by_policy, (OVERLAP_SHAPES + OVERLAP_RANDOM) * POLICIES *MANNERS, GOODS_OF_TCP,
     CELL_AMBIGUOUS},
    {"a mixture of first and second times", mixture, RETURN_ORDERS << PARTS, GOODS_OF_TCP, CELL_AMBIGUOUS},
    {"one byte is put right", one_byte, 14, GOODS_OF_TCP, CELL_AMBIGUOUS},
    {"put right long after", far_back, 18, GOODS_OF_TCP, CELL_AMBIGUOUS},
};

const struct cells overlap_cells = {cells, sizeof(cells) / sizeof(cells[0])};
