/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ftp - commands and replies of the control connection.
 *
 * A command and the replies to it are one transaction; what the server says
 * first is one of its own.
 */
#include "sensor/protocol/event.h"
#include "sensor/protocol/lines.h"
#include "sensor/protocol/parsers.h"

#include <strings.h>

enum { LINE_MAX_LEN = 4096, PORT_FTP = 21, CODE_LEN = 3 };

struct ftp {
	struct qw_lines lines[2];
	uint64_t transactions;
	bool wants_tls; /* AUTH was sent */
};

struct call {
	struct ftp *ftp;
	struct qw_flow *flow;
	const struct qw_message_sink *sink;
};

static void publish(const struct call *call, struct qw_message *message)
{
	call->sink->publish(call->sink->ctx, call->flow, message);
}

static void command(const struct call *call, struct qw_slice line)
{
	struct ftp *ftp = call->ftp;
	struct qw_message message = {.app = QW_APP_FTP, .direction = QW_TO_SERVER, .last = true};
	struct qw_slice verb = qw_line_word(&line);
	struct qw_line_detail detail = {.command = verb, .argument = line};
	message.transaction = ++ftp->transactions;
	message.detail = &detail;
	qw_message_add(&message, QW_BUFFER_FTP_COMMAND, QW_SIGHT_NONE, verb, true);
	qw_message_add(&message, QW_BUFFER_FTP_COMMAND_DATA, QW_SIGHT_NONE, line, true);
	ftp->wants_tls = qw_slice_is(verb, "AUTH");
	publish(call, &message);
}

static bool is_code(struct qw_slice line)
{
	if (line.len < CODE_LEN)
		return false;
	for (int i = 0; i < CODE_LEN; i++) {
		if (line.data[i] < '0' || line.data[i] > '9')
			return false;
	}
	return true;
}

/* True: the server agreed to go dark. */
static bool reply(const struct call *call, struct qw_slice line)
{
	struct ftp *ftp = call->ftp;
	struct qw_message message = {.app = QW_APP_FTP, .direction = QW_TO_CLIENT};
	struct qw_line_detail detail = {.reply = line};
	bool coded = is_code(line), final = coded && (line.len == CODE_LEN || line.data[CODE_LEN] == ' ');
	bool agreed = final && ftp->wants_tls && memcmp(line.data, "234", CODE_LEN) == 0;
	message.transaction = ftp->transactions ? ftp->transactions : ++ftp->transactions;
	message.last = final;
	message.detail = &detail;
	/* Signatures look at the text; the code stands before it. */
	size_t at = !coded ? 0 : line.len == CODE_LEN ? CODE_LEN : CODE_LEN + 1;
	qw_message_add(&message, QW_BUFFER_FTP_REPLY, QW_SIGHT_NONE, qw_slice(line.data + at, line.len - at), true);
	publish(call, &message);
	return agreed;
}

static enum qw_parse feed(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			  size_t len, const struct qw_message_sink *sink)
{
	struct ftp *ftp = state;
	const struct call call = {ftp, flow, sink};
	struct qw_bytes in = qw_bytes(data, len);
	struct qw_line line;
	while (qw_line_next(ftp, &ftp->lines[direction], &in, LINE_MAX_LEN, &line)) {
		if (!line.begins || line.text.len == 0)
			continue;
		if (!line.ends) {
			qw_parser_cut(ftp);
			qw_event_publish(sink, flow, QW_APP_FTP, direction,
					 direction == QW_TO_SERVER || !ftp->transactions ? ftp->transactions + 1
											  : ftp->transactions,
					 direction == QW_TO_SERVER ? QW_AE_FTP_REQUEST_COMMAND_TOO_LONG
								   : QW_AE_FTP_RESPONSE_COMMAND_TOO_LONG);
		}
		if (direction == QW_TO_SERVER)
			command(&call, line.text);
		else if (reply(&call, line.text))
			return QW_PARSE_OVER;
	}
	return QW_PARSE_MORE;
}

/* The line that broke off is given up; the next one reads. */
static enum qw_parse gap(void *state, struct qw_flow *flow, enum qw_direction direction, uint32_t missing,
			 const struct qw_message_sink *sink)
{
	struct ftp *ftp = state;
	qw_lines_free(ftp, &ftp->lines[direction]);
	ftp->lines[direction].inside = true;
	return QW_PARSE_MORE;
}

static void fini(void *state)
{
	struct ftp *ftp = state;
	qw_lines_free(ftp, &ftp->lines[0]);
	qw_lines_free(ftp, &ftp->lines[1]);
}

/* USER is POP3's and IRC's too: away from its port, the server's answers decide. */
static int probe(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	bool port = qw_flow_server_port(flow) == PORT_FTP;
	if (len < 5)
		return -1;
	if (direction == QW_TO_SERVER) {
		if (qw_line_begins(data, len, "USER "))
			return port ? 1 : -1;
		if (qw_line_begins(data, len, "AUTH TLS") || qw_line_begins(data, len, "AUTH SSL") ||
		    qw_line_begins(data, len, "FEAT\r"))
			return port ? 1 : -1;
		return port && (qw_line_begins(data, len, "SYST\r") || qw_line_begins(data, len, "OPTS ") ||
				qw_line_begins(data, len, "HOST "));
	}
	if (!qw_line_begins(data, len, "220 ") && !qw_line_begins(data, len, "220-"))
		return port && is_code(qw_slice(data, len));
	if (port || qw_line_holds(data, len, "FTP") || qw_line_holds(data, len, "\n331 "))
		return 1;
	return qw_line_holds(data, len, "SMTP") || qw_line_holds(data, len, "\n250") ? 0 : -1;
}

const struct qw_parser_ops qw_parser_ftp = {
	.app = QW_APP_FTP,
	.probe = probe,
	.state_bytes = sizeof(struct ftp),
	.feed = feed,
	.gap = gap,
	.fini = fini,
};
