/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protocol_kit - drives a parser through the pool and writes down what it publishes.
 *
 * Every conversation is played whole and cut at every byte; what comes out
 * must be the same.  Messages become lines of text:
 *
 *	> 1 dns.query=example.com (name)
 *
 * direction, transaction, then each fresh field; bodies count as their last value.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "quaywatch/packet.h"
#include "sensor/protocol/parser.h"

enum { KIT_LOG_MAX = 1 << 16, KIT_FIELDS = 512, KIT_POOL_BYTES = 4 << 20 };

/* One piece of a conversation; a list of them ends with data NULL. */
struct kit_piece {
	enum qw_direction direction;
	const void *data;
	size_t len;
};

#define KIT_SEND(text)  {QW_TO_SERVER, text, sizeof(text) - 1}
#define KIT_REPLY(text) {QW_TO_CLIENT, text, sizeof(text) - 1}

/* A field as it was last seen in its transaction. */
struct kit_field {
	uint64_t transaction;
	enum qw_direction direction;
	uint8_t buffer, sight;
	size_t len;
	uint8_t *value;
};

struct kit {
	struct qw_flow flow;
	struct qw_parser_pool *pool;
	struct kit_field field[KIT_FIELDS];
	size_t fields, messages, last;
	size_t details; /* that make an event */
};

static inline bool kit_grows(enum qw_buffer buffer)
{
	return buffer == QW_BUFFER_FILE_DATA || buffer == QW_BUFFER_HTTP_REQUEST_BODY ||
	       buffer == QW_BUFFER_HTTP_RESPONSE_BODY || buffer == QW_BUFFER_FILE_SEEN;
}

/* A body that grew takes the place of its earlier part. */
static inline struct kit_field *kit_place(struct kit *kit, const struct qw_message *message, const struct qw_field *field)
{
	for (size_t i = 0; kit_grows(field->buffer) && i < kit->fields; i++) {
		struct kit_field *old = &kit->field[i];
		if (old->transaction == message->transaction && old->direction == message->direction &&
		    old->buffer == field->buffer && old->len <= field->value.len &&
		    (field->buffer == QW_BUFFER_FILE_SEEN || memcmp(old->value, field->value.data, old->len) == 0)) {
			free(old->value);
			return old;
		}
	}
	assert_true(kit->fields < KIT_FIELDS);
	return &kit->field[kit->fields++];
}

static inline void kit_publish(void *ctx, struct qw_flow *flow, const struct qw_message *message)
{
	struct kit *kit = ctx;
	assert_true(message->count <= QW_FIELDS_MAX);
	kit->messages++;
	kit->last += message->last;
	kit->details += message->last && qw_message_is_told(message);
	for (uint16_t i = 0; i < message->count; i++) {
		const struct qw_field *field = &message->field[i];
		if (!field->fresh)
			continue;
		struct kit_field *place = kit_place(kit, message, field);
		*place = (struct kit_field){message->transaction, message->direction, field->buffer, field->sight,
					    field->value.len, malloc(field->value.len + 1)};
		memcpy(place->value, field->value.data, field->value.len);
		place->value[field->value.len] = 0;
	}
}

static inline void kit_open(struct kit *kit, uint8_t proto, uint16_t port)
{
	memset(kit, 0, sizeof(*kit));
	kit->flow.key.proto = proto;
	kit->flow.key.low_port = 40000;
	kit->flow.key.high_port = port;
	kit->flow.flags = QW_FLOW_CLIENT_IS_LOW;
	assert_int_equal(qw_parser_pool_new(&kit->pool, KIT_POOL_BYTES), QW_OK);
}

/* Every block must have come back. */
static inline void kit_close(struct kit *kit)
{
	struct qw_parser_counters counters;
	qw_parser_end(kit->pool, &kit->flow);
	qw_parser_counters(kit->pool, &counters);
	assert_int_equal(counters.in_use, 0);
	assert_int_equal(counters.bytes, 0);
	qw_parser_pool_free(kit->pool);
	for (size_t i = 0; i < kit->fields; i++)
		free(kit->field[i].value);
}

/* The bytes lie in memory of exactly their size, so that a sanitizer sees a read beyond. */
static inline void kit_feed(struct kit *kit, enum qw_direction direction, const void *data, size_t len)
{
	const struct qw_message_sink sink = {kit, kit_publish};
	uint8_t *exact = malloc(len ? len : 1);
	assert_non_null(exact);
	memcpy(exact, data, len);
	qw_parser_choose(kit->pool, &kit->flow, direction, exact, len);
	qw_parser_feed(&kit->flow, direction, exact, len, &sink);
	free(exact);
}

static inline void kit_end(struct kit *kit)
{
	const struct qw_message_sink sink = {kit, kit_publish};
	qw_parser_close(kit->pool, &kit->flow, QW_TO_SERVER, &sink);
	qw_parser_close(kit->pool, &kit->flow, QW_TO_CLIENT, &sink);
}

/* step: bytes fed at once; 0: each piece whole. */
static inline void kit_play(struct kit *kit, const struct kit_piece *pieces, size_t step)
{
	for (; pieces->data; pieces++) {
		const uint8_t *at = pieces->data;
		for (size_t done = 0; done < pieces->len;) {
			size_t part = step && step < pieces->len - done ? step : pieces->len - done;
			kit_feed(kit, pieces->direction, at + done, part);
			done += part;
		}
	}
	kit_end(kit);
}

/* The n-th (from 0) fresh field of that buffer, as text; NULL: none. */
static inline const char *kit_nth(const struct kit *kit, enum qw_buffer buffer, size_t n)
{
	for (size_t i = 0; i < kit->fields; i++) {
		if (kit->field[i].buffer == buffer && n-- == 0)
			return (const char *)kit->field[i].value;
	}
	return NULL;
}

static inline const char *kit_text(const struct kit *kit, enum qw_buffer buffer)
{
	return kit_nth(kit, buffer, 0);
}

/* The n-th fresh number of that buffer; there must be one. */
static inline uint64_t kit_number(const struct kit *kit, enum qw_buffer buffer, size_t n)
{
	const char *value = kit_nth(kit, buffer, n);
	uint64_t number;
	assert_non_null(value);
	memcpy(&number, value, sizeof(number));
	return number;
}

/* Was this value published for indicators? */
static inline bool kit_sighted(const struct kit *kit, enum qw_sight sight, const void *value, size_t len)
{
	for (size_t i = 0; i < kit->fields; i++) {
		const struct kit_field *field = &kit->field[i];
		if (field->sight == sight && field->len == len && memcmp(field->value, value, len) == 0)
			return true;
	}
	return false;
}

#define assert_sighted(kit, sight, text) assert_true(kit_sighted(kit, sight, text, strlen(text)))

static inline void kit_assert_same(const struct kit *a, const struct kit *b)
{
	assert_int_equal(a->fields, b->fields);
	for (size_t i = 0; i < a->fields; i++) {
		assert_int_equal(a->field[i].transaction, b->field[i].transaction);
		assert_int_equal(a->field[i].direction, b->field[i].direction);
		assert_int_equal(a->field[i].buffer, b->field[i].buffer);
		assert_int_equal(a->field[i].sight, b->field[i].sight);
		assert_int_equal(a->field[i].len, b->field[i].len);
		assert_memory_equal(a->field[i].value, b->field[i].value, a->field[i].len);
	}
	assert_int_equal(a->details, b->details);
	assert_int_equal(a->last, b->last);
}

/* Plays it whole into *kit (the caller looks at it and closes it), then byte by byte and in threes, which must be the same. */
static inline void kit_play_all_ways(struct kit *kit, uint8_t proto, uint16_t port, const struct kit_piece *pieces)
{
	static const size_t steps[] = {1, 3, 7};
	kit_open(kit, proto, port);
	kit_play(kit, pieces, 0);
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		struct kit *cut = malloc(sizeof(*cut));
		assert_non_null(cut);
		kit_open(cut, proto, port);
		kit_play(cut, pieces, steps[i]);
		kit_assert_same(kit, cut);
		kit_close(cut);
		free(cut);
	}
}
