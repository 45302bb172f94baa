/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch - what is seen only where the events of all workers meet: who is there, who talks to whom, and what is normal.
 *
 * It is shown every event that the workers emit, and says more of them: assets
 * (event_type "asset") and alerts (gid 3) of what no single flow tells.  It
 * sees events only, never packets; all it keeps is bounded, and what has no
 * room is counted.  What it must remember over a restart lies in the state
 * folder, in files that people can read.
 *
 * One thread: the exporter's, or the one that reads files.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/command_row.h"
#include "quaywatch/config.h"
#include "quaywatch/err.h"
#include "quaywatch/event.h"
#include "quaywatch/time.h"

struct qw_watch;
struct qw_seen; /* seen.h */
struct qw_watcher_ops;

struct qw_watch_options {
	const struct qw_config *config; /* has the keys watch.* (settings.h) … */
	size_t first_key;               /* … from this number on */
	/* While it is made: value of a rule variable ("HOME_NET": whose hosts are ours), or NULL where it is not defined.
	   NULL: none is. */
	const char *(*variable)(void *ctx, const char *name);
	void *variable_ctx;
	const char *state_folder;       /* "": nothing is remembered */
	bool live;                      /* what is due by time comes by the clock too (qw_watch_tick); else by events alone */
	bool silent;                    /* it alerts on nothing: only its other events are wanted */
	uint32_t types;                 /* bits 1 << enum qw_event_type that people want besides alerts */
	/* Is shown what was read of each event that workers emitted, before the watchers are.  NULL: nobody else wants it. */
	void (*seen)(void *ctx, const struct qw_seen *seen);
	/* Takes one more event; it is valid during the call. */
	void (*emit)(void *ctx, const struct qw_event *event, size_t size);
	void *ctx;
	const struct qw_watcher_ops *const *watchers; /* NULL ends them; NULL: all that there are */
};

/* QW_EFORMAT, QW_ENOENT …: a file that the configuration names cannot be read; it was told with file:line. */
enum qw_err qw_watch_new(struct qw_watch **out, const struct qw_watch_options *options) QW_MUSTCHECK;
void qw_watch_free(struct qw_watch *watch); /* writes down what is to be remembered */

/* Errors as above; nothing is written down. */
enum qw_err qw_watch_check(const struct qw_watch_options *options) QW_MUSTCHECK;

/*
 * Shows it an event of `size` bytes, before that is written.  Damaged ones are
 * passed over, counted.  True: it is for people too; false: workers emitted it
 * for the watch alone (QW_KEY_WATCH_ONLY).
 */
bool qw_watch_event(struct qw_watch *watch, const void *event, size_t size);

/*
 * Gives an alert its words: appends the names, roles and areas of both ends and
 * one sentence, as far as they are known, to the event in memory of `room`
 * bytes.  The new size; as it was if nothing is known or there is no room.
 */
size_t qw_watch_dress(struct qw_watch *watch, void *event, size_t size, size_t room);

/* What people may ask of it: the rows of all watchers, at most `max` parts; how many.  They end with the watch. */
size_t qw_watch_commands(const struct qw_watch *watch, struct qw_command_part *part, size_t max);

/* Time goes on, live: at least once a second.  So many packets and events were lost so far, by all workers. */
void qw_watch_tick(struct qw_watch *watch, struct qw_time now, uint64_t lost);

struct qw_watch_counters {
	uint64_t events, damaged;
	uint64_t assets, talks;   /* known now */
	uint64_t findings;        /* alerts that it said */
	uint64_t kept_back;       /* findings that were told already, not long ago */
	uint64_t no_room;         /* what was not kept */
};
struct qw_watch_counters qw_watch_counters(const struct qw_watch *watch);
