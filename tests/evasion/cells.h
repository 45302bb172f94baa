/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cells - rows of the matrix: each a way to say something so that a careless listener misses it.
 *
 * A play says the goods in its `variant`-th manner.  Variants that come to the
 * same packets are played once.
 */
#pragma once

#include "tests/evasion/stage.h"

enum cell_flag {
	CELL_TUNNELS = 1 << 0,    /* play it on every way, not the plain ones alone */
	CELL_AMBIGUOUS = 1 << 1,  /* receivers differ in what they see: an alert on that will do */
	CELL_MIDSTREAM = 1 << 2,  /* needs stream.midstream */
	CELL_UNCHECKED = 1 << 3,  /* needs capture.checksums = "ignore" */
	CELL_IPV4 = 1 << 4,       /* has no sense in IPv6 */
	CELL_IPV6 = 1 << 5,       /* has no sense in IPv4 */
	CELL_ALARM = 1 << 6,      /* is not looked into: an alarm, and of the control too, is what is wanted */
};

struct cell {
	const char *name;
	void (*play)(struct stage *stage, const struct goods *goods, unsigned variant);
	unsigned variants;
	uint32_t kinds; /* bits 1 << enum goods_kind */
	uint32_t flags;
};

struct cells {
	const struct cell *cell;
	size_t count;
};

extern const struct cells order_cells, overlap_cells, forgery_cells, handshake_cells, fragment_cells, fragment_overlap_cells,
    application_cells, nest_cells;

/* ---- pieces that overlap, and who wins where: shared by segments and fragments */
enum policy { POLICY_FIRST, POLICY_LAST, POLICY_BSD, POLICY_LINUX, POLICY_WINDOWS, POLICY_SOLARIS, POLICIES };

enum { PIECES_MAX = 12, UNITS_MAX = 16 };

struct piece {
	uint8_t at, until; /* in units */
};

struct pieces {
	unsigned count;
	struct piece piece[PIECES_MAX];
	uint8_t owner[UNITS_MAX]; /* by unit: the piece that a receiver of the policy believes */
};

enum { OVERLAP_SHAPES = 9, OVERLAP_UNITS = 6, OVERLAP_RANDOM = 60 };

/* Pieces that cover all units: the shape `number` below OVERLAP_SHAPES, or as many more as wanted, by chance. */
void pieces_make(struct pieces *pieces, unsigned number, enum policy policy);

/* Numbers that look random, the same each time. */
static inline uint32_t chance(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*state >> 33);
}

/* The permutation `number` of count things. */
static inline void permute(uint8_t *order, unsigned count, unsigned number)
{
	for (unsigned i = 0; i < count; i++)
		order[i] = (uint8_t)i;
	for (unsigned i = 0; i < count; i++) {
		unsigned pick = i + number % (count - i);
		uint8_t at = order[pick];
		number /= count - i;
		order[pick] = order[i];
		order[i] = at;
	}
}
