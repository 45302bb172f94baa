/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool_state - what the pool of parsers is made of, for its own three files.
 *
 *	pool.c    the memory of a worker's parsers, and who has some
 *	choose.c  which parser a flow gets, and what each of its sides looks like
 *	feed.c    data on its way to the parser
 */
#pragma once

#include "sensor/protocol/arena.h"
#include "sensor/protocol/expect.h"
#include "sensor/protocol/parser.h"
#include "sensor/protocol/store.h"

enum {
	QW_HELD_MAX = 512, /* first bytes of one direction, kept while no probe is sure */
	QW_PARSERS_MAX = 64,
};

struct qw_parser_pool {
	struct qw_arena *arena;
	size_t bytes; /* of it */
	struct qw_parser_counters counters;
	struct qw_expectations *expectations;
	uint32_t digests; /* of files, that somebody asks for */
	uint32_t ot;      /* enum qw_ot_want */
	void *shared[QW_PARSERS_MAX]; /* by row of qw_parsers */
	uint64_t streams[UINT8_MAX + 1], datagrams[UINT8_MAX + 1]; /* rows of qw_parsers, a bit each, that may begin with a byte */
};

/* What a flow has of us: a parser, or the wait for one (ops NULL, state is struct qw_undecided). */
struct qw_parser {
	const struct qw_parser_ops *ops;
	struct qw_parser_pool *pool;
	struct qw_parser *wait; /* what came before it was chosen, and is to be fed first; NULL: nothing */
	uint8_t skipped; /* bit per direction */
	_Alignas(16) uint8_t state[];
};

struct qw_undecided {
	uint64_t excluded; /* bit per row of qw_parsers */
	uint16_t len[2];
	uint8_t datagrams;
	bool renewed; /* another protocol went before: the flow's name is not this one's */
	uint8_t held[2][QW_HELD_MAX];
};

/* The state of a wait. */
static inline struct qw_undecided *qw_parser_undecided(struct qw_parser *parser)
{
	return (struct qw_undecided *)parser->state;
}

/* Memory for a parser, or (ops NULL) for the wait for one; NULL: there is no room, and the flow goes on without. */
struct qw_parser *qw_parser_attach(struct qw_parser_pool *pool, struct qw_flow *flow, const struct qw_parser_ops *ops);

/* Takes the parser off the flow; it still has to be given back. */
struct qw_parser *qw_parser_detach(struct qw_flow *flow);
void qw_parser_give_back(struct qw_parser *parser); /* NULL is nothing */

/* No parser fits, or the one that was chosen does no more. */
void qw_parser_give_up(struct qw_flow *flow);
