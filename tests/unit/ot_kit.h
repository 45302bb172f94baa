/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ot_kit - plays a conversation of an industrial protocol and writes down what comes of it.
 *
 * Each message becomes a line: '>' or '<', its fields as name=value (numbers
 * in decimal, else hexadecimal), and the object `ot` of its event.
 */
#pragma once

#include "quaywatch/ot.h"
#include "quaywatch/rule_event.h"
#include "quaywatch/text.h"
#include "sensor/detect/record.h"
#include "sensor/export/eve.h"
#include "tests/unit/event_kit.h"
#include "tests/unit/protocol_kit.h"


enum { OT_LOG_MAX = 1 << 17 };

struct ot_kit {
	struct qw_flow flow;
	struct qw_parser_pool *pool;
	struct qw_text log;
	char memory[OT_LOG_MAX];
};

static inline void ot_put_field(struct qw_text *log, const struct qw_message *message, const struct qw_field *field)
{
	bool number = (const uint8_t *)message->number <= field->value.data &&
		      field->value.data < (const uint8_t *)(message->number + QW_NUMBERS_MAX);
	qw_text_format(log, " %s%s=", field->fresh ? "" : "-", qw_buffer_name((enum qw_buffer)field->buffer));
	if (number)
		qw_text_format(log, "%llu", (unsigned long long)*(const uint64_t *)(const void *)field->value.data);
	else
		qw_text_hex(log, field->value.data, field->value.len);
}

static inline void ot_put_fields(struct qw_text *log, const struct qw_message *message)
{
	for (uint16_t i = 0; i < message->count; i++)
		ot_put_field(log, message, &message->field[i]);
}

static inline void ot_put_event(struct qw_text *log, const struct qw_message *message)
{
	static struct kit_event event;
	static char line[1 << 15];
	struct qw_eve_parts parts;
	struct qw_text text;

	assert_int_equal(qw_record_type(message), QW_EVENT_OT);
	kit_begin(&event, QW_EVENT_OT);
	qw_record_message(&event.writer, message);
	qw_text_init(&text, line, sizeof(line));
	assert_int_equal(qw_eve_render(&text, event.memory, kit_size(&event), false, &parts), QW_OK);
	const char *ot = strstr(qw_text_string(&text), "\"ot\":");
	assert_non_null(ot);
	qw_text_format(log, " %.*s", (int)strlen(ot) - 1, ot);
}

static inline void ot_publish(void *ctx, struct qw_flow *flow, const struct qw_message *message)
{
	struct ot_kit *kit = ctx;

	qw_text_char(&kit->log, message->direction == QW_TO_SERVER ? '>' : '<');
	ot_put_fields(&kit->log, message);
	if (qw_message_is_told(message))
		ot_put_event(&kit->log, message);
	qw_text_char(&kit->log, '\n');
	assert_false(kit->log.cut);
}

static inline struct ot_kit *ot_open(uint8_t proto, uint16_t port, uint32_t wants)
{
	struct ot_kit *kit = calloc(1, sizeof(*kit));

	assert_non_null(kit);
	kit->flow.key.proto = proto;
	kit->flow.key.low_port = 40000;
	kit->flow.key.high_port = port;
	kit->flow.flags = QW_FLOW_CLIENT_IS_LOW;
	qw_text_init(&kit->log, kit->memory, sizeof(kit->memory));
	assert_int_equal(qw_parser_pool_new(&kit->pool, KIT_POOL_BYTES), QW_OK);
	qw_parser_pool_want_ot(kit->pool, wants);
	return kit;
}

/* Ends the conversation; every block must have come back.  How many requests stayed unanswered. */
static inline uint64_t ot_end(struct ot_kit *kit)
{
	struct qw_parser_counters counters;

	qw_parser_end(kit->pool, &kit->flow);
	qw_parser_counters(kit->pool, &counters);
	assert_int_equal(counters.in_use, 0);
	assert_int_equal(counters.bytes, 0);
	return counters.unanswered;
}

static inline void ot_close(struct ot_kit *kit)
{
	(void)ot_end(kit);
	qw_parser_pool_free(kit->pool);
	free(kit);
}

static inline void ot_feed(struct ot_kit *kit, enum qw_direction direction, const void *data, size_t len)
{
	const struct qw_message_sink sink = {kit, ot_publish};
	uint8_t *exact = malloc(len ? len : 1);

	assert_non_null(exact);
	memcpy(exact, data, len);
	qw_parser_choose(kit->pool, &kit->flow, direction, exact, len);
	qw_parser_feed(&kit->flow, direction, exact, len, &sink);
	free(exact);
}

#define OT_SEND(kit, bytes)  ot_feed(kit, QW_TO_SERVER, bytes, sizeof(bytes) - 1)
#define OT_REPLY(kit, bytes) ot_feed(kit, QW_TO_CLIENT, bytes, sizeof(bytes) - 1)

static inline void ot_play(struct ot_kit *kit, const struct kit_piece *pieces, size_t step)
{
	for (; pieces->data; pieces++)
		for (size_t done = 0, part; done < pieces->len; done += part) {
			part = step && step < pieces->len - done ? step : pieces->len - done;
			ot_feed(kit, pieces->direction, (const uint8_t *)pieces->data + done, part);
		}
}

/* Plays it whole; then cut at every place, in ones and in threes, which must say the same.  The caller closes it. */
static inline struct ot_kit *ot_play_all_ways(uint8_t proto, uint16_t port, const struct kit_piece *pieces)
{
	static const size_t steps[] = {1, 3, 7, 11};
	const uint32_t wants = QW_OT_WANT_FIELDS | QW_OT_WANT_EVENTS;
	struct ot_kit *kit = ot_open(proto, port, wants);

	ot_play(kit, pieces, 0);
	for (size_t i = 0; proto == QW_PROTO_TCP && i < sizeof(steps) / sizeof(*steps); i++) {
		struct ot_kit *cut = ot_open(proto, port, wants);
		ot_play(cut, pieces, steps[i]);
		assert_string_equal(qw_text_string(&cut->log), qw_text_string(&kit->log));
		ot_close(cut);
	}
	return kit;
}

/*
 * One piece, all ways: cut in two at every place it must say the same as whole;
 * and what comes of its beginning alone, however short, must be the beginning
 * of that.  The caller closes it.
 */
static inline struct ot_kit *ot_play_everywhere(uint16_t port, enum qw_direction direction, const void *data, size_t len)
{
	const uint32_t wants = QW_OT_WANT_FIELDS | QW_OT_WANT_EVENTS | QW_OT_WANT_VALUES;
	const uint8_t *bytes = data;
	struct ot_kit *whole = ot_open(QW_PROTO_TCP, port, wants);

	ot_feed(whole, direction, bytes, len);
	for (size_t at = 1; at < len; at++) {
		struct ot_kit *cut = ot_open(QW_PROTO_TCP, port, wants);
		ot_feed(cut, direction, bytes, at);
		assert_true(cut->log.len <= whole->log.len);
		assert_memory_equal(cut->log.at, whole->log.at, cut->log.len);
		ot_feed(cut, direction, bytes + at, len - at);
		assert_string_equal(qw_text_string(&cut->log), qw_text_string(&whole->log));
		ot_close(cut);
	}
	return whole;
}

/* How often was this event raised? */
static inline unsigned ot_raised(struct ot_kit *kit, enum qw_app_event event)
{
	char text[64];
	unsigned count = 0;

	snprintf(text, sizeof(text), " %s=%d", qw_buffer_name(QW_BUFFER_APP_EVENT), (int)event);
	size_t len = strlen(text);
	for (const char *at = qw_text_string(&kit->log); (at = strstr(at, text)); at += len)
		count += at[len] == ' ' || at[len] == '\n';
	return count;
}

/* Was it published? */
#define assert_ot_says(kit, text) assert_non_null(strstr(qw_text_string(&(kit)->log), text))
#define assert_ot_silent(kit, text) assert_null(strstr(qw_text_string(&(kit)->log), text))
