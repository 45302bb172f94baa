/* SPDX-License-Identifier: Apache-2.0 */
/*
 * leaving - the way of an alert out of the tenant's network, from the event to the spool.
 *
 *	event ─┬─────────────────────────► release policy ─► sequence, spool, ledger ─► collector
 *	       └► embargo ─► (its time) ─┘      └► payload stays (vault)
 *
 * Part of the exporter, one thread.
 */
#pragma once

#include "quaywatch/command_row.h"
#include "quaywatch/config.h"
#include "sensor/run/releasing.h"
#include "sensor/run/shared.h"
#include "sensor/run/uplink.h"

struct qw_leaving;

struct qw_leaving_options {
	const struct qw_config *config;
	struct qw_shared *shared;
	struct qw_uplink *uplink;         /* outlives it */
	struct qw_releasing *releasing;   /* likewise */
};

/* Complaints go to the log. */
enum qw_err qw_leaving_new(struct qw_leaving **out, const struct qw_leaving_options *options) QW_MUSTCHECK;
void qw_leaving_free(struct qw_leaving *leaving);

/* An alert leaves, or waits, or stays. */
void qw_leaving_alert(struct qw_leaving *leaving, const struct qw_event *event, size_t size);

/* Whose time has come leaves; what stays is counted and told.  Call it at least ten times a second; last: nothing comes any more. */
void qw_leaving_turn(struct qw_leaving *leaving, bool last);
