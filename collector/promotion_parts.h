/* SPDX-License-Identifier: Apache-2.0 */
/* promotion_parts - what promotion.c and promotion_tried.c share. */
#pragma once

#include "collector/exceptions.h"
#include "collector/promotion.h"

struct qw_promotion {
	struct qw_promotion_parts parts;
	struct qw_exceptions exceptions;
	struct qw_promotion_stats stats;
	struct qw_leaks leaks;
};

void qw_judgement_say(struct qw_judgement *out, enum qw_verdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What stands against it, brought by this tenant (NULL: nobody's): policy, guards, the channel and its history. */
enum qw_err qw_promotion_judge(struct qw_promotion *promotion, const struct qw_indicator *indicator, const char *tenant,
			       struct qw_judgement *out) QW_MUSTCHECK;

/* Writes down what became of a candidate. */
enum qw_err qw_promotion_record(struct qw_promotion *promotion, const struct qw_observable *observable,
				const struct qw_judgement *judgement, struct qw_time now) QW_MUSTCHECK;

/* Do enough tenants stand behind it?  Then it is tried, or (tried: that is behind it) it goes into the channel. */
enum qw_err qw_promotion_weigh(struct qw_promotion *promotion, const struct qw_observable *observable, bool tried,
			       struct qw_time now, struct qw_judgement *out) QW_MUSTCHECK;
