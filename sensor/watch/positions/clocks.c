/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/positions/clocks.h"

enum { AHEAD_MS = 2000, BEHIND_MS = 10000, ALIKE_MS = 1000, HELD = 5, HELD_S = 10, KNOWN = 10, KNOWN_S = 60, DRIFT_MS = 1 };
enum { DAY_MS = 86400000 };

static bool is_as_before(const struct qw_clock *clock, int64_t offset_ms)
{
	int64_t by = offset_ms - clock->base_ms;

	return by <= AHEAD_MS && by >= -BEHIND_MS;
}

static bool is_alike(int64_t a, int64_t b)
{
	return a - b <= ALIKE_MS && b - a <= ALIKE_MS;
}

static bool is_past(struct qw_time since, struct qw_time now, int64_t seconds)
{
	return qw_time_sub(now, since).ns >= qw_time_seconds(seconds).ns;
}

static void begin(struct qw_clock *clock, int64_t offset_ms, struct qw_time now)
{
	*clock = (struct qw_clock){.count = 1, .base_ms = offset_ms, .since = now};
}

/* The least delay counts: the offset that is furthest ahead, which slowly goes back. */
static void go_on(struct qw_clock *clock, int64_t offset_ms)
{
	clock->odd = 0;
	clock->count++;
	clock->base_ms = offset_ms > clock->base_ms ? offset_ms : clock->base_ms - DRIFT_MS;
}

bool qw_clock_see(struct qw_clock *clock, int64_t offset_ms, struct qw_time now, int64_t *by_ms)
{
	if (clock->count == 0) {
		begin(clock, offset_ms, now);
		return false;
	}
	if (is_as_before(clock, offset_ms)) {
		go_on(clock, offset_ms);
		return false;
	}
	if (clock->odd == 0 || !is_alike(offset_ms, clock->odd_ms)) {
		clock->odd = 0;
		clock->odd_ms = offset_ms;
		clock->odd_since = now;
	}
	if (++clock->odd < HELD || !is_past(clock->odd_since, now, HELD_S))
		return false;
	bool was_known = clock->count >= KNOWN && is_past(clock->since, clock->odd_since, KNOWN_S);
	*by_ms = offset_ms - clock->base_ms;
	begin(clock, offset_ms, now);
	return was_known;
}

/* ---- as texts */

static bool take_digits(const uint8_t *at, size_t len, unsigned *out)
{
	*out = 0;
	for (size_t i = 0; i < len; i++) {
		if (at[i] < '0' || at[i] > '9')
			return false;
		*out = *out * 10 + (at[i] - '0');
	}
	return true;
}

bool qw_clock_read(const struct qw_slice *text, int64_t *ms)
{
	enum { WHOLE = 8, FRACTION = 12 };
	const uint8_t *at = text->data;
	unsigned hour, minute, second, rest = 0;

	if ((text->len != WHOLE && text->len != FRACTION) || !take_digits(at, 2, &hour) || !take_digits(at + 3, 2, &minute) ||
	    !take_digits(at + 6, 2, &second) || (text->len == FRACTION && !take_digits(at + 9, 3, &rest)))
		return false;
	*ms = ((int64_t)hour * 3600 + minute * 60 + second) * 1000 + rest;
	return true;
}

static bool read_date(const struct qw_slice *text, int64_t *ms)
{
	enum { DATE = 10 };
	unsigned year, month, day;
	int64_t seconds;

	if (text->len != DATE || !take_digits(text->data, 4, &year) || !take_digits(text->data + 5, 2, &month) ||
	    !take_digits(text->data + 8, 2, &day) || !qw_time_compose(year, month, day, 0, &seconds))
		return false;
	*ms = seconds * 1000;
	return true;
}

bool qw_clock_moment(const struct qw_slice *clock, const struct qw_slice *date, struct qw_time now, int64_t *ms)
{
	int64_t of_day, day, now_ms = now.ns / QW_NS_PER_MS;

	if (!qw_clock_read(clock, &of_day))
		return false;
	if (read_date(date, &day)) {
		*ms = day + of_day;
		return true;
	}
	*ms = now_ms - now_ms % DAY_MS + of_day;
	if (*ms - now_ms > DAY_MS / 2)
		*ms -= DAY_MS;
	else if (now_ms - *ms > DAY_MS / 2)
		*ms += DAY_MS;
	return true;
}
