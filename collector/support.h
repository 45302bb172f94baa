/* SPDX-License-Identifier: Apache-2.0 */
/*
 * support - how many tenants stand behind a candidate, and how surely.
 *
 * A tenant counts once, however many of its sensors spoke; it does not count
 * when it is revoked, unsure, late, or not believed any more.  Nor does it
 * count when any word of its own, however old, is under a label that the rule
 * does not let go to all: another tenant's more open word does not open it.
 */
#pragma once

#include "collector/accounts.h"
#include "collector/policy.h"
#include "collector/store.h"

struct qw_weight {
	uint64_t tenants;
	uint64_t passed_over; /* tenants that spoke and do not count */
	uint8_t confidence;   /* the least sure tenant's surest word */
	enum qw_tlp tlp;      /* the strictest label of those that count */
	uint64_t open;        /* tenants whose label does not keep it from all, counted or not */
	uint64_t bound;       /* tenants whose label does */
	enum qw_tlp label;    /* the strictest of the open ones */
};

enum qw_err qw_support_weigh(struct qw_weight *out, struct qw_candidates *candidates,
			     const struct qw_accounts *accounts, struct qw_store *store,
			     const struct qw_observable *observable, const struct qw_policy_rule *rule,
			     struct qw_time now) QW_MUSTCHECK;
