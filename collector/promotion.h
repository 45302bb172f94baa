/* SPDX-License-Identifier: Apache-2.0 */
/*
 * promotion - from what one tenant says to what all tenants hold.
 *
 *	offer ─► budget ─► guards ─► policy ─► candidate with its evidence ─► enough tenants? ─► channel
 *
 * A tenant's proposal (a person's, or one that a signature asked for) becomes
 * evidence of a candidate, and is promoted once enough distinct tenants, each
 * sure enough and each still believed, say the same within the window.  The
 * community then sees source "community", never who said it.
 *
 * Nobody can poison it alone: what the guards know (guard.h), what is broad or
 * withdrawn never goes in this way; one tenant counts once however many sensors
 * it has; each has a budget, and credit (credit.h) that bad offers cost; who
 * floods is quarantined.  Who brings another tenant's canary (canary.h) betrays
 * a leak: it is told, never promoted, and the bringer sees a candidate like any.
 *
 * One thread.
 */
#pragma once

#include <stdint.h>

#include "collector/accounts.h"
#include "collector/candidates.h"
#include "collector/dryrun.h"
#include "collector/leak.h"
#include "collector/policy.h"
#include "collector/publication.h"
#include "quaywatch/err.h"

struct qw_promotion_stats {
	uint64_t verdicts[QW_VERDICT_COUNT];
	uint64_t quarantined, leaks;
	uint64_t far; /* answers to dry runs that were charged */
};

struct qw_promotion_parts {
	const struct qw_policy *policy;
	struct qw_publication publication;
	struct qw_candidates *candidates;
	struct qw_accounts *accounts;
	uint64_t budget; /* proposals of one tenant and hour, of all types */
	struct qw_alarm alarm;
	/* Tries it on sensors first; tlp: the strictest label given.  False: none can, it is promoted untried.  NULL:
	   nothing is tried. */
	bool (*try_dry)(void *ctx, const struct qw_observable *observable, enum qw_tlp tlp);
	void *ctx;
};

struct qw_promotion;

/* The parts are copied; what they point to outlives it. */
enum qw_err qw_promotion_new(struct qw_promotion **out, const struct qw_promotion_parts *parts) QW_MUSTCHECK;
void qw_promotion_free(struct qw_promotion *promotion);

struct qw_offered {
	const struct qw_indicator *indicator;
	enum qw_evidence_kind kind;
	uint32_t gid, sid;
	const char *reason;
};

/* One verdict and one sentence.  The sentence is for operators: it may tell what other tenants did. */
struct qw_judgement {
	enum qw_verdict verdict;
	bool trying; /* it waits for its dry run, or for a channel that is being recovered */
	char why[QW_GUARD_SENTENCE_MAX];
};

/* A sensor's offer.  Errors are ours (store, channel); what becomes of it is *out. */
enum qw_err qw_promotion_propose(struct qw_promotion *promotion, const struct qw_identity *who,
				 const struct qw_offered *offered, struct qw_time now,
				 struct qw_judgement *out) QW_MUSTCHECK;

/* One that holds no indicator that we know: it uses up its budget, and costs nothing, for the sensor may be newer. */
enum qw_err qw_promotion_malformed(struct qw_promotion *promotion, const struct qw_identity *who, struct qw_time now,
				   struct qw_judgement *out) QW_MUSTCHECK;

/* An operator took it out of that channel, or called it a false positive; what only grew old, or left its feed, was not. */
enum qw_err qw_promotion_was_withdrawn(const struct qw_promotion *promotion, const char *channel,
				       const struct qw_observable *observable, bool *out) QW_MUSTCHECK;

/* The urgent path: an operator's word instead of enough tenants'.  Guards hold all the same. */
enum qw_err qw_promotion_urge(struct qw_promotion *promotion, const struct qw_indicator *indicator, const char *operator_name,
			      struct qw_time now, struct qw_judgement *out) QW_MUSTCHECK;

/* Was it somebody else's canary (leak.h)?  What the promotion asks of each proposal, for feeds and operators. */
enum qw_err qw_promotion_leak(struct qw_promotion *promotion, const struct qw_observable *observable,
			      const struct qw_leak_place *place, char owner[QW_NAME_MAX + 1]) QW_MUSTCHECK;

/* What try_dry began is over: guards and tenants are asked once more, then it goes out, or is too popular. */
enum qw_err qw_promotion_tried(struct qw_promotion *promotion, const struct qw_dryrun_result *result, struct qw_time now,
			       struct qw_judgement *out) QW_MUSTCHECK;

/*
 * Tries again what was to be tried, and of which nothing was heard for QW_PROMOTION_RESUME_S: no trial had room, or the
 * collector was started anew.  Some at a time.
 */
enum { QW_PROMOTION_RESUME_S = 60, QW_PROMOTION_RESUMED_MAX = 64 };
enum qw_err qw_promotion_resume(struct qw_promotion *promotion, struct qw_time now) QW_MUSTCHECK;

struct qw_promotion_stats qw_promotion_stats(const struct qw_promotion *promotion);
