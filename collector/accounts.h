/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accounts - the credit (credit.h) of every tenant and each of its sensors, kept.
 *
 * A charge falls on the sensor that brought it, whole, and on its tenant by the
 * sensor's share: an n-th, where the tenant has n.  A sensor that counts nothing
 * any more costs its tenant nothing more: one that is taken over cannot mute the
 * honest ones beside it.  For the same reason one of several uses up at most
 * half of its tenant's hour, and one that floods is quarantined by itself.
 * Tenants and sensors are enrolled by people, so their number is bounded.  One thread.
 */
#pragma once

#include "collector/candidates.h"

struct qw_accounts;

/* How many sensors a tenant has. */
struct qw_accounts_roll {
	uint64_t (*sensors)(void *ctx, const char *tenant); /* NULL: those that were heard are all there are */
	void *ctx;
};

/* candidates outlives it: what is known of everybody lies there. */
enum qw_err qw_accounts_new(struct qw_accounts **out, struct qw_candidates *candidates,
			    const struct qw_accounts_roll *roll) QW_MUSTCHECK;
void qw_accounts_free(struct qw_accounts *accounts);

/* What a tenant may bring in an hour, of all types and of the one at hand. */
struct qw_budget {
	uint64_t all, of_type;
	enum qw_observable_type type;
};

/* The sensor's own account first: one that floods uses up only what it may itself. */
enum qw_err qw_accounts_offer(struct qw_accounts *accounts, const struct qw_identity *who,
			      const struct qw_budget *budget, struct qw_time now, enum qw_offer *out) QW_MUSTCHECK;

enum qw_err qw_accounts_charge(struct qw_accounts *accounts, const struct qw_identity *who, enum qw_charge what,
			       struct qw_time now) QW_MUSTCHECK;

/* False: what it says counts nothing, for want of its own or its tenant's credit, or in quarantine. */
bool qw_accounts_counts(const struct qw_accounts *accounts, const struct qw_identity *who, struct qw_time now);

/* Is it believed where no other says the same? */
bool qw_accounts_stands_alone(const struct qw_accounts *accounts, const struct qw_identity *who, struct qw_time now);

/* Of the sensor; sensor "": of all of the tenant's; the tenant counts again too.  QW_ENOENT: none is in quarantine. */
enum qw_err qw_accounts_lift(struct qw_accounts *accounts, const struct qw_identity *who, struct qw_time now) QW_MUSTCHECK;

/* All that were ever charged or heard. */
enum qw_err qw_accounts_each(const struct qw_accounts *accounts, qw_credit_visit *visit, void *ctx) QW_MUSTCHECK;
