/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admission - may a feed or an operator put a value into a channel?
 *
 * They need no other tenant's word, but pass the guards (guard.h) all the same.
 * A crown jewel is never listed, and special address space never for all: 10.1.2.3
 * is another host at each tenant.  An operator who knows better forces past
 * allow entries and warning lists, and special space in one tenant's own
 * channel; that is marked in the reason, and stays when the collector starts
 * again with the same allow list.
 *
 * Pure; what it is given must not change meanwhile.  Any thread.
 */
#pragma once

#include "collector/guard.h"
#include "collector/label.h"
#include "quaywatch/indicator.h"

/* How the reason of what was forced begins (qw_reason.why). */
#define QW_FORCED_WHY "forced: "

enum qw_admission {
	QW_ADMITTED,
	QW_ADMITTED_FORCED, /* something stood against it */
	QW_REFUSED_JEWEL,
	QW_REFUSED_SPECIAL,
	QW_REFUSED_ALLOW,
	QW_REFUSED_WARNING,
	QW_REFUSED_LABEL,  /* its TLP label (label.h); never forced */
	QW_REFUSED_CANARY, /* another tenant's (leak.h): whoever asks the store finds that */
	QW_REFUSED_WITHDRAWN, /* an operator took it back: whoever asks the store finds that */
	QW_REFUSED_FORM,   /* its reader's complaint */
	QW_ADMISSIONS
};

/* For people: "a crown jewel: nothing may list it"; and one word, for programs. */
const char *qw_admission_text(enum qw_admission admission);
const char *qw_admission_name(enum qw_admission admission);

static inline bool qw_is_admitted(enum qw_admission admission)
{
	return admission <= QW_ADMITTED_FORCED;
}

struct qw_admission_rules {
	const struct qw_guard *policy;     /* the configuration's */
	const struct qw_guard *exceptions; /* the community's allow entries; NULL: not asked for */
	const char *tenant;                /* whose own channel it is for; NULL: for all */
	bool forced;
};

/* Allow entries pass all guards, but not their label.  why, if not NULL: what stands against it, one sentence. */
enum qw_admission qw_admission_judge(const struct qw_admission_rules *rules, const struct qw_indicator *indicator,
				     char why[QW_GUARD_SENTENCE_MAX]);
