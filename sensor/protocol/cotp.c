/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cotp - TPKT and COTP, and which protocol lies above them.
 *
 * Connection requests look alike: what they are for is guessed by whom they
 * call, and settled by the first data.
 */
#include "quaywatch/ot_names.h"
#include "sensor/protocol/iso.h"
#include "sensor/protocol/osi.h"
#include "sensor/protocol/ot_text.h"
#include "sensor/protocol/parsers.h"

enum {
	VERSION = 3,
	HEAD = 4,
	LEAST = 7,
	FRAME_MAX = 65535,
	DATA = 0xf0,
	CONNECT = 0xe0,
	CONFIRM = 0xd0,
	DISCONNECT = 0x80,
	END = 0x80,
	CALLING = 0xc1,
	CALLED = 0xc2,
	S7COMM = 0x32,
	S7COMM_PLUS = 0x72,
	TLS = 0x16,
	MMS_LEAST = 5, /* bytes of data that tell it from others */
	TEXT_MAX = 96,
};

static bool is_kind(uint8_t code)
{
	uint8_t kind = code & 0xf0;
	return code == DATA || kind == CONNECT || kind == CONFIRM || code == DISCONNECT || code == 0xc0 || code == 0x70;
}

/* TPKT's head, and the length and code of COTP's. */
static int32_t length(const uint8_t *head)
{
	uint16_t len = qw_be16(head + 2);
	bool fits = head[0] == VERSION && head[1] == 0 && len >= LEAST && head[4] >= 2 && head[4] + HEAD < len;
	return fits && is_kind(head[5]) ? len : QW_OT_FRAME_NONE;
}

static const struct qw_ot_framing framing = {.head = 6, .start = VERSION, .max = FRAME_MAX, .length = length};

/* ---- connections */

struct connection {
	struct qw_slice calling, called;
	uint8_t reason;
};

static const char *kind_of(uint8_t code)
{
	if ((code & 0xf0) == CONNECT)
		return "connect_request";
	return (code & 0xf0) == CONFIRM ? "connect_confirm" : "disconnect_request";
}

/* in: behind the code. */
static void parse_connection(struct connection *out, struct qw_bytes in)
{
	uint8_t code, len;
	struct qw_bytes value;
	*out = (struct connection){0};
	if (!qw_bytes_skip(&in, 4) || !qw_bytes_u8(&in, &out->reason)) /* two references; class, or a reason */
		return;
	while (qw_bytes_u8(&in, &code) && qw_bytes_u8(&in, &len) && qw_bytes_take(&in, len, &value)) {
		if (code == CALLING)
			out->calling = qw_slice(value.at, value.left);
		else if (code == CALLED)
			out->called = qw_slice(value.at, value.left);
	}
}

/* "0102", or in words where it has them: "SIMATIC-ROOT-ES". */
static void put_selector(struct qw_text *text, struct qw_slice selector)
{
	bool words = selector.len > 2;
	for (size_t i = 0; i < selector.len; i++)
		words &= selector.data[i] > ' ' && selector.data[i] < 0x7f;
	if (words)
		qw_text_put(text, selector.data, selector.len);
	else
		qw_text_hex(text, selector.data, selector.len);
}

static void tell_connection(const struct qw_iso_call *call, uint8_t code, struct qw_bytes in)
{
	struct qw_message message;
	struct qw_ot_detail detail;
	struct connection connection;
	char memory[TEXT_MAX];
	struct qw_text text;
	bool response = (code & 0xf0) == CONFIRM;
	parse_connection(&connection, in);
	qw_text_init(&text, memory, sizeof(memory));
	qw_iso_begin(call, &message, (enum qw_app)call->flow->app);
	qw_ot_begin(&detail, "cotp", QW_OT_NO_NUMBER, NULL, response);
	detail.kind = kind_of(code);
	put_selector(&text, connection.calling);
	qw_text_literal(&text, " > ");
	put_selector(&text, connection.called);
	if (code == DISCONNECT)
		qw_ot_number(&detail, QW_KEY_OT_CAUSE, connection.reason);
	/* S7comm's two bytes: how it is connected; rack and slot in the second. */
	bool placed = connection.called.len == 2 && connection.called.data[0];
	if (placed) {
		qw_ot_number(&detail, QW_KEY_OT_CLASS, connection.called.data[0]);
		qw_ot_number(&detail, QW_KEY_OT_RACK, connection.called.data[1] >> 5);
		qw_ot_number(&detail, QW_KEY_OT_SLOT, connection.called.data[1] & 0x1f);
	}
	if (connection.calling.len || connection.called.len)
		qw_ot_text(&detail, QW_KEY_OT_OBJECTS, qw_ot_text_slice(&text));
	message.detail = &detail;
	qw_iso_publish(call, &message);
}

/* ---- data */

/* New controllers talk S7comm-plus in TLS: the hello says that somebody does. */
static void tell_tls(const struct qw_iso_call *call)
{
	struct qw_message message;
	struct qw_ot_detail detail;
	qw_iso_begin(call, &message, QW_APP_S7COMM_PLUS);
	qw_ot_begin(&detail, "s7comm-plus", QW_OT_NO_NUMBER, NULL, call->direction == QW_TO_CLIENT);
	detail.kind = "engineering-session";
	message.detail = &detail;
	qw_iso_publish(call, &message);
}

/* The flow has the name of what its connection looked like. */
static void settle(const struct qw_iso_call *call, enum qw_app app)
{
	if (call->flow->app != app)
		call->flow->app = (uint8_t)app;
}

static void dispatch(const struct qw_iso_call *call, struct qw_bytes data)
{
	if (data.left == 0)
		return;
	if (data.at[0] == S7COMM) {
		settle(call, QW_APP_S7COMM);
		qw_s7comm_read(call, data);
	} else if (data.at[0] == S7COMM_PLUS) {
		settle(call, QW_APP_S7COMM);
		qw_s7plus_read(call, data);
	} else if (data.left > 5 && data.at[0] == TLS && data.at[1] == 3 && data.at[5] <= 2) {
		tell_tls(call);
	} else if (qw_osi_is_message(data)) {
		settle(call, QW_APP_MMS);
		qw_mms_read(call, data);
	}
}

static void read_data(const struct qw_iso_call *call, uint8_t number, struct qw_bytes data)
{
	struct qw_iso_side *side = &call->iso->side[call->direction];
	bool last = number & END;
	if (side->skipping) {
		side->skipping = !last;
		return;
	}
	if (last && side->data.len == 0) {
		dispatch(call, data);
		return;
	}
	if (!qw_store_put(call->iso, &side->data, data.at, data.left, QW_ISO_DATA_MAX)) {
		qw_parser_cut(call->iso);
		qw_store_free(call->iso, &side->data);
		side->skipping = !last;
		return;
	}
	if (!last)
		return;
	dispatch(call, qw_bytes(side->data.at, side->data.len));
	qw_store_free(call->iso, &side->data);
}

static void read_frame(const struct qw_iso_call *call, struct qw_bytes frame)
{
	uint8_t len, code, number;
	struct qw_bytes head;
	if (!qw_bytes_skip(&frame, HEAD) || !qw_bytes_u8(&frame, &len) || !qw_bytes_take(&frame, len, &head) ||
	    !qw_bytes_u8(&head, &code))
		return;
	if (code == DATA && qw_bytes_u8(&head, &number))
		read_data(call, number, frame);
	else if (code == DISCONNECT || (code & 0xf0) == CONNECT || (code & 0xf0) == CONFIRM)
		tell_connection(call, code, head);
}

/* ---- the parser */

static void lose_side(struct qw_iso *iso, struct qw_iso_side *side)
{
	qw_ot_frames_lose(iso, &side->frames);
	qw_store_free(iso, &side->data);
	qw_store_free(iso, &side->answer);
	qw_store_free(iso, &side->parts);
	side->skipping = side->open = false;
}

static void lose(struct qw_iso *iso)
{
	for (unsigned i = 0; i < 2; i++)
		lose_side(iso, &iso->side[i]);
}

/* Some controllers answer in heads that are none; who asks them is read all the same. */
static bool is_lost(const struct qw_iso *iso, enum qw_direction direction)
{
	const struct qw_iso_side *other = &iso->side[qw_direction_other(direction)];
	bool talks = other->heard && other->frames.bad == 0;
	return qw_ot_frames_lost(&iso->side[direction].frames) && !talks;
}

static enum qw_parse feed(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			  size_t len, const struct qw_message_sink *sink)
{
	struct qw_iso *iso = state;
	struct qw_iso_side *side = &iso->side[direction];
	const struct qw_iso_call call = {iso, flow, direction, qw_parser_ot_wants(iso), sink};
	struct qw_bytes in = qw_bytes(data, len), frame;
	if (!call.wants) {
		iso->idle = true;
		return QW_PARSE_MORE;
	}
	if (iso->idle)
		lose(iso);
	iso->idle = false;
	while (qw_ot_frames_next(iso, &side->frames, &framing, &in, &frame)) {
		side->heard = true;
		read_frame(&call, frame);
	}
	return is_lost(iso, direction) ? QW_PARSE_STOP : QW_PARSE_MORE;
}

static enum qw_parse gap(void *state, struct qw_flow *flow, enum qw_direction direction, uint32_t missing,
			 const struct qw_message_sink *sink)
{
	struct qw_iso *iso = state;
	lose_side(iso, &iso->side[direction]);
	return QW_PARSE_MORE;
}

static void fini(void *state)
{
	struct qw_iso *iso = state;
	qw_ot_pairs_end(iso, &iso->pairs);
	lose(iso);
}

/* ---- whose it is */

/* Whom a connection calls: MMS's selectors begin with zero, if they are no words; S7comm's say how to connect. */
static enum qw_app app_of_connection(const struct qw_flow *flow, struct qw_bytes head)
{
	struct connection connection;
	parse_connection(&connection, head);
	if (connection.called.len == 0)
		return flow->app == QW_APP_MMS ? QW_APP_MMS : QW_APP_S7COMM;
	return connection.called.data[0] == 0 ? QW_APP_MMS : QW_APP_S7COMM;
}

static enum qw_app app_of_data(struct qw_bytes data, bool ported)
{
	static const uint8_t token_and_data[MMS_LEAST] = {1, 0, 1, 0, 0x61};
	enum qw_app other = ported ? QW_APP_S7COMM : QW_APP_UNKNOWN;
	if (data.left == 0 || data.at[0] == S7COMM || data.at[0] == S7COMM_PLUS)
		return data.left ? QW_APP_S7COMM : other;
	if (data.left >= MMS_LEAST && memcmp(data.at, token_and_data, MMS_LEAST) == 0)
		return QW_APP_MMS;
	return ported && qw_osi_is_message(data) ? QW_APP_MMS : other;
}

/* frame: as much as there is of the first, its head at least. */
static enum qw_app app_of(const struct qw_flow *flow, struct qw_bytes frame, bool ported)
{
	if (frame.at[5] == DATA)
		return qw_bytes_skip(&frame, LEAST) ? app_of_data(frame, ported) : QW_APP_S7COMM;
	(void)qw_bytes_skip(&frame, HEAD + 2);
	return app_of_connection(flow, frame);
}

/* Nothing else above TPKT calls by two selectors. */
static bool names_both_ends(const uint8_t *data, size_t len)
{
	struct connection connection;
	struct qw_bytes in = qw_bytes(data, len);
	uint8_t kind = data[5] & 0xf0;
	if ((kind != CONNECT && kind != CONFIRM) || !qw_bytes_skip(&in, HEAD + 2))
		return false;
	parse_connection(&connection, in);
	return connection.calling.len && connection.called.len;
}

/* Bytes that tell whose a frame is. */
static size_t enough(const uint8_t *data, size_t len, size_t whole, bool ported)
{
	enum { CONNECTION_MOST = 260 };
	size_t wanted = CONNECTION_MOST;
	if (data[5] == DATA && len > LEAST && (data[LEAST] == S7COMM || data[LEAST] == S7COMM_PLUS))
		wanted = LEAST;
	else if (data[5] == DATA && !ported)
		wanted = LEAST + MMS_LEAST;
	return wanted < whole ? wanted : whole;
}

/* On another port than its own only a connection of both ends, or data of a protocol that is known here, will do. */
static int probe_for(enum qw_app app, const struct qw_flow *flow, const uint8_t *data, size_t len)
{
	bool ported = qw_flow_client_port(flow) == QW_ISO_PORT || qw_flow_server_port(flow) == QW_ISO_PORT;
	if (len == 0 || data[0] != VERSION || (len > 1 && data[1] != 0))
		return 0;
	if (len < framing.head)
		return -1;
	int32_t whole = length(data);
	if (whole < 0)
		return 0;
	if (len < enough(data, len, (size_t)whole, ported))
		return -1;
	if (len > (size_t)whole)
		len = (size_t)whole;
	if (!ported && data[5] != DATA && !names_both_ends(data, len))
		return 0;
	return app_of(flow, qw_bytes(data, len), ported) == app;
}

static int probe(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	return probe_for(QW_APP_S7COMM, flow, data, len);
}

static int probe_mms(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	return probe_for(QW_APP_MMS, flow, data, len);
}

static enum qw_speaker speaker(const uint8_t *data, size_t len)
{
	enum { JOB = 1, ACK = 2, ACK_DATA = 3 };
	int32_t whole = len < framing.head ? -1 : length(data);
	if (whole < 0)
		return QW_SPEAKER_UNKNOWN;
	if ((data[5] & 0xf0) == CONNECT)
		return QW_SPEAKER_CLIENT;
	if ((data[5] & 0xf0) == CONFIRM)
		return QW_SPEAKER_SERVER;
	if (data[5] != DATA || len < LEAST + 2)
		return QW_SPEAKER_UNKNOWN;
	if (data[LEAST] != S7COMM)
		return qw_mms_speaker(qw_bytes(data + LEAST, (len < (size_t)whole ? len : (size_t)whole) - LEAST));
	if (data[LEAST + 1] == JOB)
		return QW_SPEAKER_CLIENT;
	return data[LEAST + 1] == ACK || data[LEAST + 1] == ACK_DATA ? QW_SPEAKER_SERVER : QW_SPEAKER_UNKNOWN;
}

const struct qw_parser_ops qw_parser_cotp = {
	.app = QW_APP_S7COMM,
	.industrial = true,
	.starts = {1, {{VERSION, VERSION}}},
	.probe = probe,
	.speaker = speaker,
	.state_bytes = sizeof(struct qw_iso),
	.feed = feed,
	.gap = gap,
	.fini = fini,
};

/* The same: who asks for MMS by its name finds it. */
const struct qw_parser_ops qw_parser_mms = {
	.app = QW_APP_MMS,
	.industrial = true,
	.starts = {1, {{VERSION, VERSION}}},
	.probe = probe_mms,
	.state_bytes = sizeof(struct qw_iso),
	.feed = feed,
	.gap = gap,
	.fini = fini,
};
