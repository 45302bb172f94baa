/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ftp - commands and replies of the control connection.
 *
 * A command and the replies to it are one transaction; what the server says
 * first is one of its own.  What commands and replies say of data connections
 * is announced (expect.h) once a file is asked for.
 */
#include "quaywatch/packet.h"
#include "sensor/protocol/event.h"
#include "sensor/protocol/expect.h"
#include "sensor/protocol/ftp_address.h"
#include "sensor/protocol/known.h"
#include "sensor/protocol/lines.h"
#include "sensor/protocol/parsers.h"

#include <string.h>
#include <strings.h>

enum { LINE_MAX_LEN = 4096, PORT_FTP = 21, CODE_LEN = 3 };

struct ftp {
	struct qw_lines lines[2];
	struct qw_known known; /* of the transaction */
	uint64_t transactions;
	struct qw_expected_place announced, own; /* the data connection's listener: as said, and with the talker's address */
	uint16_t port;      /* that this transaction speaks of; 0: none */
	uint8_t mode;       /* enum qw_ftp_mode, likewise */
	bool bounce, replied;
	bool restarted;     /* REST: what follows is not the whole file */
	bool wants_tls;     /* AUTH was sent */
	bool wants_passive; /* PASV or EPSV was sent */
};

struct call {
	struct ftp *ftp;
	struct qw_flow *flow;
	const struct qw_message_sink *sink;
};

static void publish(const struct call *call, enum qw_direction direction, bool last, const struct qw_line_detail *detail)
{
	struct ftp *ftp = call->ftp;
	struct qw_message message = {.app = QW_APP_FTP, .direction = direction, .last = last};
	message.transaction = ftp->transactions;
	message.detail = detail;
	qw_known_tell(&ftp->known, &message);
	if (ftp->port) {
		qw_message_number(&message, QW_BUFFER_FTP_DYNAMIC_PORT, ftp->port, true);
		qw_message_number(&message, QW_BUFFER_FTP_MODE, ftp->mode, true);
	}
	if (ftp->bounce)
		qw_message_number(&message, QW_BUFFER_FTP_BOUNCE, 1, true);
	qw_message_number(&message, QW_BUFFER_FTP_REPLY_RECEIVED, ftp->replied, true);
	call->sink->publish(call->sink->ctx, call->flow, &message);
}

static void begin_transaction(struct ftp *ftp)
{
	ftp->transactions++;
	ftp->port = 0;
	ftp->bounce = ftp->replied = ftp->wants_tls = ftp->wants_passive = false;
	qw_known_free(ftp, &ftp->known);
}

/* ---- data connections */

static void announce(const struct call *call, const struct qw_expected_place *place, enum qw_ftp_mode mode)
{
	struct ftp *ftp = call->ftp;
	const struct qw_flow *flow = call->flow;
	ftp->announced = *place;
	ftp->own.port = ftp->port = place->port;
	ftp->own.address = mode == QW_FTP_ACTIVE ? *qw_flow_client(flow) : *qw_flow_server(flow);
	ftp->mode = (uint8_t)mode;
	ftp->bounce = mode == QW_FTP_ACTIVE && !qw_address_equal(&place->address, &ftp->own.address);
}

static void on_port(const struct call *call, struct qw_slice argument)
{
	struct qw_expected_place place;
	if (qw_ftp_numbers(argument, &place))
		announce(call, &place, QW_FTP_ACTIVE);
}

static void on_eprt(const struct call *call, struct qw_slice argument)
{
	struct qw_expected_place place = {*qw_flow_client(call->flow), 0};
	if (qw_ftp_extended(argument, &place))
		announce(call, &place, QW_FTP_ACTIVE);
}

static void on_passive(const struct call *call, struct qw_slice argument)
{
	call->ftp->wants_passive = true;
}

static void on_auth(const struct call *call, struct qw_slice argument)
{
	call->ftp->wants_tls = true;
}

static void on_rest(const struct call *call, struct qw_slice argument)
{
	call->ftp->restarted = !qw_slice_is(argument, "0");
}

static void expect_file(const struct call *call, struct qw_slice name, enum qw_ftp_transfer transfer)
{
	struct ftp *ftp = call->ftp;
	struct qw_expectations *expectations = qw_parser_expectations(ftp);
	struct qw_expected what = {.app = QW_APP_FTP_DATA, .proto = QW_PROTO_TCP, .transfer = (uint8_t)transfer, .partial = ftp->restarted};
	ftp->restarted = false;
	if (ftp->own.port == 0)
		return;
	if (name.len > QW_EXPECTED_NAME_MAX) { /* its end says more than its begin */
		qw_parser_cut(ftp);
		name = qw_slice(name.data + name.len - QW_EXPECTED_NAME_MAX, QW_EXPECTED_NAME_MAX);
	}
	what.name_len = (uint8_t)name.len;
	if (name.len)
		memcpy(what.name, name.data, name.len);
	qw_expect(expectations, &ftp->own, &what, call->flow->last);
	if (!qw_address_equal(&ftp->own.address, &ftp->announced.address))
		qw_expect(expectations, &ftp->announced, &what, call->flow->last);
}

static void on_retr(const struct call *call, struct qw_slice argument)
{
	expect_file(call, argument, QW_FTP_RETR);
}

static void on_stor(const struct call *call, struct qw_slice argument)
{
	expect_file(call, argument, QW_FTP_STOR);
}

/* ---- commands and replies */

static const struct {
	const char *verb;
	void (*act)(const struct call *call, struct qw_slice argument);
} ACTS[] = {
	{"PORT", on_port}, {"EPRT", on_eprt}, {"PASV", on_passive}, {"EPSV", on_passive}, {"RETR", on_retr},
	{"STOR", on_stor}, {"APPE", on_stor}, {"STOU", on_stor},    {"REST", on_rest},	  {"AUTH", on_auth},
};

static void command(const struct call *call, struct qw_slice line)
{
	struct ftp *ftp = call->ftp;
	struct qw_slice verb = qw_line_word(&line);
	struct qw_line_detail detail = {.command = verb, .argument = line};
	begin_transaction(ftp);
	qw_known_add(ftp, &ftp->known, QW_BUFFER_FTP_COMMAND, QW_SIGHT_NONE, verb);
	qw_known_add(ftp, &ftp->known, QW_BUFFER_FTP_COMMAND_DATA, QW_SIGHT_NONE, line);
	for (size_t i = 0; i < sizeof(ACTS) / sizeof(*ACTS); i++) {
		if (qw_slice_is(verb, ACTS[i].verb))
			ACTS[i].act(call, line);
	}
	publish(call, QW_TO_SERVER, true, &detail);
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

/* 227 and 229 say where the server listens. */
static void passive_reply(const struct call *call, struct qw_slice text, uint8_t kind)
{
	struct qw_expected_place place = {*qw_flow_server(call->flow), 0};
	if (kind == '7' ? qw_ftp_numbers(text, &place) : qw_ftp_extended(text, &place))
		announce(call, &place, QW_FTP_PASSIVE);
}

/* True: the server agreed to go dark. */
static bool reply(const struct call *call, struct qw_slice line)
{
	struct ftp *ftp = call->ftp;
	struct qw_line_detail detail = {.reply = line};
	bool coded = is_code(line), final = coded && (line.len == CODE_LEN || line.data[CODE_LEN] == ' ');
	/* Signatures look at the text; the code stands before it. */
	size_t at = !coded ? 0 : line.len == CODE_LEN ? CODE_LEN : CODE_LEN + 1;
	struct qw_slice text = qw_slice(line.data + at, line.len - at);
	if (ftp->transactions == 0)
		begin_transaction(ftp);
	if (coded)
		qw_known_add(ftp, &ftp->known, QW_BUFFER_FTP_COMPLETION_CODE, QW_SIGHT_NONE, qw_slice(line.data, CODE_LEN));
	qw_known_add(ftp, &ftp->known, QW_BUFFER_FTP_REPLY, QW_SIGHT_NONE, text);
	ftp->replied = final;
	if (final && ftp->wants_passive && line.data[0] == '2' && line.data[1] == '2')
		passive_reply(call, text, line.data[2]);
	publish(call, QW_TO_CLIENT, final, &detail);
	/* What was asked is looked at on the client's side once more, now that the answer is known. */
	if (final && qw_known_find(&ftp->known, QW_BUFFER_FTP_COMMAND).data)
		publish(call, QW_TO_SERVER, false, NULL);
	return final && ftp->wants_tls && memcmp(line.data, "234", CODE_LEN) == 0;
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
	qw_known_free(ftp, &ftp->known);
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

static enum qw_speaker speaker(const uint8_t *data, size_t len)
{
	static const char *const commands[] = {"USER ", "PASS ", "PORT ", "RETR ", "STOR ", "PASV\r", "EPSV\r", "AUTH TLS\r"};
	if (qw_line_is_reply(data, len))
		return QW_SPEAKER_SERVER;
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (qw_line_begins(data, len, commands[i]) && data[len - 1] == '\n')
			return QW_SPEAKER_CLIENT;
	return QW_SPEAKER_UNKNOWN;
}

const struct qw_parser_ops qw_parser_ftp = {
	.app = QW_APP_FTP,
	.probe = probe,
	.speaker = speaker,
	.state_bytes = sizeof(struct ftp),
	.feed = feed,
	.gap = gap,
	.fini = fini,
};
