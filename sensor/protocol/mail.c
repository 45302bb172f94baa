/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/mail.h"

#include <string.h>
#include <strings.h>

enum { URL_MAX = 2048 };

/* ---- bodies */

static void keep(void *state, struct qw_mail *mail, const void *data, size_t len)
{
	if (len)
		qw_content_put(state, &mail->body, data, len);
}

/* The end of the line before, now that another one follows. */
static void keep_line_end(void *state, struct qw_mail *mail)
{
	keep(state, mail, mail->line_end == 2 ? "\r\n" : "\n", mail->line_end);
	mail->line_end = 0;
}

static void line_ends(struct qw_mail *mail, const struct qw_line *line)
{
	mail->line_end = !line->ends ? 0 : line->bare ? 1 : 2;
}

static void base64_line(void *state, struct qw_mail *mail, struct qw_slice line)
{
	uint8_t out[512];
	while (line.len)
		keep(state, mail, out, qw_base64_take(&mail->base64, &line, out, sizeof(out)));
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
		if (left >= 3 && qw_hex_value(at[1]) >= 0 && qw_hex_value(at[2]) >= 0) {
			uint8_t byte = (uint8_t)(qw_hex_value(at[1]) << 4 | qw_hex_value(at[2]));
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
	line_ends(mail, line);
}

static void body_line(void *state, struct qw_mail *mail, const struct qw_line *line)
{
	switch ((enum qw_mail_encoding)mail->encoding) {
	case QW_MAIL_BASE64: base64_line(state, mail, line->text); break;
	case QW_MAIL_QUOTED: quoted_line(state, mail, line); break;
	case QW_MAIL_PLAIN:
		keep_line_end(state, mail);
		keep(state, mail, line->text.data, line->text.len);
		line_ends(mail, line);
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

/* ---- addresses in texts */

static bool ends_url(uint8_t c)
{
	return c <= ' ' || strchr("\"'<>]", c);
}

/* The address at the begin, behind its scheme; *taken is all of it.  Len 0: there is none. */
static struct qw_slice url_at(struct qw_slice rest, size_t *taken)
{
	static const char *const schemes[] = {"http://", "https://", "ftp://"};
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		size_t skip = strlen(schemes[i]), len = skip;
		if (!qw_line_begins(rest.data, rest.len, schemes[i]))
			continue;
		while (len < rest.len && len < URL_MAX && !ends_url(rest.data[len]))
			len++;
		*taken = len;
		return qw_slice(rest.data + skip, len - skip);
	}
	return qw_slice(NULL, 0);
}

void qw_mail_find_urls(void *state, struct qw_mail *mail)
{
	struct qw_slice rest = qw_store_slice(&mail->body.kept);
	if (mail->type != QW_MAIL_TEXT || mail->form)
		return;
	while (rest.len) {
		size_t taken = 1;
		/* Every scheme that is looked for has these two letters. */
		const uint8_t *letter = memchr(rest.data, ':', rest.len);
		if (!letter)
			return;
		size_t back = (size_t)(letter - rest.data) < 5 ? (size_t)(letter - rest.data) : 5;
		struct qw_slice url = {NULL, 0};
		for (size_t i = back; i >= 3 && !url.len; i--)
			url = url_at(qw_slice(letter - i, (size_t)(rest.data + rest.len - letter) + i), &taken);
		size_t skip = url.len ? (size_t)(url.data + url.len - rest.data) : (size_t)(letter - rest.data) + 1;
		if (url.len && mail->urls == QW_MAIL_URLS_MAX) {
			qw_parser_cut(state);
			return;
		}
		if (url.len) {
			qw_known_add(state, &mail->known, QW_BUFFER_EMAIL_URL, QW_SIGHT_NONE, url);
			mail->urls++;
		}
		rest = qw_slice(rest.data + skip, rest.len - skip);
	}
}

/* ---- the message */

static void reset_part(void *state, struct qw_mail *mail)
{
	mail->encoding = QW_MAIL_PLAIN;
	mail->type = QW_MAIL_TEXT; /* what says nothing is text */
	mail->in_part = mail->attached = false;
	mail->line_end = 0;
	mail->base64 = (struct qw_base64){0};
	qw_store_free(state, &mail->header);
	qw_store_free(state, &mail->name);
	qw_content_free(state, &mail->body);
}

void qw_mail_begin(void *state, struct qw_mail *mail)
{
	reset_part(state, mail);
	qw_known_free(state, &mail->known);
	mail->depth = mail->urls = 0;
	mail->in_header = mail->main_header = true;
	mail->form = false;
}

bool qw_mail_begin_form(void *state, struct qw_mail *mail, struct qw_slice content_type)
{
	qw_mail_begin(state, mail);
	mail->in_header = mail->main_header = false;
	mail->form = true;
	return qw_line_begins(content_type.data, content_type.len, "multipart/") &&
	       qw_mail_enter(state, mail, content_type);
}

bool qw_mail_is_file(const struct qw_mail *mail)
{
	return mail->name.len || (!mail->form && (mail->attached || mail->type != QW_MAIL_TEXT));
}

/* What is forwarded has headers of its own. */
static enum qw_mail_step end_header(struct qw_mail *mail)
{
	bool main = mail->main_header, forwarded = mail->type == QW_MAIL_FORWARDED && mail->encoding == QW_MAIL_PLAIN;
	mail->main_header = false;
	mail->in_header = forwarded;
	mail->in_part = !forwarded && mail->type != QW_MAIL_MULTIPART && (!mail->form || mail->name.len);
	mail->body.plain = !qw_mail_is_file(mail);
	if (forwarded)
		mail->type = QW_MAIL_TEXT;
	return main ? QW_MAIL_HEADED : QW_MAIL_NOTHING;
}

enum qw_mail_step qw_mail_line(void *state, struct qw_mail *mail, const struct qw_line *line)
{
	if (line->begins && boundary_line(mail, line->text))
		return QW_MAIL_ENDED;
	if (mail->in_header)
		return qw_mail_header_line(state, mail, line) ? end_header(mail) : QW_MAIL_NOTHING;
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
	qw_known_free(state, &mail->known);
}
