/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls - the open part of a TLS connection.
 *
 * Records over pieces of any size, handshake messages over any number of
 * records.  A direction is done where it goes dark: TLS 1.3 behind the
 * ServerHello, earlier versions behind ChangeCipherSpec.  The connection is
 * one transaction; its event goes out when both sides have said their part.
 */
#include "sensor/protocol/certificate.h"
#include "sensor/protocol/event.h"
#include "sensor/protocol/parsers.h"
#include "sensor/protocol/tls_known.h"
#include "sensor/protocol/tls_plc.h"

#include "quaywatch/digest.h"

enum record_type {
	RECORD_CHANGE_CIPHER = 20,
	RECORD_ALERT = 21,
	RECORD_HANDSHAKE = 22,
	RECORD_DATA = 23,
	RECORD_HEARTBEAT = 24,
	RECORD_SSL2_HELLO = 0, /* ours: a ClientHello in the format of SSL 2 */
};

enum handshake_type {
	CLIENT_HELLO = 1,
	SERVER_HELLO = 2,
	CERTIFICATE = 11,
	SERVER_KEY_EXCHANGE = 12,
	CLIENT_KEY_EXCHANGE = 16,
};

/* What ssl_state calls the message that was last; bits. */
enum state {
	STATE_CLIENT_HELLO = 1,
	STATE_SERVER_HELLO = 2,
	STATE_CLIENT_KEYX = 4,
	STATE_SERVER_KEYX = 8,
};

enum {
	RECORD_HEADER = 5,
	RECORD_MAX = (1 << 14) + 2048,
	MESSAGE_HEADER = 4,
	MESSAGE_MAX = 128 * 1024, /* chains of certificates longer than this are passed over */
	CERTIFICATES_MAX = 12, /* with all that is known they fit into one message */
	ALTERNATIVES_MAX = 256, /* names of a certificate … */
	ALTERNATIVES_AT_ONCE = 8, /* … and of them in one message */
	SSL2_VERSION = 0x0002,
	BEAT_HEADER = 3,
	RECORDS_MAX = 255, /* in one piece of data */
};

/* What one side sends. */
struct side {
	uint8_t header[RECORD_HEADER];
	uint8_t header_len;
	uint8_t type;         /* of the record that is being read */
	bool begun, changed;  /* a record was seen; ChangeCipherSpec was seen */
	uint32_t record_left;
	uint32_t pass;        /* bytes of a message too long to keep, still to come */
	struct qw_store messages;
	uint8_t beat[BEAT_HEADER]; /* of a heartbeat: type and length */
	uint8_t beat_len;
	uint32_t record_len;
};

struct tls {
	struct side side[2];
	struct qw_known known[2]; /* by direction */
	uint16_t version;     /* as chosen by the server */
	bool client_hello, server_hello, retry, finished, certificate;
	struct qw_slice session; /* of the ClientHello, in session_bytes */
	uint8_t session_bytes[32];
	bool resumed;
};

static const struct qw_tls_buffers BUFFERS = {
	.server_name = QW_BUFFER_TLS_SNI,
	.alpn = QW_BUFFER_TLS_ALPN,
	.version = QW_BUFFER_TLS_VERSION,
	.random = QW_BUFFER_TLS_RANDOM,
	.transport = 't',
};

/* Where one call of feed publishes to. */
struct call {
	struct tls *tls;
	struct qw_flow *flow;
	enum qw_direction direction;
	const struct qw_message_sink *sink;
};

static void message_init(const struct call *call, struct qw_message *message)
{
	qw_message_begin(message, QW_APP_TLS, call->direction, 1);
}

static void publish(const struct call *call, struct qw_message *message)
{
	struct tls *tls = call->tls;
	struct qw_tls_detail detail;
	qw_known_tell(&tls->known[call->direction], message);
	qw_known_tell_other(&tls->known[qw_direction_other(call->direction)], message);
	qw_tls_detail(&detail, tls->known);
	detail.version = qw_slice_text(qw_tls_version_name(tls->version));
	detail.resumed = tls->resumed && !tls->certificate;
	message->detail = &detail;
	call->sink->publish(call->sink->ctx, call->flow, message);
	message->detail = NULL;
}

static void raise_event(const struct call *call, enum qw_app_event event)
{
	qw_event_publish(call->sink, call->flow, QW_APP_TLS, call->direction, 1, event);
}

/* The event, once. */
static void finish(const struct call *call)
{
	struct tls *tls = call->tls;
	struct qw_message message;
	if (tls->finished || !(tls->client_hello || tls->server_hello))
		return;
	tls->finished = true;
	message_init(call, &message);
	message.last = true;
	publish(call, &message);
}

/* ---- handshake messages */

/* Publishes what is known, and which message it is known by. */
static void tell_state(const struct call *call, enum state state)
{
	struct qw_message message;
	message_init(call, &message);
	qw_message_number(&message, QW_BUFFER_TLS_STATE, state, true);
	publish(call, &message);
}

static void name_events(const struct call *call, const struct qw_tls_hello *hello)
{
	if (hello->name_flaws & QW_TLS_NAME_TWICE)
		raise_event(call, QW_AE_TLS_MULTIPLE_SNI_EXTENSIONS);
	if (hello->name_flaws & QW_TLS_NAME_TYPE)
		raise_event(call, QW_AE_TLS_INVALID_SNI_TYPE);
	if (hello->name_flaws & QW_TLS_NAME_LENGTH)
		raise_event(call, QW_AE_TLS_INVALID_SNI_LENGTH);
}

static bool client_hello(const struct call *call, struct qw_bytes body)
{
	struct tls *tls = call->tls;
	struct qw_tls_hello hello;
	if (qw_tls_client_hello(&hello, body) != QW_OK)
		return false;
	if (tls->client_hello) /* the answer to HelloRetryRequest repeats what is known */
		return true;
	tls->client_hello = true;
	name_events(call, &hello);
	if (!tls->server_hello)
		tls->version = qw_tls_hello_version(&hello);
	if (hello.session.len <= sizeof(tls->session_bytes)) {
		memcpy(tls->session_bytes, hello.session.data, hello.session.len);
		tls->session = qw_slice(tls->session_bytes, hello.session.len);
	}
	qw_tls_known_client(tls, &tls->known[call->direction], &hello, &BUFFERS);
	tell_state(call, STATE_CLIENT_HELLO);
	qw_tls_plc_hello(tls, call->flow, call->direction, call->sink);
	return true;
}

static bool server_hello(const struct call *call, struct qw_bytes body)
{
	struct tls *tls = call->tls;
	struct qw_tls_hello hello;
	if (qw_tls_server_hello(&hello, body) != QW_OK)
		return false;
	tls->retry |= hello.retry;
	if (hello.retry || tls->server_hello)
		return true;
	tls->server_hello = true;
	tls->version = qw_tls_hello_version(&hello);
	tls->resumed = hello.session.len > 0 && hello.session.len == tls->session.len &&
		       memcmp(hello.session.data, tls->session.data, hello.session.len) == 0;
	qw_tls_known_server(tls, &tls->known[call->direction], &hello, &BUFFERS);
	tell_state(call, STATE_SERVER_HELLO);
	return true;
}

/* Names are published a few at a time, beside all that is known; *in is what is left of them. */
static void add_alternatives(struct qw_message *message, struct qw_bytes *in,
			     char memory[ALTERNATIVES_AT_ONCE][QW_CERTIFICATE_ALTERNATIVE_MAX])
{
	struct qw_slice name;
	for (unsigned i = 0; i < ALTERNATIVES_AT_ONCE && qw_certificate_alternative(in, memory[i], &name); i++)
		qw_message_add(message, QW_BUFFER_TLS_SAN, QW_SIGHT_NONE, name, true);
}

static void more_alternatives(const struct call *call, struct qw_bytes in)
{
	char memory[ALTERNATIVES_AT_ONCE][QW_CERTIFICATE_ALTERNATIVE_MAX];
	struct qw_message message;
	for (unsigned i = ALTERNATIVES_AT_ONCE; in.left && i < ALTERNATIVES_MAX; i += ALTERNATIVES_AT_ONCE) {
		message_init(call, &message);
		add_alternatives(&message, &in, memory);
		if (message.count == 0)
			return;
		publish(call, &message);
	}
	if (in.left)
		qw_parser_cut(call->tls);
}

static uint64_t count_certificates(struct qw_bytes list)
{
	struct qw_bytes der;
	uint64_t count = 0;
	uint32_t len;
	while (qw_bytes_be24(&list, &len) && qw_bytes_take(&list, len, &der))
		count++;
	return count;
}

static bool certificates(const struct call *call, struct qw_bytes body)
{
	struct tls *tls = call->tls;
	struct qw_message message;
	struct qw_bytes list, der, names = {NULL, 0};
	char memory[ALTERNATIVES_AT_ONCE][QW_CERTIFICATE_ALTERNATIVE_MAX];
	uint8_t digest[CERTIFICATES_MAX][QW_SHA1_BYTES];
	uint32_t len;
	if (!qw_bytes_be24(&body, &len))
		return false;
	qw_bytes_limit(&body, len);
	list = body;
	message_init(call, &message);
	qw_message_number(&message, QW_BUFFER_TLS_CHAIN_LEN, count_certificates(list), true);
	for (unsigned i = 0; qw_bytes_be24(&list, &len) && qw_bytes_take(&list, len, &der); i++) {
		if (i == CERTIFICATES_MAX) {
			qw_parser_cut(tls);
			break;
		}
		if (i == 0)
			names = qw_tls_known_certificate(tls, &tls->known[call->direction], der, call->flow->last);
		qw_sha1(der.at, der.left, digest[i]);
		qw_message_add(&message, QW_BUFFER_TLS_CERTS, QW_SIGHT_NONE, qw_slice(der.at, der.left), true);
		qw_message_add(&message, QW_BUFFER_COUNT, QW_SIGHT_CERT_SHA1, qw_slice(digest[i], QW_SHA1_BYTES), true);
	}
	tls->certificate |= message.count > 1 && call->direction == QW_TO_CLIENT;
	if (message.count == 1) /* the client was asked and has none */
		return true;
	add_alternatives(&message, &names, memory);
	publish(call, &message);
	more_alternatives(call, names);
	return true;
}

static bool handshake(const struct call *call, uint8_t type, struct qw_bytes body)
{
	switch (type) {
	case CLIENT_HELLO: return client_hello(call, body);
	case SERVER_HELLO: return server_hello(call, body);
	case CERTIFICATE: return certificates(call, body);
	case SERVER_KEY_EXCHANGE: tell_state(call, STATE_SERVER_KEYX); return true;
	case CLIENT_KEY_EXCHANGE: tell_state(call, STATE_CLIENT_KEYX); return true;
	default: return true;
	}
}

static bool is_dark(const struct tls *tls)
{
	return tls->server_hello && (tls->version >= QW_TLS_13);
}

/* Reads all messages that are whole. */
static enum qw_parse read_messages(const struct call *call, struct side *side)
{
	struct qw_bytes in = qw_bytes(side->messages.at, side->messages.len), body;
	for (struct qw_bytes at = in; at.left >= MESSAGE_HEADER && !is_dark(call->tls); in = at) {
		uint8_t type = at.at[0];
		uint32_t len = qw_be24(at.at + 1);
		/* Behind ChangeCipherSpec, what looks like a handshake is noise. */
		if (side->changed && type != CLIENT_HELLO && type != SERVER_HELLO)
			return QW_PARSE_SKIP;
		if (len > MESSAGE_MAX) {
			qw_parser_cut(call->tls);
			raise_event(call, QW_AE_TLS_HANDSHAKE_INVALID_LENGTH);
			side->pass = len - (uint32_t)(at.left - MESSAGE_HEADER < len ? at.left - MESSAGE_HEADER : len);
			qw_bytes_skip(&at, len - side->pass + MESSAGE_HEADER);
			continue;
		}
		if (!qw_bytes_skip(&at, MESSAGE_HEADER) || !qw_bytes_take(&at, len, &body))
			break;
		if (!handshake(call, type, body)) {
			raise_event(call, QW_AE_TLS_INVALID_HANDSHAKE_MESSAGE);
			return QW_PARSE_STOP;
		}
	}
	if (is_dark(call->tls))
		return QW_PARSE_SKIP;
	qw_store_drop(&side->messages, side->messages.len - in.left);
	if (side->messages.len == 0)
		qw_store_free(call->tls, &side->messages);
	return QW_PARSE_MORE;
}

/* ---- records */

static bool is_ssl2_hello(const uint8_t *header)
{
	return header[0] & 0x80 && header[2] == CLIENT_HELLO && (header[3] == 3 || qw_be16(header + 3) == SSL2_VERSION);
}

/* A ClientHello in the format of SSL 2: of what is in it, only the version is told. */
static enum qw_parse ssl2_hello(const struct call *call, const uint8_t *header)
{
	uint64_t version = qw_be16(header + 3);
	qw_known_add(call->tls, &call->tls->known[call->direction], QW_BUFFER_TLS_VERSION, QW_SIGHT_NONE,
		     qw_slice(&version, sizeof(version)));
	tell_state(call, STATE_CLIENT_HELLO);
	return version == SSL2_VERSION ? QW_PARSE_STOP : QW_PARSE_MORE;
}

static void header_events(const struct call *call, const uint8_t *header)
{
	if (header[0] < RECORD_CHANGE_CIPHER || header[0] > RECORD_HEARTBEAT)
		raise_event(call, QW_AE_TLS_INVALID_RECORD_TYPE);
	else if (header[1] != 3)
		raise_event(call, QW_AE_TLS_INVALID_RECORD_VERSION);
	else
		raise_event(call, QW_AE_TLS_INVALID_TLS_HEADER);
	raise_event(call, QW_AE_TLS_INVALID_SSL_RECORD);
}

static enum qw_parse begin_record(const struct call *call, struct side *side)
{
	const uint8_t *header = side->header;
	side->header_len = 0;
	if (!side->begun && is_ssl2_hello(header)) {
		side->type = RECORD_SSL2_HELLO;
		side->record_left = qw_be16(header) & 0x7fff;
		side->record_left -= side->record_left < 3 ? side->record_left : 3;
		side->begun = true;
		return ssl2_hello(call, header);
	}
	side->begun = true;
	side->type = header[0];
	side->record_left = side->record_len = qw_be16(header + 3);
	side->beat_len = 0;
	if (side->type < RECORD_CHANGE_CIPHER || side->type > RECORD_HEARTBEAT || header[1] != 3 ||
	    side->record_left > RECORD_MAX) {
		header_events(call, header);
		return QW_PARSE_STOP;
	}
	return QW_PARSE_MORE;
}

/* RFC 6520: one that asks for more than it sent is CVE-2014-0160. */
static void heartbeat(const struct call *call, struct side *side, struct qw_bytes part)
{
	if (side->beat_len == BEAT_HEADER)
		return;
	while (side->beat_len < BEAT_HEADER && qw_bytes_u8(&part, &side->beat[side->beat_len]))
		side->beat_len++;
	if (side->beat_len < BEAT_HEADER)
		return;
	raise_event(call, QW_AE_TLS_HEARTBEAT_MESSAGE);
	if (side->beat[0] != 1 && side->beat[0] != 2)
		raise_event(call, QW_AE_TLS_INVALID_HEARTBEAT_MESSAGE);
	else if (qw_be16(side->beat + 1) + (uint32_t)BEAT_HEADER > side->record_len)
		raise_event(call, QW_AE_TLS_OVERFLOW_HEARTBEAT_MESSAGE);
}

/* The next bytes of a record. */
static enum qw_parse record(const struct call *call, struct side *side, struct qw_bytes part)
{
	struct tls *tls = call->tls;
	switch (side->type) {
	case RECORD_HANDSHAKE: {
		uint32_t passed = side->pass < part.left ? side->pass : (uint32_t)part.left;
		side->pass -= passed;
		if (!qw_bytes_skip(&part, passed) || part.left == 0)
			return QW_PARSE_MORE;
		if (!qw_store_put(tls, &side->messages, part.at, part.left, MESSAGE_MAX + RECORD_MAX + MESSAGE_HEADER))
			return QW_PARSE_STOP;
		return read_messages(call, side);
	}
	case RECORD_CHANGE_CIPHER:
		/* Before the ServerHello it means nothing: TLS 1.3 sends it for old middleboxes. */
		side->changed = true;
		return tls->server_hello ? QW_PARSE_SKIP : QW_PARSE_MORE;
	case RECORD_DATA: return QW_PARSE_SKIP;
	case RECORD_HEARTBEAT: heartbeat(call, side, part); return QW_PARSE_MORE;
	default: return QW_PARSE_MORE;
	}
}

/* This side's open part is over. */
static enum qw_parse go_dark(const struct call *call, struct side *side)
{
	if (call->tls->server_hello)
		finish(call);
	qw_store_free(call->tls, &side->messages);
	return QW_PARSE_SKIP;
}

static enum qw_parse feed(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			  size_t len, const struct qw_message_sink *sink)
{
	struct tls *tls = state;
	struct side *side = &tls->side[direction];
	const struct call call = {tls, flow, direction, sink};
	struct qw_bytes in = qw_bytes(data, len), part;
	unsigned records = 0;
	enum qw_parse result = is_dark(tls) ? QW_PARSE_SKIP : QW_PARSE_MORE;

	while (result == QW_PARSE_MORE && in.left) {
		if (side->record_left == 0) {
			if (!qw_bytes_u8(&in, &side->header[side->header_len]))
				break;
			if (++side->header_len < RECORD_HEADER)
				continue;
			result = begin_record(&call, side);
			if (++records == RECORDS_MAX)
				raise_event(&call, QW_AE_TLS_TOO_MANY_RECORDS_IN_PACKET);
			continue;
		}
		size_t take = side->record_left < in.left ? side->record_left : in.left;
		if (!qw_bytes_take(&in, take, &part))
			break;
		side->record_left -= (uint32_t)take;
		result = record(&call, side, part);
	}
	if (result == QW_PARSE_STOP)
		finish(&call);
	return result == QW_PARSE_SKIP ? go_dark(&call, side) : result;
}

static void close_side(void *state, struct qw_flow *flow, enum qw_direction direction,
		       const struct qw_message_sink *sink)
{
	const struct call call = {state, flow, direction, sink};
	finish(&call);
}

static void fini(void *state)
{
	struct tls *tls = state;
	qw_store_free(tls, &tls->side[0].messages);
	qw_store_free(tls, &tls->side[1].messages);
	qw_known_free(tls, &tls->known[0]);
	qw_known_free(tls, &tls->known[1]);
}

static int probe(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	uint8_t wanted = direction == QW_TO_SERVER ? CLIENT_HELLO : SERVER_HELLO;
	if (len >= RECORD_HEADER && is_ssl2_hello(data))
		return direction == QW_TO_SERVER;
	if (data[0] != RECORD_HANDSHAKE && !(data[0] & 0x80))
		return 0;
	if (len < RECORD_HEADER + 1)
		return -1;
	return data[0] == RECORD_HANDSHAKE && data[1] == 3 && data[2] <= 4 && qw_be16(data + 3) <= RECORD_MAX &&
	       data[5] == wanted;
}

static enum qw_speaker speaker(const uint8_t *data, size_t len)
{
	enum { LEAST = RECORD_HEADER + 4 };
	if (len < LEAST || data[0] != RECORD_HANDSHAKE || data[1] != 3 || data[2] > 4 || qw_be16(data + 3) > RECORD_MAX ||
	    qw_be24(data + RECORD_HEADER + 1) > RECORD_MAX)
		return QW_SPEAKER_UNKNOWN;
	switch (data[RECORD_HEADER]) {
	case CLIENT_HELLO: return QW_SPEAKER_CLIENT;
	case SERVER_HELLO: return QW_SPEAKER_SERVER;
	default: return QW_SPEAKER_UNKNOWN;
	}
}

const struct qw_parser_ops qw_parser_tls = {
	.app = QW_APP_TLS,
	.starts = {2, {{0x16, 0x16}, {0x80, 0xff}}},
	.probe = probe,
	.speaker = speaker,
	.state_bytes = sizeof(struct tls),
	.feed = feed,
	.close = close_side,
	.fini = fini,
};
