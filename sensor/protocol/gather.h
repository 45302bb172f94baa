/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gather - the next bytes of a stream in one piece, whatever pieces they come in.
 *
 *	const uint8_t *at = qw_gather_peek(state, gather, &in, 16);
 *	if (!at)
 *		return; // the input is used up: more is needed
 *	…
 *	qw_gather_drop(state, gather, &in, 16);
 *
 * Nothing is copied where the input holds them all.  `state` is the parser's.
 */
#pragma once

#include "sensor/protocol/store.h"

/* All zero: nothing held. */
struct qw_gather {
	struct qw_store held; /* what came before `in` */
	bool broken;          /* the pool had no room (counted): bytes are missing */
};

/* The next `want` bytes, which stay; NULL: all of `in` was taken in, and it was not enough. */
const uint8_t *qw_gather_peek(void *state, struct qw_gather *gather, struct qw_bytes *in, size_t want);

/* Forgets the next len bytes, no more than were peeked at. */
void qw_gather_drop(void *state, struct qw_gather *gather, struct qw_bytes *in, size_t len);

void qw_gather_free(void *state, struct qw_gather *gather);
