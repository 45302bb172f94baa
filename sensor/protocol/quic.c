/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quic - the ClientHello and ServerHello inside QUIC's Initial packets.
 *
 * Versions 1 and 2, the later drafts, and Google's own.  A connection is one
 * transaction; after the hellos everything is dark.
 */
#include "sensor/protocol/parsers.h"
#include "sensor/protocol/quic_crypto.h"
#include "sensor/protocol/quic_google.h"
#include "sensor/protocol/quic_keys.h"
#include "sensor/protocol/tls_known.h"

#include "quaywatch/digest.h"

enum {
	DATAGRAMS_MAX = 12, /* of one side, until a hello must have come */
	FRAMES_MAX = 4096,  /* bytes of one packet's frames */
	CYU_MAX = 768,
	LONG_HEADER = 0x80,
	VERSION_2 = 0x6b3343cf,
	GOOGLE_FIRST = 0x51303234, /* "Q024" */
	GOOGLE_50 = 0x51303530,
	GOOGLE_LAST = 0x51303939,
	CLIENT_HELLO = 1,
	SERVER_HELLO = 2,
	HELLO_HEADER = 4,
};

struct quic {
	uint32_t version;
	bool keyed, hello[2], finished;
	uint8_t datagrams[2];
	struct qw_quic_keys keys[2]; /* by direction */
	struct qw_quic_crypto crypto[2];
	struct qw_known known[2];
};

/* A long header, as far as all versions share it, and the packet behind it. */
struct header {
	uint32_t version;
	struct qw_slice destination;
	bool initial;
	size_t number_at;
	struct qw_slice packet;
};

struct call {
	struct quic *quic;
	struct qw_flow *flow;
	enum qw_direction direction;
	const struct qw_message_sink *sink;
};

static const struct qw_tls_buffers BUFFERS = {
	.server_name = QW_BUFFER_QUIC_SNI,
	.alpn = QW_BUFFER_TLS_ALPN,
	.version = QW_BUFFER_COUNT,
	.random = QW_BUFFER_COUNT,
	.transport = 'q',
};

/* ---- headers */

static bool is_google(uint32_t version)
{
	return version >= GOOGLE_FIRST && version <= GOOGLE_LAST;
}

static bool connection_id(struct qw_bytes *in, struct qw_slice *out)
{
	uint8_t len;
	struct qw_bytes id;
	if (!qw_bytes_u8(in, &len) || len > QW_QUIC_ID_MAX || !qw_bytes_take(in, len, &id))
		return false;
	*out = qw_slice(id.at, id.left);
	return true;
}

/* Takes the next of the packets that share a datagram. */
static bool next_packet(struct qw_bytes *in, struct header *out)
{
	struct qw_bytes at = *in, token;
	struct qw_slice source;
	uint8_t first;
	uint64_t len;
	if (!qw_bytes_u8(&at, &first) || !(first & LONG_HEADER) || !qw_bytes_be32(&at, &out->version) ||
	    !qw_quic_version_known(out->version) || !connection_id(&at, &out->destination) ||
	    !connection_id(&at, &source))
		return false;
	unsigned type = first >> 4 & 3;
	out->initial = type == (out->version == VERSION_2 ? 1 : 0);
	if (out->initial &&
	    (!qw_quic_varint(&at, &len) || len > at.left || !qw_bytes_take(&at, (size_t)len, &token)))
		return false;
	if (!qw_quic_varint(&at, &len) || len > at.left)
		return false;
	out->number_at = (size_t)(at.at - in->at);
	out->packet = qw_slice(in->at, out->number_at + (size_t)len);
	return qw_bytes_skip(in, out->packet.len);
}

/* ---- publishing */

static void publish(const struct call *call, bool last)
{
	struct quic *quic = call->quic;
	struct qw_tls_detail detail;
	struct qw_message message = {.app = QW_APP_QUIC, .transaction = 1};
	message.direction = call->direction;
	message.last = last;
	qw_known_tell(&quic->known[call->direction], &message);
	qw_known_tell_other(&quic->known[qw_direction_other(call->direction)], &message);
	qw_tls_detail(&detail, quic->known);
	detail.version = qw_slice_text(is_google(quic->version) ? NULL : qw_tls_version_name(QW_TLS_13));
	message.detail = &detail;
	call->sink->publish(call->sink->ctx, call->flow, &message);
}

static void finish(const struct call *call)
{
	if (call->quic->finished || !(call->quic->hello[0] || call->quic->hello[1]))
		return;
	call->quic->finished = true;
	publish(call, true);
}

static void add_version(struct quic *quic, enum qw_direction direction)
{
	char name[16];
	qw_quic_version_name(quic->version, name);
	qw_known_add(quic, &quic->known[direction], QW_BUFFER_QUIC_VERSION, QW_SIGHT_NONE, qw_slice_text(name));
}

static void add_cyu(struct quic *quic, struct qw_known *known, const struct qw_quic_google_hello *hello)
{
	char memory[CYU_MAX], hex[2 * QW_MD5_BYTES];
	uint8_t digest[QW_MD5_BYTES];
	struct qw_text text, digits;
	qw_text_init(&text, memory, sizeof(memory));
	qw_quic_google_cyu(&text, quic->version, hello);
	if (text.cut) {
		qw_parser_cut(quic);
		return;
	}
	qw_md5(text.at, text.len, digest);
	qw_text_init(&digits, hex, sizeof(hex));
	qw_text_hex(&digits, digest, sizeof(digest));
	qw_known_add(quic, known, QW_BUFFER_QUIC_CYU_STRING, QW_SIGHT_NONE, qw_slice(text.at, text.len));
	qw_known_add(quic, known, QW_BUFFER_QUIC_CYU_HASH, QW_SIGHT_NONE, qw_slice(digits.at, digits.len));
}

static void google_hello(const struct call *call, const struct qw_quic_google_hello *hello)
{
	struct quic *quic = call->quic;
	struct qw_known *known = &quic->known[call->direction];
	quic->hello[call->direction] = true;
	qw_known_add(quic, known, QW_BUFFER_QUIC_SNI, QW_SIGHT_NAME, hello->server_name);
	qw_known_add(quic, known, QW_BUFFER_QUIC_UA, QW_SIGHT_USER_AGENT, hello->user_agent);
	add_version(quic, call->direction);
	add_cyu(quic, known, hello);
	publish(call, false);
}

/* False: it is there, and no hello. */
static bool tls_hello(const struct call *call, struct qw_bytes message)
{
	struct quic *quic = call->quic;
	struct qw_known *known = &quic->known[call->direction];
	struct qw_tls_hello hello;
	bool client = call->direction == QW_TO_SERVER;
	uint8_t type;
	uint32_t len;
	struct qw_bytes body;
	if (message.left < HELLO_HEADER)
		return true;
	if (!qw_bytes_u8(&message, &type) || type != (client ? CLIENT_HELLO : SERVER_HELLO))
		return false;
	if (!qw_bytes_be24(&message, &len) || !qw_bytes_take(&message, len, &body))
		return true;
	if ((client ? qw_tls_client_hello(&hello, body) : qw_tls_server_hello(&hello, body)) != QW_OK)
		return false;
	quic->hello[call->direction] = true;
	if (client) {
		qw_tls_known_client(quic, known, &hello, &BUFFERS);
		add_version(quic, call->direction);
	} else {
		qw_tls_known_server(quic, known, &hello, &BUFFERS);
	}
	publish(call, false);
	return true;
}

/* ---- packets */

static bool make_keys(struct quic *quic, uint32_t version, struct qw_slice id)
{
	quic->version = version;
	quic->keyed = qw_quic_keys(&quic->keys[QW_TO_SERVER], version, id, false) &&
		      qw_quic_keys(&quic->keys[QW_TO_CLIENT], version, id, true);
	return quic->keyed;
}

/* A server that wants the client to come again says which id the keys are then made of. */
static bool retry(struct quic *quic, struct qw_bytes in)
{
	struct qw_slice destination, source;
	uint8_t first;
	uint32_t version;
	if (!qw_bytes_u8(&in, &first) || !(first & LONG_HEADER) || !qw_bytes_be32(&in, &version) ||
	    (first >> 4 & 3) != (version == VERSION_2 ? 0 : 3) || !connection_id(&in, &destination) ||
	    !connection_id(&in, &source))
		return false;
	return make_keys(quic, version, source);
}

/* The client's first id makes the keys; where its answer was not seen, a later one does. */
static bool open_packet(const struct call *call, const struct header *header, uint8_t *frames, size_t *len)
{
	struct quic *quic = call->quic;
	size_t room = *len;
	if (quic->keyed && qw_quic_open(&quic->keys[call->direction], header->packet, header->number_at, frames, len))
		return true;
	*len = room;
	return call->direction == QW_TO_SERVER && make_keys(quic, header->version, header->destination) &&
	       qw_quic_open(&quic->keys[QW_TO_SERVER], header->packet, header->number_at, frames, len);
}

static bool initial(const struct call *call, const struct header *header)
{
	struct quic *quic = call->quic;
	struct qw_quic_crypto *crypto = &quic->crypto[call->direction];
	struct qw_quic_google_hello google;
	uint8_t frames[FRAMES_MAX];
	size_t len = sizeof(frames);
	if (!open_packet(call, header, frames, &len))
		return true; /* another connection's, or damaged: wait for the next */
	if (is_google(header->version)) {
		if (qw_quic_google_find(qw_bytes(frames, len), &google))
			google_hello(call, &google);
		return true;
	}
	return qw_quic_frames(quic, crypto, qw_bytes(frames, len)) && tls_hello(call, qw_quic_crypto_start(crypto));
}

/* The version of a packet of Google's QUIC that shows its hello; 0: it is none. */
static uint32_t google_version(const uint8_t *data, size_t len)
{
	struct qw_bytes in = qw_bytes(data, len);
	uint8_t flags;
	uint32_t version;
	if (!qw_bytes_u8(&in, &flags))
		return 0;
	/* Up to Q043: flags, an id of 8 bytes, the version. */
	if (!(flags & LONG_HEADER) && ((flags & 0x09) != 0x09 || !qw_bytes_skip(&in, 8)))
		return 0;
	if (!qw_bytes_be32(&in, &version) || !is_google(version) || version == GOOGLE_50)
		return 0;
	return version;
}

static bool datagram(const struct call *call, const uint8_t *data, size_t len)
{
	struct quic *quic = call->quic;
	struct qw_bytes in = qw_bytes(data, len);
	struct qw_quic_google_hello google;
	struct header header;
	uint32_t version = google_version(data, len);
	if (version && qw_quic_google_find(in, &google)) {
		quic->version = version;
		google_hello(call, &google);
		return true;
	}
	if (call->direction == QW_TO_CLIENT && retry(quic, in))
		return true;
	while (!quic->hello[call->direction] && next_packet(&in, &header)) {
		if (header.initial && !initial(call, &header))
			return false;
	}
	return true;
}

static enum qw_parse feed(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			  size_t len, const struct qw_message_sink *sink)
{
	struct quic *quic = state;
	const struct call call = {quic, flow, direction, sink};
	bool good = datagram(&call, data, len);
	bool enough = quic->hello[direction] || ++quic->datagrams[direction] == DATAGRAMS_MAX;
	/* Google's servers answer in the dark. */
	if (!enough && !(direction == QW_TO_CLIENT && is_google(quic->version)) && good)
		return QW_PARSE_MORE;
	qw_quic_crypto_free(quic, &quic->crypto[direction]);
	if (direction == QW_TO_CLIENT || !good)
		finish(&call);
	return good ? QW_PARSE_SKIP : QW_PARSE_STOP;
}

static void close_side(void *state, struct qw_flow *flow, enum qw_direction direction,
		       const struct qw_message_sink *sink)
{
	const struct call call = {state, flow, direction, sink};
	finish(&call);
}

static void fini(void *state)
{
	struct quic *quic = state;
	for (int i = 0; i < 2; i++) {
		qw_quic_crypto_free(quic, &quic->crypto[i]);
		qw_known_free(quic, &quic->known[i]);
	}
}

static int probe(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	struct qw_bytes in = qw_bytes(data, len);
	struct qw_quic_google_hello google;
	struct header header;
	if (direction == QW_TO_CLIENT)
		return -1;
	if (google_version(data, len))
		return qw_quic_google_find(in, &google);
	if (!next_packet(&in, &header))
		return 0;
	return header.initial ? 1 : -1;
}

const struct qw_parser_ops qw_parser_quic = {
	.app = QW_APP_QUIC,
	.datagram = true,
	.probe = probe,
	.state_bytes = sizeof(struct quic),
	.feed = feed,
	.close = close_side,
	.fini = fini,
};
