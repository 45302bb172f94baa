/* SPDX-License-Identifier: Apache-2.0 */
/* feed - data on its way to the flow's parser, and what that says of it. */
#include "sensor/protocol/pool_state.h"

static void renew(struct qw_flow *flow)
{
	struct qw_parser *parser = qw_parser_detach(flow);
	struct qw_parser_pool *pool = parser->pool;
	qw_parser_give_back(parser);
	flow->app_original = flow->app;
	flow->side_looked = 0;
	flow->side_app[0] = flow->side_app[1] = QW_APP_UNKNOWN;
	if (qw_parser_attach(pool, flow, NULL))
		qw_parser_undecided(flow->parser)->renewed = true;
}

static void settle(struct qw_flow *flow, enum qw_direction direction, enum qw_parse result)
{
	struct qw_parser *parser = flow->parser;
	switch (result) {
	case QW_PARSE_MORE: break;
	case QW_PARSE_STOP:
		parser->pool->counters.stopped++;
		qw_parser_give_up(flow);
		break;
	case QW_PARSE_SKIP:
		parser->skipped |= (uint8_t)(1 << direction);
		if (parser->skipped != 3)
			break;
		qw_parser_give_back(qw_parser_detach(flow));
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
	struct qw_undecided *wait = qw_parser_undecided(before);
	enum qw_direction other = qw_direction_other(direction);

	flow->parser->wait = NULL;
	if (wait->len[other])
		run(flow, other, wait->held[other], wait->len[other], sink);
	if (wait->len[direction])
		run(flow, direction, wait->held[direction], wait->len[direction], sink);
	qw_parser_give_back(before);
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
		qw_parser_undecided(flow->parser)->len[direction] = 0;
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
