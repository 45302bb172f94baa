/* SPDX-License-Identifier: Apache-2.0 */
/* mail_header - what the headers of a mail, and of its parts, say. */
#include "sensor/protocol/mail.h"

#include <string.h>

#include "sensor/protocol/parameter.h"

enum { HEADER_MAX = 8192 };

/* The mail's own headers that signatures look into. */
static const struct {
	const char *name;
	enum qw_buffer buffer;
} FIELDS[] = {
	{"from", QW_BUFFER_EMAIL_FROM},
	{"to", QW_BUFFER_EMAIL_TO},
	{"cc", QW_BUFFER_EMAIL_CC},
	{"subject", QW_BUFFER_EMAIL_SUBJECT},
	{"date", QW_BUFFER_EMAIL_DATE},
	{"message-id", QW_BUFFER_EMAIL_MESSAGE_ID},
	{"x-mailer", QW_BUFFER_EMAIL_X_MAILER},
	{"received", QW_BUFFER_EMAIL_RECEIVED},
};

static void keep_name(void *state, struct qw_mail *mail, struct qw_slice value, const char *key)
{
	char memory[QW_MAIL_NAME_MAX];
	struct qw_text text;
	qw_text_init(&text, memory, sizeof(memory));
	if (!qw_parameter(value, key, &text))
		return;
	mail->name.len = 0;
	if (text.cut)
		qw_parser_cut(state);
	if (!qw_store_put(state, &mail->name, text.at, text.len, QW_MAIL_NAME_MAX))
		qw_store_free(state, &mail->name);
}

bool qw_mail_enter(void *state, struct qw_mail *mail, struct qw_slice content_type)
{
	char memory[QW_MAIL_BOUNDARY_MAX];
	struct qw_text text;
	qw_text_init(&text, memory, sizeof(memory));
	if (!qw_parameter(content_type, "boundary", &text))
		return false;
	if (text.cut || mail->depth == QW_MAIL_DEPTH_MAX) {
		qw_parser_cut(state);
		return false;
	}
	mail->boundary[mail->depth].len = (uint8_t)text.len;
	memcpy(mail->boundary[mail->depth].text, text.at, text.len);
	mail->depth++;
	return true;
}

static void content_type(void *state, struct qw_mail *mail, struct qw_slice value)
{
	if (!mail->name.len) /* Content-Disposition is what receivers go by */
		keep_name(state, mail, value, "name");
	mail->type = qw_line_begins(value.data, value.len, "text/")		? QW_MAIL_TEXT
		     : qw_line_begins(value.data, value.len, "message/rfc822") ? QW_MAIL_FORWARDED
										: QW_MAIL_OTHER;
	if (qw_line_begins(value.data, value.len, "multipart/") && qw_mail_enter(state, mail, value))
		mail->type = QW_MAIL_MULTIPART;
}

static void content_disposition(void *state, struct qw_mail *mail, struct qw_slice value)
{
	mail->attached = qw_line_begins(value.data, value.len, "attachment");
	keep_name(state, mail, value, "filename");
}

static void content_encoding(void *state, struct qw_mail *mail, struct qw_slice value)
{
	mail->encoding = qw_line_begins(value.data, value.len, "base64")	    ? QW_MAIL_BASE64
			 : qw_line_begins(value.data, value.len, "quoted-printable") ? QW_MAIL_QUOTED
										      : QW_MAIL_PLAIN;
}

static void take_field(void *state, struct qw_mail *mail, struct qw_slice name, struct qw_slice value)
{
	for (size_t i = 0; i < sizeof(FIELDS) / sizeof(*FIELDS); i++)
		if (qw_slice_is(name, FIELDS[i].name))
			qw_known_add(state, &mail->known, FIELDS[i].buffer, QW_SIGHT_NONE, value);
}

/* The header that was read, "Name: value", is whole. */
static void take_header(void *state, struct qw_mail *mail)
{
	struct qw_slice line = qw_store_slice(&mail->header);
	const uint8_t *colon = line.len ? memchr(line.data, ':', line.len) : NULL;
	if (!colon)
		return;
	struct qw_slice name = qw_slice(line.data, (size_t)(colon - line.data));
	struct qw_slice value = qw_slice(colon + 1, line.len - name.len - 1);
	while (name.len && (name.data[name.len - 1] == ' ' || name.data[name.len - 1] == '\t'))
		name.len--;
	while (value.len && (*value.data == ' ' || *value.data == '\t'))
		value = qw_slice(value.data + 1, value.len - 1);
	if (mail->main_header)
		take_field(state, mail, name, value);
	if (qw_slice_is(name, "content-type"))
		content_type(state, mail, value);
	else if (qw_slice_is(name, "content-disposition"))
		content_disposition(state, mail, value);
	else if (qw_slice_is(name, "content-transfer-encoding"))
		content_encoding(state, mail, value);
}

static void keep_header(void *state, struct qw_mail *mail, struct qw_slice text)
{
	size_t room = HEADER_MAX - mail->header.len, len = text.len < room ? text.len : room;
	if (!qw_store_put(state, &mail->header, text.data, len, HEADER_MAX))
		return;
	if (len < text.len)
		qw_parser_cut(state);
}

bool qw_mail_header_line(void *state, struct qw_mail *mail, const struct qw_line *line)
{
	struct qw_slice text = line->text;
	bool folded = text.len && (text.data[0] == ' ' || text.data[0] == '\t');
	if (line->begins && !folded) {
		take_header(state, mail);
		mail->header.len = 0;
	}
	if (line->begins && line->ends && text.len == 0) {
		qw_store_free(state, &mail->header);
		return true;
	}
	/* As Suricata unfolds: one blank goes with the line's end. */
	if (line->begins && folded)
		text = qw_slice(text.data + 1, text.len - 1);
	keep_header(state, mail, text);
	return false;
}
