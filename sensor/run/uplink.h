/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uplink - what exporter and collector say to each other.
 *
 * Hello after each connection; alerts by the outbox; deltas and snapshots into
 * the rulestore and on to the builder; receipts once every worker has adopted
 * the ruleset that holds them; a heartbeat each second.  One thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/config.h"
#include "quaywatch/err.h"
#include "sensor/export/embargo.h"
#include "sensor/export/eve.h"
#include "sensor/export/ledger.h"
#include "sensor/run/post.h"
#include "sensor/run/shared.h"
#include "sensor/run/sharing.h"

struct qw_uplink;

struct qw_uplink_options {
	const struct qw_config *config;
	struct qw_shared *shared;
	int builder; /* end of a post pair: changed entries go there */
	const char *const *interfaces;
	size_t interface_count;
	const struct qw_recent *recent; /* answers dry runs; outlives it; NULL: nobody counts, and the collector is told so */
	struct qw_release *release;     /* what may leave; outlives it */
};

/* QW_EINVAL: keys or address in the configuration are not of their form (logged). */
enum qw_err qw_uplink_new(struct qw_uplink **out, const struct qw_uplink_options *options) QW_MUSTCHECK;
void qw_uplink_free(struct qw_uplink *uplink);

/* Descriptors to poll for reading. */
int qw_uplink_fd(const struct qw_uplink *uplink);
int qw_uplink_monitor_fd(const struct qw_uplink *uplink);

/* One rendered alert: into the spool, and what its rule shares to the collector. */
void qw_uplink_alert(struct qw_uplink *uplink, struct qw_slice eve, const struct qw_eve_parts *parts, struct qw_ledger_fields fields);

/* The name of the last alert of this run; sequence 0: none yet. */
struct qw_embargo_name qw_uplink_last(const struct qw_uplink *uplink);

const struct qw_ledger *qw_uplink_ledger(const struct qw_uplink *uplink);

/* What is told beside alerts: people may offer something by it. */
struct qw_sharing *qw_uplink_sharing(const struct qw_uplink *uplink);

/* The builder answered. */
void qw_uplink_built(struct qw_uplink *uplink, const struct qw_post *post);

/* Receives, sends, beats: call it whenever something happened, and at least ten times a second. */
void qw_uplink_turn(struct qw_uplink *uplink);

/* Alerts that the collector has not acknowledged. */
uint64_t qw_uplink_pending(const struct qw_uplink *uplink);

/* What alerts are matched with: "community 1.4411, tenant 1.7"; valid until the next turn. */
const char *qw_uplink_ruleset(const struct qw_uplink *uplink);
