/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/indicator/reader.h"

#include <ctype.h>
#include <strings.h>

enum {
	SHOWN_MAX = 80,                       /* characters of a bad value that a complaint quotes */
	LOCATE_BYTES_MAX = 256 * 1024 * 1024, /* searched for places in one file, all complaints together */
};

void qw_reader_reset(struct qw_reader *reader)
{
	struct qw_indicator *out = &reader->indicator;
	const struct qw_indicator *defaults = reader->defaults;

	out->allow = defaults->allow;
	out->confidence = defaults->confidence;
	out->tlp = defaults->tlp;
	out->seen = defaults->seen;
	out->seen_at = defaults->seen_at;
	out->valid_from = defaults->valid_from;
	out->valid_until = defaults->valid_until;
	qw_reader_source(reader, defaults->source, strnlen(defaults->source, sizeof(defaults->source)));
	qw_reader_description(reader, defaults->description,
			      strnlen(defaults->description, sizeof(defaults->description)));
}

/* Cuts at a whole UTF-8 character. */
static void set_text(char *out, size_t size, const char *text, size_t len)
{
	if (len >= size) {
		len = size - 1;
		while (len && ((uint8_t)text[len] & 0xc0) == 0x80)
			len--;
	}
	for (size_t i = 0; i < len; i++)
		out[i] = (char)((uint8_t)text[i] < ' ' ? ' ' : text[i]);
	out[len] = 0;
}

void qw_reader_source(struct qw_reader *reader, const char *text, size_t len)
{
	set_text(reader->indicator.source, sizeof(reader->indicator.source), text, len);
}

void qw_reader_description(struct qw_reader *reader, const char *text, size_t len)
{
	set_text(reader->indicator.description, sizeof(reader->indicator.description), text, len);
}

/* The line and column where the text stands; formats without places of their own (JSON) find them again. */
static void locate(struct qw_reader *reader, const char *text, size_t len, uint32_t *line, uint32_t *column)
{
	if (len == 0 || reader->located + reader->len > LOCATE_BYTES_MAX)
		return;
	reader->located += reader->len;
	const uint8_t *at = memmem(reader->data, reader->len, text, len), *start = reader->data;
	if (!at)
		return;
	*line = 1;
	for (const uint8_t *end; (end = memchr(start, '\n', (size_t)(at - start))); start = end + 1)
		++*line;
	*column = (uint32_t)(at - start) + 1;
}

void qw_reader_reject(struct qw_reader *reader, const char *text, size_t len, uint32_t line, uint32_t column,
		      const char *why)
{
	char shown[SHOWN_MAX + 1];
	reader->counts->rejected++;
	if (reader->diags == NULL)
		return;
	if (line == 0)
		locate(reader, text, len, &line, &column);
	set_text(shown, sizeof(shown), text, len);
	qw_complain(reader->diags, QW_DIAG_ERROR, reader->path, line, column, "\"%s\" is passed over: %s", shown, why);
}

static bool is_hex(struct qw_slice in)
{
	for (size_t i = 0; i < in.len; i++)
		if (!isxdigit(in.data[i]))
			return false;
	return in.len > 0;
}

/* Well-formed values that no traffic is matched on: other digests, e-mail addresses. */
static bool is_foreign(struct qw_slice in)
{
	in = qw_slice_trim(in);
	if (is_hex(in))
		return in.len == 56 || in.len == 96 || in.len == 128;
	const uint8_t *at = in.len ? memchr(in.data, '@', in.len) : NULL;
	return at && at > in.data && !memchr(in.data, '/', in.len) && !memchr(in.data, ' ', in.len) &&
	       memchr(at, '.', in.len - (size_t)(at - in.data));
}

enum qw_err qw_reader_value(struct qw_reader *reader, enum qw_observable_type type, const char *text, size_t len,
				uint32_t line, uint32_t column)
{
	const char *why = "";
	enum qw_err err = qw_observable_parse(&reader->indicator.observable, type, text, len, &why);
	if (err == QW_OK) {
		err = reader->sink(reader->ctx, &reader->indicator);
		reader->counts->accepted += err == QW_OK;
		return err;
	}
	if (type == QW_OBS_COUNT && is_foreign(qw_slice(text, len)))
		reader->counts->ignored++;
	else
		qw_reader_reject(reader, text, len, line, column, why);
	return QW_OK;
}

bool qw_reader_is_ja3(const struct qw_reader *reader)
{
	const char *name = strrchr(reader->path, '/');
	return strcasestr(name ? name : reader->path, "ja3");
}

enum qw_observable_type qw_reader_guess(const struct qw_reader *reader, struct qw_slice value)
{
	return value.len == 32 && is_hex(value) && qw_reader_is_ja3(reader) ? QW_OBS_JA3 : QW_OBS_COUNT;
}

struct qw_slice qw_slice_trim(struct qw_slice in)
{
	while (in.len && in.data[in.len - 1] <= ' ')
		in.len--;
	while (in.len && in.data[0] <= ' ')
		in = qw_slice(in.data + 1, in.len - 1);
	return in;
}

bool qw_slice_equals(struct qw_slice in, const char *text)
{
	return strlen(text) == in.len && strncasecmp((const char *)in.data, text, in.len) == 0;
}

bool qw_next_line(struct qw_slice *rest, struct qw_slice *line)
{
	if (rest->len == 0)
		return false;
	const uint8_t *end = memchr(rest->data, '\n', rest->len);
	size_t len = end ? (size_t)(end - rest->data) : rest->len;
	*line = qw_slice(rest->data, len);
	*rest = qw_slice(rest->data + len + (end != NULL), rest->len - len - (end != NULL));
	if (line->len && line->data[line->len - 1] == '\r')
		line->len--;
	return true;
}

struct qw_slice qw_skip_mark(struct qw_slice in)
{
	if (in.len >= 3 && memcmp(in.data, "\xef\xbb\xbf", 3) == 0)
		return qw_slice(in.data + 3, in.len - 3);
	return in;
}
