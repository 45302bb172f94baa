/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enip - EtherNet/IP over TCP and UDP, and the CIP services inside.
 *
 * Each encapsulation message is a transaction of its own.  Its events are
 * one of "enip", for the command, and one of "cip" for each service; the rules' fields
 * stand in one message, so that a rule may name several of them.
 */
#include "sensor/protocol/enip_message.h"

#include "quaywatch/hash.h"
#include "quaywatch/ot.h"
#include "quaywatch/ot_names.h"
#include "quaywatch/rule_event.h"
#include "quaywatch/text.h"
#include "sensor/protocol/cip.h"
#include "sensor/protocol/enip_repeat.h"
#include "sensor/protocol/ot_frames.h"
#include "sensor/protocol/ot_pairs.h"
#include "sensor/protocol/parsers.h"

enum { PORT = 44818, PORT_IO = 2222, TEXT_MAX = 32, RECORDS_MAX = 52, FLOOD = 1024 };

struct enip {
	uint64_t transactions;
	struct qw_ot_frames frames[2];
	struct qw_ot_pairs pairs;
	bool idle;
	uint8_t told; /* of cyclic data: bit per direction */
};

struct call {
	struct enip *enip;
	struct qw_flow *flow;
	enum qw_direction direction;
	bool response;
	const struct qw_message_sink *sink;
};

/* What stands in memory while a message is published. */
struct scene {
	struct qw_enip_message message;
	struct qw_cip cip;
	bool response;
	const struct qw_cip_service *service; /* that is told now */
	const struct qw_ot_pair *asked;       /* the request that it answers, or NULL */
	struct qw_ot_detail detail;
	char vendor[TEXT_MAX], code[TEXT_MAX], revision[TEXT_MAX];
	uint16_t records;
	struct qw_cip_record record[RECORDS_MAX];
};

static const struct qw_ot_framing framing = {
	.head = QW_ENIP_HEADER_BYTES,
	.start = -1,
	.max = QW_ENIP_FRAME_MAX,
	.length = qw_enip_length,
};

/* ---- what rules see */

static void add_record(struct scene *scene, struct qw_message *out, const struct qw_cip_service *service, int attribute)
{
	if (scene->records == RECORDS_MAX)
		return;
	struct qw_cip_record *record = &scene->record[scene->records++];
	*record = (struct qw_cip_record){
		.class = service->path.class,
		.instance = service->path.instance,
		.attribute = attribute < 0 ? service->path.attribute : (uint32_t)attribute,
		.extended = service->extended,
		.service = service->service,
		.status = service->status,
		.has = service->path.has,
	};
	record->has |= attribute >= 0 ? QW_CIP_HAS_ATTRIBUTE : 0;
	record->has |= service->has_extended ? QW_CIP_HAS_EXTENDED : 0;
	record->has |= service->response ? QW_CIP_RESPONSE : 0;
	if (service->pccc_command >= 0) {
		record->has |= QW_CIP_HAS_PCCC | (service->pccc_function >= 0 ? QW_CIP_HAS_PCCC_FUNCTION : 0);
		record->pccc_command = (uint8_t)service->pccc_command;
		record->pccc_function = (uint8_t)(service->pccc_function < 0 ? 0 : service->pccc_function);
	}
	qw_message_add(out, QW_BUFFER_CIP_SERVICE, QW_SIGHT_NONE, qw_slice(record, sizeof(*record)), true);
}

static void add_services(struct scene *scene, struct qw_message *out)
{
	for (uint16_t i = 0; i < scene->cip.services; i++) {
		const struct qw_cip_service *service = &scene->cip.service[i];
		if (service->attributes == 0)
			add_record(scene, out, service, -1);
		for (uint8_t j = 0; j < service->attributes; j++)
			add_record(scene, out, service, service->attribute[j]);
	}
}

static void add_fields(struct scene *scene, struct qw_message *out)
{
	const struct qw_enip_message *message = &scene->message;
	qw_message_number(out, QW_BUFFER_ENIP_COMMAND, message->command, true);
	qw_message_number(out, QW_BUFFER_ENIP_STATUS, message->status, true);
	if (message->has_version)
		qw_message_number(out, QW_BUFFER_ENIP_PROTOCOL_VERSION, message->version, true);
	for (uint8_t i = 0; i < message->services; i++) {
		qw_message_number(out, QW_BUFFER_ENIP_CAPABILITIES, message->service[i].capabilities, true);
		qw_message_add(out, QW_BUFFER_ENIP_SERVICE_NAME, QW_SIGHT_NONE, message->service[i].name, true);
	}
	if (message->has_identity) {
		qw_message_add(out, QW_BUFFER_ENIP_IDENTITY, QW_SIGHT_NONE,
			       qw_slice(&message->identity, sizeof(message->identity)), true);
		qw_message_add(out, QW_BUFFER_ENIP_PRODUCT_NAME, QW_SIGHT_NONE, message->product, true);
	}
	scene->records = 0;
	add_services(scene, out);
}

/* ---- what events say */

static struct qw_slice number_text(char *memory, uint64_t number)
{
	struct qw_text text;
	qw_text_init(&text, memory, TEXT_MAX);
	qw_text_u64(&text, number);
	return qw_slice(text.at, text.len);
}

static struct qw_slice revision_text(char *memory, uint16_t revision)
{
	struct qw_text text;
	qw_text_init(&text, memory, TEXT_MAX);
	qw_text_u64(&text, revision >> 8);
	qw_text_char(&text, '.');
	qw_text_u64(&text, revision & 0xff);
	return qw_slice(text.at, text.len);
}

static const void *describe_enip(void *ctx)
{
	struct scene *scene = ctx;
	const struct qw_enip_message *message = &scene->message;
	struct qw_ot_detail *detail = &scene->detail;
	qw_ot_begin(detail, "enip", message->command, qw_ot_names(QW_OT_ENIP_COMMANDS), scene->response);
	if (scene->response && message->status)
		qw_ot_fail(detail, message->status, qw_ot_names(QW_OT_ENIP_STATUSES));
	qw_ot_number(detail, QW_KEY_OT_SESSION, message->session);
	if (!message->has_identity)
		return detail;
	const struct qw_enip_identity *identity = &message->identity;
	qw_ot_text(detail, QW_KEY_OT_VENDOR, number_text(scene->vendor, identity->vendor));
	qw_ot_text(detail, QW_KEY_OT_PRODUCT, message->product);
	qw_ot_text(detail, QW_KEY_OT_PRODUCT_CODE, number_text(scene->code, identity->product_code));
	qw_ot_text(detail, QW_KEY_OT_REVISION, revision_text(scene->revision, identity->revision));
	qw_ot_number(detail, QW_KEY_OT_DEVICE_TYPE, identity->device_type);
	qw_ot_number(detail, QW_KEY_OT_SERIAL, identity->serial);
	return detail;
}

/* Of scene->service. */
static const void *describe_cip(void *ctx)
{
	struct scene *scene = ctx;
	const struct qw_cip_service *service = scene->service;
	const struct qw_ot_pair *asked = scene->asked;
	const struct qw_cip_path *path = &service->path;
	struct qw_ot_detail *detail = &scene->detail;
	qw_ot_begin(detail, "cip", service->service, qw_ot_names(QW_OT_CIP_SERVICES), service->response);
	if (service->status)
		qw_ot_fail(detail, service->status, qw_ot_names(QW_OT_CIP_STATUSES));
	if (service->has_extended)
		qw_ot_number(detail, QW_KEY_OT_EXTENDED_STATUS, service->extended);
	if (scene->message.has_sequence)
		qw_ot_number(detail, QW_KEY_OT_SEQUENCE, scene->message.sequence);
	if (path->slot != QW_CIP_NO_SLOT)
		qw_ot_number(detail, QW_KEY_OT_UNIT, path->slot);
	qw_ot_number(detail, QW_KEY_OT_SESSION, scene->message.session);
	if (service->pccc_command >= 0)
		qw_ot_number(detail, QW_KEY_OT_COMMAND, (uint64_t)service->pccc_command);
	if (service->pccc_function >= 0)
		qw_ot_number(detail, QW_KEY_OT_SUBFUNCTION, (uint64_t)service->pccc_function);
	if (path->has & QW_CIP_HAS_CLASS || asked)
		qw_ot_number(detail, QW_KEY_OT_CLASS, asked ? asked->object : path->class);
	if (path->has & QW_CIP_HAS_INSTANCE || asked)
		qw_ot_number(detail, QW_KEY_OT_INSTANCE, asked ? asked->detail : path->instance);
	if (path->has & QW_CIP_HAS_ATTRIBUTE)
		qw_ot_number(detail, QW_KEY_OT_ATTRIBUTE, path->attribute);
	qw_ot_text(detail, QW_KEY_OT_OBJECTS, path->symbol);
	return detail;
}

/* What most services say has room in two words; names and what is larger have not. */
static void cip_gist(const struct qw_cip_service *service, const struct qw_ot_pair *asked, uint64_t gist[2])
{
	const struct qw_cip_path *path = &service->path;
	uint64_t class = asked ? asked->object : path->class, instance = asked ? asked->detail : path->instance;
	bool large = class > UINT16_MAX || path->attribute > UINT16_MAX;

	gist[0] = gist[1] = 0;
	if (large || path->symbol.len || service->has_extended || service->pccc_command >= 0 || service->pccc_function >= 0)
		return;
	gist[0] = (uint64_t)service->service | (uint64_t)service->status << 8 | (uint64_t)service->response << 16 |
		  (uint64_t)(asked != NULL) << 17 | (uint64_t)path->has << 24 | (uint64_t)path->slot << 32 | UINT64_C(1) << 63;
	gist[1] = class << 48 | (path->has & QW_CIP_HAS_ATTRIBUTE ? (uint64_t)path->attribute << 32 : 0) | instance;
}

/* ---- messages */

/* The request: that an answer is for, or this. */
static const struct qw_ot_pair *pair(const struct call *call, const struct scene *scene)
{
	const struct qw_enip_message *message = &scene->message;
	const struct qw_cip_service *first = scene->cip.services ? &scene->cip.service[0] : NULL;
	uint64_t number = message->has_sequence ? message->sequence : message->context;
	uint64_t key = qw_enip_pair_key(message->command, message->has_sequence, number);
	if (scene->response)
		return qw_ot_pairs_answer(&call->enip->pairs, key);
	if (message->command == QW_ENIP_NOP || message->command == QW_ENIP_UNREGISTER_SESSION)
		return NULL;
	return qw_ot_pairs_ask(call->enip, &call->enip->pairs, key, first ? first->path.class : 0,
			       first ? (uint16_t)first->path.instance : 0);
}

/* ---- what was read before */

static bool is_repeated(const struct call *call, struct qw_bytes bytes)
{
	struct qw_repeat_frame frame = {
		.flow = call->flow,
		.direction = call->direction,
		.bytes = bytes,
		.pairs = &call->enip->pairs,
		.state = call->enip,
	};
	if (!qw_enip_is_repeated(call->sink->repeat, &frame))
		return false;
	call->enip->transactions++;
	return true;
}

/* ---- publishing */

static void begin(const struct call *call, struct qw_message *message)
{
	qw_message_begin(message, QW_APP_ENIP, call->direction, ++call->enip->transactions);
	message->last = message->alone = true;
}

static void publish(const struct call *call, struct scene *scene, struct qw_message *message)
{
	message->scene = scene;
	call->sink->publish(call->sink->ctx, call->flow, message);
	message->count = 0;
}

/* What app-layer-event asks for.  Connected data may be another protocol's. */
static void add_events(const struct call *call, const struct scene *scene, struct qw_message *message)
{
	if (scene->message.malformed || (scene->cip.malformed && !scene->message.has_sequence))
		qw_message_number(message, QW_BUFFER_APP_EVENT, QW_AE_ENIP_INVALID_PDU, true);
	if (!scene->response && call->enip->pairs.waiting == FLOOD + 1)
		qw_message_number(message, QW_BUFFER_APP_EVENT, QW_AE_ENIP_TOO_MANY_TRANSACTIONS, true);
}

static void read_message(const struct call *call, struct qw_bytes frame)
{
	struct scene scene;
	struct qw_message message;
	uint32_t wants = qw_parser_ot_wants(call->enip);
	qw_enip_parse(&scene.message, frame);
	scene.cip.services = 0;
	scene.cip.cut = scene.cip.malformed = false;
	if (scene.message.cip.data)
		qw_cip_parse(&scene.cip, qw_bytes(scene.message.cip.data, scene.message.cip.len));
	/* A service says itself what it is; the flow's direction may be a guess. */
	scene.response = scene.cip.services ? scene.cip.service[0].response : call->response;
	if (scene.cip.cut)
		qw_parser_cut(call->enip);
	qw_enip_note_varying(call->sink->repeat, &scene.message, &scene.cip, frame);
	const struct qw_ot_pair *request = pair(call, &scene), *asked = scene.response ? request : NULL;
	begin(call, &message);
	message.describe = describe_enip;
	if (scene.cip.services && wants & QW_OT_WANT_EVENTS)
		publish(call, &scene, &message);
	if (wants & QW_OT_WANT_FIELDS) {
		add_fields(&scene, &message);
		add_events(call, &scene, &message);
	}
	for (uint16_t i = 0; i < scene.cip.services; i++) {
		const struct qw_cip_service *service = &scene.cip.service[i];
		scene.service = service;
		scene.asked = i == 0 && service->response && asked && asked->object ? asked : NULL;
		message.describe = describe_cip;
		if (wants & QW_OT_WANT_WATCH)
			cip_gist(service, scene.asked, message.gist);
		if (i == 0 || wants & (QW_OT_WANT_EVENTS | QW_OT_WANT_WATCH))
			publish(call, &scene, &message);
	}
	if (scene.cip.services == 0)
		publish(call, &scene, &message);
	qw_repeat_read(call->sink->repeat, request);
}

/* ---- the parser */

/* Who has the well-known port answers; an answer to a broadcast opens a flow of its own. */
static bool is_response(const struct qw_flow *flow, enum qw_direction direction)
{
	bool server = qw_flow_server_port(flow) == PORT, client = qw_flow_client_port(flow) == PORT;
	return (direction == QW_TO_CLIENT) != (client && !server);
}

static void lose(struct enip *enip)
{
	qw_ot_frames_lose(enip, &enip->frames[0]);
	qw_ot_frames_lose(enip, &enip->frames[1]);
}

/* False: nobody looks. */
static bool wake(struct enip *enip)
{
	bool wanted = qw_parser_ot_wants(enip);
	if (wanted && enip->idle)
		lose(enip);
	enip->idle = !wanted;
	return wanted;
}

static enum qw_parse feed_tcp(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			      size_t len, const struct qw_message_sink *sink)
{
	struct enip *enip = state;
	struct qw_ot_frames *frames = &enip->frames[direction];
	const struct call call = {enip, flow, direction, is_response(flow, direction), sink};
	struct qw_bytes in = qw_bytes(data, len), frame;
	if (!wake(enip))
		return QW_PARSE_MORE;
	while (qw_ot_frames_next(enip, frames, &framing, &in, &frame))
		if (!is_repeated(&call, frame))
			read_message(&call, frame);
	return qw_ot_frames_lost(frames) ? QW_PARSE_STOP : QW_PARSE_MORE;
}

/* Cyclic data: one event a direction says that there is such a connection. */
static void read_io(const struct call *call, uint32_t connection)
{
	struct qw_message message;
	struct qw_ot_detail detail;
	if (call->enip->told & 1 << call->direction)
		return;
	call->enip->told |= (uint8_t)(1 << call->direction);
	qw_ot_begin(&detail, "enip", QW_OT_NO_NUMBER, NULL, call->response);
	detail.kind = "io";
	qw_ot_number(&detail, QW_KEY_OT_SESSION, connection);
	begin(call, &message);
	message.detail = &detail;
	call->sink->publish(call->sink->ctx, call->flow, &message);
}

static enum qw_parse feed_udp(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			      size_t len, const struct qw_message_sink *sink)
{
	struct enip *enip = state;
	const struct call call = {enip, flow, direction, is_response(flow, direction), sink};
	uint32_t connection;
	if (!wake(enip))
		return QW_PARSE_MORE;
	int32_t whole = len < QW_ENIP_HEADER_BYTES ? -1 : qw_enip_length(data);
	qw_repeat_none(sink->repeat);
	if (whole > 0 && ((size_t)whole <= len || qw_enip_is_plausible(data)))
		read_message(&call, qw_bytes(data, (size_t)whole < len ? (size_t)whole : len));
	else if (qw_enip_io_parse(qw_bytes(data, len), &connection))
		read_io(&call, connection);
	return QW_PARSE_MORE;
}

static enum qw_parse gap(void *state, struct qw_flow *flow, enum qw_direction direction, uint32_t missing,
			 const struct qw_message_sink *sink)
{
	struct enip *enip = state;
	qw_ot_frames_lose(enip, &enip->frames[direction]);
	return QW_PARSE_MORE;
}

static void fini(void *state)
{
	struct enip *enip = state;
	qw_ot_pairs_end(enip, &enip->pairs);
	lose(enip);
}

static bool has_port(const struct qw_flow *flow, uint16_t port)
{
	return qw_flow_client_port(flow) == port || qw_flow_server_port(flow) == port;
}

/* As far as it is there. */
static bool begins(const uint8_t *data, size_t len)
{
	if (len >= QW_ENIP_HEADER_BYTES)
		return qw_enip_is_plausible(data);
	return len < 2 || qw_number_name(qw_ot_names(QW_OT_ENIP_COMMANDS), qw_le16(data));
}

/* Elsewhere than at its port: one whole message at least, and nothing else behind it. */
static int probe_whole(const uint8_t *data, size_t len)
{
	size_t whole = (size_t)qw_enip_length(data);
	if (len < whole)
		return -1;
	return qw_le16(data) != QW_ENIP_NOP && begins(data + whole, len - whole);
}

static int probe(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	if (!begins(data, len))
		return 0;
	if (len < QW_ENIP_HEADER_BYTES)
		return -1;
	return has_port(flow, PORT) ? 1 : probe_whole(data, len);
}

static int probe_udp(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	uint32_t connection;
	if (has_port(flow, PORT_IO) && qw_enip_io_parse(qw_bytes(data, len), &connection))
		return 1;
	return len >= QW_ENIP_HEADER_BYTES && probe(flow, direction, data, len) > 0 &&
	       (has_port(flow, PORT) || (size_t)qw_enip_length(data) == len);
}

const struct qw_parser_ops qw_parser_enip_tcp = {
	.app = QW_APP_ENIP,
	.industrial = true,
	.probe = probe,
	.speaker = qw_enip_speaker,
	.state_bytes = sizeof(struct enip),
	.feed = feed_tcp,
	.gap = gap,
	.fini = fini,
};

const struct qw_parser_ops qw_parser_enip_udp = {
	.app = QW_APP_ENIP,
	.datagram = true,
	.industrial = true,
	.probe = probe_udp,
	.speaker = qw_enip_speaker,
	.state_bytes = sizeof(struct enip),
	.feed = feed_udp,
	.fini = fini,
};
