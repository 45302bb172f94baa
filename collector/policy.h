/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy - what may be offered to the community, whoever offers it.
 *
 * Judges an indicator by itself: its form, its label, its address, and what
 * the port has declared untouchable.  How many tenants stand behind it is
 * promotion's business.  Never changes after loading; any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/address.h"
#include "quaywatch/diag.h"
#include "quaywatch/err.h"
#include "quaywatch/indicator.h"

/* Why an offer is not promoted (or that it is). */
enum qw_verdict {
	QW_VERDICT_PROMOTED,
	QW_VERDICT_WAITING,   /* kept; too few tenants so far */
	QW_VERDICT_KNOWN,     /* in the channel already */
	QW_VERDICT_FORM,      /* not canonical, or no such type */
	QW_VERDICT_ALLOW,     /* an exception is the operator's to make */
	QW_VERDICT_LABEL,     /* its TLP forbids sharing with all */
	QW_VERDICT_UNSURE,    /* confidence below the policy's */
	QW_VERDICT_SPECIAL,   /* private, local, multicast … address space */
	QW_VERDICT_BROAD,     /* a block or name that covers too much */
	QW_VERDICT_PROTECTED, /* the port's list, or an allow entry */
	QW_VERDICT_WITHDRAWN, /* an operator took it back once */
	QW_VERDICT_RATE,      /* the tenant's budget of the hour is spent */
	QW_VERDICT_COUNT
};

const char *qw_verdict_name(enum qw_verdict verdict);
const char *qw_verdict_text(enum qw_verdict verdict); /* for people */

struct qw_policy_options {
	uint8_t confidence_min;
	const char *const *protected_items; /* addresses, blocks, names: nothing may list them or what lies in them */
	size_t protected_count;
};

struct qw_policy;

/* QW_EFORMAT: an item is neither address, block nor name; complaint added. */
enum qw_err qw_policy_new(struct qw_policy **out, const struct qw_policy_options *options,
			  struct qw_diags *diags) QW_MUSTCHECK;
void qw_policy_free(struct qw_policy *policy);

/* Holds for everybody, operators included. */
bool qw_policy_is_protected(const struct qw_policy *policy, const struct qw_observable *observable);

/* QW_VERDICT_PROMOTED: nothing in the indicator itself stands against it. */
enum qw_verdict qw_policy_judge(const struct qw_policy *policy, const struct qw_indicator *indicator);

/* The addresses, or the name, that an observable means, a URL by its host; false: none.  *name points into it. */
bool qw_policy_prefix_of(const struct qw_observable *observable, struct qw_prefix *out) QW_MUSTCHECK;
bool qw_policy_name_of(const struct qw_observable *observable, const char **name, size_t *len) QW_MUSTCHECK;
