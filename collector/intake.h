/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake - alert batches in, lines into the journal, acknowledgements out.
 *
 * What a sensor may rely on:
 *
 * - An alert is acknowledged once its line is durable, never before.
 * - What comes twice is dropped, and acknowledged again.
 * - Behind a hello, what one connection brings is whole and in order, so a gap
 *   there is one that the sensor knows of (its spool shed the rest): it is
 *   accepted and counted.  A gap before the hello means that something was lost
 *   when the last connection broke: the batch is refused, and the hello brings
 *   everything again.  A batch that we could not take has the same effect: the
 *   sensor has to say hello once more.
 * - An alert that is not valid (render.h) is counted, and a line that says so
 *   takes its place: a broken record must not hold up those behind it.
 *
 * One thread.
 */
#pragma once

#include <stdint.h>

#include "collector/incidents.h"
#include "collector/journal.h"
#include "collector/marks.h"
#include "collector/peers.h"
#include "collector/post.h"
#include "collector/sightings.h"
#include "quaywatch/err.h"
#include "quaywatch/wire.h"

struct qw_intake_stats {
	uint64_t batches, alerts, duplicates, invalid;
	uint64_t gaps;      /* batches refused: something before them is missing */
	uint64_t unwilling; /* batches refused: the journal failed */
	uint64_t skipped;   /* sequences that a sensor gave up */
};

struct qw_intake_parts {
	struct qw_journal *journal;
	struct qw_marks *marks;
	struct qw_peers *peers;
	struct qw_sightings *sightings;
	struct qw_incidents *incidents; /* NULL: nobody folds alerts */
	struct qw_post post;
};

struct qw_intake;

/* The parts outlive it. */
enum qw_err qw_intake_new(struct qw_intake **out, const struct qw_intake_parts *parts) QW_MUSTCHECK;
void qw_intake_free(struct qw_intake *intake);

/* QW_EAGAIN: nothing was taken, the journal has no room; bring it again after a commit. */
enum qw_err qw_intake_batch(struct qw_intake *intake, struct qw_peer *peer, const Quaywatch__Wire__AlertBatch *batch,
			    struct qw_time now) QW_MUSTCHECK;

/* The journal's group is on disk: acknowledges what it held. */
void qw_intake_durable(struct qw_intake *intake, uint64_t group);

struct qw_intake_stats qw_intake_stats(const struct qw_intake *intake);
struct qw_post qw_intake_post(const struct qw_intake *intake);
