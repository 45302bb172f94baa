/* SPDX-License-Identifier: Apache-2.0 */
/*
 * popular - what the answers to a dry run say together: do too many hosts meet it for it to be bad?
 *
 * No sensor decides alone.  A value is too popular where more than `noise`
 * hosts met it
 *
 *	at two tenants or more;
 *	at one, and another met it at a quarter of that;
 *	at one alone, if fewer than two others could say that they did not, and
 *	all whose numbers made it so are still believed enough to stand alone.
 *
 * Whose numbers are far above what all other tenants say is named, to be
 * charged for it: who refuses everything is soon not believed alone.  A 0 only
 * ever speaks for its own tenant: it takes nothing from what two others met.
 *
 * Pure.  Any thread.
 */
#pragma once

#include "collector/dryrun.h"

struct qw_popularity {
	bool refused;
	uint64_t tenants; /* whose answers count */
	uint64_t loud;    /* of these, at which more than `noise` hosts met it */
	uint64_t loudest; /* most hosts at one tenant, all its sensors together */
	size_t far_count;
	const struct qw_identity *far[QW_DRYRUN_SENSORS]; /* into the result */
};

struct qw_popular_trust {
	/* Is this sensor believed where no other says the same? */
	bool (*stands_alone)(void *ctx, const struct qw_identity *who);
	void *ctx;
};

void qw_popularity_weigh(struct qw_popularity *out, const struct qw_dryrun_result *result, uint64_t noise,
			 const struct qw_popular_trust *trust);
