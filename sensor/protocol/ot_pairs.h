/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ot_pairs - the requests of one conversation that nothing has answered yet.
 *
 * Bounded: a request that finds no room takes the place of the oldest, which
 * then counts as unanswered.  What it was about is kept for the answer's event.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { QW_OT_PAIRS_MAX = 16 };

struct qw_ot_pair {
	uint64_t key;    /* what request and answer have in common; the protocol says what */
	uint32_t object; /* what was asked for: an address, a class … */
	uint16_t detail; /* and how much, which one */
	bool waits;
};

struct qw_ot_pairs {
	uint32_t waiting; /* requests in a row without an answer */
	uint8_t next;     /* place of the oldest */
	struct qw_ot_pair pair[QW_OT_PAIRS_MAX];
};

/* A request: the oldest place becomes its. */
const struct qw_ot_pair *qw_ot_pairs_ask(void *state, struct qw_ot_pairs *pairs, uint64_t key, uint32_t object, uint16_t detail);

/* The request that an answer with this key is for: the one that was just asked, or the oldest; NULL: nobody asked. */
struct qw_ot_pair *qw_ot_pairs_find(struct qw_ot_pairs *pairs, uint64_t key);

/* It has its answer, and waits no more. */
void qw_ot_pairs_take(struct qw_ot_pairs *pairs, struct qw_ot_pair *pair);

/* Both; it stays readable until the next request. */
const struct qw_ot_pair *qw_ot_pairs_answer(struct qw_ot_pairs *pairs, uint64_t key);

/* The conversation is over: counts who still waits. */
void qw_ot_pairs_end(void *state, struct qw_ot_pairs *pairs);
