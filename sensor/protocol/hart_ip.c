/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hart_ip - HART-IP over TCP and UDP: each message is a transaction of its own.
 *
 * Messages that pass a token carry a HART frame, which names a device and a
 * command.  What has the command 31 has its true number in its data.
 */
#include "quaywatch/ot_names.h"
#include "sensor/protocol/ot_talk.h"
#include "sensor/protocol/ot_text.h"
#include "sensor/protocol/parsers.h"

enum {
	PORT = 5094,
	PORT_DATA = 5095, /* where some servers go on over UDP */
	HEADER = 8,
	FRAME_MAX = 4096,
	TEXT_MAX = 16,
	RESPONSE = 1,
	PUBLISH = 2,
	NAK = 15,
	INITIATE = 0,
	INITIATE_BYTES = HEADER + 5,
	TOKEN = 3,
	MESSAGES = 6,
	EXTENDED = 31,
	LONG_ADDRESS = 0x80,
	ACKNOWLEDGES = 6, /* frame types of HART */
	BURST = 1,
	ASKS = 2,
	ERRORS_OF_LINE = 0x80,
};

struct pdu {
	uint8_t delimiter, code, status;
	uint64_t address;
	uint16_t command;
	struct qw_bytes data;
	bool whole, response;
};

struct hart {
	uint8_t version, type, id, status;
	uint16_t sequence;
	struct qw_bytes body;
	struct pdu pdu;
};

struct scene {
	struct hart hart;
	struct qw_ot_detail detail;
	char vendor[TEXT_MAX], revision[TEXT_MAX];
};

static bool is_type(uint8_t type)
{
	return type <= PUBLISH || type == NAK;
}

static int32_t length(const uint8_t *head)
{
	uint16_t len = qw_be16(head + 6);
	bool ours = (head[0] == 1 || head[0] == 2) && is_type(head[1]) && len >= HEADER && len <= FRAME_MAX;
	return ours ? len : QW_OT_FRAME_NONE;
}

static const struct qw_ot_framing framing = {.head = HEADER, .start = -1, .max = FRAME_MAX, .length = length};

/* ---- reading */

static bool read_address(struct qw_bytes *in, struct pdu *pdu)
{
	enum { LONG_BYTES = 5 };
	size_t len = pdu->delimiter & LONG_ADDRESS ? LONG_BYTES : 1;
	uint8_t expansion = pdu->delimiter >> 5 & 3, byte;
	pdu->address = 0;
	for (size_t i = 0; i < len; i++) {
		if (!qw_bytes_u8(in, &byte))
			return false;
		/* the master's bit and the burst mode's are no part of it */
		pdu->address = pdu->address << 8 | (i ? byte : byte & 0x3f);
	}
	return qw_bytes_skip(in, expansion);
}

static void read_pdu(struct pdu *pdu, struct qw_bytes in)
{
	uint8_t command, count;
	*pdu = (struct pdu){0};
	if (!qw_bytes_u8(&in, &pdu->delimiter) || !read_address(&in, pdu) || !qw_bytes_u8(&in, &command) ||
	    !qw_bytes_u8(&in, &count) || !qw_bytes_take(&in, count, &pdu->data))
		return;
	uint8_t kind = pdu->delimiter & 7;
	pdu->command = command;
	pdu->response = kind == ACKNOWLEDGES || kind == BURST;
	pdu->whole = !pdu->response || (qw_bytes_u8(&pdu->data, &pdu->code) && qw_bytes_u8(&pdu->data, &pdu->status));
	if (command == EXTENDED)
		(void)qw_bytes_be16(&pdu->data, &pdu->command);
}

static void read_message(struct hart *hart, struct qw_bytes in)
{
	*hart = (struct hart){
		.version = in.at[0], .type = in.at[1], .id = in.at[2], .status = in.at[3], .sequence = qw_be16(in.at + 4)};
	(void)qw_bytes_skip(&in, HEADER);
	hart->body = in;
	if (hart->id == TOKEN)
		read_pdu(&hart->pdu, in);
}

/* ---- what events say */

static bool identifies(const struct pdu *pdu)
{
	return pdu->response && (pdu->command == 0 || pdu->command == 11 || pdu->command == 21 || pdu->command == 75);
}

static struct qw_slice text_of(struct qw_bytes in)
{
	const uint8_t *end = memchr(in.at, 0, in.left);
	return qw_slice(in.at, end ? (size_t)(end - in.at) : in.left);
}

/* Byte 0 is 254 where the device type has two bytes, as devices since 2007 have it. */
static void tell_identity(struct scene *scene)
{
	enum { LEAST = 12, EXPANDED = 254, MAKER_AT = 17 };
	const struct qw_bytes *data = &scene->hart.pdu.data;
	struct qw_text vendor, revision;
	if (data->left < LEAST || data->at[0] != EXPANDED)
		return;
	qw_text_init(&vendor, scene->vendor, sizeof(scene->vendor));
	qw_text_init(&revision, scene->revision, sizeof(scene->revision));
	qw_text_u64(&revision, data->at[5]);
	qw_text_char(&revision, '.');
	qw_text_u64(&revision, data->at[6]);
	if (data->left >= MAKER_AT + 2)
		qw_text_u64(&vendor, qw_be16(data->at + MAKER_AT));
	qw_ot_text(&scene->detail, QW_KEY_OT_VENDOR, qw_ot_text_slice(&vendor));
	qw_ot_text(&scene->detail, QW_KEY_OT_REVISION, qw_ot_text_slice(&revision));
	qw_ot_number(&scene->detail, QW_KEY_OT_DEVICE_TYPE, qw_be16(data->at + 1));
	qw_ot_number(&scene->detail, QW_KEY_OT_SERIAL, qw_be24(data->at + 9));
}

static void tell_pdu(struct scene *scene)
{
	enum { READ_LONG_TAG = 20, WRITE_LONG_TAG = 22 };
	const struct pdu *pdu = &scene->hart.pdu;
	struct qw_ot_detail *detail = &scene->detail;
	const char *name = qw_number_name(qw_ot_names(QW_OT_HART_COMMANDS), pdu->command);
	qw_ot_number(detail, QW_KEY_OT_SERVICE, pdu->command);
	qw_ot_text(detail, QW_KEY_OT_SERVICE_NAME, qw_slice_text(name));
	qw_ot_number(detail, QW_KEY_OT_ADDRESS, pdu->address);
	if (identifies(pdu))
		tell_identity(scene);
	if ((pdu->command == READ_LONG_TAG && pdu->response) || pdu->command == WRITE_LONG_TAG)
		qw_ot_text(detail, QW_KEY_OT_DEVICE_NAME, text_of(pdu->data));
}

/* The message's status, or what the device says. */
static void tell_failure(struct scene *scene)
{
	const struct hart *hart = &scene->hart;
	const struct pdu *pdu = &hart->pdu;
	if (hart->status || hart->type == NAK)
		qw_ot_fail(&scene->detail, hart->status, NULL);
	else if (pdu->whole && pdu->response && pdu->code)
		qw_ot_fail(&scene->detail, pdu->code, pdu->code & ERRORS_OF_LINE ? NULL : qw_ot_names(QW_OT_HART_CODES));
}

static void fill_detail(struct scene *scene)
{
	const struct hart *hart = &scene->hart;
	struct qw_ot_detail *detail = &scene->detail;
	qw_ot_begin(detail, "hart-ip", hart->id, qw_ot_names(QW_OT_HART_MESSAGES), hart->type != 0);
	if (hart->type)
		tell_failure(scene);
	if (hart->pdu.whole && hart->pdu.response)
		qw_ot_number(detail, QW_KEY_OT_EXTENDED_STATUS, hart->pdu.status);
	qw_ot_number(detail, QW_KEY_OT_SEQUENCE, hart->sequence);
	if (hart->pdu.whole)
		tell_pdu(scene);
	/* How long a session may be silent, in milliseconds. */
	if (hart->id == INITIATE && hart->body.left >= INITIATE_BYTES - HEADER)
		qw_ot_number(detail, QW_KEY_OT_VALUE, qw_be32(hart->body.at + 1));
}

static void pair(const struct qw_ot_call *call, const struct hart *hart)
{
	uint64_t key = (uint64_t)hart->id << 16 | hart->sequence;
	if (hart->type == 0)
		qw_ot_pairs_ask(call->talk, &call->talk->pairs, key, hart->pdu.command, 0);
	else if (hart->type != PUBLISH)
		(void)qw_ot_pairs_answer(&call->talk->pairs, key);
}

static void read_frame(const struct qw_ot_call *call, struct qw_bytes frame)
{
	struct scene scene;
	struct qw_message message;
	read_message(&scene.hart, frame);
	pair(call, &scene.hart);
	fill_detail(&scene);
	qw_ot_talk_begin(call, QW_APP_HART_IP, &scene.detail, &message);
	if (qw_ot_talk_wants(call, QW_OT_WANT_FIELDS)) {
		qw_message_number(&message, QW_BUFFER_HART_MESSAGE, scene.hart.id, true);
		if (scene.hart.pdu.whole)
			qw_message_number(&message, QW_BUFFER_HART_COMMAND, scene.hart.pdu.command, true);
	}
	qw_ot_talk_publish(call, &message);
}

/* ---- the parsers */

static enum qw_parse feed_stream(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
				 size_t len, const struct qw_message_sink *sink)
{
	const struct qw_ot_call call = {state, flow, direction, sink};
	return qw_ot_talk_stream(&call, &framing, read_frame, qw_bytes(data, len));
}

static enum qw_parse feed_datagram(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
				   size_t len, const struct qw_message_sink *sink)
{
	const struct qw_ot_call call = {state, flow, direction, sink};
	return qw_ot_talk_datagram(&call, &framing, read_frame, qw_bytes(data, len));
}

/* All bytes of a HART frame, its last one included, make zero. */
static bool is_sealed(struct qw_bytes pdu)
{
	enum { LEAST = 5 };
	uint8_t kind = pdu.left >= LEAST ? pdu.at[0] & 7 : 0, sum = 0;
	for (size_t i = 0; i < pdu.left; i++)
		sum ^= pdu.at[i];
	return sum == 0 && (kind == BURST || kind == ASKS || kind == ACKNOWLEDGES);
}

/* On other ports: a session that begins, or a HART frame that is right to the last byte. */
static int is_plausible(struct qw_bytes in)
{
	if (in.left < HEADER)
		return in.at[0] == 1 || in.at[0] == 2 ? -1 : 0;
	int32_t len = length(in.at);
	if (len < 0 || in.at[2] >= MESSAGES)
		return 0;
	if (in.left < (size_t)len)
		return in.at[2] == INITIATE || in.at[2] == TOKEN ? -1 : 0;
	if (in.at[2] == INITIATE)
		return len == INITIATE_BYTES && in.at[1] <= RESPONSE && in.at[HEADER] <= 1;
	return in.at[2] == TOKEN && is_sealed(qw_bytes(in.at + HEADER, (size_t)len - HEADER));
}

static int probe(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	if (!qw_ot_talk_is_at(flow, PORT))
		return is_plausible(qw_bytes(data, len));
	if (len < HEADER)
		return data[0] == 1 || data[0] == 2 ? -1 : 0;
	return length(data) > 0;
}

static int probe_datagram(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	if (len < HEADER || length(data) < 0)
		return 0;
	if (qw_ot_talk_is_at(flow, PORT) || qw_ot_talk_is_at(flow, PORT_DATA))
		return 1;
	return length(data) == (int32_t)len && is_plausible(qw_bytes(data, len)) > 0;
}

const struct qw_parser_ops qw_parser_hart_ip_tcp = {
    .app = QW_APP_HART_IP,
    .industrial = true,
    .starts = {1, {{1, 2}}},
    .probe = probe,
    .state_bytes = sizeof(struct qw_ot_talk),
    .feed = feed_stream,
    .gap = qw_ot_talk_gap,
    .fini = qw_ot_talk_fini,
};

const struct qw_parser_ops qw_parser_hart_ip_udp = {
    .app = QW_APP_HART_IP,
    .datagram = true,
    .industrial = true,
    .starts = {1, {{1, 2}}},
    .probe = probe_datagram,
    .state_bytes = sizeof(struct qw_ot_talk),
    .feed = feed_datagram,
    .fini = qw_ot_talk_fini,
};
