/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prevalence - how many tenants met an indicator, as far as others may learn it, and what that adds to its life.
 *
 * Of each indicator of the community's channel all learn that one or two
 * tenants met it, or three and more; never who, and never when: sightings are
 * gathered in buckets of time, and what they change goes out when the bucket
 * has ended, in the order of ids.  Who brought a candidate met it too.  The
 * class only rises while an indicator is in the channel.  A sighting prolongs
 * an entry that says so by its lifetime from the bucket's end, at most once in
 * a quarter of it, and not beyond the policy's max_age.
 *
 * A liar can make "1-2" of what nobody met, and keep an entry until max_age:
 * an operator's revocation ends it.  One thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "collector/candidates.h"
#include "collector/policy.h"
#include "collector/publication.h"
#include "collector/registry.h"

/* Looked at in one turn, which is one delta: the rest waits for the next. */
enum { QW_PREVALENCE_PER_TURN = 500 };

struct qw_prevalence_stats {
	uint64_t told;      /* classes that rose */
	uint64_t prolonged; /* entries */
	uint64_t put_off;   /* turns that had no room for all */
};

struct qw_prevalences {
	const struct qw_publication *publication; /* its bucket > 0 */
	const struct qw_registry *registry;
	struct qw_candidates *candidates;
	const struct qw_policy *policy;
	struct qw_prevalence_stats stats;
};

/* Tells of buckets that have ended.  QW_EAGAIN: the channel is being recovered; later.  Others are the store's. */
enum qw_err qw_prevalence_turn(struct qw_prevalences *prevalences, struct qw_time now) QW_MUSTCHECK;
