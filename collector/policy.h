/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy - what may be offered to the community, whoever offers it, and what it takes.
 *
 * Judges an indicator by itself: its form, the guards (guard.h), its label and
 * how sure one is of it.  How many tenants stand behind it is promotion's
 * business.  Never changes after loading; any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/guard.h"
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
	QW_VERDICT_PROTECTED, /* a crown jewel, or an allow entry */
	QW_VERDICT_WARNED,    /* a warning list holds it for good */
	QW_VERDICT_NOISY,     /* tried dry, too many hosts meet it */
	QW_VERDICT_WITHDRAWN, /* an operator took it back once */
	QW_VERDICT_RATE,      /* the tenant's budget of the hour is spent */
	QW_VERDICT_COUNT
};

const char *qw_verdict_name(enum qw_verdict verdict);
const char *qw_verdict_text(enum qw_verdict verdict); /* for people */

/* What it takes to promote a value of one type. */
struct qw_policy_rule {
	uint64_t tenants;    /* distinct */
	uint8_t confidence;  /* least, of evidence that counts */
	enum qw_tlp tlp;     /* the strictest label that may still go to all; it goes under the strictest given */
	struct qw_time window;   /* span in which they must speak */
	struct qw_time lifetime; /* of what is promoted */
	struct qw_time max_age;  /* beyond which sightings do not prolong it; 0: they never do */
	uint64_t per_hour;       /* proposals of one tenant */
	uint64_t noise;          /* hosts of one tenant that met it lately beyond which it is too popular */
};

struct qw_policy_list {
	const char *const *item;
	size_t count;
};

struct qw_policy_options {
	struct qw_policy_rule rule;         /* of every type, until qw_policy_set says otherwise; a block is never prolonged */
	struct qw_policy_list jewels;       /* addresses, blocks, names */
	struct qw_policy_list jewel_files;  /* or folders: one a line */
	struct qw_policy_list allow;        /* "VALUE", or "TENANT VALUE": for what that tenant brings */
	struct qw_policy_list warning_lists; /* files or folders */
};

struct qw_policy;

/* QW_EFORMAT: an item is neither address, block nor name, or a file is not good; complaints were added. */
enum qw_err qw_policy_new(struct qw_policy **out, const struct qw_policy_options *options,
			  struct qw_diags *diags) QW_MUSTCHECK;
void qw_policy_free(struct qw_policy *policy);

/*
 * "ip", "tenants=3,confidence=60,window_hours=24,lifetime_days=7,max_age_days=90,tlp=amber,proposals_per_hour=100,noise=5"; types with
 * a colon are written with '-'.  What is not named stays.  QW_EFORMAT: complaint added.  Before it is shared.
 */
enum qw_err qw_policy_set(struct qw_policy *policy, const char *type, const char *text,
			  struct qw_diags *diags) QW_MUSTCHECK;
const struct qw_policy_rule *qw_policy_rule_of(const struct qw_policy *policy, enum qw_observable_type type);

const struct qw_guard *qw_policy_guard(const struct qw_policy *policy);

/*
 * QW_VERDICT_PROMOTED: nothing in the indicator itself stands against it, when
 * `tenant` (NULL: nobody's) brings it.  why gets one sentence in any case.
 */
enum qw_verdict qw_policy_judge(const struct qw_policy *policy, const struct qw_indicator *indicator,
				const char *tenant, char why[QW_GUARD_SENTENCE_MAX]);
enum qw_verdict qw_verdict_of_guard(enum qw_guard_kind kind);
