/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store - bytes that a parser keeps from one piece to the next.
 *
 * The memory comes from the pool that the parser's state came from, so that
 * all parsers of a worker stay within one bound.  `state` is what feed() was
 * given, and nothing else.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/bytes.h"

struct qw_expectations;

/* Grows as it is filled; all zero is an empty one. */
struct qw_store {
	uint8_t *at;
	uint32_t len, size;
};

/*
 * Appends.  False: the store would pass `max` bytes or the pool has no room;
 * nothing was appended and it was counted.  What `at` points to may move.
 */
bool qw_store_put(void *state, struct qw_store *store, const void *data, size_t len, size_t max)
	__attribute__((warn_unused_result));

/* Gives the memory back; the store is empty again. */
void qw_store_free(void *state, struct qw_store *store);

/* Forgets the first len bytes. */
void qw_store_drop(struct qw_store *store, size_t len);

/* Memory of the pool beside the state; NULL: no room (counted). */
void *qw_parser_take(void *state, size_t bytes);
void qw_parser_give(void *state, void *memory);

/* What the parser's prepare() made. */
void *qw_parser_shared(void *state);

/* The digests of files that somebody asks for (enum qw_digest_kind, or-ed). */
uint32_t qw_parser_digests(void *state);

/* What connections announce of others. */
struct qw_expectations *qw_parser_expectations(void *state);
/* Who looks at messages of industrial protocols (enum qw_ot_want, or-ed). */
uint32_t qw_parser_ot_wants(void *state);

/* So many requests were never answered. */
void qw_parser_unanswered(void *state, uint32_t requests);

/* A bound was reached: something was left out. */
void qw_parser_cut(void *state);

static inline struct qw_slice qw_store_slice(const struct qw_store *store)
{
	return qw_slice(store->at, store->len);
}
