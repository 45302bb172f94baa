/* SPDX-License-Identifier: Apache-2.0 */
/*
 * smtp - commands, envelopes and the mail itself.
 *
 * A transaction is one mail: from MAIL FROM, or what precedes it, to the end
 * of its data.  STARTTLS, once granted, hands the flow on.
 */
#include "sensor/protocol/event.h"
#include "sensor/protocol/known.h"
#include "sensor/protocol/lines.h"
#include "sensor/protocol/mail.h"
#include "sensor/protocol/mail_event.h"
#include "sensor/protocol/parsers.h"

#include <strings.h>

enum {
	LINE_MAX_LEN = 4096,
	HELO_MAX = 256,
	STRANGE_MAX = 32, /* commands that are none, until the parser gives up */
};

enum mode { MODE_COMMANDS, MODE_DATA, MODE_CHUNK };

/* What a reply of the server decides. */
enum pending { PENDING_NONE, PENDING_STARTTLS, PENDING_DATA };

struct smtp {
	struct qw_lines lines[2];
	struct qw_lines chunk; /* a chunk may end within a line, and a command stand between */
	struct qw_known known;
	struct qw_mail mail;
	struct qw_mail_watch watch;
	struct qw_store helo;
	uint64_t transaction;
	uint64_t chunk_left;
	uint32_t unanswered; /* commands; a client may send several at once */
	uint32_t pending_at; /* the reply that decides: so many are still to come */
	uint8_t mode, pending;
	uint8_t strange;
	bool chunk_last, mail_begun;
	bool greeted; /* the server has said something */
};

struct call {
	struct smtp *smtp;
	struct qw_flow *flow;
	const struct qw_message_sink *sink;
};

static void raise_event(const struct call *call, enum qw_direction direction, enum qw_app_event event)
{
	qw_event_publish(call->sink, call->flow, QW_APP_SMTP, direction, call->smtp->transaction, event);
}

static void publish(const struct call *call, struct qw_message *message)
{
	struct smtp *smtp = call->smtp;
	message->app = QW_APP_SMTP;
	message->direction = QW_TO_SERVER;
	message->transaction = smtp->transaction;
	qw_known_tell(&smtp->known, message);
	qw_known_tell(&smtp->mail.known, message);
	call->sink->publish(call->sink->ctx, call->flow, message);
}

static void publish_envelope(const struct call *call, bool last)
{
	struct qw_message message = {.last = last};
	publish(call, &message);
}

/* ---- the mail */

static void publish_part(const struct call *call, bool whole)
{
	struct qw_mail *mail = &call->smtp->mail;
	struct qw_content_digests digests;
	struct qw_message message = {.last = false};
	if (!qw_mail_is_file(mail)) {
		/* What the mail says is looked into like a file, but is none. */
		qw_content_add(&mail->body, &message, QW_BUFFER_FILE_DATA);
		mail->body.told = mail->body.kept.len;
	} else if (whole) {
		qw_content_tell_whole(&mail->body, &message, qw_store_slice(&mail->name), &digests);
	} else {
		qw_content_tell(&mail->body, &message, qw_store_slice(&mail->name));
	}
	publish(call, &message);
}

static void part_ends(const struct call *call)
{
	struct smtp *smtp = call->smtp;
	struct qw_mail *mail = &smtp->mail;
	bool file = mail->in_part && qw_mail_is_file(mail);
	qw_mail_find_urls(smtp, mail);
	if (file && !mail->body.begun)
		qw_content_put(smtp, &mail->body, "", 0); /* an empty file is one, too */
	if (file || qw_content_is_fresh(&mail->body))
		publish_part(call, true);
	qw_mail_next_part(smtp, mail);
}

static void watch_line(const struct call *call, const struct qw_line *line)
{
	struct qw_mail_watch *watch = &call->smtp->watch;
	enum qw_app_event event;
	qw_mail_watch_line(watch, line);
	while ((event = qw_mail_watch_next(watch)) != QW_AE_NONE)
		raise_event(call, QW_TO_SERVER, event);
}

static void mail_line(const struct call *call, const struct qw_line *line)
{
	struct smtp *smtp = call->smtp;
	watch_line(call, line);
	switch (qw_mail_line(smtp, &smtp->mail, line)) {
	case QW_MAIL_NOTHING: break;
	case QW_MAIL_HEADED: publish_envelope(call, false); break;
	case QW_MAIL_GREW:
		if (qw_content_is_due(&smtp->mail.body))
			publish_part(call, false);
		break;
	case QW_MAIL_ENDED: part_ends(call); break;
	}
}

static void begin_mail(struct smtp *smtp, enum mode mode)
{
	smtp->mode = (uint8_t)mode;
	if (!smtp->mail_begun)
		smtp->watch = (struct qw_mail_watch){0};
	if (!smtp->mail_begun)
		qw_mail_begin(smtp, &smtp->mail);
	smtp->mail_begun = true;
}

/* The next mail of the connection comes from the same client. */
static void next_transaction(struct smtp *smtp)
{
	smtp->transaction++;
	smtp->mail_begun = false;
	qw_known_free(smtp, &smtp->known);
	if (smtp->helo.len)
		qw_known_add(smtp, &smtp->known, QW_BUFFER_SMTP_HELO, QW_SIGHT_NONE, qw_store_slice(&smtp->helo));
}

static void end_mail(const struct call *call)
{
	struct smtp *smtp = call->smtp;
	part_ends(call);
	publish_envelope(call, true);
	qw_mail_free(smtp, &smtp->mail);
	smtp->mode = MODE_COMMANDS;
	next_transaction(smtp);
}

/* The last line of a mail in chunks may lack its end. */
static void end_chunks(const struct call *call)
{
	struct smtp *smtp = call->smtp;
	struct qw_line line;
	if (qw_line_rest(smtp, &smtp->chunk, &line))
		mail_line(call, &line);
	qw_lines_free(smtp, &smtp->chunk);
	end_mail(call);
}

/* ---- commands */

/* The reply to the command at hand decides. */
static void expect(struct smtp *smtp, enum pending pending)
{
	smtp->pending = (uint8_t)pending;
	smtp->pending_at = smtp->unanswered;
}

static void on_helo(const struct call *call, struct qw_slice argument)
{
	struct smtp *smtp = call->smtp;
	if (smtp->helo.len)
		raise_event(call, QW_TO_SERVER, QW_AE_SMTP_DUPLICATE_FIELDS);
	qw_store_free(smtp, &smtp->helo);
	if (!qw_store_put(smtp, &smtp->helo, argument.data, argument.len, HELO_MAX))
		return;
	qw_known_add(smtp, &smtp->known, QW_BUFFER_SMTP_HELO, QW_SIGHT_NAME, argument);
	publish_envelope(call, false);
}

/* The address behind "FROM:" or "TO:", with its brackets and without parameters. */
static struct qw_slice address(struct qw_slice argument)
{
	const uint8_t *colon = memchr(argument.data, ':', argument.len);
	if (!colon)
		return argument;
	struct qw_slice rest = qw_slice(colon + 1, (size_t)(argument.data + argument.len - colon) - 1);
	while (rest.len && (*rest.data == ' ' || *rest.data == '\t'))
		rest = qw_slice(rest.data + 1, rest.len - 1);
	return qw_line_word(&rest);
}

static void on_mail(const struct call *call, struct qw_slice argument)
{
	struct smtp *smtp = call->smtp;
	if (qw_known_find(&smtp->known, QW_BUFFER_SMTP_MAIL_FROM).data) {
		raise_event(call, QW_TO_SERVER, QW_AE_SMTP_DUPLICATE_FIELDS);
		next_transaction(smtp);
	}
	qw_known_add(smtp, &smtp->known, QW_BUFFER_SMTP_MAIL_FROM, QW_SIGHT_NONE, address(argument));
	publish_envelope(call, false);
}

static void on_rcpt(const struct call *call, struct qw_slice argument)
{
	struct smtp *smtp = call->smtp;
	qw_known_add(smtp, &smtp->known, QW_BUFFER_SMTP_RCPT_TO, QW_SIGHT_NONE, address(argument));
	publish_envelope(call, false);
}

static void on_data(const struct call *call, struct qw_slice argument)
{
	begin_mail(call->smtp, MODE_DATA);
	expect(call->smtp, PENDING_DATA);
}

/* "BDAT 1000 LAST" (RFC 3030). */
static void on_bdat(const struct call *call, struct qw_slice argument)
{
	struct smtp *smtp = call->smtp;
	struct qw_slice number = qw_line_word(&argument);
	uint64_t len = 0;
	for (size_t i = 0; i < number.len && i < 12; i++) {
		if (number.data[i] < '0' || number.data[i] > '9')
			return;
		len = len * 10 + (uint64_t)(number.data[i] - '0');
	}
	if (len > UINT32_MAX)
		raise_event(call, QW_TO_SERVER, QW_AE_SMTP_BDAT_CHUNK_LEN_EXCEEDED);
	smtp->chunk_left = len;
	smtp->chunk_last = qw_slice_is(argument, "LAST");
	begin_mail(smtp, MODE_CHUNK);
	if (len == 0)
		smtp->mode = MODE_COMMANDS;
	if (len == 0 && smtp->chunk_last)
		end_chunks(call);
}

static void on_starttls(const struct call *call, struct qw_slice argument)
{
	expect(call->smtp, PENDING_STARTTLS);
}

static void on_rset(const struct call *call, struct qw_slice argument)
{
	if (qw_known_find(&call->smtp->known, QW_BUFFER_SMTP_MAIL_FROM).data)
		next_transaction(call->smtp);
}

static void on_other(const struct call *call, struct qw_slice argument)
{
}

static const struct {
	const char *name;
	void (*act)(const struct call *call, struct qw_slice argument);
} COMMANDS[] = {
	{"HELO", on_helo}, {"EHLO", on_helo}, {"LHLO", on_helo},         {"MAIL", on_mail},
	{"RCPT", on_rcpt}, {"DATA", on_data}, {"BDAT", on_bdat},         {"STARTTLS", on_starttls},
	{"RSET", on_rset}, {"QUIT", on_other}, {"NOOP", on_other},       {"VRFY", on_other},
	{"EXPN", on_other}, {"AUTH", on_other}, {"HELP", on_other},
};

/* False: too much that is no command. */
static bool command(const struct call *call, struct qw_slice line)
{
	struct qw_slice argument = line, verb = qw_line_word(&argument);
	if (!call->smtp->greeted)
		raise_event(call, QW_TO_SERVER, QW_AE_SMTP_NO_SERVER_WELCOME_MESSAGE);
	/* What the answer to DATA or STARTTLS decides is not to be sent before it. */
	if (call->smtp->pending == PENDING_STARTTLS)
		raise_event(call, QW_TO_SERVER, QW_AE_SMTP_INVALID_PIPELINED_SEQUENCE);
	call->smtp->unanswered++;
	for (size_t i = 0; i < sizeof(COMMANDS) / sizeof(*COMMANDS); i++) {
		if (qw_slice_is(verb, COMMANDS[i].name)) {
			COMMANDS[i].act(call, argument);
			return true;
		}
	}
	return ++call->smtp->strange < STRANGE_MAX;
}

/* A dot alone ends the data; a dot before a dot is there for the way only. */
static void data_line(const struct call *call, struct qw_line *line)
{
	if (line->begins && line->text.len && line->text.data[0] == '.') {
		if (line->text.len == 1 && line->ends) {
			call->smtp->unanswered++;
			end_mail(call);
			return;
		}
		line->text = qw_slice(line->text.data + 1, line->text.len - 1);
	}
	mail_line(call, line);
}

/* Lines of at most what is left of the chunk. */
static void chunk(const struct call *call, struct qw_bytes *in)
{
	struct smtp *smtp = call->smtp;
	struct qw_line line;
	struct qw_bytes part;
	size_t take = smtp->chunk_left < in->left ? (size_t)smtp->chunk_left : in->left;
	if (!qw_bytes_take(in, take, &part))
		return;
	smtp->chunk_left -= take;
	while (qw_line_next(smtp, &smtp->chunk, &part, LINE_MAX_LEN, &line))
		mail_line(call, &line);
	if (smtp->chunk_left)
		return;
	smtp->mode = MODE_COMMANDS;
	if (smtp->chunk_last)
		end_chunks(call);
}

static enum qw_parse feed_client(const struct call *call, struct qw_bytes in)
{
	struct smtp *smtp = call->smtp;
	struct qw_line line;
	while (in.left) {
		if (smtp->mode == MODE_CHUNK) {
			chunk(call, &in);
			continue;
		}
		if (!qw_line_next(smtp, &smtp->lines[QW_TO_SERVER], &in, LINE_MAX_LEN, &line))
			break;
		if (smtp->mode == MODE_COMMANDS && line.begins && !line.ends) {
			raise_event(call, QW_TO_SERVER, QW_AE_SMTP_MAX_COMMAND_LINE_LEN_EXCEEDED);
			raise_event(call, QW_TO_SERVER, QW_AE_SMTP_TRUNCATED_LINE);
		}
		if (smtp->mode == MODE_DATA)
			data_line(call, &line);
		else if (!line.begins)
			continue;
		else if (!command(call, line.text))
			return QW_PARSE_STOP;
	}
	return QW_PARSE_MORE;
}

/* ---- replies */

/* The last line of a reply.  True: TLS begins. */
static bool reply(const struct call *call, uint8_t code)
{
	struct smtp *smtp = call->smtp;
	bool greeting = !smtp->greeted;
	smtp->greeted = true;
	if (smtp->unanswered == 0) {
		if (!greeting && code != '4') /* it may say that it closes */
			raise_event(call, QW_TO_CLIENT, QW_AE_SMTP_UNABLE_TO_MATCH_REPLY_WITH_REQUEST);
		return false;
	}
	smtp->unanswered--;
	/* 3xx to DATA says where we are, whatever was missed before. */
	bool data = smtp->pending == PENDING_DATA && code == '3';
	if (smtp->pending == PENDING_NONE || (--smtp->pending_at && !data))
		return false;
	bool starttls = smtp->pending == PENDING_STARTTLS;
	smtp->pending = PENDING_NONE;
	if (starttls && code != '2')
		raise_event(call, QW_TO_CLIENT, QW_AE_SMTP_TLS_REJECTED);
	if (!starttls && !data)
		raise_event(call, QW_TO_CLIENT, QW_AE_SMTP_DATA_COMMAND_REJECTED);
	if (data)
		smtp->unanswered = 0;
	else if (!starttls && smtp->mode == MODE_DATA)
		smtp->mode = MODE_COMMANDS;
	return starttls && code == '2';
}

static void note_reply(const struct call *call, const struct qw_line *line)
{
	const uint8_t *code = line->text.data;
	if (!line->begins)
		return;
	if (!line->ends)
		raise_event(call, QW_TO_CLIENT, QW_AE_SMTP_MAX_REPLY_LINE_LEN_EXCEEDED);
	if (line->text.len < 3 || code[0] < '2' || code[0] > '5' || code[1] < '0' || code[1] > '9' || code[2] < '0' ||
	    code[2] > '9')
		raise_event(call, QW_TO_CLIENT, QW_AE_SMTP_INVALID_REPLY);
}

static enum qw_parse feed_server(const struct call *call, struct qw_bytes in)
{
	struct smtp *smtp = call->smtp;
	struct qw_line line;
	while (qw_line_next(smtp, &smtp->lines[QW_TO_CLIENT], &in, LINE_MAX_LEN, &line)) {
		bool last = line.begins && line.text.len >= 3 && (line.text.len == 3 || line.text.data[3] == ' ');
		note_reply(call, &line);
		if (last && reply(call, line.text.data[0]))
			return QW_PARSE_OVER;
	}
	return QW_PARSE_MORE;
}

static enum qw_parse feed(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			  size_t len, const struct qw_message_sink *sink)
{
	struct smtp *smtp = state;
	const struct call call = {smtp, flow, sink};
	if (smtp->transaction == 0)
		smtp->transaction = 1;
	return direction == QW_TO_SERVER ? feed_client(&call, qw_bytes(data, len)) : feed_server(&call, qw_bytes(data, len));
}

static void break_off(struct smtp *smtp, struct qw_lines *lines)
{
	qw_lines_free(smtp, lines);
	lines->inside = true;
}

/* The line that broke off is given up; a mail goes on without what is missing. */
static enum qw_parse gap(void *state, struct qw_flow *flow, enum qw_direction direction, uint32_t missing,
			 const struct qw_message_sink *sink)
{
	struct smtp *smtp = state;
	bool chunk = direction == QW_TO_SERVER && smtp->mode == MODE_CHUNK;
	smtp->mail.body.broken |= direction == QW_TO_SERVER;
	if (chunk)
		break_off(smtp, &smtp->chunk);
	if (!chunk || missing > smtp->chunk_left)
		break_off(smtp, &smtp->lines[direction]);
	if (chunk)
		smtp->chunk_left -= missing < smtp->chunk_left ? missing : smtp->chunk_left;
	return QW_PARSE_MORE;
}

static void close_side(void *state, struct qw_flow *flow, enum qw_direction direction,
		       const struct qw_message_sink *sink)
{
	struct smtp *smtp = state;
	const struct call call = {smtp, flow, sink};
	if (direction != QW_TO_SERVER || smtp->mode == MODE_COMMANDS)
		return;
	smtp->mail.body.broken = true;
	end_mail(&call);
}

static void fini(void *state)
{
	struct smtp *smtp = state;
	qw_lines_free(smtp, &smtp->lines[0]);
	qw_lines_free(smtp, &smtp->lines[1]);
	qw_lines_free(smtp, &smtp->chunk);
	qw_known_free(smtp, &smtp->known);
	qw_mail_free(smtp, &smtp->mail);
	qw_store_free(smtp, &smtp->helo);
}

static bool is_mail_port(const struct qw_flow *flow)
{
	uint16_t port = qw_flow_server_port(flow);
	return port == 25 || port == 587 || port == 2525;
}

static int probe(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	if (len < 5)
		return -1;
	if (direction == QW_TO_SERVER)
		return qw_line_begins(data, len, "HELO ") || qw_line_begins(data, len, "EHLO ") || qw_line_begins(data, len, "LHLO ") ||
		       (is_mail_port(flow) && qw_line_begins(data, len, "MAIL "));
	if (!qw_line_begins(data, len, "220 ") && !qw_line_begins(data, len, "220-"))
		return 0;
	if (is_mail_port(flow) || qw_line_holds(data, len, "SMTP") || qw_line_holds(data, len, "\n250"))
		return 1;
	return qw_line_holds(data, len, "FTP") || qw_line_holds(data, len, "\n331 ") ? 0 : -1;
}

static enum qw_speaker speaker(const uint8_t *data, size_t len)
{
	static const char *const commands[] = {"HELO ", "EHLO ", "LHLO ", "MAIL FROM:", "RCPT TO:"};
	if (qw_line_is_reply(data, len))
		return QW_SPEAKER_SERVER;
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (qw_line_begins(data, len, commands[i]) && data[len - 1] == '\n')
			return QW_SPEAKER_CLIENT;
	return QW_SPEAKER_UNKNOWN;
}

const struct qw_parser_ops qw_parser_smtp = {
	.app = QW_APP_SMTP,
	.probe = probe,
	.speaker = speaker,
	.state_bytes = sizeof(struct smtp),
	.feed = feed,
	.gap = gap,
	.close = close_side,
	.fini = fini,
};
