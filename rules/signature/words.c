/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/words.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "rules/signature/layout.h"

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}

struct qw_word qw_word_trim(struct qw_word word)
{
	while (word.len && blank(word.at[0]))
		word.at++, word.len--;
	while (word.len && blank(word.at[word.len - 1]))
		word.len--;
	return word;
}

bool qw_word_cut(struct qw_word *rest, char separator, struct qw_word *piece)
{
	if (!rest->at)
		return false;
	const char *end = rest->len ? memchr(rest->at, separator, rest->len) : NULL;
	if (!end) {
		*piece = qw_word_trim(*rest);
		*rest = (struct qw_word){NULL, 0};
		return true;
	}
	size_t len = (size_t)(end - rest->at);
	*piece = qw_word_trim((struct qw_word){rest->at, len});
	rest->at += len + 1;
	rest->len -= len + 1;
	return true;
}

bool qw_word_next(struct qw_word *rest, struct qw_word *piece)
{
	*rest = qw_word_trim(*rest);
	size_t len = 0;
	while (len < rest->len && !blank(rest->at[len]))
		len++;
	if (len == 0)
		return false;
	*piece = (struct qw_word){rest->at, len};
	rest->at += len;
	rest->len -= len;
	return true;
}

bool qw_word_is(struct qw_word word, const char *text)
{
	return strlen(text) == word.len && strncasecmp(word.at, text, word.len) == 0;
}

bool qw_word_eat(struct qw_word *word, char c)
{
	if (word->len == 0 || word->at[0] != c)
		return false;
	*word = qw_word_trim((struct qw_word){word->at + 1, word->len - 1});
	return true;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

bool qw_word_u64(struct qw_word word, uint64_t max, uint64_t *out)
{
	unsigned base = 10;
	size_t i = 0;
	if (word.len > 2 && word.at[0] == '0' && (word.at[1] | 0x20) == 'x')
		base = 16, i = 2;
	if (i == word.len)
		return false;
	uint64_t value = 0;
	for (; i < word.len; i++) {
		unsigned d = (unsigned)digit(word.at[i]);
		if (d >= base || value > (UINT64_MAX - d) / base)
			return false;
		value = value * base + d;
	}
	if (value > max)
		return false;
	*out = value;
	return true;
}

bool qw_word_i64(struct qw_word word, int64_t limit, int64_t *out)
{
	bool minus = qw_word_eat(&word, '-');
	if (!minus)
		(void)qw_word_eat(&word, '+');
	uint64_t value;
	if (!qw_word_u64(word, (uint64_t)limit, &value))
		return false;
	*out = minus ? -(int64_t)value : (int64_t)value;
	return true;
}

static bool range_test(struct qw_word word, uint64_t max, struct qw_op *op)
{
	struct qw_word low, high = {NULL, 0};
	for (size_t i = 1; i + 1 < word.len && !high.at; i++) {
		size_t width = word.at[i] == '-' ? 1 : (word.at[i] == '<' && word.at[i + 1] == '>') ? 2 : 0;
		if (width && i + width < word.len) {
			low = qw_word_trim((struct qw_word){word.at, i});
			high = qw_word_trim((struct qw_word){word.at + i + width, word.len - i - width});
		}
	}
	return high.at && qw_word_u64(low, max, &op->number.a) && qw_word_u64(high, max, &op->number.b) &&
	       op->number.a < op->number.b;
}

/* "MASK=VALUE" or "MASK!=VALUE"; a value with bits beside the mask can never be met. */
static bool bits_test(struct qw_word word, uint64_t max, struct qw_op *op)
{
	struct qw_word mask;
	if (!qw_word_cut(&word, '=', &mask) || mask.len == 0)
		return false;
	bool negated = mask.at[mask.len - 1] == '!';
	mask = qw_word_trim((struct qw_word){mask.at, mask.len - negated});
	op->compare = negated ? QW_CMP_NO_BITS : QW_CMP_BITS;
	return qw_word_u64(mask, max, &op->number.a) && qw_word_u64(qw_word_trim(word), max, &op->number.b) &&
	       (op->number.b & ~op->number.a) == 0;
}

bool qw_word_test(struct qw_word word, uint64_t max, struct qw_op *op)
{
	static const struct {
		char text[3];
		uint8_t compare;
	} signs[] = {{"!=", QW_CMP_NE}, {">=", QW_CMP_GE}, {"<=", QW_CMP_LE}, {"!", QW_CMP_NE},
		     {">", QW_CMP_GT},	{"<", QW_CMP_LT},  {"=", QW_CMP_EQ}};

	word = qw_word_trim(word);
	if (qw_word_eat(&word, '&'))
		return bits_test(word, max, op);
	op->compare = QW_CMP_EQ;
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		size_t len = strlen(signs[i].text);
		if (word.len < len || memcmp(word.at, signs[i].text, len) != 0)
			continue;
		op->compare = signs[i].compare;
		word = qw_word_trim((struct qw_word){word.at + len, word.len - len});
		break;
	}
	if (qw_word_u64(word, max, &op->number.a))
		return true;
	if ((op->compare != QW_CMP_EQ && op->compare != QW_CMP_NE) || !range_test(word, max, op))
		return false;
	op->compare = op->compare == QW_CMP_EQ ? QW_CMP_BETWEEN : QW_CMP_OUTSIDE;
	return true;
}

bool qw_compare(unsigned compare, uint64_t value, uint64_t a, uint64_t b)
{
	switch ((enum qw_compare)compare) {
	case QW_CMP_EQ: return value == a;
	case QW_CMP_NE: return value != a;
	case QW_CMP_LT: return value < a;
	case QW_CMP_LE: return value <= a;
	case QW_CMP_GT: return value > a;
	case QW_CMP_GE: return value >= a;
	case QW_CMP_BETWEEN: return value > a && value < b;
	case QW_CMP_OUTSIDE: return value <= a || value >= b;
	case QW_CMP_AND: return (value & a) != 0;
	case QW_CMP_XOR: return (value ^ a) != 0;
	case QW_CMP_BITS: return (value & a) == b;
	case QW_CMP_NO_BITS: return (value & a) != b;
	}
	return false;
}
