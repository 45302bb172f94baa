/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/nmea_number.h"

bool qw_nmea_fixed(struct qw_slice text, unsigned decimals, int64_t *out)
{
	enum { DIGITS_MAX = 12 };
	int64_t value = 0;
	unsigned behind = 0, before = 0;
	bool point = false, negative = text.len && text.data[0] == '-';
	for (size_t i = negative; i < text.len; i++) {
		uint8_t c = text.data[i];
		if (c == '.' && !point) {
			point = true;
			continue;
		}
		if (c < '0' || c > '9' || (!point && ++before > DIGITS_MAX))
			return false;
		if (point && ++behind > decimals)
			continue;
		value = value * 10 + c - '0';
	}
	if (!before && !behind)
		return false;
	for (unsigned i = behind < decimals ? behind : decimals; i < decimals; i++)
		value *= 10;
	*out = negative ? -value : value;
	return true;
}

bool qw_nmea_natural(struct qw_slice text, unsigned decimals, uint32_t max, uint32_t *out)
{
	int64_t value;
	if (!qw_nmea_fixed(text, decimals, &value) || value < 0 || value > max)
		return false;
	*out = (uint32_t)value;
	return true;
}

bool qw_nmea_degrees(struct qw_slice text, struct qw_slice way, const char *ways, int32_t most, int32_t *out)
{
	enum { DECIMALS = 7, UNIT = 10000000, MINUTES = 60 };
	int64_t value;
	bool negative = way.len == 1 && way.data[0] == (uint8_t)ways[1];
	if (way.len != 1 || (!negative && way.data[0] != (uint8_t)ways[0]))
		return false;
	if (!qw_nmea_fixed(text, DECIMALS, &value) || value < 0)
		return false;
	int64_t degrees = value / (100 * (int64_t)UNIT), minutes = value % (100 * (int64_t)UNIT);
	if (minutes >= MINUTES * (int64_t)UNIT)
		return false;
	int64_t sum = degrees * UNIT + (minutes + MINUTES / 2) / MINUTES;
	if (sum > most)
		return false;
	*out = (int32_t)(negative ? -sum : sum);
	return true;
}

bool qw_nmea_time(struct qw_slice text, uint32_t *out)
{
	enum { DECIMALS = 3, SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };
	uint32_t value;
	if (text.len < 6 || !qw_nmea_natural(text, DECIMALS, 240000 * SECOND, &value))
		return false;
	uint32_t hours = value / (10000 * SECOND), minutes = value / (100 * SECOND) % 100, rest = value % (100 * SECOND);
	/* 60 is a leap second */
	if (hours > 23 || minutes > 59 || rest >= 61 * SECOND)
		return false;
	*out = hours * HOUR + minutes * MINUTE + rest;
	return true;
}

bool qw_nmea_day(uint32_t year, uint32_t month, uint32_t day, uint32_t *out)
{
	static const uint8_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > days[month - 1])
		return false;
	*out = year * 10000 + month * 100 + day;
	return true;
}

bool qw_nmea_date(struct qw_slice text, uint32_t *out)
{
	enum { CENTURY_TURNS = 80 };
	uint32_t value;
	if (text.len != 6 || !qw_nmea_natural(text, 0, 999999, &value))
		return false;
	uint32_t year = value % 100;
	return qw_nmea_day(year + (year < CENTURY_TURNS ? 2000 : 1900), value / 100 % 100, value / 10000, out);
}
