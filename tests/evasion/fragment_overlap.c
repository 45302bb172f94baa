/* SPDX-License-Identifier: Apache-2.0 */
/* fragment_overlap - IP fragments that contradict each other. */
#include "tests/evasion/cells.h"

enum { ID = 78, UNIT = 8, GRAIN = 24, PADDED = OVERLAP_UNITS * GRAIN };

/*
 * The goods stretched so that the units of what overlaps fall on multiples of
 * eight bytes and hold all that matters: header and lead, units, tail.
 */
struct stretched {
	struct forge_packet truth, decoy;
	size_t begin; /* of the first unit in what follows the IP header */
	size_t total;
};

static void build(struct stage *stage, const struct goods *goods, struct forge_packet *out)
{
	if (goods_is_datagram(goods->kind))
		stage_datagram(stage, out, goods);
	else
		stage_whole_segment(stage, out, goods);
}

static struct stretched *stretch(struct stage *stage, const struct goods *goods)
{
	static struct stretched out;
	uint8_t *truth, *decoy;

	build(stage, goods, &out.truth);
	out.decoy = out.truth;
	out.total = forge_fragment_total_at(&out.truth, forge_depth(&out.truth) - 1);
	size_t header = out.total - goods->len;
	out.begin = (header + goods->from) / UNIT * UNIT;
	truth = out.truth.data + (out.truth.len - out.total);
	decoy = out.decoy.data + (out.decoy.len - out.total);
	size_t from = out.begin < header ? header : out.begin;
	stage_decoy(decoy + from, truth + from, out.total - from);
	return &out;
}

static size_t unit_at(const struct stretched *what, unsigned unit)
{
	size_t len = (what->total - what->begin) / UNIT;

	return unit == OVERLAP_UNITS ? what->total : what->begin + len * unit / OVERLAP_UNITS * UNIT;
}

static void part(struct stage *stage, const struct stretched *what, const struct forge_packet *whole, size_t at, size_t until)
{
	if (at < until)
		stage_part(stage, whole, at, until - at, ID, until < what->total);
}

/* A piece as a fragment: true where a receiver of the policy believes it. */
static void send_piece(struct stage *stage, const struct stretched *what, const struct pieces *pieces, unsigned i)
{
	static struct forge_packet mixed;
	const struct piece *piece = &pieces->piece[i];

	mixed = what->truth;
	uint8_t *data = mixed.data + (mixed.len - what->total);
	const uint8_t *decoy = what->decoy.data + (what->decoy.len - what->total);
	for (unsigned unit = piece->at; unit < piece->until; unit++)
		if (pieces->owner[unit] != i)
			memcpy(data + unit_at(what, unit), decoy + unit_at(what, unit),
			       unit_at(what, unit + 1) - unit_at(what, unit));
	part(stage, what, &mixed, unit_at(what, piece->at), unit_at(what, piece->until));
}

/* The part before the units comes last, or first. */
static void by_policy(struct stage *stage, const struct goods *goods, unsigned variant)
{
	struct pieces pieces;
	bool head_first = variant & 1;

	if (!goods_is_datagram(goods->kind))
		stage_open(stage);
	const struct stretched *what = stretch(stage, goods);
	pieces_make(&pieces, variant / 2 / POLICIES, (enum policy)(variant / 2 % POLICIES));
	if (head_first)
		part(stage, what, &what->truth, 0, what->begin);
	for (unsigned i = 0; i < pieces.count; i++)
		send_piece(stage, what, &pieces, i);
	if (!head_first)
		part(stage, what, &what->truth, 0, what->begin);
}

/* Two parts say that they are the last one, and one of them lies: shorter, longer, before or after the true one. */
static void two_ends(struct stage *stage, const struct goods *goods, unsigned variant)
{
	if (!goods_is_datagram(goods->kind))
		stage_open(stage);
	const struct stretched *what = stretch(stage, goods);
	size_t middle = unit_at(what, 3), early = unit_at(what, 4);
	bool lie_first = variant & 1, lie_short = variant & 2;

	part(stage, what, &what->truth, 0, variant & 4 ? middle : what->begin);
	if (lie_first && lie_short)
		stage_part(stage, &what->decoy, middle, early - middle, ID, false);
	if (lie_first && !lie_short)
		stage_part(stage, &what->decoy, middle, what->total - middle, ID, true);
	stage_part(stage, &what->truth, middle, what->total - middle, ID, false);
	if (!lie_first)
		stage_part(stage, &what->decoy, middle, early - middle, ID, !lie_short);
	if (!(variant & 4))
		part(stage, what, &what->truth, what->begin, middle);
}

/* Half of a lie; a stack that had forgotten it by then joins the true half to what follows. */
static void forgotten(struct stage *stage, const struct goods *goods, unsigned variant)
{
	static const double seconds[] = {14, 16, 29, 31, 59, 61, 119, 121};

	if (!goods_is_datagram(goods->kind))
		stage_open(stage);
	const struct stretched *what = stretch(stage, goods);
	size_t middle = unit_at(what, 3);
	if (variant & 1) {
		part(stage, what, &what->decoy, 0, middle);
		stage_wait(stage, seconds[variant / 2]);
		part(stage, what, &what->truth, middle, what->total);
		part(stage, what, &what->truth, 0, middle);
	} else {
		part(stage, what, &what->decoy, middle, what->total);
		stage_wait(stage, seconds[variant / 2]);
		part(stage, what, &what->truth, 0, middle);
		part(stage, what, &what->truth, middle, what->total);
	}
}

/* A fragment that never reached the receiver (its time to live was short), the same place again from another. */
static void short_lived(struct stage *stage, const struct goods *goods, unsigned variant)
{
	if (!goods_is_datagram(goods->kind))
		stage_open(stage);
	const struct stretched *what = stretch(stage, goods);
	size_t cut = unit_at(what, 1 + variant / 2 % 5);
	struct forge_packet *decoy = (struct forge_packet *)(uintptr_t)&what->decoy;
	const struct forge_layer *ip = NULL;

	for (unsigned i = 0; i < decoy->layers; i++)
		if (decoy->layer[i].kind == FORGE_IPV4 || decoy->layer[i].kind == FORGE_IPV6)
			ip = &decoy->layer[i];
	decoy->data[ip->at + (ip->kind == FORGE_IPV4 ? 8 : 7)] = 1;
	if (variant & 1)
		part(stage, what, &what->truth, 0, cut);
	part(stage, what, decoy, cut, what->total);
	if (!(variant & 1))
		part(stage, what, &what->truth, 0, cut);
	part(stage, what, &what->truth, cut, what->total);
	part(stage, what, &what->truth, 0, cut);
}

#define ALL (GOODS_OF_UDP | GOODS_OF_TCP)

static const struct cell cells[] = {
    {"two fragments overlap", by_policy, OVERLAP_SHAPES *POLICIES * 2, ALL, CELL_TUNNELS | CELL_AMBIGUOUS},
    {"fragments overlap by chance", by_policy, (OVERLAP_SHAPES + OVERLAP_RANDOM) * POLICIES * 2, ALL, CELL_AMBIGUOUS},
    {"fragments of two ends", two_ends, 8, ALL, CELL_AMBIGUOUS},
    {"a forgotten fragment", forgotten, 16, ALL, CELL_AMBIGUOUS},
    {"a fragment that did not arrive", short_lived, 10, ALL, CELL_AMBIGUOUS},
};

const struct cells fragment_overlap_cells = {cells, sizeof(cells) / sizeof(cells[0])};
