/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/mail.h"

#include <strings.h>

enum { HEADER_MAX = 2048, NAME_MAX_LEN = 255 };

/* ---- headers */

static bool find(struct qw_slice in, const char *word, struct qw_slice *behind)
{
	size_t len = strlen(word);
	for (size_t i = 0; i + len <= in.len; i++) {
		if (strncasecmp((const char *)in.data + i, word, len) == 0) {
			*behind = qw_slice(in.data + i + len, in.len - i - len);
			return true;
		}
	}
	return false;
}

/* The value behind "name=", its quotes taken off. */
static bool parameter(struct qw_slice header, const char *name, struct qw_slice *value)
{
	struct qw_slice at;
	if (!find(header, name, &at))
		return false;
	bool quoted = at.len && at.data[0] == '"';
	if (quoted)
		at = qw_slice(at.data + 1, at.len - 1);
	size_t len = 0;
	while (len < at.len && (quoted ? at.data[len] != '"' : !memchr("; \t\r\n", at.data[len], 5)))
		len++;
	*value = qw_slice(at.data, len);
	return len > 0;
}

static void keep_name(void *state, struct qw_mail *mail, struct qw_slice header, const char *key)
{
	struct qw_slice value;
	if (mail->name.len == 0 && parameter(header, key, &value) && value.len <= NAME_MAX_LEN &&
	    !qw_store_put(state, &mail->name, value.data, value.len, NAME_MAX_LEN))
		qw_store_free(state, &mail->name);
}

static void content_type(void *state, struct qw_mail *mail, struct qw_slice value)
{
	struct qw_slice boundary, rest;
	keep_name(state, mail, value, "name=");
	if (!find(value, "multipart/", &rest) || !parameter(value, "boundary=", &boundary))
		return;
	if (mail->depth == QW_MAIL_DEPTH_MAX || boundary.len > QW_MAIL_BOUNDARY_MAX) {
		qw_parser_cut(state);
		return;
	}
	mail->boundary[mail->depth].len = (uint8_t)boundary.len;
	memcpy(mail->boundary[mail->depth].text, boundary.data, boundary.len);
	mail->depth++;
	mail->multipart = true;
}

static void header_ends(void *state, struct qw_mail *mail)
{
	struct qw_slice line = qw_store_slice(&mail->header), value;
	if (find(line, "content-type:", &value) && value.data == line.data + strlen("content-type:"))
		content_type(state, mail, value);
	else if (find(line, "content-disposition:", &value) && value.data == line.data + strlen("content-disposition:"))
		keep_name(state, mail, value, "filename=");
	else if (find(line, "content-transfer-encoding:", &value) &&
		 value.data == line.data + strlen("content-transfer-encoding:"))
		mail->encoding = find(value, "base64", &value)		  ? QW_MAIL_BASE64
				 : find(value, "quoted-printable", &value) ? QW_MAIL_QUOTED
									   : QW_MAIL_PLAIN;
	mail->header.len = 0;
}

static void header_line(void *state, struct qw_mail *mail, const struct qw_line *line)
{
	bool folded = line->text.len && (line->text.data[0] == ' ' || line->text.data[0] == '\t');
	if (line->begins && !folded)
		header_ends(state, mail);
	if (line->begins && line->ends && line->text.len == 0) {
		mail->in_header = false;
		mail->in_part = !mail->multipart;
		qw_store_free(state, &mail->header);
		return;
	}
	if (!qw_store_put(state, &mail->header, line->text.data, line->text.len, HEADER_MAX))
		mail->header.len = 0; /* too long to be one that matters; counted */
}

/* ---- bodies */

static void keep(void *state, struct qw_mail *mail, const void *data, size_t len)
{
	if (len)
		qw_content_put(state, &mail->body, data, len);
}

/* The end of the line before, now that another one follows. */
static void keep_line_end(void *state, struct qw_mail *mail)
{
	if (mail->line_over)
		keep(state, mail, "\r\n", 2);
	mail->line_over = false;
}

static int base64_value(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* What is no digit is passed over; padding ends a group. */
static void base64_line(void *state, struct qw_mail *mail, struct qw_slice line)
{
	uint8_t out[512];
	size_t len = 0;
	for (size_t i = 0; i < line.len; i++) {
		int value = base64_value(line.data[i]);
		if (line.data[i] == '=')
			mail->bits_len = 0;
		if (value < 0)
			continue;
		mail->bits = (mail->bits << 6 | (uint32_t)value) & 0xffffff;
		mail->bits_len = (uint8_t)(mail->bits_len + 6);
		if (mail->bits_len < 8)
			continue;
		mail->bits_len = (uint8_t)(mail->bits_len - 8);
		out[len++] = (uint8_t)(mail->bits >> mail->bits_len);
		if (len == sizeof(out)) {
			keep(state, mail, out, len);
			len = 0;
		}
	}
	keep(state, mail, out, len);
}

static int hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void quoted_line(void *state, struct qw_mail *mail, const struct qw_line *line)
{
	const uint8_t *at = line->text.data;
	size_t left = line->text.len;
	keep_line_end(state, mail);
	while (left) {
		const uint8_t *mark = memchr(at, '=', left);
		size_t plain = mark ? (size_t)(mark - at) : left;
		keep(state, mail, at, plain);
		at += plain;
		left -= plain;
		if (left >= 3 && hex_value(at[1]) >= 0 && hex_value(at[2]) >= 0) {
			uint8_t byte = (uint8_t)(hex_value(at[1]) << 4 | hex_value(at[2]));
			keep(state, mail, &byte, 1);
			at += 3;
			left -= 3;
		} else if (left == 1) {
			return; /* the line goes on in the next */
		} else if (left) {
			keep(state, mail, at++, 1);
			left--;
		}
	}
	mail->line_over = line->ends;
}

static void body_line(void *state, struct qw_mail *mail, const struct qw_line *line)
{
	switch ((enum qw_mail_encoding)mail->encoding) {
	case QW_MAIL_BASE64: base64_line(state, mail, line->text); break;
	case QW_MAIL_QUOTED: quoted_line(state, mail, line); break;
	case QW_MAIL_PLAIN:
		keep_line_end(state, mail);
		keep(state, mail, line->text.data, line->text.len);
		mail->line_over = line->ends;
		break;
	}
}

/* Does this line end a part?  Leaves the depth at which the next one begins. */
static bool boundary_line(struct qw_mail *mail, struct qw_slice line)
{
	if (line.len < 3 || line.data[0] != '-' || line.data[1] != '-')
		return false;
	for (uint8_t i = mail->depth; i-- > 0;) {
		size_t len = mail->boundary[i].len;
		if (line.len < 2 + len || memcmp(line.data + 2, mail->boundary[i].text, len) != 0)
			continue;
		bool last = line.len >= 4 + len && line.data[2 + len] == '-' && line.data[3 + len] == '-';
		mail->depth = (uint8_t)(last ? i : i + 1);
		mail->in_header = !last;
		return true;
	}
	return false;
}

/* ---- the message */

static void reset_part(void *state, struct qw_mail *mail)
{
	mail->encoding = QW_MAIL_PLAIN;
	mail->in_part = mail->multipart = mail->line_over = false;
	mail->bits_len = 0;
	qw_store_free(state, &mail->header);
	qw_store_free(state, &mail->name);
	qw_content_free(state, &mail->body);
}

void qw_mail_begin(void *state, struct qw_mail *mail)
{
	reset_part(state, mail);
	mail->depth = 0;
	mail->in_header = true;
}

enum qw_mail_step qw_mail_line(void *state, struct qw_mail *mail, const struct qw_line *line)
{
	if (line->begins && boundary_line(mail, line->text))
		return QW_MAIL_ENDED;
	if (mail->in_header) {
		header_line(state, mail, line);
		return QW_MAIL_NOTHING;
	}
	if (!mail->in_part)
		return QW_MAIL_NOTHING;
	body_line(state, mail, line);
	return QW_MAIL_GREW;
}

void qw_mail_next_part(void *state, struct qw_mail *mail)
{
	reset_part(state, mail);
}

void qw_mail_free(void *state, struct qw_mail *mail)
{
	reset_part(state, mail);
}
