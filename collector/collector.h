/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collector - all parts of a running collector, and who uses whom.
 *
 *	ROUTER ─► frames ─┬─► intake ──► journal (its own thread) ─► acknowledgements
 *	   ▲              ├─► promotion ─► publication ─► channels ─► fanout ─► ROUTER
 *	  zap             ├─► restoration ─► channels (what a backup had not)
 *	                  └─► fanout, sightings
 *	control ─► commands ─► publication, store …
 *
 * Everything but the journal's committer runs in one thread, the server's.
 * Parts know only what they are given; this struct is the server's and the
 * commands'.
 */
#pragma once

#include <stdint.h>

#include "collector/channels.h"
#include "quaywatch/control.h"
#include "collector/fanout.h"
#include "collector/feeds.h"
#include "collector/incidents.h"
#include "collector/intake.h"
#include "collector/journal.h"
#include "collector/marks.h"
#include "collector/peers.h"
#include "collector/policy.h"
#include "collector/prevalence.h"
#include "collector/promotion.h"
#include "collector/publication.h"
#include "collector/registry.h"
#include "collector/restoration.h"
#include "collector/sightings.h"
#include "collector/store.h"
#include "collector/zap.h"
#include "quaywatch/config.h"
#include "quaywatch/exit.h"

struct qw_frame_stats {
	uint64_t frames, malformed;
	uint64_t revoked; /* from keys that are no longer admitted */
	uint64_t unknown; /* bodies that are newer than we are, or not a sensor's to send */
};

struct qw_collector {
	const struct qw_config *config;
	const char *folder; /* collector.state */
	struct qw_time started;
	struct qw_curve_pair keys;
	struct qw_signer signer;

	struct qw_store *store;
	struct qw_registry *registry;
	struct qw_marks *marks;
	struct qw_journal *journal;
	struct qw_journal_recovery recovery;
	struct qw_channels *channels;
	struct qw_peers *peers;
	struct qw_sightings *sightings;
	struct qw_intake *intake;
	struct qw_fanout *fanout;
	struct qw_restoration *restoration;
	struct qw_publication publication;
	uint64_t allow_changes;
	bool retired; /* what the configuration's crown jewels and allow entries stand against, since the start */
	struct qw_policy *policy;
	struct qw_candidates *candidates;
	struct qw_accounts *accounts;
	struct qw_promotion *promotion;
	struct qw_dryrun *dryrun;
	struct qw_prevalences prevalences;
	struct qw_feeds *feeds;
	struct qw_incidents *incidents;
	struct qw_control *control;

	void *context, *router; /* ZeroMQ's */
	struct qw_zap *zap;
	struct qw_frame_stats frames;
};

/*
 * Opens everything in the state folder and listens.  On failure a line was
 * logged that says what to do, and the exit status is returned; close all the same.
 */
enum qw_exit qw_collector_open(struct qw_collector *collector, const struct qw_config *config);
void qw_collector_close(struct qw_collector *collector);

/* What can be said of the settings without opening anything; complaints go to standard error. */
enum qw_exit qw_collector_check(const struct qw_config *config);

/* Marks and the place they were read up to, durably: where the next start begins to read the log. */
enum qw_err qw_collector_checkpoint(struct qw_collector *collector) QW_MUSTCHECK;

/* Closes the log's segment and starts the next.  QW_EAGAIN: a commit is under way. */
enum qw_err qw_collector_rotate(struct qw_collector *collector) QW_MUSTCHECK;
