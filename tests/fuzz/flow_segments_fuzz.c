/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Segments of two connections that share one room, with options, windows and lies.  The first byte says how much room
 * there is and how deep is looked; then each piece is ten bytes of header, options, and no payload: a payload is made of
 * its own sequence numbers, or the opposite of them.  So every byte handed on must be the one that its place asks for,
 * or the lie about it, and that only if one was sent.
 */
#include <stdlib.h>
#include <string.h>

#include "quaywatch/bytes.h"
#include "sensor/flow/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FLOWS = 2, HEADER = 20, OPTIONS_MOST = 40, PAYLOAD_MOST = 3000, LIE = 0x80 };

struct seen {
	bool lies; /* one was sent */
	uint64_t depth;
	uint64_t handed, gaps;
};

static volatile uint8_t looked;

static void look(const uint8_t *data, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		looked ^= data[i];
}

static uint8_t truth_at(uint32_t seq)
{
	return (uint8_t)((seq ^ seq >> 7) & 0x7f);
}

static void on_data(void *ctx, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, uint32_t len,
		    bool in_packet)
{
	struct seen *seen = ctx;
	const struct qw_tcp_end *end = &flow->tcp[direction];
	uint32_t seq = end->next - len;
	/* What reaches the depth is cut there, and `next` goes on. */
	bool cut = seen->depth && end->next - end->first - 1 >= seen->depth;
	for (uint32_t at = 0; at < len && !cut; at++) {
		bool exact = data[at] == truth_at(seq + at), lied = data[at] == (truth_at(seq + at) ^ LIE);
		if (!exact && !(lied && seen->lies))
			abort();
	}
	seen->handed += len;
}

static void on_gap(void *ctx, struct qw_flow *flow, enum qw_direction direction, uint32_t missing)
{
	((struct seen *)ctx)->gaps++;
	if (missing == 0)
		abort();
}

static void on_differs(void *ctx, struct qw_flow *flow, enum qw_direction direction, const struct qw_conflict *conflict)
{
	const struct seen *seen = ctx;
	look(conflict->taken, conflict->len);
	look(conflict->other, conflict->len);
	look(conflict->piece, conflict->piece_len);
	if (!seen->lies || conflict->len == 0 || memcmp(conflict->taken, conflict->other, conflict->len) == 0)
		abort();
}

static void on_closed(void *ctx, struct qw_flow *flow, enum qw_direction direction)
{
}

/* head: what, sequence, acknowledgement, window, length, times 8; bit 7 of what: direction, 6: the other flow. */
static void push(struct qw_streams *streams, struct qw_flow *flows, const struct qw_stream_sink *sink, const uint8_t *head,
		 struct qw_bytes options)
{
	static uint8_t payload[PAYLOAD_MOST];
	enum qw_direction direction = head[0] & 0x80 ? QW_TO_CLIENT : QW_TO_SERVER;
	struct qw_flow *flow = &flows[head[0] >> 6 & 1];
	uint32_t seq = (uint32_t)qw_be16(head + 1) - 200, len = qw_be16(head + 7) % PAYLOAD_MOST;
	bool syn = head[0] & QW_TCP_SYN, lie = head[9] & 1;
	for (uint32_t at = 0; at < len; at++)
		payload[at] = truth_at(seq + at + syn) ^ (lie ? LIE : 0);
	((struct seen *)sink->ctx)->lies |= lie;
	uint8_t *header = malloc(HEADER + options.left); /* of exactly its size */
	if (!header)
		abort();
	memset(header, 0, HEADER);
	memcpy(header + HEADER, options.at, options.left);
	struct qw_packet packet = {
	    .flags = QW_PACKET_IP | QW_PACKET_TRANSPORT,
	    .proto = QW_PROTO_TCP,
	    .tcp_flags = head[0] & 0x3f,
	    .tcp_seq = seq,
	    .tcp_ack = (uint32_t)qw_be16(head + 3) - 200,
	    .tcp_window = qw_be16(head + 5),
	    .transport = header,
	    .transport_len = HEADER + (uint32_t)options.left,
	    .payload = payload,
	    .payload_len = len,
	};
	flow->flags |= direction == QW_TO_SERVER ? QW_FLOW_SEEN_TO_SERVER : QW_FLOW_SEEN_TO_CLIENT;
	if (qw_stream_push(streams, flow, direction, &packet, sink) == QW_STREAM_AGAIN) {
		qw_stream_end(streams, flow, sink);
		*flow = (struct qw_flow){.key = flow->key, .flags = QW_FLOW_MIDSTREAM | QW_FLOW_SEEN_TO_SERVER};
		if (qw_stream_push(streams, flow, QW_TO_SERVER, &packet, sink) == QW_STREAM_AGAIN)
			abort();
	}
	(void)qw_stream_events(streams);
	free(header);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen seen = {0};
	const struct qw_stream_sink sink = {&seen, on_data, on_gap, on_differs, on_closed};
	struct qw_bytes in = qw_bytes(data, size), head, options;
	uint8_t how, options_len;
	if (!qw_bytes_u8(&in, &how))
		return 0;
	const struct qw_stream_options room = {
	    .bytes = (1u + (how & 7)) * 2048, .flow_bytes = (1u + (how >> 3 & 3)) * 2048, .depth = how & 0x40 ? 5000 : 0};
	seen.depth = room.depth;
	struct qw_flow flows[FLOWS];
	struct qw_streams *streams;
	struct qw_stream_counters counters;
	for (int i = 0; i < FLOWS; i++)
		flows[i] = (struct qw_flow){.key = {.proto = QW_PROTO_TCP}, .flags = how & 0x80 ? QW_FLOW_MIDSTREAM : 0};
	if (qw_streams_new(&streams, &room))
		return 0;
	while (qw_bytes_take(&in, 10, &head) && qw_bytes_u8(&in, &options_len)) {
		size_t len = options_len % (OPTIONS_MOST + 1);
		if (!qw_bytes_take(&in, len < in.left ? len : in.left, &options))
			break;
		push(streams, flows, &sink, head.at, options);
	}
	for (int i = 0; i < FLOWS; i++)
		qw_stream_end(streams, &flows[i], &sink);
	qw_stream_counters(streams, &counters);
	if (counters.held_bytes != 0 || counters.held_peak > room.bytes || counters.gaps != seen.gaps)
		abort();
	qw_streams_free(streams);
	return 0;
}
