/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inforce - the ruleset in force, as the supervisor keeps it for the workers.
 *
 * Workers get what is new when it comes; one that had no room for it, or is
 * started anew, gets all.  One thread.
 */
#pragma once

#include "sensor/run/images.h"
#include "sensor/run/rulebook.h"
#include "sensor/run/seats.h"

struct qw_inforce {
	struct qw_ruleset_images images;
	uint32_t generation; /* 0: there is none yet */
	struct qw_rulebook_counts rules;
	struct qw_post post; /* large: not on the stack */
};

void qw_inforce_init(struct qw_inforce *inforce);
void qw_inforce_fini(struct qw_inforce *inforce);

/* All that the builder's end has: kept, and passed on to `workers` seats. */
void qw_inforce_receive(struct qw_inforce *inforce, int builder, struct qw_seat *seat, unsigned workers);

/* To those that had no room. */
void qw_inforce_catch_up(struct qw_inforce *inforce, struct qw_seat *seat, unsigned workers);
