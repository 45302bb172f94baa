/* SPDX-License-Identifier: Apache-2.0 */
/* recall - what an operator calls a false positive leaves every channel, and costs who brought it. */
#pragma once

#include "collector/accounts.h"
#include "collector/candidates.h"
#include "collector/publication.h"

/* The verdict of a candidate that was called a false positive. */
#define QW_FALSE_POSITIVE "false-positive"

enum qw_err qw_recall_was_called(struct qw_candidates *candidates, const struct qw_observable *observable,
				 bool *out) QW_MUSTCHECK;

struct qw_recall_parts {
	const struct qw_publication *publication;
	struct qw_candidates *candidates;
	struct qw_accounts *accounts;
};

struct qw_recalled {
	uint64_t channels; /* that it left */
	uint64_t charged;  /* sensors whose credit it cost: once, however often it is called */
};

enum qw_err qw_recall(const struct qw_recall_parts *parts, const struct qw_observable *observable, struct qw_time now,
		      struct qw_recalled *out) QW_MUSTCHECK;
