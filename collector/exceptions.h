/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exceptions - the community's allow entries, as a guard that follows the channel.
 *
 * Made anew only when an allow entry came or went: a channel of a million
 * indicators is not walked for each proposal.  One thread.
 */
#pragma once

#include "collector/guard.h"
#include "collector/publication.h"

struct qw_exceptions {
	struct qw_guard *guard;
	uint64_t changes; /* of the publication, as of which it was made */
};

/* The guard of now; it stays the exceptions'. */
enum qw_err qw_exceptions_get(const struct qw_guard **out, struct qw_exceptions *exceptions,
			      const struct qw_publication *publication) QW_MUSTCHECK;
void qw_exceptions_fini(struct qw_exceptions *exceptions);
