/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/text.h"

#include <stdio.h>

enum { NEAREST_WORD_MAX = 64 };

static const char DIGIT_PAIRS[201] = "00010203040506070809101112131415161718192021222324"
				     "25262728293031323334353637383940414243444546474849"
				     "50515253545556575859606162636465666768697071727374"
				     "75767778798081828384858687888990919293949596979899";

void qw_text_u64(struct qw_text *text, uint64_t value)
{
	char digits[20];
	char *at = digits + sizeof(digits);

	while (value >= 100) {
		at -= 2;
		memcpy(at, DIGIT_PAIRS + 2 * (value % 100), 2);
		value /= 100;
	}
	if (value >= 10) {
		at -= 2;
		memcpy(at, DIGIT_PAIRS + 2 * value, 2);
	} else {
		*--at = (char)('0' + value);
	}
	qw_text_put(text, at, (size_t)(digits + sizeof(digits) - at));
}

void qw_text_i64(struct qw_text *text, int64_t value)
{
	char digits[21];
	struct qw_text whole;

	qw_text_init(&whole, digits, sizeof(digits));
	if (value < 0)
		qw_text_char(&whole, '-');
	qw_text_u64(&whole, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
	qw_text_put(text, whole.at, whole.len);
}

void qw_text_hex(struct qw_text *text, const uint8_t *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	if (len > (text->size - text->len) / 2) {
		text->cut = true;
		return;
	}
	char *at = text->at + text->len;
	for (size_t i = 0; i < len; i++) {
		*at++ = digits[data[i] >> 4];
		*at++ = digits[data[i] & 15];
	}
	text->len += 2 * len;
}

void qw_text_format(struct qw_text *text, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	qw_text_vformat(text, format, args);
	va_end(args);
}

/* Unlike the others it keeps what fits: its lines are for people. */
void qw_text_vformat(struct qw_text *text, const char *format, va_list args)
{
	size_t room = text->size - text->len;
	int len = vsnprintf(room ? text->at + text->len : NULL, room, format, args);
	if (len < 0 || (size_t)len >= room) {
		text->cut = true;
		text->len += len < 0 || room == 0 ? 0 : room - 1;
		return;
	}
	text->len += (size_t)len;
}

const char *qw_text_string(struct qw_text *text)
{
	if (text->size == 0)
		return "";
	if (text->len == text->size) {
		text->cut = true;
		text->len--;
	}
	text->at[text->len] = 0;
	return text->at;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool qw_hex_decode(const char *text, size_t len, uint8_t *out)
{
	if (len % 2 != 0)
		return false;
	for (size_t i = 0; i < len; i += 2) {
		int high = hex_value(text[i]), low = hex_value(text[i + 1]);
		if (high < 0 || low < 0)
			return false;
		out[i / 2] = (uint8_t)(high << 4 | low);
	}
	return true;
}

void qw_text_base64(struct qw_text *text, const uint8_t *data, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	if (len > SIZE_MAX / 2 || (len + 2) / 3 * 4 > text->size - text->len) {
		text->cut = true;
		return;
	}
	char *at = text->at + text->len;
	text->len += (len + 2) / 3 * 4;
	for (; len >= 3; data += 3, len -= 3) {
		*at++ = digits[data[0] >> 2];
		*at++ = digits[(data[0] & 3) << 4 | data[1] >> 4];
		*at++ = digits[(data[1] & 15) << 2 | data[2] >> 6];
		*at++ = digits[data[2] & 63];
	}
	if (len == 0)
		return;
	uint8_t second = len == 2 ? data[1] : 0;
	*at++ = digits[data[0] >> 2];
	*at++ = digits[(data[0] & 3) << 4 | second >> 4];
	*at++ = len == 2 ? digits[(second & 15) << 2] : '=';
	*at = '=';
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/*
 * Edits between two words: characters added, left out, changed, or two
 * neighbours exchanged.  Row by row over the table of all pairs of beginnings;
 * three rows of it are kept.
 */
static unsigned edit_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned rows[3][NEAREST_WORD_MAX + 1];
	unsigned *before = rows[0], *last = rows[1], *row = rows[2];

	for (unsigned j = 0; j <= b_len; j++)
		last[j] = j;
	for (unsigned i = 1; i <= a_len; i++) {
		row[0] = i;
		for (unsigned j = 1; j <= b_len; j++) {
			unsigned cost = a[i - 1] != b[j - 1];
			row[j] = least(least(last[j], row[j - 1]) + 1, last[j - 1] + cost);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
		unsigned *free_row = before;
		before = last;
		last = row;
		row = free_row;
	}
	return last[b_len];
}

const char *qw_nearest(const char *word, const char *const *names, size_t count)
{
	const char *nearest = NULL;
	size_t len = strlen(word);
	unsigned best = (unsigned)(len / 3) + 1;

	if (len > NEAREST_WORD_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t name_len = strlen(names[i]);
		if (name_len > NEAREST_WORD_MAX)
			continue;
		unsigned distance = edit_distance(word, len, names[i], name_len);
		if (distance < best) {
			best = distance;
			nearest = names[i];
		}
	}
	return nearest;
}
