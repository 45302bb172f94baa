/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/paths/expect.h"

#include "sensor/watch/phrase.h"

enum { DAY_S = 86400, DAYS = 7, FIRST_DAY = 4 /* 1970-01-01 was a Thursday */, ALL_DAYS = 0x7f };

static bool take_net(struct qw_phrase *phrase, struct qw_prefix *out)
{
	const char *word;
	size_t len;

	return qw_phrase_word(phrase, "", &word, &len) && qw_prefix_parse(word, len, out);
}

static bool take_port(const char *text, size_t len, uint16_t *port)
{
	struct qw_phrase phrase = qw_phrase(text, len);
	uint64_t number;

	if (!qw_phrase_number(&phrase, UINT16_MAX, &number) || number == 0 || !qw_phrase_is_over(&phrase))
		return false;
	*port = (uint16_t)number;
	return true;
}

/* Where the colon before the port stands; len: there is none. */
static size_t find_colon(const char *word, size_t len)
{
	size_t last = len, count = 0;

	for (size_t i = 0; i < len; i++) {
		if (word[i] == ':') {
			last = i;
			count++;
		}
	}
	return count == 1 ? last : len;
}

static size_t find_bracket(const char *word, size_t len)
{
	size_t i = 0;

	while (i < len && word[i] != ']')
		i++;
	return i;
}

/* "10.1.9.2", "10.1.9.2:873", "2001:db8::2", "[2001:db8::2]:873"; networks too. */
static bool take_server(struct qw_phrase *phrase, struct qw_expect *out)
{
	const char *word;
	size_t len;

	if (!qw_phrase_word(phrase, "", &word, &len))
		return false;
	if (word[0] == '[') {
		size_t end = find_bracket(word, len);
		if (end + 2 > len || word[end + 1] != ':')
			return false;
		return qw_prefix_parse(word + 1, end - 1, &out->to) && take_port(word + end + 2, len - end - 2, &out->port);
	}
	size_t colon = find_colon(word, len);
	if (!qw_prefix_parse(word, colon, &out->to))
		return false;
	return colon == len || take_port(word + colon + 1, len - colon - 1, &out->port);
}

static bool take_when(struct qw_phrase *phrase, struct qw_expect *out)
{
	if (qw_phrase_mark(phrase, "daily"))
		out->days = ALL_DAYS;
	else if (!qw_phrase_days(phrase, &out->days))
		return false;
	return qw_phrase_clock(phrase, &out->at) && out->at < DAY_S;
}

static bool take_length(struct qw_phrase *phrase, struct qw_expect *out)
{
	enum { HOUR_S = 3600, MINUTE_S = 60, MINUTES_MAX = DAY_S / MINUTE_S };
	uint64_t number;

	if (!qw_phrase_mark(phrase, "+") || !qw_phrase_number(phrase, MINUTES_MAX, &number))
		return false;
	uint64_t unit = qw_phrase_mark(phrase, "h") ? HOUR_S : qw_phrase_mark(phrase, "m") ? MINUTE_S : 0;
	out->length = (uint32_t)(number * unit);
	return out->length > 0 && number * unit <= DAY_S;
}

static bool take_bytes(struct qw_phrase *phrase, struct qw_expect *out)
{
	static const struct {
		const char *mark;
		uint64_t bytes;
	} units[] = {{"k", 1000}, {"M", 1000000}, {"G", 1000000000}, {"T", UINT64_C(1000000000000)}};
	enum { NUMBER_MAX = 1000000 };
	uint64_t number, unit = 1;

	if (!qw_phrase_mark(phrase, ">="))
		return true;
	if (!qw_phrase_number(phrase, NUMBER_MAX, &number))
		return false;
	for (unsigned i = 0; i < sizeof(units) / sizeof(units[0]) && unit == 1; i++)
		if (qw_phrase_mark(phrase, units[i].mark))
			unit = units[i].bytes;
	out->bytes = number * unit;
	return true;
}

static enum qw_err fail(const char **why, const char *text)
{
	*why = text;
	return QW_EFORMAT;
}

enum qw_err qw_expect_parse(struct qw_expect *out, const char *text, size_t len, const char **why)
{
	struct qw_phrase phrase = qw_phrase(text, len);
	struct qw_expect expect = {0};

	if (!take_net(&phrase, &expect.from) || !qw_phrase_mark(&phrase, "->"))
		return fail(why, "it begins with who sends, by address or network, and an arrow: 10.1.4.9 ->");
	if (!take_server(&phrase, &expect))
		return fail(why, "behind the arrow stands who receives, and the port: 10.1.9.2:873, [2001:db8::2]:873");
	if (!take_when(&phrase, &expect))
		return fail(why, "behind the hosts stand days and time in UTC: daily 02:00, mon-fri 21:30");
	if (!take_length(&phrase, &expect))
		return fail(why, "behind the time stands how long it may take, up to a day: +2h, +45m");
	if (!take_bytes(&phrase, &expect) || !qw_phrase_is_over(&phrase))
		return fail(why, "at the end may stand how many bytes come at least: >= 100M (k, M, G, T)");
	*out = expect;
	return QW_OK;
}

bool qw_expect_begin(const struct qw_expect *expect, struct qw_time now, struct qw_time *begin)
{
	int64_t seconds = now.ns / QW_NS_PER_S, day = seconds / DAY_S;

	if (seconds % DAY_S < expect->at)
		day--;
	for (int back = 0; back < DAYS && day >= 0; back++, day--) {
		if (expect->days & 1u << ((day + FIRST_DAY) % DAYS)) {
			*begin = qw_time_seconds(day * DAY_S + expect->at);
			return true;
		}
	}
	return false;
}
