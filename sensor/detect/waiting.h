/* SPDX-License-Identifier: Apache-2.0 */
/*
 * waiting - rules whose pattern was seen in a transaction that is not whole yet.
 *
 * A rule may look into an answer's status and into its body; the body comes
 * later.  Each transaction remembers the rules still to be tried, and those
 * that have fired, so that none fires twice.  A bounded table; a transaction
 * that needs a taken place takes it (counted).
 *
 * One worker.  No allocation after qw_waiting_new.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"

enum { QW_WAITING_RULES = 64 };

struct qw_waiting_place {
	uint64_t flow;        /* flow id; 0: free */
	uint64_t transaction;
	uint8_t count;
	uint64_t fired;       /* bit i: rule[i] has fired */
	uint32_t rule[QW_WAITING_RULES];
	uint16_t held[QW_WAITING_RULES]; /* of rules on both sides: what has held already */
};

struct qw_waiting;

enum qw_err qw_waiting_new(struct qw_waiting **out) QW_MUSTCHECK;
void qw_waiting_free(struct qw_waiting *waiting);

/* The transaction's place, or NULL. */
struct qw_waiting_place *qw_waiting_find(struct qw_waiting *waiting, uint64_t flow, uint64_t transaction);

/* The number of `rule` in the place, which is made where there is none; QW_WAITING_RULES: no room (counted). */
unsigned qw_waiting_add(struct qw_waiting *waiting, struct qw_waiting_place **place, uint64_t flow, uint64_t transaction,
			uint32_t rule);

/* Rules are numbered anew: `renumber` gives each one's new number; false: it is gone. */
void qw_waiting_renumber(struct qw_waiting *waiting, bool (*renumber)(void *ctx, uint32_t *rule), void *ctx);

struct qw_waiting_counters {
	uint64_t taken_away, full;
};
struct qw_waiting_counters qw_waiting_counters(const struct qw_waiting *waiting);
