/* SPDX-License-Identifier: Apache-2.0 */
/*
 * departures - what leaves beside alerts: proposals, and answers to dry runs.
 *
 *	frame ─► does its kind leave (release.*)? ─► connected? ─► ledger ─► session
 *
 * Nothing leaves that is not in the ledger, and what waits for a connection is
 * not written down: an alert is kept until it is acknowledged, these are not.
 * One thread.
 */
#pragma once

#include "sensor/export/ledger.h"
#include "sensor/export/release.h"
#include "sensor/export/session.h"

struct qw_departures_options {
	struct qw_session *session;
	struct qw_ledger *ledger;         /* NULL: nothing is written down */
	const struct qw_release *release; /* NULL: everything leaves */
	uint64_t epoch;                   /* of this run: with a number it names what left */
};

struct qw_departures {
	struct qw_departures_options options;                      /* all outlive it */
	uint64_t last;                                             /* number of what left last */
	uint64_t left[QW_RELEASE_KINDS], stayed[QW_RELEASE_KINDS]; /* stayed: by release.* */
	uint64_t lost;                                             /* in the ledger, and the session did not take it */
};

void qw_departures_init(struct qw_departures *departures, const struct qw_departures_options *options);

/* QW_EACCES: its kind stays.  QW_EAGAIN: not connected, or the queue is full.  Else the ledger's: it could not be
 * written down. */
enum qw_err qw_departures_send(struct qw_departures *departures, enum qw_release_kind kind,
			       struct qw_slice frame) QW_MUSTCHECK;
