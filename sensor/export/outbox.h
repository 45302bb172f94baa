/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outbox - alerts on their way from the spool to the collector.
 *
 * Sends batches of consecutive sequences of one epoch, never more
 * unacknowledged alerts than the collector's credit; what is not acknowledged
 * is sent again after the next hello.  One thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "sensor/export/eve.h"
#include "sensor/export/ledger.h"
#include "sensor/export/session.h"
#include "sensor/export/spool.h"

struct qw_outbox;

/* spool and session outlive it. */
enum qw_err qw_outbox_new(struct qw_outbox **out, struct qw_spool *spool, struct qw_session *session) QW_MUSTCHECK;
void qw_outbox_free(struct qw_outbox *outbox);

/* What is added from now on is written down there too, as of that epoch; the ledger outlives the outbox. */
void qw_outbox_keep(struct qw_outbox *outbox, struct qw_ledger *ledger, uint64_t epoch);

/* Puts one alert into the spool: `eve` without "quaywatch", our part beside it.  *sequence is its name in this epoch. */
enum qw_err qw_outbox_add(struct qw_outbox *outbox, struct qw_slice eve, const struct qw_eve_parts *parts, uint64_t *sequence) QW_MUSTCHECK;

/* The collector welcomed us: everything unacknowledged goes again. */
void qw_outbox_restart(struct qw_outbox *outbox, uint32_t credit);

/* The connection is gone: nothing is sent until the next restart. */
void qw_outbox_pause(struct qw_outbox *outbox);

void qw_outbox_acknowledge(struct qw_outbox *outbox, uint64_t epoch, uint64_t through);

/* Sends what credit and connection allow. */
void qw_outbox_pump(struct qw_outbox *outbox);

struct qw_outbox_counters {
	uint64_t batches, alerts, acknowledged;
};
struct qw_outbox_counters qw_outbox_counters(const struct qw_outbox *outbox);
