/* SPDX-License-Identifier: Apache-2.0 */
/* dcerpc_stream - DCE/RPC over TCP: port 135, and those that it gives out. */
#include "sensor/protocol/dcerpc.h"
#include "sensor/protocol/parsers.h"

struct stream {
	struct qw_dcerpc rpc;
	uint64_t transactions;
	/* the call that is being served */
	struct qw_flow *flow;
	const struct qw_message_sink *sink;
	bool lost[2]; /* bytes are missing: a piece that begins with a PDU is waited for */
};

/* Request and response are transactions of their own: rules may match both. */
static void publish(void *ctx, const struct qw_dcerpc_found *found)
{
	struct stream *stream = ctx;
	struct qw_message message = {.app = QW_APP_DCERPC};
	message.direction = found->request ? QW_TO_SERVER : QW_TO_CLIENT;
	message.transaction = ++stream->transactions;
	message.last = true;
	qw_dcerpc_add(&message, found);
	stream->sink->publish(stream->sink->ctx, stream->flow, &message);
}

static struct qw_dcerpc_listener serve(struct stream *stream, struct qw_flow *flow, const struct qw_message_sink *sink)
{
	stream->flow = flow;
	stream->sink = sink;
	return (struct qw_dcerpc_listener){stream, publish};
}

static enum qw_parse feed(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			  size_t len, const struct qw_message_sink *sink)
{
	struct stream *stream = state;
	const struct qw_dcerpc_listener listener = serve(stream, flow, sink);
	if (stream->lost[direction] && qw_dcerpc_probe(data, len) <= 0)
		return QW_PARSE_MORE;
	stream->lost[direction] = false;
	return qw_dcerpc_feed(state, &stream->rpc, direction, qw_bytes(data, len), &listener) ? QW_PARSE_MORE
											      : QW_PARSE_STOP;
}

static enum qw_parse gap(void *state, struct qw_flow *flow, enum qw_direction direction, uint32_t missing,
			 const struct qw_message_sink *sink)
{
	struct stream *stream = state;
	qw_dcerpc_lose(state, &stream->rpc, direction);
	stream->lost[direction] = true;
	return QW_PARSE_MORE;
}

static void close_side(void *state, struct qw_flow *flow, enum qw_direction direction,
		       const struct qw_message_sink *sink)
{
	struct stream *stream = state;
	const struct qw_dcerpc_listener listener = serve(stream, flow, sink);
	qw_dcerpc_close(state, &stream->rpc, direction == QW_TO_SERVER, &listener);
}

static void fini(void *state)
{
	struct stream *stream = state;
	qw_dcerpc_free(state, &stream->rpc);
}

static int probe(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	return qw_dcerpc_probe(data, len);
}

const struct qw_parser_ops qw_parser_dcerpc = {
	.app = QW_APP_DCERPC,
	.starts = {1, {{0x05, 0x05}}},
	.probe = probe,
	.speaker = qw_dcerpc_speaker,
	.state_bytes = sizeof(struct stream),
	.feed = feed,
	.gap = gap,
	.close = close_side,
	.fini = fini,
};
