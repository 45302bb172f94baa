/* SPDX-License-Identifier: Apache-2.0 */
/*
 * embargo - alerts that wait, on the tenant's own disk, before they may leave.
 *
 *	alert ─► put ─► … release.embargo seconds … ─► due ─► release ─► sequence, spool, ledger ─► done
 *
 * What waits is the event itself, whole: the policy of the moment in which it
 * leaves says what leaves of it.  It survives the death of the process, in a
 * folder that is a spool of its own, bounded like one: the oldest are shed,
 * counted, and never leave.  A file beside it says which one is about to leave
 * and what had left before it, so that none leaves twice.  One thread.
 */
#pragma once

#include <stdint.h>

#include "quaywatch/err.h"
#include "quaywatch/event.h"
#include "quaywatch/time.h"

struct qw_embargo;

/* A record's name; sequence 0: none. */
struct qw_embargo_name {
	uint64_t epoch, sequence;
};

struct qw_embargo_options {
	const char *folder; /* made if it is not there */
	uint64_t epoch;     /* of this run */
	uint64_t bytes_max;
	int64_t seconds;    /* that an alert waits; 0: what an earlier run left is due at once */
	struct qw_embargo_name left; /* what left last, of all runs: as the ledger has it */
};

/* As qw_spool_open. */
enum qw_err qw_embargo_open(struct qw_embargo **out, const struct qw_embargo_options *options) QW_MUSTCHECK;
void qw_embargo_close(struct qw_embargo *embargo);

/* QW_ELIMIT, QW_ENOMEM: it cannot wait, and so it may not leave; counted. */
enum qw_err qw_embargo_put(struct qw_embargo *embargo, struct qw_time now, const struct qw_event *event, size_t size) QW_MUSTCHECK;

/*
 * The oldest one whose time has come, valid until the next call; `left` is what left last.  QW_EAGAIN: none.  It is the
 * same one again until it is done.  Other errors are the disk's: try again later.
 */
enum qw_err qw_embargo_due(struct qw_embargo *embargo, struct qw_time now, struct qw_embargo_name left, const struct qw_event **event,
			   size_t *size) QW_MUSTCHECK;
void qw_embargo_done(struct qw_embargo *embargo);

struct qw_embargo_stats {
	uint64_t waiting;
	uint64_t shed; /* this run: never leave */
};
struct qw_embargo_stats qw_embargo_stats(const struct qw_embargo *embargo);
