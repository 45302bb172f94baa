/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_kit - rules from a text, and what the whole engine says of a forged capture.
 *
 *	struct room room;
 *	room_open(&room, "alert tcp any any -> any any (content:\"evil\"; sid:1;)");
 *	room_begin(&room);
 *	forge_talk_text(…, &room.capture …);
 *	room_run(&room);
 *	assert_int_equal(room_alerts(&room, 1), 1);
 *	room_close(&room);
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sensor/detect/alarm.h"
#include "sensor/run/engine.h"
#include "sensor/run/rulebook.h"
#include "sensor/run/settings.h"
#include "tests/forge/bytes.h"
#include "tests/forge/forge.h"

enum { ROOM_SIDS = 16, ROOM_INDICATORS = 0, PCAP_HEAD = 24, PCAP_RECORD = 16, LINK_ETHERNET = 1 };

#define ROOM_CLIENT "192.168.1.10"
#define ROOM_SERVER "10.1.1.1"

struct room {
	struct qw_setting settings[QW_CFG_COUNT];
	struct qw_config *config;
	struct qw_diags diags;
	struct qw_rulebook *book;
	struct qw_ruleset ruleset;
	struct forge_capture capture;
	struct qw_engine_stats stats;
	uint64_t alerts[ROOM_SIDS];  /* by sid; [ROOM_INDICATORS]: of indicators */
	uint64_t records[ROOM_SIDS]; /* events that say so */
	uint64_t alarms;             /* alerts of the engine's own */
	uint64_t told[QW_ALARM_COUNT]; /* … records of each */
};

static inline void room_set(struct room *room, const char *assignment)
{
	assert_int_equal(qw_config_set(room->config, assignment, &room->diags), QW_OK);
}

static inline void room_prepare(struct room *room, const char *rules)
{
	memset(room, 0, sizeof(*room));
	qw_diags_init(&room->diags);
	qw_sensor_settings(room->settings, false);
	assert_int_equal(qw_config_new(&room->config, room->settings, QW_CFG_COUNT), QW_OK);
	room_set(room, "flow.count=1024");
	assert_int_equal(qw_rulebook_new(&room->book, room->config, &room->diags), QW_OK);
	assert_int_equal(qw_rulebook_add_signature(room->book, "t.rules", rules, strlen(rules)), QW_OK);
	assert_int_equal(room->diags.errors, 0);
}

static inline void room_indicate(struct room *room, enum qw_observable_type type, const char *text)
{
	struct qw_indicator indicator;

	qw_indicator_init(&indicator);
	assert_int_equal(qw_observable_parse(&indicator.observable, type, text, strlen(text), NULL), QW_OK);
	assert_int_equal(qw_rulebook_add_indicator(room->book, &indicator), QW_OK);
}

static inline void room_compile(struct room *room)
{
	struct qw_ruleset_images images;

	assert_int_equal(qw_rulebook_finish(room->book, &images), QW_OK);
	assert_int_equal(qw_signatures_open(&room->ruleset.signatures, images.signatures), QW_OK);
	assert_int_equal(qw_indicators_open(&room->ruleset.indicators, &images.indicators), QW_OK);
	room->ruleset.generation = 1;
	qw_ruleset_images_close(&images);
}

static inline void room_open(struct room *room, const char *rules)
{
	room_prepare(room, rules);
	room_compile(room);
}

static inline void room_close(struct room *room)
{
	forge_capture_fini(&room->capture);
	qw_signatures_close(room->ruleset.signatures);
	qw_indicators_close(room->ruleset.indicators);
	qw_rulebook_free(room->book);
	qw_config_free(room->config);
	qw_diags_fini(&room->diags);
}

/* An empty capture, in place of the last. */
static inline void room_begin(struct room *room)
{
	forge_capture_fini(&room->capture);
	forge_capture_init(&room->capture, (struct forge_format){.big_endian = true, .link = LINK_ETHERNET});
}

static inline void room_emit(void *ctx, const struct qw_event *event, size_t size)
{
	struct room *room = ctx;
	struct qw_event_reader reader;
	enum qw_event_key key;
	const uint8_t *data;
	uint64_t number[QW_KEY_COUNT] = {0};
	size_t len;

	assert_int_equal(qw_event_open(&reader, event, size, &event), QW_OK);
	while (qw_event_next(&reader, &key, &data, &len))
		if (len == sizeof(uint64_t))
			memcpy(&number[key], data, len);
	if (number[QW_KEY_ALERT_GID] == 4) {
		room->alarms += number[QW_KEY_COUNT_ADDED];
		room->told[number[QW_KEY_ALERT_SIGNATURE_ID] - 1]++;
		return;
	}
	size_t sid = number[QW_KEY_ALERT_GID] == 2 ? ROOM_INDICATORS : number[QW_KEY_ALERT_SIGNATURE_ID];
	assert_true(event->type == QW_EVENT_ALERT && sid < ROOM_SIDS);
	room->alerts[sid] += number[QW_KEY_COUNT_ADDED];
	room->records[sid]++;
}

static inline const char *room_interface(void *ctx, uint16_t number)
{
	return "forge";
}

static inline uint32_t room_be32(const uint8_t *at)
{
	return (uint32_t)forge_get16(at) << 16 | forge_get16(at + 2);
}

static inline void room_feed(const struct room *room, struct qw_engine *engine)
{
	const uint8_t *at = room->capture.data + PCAP_HEAD, *end = room->capture.data + room->capture.len;

	for (uint32_t len; at < end; at += PCAP_RECORD + len) {
		len = room_be32(at + 8);
		struct qw_frame frame = {
		    .data = at + PCAP_RECORD,
		    .len = len,
		    .wire_len = room_be32(at + 12),
		    .time = {room_be32(at) * QW_NS_PER_S + room_be32(at + 4) * INT64_C(1000)},
		    .link = LINK_ETHERNET,
		};
		qw_engine_frames(engine, &frame, 1);
	}
}

static inline uint64_t room_dropped(const struct room *room)
{
	uint64_t sum = 0;

	for (int i = 0; i < QW_DROP_COUNT; i++)
		sum += room->stats.drops[i];
	return sum;
}

/* The capture goes through a fresh engine; every packet must be accounted for. */
static inline void room_run(struct room *room)
{
	struct qw_engine_options options = {
	    .config = room->config, .interface = room_interface, .emit = room_emit, .emit_ctx = room};
	struct qw_engine *engine;

	memset(room->alerts, 0, sizeof(room->alerts));
	memset(room->records, 0, sizeof(room->records));
	memset(room->told, 0, sizeof(room->told));
	room->alarms = 0;
	assert_int_equal(qw_engine_new(&engine, &options), QW_OK);
	qw_engine_adopt(engine, &room->ruleset);
	room_feed(room, engine);
	qw_engine_finish(engine);
	qw_engine_stats(engine, &room->stats);
	qw_engine_free(engine);
	assert_int_equal(room->stats.packets, room->capture.packets);
	assert_int_equal(room->stats.packets, room->stats.inspected + room_dropped(room));
}

static inline struct forge_talk room_talk(struct room *room)
{
	struct forge_talk talk;

	forge_talk_init(&talk, &room->capture, ROOM_CLIENT, 40000, ROOM_SERVER, 9000);
	forge_talk_open(&talk);
	return talk;
}
