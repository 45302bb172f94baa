/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feeds - what the port takes from others, by a timetable, and how each of them is.
 *
 *	due ─► quaywatch-fetch (a process) ─► FOLDER/set.new ─► judged ─► what differs into the channel ─► FOLDER/set
 *
 * Feeds come from the configuration, or from an operator's hand.  Whatever goes
 * wrong, the last good set stays in force.  One thread; never blocks.
 */
#pragma once

#include "collector/feed_apply.h"
#include "collector/feed_run.h"
#include "collector/registry.h"
#include "collector/store.h"
#include "quaywatch/config.h"

enum { QW_FEEDS_MAX = 256, QW_FEEDS_AT_ONCE = 2 };

enum qw_feed_doing { QW_FEED_RESTS, QW_FEED_WAITS, QW_FEED_FETCHES, QW_FEED_APPLIES, QW_FEED_LEAVES };

struct qw_feed {
	struct qw_feed_spec spec;
	bool configured;              /* by the configuration; else by an operator */
	enum qw_feed_doing doing;
	struct qw_time due;           /* monotonic; its next run */
	bool shrunk;                  /* an operator says: it may */
	bool all;                     /* an operator says: look at all of it */
	uint64_t runs;                /* since the start */
	struct qw_feed_set held;      /* the last good one; no file: none */
	struct qw_feed_set fresh;     /* being applied */
	struct qw_feed_other *other;  /* feeds of the same channel, meanwhile */
	struct qw_feed_run run;
	struct qw_feed_apply apply;
	struct qw_feed_health health;
};

struct qw_feeds_parts {
	const char *folder; /* the collector's; ours is "feeds" in it */
	struct qw_store *store;
	const struct qw_registry *registry;
	const struct qw_publication *publication;
	const struct qw_guard *policy;
	struct qw_promotion *promotion;
};

struct qw_feeds;

/* The configuration's and the operators' feeds.  QW_EFORMAT: complaints were added. */
enum qw_err qw_feeds_open(struct qw_feeds **out, const struct qw_feeds_parts *parts, const struct qw_config *config,
			  struct qw_diags *diags) QW_MUSTCHECK;
/* Ends what is under way.  NULL is fine. */
void qw_feeds_close(struct qw_feeds *feeds);

/* What the configuration says of feeds, without opening anything. */
enum qw_err qw_feeds_check(const struct qw_config *config, struct qw_diags *diags) QW_MUSTCHECK;

/* A little of what is to be done.  True: there is more to do at once. */
bool qw_feeds_work(struct qw_feeds *feeds);

size_t qw_feeds_count(const struct qw_feeds *feeds);
const struct qw_feed *qw_feeds_at(const struct qw_feeds *feeds, size_t index);
const struct qw_feed *qw_feeds_find(const struct qw_feeds *feeds, const char *name);

/* An operator's new one, due at once.  QW_EEXIST, QW_ELIMIT; others are the store's. */
enum qw_err qw_feeds_add(struct qw_feeds *feeds, const struct qw_feed_spec *spec) QW_MUSTCHECK;

/* Due at once.  QW_ENOENT.  QW_EAGAIN: it is under way. */
enum qw_err qw_feeds_start(struct qw_feeds *feeds, const char *name, bool shrunk, bool all) QW_MUSTCHECK;

/* What it alone brought leaves the channel, then it is gone.  QW_ENOENT.  QW_EACCES: the configuration's.  QW_EAGAIN: it is under way. */
enum qw_err qw_feeds_remove(struct qw_feeds *feeds, const char *name) QW_MUSTCHECK;
