/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dryrun - would it have fired, how often, at how many tenants?
 *
 * A candidate that has enough tenants behind it is tried on the sensors first:
 * each says how many hosts met the value lately.  A trial ends when all that
 * were asked answered, or in time; who does not answer has no say.
 *
 * Bounded: QW_DRYRUN_TRIALS at once, each with QW_DRYRUN_TENANTS; what is over
 * is counted.  Pure: who asks and who promotes is others' business.  One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/name.h"
#include "quaywatch/err.h"
#include "quaywatch/observable.h"
#include "quaywatch/time.h"

enum { QW_DRYRUN_TRIALS = 256, QW_DRYRUN_TENANTS = 64, QW_DRYRUN_MS = 2000 };

struct qw_dryrun_result {
	struct qw_observable observable;
	uint64_t asked, answered; /* sensors */
	uint64_t tenants;         /* that saw it */
	uint64_t loudest;         /* most hosts at one tenant, all its sensors together */
};

struct qw_dryrun_stats {
	uint64_t started, over, late; /* over: no room for the trial; late: answers to none */
};

struct qw_dryrun;

enum qw_err qw_dryrun_new(struct qw_dryrun **out) QW_MUSTCHECK;
void qw_dryrun_free(struct qw_dryrun *dryrun);

/* QW_EEXIST: it is being tried already.  QW_ELIMIT: no room.  The ticket is what answers name. */
enum qw_err qw_dryrun_start(struct qw_dryrun *dryrun, const struct qw_observable *observable, struct qw_time now,
			    uint64_t *ticket) QW_MUSTCHECK;

/* So many sensors were asked; 0: it is done. */
void qw_dryrun_asked(struct qw_dryrun *dryrun, uint64_t ticket, uint64_t sensors);

/* Each sensor that was asked answers once: a second answer of it does not count. */
void qw_dryrun_answer(struct qw_dryrun *dryrun, uint64_t ticket, const struct qw_identity *who, uint64_t hits);

/* Hands out a trial that is over, and forgets it.  False: none is. */
bool qw_dryrun_next(struct qw_dryrun *dryrun, struct qw_time now, struct qw_dryrun_result *out);

struct qw_dryrun_stats qw_dryrun_stats(const struct qw_dryrun *dryrun);
