/* SPDX-License-Identifier: Apache-2.0 */
/* choose - which parser a flow gets: by what was announced, by its name, or by what its first bytes look like. */
#include <string.h>

#include "quaywatch/packet.h"
#include "sensor/protocol/pool_state.h"

enum { DATAGRAMS_MAX = 4 /* of a flow that are probed */ };

enum { CHOICE_NONE = -1, CHOICE_LATER = -2, CHOICE_EACH = -3 /* the next datagram may be more like it */ };

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
	const uint64_t *rows = flow->key.proto == QW_PROTO_UDP ? pool->datagrams : pool->streams;
	bool later = false, each = false;
	for (uint64_t left = rows[data[0]] & ~*excluded; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctzll(left);
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
static bool hold(struct qw_undecided *wait, enum qw_direction direction, const uint8_t *data, size_t len)
{
	if (len > QW_HELD_MAX - (size_t)wait->len[direction])
		return false;
	memcpy(wait->held[direction] + wait->len[direction], data, len);
	wait->len[direction] = (uint16_t)(wait->len[direction] + len);
	return true;
}

/* The chosen parser takes the place of the wait for it; what that held is fed first, in qw_parser_feed. */
static void begin(struct qw_parser_pool *pool, struct qw_flow *flow, int choice)
{
	struct qw_parser *wait = qw_parser_detach(flow);

	if (qw_parsers[choice]->industrial && !pool->ot) {
		qw_parser_give_back(wait);
		flow->app = (uint8_t)qw_parsers[choice]->app;
		flow->flags |= QW_FLOW_NO_PARSER;
		return;
	}
	struct qw_parser *parser = qw_parser_attach(pool, flow, qw_parsers[choice]);

	if (!parser) {
		qw_parser_give_back(wait);
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
	if (!flow->parser && !qw_parser_attach(pool, flow, NULL))
		return;
	struct qw_undecided *wait = qw_parser_undecided(flow->parser);
	wait->excluded = excluded;
	if (flow->key.proto == QW_PROTO_UDP ? ++wait->datagrams >= DATAGRAMS_MAX : !hold(wait, direction, data, len))
		qw_parser_give_up(flow);
}

/* The flow has the name of what carries the protocol that this data was recognised as. */
static bool is_envelope(const struct qw_flow *flow, enum qw_direction direction)
{
	return flow->app == QW_APP_DCERPC && flow->side_app[direction] == QW_APP_PROFINET_IO;
}

static int choice_of(const struct qw_parser_pool *pool, const struct qw_flow *flow, const struct qw_undecided *wait,
		     enum qw_direction direction, const uint8_t *data, size_t len, uint64_t *excluded)
{
	const struct qw_expected *expected = wait ? NULL : qw_expected_find(pool->expectations, flow);
	int choice = expected ? choice_by_name(flow, (enum qw_app)expected->app) : CHOICE_NONE;

	if (choice >= 0 && (!qw_parsers[choice]->announced || qw_parsers[choice]->announced(data, len)))
		return choice;
	if (flow->app > QW_APP_FAILED && !(wait && wait->renewed) && !is_envelope(flow, direction))
		return choice_by_name(flow, (enum qw_app)flow->app);
	if (!wait && flow->side_app[direction] > QW_APP_FAILED) /* qw_parser_look has probed this data */
		return choice_by_name(flow, (enum qw_app)flow->side_app[direction]);
	if (!wait || wait->len[direction] == 0)
		return choice_by_probe(pool, flow, direction, data, len, excluded);
	uint8_t start[2 * QW_HELD_MAX];
	size_t held = wait->len[direction], more = len < QW_HELD_MAX ? len : QW_HELD_MAX;
	memcpy(start, wait->held[direction], held);
	memcpy(start + held, data, more);
	return choice_by_probe(pool, flow, direction, start, held + more, excluded);
}

void qw_parser_choose(struct qw_parser_pool *pool, struct qw_flow *flow, enum qw_direction direction,
		      const uint8_t *data, size_t len)
{
	if (flow->flags & QW_FLOW_NO_PARSER || len == 0 || (flow->parser && flow->parser->ops))
		return;
	struct qw_undecided *wait = flow->parser ? qw_parser_undecided(flow->parser) : NULL;
	uint64_t excluded = wait ? wait->excluded : 0;
	int choice = choice_of(pool, flow, wait, direction, data, len, &excluded);

	if (choice == CHOICE_EACH)
		return;
	if (choice == CHOICE_LATER)
		wait_on(pool, flow, direction, data, len, excluded);
	else if (choice == CHOICE_NONE)
		qw_parser_give_up(flow);
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

static void swap_held(struct qw_undecided *wait)
{
	uint8_t held[QW_HELD_MAX];
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
		swap_held(qw_parser_undecided(flow->parser));
	else if (turned)
		qw_parser_give_back(qw_parser_detach(flow));
}
