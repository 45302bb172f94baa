/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slmp - Mitsubishi's SLMP (MC protocol, frames 3E and 4E) over TCP and UDP: each message is a transaction of its own.
 *
 * Answers do not say what they answer: they are paired by the serial number
 * that frames 4E have, else by the station, in order.
 */
#include "quaywatch/ot_names.h"
#include "sensor/protocol/ot_talk.h"
#include "sensor/protocol/ot_text.h"
#include "sensor/protocol/parsers.h"
#include "sensor/protocol/slmp_message.h"

enum {
	PORT_FIRST = 5000, /* where configurations put it, most of them */
	PORT_LAST = 5010,
	OBJECTS_TEXT_MAX = 256,
	VALUE_TEXT_MAX = 80,
	VALUE_BYTES_MAX = 32,
	OWN_MODULE = 0x03ff,
	NONE = 0, /* of pairs: no command has this number */
};

struct scene {
	struct qw_slmp_message slmp;
	struct qw_ot_detail detail;
	struct qw_ot_pair asked; /* detail: the command, or NONE */
	char objects[OBJECTS_TEXT_MAX], values[VALUE_TEXT_MAX];
};

static const struct qw_ot_framing framing = {
    .head = QW_SLMP_HEAD,
    .start = -1,
    .max = QW_SLMP_FRAME_MAX,
    .most = QW_SLMP_FRAME_MOST,
    .length = qw_slmp_length,
    .needed = qw_slmp_needed,
};

/* ---- what events say */

static uint16_t command_of(const struct scene *scene)
{
	return scene->slmp.commanded ? scene->slmp.command : scene->asked.detail;
}

static const char *kind_of(const struct scene *scene)
{
	const struct qw_slmp_message *slmp = &scene->slmp;
	const char *name = qw_number_name(qw_ot_names(QW_OT_SLMP_COMMANDS), command_of(scene));
	if (slmp->ascii)
		return slmp->response ? "ascii_response" : "ascii_request";
	return name ? name : slmp->response ? "response" : "command";
}

/* How a controller is told to run. */
static void tell_run(struct scene *scene)
{
	enum { FORCED = 3, CLEAR_AT = 2 };
	const struct qw_slmp_message *slmp = &scene->slmp;
	bool runs = slmp->command >= QW_SLMP_REMOTE_RUN && slmp->command <= QW_SLMP_REMOTE_PAUSE;
	if (slmp->response || slmp->ascii || !runs || slmp->data.left < CLEAR_AT)
		return;
	bool clears = slmp->command == QW_SLMP_REMOTE_RUN && slmp->data.left > CLEAR_AT && slmp->data.at[CLEAR_AT];
	bool forced = qw_le16(slmp->data.at) == FORCED;
	const char *text = forced && clears ? "forced, clears" : forced ? "forced" : clears ? "clears" : NULL;
	qw_ot_text(&scene->detail, QW_KEY_OT_INDICATIONS, qw_slice_text(text));
}

/* A name filled up with blanks, then a number. */
static void tell_identity(struct scene *scene)
{
	enum { NAME_BYTES = 16 };
	struct qw_bytes in = scene->slmp.data, name;
	uint16_t code;
	bool identity = scene->asked.detail == QW_SLMP_TYPE_NAME && scene->slmp.end_code == 0 && !scene->slmp.ascii;
	if (!identity || !qw_bytes_take(&in, NAME_BYTES, &name))
		return;
	while (name.left && (name.at[name.left - 1] == ' ' || name.at[name.left - 1] == 0))
		name.left--;
	qw_ot_text(&scene->detail, QW_KEY_OT_PRODUCT, qw_slice(name.at, name.left));
	if (qw_bytes_le16(&in, &code))
		qw_ot_number(&scene->detail, QW_KEY_OT_DEVICE_TYPE, code);
}

static void tell_devices(struct scene *scene, bool values)
{
	const struct qw_slmp_message *slmp = &scene->slmp;
	struct qw_ot_detail *detail = &scene->detail;
	struct qw_text text, value;
	if (slmp->devices)
		qw_ot_number(detail, QW_KEY_OT_ADDRESS, slmp->device[0].number);
	if (slmp->points >= 0)
		qw_ot_number(detail, QW_KEY_OT_QUANTITY, (uint64_t)slmp->points);
	qw_text_init(&value, scene->values, sizeof(scene->values));
	if (values && slmp->command == QW_SLMP_WRITE && slmp->value.left <= VALUE_BYTES_MAX)
		qw_text_hex(&value, slmp->value.at, slmp->value.left);
	qw_ot_text(detail, QW_KEY_OT_VALUES, qw_ot_text_slice(&value));
	qw_text_init(&text, scene->objects, sizeof(scene->objects));
	for (uint8_t i = 0; i < slmp->devices && !text.cut; i++) {
		qw_ot_put_comma(&text);
		qw_slmp_put_device(&text, &slmp->device[i]);
	}
	qw_ot_text(detail, QW_KEY_OT_OBJECTS, qw_ot_text_slice(&text));
}

static void fill_detail(struct scene *scene, bool values)
{
	const struct qw_slmp_message *slmp = &scene->slmp;
	struct qw_ot_detail *detail = &scene->detail;
	qw_ot_begin(detail, "slmp", QW_OT_NO_NUMBER, NULL, slmp->response);
	detail->kind = kind_of(scene);
	if (slmp->end_code > 0)
		qw_ot_fail(detail, slmp->end_code, qw_ot_names(QW_OT_SLMP_END_CODES));
	if (slmp->numbered)
		qw_ot_number(detail, QW_KEY_OT_SEQUENCE, slmp->serial);
	qw_ot_number(detail, QW_KEY_OT_UNIT, slmp->station);
	qw_ot_number(detail, QW_KEY_OT_DESTINATION, slmp->network);
	if (command_of(scene) != NONE)
		qw_ot_number(detail, QW_KEY_OT_COMMAND, command_of(scene));
	if (slmp->commanded)
		qw_ot_number(detail, QW_KEY_OT_SUBFUNCTION, slmp->subcommand);
	if (slmp->module != OWN_MODULE)
		qw_ot_number(detail, QW_KEY_OT_INSTANCE, slmp->module);
	tell_devices(scene, values);
	tell_run(scene);
	tell_identity(scene);
}

/* ---- messages */

static void pair(const struct qw_ot_call *call, struct scene *scene)
{
	enum { OF_SERIAL = 1 };
	const struct qw_slmp_message *slmp = &scene->slmp;
	uint64_t route = (uint64_t)slmp->network << 24 | (uint64_t)slmp->station << 16 | slmp->module;
	uint64_t key = slmp->numbered ? (uint64_t)OF_SERIAL << 32 | slmp->serial : route;
	const struct qw_ot_pair *asked = NULL;
	if (slmp->response)
		asked = qw_ot_pairs_answer(&call->talk->pairs, key);
	else
		qw_ot_pairs_ask(call->talk, &call->talk->pairs, key, 0, slmp->command);
	scene->asked = asked ? *asked : (struct qw_ot_pair){.detail = NONE};
}

static void read_message(const struct qw_ot_call *call, struct qw_bytes frame)
{
	struct scene scene;
	struct qw_message message;
	if (!qw_slmp_parse(&scene.slmp, frame))
		return;
	pair(call, &scene);
	if (scene.slmp.cut)
		qw_parser_cut(call->talk);
	fill_detail(&scene, qw_ot_talk_wants(call, QW_OT_WANT_VALUES));
	qw_ot_talk_begin(call, QW_APP_SLMP, &scene.detail, &message);
	if (qw_ot_talk_wants(call, QW_OT_WANT_FIELDS)) {
		if (command_of(&scene) != NONE)
			qw_message_number(&message, QW_BUFFER_SLMP_COMMAND, command_of(&scene), true);
		if (scene.slmp.end_code >= 0)
			qw_message_number(&message, QW_BUFFER_SLMP_END_CODE, (uint64_t)scene.slmp.end_code, true);
	}
	qw_ot_talk_publish(call, &message);
}

/* ---- the parsers */

static enum qw_parse feed_stream(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
				 size_t len, const struct qw_message_sink *sink)
{
	const struct qw_ot_call call = {state, flow, direction, sink};
	return qw_ot_talk_stream(&call, &framing, read_message, qw_bytes(data, len));
}

static enum qw_parse feed_datagram(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
				   size_t len, const struct qw_message_sink *sink)
{
	const struct qw_ot_call call = {state, flow, direction, sink};
	if (qw_ot_talk_is_wanted(state))
		read_message(&call, qw_bytes(data, len));
	return QW_PARSE_MORE;
}

static bool is_ported(const struct qw_flow *flow)
{
	uint16_t client = qw_flow_client_port(flow), server = qw_flow_server_port(flow);
	return (server >= PORT_FIRST && server <= PORT_LAST) || (client >= PORT_FIRST && client <= PORT_LAST);
}

/* Bytes behind which nothing more is learnt: a head in ASCII, or a request in binary. */
static size_t enough(const uint8_t *data, bool ported)
{
	enum { REQUEST = 6 };
	return ported ? qw_slmp_needed(data) : (size_t)qw_slmp_needed(data) + REQUEST;
}

/* At its ports a head will do; elsewhere it has to be a request for a command that there is. */
static int probe_stream(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	bool ported = is_ported(flow);
	if (len < QW_SLMP_HEAD) {
		bool binary = (data[0] & 0x7b) == 0x50, ascii = data[0] == '5' || data[0] == 'D';
		bool goes_on = len < 2 || (binary && data[1] == 0) || (ascii && (data[1] == '0' || data[1] == '4'));
		return (binary || ascii) && goes_on ? -1 : 0;
	}
	if (qw_slmp_needed(data) == QW_SLMP_HEAD)
		return 0;
	if (len < enough(data, ported))
		return -1;
	return ported ? qw_slmp_length(data) > 0 : qw_slmp_is_request(qw_bytes(data, len));
}

/* A datagram is one message and no more. */
static int probe_datagram(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	bool whole = len >= QW_SLMP_HEAD && len >= qw_slmp_needed(data) && qw_slmp_needed(data) > QW_SLMP_HEAD &&
		     qw_slmp_length(data) == (int32_t)len;
	return whole && (is_ported(flow) || qw_slmp_is_request(qw_bytes(data, len)));
}

static enum qw_speaker speaker(const uint8_t *data, size_t len)
{
	return qw_slmp_is_request(qw_bytes(data, len)) ? QW_SPEAKER_CLIENT : QW_SPEAKER_UNKNOWN;
}

const struct qw_parser_ops qw_parser_slmp_tcp = {
    .app = QW_APP_SLMP,
    .industrial = true,
    .starts = {4, {{'5', '5'}, {'D', 'D'}, {0x50, 0x54}, {0xd0, 0xd4}}},
    .probe = probe_stream,
    .speaker = speaker,
    .state_bytes = sizeof(struct qw_ot_talk),
    .feed = feed_stream,
    .gap = qw_ot_talk_gap,
    .fini = qw_ot_talk_fini,
};

const struct qw_parser_ops qw_parser_slmp_udp = {
    .app = QW_APP_SLMP,
    .datagram = true,
    .industrial = true,
    .starts = {4, {{'5', '5'}, {'D', 'D'}, {0x50, 0x54}, {0xd0, 0xd4}}},
    .probe = probe_datagram,
    .speaker = speaker,
    .state_bytes = sizeof(struct qw_ot_talk),
    .feed = feed_datagram,
    .fini = qw_ot_talk_fini,
};
