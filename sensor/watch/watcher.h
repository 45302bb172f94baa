/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watcher - the contract of what watches: assets, baselines, sessions, scans, positions …, one file each.
 *
 * Each is shown everything, keeps its own bounded state, and tells what it
 * found by its row of the one table of findings.
 */
#pragma once

#include "sensor/watch/seen.h"
#include "sensor/watch/watch.h"

struct qw_world;  /* what all watchers have in common */
struct qw_assets; /* who is there (assets.h) */

struct qw_watcher_ops {
	const char *name;
	/* QW_EFORMAT …: its part of the configuration is wrong; it told why. */
	enum qw_err (*make)(void **state, struct qw_world *world);
	void (*free)(void *state);
	void (*seen)(void *state, const struct qw_seen *seen);
	/* Packet time (files) or the clock (live) went on: at least once a second of it.  May be NULL. */
	void (*tick)(void *state, struct qw_time now);
	/* Writes down what is to be remembered: now and then, and at the end.  May be NULL. */
	void (*save)(void *state);
};

/* All of them, in the order in which they are shown an event: who knows the assets comes first. */
extern const struct qw_watcher_ops *const qw_watchers[];
extern const size_t qw_watcher_count;

/* ---- findings: what the watch alerts on; the table (finding.c) has text, category, severity and technique of each */

enum qw_finding_id; /* finding.h: sids of gid 3, from QW_FINDING_FIRST on, never reused */

struct qw_finding {
	uint32_t sid;                    /* enum qw_finding_id */
	const struct qw_seen *seen;      /* at what; NULL: at nothing that was just seen, and the ends below count */
	struct qw_seen_end src, dst;
	struct qw_time time;
	const char *detail;              /* one sentence with the facts, or NULL */
};
void qw_world_tell(struct qw_world *world, const struct qw_finding *finding);

const struct qw_config *qw_world_config(const struct qw_world *world);
const char *qw_world_state_folder(const struct qw_world *world);
struct qw_assets *qw_world_assets(struct qw_world *world);
struct qw_time qw_world_now(const struct qw_world *world);
void qw_world_no_room(struct qw_world *world); /* something was not kept */
/* Is something told of this pair now?  Within a maintenance window it is not, but counted. */
bool qw_world_is_maintenance(struct qw_world *world, const struct qw_seen *seen);
