/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/normal/window.h"

#include <time.h>

#include "sensor/watch/phrase.h"

enum { DAY_S = 86400, HOUR_S = 3600, MINUTE_S = 60, DAYS = 7, FIRST_DAY = 4 /* 1970-01-01 was a Thursday */, ALL_DAYS = 0x7f };

static enum qw_err fail(enum qw_err err, const char **why, const char *text)
{
	*why = text;
	return err;
}

/* ---- the calendar */

/* Days since 1970-01-01.  False: there is no such day. */
static bool take_day(unsigned year, unsigned month, unsigned day, int32_t *out)
{
	int64_t seconds;

	if (!qw_time_compose(year, month, day, 0, &seconds))
		return false;
	*out = (int32_t)(seconds / DAY_S);
	return true;
}

struct qw_moment qw_moment_of(struct qw_time time)
{
	time_t seconds = (time_t)(time.ns / QW_NS_PER_S);
	struct tm local;

	struct qw_moment moment = {0};

	if (localtime_r(&seconds, &local) && local.tm_year >= 0 &&
	    take_day((unsigned)local.tm_year + 1900, (unsigned)local.tm_mon + 1, (unsigned)local.tm_mday, &moment.day))
		moment.second = (uint32_t)(local.tm_hour * HOUR_S + local.tm_min * MINUTE_S + local.tm_sec);
	return moment;
}

/* ---- reading */

/* "2026-11-23T08:00" */
static bool take_moment(struct qw_phrase *phrase, struct qw_moment *out)
{
	enum { YEAR_MIN = 1970, YEAR_MAX = 9999 };
	uint64_t year, month, day;

	if (!qw_phrase_number(phrase, YEAR_MAX, &year) || year < YEAR_MIN || !qw_phrase_mark(phrase, "-") ||
	    !qw_phrase_number(phrase, 12, &month) || !qw_phrase_mark(phrase, "-") || !qw_phrase_number(phrase, 31, &day) ||
	    !take_day((unsigned)year, (unsigned)month, (unsigned)day, &out->day) || !qw_phrase_mark(phrase, "T"))
		return false;
	return qw_phrase_clock(phrase, &out->second);
}

static bool is_before(struct qw_moment a, struct qw_moment b)
{
	return a.day < b.day || (a.day == b.day && a.second < b.second);
}

static bool take_once(struct qw_phrase *phrase, struct qw_window *out)
{
	struct qw_phrase at = *phrase;

	if (!take_moment(&at, &out->first) || !qw_phrase_mark(&at, "/") || !take_moment(&at, &out->last) ||
	    !is_before(out->first, out->last))
		return false;
	*phrase = at;
	out->once = true;
	return true;
}

static bool take_weekly(struct qw_phrase *phrase, struct qw_window *out)
{
	struct qw_phrase at = *phrase;

	if (!qw_phrase_days(&at, &out->days))
		out->days = ALL_DAYS;
	if (!qw_phrase_clock(&at, &out->begins) || !qw_phrase_mark(&at, "-") || !qw_phrase_clock(&at, &out->ends) ||
	    out->begins == out->ends || out->begins == DAY_S)
		return false;
	*phrase = at;
	return true;
}

static enum qw_err take_net(struct qw_phrase *phrase, struct qw_window *out, const char **why)
{
	const char *word;
	size_t len;

	if (out->net_count == QW_WINDOW_NETS_MAX)
		return fail(QW_ELIMIT, why, "one window takes no more than 16 networks; write a second line for the others");
	if (!qw_phrase_word(phrase, ",", &word, &len) || !qw_prefix_parse(word, len, &out->net[out->net_count]))
		return fail(QW_EFORMAT, why, "behind the time stand the hosts: *, or 10.1.4.0/24, 10.1.5.9 with commas between");
	out->net_count++;
	return QW_OK;
}

static enum qw_err take_hosts(struct qw_phrase *phrase, struct qw_window *out, const char **why)
{
	enum qw_err err = QW_OK;

	if (qw_phrase_mark(phrase, "*"))
		return QW_OK;
	do
		err = take_net(phrase, out, why);
	while (err == QW_OK && qw_phrase_mark(phrase, ","));
	return err;
}

enum qw_err qw_window_parse(struct qw_window *out, const char *text, size_t len, const char **why)
{
	struct qw_phrase phrase = qw_phrase(text, len);
	struct qw_window window = {0};

	if (!take_once(&phrase, &window) && !take_weekly(&phrase, &window))
		return fail(QW_EFORMAT, why,
			    "it begins with a local time: Sat 22:00-02:00, 06:00-06:30, or 2026-11-23T08:00/2026-11-23T12:00");
	enum qw_err err = take_hosts(&phrase, &window, why);
	if (err != QW_OK)
		return err;
	if (!qw_phrase_is_over(&phrase))
		return fail(QW_EFORMAT, why, "behind the hosts stands nothing more; between networks there are commas");
	*out = window;
	return QW_OK;
}

/* ---- asking */

static bool is_day(const struct qw_window *window, int32_t day)
{
	return window->days & 1u << (((day + FIRST_DAY) % DAYS + DAYS) % DAYS);
}

bool qw_window_is_open(const struct qw_window *window, struct qw_moment now)
{
	if (window->once)
		return !is_before(now, window->first) && is_before(now, window->last);
	if (window->begins < window->ends)
		return is_day(window, now.day) && now.second >= window->begins && now.second < window->ends;
	return (is_day(window, now.day) && now.second >= window->begins) ||
	       (is_day(window, now.day - 1) && now.second < window->ends);
}

bool qw_window_holds(const struct qw_window *window, const struct qw_address *address)
{
	for (size_t i = 0; i < window->net_count; i++)
		if (qw_prefix_holds(&window->net[i], address))
			return true;
	return window->net_count == 0;
}
