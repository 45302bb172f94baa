/* SPDX-License-Identifier: Apache-2.0 */
/* windows - the maintenance windows of the configuration, for whoever asks the world. */
#include "sensor/watch/normal/window.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "quaywatch/log.h"

struct windows {
	struct qw_world *world;
	size_t count;
	struct qw_window window[QW_WINDOWS_MAX];
};

/* ---- the zone */

static bool is_zone(const char *name)
{
	char path[256];

	if (name[0] == '/' || name[0] == '.' || strstr(name, "..") || strlen(name) > 64)
		return false;
	snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name);
	return access(path, R_OK) == 0;
}

static enum qw_err set_zone(const char *name)
{
	if (name[0] == '\0') {
		tzset();
		return QW_OK;
	}
	if (!is_zone(name)) {
		qw_log(QW_LOG_ERROR, "WATCH-ZONE",
		       "watch.zone: \"%s\": there is no such time zone in /usr/share/zoneinfo (package tzdata); write one as in \"Europe/Berlin\", or nothing for the machine's own",
		       name);
		return QW_EFORMAT;
	}
	if (setenv("TZ", name, 1) != 0)
		return QW_ENOMEM;
	tzset();
	return QW_OK;
}

/* ---- the windows */

static enum qw_err read_windows(struct windows *state)
{
	const char *const *items, *why = "no more than 256 are taken; join those at the same time, with commas between networks";
	size_t count = qw_world_list(state->world, QW_WATCH_MAINTENANCE, &items);

	for (size_t i = 0; i < count; i++) {
		enum qw_err err = QW_ELIMIT;
		if (i < QW_WINDOWS_MAX)
			err = qw_window_parse(&state->window[i], items[i], strlen(items[i]), &why);
		if (err != QW_OK) {
			qw_log(QW_LOG_ERROR, "WATCH-MAINTENANCE", "watch.maintenance: entry %zu, \"%s\": %s", i + 1, items[i], why);
			return err;
		}
		state->count++;
	}
	return QW_OK;
}

static bool holds(const struct qw_window *window, const struct qw_seen *seen)
{
	return window->net_count == 0 || (seen->src.known && qw_window_holds(window, &seen->src.address)) ||
	       (seen->dst.known && qw_window_holds(window, &seen->dst.address));
}

static bool is_maintenance(void *ctx, const struct qw_seen *seen)
{
	const struct windows *state = ctx;
	struct qw_moment now = qw_moment_of(qw_world_now(state->world));

	for (size_t i = 0; i < state->count; i++)
		if (qw_window_is_open(&state->window[i], now) && holds(&state->window[i], seen))
			return true;
	return false;
}

static enum qw_err windows_make(void **out, struct qw_world *world)
{
	struct windows *state = calloc(1, sizeof(*state));

	if (!state)
		return QW_ENOMEM;
	state->world = world;
	enum qw_err err = set_zone(qw_world_text(world, QW_WATCH_ZONE));
	if (err == QW_OK)
		err = read_windows(state);
	if (err != QW_OK) {
		free(state);
		return err;
	}
	if (state->count)
		qw_world_set_maintenance(world, is_maintenance, state);
	*out = state;
	return QW_OK;
}

static void windows_seen(void *ctx, const struct qw_seen *seen)
{
	(void)ctx;
	(void)seen;
}

const struct qw_watcher_ops qw_windows = {
	.name = "windows",
	.make = windows_make,
	.free = free,
	.seen = windows_seen,
};
