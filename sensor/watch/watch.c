/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/watch.h"

#include <stdlib.h>
#include <string.h>

#include "sensor/watch/watcher.h"

enum {
	TICK_S = 1,
	SAVE_S = 300, /* what would be lost if the machine stopped */
	WATCHERS_MAX = 32,
};

struct qw_watch {
	struct qw_watch_options options;
	struct qw_world *world;
	struct qw_time ticked, saved;
	size_t count; /* watchers that are made */
	void *state[WATCHERS_MAX];
};

static const struct qw_watcher_ops *ops_of(const struct qw_watch *watch, size_t number)
{
	return watch->options.watchers[number];
}

/* What watchers say gets its words too. */
static void emit(void *ctx, void *event, size_t size, size_t room)
{
	struct qw_watch *watch = ctx;

	size = qw_watch_dress(watch, event, size, room);
	watch->options.emit(watch->options.ctx, event, size);
}

static enum qw_err make_all(struct qw_watch *watch)
{
	enum qw_err err = QW_OK;

	while (err == QW_OK && ops_of(watch, watch->count)) {
		if (watch->count == WATCHERS_MAX)
			return QW_ELIMIT;
		err = ops_of(watch, watch->count)->make(&watch->state[watch->count], watch->world);
		watch->count += err == QW_OK;
	}
	return err;
}

static void free_all(struct qw_watch *watch)
{
	while (watch->count > 0) {
		watch->count--;
		ops_of(watch, watch->count)->free(watch->state[watch->count]);
	}
	qw_world_free(watch->world);
	free(watch);
}

enum qw_err qw_watch_new(struct qw_watch **out, const struct qw_watch_options *options)
{
	struct qw_watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return QW_ENOMEM;
	watch->options = *options;
	if (!watch->options.watchers)
		watch->options.watchers = qw_watchers;
	struct qw_world_options world = {.watch = &watch->options, .emit = emit, .ctx = watch};
	enum qw_err err = qw_world_new(&watch->world, &world);
	if (err == QW_OK)
		err = make_all(watch);
	if (err != QW_OK) {
		free_all(watch);
		return err;
	}
	*out = watch;
	return QW_OK;
}

enum qw_err qw_watch_check(const struct qw_watch_options *options)
{
	struct qw_watch *watch;
	enum qw_err err = qw_watch_new(&watch, options);

	if (err == QW_OK)
		free_all(watch);
	return err;
}

static void end_all(struct qw_watch *watch)
{
	for (size_t i = 0; i < watch->count; i++)
		if (ops_of(watch, i)->end)
			ops_of(watch, i)->end(watch->state[i]);
}

static void save_all(struct qw_watch *watch)
{
	for (size_t i = 0; i < watch->count; i++)
		if (ops_of(watch, i)->save)
			ops_of(watch, i)->save(watch->state[i]);
}

void qw_watch_free(struct qw_watch *watch)
{
	if (!watch)
		return;
	end_all(watch);
	save_all(watch);
	free_all(watch);
}

/* True: so many seconds went by since *last, which is now; or time was set back. */
static bool is_due(struct qw_time *last, struct qw_time now, int64_t seconds)
{
	if (!qw_time_before(now, *last) && qw_time_before(now, qw_time_add(*last, qw_time_seconds(seconds))))
		return false;
	*last = now;
	return true;
}

static void tick_all(struct qw_watch *watch, struct qw_time now)
{
	for (size_t i = 0; i < watch->count; i++)
		if (ops_of(watch, i)->tick)
			ops_of(watch, i)->tick(watch->state[i], now);
}

static void advance(struct qw_watch *watch, struct qw_time time)
{
	qw_world_advance(watch->world, time);
	struct qw_time now = qw_world_now(watch->world);
	if (is_due(&watch->ticked, now, TICK_S))
		tick_all(watch, now);
	if (watch->saved.ns == 0)
		watch->saved = now;
	if (is_due(&watch->saved, now, SAVE_S))
		save_all(watch);
}

/* A flow's end is told when nothing came for long, and has the time of what came last. */
static bool is_late(const struct qw_watch *watch, const struct qw_seen *seen)
{
	return seen->flow.ends && qw_time_before(seen->time, qw_world_now(watch->world));
}

bool qw_watch_event(struct qw_watch *watch, const void *event, size_t size)
{
	struct qw_seen seen;

	if (qw_seen_read(&seen, event, size) != QW_OK) {
		qw_world_counters(watch->world)->damaged++;
		return true; /* who writes it down finds that too */
	}
	qw_world_counters(watch->world)->events++;
	if (!watch->options.live && !is_late(watch, &seen))
		advance(watch, seen.time);
	if (watch->options.seen)
		watch->options.seen(watch->options.ctx, &seen);
	qw_world_see(watch->world, &seen);
	for (size_t i = 0; i < watch->count; i++)
		ops_of(watch, i)->seen(watch->state[i], &seen);
	return !seen.watch_only;
}

size_t qw_watch_dress(struct qw_watch *watch, void *event, size_t size, size_t room)
{
	for (size_t i = 0; i < watch->count; i++)
		if (ops_of(watch, i)->dress)
			size = ops_of(watch, i)->dress(watch->state[i], event, size, room);
	return size;
}

/* ---- what people ask */

size_t qw_watch_commands(const struct qw_watch *watch, struct qw_command_part *part, size_t max)
{
	size_t parts = 0;

	for (size_t i = 0; i < watch->count && parts < max; i++)
		if (ops_of(watch, i)->command_count)
			part[parts++] = (struct qw_command_part){ops_of(watch, i)->commands, ops_of(watch, i)->command_count, watch->state[i]};
	return parts;
}

void qw_watch_tick(struct qw_watch *watch, struct qw_time now, uint64_t lost)
{
	qw_world_lost(watch->world, lost);
	advance(watch, now);
}

struct qw_watch_counters qw_watch_counters(const struct qw_watch *watch)
{
	return *qw_world_counters(watch->world);
}
