/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watcher - the contract of what watches: assets, baselines, sessions, scans, positions …, one file each.
 *
 * Each is shown everything, keeps its own bounded state, and tells what it
 * found by a row of its own table of findings.
 *
 * A watcher: one file with its rows, its ops at the end, a line in
 * watchers.c, its configuration in its section of settings.[ch].
 */
#pragma once

#include "quaywatch/command_row.h"
#include "sensor/watch/finding.h"
#include "sensor/watch/seen.h"
#include "sensor/watch/watch.h"
#include "sensor/watch/world.h"

struct qw_watcher_ops {
	const char *name;
	const struct qw_finding_row *findings; /* sids ascending, all of one block (finding.h) */
	size_t finding_count;
	/* QW_EFORMAT …: its part of the configuration is wrong; it told why.  The world outlives the state. */
	enum qw_err (*make)(void **state, struct qw_world *world);
	void (*free)(void *state);
	void (*seen)(void *state, const struct qw_seen *seen);
	/* Packet time (files) or the clock (live) went on: at least once a second of it.  May be NULL. */
	void (*tick)(void *state, struct qw_time now);
	/* Nothing more comes: what waits is told.  Before the last save.  May be NULL. */
	void (*end)(void *state);
	/* Writes down what is to be remembered: now and then, and at the end.  May be NULL. */
	void (*save)(void *state);
	/* Gives an alert its words: qw_watch_dress.  May be NULL. */
	size_t (*dress)(void *state, void *event, size_t size, size_t room);
	const struct qw_command_row *commands; /* what people ask of it */
	size_t command_count;
};

/* All of them, in the order in which they are shown an event: who knows the assets comes first.  NULL ends it. */
extern const struct qw_watcher_ops *const qw_watchers[];
