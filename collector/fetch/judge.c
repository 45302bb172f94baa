/* SPDX-License-Identifier: Apache-2.0 */
/* judge - whether what came is plausible after what was there. */
#include "collector/fetch/fetch.h"

/* Smaller sets come and go as they like. */
enum { SMALL = 20 };

static void count_changes(struct qw_fetch *fetch, const struct qw_feed_set *after)
{
	struct qw_feed_diff diff = {&fetch->before, after, 0, 0};
	struct qw_feed_outcome *outcome = &fetch->outcome;
	struct qw_feed_row row;
	enum qw_feed_step step;

	while ((step = qw_feed_diff_next(&diff, &row)) != QW_FEED_END) {
		outcome->added += step == QW_FEED_ADDED;
		outcome->changed += step == QW_FEED_CHANGED;
		outcome->removed += step == QW_FEED_REMOVED;
	}
}

bool qw_fetch_judge(struct qw_fetch *fetch, const struct qw_feed_set *after)
{
	const struct qw_feed_outcome *outcome = &fetch->outcome;
	size_t before = fetch->before.count;

	count_changes(fetch, after);
	if (outcome->rejected > outcome->entries + outcome->ignored)
		return qw_fetch_fail(fetch, QW_FEED_REFUSED,
				     "%llu lines are not understood, more than are; is it another page, or another format?",
				     (unsigned long long)outcome->rejected);
	if (fetch->spec->shrunk || before == 0)
		return true;
	if (after->count == 0)
		return qw_fetch_fail(fetch, QW_FEED_REFUSED,
				     "it is empty, and had %zu entries; if that is so: quaywatchctl feeds run %s --shrunk",
				     before, fetch->spec->name);
	if (before >= SMALL && (before - (size_t)outcome->removed) * 100 < before * (size_t)fetch->spec->keep)
		return qw_fetch_fail(fetch, QW_FEED_REFUSED,
				     "%llu of %zu entries are gone, and keep=%llu percent must stay; if that is so: "
				     "quaywatchctl feeds run %s --shrunk",
				     (unsigned long long)outcome->removed, before, (unsigned long long)fetch->spec->keep,
				     fetch->spec->name);
	return true;
}
