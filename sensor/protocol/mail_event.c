/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/mail_event.h"

#include <ctype.h>
#include <string.h>

enum {
	LINE_LONG = 998, /* RFC 5322, 2.1.1 */
	ENCODED_LONG = 76, /* RFC 2045, 6.7 and 6.8 */
	NAME_LONG = 75,
	VALUE_LONG = 2000,
};

enum odd {
	ODD_LINE,
	ODD_ENCODED_LINE,
	ODD_NAME,
	ODD_VALUE,
	ODD_BASE64,
	ODD_QUOTED,
	ODD_BOUNDARY,
	ODD_HEADER,
	ODD_PARTS,
	ODD_CONTENT,
};

static const uint8_t events[] = {
    [ODD_LINE] = QW_AE_SMTP_MIME_LONG_LINE,
    [ODD_ENCODED_LINE] = QW_AE_SMTP_MIME_LONG_ENC_LINE,
    [ODD_NAME] = QW_AE_SMTP_MIME_LONG_HEADER_NAME,
    [ODD_VALUE] = QW_AE_SMTP_MIME_LONG_HEADER_VALUE,
    [ODD_BASE64] = QW_AE_SMTP_MIME_INVALID_BASE64,
    [ODD_QUOTED] = QW_AE_SMTP_MIME_INVALID_QP,
    [ODD_BOUNDARY] = QW_AE_SMTP_MIME_LONG_BOUNDARY,
    [ODD_HEADER] = QW_AE_SMTP_MIME_MALFORMED_MSG,
    [ODD_PARTS] = QW_AE_SMTP_MIME_PARSE_FAILED, /* the parts cannot be told from each other */
    [ODD_CONTENT] = QW_AE_SMTP_UNPARSABLE_CONTENT,
};

static void find(struct qw_mail_watch *watch, enum odd odd)
{
	watch->found = (uint16_t)(watch->found | 1u << odd);
}

enum qw_app_event qw_mail_watch_next(struct qw_mail_watch *watch)
{
	unsigned left = watch->found & ~(unsigned)watch->told;
	if (left == 0)
		return QW_AE_NONE;
	unsigned odd = (unsigned)__builtin_ctz(left);
	watch->told = (uint16_t)(watch->told | 1u << odd);
	return (enum qw_app_event)events[odd];
}

static const uint8_t *behind(struct qw_slice line, const char *word)
{
	for (size_t i = 0; i < line.len; i++)
		if (qw_line_begins(line.data + i, line.len - i, word))
			return line.data + i + strlen(word);
	return NULL;
}

/* A header line, or a folded one's continuation, that names a boundary. */
static void read_boundary(struct qw_mail_watch *watch, struct qw_slice line)
{
	const uint8_t *at = behind(line, "boundary="), *end = line.data + line.len;
	if (!at)
		return;
	bool quoted = at < end && *at == '"';
	at += quoted;
	const uint8_t *stop = at;
	while (stop < end && (quoted ? *stop != '"' : *stop != ';' && !isspace(*stop)))
		stop++;
	if (stop == at)
		find(watch, ODD_CONTENT);
	if (stop - at > QW_MAIL_WATCH_BOUNDARY) {
		find(watch, ODD_BOUNDARY);
		find(watch, ODD_PARTS);
		return;
	}
	watch->boundary_len = (uint8_t)(stop - at);
	memcpy(watch->boundary, at, watch->boundary_len);
}

static void header(struct qw_mail_watch *watch, const struct qw_line *line)
{
	struct qw_slice text = line->text;
	if (line->begins && line->ends && text.len == 0) {
		watch->body = true;
		return;
	}
	if (watch->line_len > VALUE_LONG)
		find(watch, ODD_VALUE);
	read_boundary(watch, text);
	if (!line->begins || text.len == 0 || isspace(text.data[0]))
		return;
	const uint8_t *colon = memchr(text.data, ':', text.len);
	if (!colon && line->ends)
		find(watch, ODD_HEADER);
	if (colon ? colon - text.data > NAME_LONG : text.len > NAME_LONG)
		find(watch, ODD_NAME);
	if (!qw_line_begins(text.data, text.len, "content-transfer-encoding:"))
		return;
	watch->base64 = behind(text, "base64") != NULL;
	watch->quoted = behind(text, "quoted-printable") != NULL;
}

/* A delimiter begins the next part's headers, or ends the parts. */
static bool is_delimiter(struct qw_mail_watch *watch, const struct qw_line *line)
{
	struct qw_slice text = line->text;
	size_t len = watch->boundary_len;
	if (!line->begins || len == 0 || text.len < len + 2 || text.data[0] != '-' || text.data[1] != '-' ||
	    memcmp(text.data + 2, watch->boundary, len) != 0)
		return false;
	watch->body = text.len >= len + 4 && text.data[len + 2] == '-';
	watch->base64 = watch->quoted = false;
	return true;
}

static void body(struct qw_mail_watch *watch, struct qw_slice text)
{
	if ((watch->base64 || watch->quoted) && watch->line_len > ENCODED_LONG)
		find(watch, ODD_ENCODED_LINE);
	for (size_t i = 0; i < text.len && watch->base64; i++)
		if (!isalnum(text.data[i]) && text.data[i] != '+' && text.data[i] != '/' && text.data[i] != '=' &&
		    !isspace(text.data[i]))
			find(watch, ODD_BASE64);
	for (size_t i = 0; i + 2 < text.len && watch->quoted; i++)
		if (text.data[i] == '=' && !(isxdigit(text.data[i + 1]) && isxdigit(text.data[i + 2])))
			find(watch, ODD_QUOTED);
}

void qw_mail_watch_line(struct qw_mail_watch *watch, const struct qw_line *line)
{
	watch->line_len = (line->begins ? 0 : watch->line_len) + (uint32_t)line->text.len;
	if (watch->line_len > LINE_LONG)
		find(watch, ODD_LINE);
	if (is_delimiter(watch, line))
		return;
	if (watch->body)
		body(watch, line->text);
	else
		header(watch, line);
}
