/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/phrase.h"

#include <string.h>
#include <strings.h>

enum { DAYS = 7, DAY_LEN = 3, HOUR_S = 3600, MINUTE_S = 60, DAY_S = 24 * HOUR_S };

struct qw_phrase qw_phrase(const char *text, size_t len)
{
	return (struct qw_phrase){text, len};
}

static void step(struct qw_phrase *phrase, size_t len)
{
	phrase->at += len;
	phrase->left -= len;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool qw_phrase_is_over(struct qw_phrase *phrase)
{
	while (phrase->left && is_blank(*phrase->at))
		step(phrase, 1);
	return phrase->left == 0;
}

bool qw_phrase_mark(struct qw_phrase *phrase, const char *mark)
{
	size_t len = strlen(mark);

	if (qw_phrase_is_over(phrase) || phrase->left < len || memcmp(phrase->at, mark, len) != 0)
		return false;
	step(phrase, len);
	return true;
}

bool qw_phrase_word(struct qw_phrase *phrase, const char *ends, const char **word, size_t *len)
{
	size_t n = 0;

	if (qw_phrase_is_over(phrase))
		return false;
	while (n < phrase->left && phrase->at[n] && !is_blank(phrase->at[n]) && !strchr(ends, phrase->at[n]))
		n++;
	*word = phrase->at;
	*len = n;
	step(phrase, n);
	return n > 0;
}

bool qw_phrase_number(struct qw_phrase *phrase, uint64_t max, uint64_t *number)
{
	uint64_t value = 0;
	size_t n = 0;

	if (qw_phrase_is_over(phrase))
		return false;
	for (; n < phrase->left && phrase->at[n] >= '0' && phrase->at[n] <= '9'; n++) {
		uint64_t digit = (uint64_t)(phrase->at[n] - '0');
		if (digit > max || value > (max - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	if (n == 0)
		return false;
	step(phrase, n);
	*number = value;
	return true;
}

bool qw_phrase_clock(struct qw_phrase *phrase, uint32_t *seconds)
{
	struct qw_phrase at = *phrase;
	uint64_t hour, minute;

	if (!qw_phrase_number(&at, 24, &hour) || !qw_phrase_mark(&at, ":") || !qw_phrase_number(&at, 59, &minute))
		return false;
	if (hour * HOUR_S + minute * MINUTE_S > DAY_S)
		return false;
	*seconds = (uint32_t)(hour * HOUR_S + minute * MINUTE_S);
	*phrase = at;
	return true;
}

static bool take_day(struct qw_phrase *phrase, unsigned *day)
{
	static const char names[DAYS][DAY_LEN + 1] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

	for (unsigned i = 0; i < DAYS && phrase->left >= DAY_LEN; i++) {
		if (strncasecmp(phrase->at, names[i], DAY_LEN) == 0) {
			*day = i;
			step(phrase, DAY_LEN);
			return true;
		}
	}
	return false;
}

bool qw_phrase_days(struct qw_phrase *phrase, uint8_t *days)
{
	struct qw_phrase at = *phrase;
	unsigned first, last;

	if (qw_phrase_is_over(&at) || !take_day(&at, &first))
		return false;
	last = first;
	if (qw_phrase_mark(&at, "-") && !take_day(&at, &last))
		return false;
	*phrase = at;
	*days = 0;
	for (unsigned i = first;; i = (i + 1) % DAYS) {
		*days |= (uint8_t)(1u << i);
		if (i == last)
			return true;
	}
}
