/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/parser.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/packet.h"
#include "sensor/protocol/arena.h"
#include "sensor/protocol/expect.h"
#include "sensor/protocol/store.h"

enum {
	HELD_MAX = 512,     /* first bytes of one direction, kept while no probe is sure */
	DATAGRAMS_MAX = 4,  /* of a flow that are probed */
	PARSERS_MAX = 64,
	STORE_FIRST = 512,
};

struct qw_parser_pool {
	struct qw_arena *arena;
	size_t bytes; /* of it */
	struct qw_parser_counters counters;
	struct qw_expectations *expectations;
	uint32_t digests; /* of files, that somebody asks for */
	uint32_t ot;      /* enum qw_ot_want */
	void *shared[PARSERS_MAX]; /* by row of qw_parsers */
	struct rows {
		uint8_t row[PARSERS_MAX], count;
	} streams, datagrams; /* those of qw_parsers, in its order */
};

/* What a flow has of us: a parser, or the wait for one (ops NULL, state is struct undecided). */
struct qw_parser {
	const struct qw_parser_ops *ops;
	struct qw_parser_pool *pool;
	struct qw_parser *wait; /* what came before it was chosen, and is to be fed first; NULL: nothing */
	uint8_t skipped; /* bit per direction */
	_Alignas(16) uint8_t state[];
};

struct undecided {
	uint64_t excluded; /* bit per row of qw_parsers */
	uint16_t len[2];
	uint8_t datagrams;
	bool renewed; /* another protocol went before: the flow's name is not this one's */
	uint8_t held[2][HELD_MAX];
};

enum { CHOICE_NONE = -1, CHOICE_LATER = -2, CHOICE_EACH = -3 /* the next datagram may be more like it */ };

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
		struct rows *rows = qw_parsers[i]->datagram ? &pool->datagrams : &pool->streams;
		rows->row[rows->count++] = (uint8_t)i;
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

static struct qw_parser *attach(struct qw_parser_pool *pool, struct qw_flow *flow, const struct qw_parser_ops *ops)
{
	size_t wanted = sizeof(struct qw_parser) + (ops ? ops->state_bytes : sizeof(struct undecided)), size;
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

/* Takes the parser off the flow; it still has to be given back. */
static struct qw_parser *detach(struct qw_flow *flow)
{
	struct qw_parser *parser = flow->parser;
	flow->parser = NULL;
	return parser;
}

static void give_back(struct qw_parser *parser)
{
	if (!parser)
		return;
	struct qw_parser_pool *pool = parser->pool;
	if (parser->ops && parser->ops->fini)
		parser->ops->fini(parser->state);
	give_back(parser->wait);
	qw_arena_give(pool->arena, parser);
	pool->counters.in_use--;
}

void qw_parser_end(struct qw_parser_pool *pool, struct qw_flow *flow)
{
	give_back(detach(flow));
}

static void give_up(struct qw_flow *flow)
{
	give_back(detach(flow));
	flow->flags |= QW_FLOW_NO_PARSER;
	if (flow->app == QW_APP_UNKNOWN && flow->flags & QW_FLOW_CLASSIFIED)
		qw_flow_fail(flow);
}

/* ---- choosing */

static bool fits_transport(const struct qw_parser_ops *ops, const struct qw_flow *flow)
{
	return flow->key.proto == (ops->datagram ? QW_PROTO_UDP : QW_PROTO_TCP);
}

static int choice_by_name(const struct qw_flow *flow, enum qw_app app)
{
	for (size_t i = 0; i < qw_parser_count; i++) {
		if (qw_parsers[i]->app == app && fits_transport(qw_parsers[i], flow))
			return (int)i;
	}
	return CHOICE_NONE;
}

static int choice_by_probe(const struct qw_parser_pool *pool, const struct qw_flow *flow, enum qw_direction direction,
			   const uint8_t *data, size_t len, uint64_t *excluded)
{
	const struct rows *rows = flow->key.proto == QW_PROTO_UDP ? &pool->datagrams : &pool->streams;
	bool later = false, each = false;
	for (unsigned at = 0; at < rows->count; at++) {
		unsigned i = rows->row[at];
		if (*excluded & UINT64_C(1) << i)
			continue;
		int sure = qw_parsers[i]->probe(flow, direction, data, len);
		if (sure > 0)
			return (int)i;
		if (sure == 0)
			*excluded |= UINT64_C(1) << i;
		later |= sure < 0;
		each |= sure < 0 && qw_parsers[i]->patient;
	}
	if (each)
		return CHOICE_EACH;
	return later ? CHOICE_LATER : CHOICE_NONE;
}

/* Puts the piece to what was held of its direction.  False: it does not fit. */
static bool hold(struct undecided *wait, enum qw_direction direction, const uint8_t *data, size_t len)
{
	if (len > HELD_MAX - (size_t)wait->len[direction])
		return false;
	memcpy(wait->held[direction] + wait->len[direction], data, len);
	wait->len[direction] = (uint16_t)(wait->len[direction] + len);
	return true;
}

/* The chosen parser takes the place of the wait for it; what that held is fed first, in qw_parser_feed. */
static void begin(struct qw_parser_pool *pool, struct qw_flow *flow, int choice)
{
	struct qw_parser *wait = detach(flow);

	if (qw_parsers[choice]->industrial && !pool->ot) {
		give_back(wait);
		flow->app = (uint8_t)qw_parsers[choice]->app;
		flow->flags |= QW_FLOW_NO_PARSER;
		return;
	}
	struct qw_parser *parser = attach(pool, flow, qw_parsers[choice]);

	if (!parser) {
		give_back(wait);
		return;
	}
	parser->wait = wait;
	flow->app = (uint8_t)qw_parsers[choice]->app;
	pool->counters.opened++;
}

/* No probe is sure yet.  Streams are held on to, datagrams are tried a few times. */
static void wait_on(struct qw_parser_pool *pool, struct qw_flow *flow, enum qw_direction direction,
		    const uint8_t *data, size_t len, uint64_t excluded)
{
	if (!flow->parser && !attach(pool, flow, NULL))
		return;
	struct undecided *wait = (struct undecided *)flow->parser->state;
	wait->excluded = excluded;
	if (flow->key.proto == QW_PROTO_UDP ? ++wait->datagrams >= DATAGRAMS_MAX : !hold(wait, direction, data, len))
		give_up(flow);
}

static int choice_of(const struct qw_parser_pool *pool, const struct qw_flow *flow, const struct undecided *wait,
		     enum qw_direction direction, const uint8_t *data, size_t len, uint64_t *excluded)
{
	const struct qw_expected *expected = wait ? NULL : qw_expected_find(pool->expectations, flow);
	int choice = expected ? choice_by_name(flow, (enum qw_app)expected->app) : CHOICE_NONE;

	if (choice >= 0 && (!qw_parsers[choice]->announced || qw_parsers[choice]->announced(data, len)))
		return choice;
	if (flow->app > QW_APP_FAILED && !(wait && wait->renewed))
		return choice_by_name(flow, (enum qw_app)flow->app);
	if (!wait && flow->side_app[direction] > QW_APP_FAILED) /* qw_parser_look has probed this data */
		return choice_by_name(flow, (enum qw_app)flow->side_app[direction]);
	if (!wait || wait->len[direction] == 0)
		return choice_by_probe(pool, flow, direction, data, len, excluded);
	uint8_t start[2 * HELD_MAX];
	size_t held = wait->len[direction], more = len < HELD_MAX ? len : HELD_MAX;
	memcpy(start, wait->held[direction], held);
	memcpy(start + held, data, more);
	return choice_by_probe(pool, flow, direction, start, held + more, excluded);
}

void qw_parser_choose(struct qw_parser_pool *pool, struct qw_flow *flow, enum qw_direction direction,
		      const uint8_t *data, size_t len)
{
	if (flow->flags & QW_FLOW_NO_PARSER || len == 0 || (flow->parser && flow->parser->ops))
		return;
	struct undecided *wait = flow->parser ? (struct undecided *)flow->parser->state : NULL;
	uint64_t excluded = wait ? wait->excluded : 0;
	int choice = choice_of(pool, flow, wait, direction, data, len, &excluded);

	if (choice == CHOICE_EACH)
		return;
	if (choice == CHOICE_LATER)
		wait_on(pool, flow, direction, data, len, excluded);
	else if (choice == CHOICE_NONE)
		give_up(flow);
	else
		begin(pool, flow, choice);
}

/* ---- each side by itself */

enum { LOOKS_MAX = 4 };

/* Who speaks first in these is the client. */
static bool client_begins(uint8_t app)
{
	return app == QW_APP_HTTP || app == QW_APP_TLS || app == QW_APP_SMB;
}

static void note_sides(const struct qw_flow *flow, enum qw_direction direction, struct qw_packet_events *events)
{
	enum qw_direction other = qw_direction_other(direction);
	uint8_t here = flow->side_app[direction], there = flow->side_app[other];

	if (flow->app_original && here != QW_APP_TLS && here != QW_APP_UNKNOWN && direction == QW_TO_SERVER)
		qw_packet_events_add(events, QW_PE_APPLAYER_NO_TLS_AFTER_STARTTLS);
	if (direction == QW_TO_CLIENT && client_begins(here) && !(flow->side_looked & QW_LOOK_DONE << other))
		qw_packet_events_add(events, QW_PE_APPLAYER_WRONG_DIRECTION_FIRST_DATA);
	if (here > QW_APP_FAILED && there > QW_APP_FAILED && here != there)
		qw_packet_events_add(events, QW_PE_APPLAYER_MISMATCH_PROTOCOL_BOTH_DIRECTIONS);
	if ((here > QW_APP_FAILED && there == QW_APP_FAILED) || (here == QW_APP_FAILED && there > QW_APP_FAILED))
		qw_packet_events_add(events, QW_PE_APPLAYER_DETECT_PROTOCOL_ONLY_ONE_DIRECTION);
}

bool qw_parser_look(const struct qw_parser_pool *pool, struct qw_flow *flow, enum qw_direction direction,
		    const uint8_t *data, size_t len, struct qw_packet_events *events)
{
	uint64_t excluded = 0;
	if (len == 0)
		return false;
	int choice = choice_by_probe(pool, flow, direction, data, len, &excluded);
	if (choice == CHOICE_LATER && (flow->side_looked & (QW_LOOK_NEWS - 1)) / QW_LOOK_TRY < LOOKS_MAX) {
		flow->side_looked += QW_LOOK_TRY;
		return false;
	}
	flow->side_app[direction] = choice >= 0 ? (uint8_t)qw_parsers[choice]->app : QW_APP_FAILED;
	note_sides(flow, direction, events);
	flow->side_looked |= (uint8_t)((QW_LOOK_DONE | QW_LOOK_NEWS) << direction);
	return true;
}

void qw_parser_wake(struct qw_flow *flow)
{
	for (size_t i = 0; i < qw_parser_count; i++)
		if (qw_parsers[i]->industrial && qw_parsers[i]->app == flow->app && !flow->parser)
			flow->flags &= ~(uint32_t)QW_FLOW_NO_PARSER;
}

static void swap_held(struct undecided *wait)
{
	uint8_t held[HELD_MAX];
	uint16_t len = wait->len[0];

	memcpy(held, wait->held[0], len);
	memcpy(wait->held[0], wait->held[1], wait->len[1]);
	memcpy(wait->held[1], held, len);
	wait->len[0] = wait->len[1];
	wait->len[1] = len;
	wait->excluded = 0;
}

void qw_parser_turn(struct qw_flow *flow, bool turned)
{
	bool nameless = flow->app == QW_APP_UNKNOWN || flow->app == QW_APP_FAILED;

	if (!flow->parser)
		flow->flags &= nameless ? ~(uint32_t)QW_FLOW_NO_PARSER : UINT32_MAX;
	else if (turned && !flow->parser->ops)
		swap_held((struct undecided *)flow->parser->state);
	else if (turned)
		give_back(detach(flow));
}

/* ---- running */

static void renew(struct qw_flow *flow)
{
	struct qw_parser *parser = detach(flow);
	struct qw_parser_pool *pool = parser->pool;
	give_back(parser);
	flow->app_original = flow->app;
	flow->side_looked = 0;
	flow->side_app[0] = flow->side_app[1] = QW_APP_UNKNOWN;
	if (attach(pool, flow, NULL))
		((struct undecided *)flow->parser->state)->renewed = true;
}

static void settle(struct qw_flow *flow, enum qw_direction direction, enum qw_parse result)
{
	struct qw_parser *parser = flow->parser;
	switch (result) {
	case QW_PARSE_MORE: break;
	case QW_PARSE_STOP:
		parser->pool->counters.stopped++;
		give_up(flow);
		break;
	case QW_PARSE_SKIP:
		parser->skipped |= (uint8_t)(1 << direction);
		if (parser->skipped != 3)
			break;
		give_back(detach(flow));
		flow->flags |= QW_FLOW_ENCRYPTED | QW_FLOW_NO_PARSER;
		break;
	case QW_PARSE_OVER: renew(flow); break;
	}
}

static bool is_parsed(const struct qw_flow *flow, enum qw_direction direction)
{
	return flow->parser && flow->parser->ops && !(flow->parser->skipped & 1 << direction);
}

static void run(struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len,
		const struct qw_message_sink *sink)
{
	if (is_parsed(flow, direction))
		settle(flow, direction, flow->parser->ops->feed(flow->parser->state, flow, direction, data, len, sink));
}

/* What was held while the parser was not chosen: the other direction's first, as it came first. */
static void run_held(struct qw_flow *flow, enum qw_direction direction, const struct qw_message_sink *sink)
{
	struct qw_parser *before = flow->parser->wait;
	struct undecided *wait = (struct undecided *)before->state;
	enum qw_direction other = qw_direction_other(direction);

	flow->parser->wait = NULL;
	if (wait->len[other])
		run(flow, other, wait->held[other], wait->len[other], sink);
	if (wait->len[direction])
		run(flow, direction, wait->held[direction], wait->len[direction], sink);
	give_back(before);
}

void qw_parser_feed(struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len,
		    const struct qw_message_sink *sink)
{
	if (len == 0 || !flow->parser || !flow->parser->ops)
		return;
	if (flow->parser->wait)
		run_held(flow, direction, sink);
	run(flow, direction, data, len, sink);
}

void qw_parser_gap(struct qw_parser_pool *pool, struct qw_flow *flow, enum qw_direction direction, uint32_t missing,
		   const struct qw_message_sink *sink)
{
	if (!flow->parser)
		return;
	if (!flow->parser->ops) {
		((struct undecided *)flow->parser->state)->len[direction] = 0;
		return;
	}
	if (!is_parsed(flow, direction))
		return;
	settle(flow, direction, flow->parser->ops->gap ? flow->parser->ops->gap(flow->parser->state, flow, direction,
										missing, sink)
						       : QW_PARSE_STOP);
}

void qw_parser_close(struct qw_parser_pool *pool, struct qw_flow *flow, enum qw_direction direction,
		     const struct qw_message_sink *sink)
{
	if (is_parsed(flow, direction) && flow->parser->ops->close)
		flow->parser->ops->close(flow->parser->state, flow, direction, sink);
}
