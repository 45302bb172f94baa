/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/paths/hours.h"

#include "sensor/watch/phrase.h"

enum { DAY_S = 86400, DAYS = 7, FIRST_DAY = 4 /* 1970-01-01 was a Thursday */, ALL_DAYS = 0x7f };

enum qw_err qw_hours_parse(struct qw_hours *out, const char *text, size_t len)
{
	struct qw_phrase phrase = qw_phrase(text, len);
	struct qw_hours hours;

	if (!qw_phrase_days(&phrase, &hours.days))
		hours.days = ALL_DAYS;
	if (!qw_phrase_clock(&phrase, &hours.from) || !qw_phrase_mark(&phrase, "-") || !qw_phrase_clock(&phrase, &hours.to) ||
	    !qw_phrase_is_over(&phrase) || hours.from == hours.to)
		return QW_EFORMAT;
	*out = hours;
	return QW_OK;
}

static bool is_day(const struct qw_hours *hours, int64_t day)
{
	return hours->days & 1u << ((day % DAYS + DAYS + FIRST_DAY) % DAYS);
}

bool qw_hours_hold(const struct qw_hours *hours, struct qw_time time)
{
	int64_t seconds = time.ns / QW_NS_PER_S, day = seconds / DAY_S;
	uint32_t clock = (uint32_t)(seconds % DAY_S);

	if (seconds < 0)
		return false;
	if (hours->from < hours->to)
		return is_day(hours, day) && clock >= hours->from && clock < hours->to;
	return (is_day(hours, day) && clock >= hours->from) || (is_day(hours, day - 1) && clock < hours->to);
}
