/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sharing - what this sensor tells the port beside its alerts, and what the port says to it.
 *
 * What people and alerts offer as indicators, and answers to dry runs.  All of
 * it goes by the tenant's release policy and into its ledger (departures.h);
 * what the policy holds back of addresses and names is neither offered nor
 * answered for.  Answers are bounded: QW_SHARING_ANSWERS_MAX a minute.
 *
 * Part of the uplink.  One thread.
 */
#pragma once

#include "quaywatch/indicator.h"
#include "quaywatch/wire.h"
#include "sensor/export/departures.h"
#include "sensor/export/eve.h"
#include "sensor/run/recent.h"

enum { QW_SHARING_ANSWERS_MAX = 600 };

struct qw_sharing;

struct qw_sharing_options {
	struct qw_departures_options departures;
	struct qw_release *release;
	const struct qw_recent *recent; /* answers dry runs; NULL: nobody counts */
};

/* What the options point to outlives it. */
enum qw_err qw_sharing_new(struct qw_sharing **out, const struct qw_sharing_options *options) QW_MUSTCHECK;
void qw_sharing_free(struct qw_sharing *sharing);

/* The collector is there, or is not. */
void qw_sharing_open(struct qw_sharing *sharing, bool open);

/* True: it answers dry runs, and the collector is to be told so. */
bool qw_sharing_answers(const struct qw_sharing *sharing);

/* What an alert's rule shares. */
void qw_sharing_alert(struct qw_sharing *sharing, const struct qw_eve_parts *parts);

/* A person's offer.  QW_EAGAIN: the collector is not there now.  QW_EACCES: the tenant's policy holds it back. */
enum qw_err qw_sharing_propose(struct qw_sharing *sharing, const struct qw_indicator *indicator, const char *reason,
			       uint64_t *ticket) QW_MUSTCHECK;

/* What the collector said to it. */
struct qw_sharing_answer {
	uint64_t ticket;
	bool accepted;
	char verdict[32], why[256];
};

/* False: not yet (or it was forgotten: the last few are kept). */
bool qw_sharing_answer(const struct qw_sharing *sharing, uint64_t ticket, struct qw_sharing_answer *out);

/* Frames of the collector's. */
void qw_sharing_on_answer(struct qw_sharing *sharing, const Quaywatch__Wire__ProposalAnswer *answer);
void qw_sharing_on_refusal(struct qw_sharing *sharing, const Quaywatch__Wire__Refusal *refusal);
void qw_sharing_on_dry_run(struct qw_sharing *sharing, const Quaywatch__Wire__DryRun *run);

struct qw_sharing_counters {
	uint64_t proposals, dry_runs; /* that left */
	uint64_t stayed;              /* of both, by the policy */
	uint64_t unanswered;          /* dry runs beyond what is answered in a minute */
	uint64_t no_room;             /* values that found no place among what was met lately */
};
struct qw_sharing_counters qw_sharing_counters(const struct qw_sharing *sharing);
