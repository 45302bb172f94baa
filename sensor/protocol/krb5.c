/* SPDX-License-Identifier: Apache-2.0 */
/*
 * krb5 - Kerberos 5 (RFC 4120) over UDP and TCP.
 *
 * A request and what answers it are one transaction.  Names are published
 * part by part; what is encrypted is passed over, its method is told.
 */
#include "sensor/protocol/ber.h"
#include "sensor/protocol/frames.h"
#include "sensor/protocol/parsers.h"

enum {
	AS_REQ = 10,
	AS_REP = 11,
	TGS_REQ = 12,
	TGS_REP = 13,
	AP_REQ = 14,
	AP_REP = 15,
	KRB_ERROR = 30,
	VERSION = 5,
	GENERAL_STRING = 0x1b,
	NAME_PARTS_MAX = 8,
	MESSAGE_MAX = 65536,
	BAD_MAX = 4, /* unreadable datagrams until the flow is given up */
};

struct krb5 {
	uint64_t transactions;
	uint8_t asked; /* the request that waits for its answer; 0: none */
	uint8_t bad;
	struct qw_frames frames[2]; /* TCP */
};

/* A name's parts; data NULL where there are fewer. */
struct name {
	unsigned count;
	struct qw_slice part[NAME_PARTS_MAX];
};

struct found {
	int64_t type;
	bool has_error, has_ticket, has_reply;
	int64_t error, ticket_etype, reply_etype;
	struct name client, server;
};

/* [number] { … }: Kerberos tags everything so. */
static bool field(struct qw_bytes *in, unsigned number, struct qw_bytes *body)
{
	return qw_ber_take(in, QW_BER_CONTEXT(number), body);
}

static bool number_field(struct qw_bytes *in, unsigned number, int64_t *out)
{
	struct qw_bytes body;
	return field(in, number, &body) && qw_ber_integer(&body, QW_BER_INTEGER, out);
}

static bool pass_field(struct qw_bytes *in, unsigned number)
{
	struct qw_bytes body;
	return field(in, number, &body);
}

/* PrincipalName */
static bool name_field(struct qw_bytes *in, unsigned number, struct name *out)
{
	struct qw_bytes body, name, strings, list, part;
	int64_t kind;
	if (!field(in, number, &body) || !qw_ber_take(&body, QW_BER_SEQUENCE, &name) || !number_field(&name, 0, &kind) ||
	    !field(&name, 1, &strings) || !qw_ber_take(&strings, QW_BER_SEQUENCE, &list))
		return false;
	while (out->count < NAME_PARTS_MAX && qw_ber_take(&list, GENERAL_STRING, &part))
		out->part[out->count++] = qw_slice(part.at, part.left);
	return true;
}

/* EncryptedData: its method. */
static bool etype_field(struct qw_bytes *in, unsigned number, int64_t *out)
{
	struct qw_bytes body, data;
	return field(in, number, &body) && qw_ber_take(&body, QW_BER_SEQUENCE, &data) && number_field(&data, 0, out);
}

static bool ticket_field(struct qw_bytes *in, unsigned number, struct found *out)
{
	struct qw_bytes body, ticket, inside;
	int64_t version;
	if (!field(in, number, &body) || !qw_ber_take(&body, QW_BER_APPLICATION(1), &ticket) ||
	    !qw_ber_take(&ticket, QW_BER_SEQUENCE, &inside) || !number_field(&inside, 0, &version) ||
	    !pass_field(&inside, 1) || !name_field(&inside, 2, &out->server))
		return false;
	out->has_ticket = etype_field(&inside, 3, &out->ticket_etype);
	return out->has_ticket;
}

/* KDC-REQ, behind its type. */
static bool request(struct qw_bytes in, struct found *out)
{
	struct qw_bytes wrapped, body;
	(void)pass_field(&in, 3);
	if (!field(&in, 4, &wrapped) || !qw_ber_take(&wrapped, QW_BER_SEQUENCE, &body) || !pass_field(&body, 0))
		return false;
	(void)name_field(&body, 1, &out->client);
	if (!pass_field(&body, 2))
		return false;
	(void)name_field(&body, 3, &out->server);
	return true;
}

/* KDC-REP */
static bool reply(struct qw_bytes in, struct found *out)
{
	(void)pass_field(&in, 2);
	if (!pass_field(&in, 3) || !name_field(&in, 4, &out->client) || !ticket_field(&in, 5, out))
		return false;
	out->has_reply = etype_field(&in, 6, &out->reply_etype);
	return out->has_reply;
}

/* KRB-ERROR */
static bool failure(struct qw_bytes in, struct found *out)
{
	(void)pass_field(&in, 2);
	(void)pass_field(&in, 3);
	if (!pass_field(&in, 4) || !pass_field(&in, 5) || !number_field(&in, 6, &out->error))
		return false;
	out->has_error = true;
	(void)pass_field(&in, 7);
	(void)name_field(&in, 8, &out->client);
	return pass_field(&in, 9) && name_field(&in, 10, &out->server);
}

static bool parse(struct qw_bytes in, struct found *out)
{
	struct qw_ber outer;
	struct qw_bytes body;
	int64_t version;
	*out = (struct found){0};
	if (!qw_ber_next(&in, &outer) || (outer.tag & ~0x1fu) != QW_BER_APPLICATION(0) ||
	    !qw_ber_take(&outer.body, QW_BER_SEQUENCE, &body))
		return false;
	/* Requests count their fields from 1, the others from 0. */
	unsigned tag = outer.tag & 0x1f, first = tag == AS_REQ || tag == TGS_REQ;
	if (!number_field(&body, first, &version) || version != VERSION || !number_field(&body, first + 1, &out->type) ||
	    out->type != tag)
		return false;
	switch (tag) {
	case AS_REQ:
	case TGS_REQ: return request(body, out);
	case AS_REP:
	case TGS_REP: return reply(body, out);
	case AP_REQ: return pass_field(&body, 2) && ticket_field(&body, 3, out);
	case AP_REP: return true;
	case KRB_ERROR: return failure(body, out);
	default: return false;
	}
}

/* RFC 8429 and common sense: all but AES and Camellia. */
static bool is_weak(int64_t etype)
{
	static const int64_t STRONG[] = {17, 18, 19, 20, 25, 26};
	for (size_t i = 0; i < sizeof(STRONG) / sizeof(*STRONG); i++) {
		if (STRONG[i] == etype)
			return false;
	}
	return true;
}

static void add_name(struct qw_message *message, enum qw_buffer buffer, const struct name *name)
{
	for (unsigned i = 0; i < name->count; i++)
		qw_message_add(message, buffer, QW_SIGHT_NONE, name->part[i], true);
}

static void publish(struct krb5 *krb5, struct qw_flow *flow, enum qw_direction direction, const struct found *found,
		    const struct qw_message_sink *sink)
{
	struct qw_message message = {.app = QW_APP_KRB5, .direction = direction};
	bool is_request = found->type == AS_REQ || found->type == TGS_REQ || found->type == AP_REQ;
	if (is_request || !krb5->asked)
		krb5->transactions++;
	else
		qw_message_number(&message, QW_BUFFER_KRB5_MSG_TYPE, krb5->asked, false);
	krb5->asked = is_request ? (uint8_t)found->type : 0;
	message.transaction = krb5->transactions;
	message.last = !is_request;
	qw_message_number(&message, QW_BUFFER_KRB5_MSG_TYPE, (uint64_t)found->type, true);
	if (found->has_error)
		qw_message_number(&message, QW_BUFFER_KRB5_ERR_CODE, (uint64_t)found->error, true);
	if (found->has_ticket)
		qw_message_number(&message, QW_BUFFER_KRB5_TICKET_ENCRYPTION, (uint64_t)found->ticket_etype, true);
	if (found->has_reply)
		qw_message_number(&message, QW_BUFFER_KRB5_WEAK_ENCRYPTION, is_weak(found->reply_etype), true);
	add_name(&message, QW_BUFFER_KRB5_CNAME, &found->client);
	add_name(&message, QW_BUFFER_KRB5_SNAME, &found->server);
	sink->publish(sink->ctx, flow, &message);
}

static enum qw_parse feed_udp(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			      size_t len, const struct qw_message_sink *sink)
{
	struct krb5 *krb5 = state;
	struct found found;
	if (parse(qw_bytes(data, len), &found))
		publish(krb5, flow, direction, &found, sink);
	else if (++krb5->bad == BAD_MAX)
		return QW_PARSE_STOP;
	return QW_PARSE_MORE;
}

/* The highest bit is for extensions that nobody uses. */
static int64_t framed_length(const uint8_t *data, size_t len)
{
	if (len < 4)
		return 0;
	uint32_t announced = qw_be32(data);
	return announced > INT32_MAX ? -1 : (int64_t)announced + 4;
}

static enum qw_parse feed_tcp(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			      size_t len, const struct qw_message_sink *sink)
{
	static const struct qw_frame_rules rules = {.length = framed_length, .max = MESSAGE_MAX};
	struct krb5 *krb5 = state;
	struct qw_bytes in = qw_bytes(data, len), frame;
	struct found found;
	enum qw_framed result;
	while ((result = qw_frame_next(krb5, &krb5->frames[direction], &rules, &in, &frame)) > QW_FRAME_NONE) {
		if (!qw_bytes_skip(&frame, 4) || !parse(frame, &found)) {
			if (++krb5->bad == BAD_MAX)
				return QW_PARSE_STOP;
			continue;
		}
		publish(krb5, flow, direction, &found, sink);
	}
	return result == QW_FRAME_BAD ? QW_PARSE_STOP : QW_PARSE_MORE;
}

static void fini(void *state)
{
	struct krb5 *krb5 = state;
	qw_frames_free(krb5, &krb5->frames[0]);
	qw_frames_free(krb5, &krb5->frames[1]);
}

/* The outer tag, a sequence in it, and the version; the rest may be still to come. */
static int looks_like(struct qw_bytes in)
{
	enum { START = 24 };
	if (in.left == 0)
		return -1;
	unsigned tag = in.at[0] & 0x1f;
	if ((in.at[0] & ~0x1fu) != QW_BER_APPLICATION(0) || !((tag >= AS_REQ && tag <= AP_REP) || tag == KRB_ERROR))
		return 0;
	if (in.left < START)
		return -1;
	/* two heads of at most six bytes each, then [n] INTEGER 5 */
	for (size_t at = 4; at <= 12; at++) {
		const uint8_t *version = in.at + at;
		if ((version[0] & ~1u) == QW_BER_CONTEXT(0) && version[1] == 3 && version[2] == QW_BER_INTEGER &&
		    version[3] == 1 && version[4] == VERSION)
			return 1;
	}
	return 0;
}

static int probe_udp(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	struct found found;
	return parse(qw_bytes(data, len), &found);
}

static int probe_tcp(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	struct qw_bytes in = qw_bytes(data, len);
	uint32_t announced;
	if (data[0] != 0)
		return 0;
	if (!qw_bytes_be32(&in, &announced))
		return -1;
	return announced > MESSAGE_MAX ? 0 : looks_like(in);
}

/* Requests have even types. */
static enum qw_speaker speaker_udp(const uint8_t *data, size_t len)
{
	if (looks_like(qw_bytes(data, len)) <= 0)
		return QW_SPEAKER_UNKNOWN;
	unsigned type = data[0] & 0x1f;
	return type == KRB_ERROR || type & 1 ? QW_SPEAKER_SERVER : QW_SPEAKER_CLIENT;
}

static enum qw_speaker speaker_tcp(const uint8_t *data, size_t len)
{
	if (len <= 4 || qw_be32(data) > MESSAGE_MAX)
		return QW_SPEAKER_UNKNOWN;
	return speaker_udp(data + 4, len - 4);
}

const struct qw_parser_ops qw_parser_krb5_udp = {
	.app = QW_APP_KRB5,
	.datagram = true,
	.starts = {1, {{0x60, 0x7f}}},
	.probe = probe_udp,
	.speaker = speaker_udp,
	.state_bytes = sizeof(struct krb5),
	.feed = feed_udp,
};

const struct qw_parser_ops qw_parser_krb5_tcp = {
	.app = QW_APP_KRB5,
	.starts = {1, {{0x00, 0x00}}},
	.probe = probe_tcp,
	.speaker = speaker_tcp,
	.state_bytes = sizeof(struct krb5),
	.feed = feed_tcp,
	.fini = fini,
};
