/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/admission.h"

#include <stdio.h>

static const struct {
	const char *name, *text;
} rows[QW_ADMISSIONS] = {
    [QW_ADMITTED] = {"admitted", "nothing stands against it"},
    [QW_ADMITTED_FORCED] = {"forced", "an operator forced it"},
    [QW_REFUSED_JEWEL] = {"jewel", "a crown jewel: nothing may list it, forced or not"},
    [QW_REFUSED_SPECIAL] = {"special", "private or special address space: another host at each tenant"},
    [QW_REFUSED_ALLOW] = {"allow", "an allow entry stands against it; --force if you know better"},
    [QW_REFUSED_WARNING] = {"warning", "a warning list holds it for good; --force if you know better"},
    [QW_REFUSED_LABEL] = {"label", "its TLP label does not let it go there"},
    [QW_REFUSED_CANARY] = {"canary", "given to one tenant alone: the place that it came from leaks"},
    [QW_REFUSED_WITHDRAWN] = {"withdrawn", "an operator took it back; only an operator adds it again"},
    [QW_REFUSED_FORM] = {"form", "not understood"},
};

const char *qw_admission_text(enum qw_admission admission)
{
	return rows[admission].text;
}

const char *qw_admission_name(enum qw_admission admission)
{
	return rows[admission].name;
}

static bool may_be_forced(enum qw_guard_kind kind, const struct qw_admission_rules *rules)
{
	const bool may[QW_GUARD_KINDS] = {
	    [QW_GUARD_SPECIAL] = rules->tenant != NULL,
	    [QW_GUARD_ALLOW] = true,
	    [QW_GUARD_WARNING] = true,
	};

	return rules->forced && may[kind];
}

static enum qw_admission judge_hit(const struct qw_admission_rules *rules, const struct qw_guard_hit *hit)
{
	static const enum qw_admission of[QW_GUARD_KINDS] = {
	    [QW_GUARD_JEWEL] = QW_REFUSED_JEWEL,
	    [QW_GUARD_SPECIAL] = QW_REFUSED_SPECIAL,
	    [QW_GUARD_ALLOW] = QW_REFUSED_ALLOW,
	    [QW_GUARD_WARNING] = QW_REFUSED_WARNING,
	};

	return may_be_forced(hit->list.kind, rules) ? QW_ADMITTED_FORCED : of[hit->list.kind];
}

enum qw_admission qw_admission_judge(const struct qw_admission_rules *rules, const struct qw_indicator *indicator,
				     char why[QW_GUARD_SENTENCE_MAX])
{
	const struct qw_observable *observable = &indicator->observable;
	enum qw_admission admission = QW_ADMITTED;
	struct qw_guard_hit hit;

	if (!qw_label_permits(indicator->tlp, rules->tenant ? QW_PLACE_TENANT : QW_PLACE_COMMUNITY)) {
		if (why)
			snprintf(why, QW_GUARD_SENTENCE_MAX, "%.300s: %s", observable->text, qw_label_text(indicator->tlp));
		return QW_REFUSED_LABEL;
	}
	if (indicator->allow)
		return QW_ADMITTED;
	/* The gravest kind is found first, and what may be forced is the lighter ones. */
	bool found = qw_guard_find(rules->policy, observable, rules->tenant, &hit);
	if (found)
		admission = judge_hit(rules, &hit);
	/* A block around an allow entry of the channel is fine: sensors hold the entry, too, and it decides within. */
	if (!found && rules->exceptions && qw_guard_find(rules->exceptions, observable, NULL, &hit) && !hit.above) {
		found = true;
		admission = judge_hit(rules, &hit);
	}
	if (found && why)
		qw_guard_sentence(&hit, observable, why);
	return admission;
}
