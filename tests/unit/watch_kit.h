/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch_kit - one watcher in a world in memory: what it is shown is made by hand, what it tells is collected.
 *
 *	struct watch_kit kit;
 *	watch_kit_start(&kit, &qw_scans, "watch = { again = 60; };");
 *	watch_kit_flow(&kit, "10.0.0.1", "10.0.0.2", 502, "modbus");
 *	assert_int_equal(watch_kit_told(&kit, QW_FINDING_SCANS), 1);
 *	watch_kit_stop(&kit);
 *
 * Time stands still until watch_kit_pass.
 */
#pragma once

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sensor/watch/watcher.h"

enum { WATCH_KIT_TIME_S = 1700000000, WATCH_KIT_TOLD = 256, WATCH_KIT_CLIENT_PORT = 40000 };

struct watch_kit_told {
	uint32_t gid, sid;
	uint64_t count;
	struct qw_seen_end src, dst;
	struct qw_time time;
	char signature[128], text[512];
};

struct watch_kit {
	struct qw_config *config;
	struct qw_world *world;
	const struct qw_watcher_ops *ops;
	void *state;
	struct qw_watch_options watch; /* may be set beforehand: state_folder, types, live, variable */
	struct qw_time now;
	struct watch_kit_told told[WATCH_KIT_TOLD]; /* alerts */
	size_t told_count;
	uint64_t flows;
	uint64_t events[QW_EVENT_COUNT]; /* emitted, by type */
	alignas(8) uint8_t last[QW_EVENT_MAX]; /* the event emitted last */
	size_t last_size;
};

static inline struct qw_slice watch_kit_slice(const char *text)
{
	return qw_slice_text(text);
}

/* ---- what it tells */

static inline void watch_kit_copy(char *out, size_t size, const uint8_t *data, size_t len)
{
	snprintf(out, size, "%.*s", (int)len, (const char *)data);
}

static inline void watch_kit_take_alert(struct watch_kit *kit, const void *event, size_t size)
{
	struct qw_event_reader reader;
	const struct qw_event *head;
	struct qw_seen seen;
	enum qw_event_key key;
	const uint8_t *data;
	size_t len;

	assert_true(kit->told_count < WATCH_KIT_TOLD);
	struct watch_kit_told *told = &kit->told[kit->told_count++];
	assert_int_equal(qw_seen_read(&seen, event, size), QW_OK);
	*told = (struct watch_kit_told){seen.gid, seen.sid, 0, seen.src, seen.dst, seen.time, "", ""};
	watch_kit_copy(told->signature, sizeof(told->signature), seen.signature.data, seen.signature.len);
	assert_int_equal(qw_event_open(&reader, event, size, &head), QW_OK);
	while (qw_event_next(&reader, &key, &data, &len)) {
		if (key == QW_KEY_TEXT)
			watch_kit_copy(told->text, sizeof(told->text), data, len);
		if (key == QW_KEY_COUNT_ADDED)
			memcpy(&told->count, data, sizeof(told->count));
	}
}

static inline void watch_kit_emit(void *ctx, const struct qw_event *event, size_t size)
{
	struct watch_kit *kit = ctx;

	kit->events[event->type]++;
	memcpy(kit->last, event, size);
	kit->last_size = size;
	if (event->type == QW_EVENT_ALERT)
		watch_kit_take_alert(kit, event, size);
}

static inline void watch_kit_emit_own(void *ctx, void *event, size_t size, size_t room)
{
	assert_true(size <= room);
	watch_kit_emit(ctx, event, size);
}

/* How many alerts of this sid there were so far. */
static inline unsigned watch_kit_told(const struct watch_kit *kit, uint32_t sid)
{
	unsigned count = 0;

	for (size_t i = 0; i < kit->told_count; i++)
		count += kit->told[i].sid == sid;
	return count;
}

/* The last alert of this sid; NULL: none. */
static inline const struct watch_kit_told *watch_kit_last(const struct watch_kit *kit, uint32_t sid)
{
	for (size_t i = kit->told_count; i-- > 0;)
		if (kit->told[i].sid == sid)
			return &kit->told[i];
	return NULL;
}

/* ---- life */

/* config: libconfig's language, keys of watch only. */
static inline enum qw_err watch_kit_make(struct watch_kit *kit, const struct qw_watcher_ops *ops, const char *config)
{
	struct qw_diags diags;

	kit->ops = ops;
	kit->now = qw_time_seconds(WATCH_KIT_TIME_S);
	qw_diags_init(&diags);
	assert_int_equal(qw_config_new(&kit->config, qw_watch_settings, QW_WATCH_KEYS), QW_OK);
	enum qw_err err = qw_config_read(kit->config, "test.conf", config, &diags);
	qw_diags_print(&diags, stderr);
	qw_diags_fini(&diags);
	assert_int_equal(err, QW_OK);
	kit->watch.config = kit->config;
	kit->watch.emit = watch_kit_emit;
	kit->watch.ctx = kit;
	struct qw_world_options world = {.watch = &kit->watch, .emit = watch_kit_emit_own, .ctx = kit};
	assert_int_equal(qw_world_new(&kit->world, &world), QW_OK);
	qw_world_advance(kit->world, kit->now);
	return ops ? ops->make(&kit->state, kit->world) : QW_OK;
}

/* As watch_kit_make, of a kit that nothing was set in beforehand. */
static inline void watch_kit_start(struct watch_kit *kit, const struct qw_watcher_ops *ops, const char *config)
{
	memset(kit, 0, sizeof(*kit));
	assert_int_equal(watch_kit_make(kit, ops, config), QW_OK);
}

static inline void watch_kit_stop(struct watch_kit *kit)
{
	if (kit->state && kit->ops->save)
		kit->ops->save(kit->state);
	if (kit->state)
		kit->ops->free(kit->state);
	qw_world_free(kit->world);
	qw_config_free(kit->config);
}

/* ---- what it is shown */

/* Time goes on, second by second. */
static inline void watch_kit_pass(struct watch_kit *kit, double seconds)
{
	struct qw_time until = qw_time_add(kit->now, qw_time_ns((int64_t)(seconds * 1e9)));

	while (qw_time_before(kit->now, until)) {
		struct qw_time next = qw_time_add(kit->now, qw_time_seconds(1));
		kit->now = qw_time_before(until, next) ? until : next;
		qw_world_advance(kit->world, kit->now);
		if (kit->ops && kit->ops->tick)
			kit->ops->tick(kit->state, kit->now);
	}
}

static inline void watch_kit_show(struct watch_kit *kit, const struct qw_seen *seen)
{
	struct qw_seen own = *seen;

	qw_world_see(kit->world, &own);
	kit->ops->seen(kit->state, &own);
}

static inline struct qw_seen_end watch_kit_end(const char *address, uint16_t port)
{
	struct qw_seen_end end = {.known = address != NULL, .port = port};

	if (address)
		assert_true(qw_address_parse(address, strlen(address), &end.address));
	return end;
}

/* From client to server, now. */
static inline struct qw_seen watch_kit_seen(struct watch_kit *kit, enum qw_event_type type, const char *client,
					    const char *server, uint16_t port, const char *app)
{
	struct qw_seen seen;

	qw_seen_init(&seen);
	seen.type = type;
	seen.time = kit->now;
	seen.src = watch_kit_end(client, WATCH_KIT_CLIENT_PORT);
	seen.dst = watch_kit_end(server, port);
	seen.proto = 6;
	seen.flow_id = ++kit->flows;
	seen.app = watch_kit_slice(app);
	return seen;
}

/* A conversation that begins; its number, for watch_kit_flow_ends. */
static inline struct qw_seen watch_kit_flow_begins(struct watch_kit *kit, const char *client, const char *server,
						   uint16_t port, const char *app)
{
	struct qw_seen seen = watch_kit_seen(kit, QW_EVENT_FLOW, client, server, port, app);

	seen.flow.begins = true;
	seen.flow.start = kit->now;
	seen.flow.packets[0] = seen.flow.packets[1] = 1;
	seen.flow.bytes[0] = seen.flow.bytes[1] = 64;
	seen.flow.state = watch_kit_slice("established");
	return seen;
}

static inline void watch_kit_flow(struct watch_kit *kit, const char *client, const char *server, uint16_t port,
				  const char *app)
{
	struct qw_seen seen = watch_kit_flow_begins(kit, client, server, port, app);

	watch_kit_show(kit, &seen);
}

/* The same flow ends now, after so many bytes to the server and to the client. */
static inline void watch_kit_flow_ends(struct watch_kit *kit, const struct qw_seen *begun, uint64_t to_server,
				       uint64_t to_client)
{
	struct qw_seen seen = *begun;

	seen.time = kit->now;
	seen.flow.begins = false;
	seen.flow.ends = true;
	seen.flow.bytes[0] = to_server;
	seen.flow.bytes[1] = to_client;
	seen.flow.packets[0] = to_server / 1000 + 1;
	seen.flow.packets[1] = to_client / 1000 + 1;
	seen.flow.state = watch_kit_slice("closed");
	watch_kit_show(kit, &seen);
}

/* A request of this protocol; more of it (unit, address, response …) is set by the caller, who then shows it. */
static inline struct qw_seen watch_kit_ot(struct watch_kit *kit, const char *client, const char *server, uint16_t port,
					  const char *protocol, int64_t function)
{
	struct qw_seen seen = watch_kit_seen(kit, QW_EVENT_OT, client, server, port, protocol);

	seen.ot.protocol = watch_kit_slice(protocol);
	seen.ot.function = function;
	return seen;
}

/* Makes it a telling of what came so often since the last one; count 0: the first. */
static inline void watch_kit_repeats(struct qw_seen *seen, uint64_t print, uint64_t count, double shortest, double longest)
{
	seen->print = print;
	seen->repeats = count;
	seen->shortest = qw_time_ns((int64_t)(shortest * 1e9));
	seen->longest = qw_time_ns((int64_t)(longest * 1e9));
	seen->since = qw_time_seconds(60);
}

/* What was told under this print came steadily, and did not for so many seconds. */
static inline void watch_kit_silent(struct watch_kit *kit, uint64_t print, double seconds)
{
	struct qw_seen seen;

	qw_seen_init(&seen);
	seen.type = QW_EVENT_OT;
	seen.time = kit->now;
	seen.watch_only = true;
	seen.print = print;
	seen.silent = qw_time_ns((int64_t)(seconds * 1e9));
	watch_kit_show(kit, &seen);
}

/* A position report, in degrees and knots. */
static inline struct qw_seen watch_kit_position(struct watch_kit *kit, const char *talker_address, const char *talker,
						double latitude, double longitude, double knots, double course)
{
	struct qw_seen seen = watch_kit_ot(kit, talker_address, "239.192.0.4", 60004, "nmea", QW_SEEN_NO_NUMBER);

	seen.proto = 17;
	seen.ot.kind = watch_kit_slice("RMC");
	seen.ot.talker = watch_kit_slice(talker);
	seen.ot.formatter = watch_kit_slice("RMC");
	seen.ot.has_position = true;
	seen.ot.latitude = (int32_t)(latitude * 1e7);
	seen.ot.longitude = (int32_t)(longitude * 1e7);
	seen.ot.speed = (int32_t)(knots * 10);
	seen.ot.course = (int32_t)(course * 10);
	return seen;
}
