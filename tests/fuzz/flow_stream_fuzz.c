/* SPDX-License-Identifier: Apache-2.0 */
/* Each eight bytes are a packet of one connection; every byte handed on must be the one its place asks for. */
#include <stdlib.h>

#include "sensor/flow/stream.h"

enum { STEP = 8, PAYLOAD_MOST = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_data(void *ctx, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, uint32_t len,
		    bool in_packet)
{
	/* `next` has moved on already; payloads are their own sequence numbers. */
	uint32_t seq = flow->tcp[direction].next - len;
	for (uint32_t at = 0; at < len; at++)
		if (flow->tcp[direction].deep == 0 && data[at] != (uint8_t)(seq + at))
			abort();
	*(uint64_t *)ctx += len;
}

static void on_gap(void *ctx, struct qw_flow *flow, enum qw_direction direction, uint32_t missing)
{
	if (missing == 0)
		abort();
}

static void on_closed(void *ctx, struct qw_flow *flow, enum qw_direction direction)
{
}

static void push(struct qw_streams *streams, struct qw_flow *flow, const struct qw_stream_sink *sink,
		 const uint8_t *step)
{
	static uint8_t payload[PAYLOAD_MOST];
	enum qw_direction direction = step[0] & 0x80 ? QW_TO_CLIENT : QW_TO_SERVER;
	uint32_t seq = (uint32_t)step[1] << 8 | step[2], len = ((uint32_t)step[6] << 8 | step[7]) % PAYLOAD_MOST;
	for (uint32_t at = 0; at < len; at++)
		payload[at] = (uint8_t)(seq + at + ((step[0] & QW_TCP_SYN) != 0));
	struct qw_packet packet = {
	    .flags = QW_PACKET_IP | QW_PACKET_TRANSPORT,
	    .proto = QW_PROTO_TCP,
	    .tcp_flags = step[0] & 0x3f,
	    .tcp_seq = seq,
	    .tcp_ack = (uint32_t)step[3] << 8 | step[4],
	    .tcp_window = (uint16_t)(step[5] << 8),
	    .transport_len = 20,
	    .payload = payload,
	    .payload_len = len,
	};
	flow->flags |= direction == QW_TO_SERVER ? QW_FLOW_SEEN_TO_SERVER : QW_FLOW_SEEN_TO_CLIENT;
	if (qw_stream_push(streams, flow, direction, &packet, sink) != QW_STREAM_AGAIN)
		return;
	qw_stream_end(streams, flow, sink);
	*flow = (struct qw_flow){.key = flow->key, .flags = QW_FLOW_MIDSTREAM | QW_FLOW_SEEN_TO_SERVER};
	if (qw_stream_push(streams, flow, QW_TO_SERVER, &packet, sink) == QW_STREAM_AGAIN)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t handed = 0;
	const struct qw_stream_sink sink = {&handed, on_data, on_gap, NULL, on_closed};
	const struct qw_stream_options options = {.bytes = 8 * 2048, .flow_bytes = 6 * 2048};
	struct qw_flow flow = {.key = {.proto = QW_PROTO_TCP}, .flags = size & 1 ? QW_FLOW_MIDSTREAM : 0};
	struct qw_streams *streams;
	struct qw_stream_counters counters;
	if (qw_streams_new(&streams, &options))
		return 0;
	for (; size >= STEP; data += STEP, size -= STEP)
		push(streams, &flow, &sink, data);
	qw_stream_end(streams, &flow, &sink);
	qw_stream_counters(streams, &counters);
	if (counters.held_bytes != 0)
		abort();
	qw_streams_free(streams);
	return 0;
}
