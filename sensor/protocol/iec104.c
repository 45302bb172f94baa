/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iec104 - IEC 60870-5-104: each APDU is a transaction of its own.
 *
 * Sequence numbers of each direction count on; what is not seen is told with
 * the message behind it.  Commands await an answer with their type, station
 * and first object.
 */
#include "sensor/protocol/iec104_message.h"

#include "quaywatch/ot.h"
#include "quaywatch/ot_names.h"
#include "quaywatch/ot_record.h"
#include "quaywatch/rule_event.h"
#include "sensor/protocol/ot_frames.h"
#include "sensor/protocol/ot_pairs.h"
#include "sensor/protocol/ot_text.h"
#include "sensor/protocol/parsers.h"
#include "sensor/protocol/series.h"

enum {
	PORT = 2404,
	TEXT_MAX = 64,
	OBJECTS_TEXT_MAX = 512,
	MISSING_MAX = 0x3fff,
	CONFIRMATIONS = 0xa8, /* of STARTDT, STOPDT, TESTFR */
};

struct side {
	struct qw_ot_frames frames;
	uint16_t next; /* N(S) that comes next */
	bool counting; /* next is known */
};

struct iec104 {
	uint64_t transactions;
	struct side side[2];
	struct qw_ot_pairs pairs;
	bool idle; /* nobody looked for a while: the place in the streams is lost */
};

struct call {
	struct iec104 *iec104;
	struct qw_flow *flow;
	enum qw_direction direction;
	bool response;
	const struct qw_message_sink *sink;
};

/* What stands in memory while a message is published. */
struct scene {
	struct qw_iec104_message message;
	uint16_t missing; /* messages before this one */
	struct qw_ot_detail detail;
	char flags[TEXT_MAX], value[TEXT_MAX], time[TEXT_MAX], objects[OBJECTS_TEXT_MAX];
};

static const struct qw_ot_framing framing = {
    .head = QW_IEC104_HEADER_BYTES,
    .start = 0x68,
    .max = QW_IEC104_FRAME_MAX,
    .length = qw_iec104_length,
};

/* ---- what rules see */

static unsigned flags_of(const struct scene *scene)
{
	const struct qw_iec104_message *message = &scene->message;
	return (message->negative ? QW_IEC104_NEGATIVE : 0u) | (message->test ? QW_IEC104_TEST : 0u) |
	       (message->select ? QW_IEC104_SELECT : 0u) | (scene->missing ? QW_IEC104_GAP : 0u);
}

static void add_asdu(const struct scene *scene, struct qw_message *out)
{
	const struct qw_iec104_message *message = &scene->message;
	qw_message_number(out, QW_BUFFER_IEC104_ASDU_FUNC, message->type, true);
	qw_message_number(out, QW_BUFFER_IEC104_CAUSE, message->cause, true);
	qw_message_number(out, QW_BUFFER_IEC104_COMMON_ADDRESS, message->common, true);
	qw_message_number(out, QW_BUFFER_IEC104_FLAGS, flags_of(scene), true);
	qw_message_add(out, QW_BUFFER_IEC104_ASDU, QW_SIGHT_NONE, message->data, true);
	if (message->malformed)
		qw_message_number(out, QW_BUFFER_APP_EVENT, QW_AE_IEC104_MALFORMED, true);
	if (scene->missing)
		qw_message_number(out, QW_BUFFER_APP_EVENT, QW_AE_IEC104_SEQUENCE_GAP, true);
}

/* As many messages as the addresses need; the last is left to be published. */
static void add_objects(const struct call *call, const struct qw_iec104_message *message, struct qw_message *out)
{
	struct qw_series series = qw_series_begin(out);
	for (uint8_t i = 0; i < message->objects; i++)
		qw_series_number(&series, QW_BUFFER_IEC104_IOA, message->object[i], call->flow, call->sink);
}

static void add_fields(const struct call *call, const struct scene *scene, struct qw_message *out)
{
	const struct qw_iec104_message *message = &scene->message;
	qw_message_number(out, QW_BUFFER_IEC104_APCI_TYPE, message->format, true);
	if (message->format == QW_IEC104_U)
		qw_message_number(out, QW_BUFFER_IEC104_CONTROL, message->control, true);
	if (!message->asdu)
		return;
	add_asdu(scene, out);
	add_objects(call, message, out);
}

/* ---- what events say */

static const char *kind_of(const struct qw_iec104_message *message)
{
	if (message->format == QW_IEC104_S)
		return "supervisory";
	const char *name = qw_number_name(qw_ot_names(QW_OT_IEC104_CONTROLS), message->control);
	return name ? name : "control";
}

static bool is_confirmation(const struct qw_iec104_message *message)
{
	return message->format == QW_IEC104_S || (message->format == QW_IEC104_U && message->control & CONFIRMATIONS);
}

static bool is_unknown(const struct qw_iec104_message *message)
{
	return message->cause >= QW_IEC104_UNKNOWN_FIRST && message->cause <= QW_IEC104_UNKNOWN_LAST;
}

static void put_flags(struct qw_text *text, unsigned flags)
{
	static const struct {
		unsigned flag;
		const char *word;
	} words[] = {{QW_IEC104_NEGATIVE, "negative"}, {QW_IEC104_TEST, "test"}, {QW_IEC104_SELECT, "select"}};
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (flags & words[i].flag)
			qw_ot_put_word(text, words[i].word);
}

static void put_objects(struct qw_text *text, const struct qw_iec104_message *message)
{
	for (uint8_t i = 0; i < message->objects && !text->cut; i++) {
		qw_ot_put_comma(text);
		qw_text_u64(text, message->object[i]);
	}
}

/* What a command asks for: its value if that may be told, and how. */
static void add_command(struct scene *scene, bool values)
{
	const struct qw_iec104_message *message = &scene->message;
	struct qw_ot_detail *detail = &scene->detail;
	struct qw_text value, time;
	qw_text_init(&value, scene->value, sizeof(scene->value));
	qw_text_init(&time, scene->time, sizeof(scene->time));
	if (values)
		qw_iec104_put_value(&value, message);
	qw_ot_text(detail, QW_KEY_OT_VALUES, qw_ot_text_slice(&value));
	if (message->qualifier >= 0)
		qw_ot_number(detail, QW_KEY_OT_QUALIFIER, (uint64_t)message->qualifier);
	qw_iec104_put_time(&time, message);
	qw_ot_text(detail, QW_KEY_OT_TIME, qw_ot_text_slice(&time));
}

static void asdu_detail(struct scene *scene, bool values)
{
	const struct qw_iec104_message *message = &scene->message;
	struct qw_ot_detail *detail = &scene->detail;
	struct qw_text flags, objects;
	const char *cause = qw_number_name(qw_ot_names(QW_OT_IEC104_CAUSES), message->cause);
	qw_ot_number(detail, QW_KEY_OT_UNIT, message->common);
	qw_ot_number(detail, QW_KEY_OT_SOURCE, message->originator);
	qw_ot_number(detail, QW_KEY_OT_CAUSE, message->cause);
	qw_ot_text(detail, QW_KEY_OT_CAUSE_NAME, qw_slice_text(cause));
	if (message->file >= 0)
		qw_ot_number(detail, QW_KEY_OT_INSTANCE, (uint64_t)message->file);
	if (message->section >= 0)
		qw_ot_number(detail, QW_KEY_OT_ATTRIBUTE, (uint64_t)message->section);
	if (message->objects)
		qw_ot_number(detail, QW_KEY_OT_ADDRESS, message->object[0]);
	qw_ot_number(detail, QW_KEY_OT_QUANTITY, message->count);
	add_command(scene, values);
	qw_text_init(&objects, scene->objects, sizeof(scene->objects));
	if (message->objects > 1)
		put_objects(&objects, message);
	qw_ot_text(detail, QW_KEY_OT_OBJECTS, qw_ot_text_slice(&objects));
	qw_text_init(&flags, scene->flags, sizeof(scene->flags));
	put_flags(&flags, flags_of(scene));
	qw_ot_text(detail, QW_KEY_OT_INDICATIONS, qw_ot_text_slice(&flags));
}

static void fill_detail(struct scene *scene, bool response, bool values)
{
	const struct qw_iec104_message *message = &scene->message;
	struct qw_ot_detail *detail = &scene->detail;
	if (!message->asdu) {
		qw_ot_begin(detail, "iec104", QW_OT_NO_NUMBER, NULL, is_confirmation(message));
		detail->kind = kind_of(message);
		if (message->format == QW_IEC104_S)
			qw_ot_number(detail, QW_KEY_OT_ACKNOWLEDGED, message->expected);
		return;
	}
	qw_ot_begin(detail, "iec104", message->type, qw_ot_names(QW_OT_IEC104_TYPES), response);
	if (response && is_unknown(message))
		qw_ot_fail(detail, message->cause, qw_ot_names(QW_OT_IEC104_CAUSES));
	else if (response && message->negative)
		qw_ot_fail(detail, QW_OT_NO_NUMBER, NULL);
	qw_ot_number(detail, QW_KEY_OT_SEQUENCE, message->sent);
	qw_ot_number(detail, QW_KEY_OT_ACKNOWLEDGED, message->expected);
	if (scene->missing)
		qw_ot_number(detail, QW_KEY_OT_MISSING, scene->missing);
	asdu_detail(scene, values);
}

/* ---- messages */

/* How many before this one were not seen; one that is behind begins the count anew. */
static uint16_t count_on(struct side *side, const struct qw_iec104_message *message)
{
	uint16_t missing = (message->sent - side->next) & QW_IEC104_SEQUENCE;
	bool counted = side->counting && missing <= MISSING_MAX;
	side->next = (message->sent + 1) & QW_IEC104_SEQUENCE;
	side->counting = true;
	return counted ? missing : 0;
}

static void pair(const struct call *call, const struct qw_iec104_message *message)
{
	uint32_t object = message->objects ? message->object[0] : 0;
	uint64_t key = (uint64_t)message->type << 48 | (uint64_t)message->common << 24 | object;
	if (!qw_iec104_commands(message->type))
		return;
	if (call->response)
		(void)qw_ot_pairs_answer(&call->iec104->pairs, key);
	else if (message->cause == QW_IEC104_ACTIVATION || message->cause == QW_IEC104_DEACTIVATION)
		qw_ot_pairs_ask(call->iec104, &call->iec104->pairs, key, object, message->cause);
}

static void read_frame(const struct call *call, struct side *side, struct qw_bytes frame)
{
	struct scene scene;
	struct qw_message message;
	uint32_t wants = qw_parser_ot_wants(call->iec104);
	qw_iec104_parse(&scene.message, frame);
	scene.missing = 0;
	if (scene.message.asdu) {
		scene.missing = count_on(side, &scene.message);
		pair(call, &scene.message);
	}
	qw_message_begin(&message, QW_APP_IEC104, call->direction, ++call->iec104->transactions);
	message.last = message.alone = true;
	fill_detail(&scene, call->response, wants & QW_OT_WANT_VALUES);
	if (wants & QW_OT_WANT_FIELDS)
		add_fields(call, &scene, &message);
	message.detail = &scene.detail;
	call->sink->publish(call->sink->ctx, call->flow, &message);
}

/* The flow's client may be the station: a conversation picked up at an answer. */
static bool is_response(const struct qw_flow *flow, enum qw_direction direction)
{
	bool turned = qw_flow_client_port(flow) == PORT && qw_flow_server_port(flow) != PORT;
	return (direction == QW_TO_CLIENT) != turned;
}

static void lose(struct iec104 *iec104)
{
	for (unsigned i = 0; i < 2; i++) {
		qw_ot_frames_lose(iec104, &iec104->side[i].frames);
		iec104->side[i].counting = false;
	}
}

static enum qw_parse feed(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			  size_t len, const struct qw_message_sink *sink)
{
	struct iec104 *iec104 = state;
	struct side *side = &iec104->side[direction];
	const struct call call = {iec104, flow, direction, is_response(flow, direction), sink};
	struct qw_bytes in = qw_bytes(data, len), frame;
	if (!qw_parser_ot_wants(iec104)) {
		iec104->idle = true;
		return QW_PARSE_MORE;
	}
	if (iec104->idle)
		lose(iec104);
	iec104->idle = false;
	while (qw_ot_frames_next(iec104, &side->frames, &framing, &in, &frame))
		read_frame(&call, side, frame);
	return qw_ot_frames_lost(&side->frames) ? QW_PARSE_STOP : QW_PARSE_MORE;
}

/* The numbers go on: what was missed is told with the next message. */
static enum qw_parse gap(void *state, struct qw_flow *flow, enum qw_direction direction, uint32_t missing,
			 const struct qw_message_sink *sink)
{
	struct iec104 *iec104 = state;
	qw_ot_frames_lose(iec104, &iec104->side[direction].frames);
	return QW_PARSE_MORE;
}

static void fini(void *state)
{
	struct iec104 *iec104 = state;
	qw_ot_pairs_end(iec104, &iec104->pairs);
	lose(iec104);
}

/* A conversation that was picked up may begin with a byte that only keeps it alive, or inside a message. */
static int probe_ported(struct qw_bytes in)
{
	enum { AWAY_MAX = 64 };
	for (unsigned away = 0; away < AWAY_MAX && in.left; away++) {
		if (in.at[0] == framing.start && in.left < QW_IEC104_HEADER_BYTES)
			return -1;
		if (in.at[0] == framing.start && qw_iec104_length(in.at) > 0)
			return 1;
		(void)qw_bytes_skip(&in, 1);
	}
	return in.left ? 0 : -1;
}

/* What only acknowledges looks like too much else: what comes behind it decides. */
static int probe_elsewhere(struct qw_bytes in)
{
	enum { SUPERVISORY = 1 };
	while (in.left) {
		if (in.at[0] != framing.start)
			return 0;
		if (in.left < QW_IEC104_HEADER_BYTES)
			return -1;
		int32_t length = qw_iec104_length(in.at);
		if (length < 0)
			return 0;
		if ((size_t)length > in.left)
			return -1;
		if ((in.at[2] & 3) != SUPERVISORY)
			return qw_iec104_is_plausible(in);
		(void)qw_bytes_skip(&in, (size_t)length);
	}
	return -1;
}

static int probe(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	if (qw_flow_client_port(flow) == PORT || qw_flow_server_port(flow) == PORT)
		return probe_ported(qw_bytes(data, len));
	return probe_elsewhere(qw_bytes(data, len));
}

const struct qw_parser_ops qw_parser_iec104 = {
    .app = QW_APP_IEC104,
    .industrial = true,
    .probe = probe,
    .speaker = qw_iec104_speaker,
    .state_bytes = sizeof(struct iec104),
    .feed = feed,
    .gap = gap,
    .fini = fini,
};
