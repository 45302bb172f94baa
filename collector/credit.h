/* SPDX-License-Identifier: Apache-2.0 */
/*
 * credit - how far a tenant, or one of its sensors, is believed.
 *
 * Everyone begins with QW_CREDIT_FULL.  A false positive and a refused proposal
 * cost what the table below says; an hour without either gives some back.  A
 * charge can be shared: one of n sensors costs its tenant an n-th.
 * Below QW_CREDIT_LEAST the evidence counts nothing.  Who offers more than
 * QW_CREDIT_FLOOD times its hour's budget is quarantined, and stays so, whatever
 * the time, until an operator lifts it.
 *
 * A value without memory of its own: its keeper stores it.  Any thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/time.h"

enum {
	QW_CREDIT_FULL = 1000,
	QW_CREDIT_ALONE = 900, /* believed where no other says the same */
	QW_CREDIT_LEAST = 500,
	QW_CREDIT_PER_HOUR = 5, /* from nothing to full: a bit over eight days */
	QW_CREDIT_FLOOD = 4,    /* times the budget of an hour */
};

enum qw_charge {
	QW_CHARGE_REFUSED,   /* special space, too broad, no canonical form: 5 */
	QW_CHARGE_PROTECTED, /* a crown jewel, or what an allow entry covers: 50 */
	QW_CHARGE_FALSE,     /* an operator called it a false positive: 150 */
	QW_CHARGE_FAR,       /* its answer to a dry run is far from all others': 40 */
	QW_CHARGE_COUNT
};

struct qw_credit {
	int32_t points;          /* as of `at` */
	struct qw_time at;       /* the last charge, or the last whole hour given back */
	struct qw_time hour;     /* when the hour of `offered` began */
	uint64_t offered;        /* within that hour */
	struct qw_time isolated; /* 0: not quarantined */
	uint64_t charges;        /* ever */
};

struct qw_credit qw_credit_new(struct qw_time now);

/* share: of how many the charge falls on this one; 1: all of it. */
void qw_credit_charge(struct qw_credit *credit, enum qw_charge what, uint64_t share, struct qw_time now);

/* What is left, with what time gave back; 0 to QW_CREDIT_FULL. */
int32_t qw_credit_points(const struct qw_credit *credit, struct qw_time now);

/* False: its evidence counts nothing, for want of credit or in quarantine. */
bool qw_credit_counts(const struct qw_credit *credit, struct qw_time now);

enum qw_offer {
	QW_OFFER_TAKEN,
	QW_OFFER_OVER,     /* beyond the hour's budget, or in quarantine: not to be looked at */
	QW_OFFER_ISOLATED, /* this one was too much: quarantined now; answered once */
};

/* To be asked for each proposal, before anything else is done with it. */
enum qw_offer qw_credit_offer(struct qw_credit *credit, uint64_t budget, struct qw_time now);

/* The operator's: out of quarantine, with the least credit that counts.  False: it was not in it. */
bool qw_credit_lift(struct qw_credit *credit, struct qw_time now);
