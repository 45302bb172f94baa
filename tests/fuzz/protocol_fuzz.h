/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protocol_fuzz - plays an input to one parser as a conversation.
 *
 * The input is a list of pieces: two bytes (0x8000: from the server, 0x4000:
 * a gap of that length, the rest a length), then as many bytes.  Streams are cut again at
 * points that the input decides.  Whatever is published is read to the last byte, and its event written.
 */
#pragma once

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "quaywatch/packet.h"
#include "sensor/detect/record.h"
#include "sensor/protocol/parser.h"
#include "sensor/protocol/repeat.h"

enum { FUZZ_POOL_BYTES = 2 << 20 };

static volatile uint8_t fuzz_seen;
static _Alignas(8) uint8_t fuzz_event[QW_EVENT_MAX];

static inline void fuzz_look(struct qw_slice slice)
{
	uint8_t sum = 0;
	for (size_t i = 0; i < slice.len; i++)
		sum ^= slice.data[i];
	fuzz_seen = sum;
}

static struct qw_repeat *fuzz_repeat; /* made once: it is large */

static inline bool fuzz_again(void *ctx, const struct qw_flow *flow, const uint64_t *prints, unsigned count)
{
	return count < 3 || prints[2] % 2;
}

/* A fresh start for each input. */
static inline void fuzz_forget(void)
{
	const struct qw_repeat_options options = {.again = fuzz_again};

	if (!fuzz_repeat && qw_repeat_new(&fuzz_repeat, &options) != QW_OK)
		abort();
	qw_repeat_forget(fuzz_repeat, false);
}

static inline void fuzz_publish(void *ctx, struct qw_flow *flow, const struct qw_message *message)
{
	if (message->count > QW_FIELDS_MAX || message->transaction == 0)
		abort();
	for (uint16_t i = 0; i < message->count; i++)
		fuzz_look(message->field[i].value);
	if (fuzz_repeat)
		qw_repeat_quiet(fuzz_repeat, message->gist[1], 0);
	if (qw_record_type(message) != QW_EVENT_COUNT) {
		struct qw_event_writer writer;
		qw_event_begin(&writer, fuzz_event, sizeof(fuzz_event), qw_record_type(message), qw_time_ns(0));
		qw_record_message(&writer, message);
	}
}

/* The bytes lie in memory of exactly their size. */
static inline void fuzz_feed(struct qw_parser_pool *pool, struct qw_flow *flow, enum qw_direction direction,
			     const uint8_t *data, size_t len)
{
	const struct qw_message_sink sink = {NULL, fuzz_publish, fuzz_repeat};
	uint8_t *exact = malloc(len ? len : 1);
	if (!exact)
		abort();
	memcpy(exact, data, len);
	qw_parser_choose(pool, flow, direction, exact, len);
	qw_parser_feed(flow, direction, exact, len, &sink);
	free(exact);
}

static inline void fuzz_piece(struct qw_parser_pool *pool, struct qw_flow *flow, enum qw_direction direction,
			      const uint8_t *data, size_t len)
{
	uint32_t seed = (uint32_t)len * 2654435761u + 1;
	while (len) {
		seed = seed * 1664525 + 1013904223;
		size_t part = flow->key.proto == QW_PROTO_UDP ? len : 1 + (seed >> 20) % len;
		fuzz_feed(pool, flow, direction, data, part);
		data += part;
		len -= part;
	}
}

static inline void fuzz_conversation(const uint8_t *data, size_t size, enum qw_app app, uint8_t proto, uint16_t port)
{
	fuzz_forget();
	const struct qw_message_sink sink = {NULL, fuzz_publish, fuzz_repeat};
	struct qw_bytes in = qw_bytes(data, size), piece;
	struct qw_flow flow = {.app = (uint8_t)app};
	struct qw_parser_pool *pool;
	struct qw_parser_counters counters;
	uint16_t head;

	flow.key.proto = proto;
	flow.key.low_port = 40000;
	flow.key.high_port = port;
	flow.flags = QW_FLOW_CLIENT_IS_LOW;
	if (qw_parser_pool_new(&pool, FUZZ_POOL_BYTES) != QW_OK)
		abort();
	qw_parser_pool_want_ot(pool, QW_OT_WANT_FIELDS | QW_OT_WANT_EVENTS | QW_OT_WANT_WATCH | QW_OT_WANT_VALUES);
	while (qw_bytes_be16(&in, &head)) {
		enum qw_direction direction = head & 0x8000 ? QW_TO_CLIENT : QW_TO_SERVER;
		size_t len = head & 0x3fff;
		if (head & 0x4000) {
			qw_parser_gap(pool, &flow, direction, (uint32_t)len + 1, &sink);
			continue;
		}
		if (!qw_bytes_take(&in, len < in.left ? len : in.left, &piece))
			break;
		fuzz_piece(pool, &flow, direction, piece.at, piece.left);
	}
	qw_parser_close(pool, &flow, QW_TO_SERVER, &sink);
	qw_parser_close(pool, &flow, QW_TO_CLIENT, &sink);
	qw_parser_end(pool, &flow);
	qw_parser_counters(pool, &counters);
	if (counters.in_use || counters.bytes)
		abort();
	qw_parser_pool_free(pool);
}
