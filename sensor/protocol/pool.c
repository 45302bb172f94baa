/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/pool_state.h"

#include <stdlib.h>
#include <string.h>

enum { STORE_FIRST = 512 };

static struct qw_parser *parser_of(void *state)
{
	return (struct qw_parser *)((uint8_t *)state - offsetof(struct qw_parser, state));
}

/* ---- memory */

void qw_parser_pool_free(struct qw_parser_pool *pool)
{
	if (!pool)
		return;
	for (size_t i = 0; i < qw_parser_count; i++) {
		if (pool->shared[i])
			qw_parsers[i]->dispose(pool->shared[i]);
	}
	qw_arena_free(pool->arena);
	qw_expectations_free(pool->expectations);
	free(pool);
}

static void note_starts(uint64_t *rows, const struct qw_starts *starts, uint64_t row)
{
	for (unsigned byte = 0; byte <= UINT8_MAX; byte++) {
		bool may = starts->count == 0;
		for (unsigned i = 0; i < starts->count; i++)
			may |= byte >= starts->range[i][0] && byte <= starts->range[i][1];
		rows[byte] |= may ? row : 0;
	}
}

enum qw_err qw_parser_pool_new(struct qw_parser_pool **out, size_t bytes)
{
	struct qw_parser_pool *pool = calloc(1, sizeof(*pool));
	if (!pool)
		return QW_ENOMEM;
	pool->bytes = bytes;
	enum qw_err err = qw_arena_new(&pool->arena, bytes);
	if (err == QW_OK)
		err = qw_expectations_new(&pool->expectations);
	for (size_t i = 0; err == QW_OK && i < qw_parser_count; i++) {
		note_starts(qw_parsers[i]->datagram ? pool->datagrams : pool->streams, &qw_parsers[i]->starts, UINT64_C(1) << i);
		if (qw_parsers[i]->prepare)
			err = qw_parsers[i]->prepare(&pool->shared[i]);
	}
	if (err != QW_OK) {
		qw_parser_pool_free(pool);
		return err;
	}
	*out = pool;
	return QW_OK;
}

void qw_parser_pool_want(struct qw_parser_pool *pool, uint32_t digests)
{
	pool->digests = digests;
}

void qw_parser_pool_want_ot(struct qw_parser_pool *pool, uint32_t wants)
{
	pool->ot = wants;
}

void qw_parser_counters(const struct qw_parser_pool *pool, struct qw_parser_counters *out)
{
	*out = pool->counters;
	out->cut += qw_expectations_taken_away(pool->expectations);
	out->bytes = qw_arena_used(pool->arena);
}

void *qw_parser_take(void *state, size_t bytes)
{
	struct qw_parser_pool *pool = parser_of(state)->pool;
	size_t size;
	void *memory = qw_arena_take(pool->arena, bytes, &size);
	if (!memory)
		pool->counters.no_room++;
	return memory;
}

void qw_parser_give(void *state, void *memory)
{
	qw_arena_give(parser_of(state)->pool->arena, memory);
}

void *qw_parser_shared(void *state)
{
	const struct qw_parser *parser = parser_of(state);
	for (size_t i = 0; i < qw_parser_count; i++) {
		if (qw_parsers[i] == parser->ops)
			return parser->pool->shared[i];
	}
	return NULL;
}

uint32_t qw_parser_digests(void *state)
{
	return parser_of(state)->pool->digests;
}

struct qw_expectations *qw_parser_expectations(void *state)
{
	return parser_of(state)->pool->expectations;
}

uint32_t qw_parser_ot_wants(void *state)
{
	return parser_of(state)->pool->ot;
}

void qw_parser_unanswered(void *state, uint32_t requests)
{
	parser_of(state)->pool->counters.unanswered += requests;
}

void qw_parser_cut(void *state)
{
	parser_of(state)->pool->counters.cut++;
}

/* Makes room for `len` bytes in all. */
static bool grow(struct qw_parser_pool *pool, struct qw_store *store, size_t len)
{
	size_t size;
	uint8_t *larger = qw_arena_take(pool->arena, len < STORE_FIRST ? STORE_FIRST : len, &size);
	if (!larger) {
		pool->counters.no_room++;
		return false;
	}
	if (store->len)
		memcpy(larger, store->at, store->len);
	qw_arena_give(pool->arena, store->at);
	store->at = larger;
	store->size = (uint32_t)size;
	return true;
}

bool qw_store_put(void *state, struct qw_store *store, const void *data, size_t len, size_t max)
{
	struct qw_parser_pool *pool = parser_of(state)->pool;
	if (len > max || store->len > max - len) {
		pool->counters.cut++;
		return false;
	}
	if (len > store->size - store->len && !grow(pool, store, store->len + len))
		return false;
	if (len)
		memcpy(store->at + store->len, data, len);
	store->len += (uint32_t)len;
	return true;
}

void qw_store_free(void *state, struct qw_store *store)
{
	qw_arena_give(parser_of(state)->pool->arena, store->at);
	*store = (struct qw_store){0};
}

void qw_store_drop(struct qw_store *store, size_t len)
{
	store->len -= (uint32_t)len;
	memmove(store->at, store->at + len, store->len);
}

/* ---- opening and ending */

struct qw_parser *qw_parser_attach(struct qw_parser_pool *pool, struct qw_flow *flow, const struct qw_parser_ops *ops)
{
	size_t wanted = sizeof(struct qw_parser) + (ops ? ops->state_bytes : sizeof(struct qw_undecided)), size;
	/* The last quarter is for those that are at work: a flood of beginnings does not take it from them. */
	bool room = qw_arena_used(pool->arena) < pool->bytes / 4 * 3;
	struct qw_parser *parser = room ? qw_arena_take(pool->arena, wanted, &size) : NULL;
	if (!parser) {
		pool->counters.no_room++;
		flow->flags |= QW_FLOW_NO_PARSER;
		return NULL;
	}
	memset(parser, 0, wanted);
	parser->ops = ops;
	parser->pool = pool;
	flow->parser = parser;
	pool->counters.in_use++;
	return parser;
}

struct qw_parser *qw_parser_detach(struct qw_flow *flow)
{
	struct qw_parser *parser = flow->parser;
	flow->parser = NULL;
	return parser;
}

void qw_parser_give_back(struct qw_parser *parser)
{
	if (!parser)
		return;
	struct qw_parser_pool *pool = parser->pool;
	if (parser->ops && parser->ops->fini)
		parser->ops->fini(parser->state);
	qw_parser_give_back(parser->wait);
	qw_arena_give(pool->arena, parser);
	pool->counters.in_use--;
}

void qw_parser_end(struct qw_parser_pool *pool, struct qw_flow *flow)
{
	qw_parser_give_back(qw_parser_detach(flow));
}

void qw_parser_give_up(struct qw_flow *flow)
{
	qw_parser_give_back(qw_parser_detach(flow));
	flow->flags |= QW_FLOW_NO_PARSER;
	if (flow->app == QW_APP_UNKNOWN && flow->flags & QW_FLOW_CLASSIFIED)
		qw_flow_fail(flow);
}
