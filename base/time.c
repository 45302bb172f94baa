/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/time.h"

#include <string.h>
#include <time.h>

#include "quaywatch/bytes.h"

#define SECONDS_PER_DAY INT64_C(86400)

static struct qw_time read_clock(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return qw_time_ns(now.tv_sec * QW_NS_PER_S + now.tv_nsec);
}

struct qw_time qw_time_wall(void)
{
	return read_clock(CLOCK_REALTIME);
}

struct qw_time qw_time_monotonic(void)
{
	return read_clock(CLOCK_BOOTTIME);
}

struct civil {
	int64_t year;
	unsigned month, day; /* from 1 */
};

/*
 * Days are counted in eras of 400 years (146 097 days) that begin on 1 March
 * of year 0, so that the leap day is the last of its year; 719 468 days lie
 * between that day and 1970.  Months from March on have (153 m + 2) / 5 days
 * before them.
 */
static struct civil civil_from_days(int64_t days)
{
	int64_t shifted = days + 719468;
	int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	unsigned day_of_era = (unsigned)(shifted - era * 146097);
	unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	unsigned month = (5 * day_of_year + 2) / 153;
	struct civil out = {
		.year = era * 400 + year_of_era + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = day_of_year - (153 * month + 2) / 5 + 1,
	};
	return out;
}

static int64_t days_from_civil(struct civil at)
{
	int64_t year = at.month <= 2 ? at.year - 1 : at.year;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t year_of_era = year - era * 400;
	int64_t month = at.month > 2 ? at.month - 3 : at.month + 9;
	int64_t day_of_year = (153 * month + 2) / 5 + at.day - 1;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static void put_digits(char *at, unsigned digits, unsigned value)
{
	while (digits-- > 0) {
		at[digits] = (char)('0' + value % 10);
		value /= 10;
	}
}

void qw_time_eve(struct qw_time at, char out[QW_TIME_EVE_LEN + 1])
{
	int64_t seconds = at.ns / QW_NS_PER_S, rest = at.ns % QW_NS_PER_S;
	if (rest < 0) {
		rest += QW_NS_PER_S;
		seconds--;
	}
	int64_t days = seconds / SECONDS_PER_DAY, second = seconds % SECONDS_PER_DAY;
	if (second < 0) {
		second += SECONDS_PER_DAY;
		days--;
	}
	struct civil date = civil_from_days(days);

	memcpy(out, "0000-00-00T00:00:00.000000+0000", QW_TIME_EVE_LEN + 1);
	put_digits(out, 4, (unsigned)date.year); /* 1677 to 2262: more does not fit into 64 bits */
	put_digits(out + 5, 2, date.month);
	put_digits(out + 8, 2, date.day);
	put_digits(out + 11, 2, (unsigned)(second / 3600));
	put_digits(out + 14, 2, (unsigned)(second / 60 % 60));
	put_digits(out + 17, 2, (unsigned)(second % 60));
	put_digits(out + 20, 6, (unsigned)(rest / QW_NS_PER_US));
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* Exactly this many digits. */
static bool take_digits(struct qw_bytes *in, unsigned digits, unsigned *out)
{
	unsigned value = 0;
	if (in->left < digits)
		return false;
	for (unsigned i = 0; i < digits; i++) {
		if (!is_digit(in->at[i]))
			return false;
		value = value * 10 + (in->at[i] - '0');
	}
	*out = value;
	return qw_bytes_skip(in, digits);
}

/* One character out of `any`. */
static bool take_char(struct qw_bytes *in, const char *any)
{
	if (in->left == 0 || in->at[0] == 0 || !strchr(any, in->at[0]))
		return false;
	return qw_bytes_skip(in, 1);
}

/* "." and digits, or nothing; what lies below a nanosecond is dropped. */
static bool take_fraction(struct qw_bytes *in, int64_t *ns)
{
	*ns = 0;
	if (!take_char(in, "."))
		return true;
	unsigned digit;
	int64_t unit = QW_NS_PER_S / 10;
	if (in->left == 0 || !is_digit(in->at[0]))
		return false;
	while (take_digits(in, 1, &digit)) {
		*ns += unit * digit;
		unit /= 10;
	}
	return true;
}

/* "Z", "+hh:mm", "+hhmm" or nothing. */
static bool take_offset(struct qw_bytes *in, int64_t *seconds)
{
	*seconds = 0;
	if (in->left == 0 || take_char(in, "Zz"))
		return true;
	int64_t sign = in->at[0] == '-' ? -1 : 1;
	unsigned hours, minutes;
	if (!take_char(in, "+-") || !take_digits(in, 2, &hours))
		return false;
	(void)take_char(in, ":");
	if (!take_digits(in, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*seconds = sign * (hours * 3600 + minutes * 60);
	return true;
}

static unsigned days_of_month(unsigned year, unsigned month)
{
	static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return days[month - 1] + (month == 2 && leap);
}

bool qw_time_compose(unsigned year, unsigned month, unsigned day, unsigned second_of_day, int64_t *seconds)
{
	if (month < 1 || month > 12 || day < 1 || day > days_of_month(year, month) || second_of_day > SECONDS_PER_DAY)
		return false;
	*seconds = days_from_civil((struct civil){year, month, day}) * SECONDS_PER_DAY + second_of_day;
	return true;
}

static bool take_date(struct qw_bytes *in, int64_t *seconds)
{
	unsigned year, month, day;
	return take_digits(in, 4, &year) && take_char(in, "-") && take_digits(in, 2, &month) && take_char(in, "-") &&
	       take_digits(in, 2, &day) && qw_time_compose(year, month, day, 0, seconds);
}

/* A leap second (":60") is the first of the next minute. */
static bool take_clock(struct qw_bytes *in, int64_t *seconds)
{
	unsigned hour, minute, second;
	if (!take_digits(in, 2, &hour) || !take_char(in, ":") || !take_digits(in, 2, &minute) || !take_char(in, ":") ||
	    !take_digits(in, 2, &second))
		return false;
	if (hour > 23 || minute > 59 || second > 60)
		return false;
	*seconds = hour * 3600 + minute * 60 + second;
	return true;
}

/* False where 64 bits of nanoseconds do not reach. */
static bool compose(int64_t seconds, int64_t ns, struct qw_time *out)
{
	int64_t whole;
	return !__builtin_mul_overflow(seconds, QW_NS_PER_S, &whole) && !__builtin_add_overflow(whole, ns, &out->ns);
}

static bool parse_rfc3339(struct qw_bytes in, struct qw_time *out)
{
	int64_t date, clock = 0, ns = 0, offset = 0;
	if (!take_date(&in, &date))
		return false;
	if (in.left > 0 && (!take_char(&in, "Tt ") || !take_clock(&in, &clock) || !take_fraction(&in, &ns) ||
			    !take_offset(&in, &offset)))
		return false;
	return in.left == 0 && compose(date + clock - offset, ns, out);
}

static bool parse_seconds(struct qw_bytes in, struct qw_time *out)
{
	int64_t seconds = 0, ns;
	unsigned digit;
	if (in.left == 0 || !is_digit(in.at[0]))
		return false;
	while (take_digits(&in, 1, &digit)) {
		if (__builtin_mul_overflow(seconds, 10, &seconds) || __builtin_add_overflow(seconds, digit, &seconds))
			return false;
	}
	return take_fraction(&in, &ns) && in.left == 0 && compose(seconds, ns, out);
}

bool qw_time_parse(const char *text, size_t len, struct qw_time *out)
{
	struct qw_time at;
	struct qw_bytes in = qw_bytes(text, len);
	if (!parse_rfc3339(in, &at) && !parse_seconds(in, &at))
		return false;
	*out = at;
	return true;
}
