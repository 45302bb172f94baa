/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modbus - Modbus/TCP: each message is a transaction of its own, as in rules.
 *
 * Answers are paired with requests by transaction, unit and function, for
 * their events: an answer to a read does not say which registers it holds.
 */
#include "sensor/protocol/modbus_message.h"

#include "quaywatch/ot.h"
#include "quaywatch/ot_names.h"
#include "quaywatch/ot_record.h"
#include "quaywatch/rule_event.h"
#include "sensor/protocol/ot_frames.h"
#include "sensor/protocol/ot_pairs.h"
#include "sensor/protocol/ot_text.h"
#include "sensor/protocol/parsers.h"
#include "sensor/protocol/repeat.h"

enum { PORT = 502, FRAME_MAX = 6 + 260, DATA_MAX = 256, VALUES_MAX = 32, VALUES_TEXT_MAX = VALUES_MAX * 8, FLOOD = 500 };

struct modbus {
	uint64_t transactions;
	struct qw_ot_frames frames[2];
	struct qw_ot_pairs pairs;
	bool idle; /* nobody looked for a while: the place in the streams is lost */
};

/* What stands in memory while a message is published. */
struct scene {
	struct qw_modbus_message message;
	struct qw_modbus_identity identity;
	const struct qw_ot_pair *asked; /* the request that it answers, or NULL */
	uint32_t wants;
	struct qw_ot_detail detail;
	struct {
		struct qw_modbus_record head;
		uint8_t values[DATA_MAX];
	} record;
	char text[VALUES_TEXT_MAX];
};

static const struct qw_ot_framing framing = {
	.head = QW_MODBUS_HEADER_BYTES,
	.start = -1,
	.max = FRAME_MAX,
	.length = qw_modbus_length,
};

/* ---- what rules see */

static struct qw_slice fill_record(struct scene *scene)
{
	const struct qw_modbus_message *message = &scene->message;
	struct qw_modbus_record *record = &scene->record.head;
	bool writes = !message->response && message->values.len <= DATA_MAX;
	size_t len = writes ? message->values.len : 0;
	*record = (struct qw_modbus_record){
		.unit = message->unit,
		.function = message->raw,
		.category = message->category,
		.access = message->access,
		.subfunction = message->function == 8 && message->subfunction >= 0 ? (uint16_t)message->subfunction
										   : QW_MODBUS_NO_SUBFUNCTION,
		.bits = message->access & QW_MODBUS_COILS && !message->valued,
	};
	uint32_t last = (uint32_t)message->address + message->quantity;
	if (message->ranged && !message->response && message->quantity && last <= UINT16_MAX) {
		record->ranged = 1;
		record->first = (uint16_t)(message->address + 1);
		record->last = (uint16_t)last;
		record->values = (uint16_t)(len ? message->quantity : 0);
	}
	if (len)
		memcpy(scene->record.values, message->values.data, len);
	return qw_slice(&scene->record, sizeof(*record) + len);
}

static void add_fields(struct scene *scene, struct qw_message *out)
{
	struct qw_slice record = fill_record(scene);
	if (!scene->message.response)
		qw_message_add(out, QW_BUFFER_MODBUS, QW_SIGHT_NONE, record, true);
	qw_message_add(out, QW_BUFFER_MODBUS_ANY, QW_SIGHT_NONE, record, true);
	qw_message_add(out, QW_BUFFER_MODBUS_DATA, QW_SIGHT_NONE, scene->message.data, true);
}

static bool differs(const struct qw_modbus_message *message, const struct qw_ot_pair *asked)
{
	size_t bytes = message->access & (QW_MODBUS_COILS | QW_MODBUS_DISCRETES) ? (asked->detail + 7u) / 8 : 2u * asked->detail;
	if (message->exception)
		return false;
	if (message->ranged)
		return message->address != asked->object ||
		       (message->valued ? message->value : message->quantity) != asked->detail;
	return message->access & QW_MODBUS_READ && message->function != 23 && message->data.len != 1 + bytes;
}

/* What app-layer-event asks for. */
static void add_events(struct modbus *modbus, const struct qw_modbus_message *message, const struct qw_ot_pair *asked,
		       struct qw_message *out)
{
	static const struct {
		uint8_t flaw, event;
	} rows[] = {
		{QW_MODBUS_BAD_PROTOCOL, QW_AE_MODBUS_INVALID_PROTOCOL_ID},
		{QW_MODBUS_BAD_FUNCTION, QW_AE_MODBUS_INVALID_FUNCTION_CODE},
		{QW_MODBUS_BAD_LENGTH, QW_AE_MODBUS_INVALID_LENGTH},
		{QW_MODBUS_BAD_VALUE, QW_AE_MODBUS_INVALID_VALUE},
		{QW_MODBUS_BAD_EXCEPTION, QW_AE_MODBUS_INVALID_EXCEPTION_CODE},
	};
	uint8_t flaws = message->flaws;
	bool answer = message->response && message->access && !message->exception;
	if (answer && (flaws & (QW_MODBUS_BAD_LENGTH | QW_MODBUS_BAD_VALUE) || (asked && differs(message, asked)))) {
		flaws &= (uint8_t)~(QW_MODBUS_BAD_LENGTH | QW_MODBUS_BAD_VALUE);
		qw_message_number(out, QW_BUFFER_APP_EVENT, QW_AE_MODBUS_VALUE_MISMATCH, true);
	}
	for (size_t i = 0; flaws && i < sizeof(rows) / sizeof(*rows); i++)
		if (flaws & rows[i].flaw)
			qw_message_number(out, QW_BUFFER_APP_EVENT, rows[i].event, true);
	if (message->response && !asked)
		qw_message_number(out, QW_BUFFER_APP_EVENT, QW_AE_MODBUS_UNSOLICITED_RESPONSE, true);
	if (!message->response && modbus->pairs.waiting == FLOOD + 1)
		qw_message_number(out, QW_BUFFER_APP_EVENT, QW_AE_MODBUS_FLOODED, true);
}

/* ---- what events say */

/* "258, 772", or of coils "1, 0, 1": as many as there is room for. */
static void put_written(struct qw_text *text, const struct qw_modbus_message *message)
{
	bool bits = message->access & QW_MODBUS_COILS;
	size_t count = bits ? message->values.len * 8 : message->values.len / 2;
	for (size_t i = 0; i < count && i < message->quantity && i < VALUES_MAX; i++) {
		const uint8_t *at = message->values.data + (bits ? i / 8 : 2 * i);
		qw_ot_put_comma(text);
		qw_text_u64(text, bits ? *at >> i % 8 & 1u : qw_be16(at));
	}
}

static void tell_written(struct scene *scene)
{
	const struct qw_modbus_message *message = &scene->message;
	struct qw_text text;
	if (message->valued)
		qw_ot_number(&scene->detail, QW_KEY_OT_VALUE, message->value);
	if (message->valued || message->response)
		return;
	qw_text_init(&text, scene->text, sizeof(scene->text));
	put_written(&text, message);
	qw_ot_text(&scene->detail, QW_KEY_OT_VALUES, qw_ot_text_slice(&text));
}

static const void *describe(void *ctx)
{
	struct scene *scene = ctx;
	const struct qw_modbus_message *message = &scene->message;
	const struct qw_ot_pair *asked = scene->asked;
	struct qw_ot_detail *detail = &scene->detail;
	bool ranged = message->ranged || (asked && message->access & QW_MODBUS_READ);
	qw_ot_begin(detail, "modbus", message->function, qw_ot_names(QW_OT_MODBUS_FUNCTIONS), message->response);
	if (message->exception)
		qw_ot_fail(detail, message->code, qw_ot_names(QW_OT_MODBUS_EXCEPTIONS));
	qw_ot_number(detail, QW_KEY_OT_SEQUENCE, message->transaction);
	qw_ot_number(detail, QW_KEY_OT_UNIT, message->unit);
	if (message->subfunction >= 0)
		qw_ot_number(detail, QW_KEY_OT_SUBFUNCTION, (uint64_t)message->subfunction);
	if (ranged && message->access) {
		qw_ot_number(detail, QW_KEY_OT_ADDRESS, message->ranged ? message->address : asked->object);
		qw_ot_number(detail, QW_KEY_OT_QUANTITY, message->ranged ? message->quantity : asked->detail);
	}
	if (scene->wants & QW_OT_WANT_VALUES)
		tell_written(scene);
	qw_ot_text(detail, QW_KEY_OT_VENDOR, scene->identity.vendor);
	qw_ot_text(detail, QW_KEY_OT_PRODUCT, scene->identity.product);
	qw_ot_text(detail, QW_KEY_OT_REVISION, scene->identity.revision);
	return detail;
}

/* ---- messages */

static uint64_t pair_key(uint16_t transaction, uint8_t unit, uint8_t function)
{
	return (uint64_t)transaction << 16 | (uint64_t)unit << 8 | function;
}

/* The request: that an answer is for, or this. */
static const struct qw_ot_pair *pair(struct modbus *modbus, const struct qw_modbus_message *message)
{
	uint64_t key = pair_key(message->transaction, message->unit, message->function);
	if (message->response)
		return qw_ot_pairs_answer(&modbus->pairs, key);
	return qw_ot_pairs_ask(modbus, &modbus->pairs, key, message->address, message->valued ? message->value : message->quantity);
}

/* ---- what was read before */

/* A unit is asked the same again, in another transaction. */
static bool is_repeated(struct modbus *modbus, const struct qw_flow *flow, enum qw_direction direction, struct qw_bytes bytes,
			bool response, struct qw_repeat *repeat)
{
	enum { UNIT = 6, FUNCTION = 7, REQUEST = 6, ANSWER = 3 };
	if (bytes.left <= FUNCTION)
		return false;
	struct qw_repeat_frame frame = {
		.flow = flow,
		.direction = direction,
		.bytes = bytes,
		.telling = qw_repeat_word(bytes, UNIT, response ? ANSWER : REQUEST),
		.way = response ? QW_REPEAT_ANSWERS : QW_REPEAT_ASKS,
		.pairs = &modbus->pairs,
		.state = modbus,
		.key = pair_key(qw_be16(bytes.at), bytes.at[UNIT], bytes.at[FUNCTION] & (uint8_t)~QW_MODBUS_FUNCTION_ERROR),
	};
	if (!qw_repeat_is(repeat, &frame))
		return false;
	modbus->transactions++;
	return true;
}

/* Transaction, and values: that are read, behind their count, or written.  That of a single write is in its pair. */
static void note_varying(struct qw_repeat *repeat, const struct qw_modbus_message *message, struct qw_bytes frame)
{
	bool valued = message->response && message->access & QW_MODBUS_READ && !message->exception && !message->ranged;
	qw_repeat_varies(repeat, frame.at, 2);
	if (qw_repeat_is_looked_at(repeat, QW_BUFFER_MODBUS_DATA))
		return;
	if (valued && message->data.len > 1)
		qw_repeat_varies(repeat, message->data.data + 1, message->data.len - 1);
	else if (!message->response && !message->valued)
		qw_repeat_varies(repeat, message->values.data, message->values.len);
}

/* As the event tells it; who a device says that it is has no room in two words. */
static void fill_gist(const struct scene *scene, uint64_t gist[2])
{
	const struct qw_modbus_message *message = &scene->message;
	const struct qw_ot_pair *asked = scene->asked;
	bool ranged = message->ranged || (asked && message->access & QW_MODBUS_READ);
	uint64_t address = message->ranged ? message->address : ranged ? asked->object : 0;
	uint64_t quantity = message->ranged ? message->quantity : ranged ? asked->detail : 0;

	if (scene->identity.vendor.len | scene->identity.product.len | scene->identity.revision.len)
		return;
	gist[0] = (uint64_t)message->function << 8 | message->unit | (uint64_t)(uint16_t)(message->subfunction + 1) << 16 |
		  (uint64_t)message->code << 32 | (uint64_t)message->exception << 40 | (uint64_t)message->response << 41 |
		  (uint64_t)(ranged && message->access) << 42 | UINT64_C(1) << 63;
	gist[1] = address << 32 | quantity;
}

static void read_frame(struct modbus *modbus, struct qw_flow *flow, enum qw_direction direction, struct qw_bytes frame,
		       bool response, const struct qw_message_sink *sink)
{
	struct scene scene;
	struct qw_message message;
	qw_modbus_parse(&scene.message, frame, response);
	note_varying(sink->repeat, &scene.message, frame);
	const struct qw_ot_pair *request = pair(modbus, &scene.message);
	scene.wants = qw_parser_ot_wants(modbus);
	scene.asked = response ? request : NULL;
	qw_modbus_identity(&scene.message, &scene.identity);
	qw_message_begin(&message, QW_APP_MODBUS, direction, ++modbus->transactions);
	message.last = message.alone = true;
	message.describe = describe;
	message.scene = &scene;
	if (scene.wants & QW_OT_WANT_WATCH)
		fill_gist(&scene, message.gist);
	if (scene.wants & QW_OT_WANT_FIELDS) {
		add_fields(&scene, &message);
		add_events(modbus, &scene.message, scene.asked, &message);
	}
	sink->publish(sink->ctx, flow, &message);
	qw_repeat_read(sink->repeat, request);
}

static bool is_head(const uint8_t *data)
{
	return qw_be16(data + 2) == 0;
}

static bool is_ported(const struct qw_flow *flow)
{
	return qw_flow_client_port(flow) == PORT || qw_flow_server_port(flow) == PORT;
}

/* The flow's client may be the device: a conversation picked up at an answer. */
static bool is_response(const struct qw_flow *flow, enum qw_direction direction)
{
	bool turned = qw_flow_client_port(flow) == PORT && qw_flow_server_port(flow) != PORT;
	return (direction == QW_TO_CLIENT) != turned;
}

static enum qw_parse feed(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			  size_t len, const struct qw_message_sink *sink)
{
	struct modbus *modbus = state;
	struct qw_ot_frames *frames = &modbus->frames[direction];
	struct qw_bytes in = qw_bytes(data, len), frame;
	if (!qw_parser_ot_wants(modbus)) {
		modbus->idle = true;
		return QW_PARSE_MORE;
	}
	if (modbus->idle) {
		qw_ot_frames_lose(modbus, &modbus->frames[0]);
		qw_ot_frames_lose(modbus, &modbus->frames[1]);
		modbus->idle = false;
	}
	bool response = is_response(flow, direction);
	while (qw_ot_frames_next(modbus, frames, &framing, &in, &frame))
		if (!is_repeated(modbus, flow, direction, frame, response, sink->repeat))
			read_frame(modbus, flow, direction, frame, response, sink);
	return qw_ot_frames_lost(frames) ? QW_PARSE_STOP : QW_PARSE_MORE;
}

/* Each datagram is one message; nothing of it is held. */
static enum qw_parse feed_udp(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			      size_t len, const struct qw_message_sink *sink)
{
	struct qw_bytes in = qw_bytes(data, len), frame;
	int32_t whole = len > QW_MODBUS_HEADER_BYTES && is_head(data) ? qw_modbus_length(data) : -1;
	qw_repeat_none(sink->repeat);
	if (whole > 0 && qw_parser_ot_wants(state) && qw_bytes_take(&in, (size_t)whole, &frame))
		read_frame(state, flow, direction, frame, is_response(flow, direction), sink);
	return QW_PARSE_MORE;
}

static enum qw_parse gap(void *state, struct qw_flow *flow, enum qw_direction direction, uint32_t missing,
			 const struct qw_message_sink *sink)
{
	struct modbus *modbus = state;
	qw_ot_frames_lose(modbus, &modbus->frames[direction]);
	return QW_PARSE_MORE;
}

static void fini(void *state)
{
	struct modbus *modbus = state;
	qw_ot_pairs_end(modbus, &modbus->pairs);
	qw_ot_frames_lose(modbus, &modbus->frames[0]);
	qw_ot_frames_lose(modbus, &modbus->frames[1]);
}

/* Behind a whole message stands nothing, or the next one's head. */
static bool follows(const uint8_t *data, size_t len)
{
	return len < QW_MODBUS_HEADER_BYTES || (is_head(data) && qw_modbus_length(data) > 0);
}

static int probe(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	bool ported = is_ported(flow);
	if ((len > 2 && data[2] != 0) || (len > 3 && data[3] != 0))
		return 0;
	if (len <= QW_MODBUS_HEADER_BYTES)
		return -1;
	int32_t whole = qw_modbus_length(data);
	if (whole < 0 || ported)
		return whole > 0;
	if (len < (size_t)whole)
		return -1;
	return qw_modbus_is_plausible(qw_bytes(data, (size_t)whole)) && follows(data + whole, len - (size_t)whole);
}

static int probe_udp(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	bool whole = len > QW_MODBUS_HEADER_BYTES && is_head(data) && qw_modbus_length(data) == (int32_t)len;
	return whole && (is_ported(flow) || qw_modbus_is_plausible(qw_bytes(data, len)));
}

const struct qw_parser_ops qw_parser_modbus = {
	.app = QW_APP_MODBUS,
	.industrial = true,
	.probe = probe,
	.speaker = qw_modbus_speaker,
	.state_bytes = sizeof(struct modbus),
	.feed = feed,
	.gap = gap,
	.fini = fini,
};

const struct qw_parser_ops qw_parser_modbus_udp = {
	.app = QW_APP_MODBUS,
	.datagram = true,
	.industrial = true,
	.probe = probe_udp,
	.speaker = qw_modbus_speaker,
	.state_bytes = sizeof(struct modbus),
	.feed = feed_udp,
	.fini = fini,
};
