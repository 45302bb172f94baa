/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dryrun - would it have fired, how often, at how many tenants?
 *
 * A candidate that has enough tenants behind it is tried on some sensors first
 * (trials.h says on which): each says how many hosts met the value lately.  A
 * trial ends when all that were asked answered, or in time; who does not answer
 * has no say, nor has who was not asked.
 *
 * Bounded: QW_DRYRUN_TRIALS at once, each with QW_DRYRUN_SENSORS, of one tenant
 * QW_DRYRUN_PER_TENANT, so that no tenant takes all the seats; what is over is
 * counted.  Pure: who asks, what the answers mean (popular.h) and who
 * promotes is others' business.  One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/name.h"
#include "quaywatch/err.h"
#include "quaywatch/observable.h"
#include "quaywatch/time.h"

enum {
	QW_DRYRUN_TRIALS = 256,
	QW_DRYRUN_SENSORS = 128,
	QW_DRYRUN_PER_TENANT = 8,
	QW_DRYRUN_MS = 2000,
	QW_DRYRUN_MEMORY_S = 12 * 3600
};

/* What one sensor said. */
struct qw_dryrun_voice {
	struct qw_identity who;
	bool answered;
	bool known;     /* it would have met it; false: its number says nothing */
	uint64_t hosts; /* that met it lately; any number that it likes */
};

struct qw_dryrun_result {
	struct qw_observable observable;
	size_t asked, answered;                          /* sensors */
	struct qw_dryrun_voice voice[QW_DRYRUN_SENSORS]; /* `asked` of them */
};

struct qw_dryrun_stats {
	uint64_t open;          /* trials, now */
	uint64_t started, over; /* over: no room for the trial */
	uint64_t answers;       /* of who was asked */
	uint64_t unasked;       /* sensors that a trial had no room for */
	uint64_t strange;       /* answers to none, second ones, and of who was not asked */
	uint64_t silent;        /* sensors that did not answer in time */
};

struct qw_dryrun;

enum qw_err qw_dryrun_new(struct qw_dryrun **out) QW_MUSTCHECK;
void qw_dryrun_free(struct qw_dryrun *dryrun);

/* QW_EEXIST: it is being tried already.  QW_ELIMIT: no room.  The ticket is what answers name. */
enum qw_err qw_dryrun_start(struct qw_dryrun *dryrun, const struct qw_observable *observable, struct qw_time now,
			    uint64_t *ticket) QW_MUSTCHECK;

/* This sensor is to be asked.  False: it is being asked already, or there is no room.  None at all: the trial is over.
 */
bool qw_dryrun_ask(struct qw_dryrun *dryrun, uint64_t ticket, const struct qw_identity *who);

/* A sensor that was asked answers once; any other answer is counted, no more. */
void qw_dryrun_answer(struct qw_dryrun *dryrun, uint64_t ticket, const struct qw_identity *who, bool known,
		      uint64_t hosts);

/* The type that the trial asks for; QW_OBS_COUNT: there is no such trial. */
enum qw_observable_type qw_dryrun_type(const struct qw_dryrun *dryrun, uint64_t ticket);

/* Hands out a trial that is over, and forgets it.  False: none is. */
bool qw_dryrun_next(struct qw_dryrun *dryrun, struct qw_time now, struct qw_dryrun_result *out);

struct qw_dryrun_stats qw_dryrun_stats(const struct qw_dryrun *dryrun);
