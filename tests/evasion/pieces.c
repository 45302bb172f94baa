/* SPDX-License-Identifier: Apache-2.0 */
/* pieces - data in pieces that overlap, and which of them the stacks of the world believe. */
#include "tests/evasion/cells.h"

static bool begins_before(struct piece a, struct piece b)
{
	return a.at < b.at;
}

static bool ends_after(struct piece a, struct piece b)
{
	return a.until > b.until;
}

/* Does the later piece take bytes that the earlier holds?  (Shankar and Paxson 2003; Novak and Sturges 2007.) */
static bool later_wins(enum policy policy, struct piece earlier, struct piece later)
{
	switch (policy) {
	case POLICY_LAST: return true;
	case POLICY_BSD: return begins_before(later, earlier);
	case POLICY_LINUX:
		return begins_before(later, earlier) || (later.at == earlier.at && ends_after(later, earlier));
	case POLICY_WINDOWS: return begins_before(later, earlier) && ends_after(later, earlier);
	case POLICY_SOLARIS:
		return !ends_after(earlier, later) && !(begins_before(earlier, later) && earlier.until >= later.until);
	default: return false;
	}
}

static void settle(struct pieces *pieces, enum policy policy)
{
	bool held[UNITS_MAX] = {false};

	for (unsigned i = 0; i < pieces->count; i++)
		for (unsigned unit = pieces->piece[i].at; unit < pieces->piece[i].until; unit++) {
			if (held[unit] &&
			    !later_wins(policy, pieces->piece[pieces->owner[unit]], pieces->piece[i]))
				continue;
			held[unit] = true;
			pieces->owner[unit] = (uint8_t)i;
		}
}

static void add(struct pieces *pieces, unsigned at, unsigned until)
{
	pieces->piece[pieces->count++] = (struct piece){(uint8_t)at, (uint8_t)until};
}

/* What no piece covers comes last. */
static void cover(struct pieces *pieces)
{
	for (unsigned unit = 0; unit < OVERLAP_UNITS; unit++) {
		bool covered = false;
		for (unsigned i = 0; i < pieces->count; i++)
			covered = covered || (pieces->piece[i].at <= unit && unit < pieces->piece[i].until);
		if (!covered)
			add(pieces, unit, unit + 1);
	}
}

/* The ways in which two pieces with something in common can lie (Allen 1983). */
static const struct piece shapes[OVERLAP_SHAPES][2] = {
    {{1, 5}, {1, 5}}, /* exact */
    {{1, 3}, {1, 5}}, /* longer */
    {{1, 5}, {1, 3}}, /* shorter */
    {{2, 4}, {1, 5}}, /* containing */
    {{1, 5}, {2, 4}}, /* contained */
    {{3, 5}, {1, 5}}, /* longer to the left */
    {{1, 5}, {3, 5}}, /* its end alone */
    {{2, 5}, {1, 4}}, /* from the left */
    {{1, 4}, {2, 5}}, /* from the right: teardrop */
};

void pieces_make(struct pieces *pieces, unsigned number, enum policy policy)
{
	uint64_t state = number;

	pieces->count = 0;
	if (number < OVERLAP_SHAPES) {
		add(pieces, shapes[number][0].at, shapes[number][0].until);
		add(pieces, shapes[number][1].at, shapes[number][1].until);
	} else {
		unsigned count = 3 + chance(&state) % 3;
		for (unsigned i = 0; i < count; i++) {
			unsigned at = chance(&state) % (OVERLAP_UNITS - 1);
			add(pieces, at, at + 2 + chance(&state) % (OVERLAP_UNITS - at - 1));
		}
		for (unsigned i = 0; i < count; i++)
			if (pieces->piece[i].until > OVERLAP_UNITS)
				pieces->piece[i].until = OVERLAP_UNITS;
	}
	cover(pieces);
	settle(pieces, policy);
}
