/* SPDX-License-Identifier: Apache-2.0 */
/*
 * promotion - from what one tenant says to what all tenants hold.
 *
 * An operator's word goes in at once.  A tenant's proposal (a person's, or one
 * that a signature asked for) is kept, and promoted once enough distinct
 * tenants, each sure enough, say the same within the window.  The community
 * then sees source "community", never who said it.
 *
 * Nobody can poison it alone: what is private, protected, broad or withdrawn
 * never goes in this way (policy.h), one tenant counts once however many
 * sensors it has, and it has a budget per hour.
 *
 * One thread.
 */
#pragma once

#include <stdint.h>

#include "collector/policy.h"
#include "collector/publication.h"
#include "quaywatch/err.h"

struct qw_promotion_options {
	uint64_t tenants;            /* distinct */
	struct qw_time window;       /* span in which they must speak */
	struct qw_time lifetime;     /* of what is promoted */
	uint64_t proposals_per_hour; /* of one tenant */
};

struct qw_promotion_stats {
	uint64_t verdicts[QW_VERDICT_COUNT];
};

struct qw_promotion;

/* publication and policy outlive it. */
enum qw_err qw_promotion_new(struct qw_promotion **out, const struct qw_promotion_options *options,
			     const struct qw_policy *policy, const struct qw_publication *publication) QW_MUSTCHECK;
void qw_promotion_free(struct qw_promotion *promotion);

/* A tenant's offer.  Errors are ours (store, channel); what becomes of it is *verdict. */
enum qw_err qw_promotion_propose(struct qw_promotion *promotion, const char *tenant,
				 const struct qw_indicator *indicator, uint32_t gid, uint32_t sid, struct qw_time now,
				 enum qw_verdict *verdict) QW_MUSTCHECK;

struct qw_promotion_stats qw_promotion_stats(const struct qw_promotion *promotion);
