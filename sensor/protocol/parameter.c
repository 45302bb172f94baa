/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/parameter.h"

#include <string.h>
#include <strings.h>

#include "sensor/protocol/coding.h"

enum { PIECES_MAX = 32, WORD_MAX = 1024 };

struct parameter {
	struct qw_slice name, value;
	bool quoted;
};

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct qw_slice trim(struct qw_slice slice)
{
	while (slice.len && is_blank(slice.data[0]))
		slice = qw_slice(slice.data + 1, slice.len - 1);
	while (slice.len && is_blank(slice.data[slice.len - 1]))
		slice.len--;
	return slice;
}

/* Cuts what stands up to the next semicolon outside of quotes off *rest. */
static struct qw_slice cut(struct qw_slice *rest)
{
	size_t len = 0;
	bool quoted = false;
	for (; len < rest->len && (quoted || rest->data[len] != ';'); len++) {
		if (rest->data[len] == '"')
			quoted = !quoted;
		else if (rest->data[len] == '\\' && quoted && len + 1 < rest->len)
			len++;
	}
	struct qw_slice piece = qw_slice(rest->data, len);
	size_t taken = len < rest->len ? len + 1 : len;
	*rest = qw_slice(rest->data + taken, rest->len - taken);
	return piece;
}

/* "attachment filename=x": the name is the last word before the sign. */
static bool read(struct qw_slice piece, struct parameter *out)
{
	const uint8_t *sign = piece.len ? memchr(piece.data, '=', piece.len) : NULL;
	if (!sign)
		return false;
	out->name = trim(qw_slice(piece.data, (size_t)(sign - piece.data)));
	for (size_t i = out->name.len; i-- > 0;) {
		if (!is_blank(out->name.data[i]))
			continue;
		out->name = qw_slice(out->name.data + i + 1, out->name.len - i - 1);
		break;
	}
	out->value = trim(qw_slice(sign + 1, (size_t)(piece.data + piece.len - sign) - 1));
	out->quoted = out->value.len && out->value.data[0] == '"';
	return true;
}

static bool find(struct qw_slice rest, const char *name, struct parameter *out)
{
	while (rest.len) {
		struct qw_slice piece = cut(&rest);
		if (read(piece, out) && out->name.len == strlen(name) &&
		    strncasecmp((const char *)out->name.data, name, out->name.len) == 0)
			return true;
	}
	return false;
}

/* ---- values */

/* Without quotes and backslashes. */
static void put_plain(const struct parameter *parameter, struct qw_text *out)
{
	const struct qw_slice value = parameter->value;
	for (size_t i = parameter->quoted; i < value.len; i++) {
		uint8_t c = value.data[i];
		if (parameter->quoted && c == '"')
			return;
		if (c == '\\' && parameter->quoted && i + 1 < value.len)
			c = value.data[++i];
		qw_text_char(out, (char)c);
	}
}

/* UTF-8'en'a%20b: what stands before the second apostrophe goes, from the first piece only. */
static void put_percent(struct qw_slice value, bool first, struct qw_text *out)
{
	for (int marks = 0; first && marks < 2; marks++) {
		const uint8_t *mark = value.len ? memchr(value.data, '\'', value.len) : NULL;
		if (mark)
			value = qw_slice(mark + 1, (size_t)(value.data + value.len - mark) - 1);
	}
	for (size_t i = 0; i < value.len; i++) {
		uint8_t c = value.data[i];
		if (c == '"')
			continue;
		if (c == '%' && i + 2 < value.len && qw_hex_value(value.data[i + 1]) >= 0 &&
		    qw_hex_value(value.data[i + 2]) >= 0) {
			c = (uint8_t)(qw_hex_value(value.data[i + 1]) << 4 | qw_hex_value(value.data[i + 2]));
			i += 2;
		}
		qw_text_char(out, (char)c);
	}
}

/* name*0 or name*0*, name*1 … */
static void put_pieces(struct qw_slice header, const char *name, struct qw_text *out)
{
	struct parameter parameter;
	char text[64];
	for (int i = 0; i < PIECES_MAX; i++) {
		struct qw_text key;
		qw_text_init(&key, text, sizeof(text));
		qw_text_format(&key, "%s*%d", name, i);
		if (find(header, qw_text_string(&key), &parameter)) {
			put_plain(&parameter, out);
			continue;
		}
		qw_text_char(&key, '*');
		if (!find(header, qw_text_string(&key), &parameter))
			return;
		put_percent(parameter.value, i == 0, out);
	}
}

/* ---- encoded words */

/* =?charset?B?text?= at the begin; what it stands for, and how long it is. */
static size_t read_word(struct qw_slice rest, struct qw_text *out)
{
	if (rest.len < 8 || rest.data[0] != '=' || rest.data[1] != '?')
		return 0;
	const uint8_t *end = rest.data + rest.len;
	const uint8_t *coding = memchr(rest.data + 2, '?', rest.len - 2);
	if (!coding || end - coding < 5 || coding[2] != '?')
		return 0;
	const uint8_t *text = coding + 3, *close = memmem(text, (size_t)(end - text), "?=", 2);
	if (!close)
		return 0;
	struct qw_slice coded = qw_slice(text, (size_t)(close - text));
	if ((coding[1] | 0x20) == 'b')
		qw_base64_text(coded, out);
	else if ((coding[1] | 0x20) == 'q')
		qw_quoted_text(coded, out);
	else
		return 0;
	return (size_t)(close + 2 - rest.data);
}

/* Blanks between two encoded words are not part of the text. */
static void put_words(struct qw_slice value, struct qw_text *out)
{
	bool after = false;
	while (value.len) {
		size_t blanks = 0;
		while (after && blanks < value.len && is_blank(value.data[blanks]))
			blanks++;
		size_t len = read_word(qw_slice(value.data + blanks, value.len - blanks), out);
		after = len > 0;
		len = len ? len + blanks : 1;
		if (!after)
			qw_text_char(out, (char)value.data[0]);
		value = qw_slice(value.data + len, value.len - len);
	}
}

bool qw_parameter(struct qw_slice header, const char *name, struct qw_text *out)
{
	char memory[WORD_MAX], starred[64];
	struct parameter parameter;
	struct qw_text text, key;
	size_t before = out->len;
	qw_text_init(&key, starred, sizeof(starred));
	qw_text_format(&key, "%s*", name);
	if (find(header, qw_text_string(&key), &parameter)) {
		put_percent(parameter.value, true, out);
	} else if (find(header, name, &parameter)) {
		qw_text_init(&text, memory, sizeof(memory));
		put_plain(&parameter, &text);
		put_words(qw_slice(text.at, text.len), out);
		out->cut |= text.cut;
	} else {
		put_pieces(header, name, out);
	}
	return out->len > before;
}
