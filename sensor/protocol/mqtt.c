/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mqtt - control packets of MQTT 3.1, 3.1.1 and 5 over TCP.
 *
 * What asks for an answer and the answer are one transaction, as in
 * Suricata; it is found again by the packet's id.
 */
#include "sensor/protocol/frames.h"
#include "sensor/protocol/known.h"
#include "sensor/protocol/mqtt_scene.h"
#include "sensor/protocol/parsers.h"

enum {
	PORT_MQTT = 1883,
	PACKET_MAX = 100 * 1024, /* that is looked into; as much as of a file */
	VALUE_MAX = 4096,        /* of a field that waits for the answer */
	WAITING_MAX = 16,        /* for an answer, of one connection */
	ID_CONNECT = 1 << 16,    /* beyond what a packet can have */
	ID_SERVER = 1 << 17,     /* the server asks: each side counts its own */
	BAD_MAX = 8,
	SETTLED = 2, /* flags that SUBSCRIBE, UNSUBSCRIBE and PUBREL must have */
};

/* A transaction that waits for its answer. */
struct waiting {
	uint32_t id; /* 0: unused */
	uint64_t transaction;
	struct qw_known *known;
};

struct mqtt {
	uint64_t transactions;
	struct qw_frames frames[2];
	struct waiting waiting[WAITING_MAX];
	uint8_t next; /* the place that is given up when all are taken */
	uint8_t version;
	uint8_t bad;
};

struct call {
	struct mqtt *mqtt;
	struct qw_flow *flow;
	enum qw_direction direction;
	const struct qw_message_sink *sink;
};

/* ---- transactions */

static void forget(struct mqtt *mqtt, struct waiting *waiting)
{
	if (waiting->known) {
		qw_known_free(mqtt, waiting->known);
		qw_parser_give(mqtt, waiting->known);
	}
	*waiting = (struct waiting){0};
}

static struct waiting *find(struct mqtt *mqtt, uint32_t id)
{
	for (unsigned i = 0; i < WAITING_MAX; i++) {
		if (mqtt->waiting[i].id == id)
			return &mqtt->waiting[i];
	}
	return NULL;
}

/* Keeps the message's fields for the answer's. */
static void remember(struct mqtt *mqtt, struct waiting *waiting, const struct qw_message *message)
{
	if (!waiting->known) {
		waiting->known = qw_parser_take(mqtt, sizeof(*waiting->known));
		if (!waiting->known)
			return;
		*waiting->known = (struct qw_known){0};
	}
	for (uint16_t i = 0; i < message->count; i++) {
		const struct qw_field *field = &message->field[i];
		if (field->fresh && field->value.len <= VALUE_MAX)
			qw_known_add(mqtt, waiting->known, field->buffer, QW_SIGHT_NONE, field->value);
	}
	waiting->known->told = waiting->known->count;
}

static void wait_for(struct mqtt *mqtt, uint32_t id, const struct qw_message *message)
{
	struct waiting *waiting = find(mqtt, id);
	if (!waiting)
		waiting = find(mqtt, 0);
	if (!waiting) {
		waiting = &mqtt->waiting[mqtt->next++ % WAITING_MAX];
		qw_parser_cut(mqtt);
	}
	forget(mqtt, waiting);
	waiting->id = id;
	waiting->transaction = message->transaction;
	remember(mqtt, waiting, message);
}

enum step { ALONE, ASKS, GOES_ON, ENDS };

/* What a packet is to its transaction. */
static enum step step_of(const struct qw_mqtt_packet *packet)
{
	switch ((enum qw_mqtt_type)packet->type) {
	case QW_MQTT_CONNECT: return ASKS;
	case QW_MQTT_PUBLISH: return packet->qos ? ASKS : ALONE;
	case QW_MQTT_SUBSCRIBE:
	case QW_MQTT_UNSUBSCRIBE: return ASKS;
	case QW_MQTT_PUBREC:
	case QW_MQTT_PUBREL: return GOES_ON;
	case QW_MQTT_CONNACK:
	case QW_MQTT_PUBACK:
	case QW_MQTT_PUBCOMP:
	case QW_MQTT_SUBACK:
	case QW_MQTT_UNSUBACK: return ENDS;
	default: return ALONE;
	}
}

/* By what the transaction is found again; 0: not at all. */
static uint32_t id_of(const struct qw_mqtt_packet *packet, enum qw_direction direction)
{
	if (packet->type == QW_MQTT_CONNECT || packet->type == QW_MQTT_CONNACK)
		return ID_CONNECT;
	bool asker = step_of(packet) == ASKS || packet->type == QW_MQTT_PUBREL;
	enum qw_direction asked = asker ? direction : qw_direction_other(direction);
	return packet->id && asked == QW_TO_CLIENT ? packet->id | ID_SERVER : packet->id;
}

/* ---- publishing */

static void add(struct qw_message *message, enum qw_buffer buffer, struct qw_slice value)
{
	qw_message_add(message, buffer, QW_SIGHT_NONE, value, true);
}

static void add_connect(struct qw_message *message, const struct qw_mqtt_packet *packet)
{
	qw_message_number(message, QW_BUFFER_MQTT_CONNECT_FLAGS, packet->connect_flags, true);
	add(message, QW_BUFFER_MQTT_CONNECT_PROTOCOL, packet->protocol);
	add(message, QW_BUFFER_MQTT_CONNECT_CLIENTID, packet->client);
	add(message, QW_BUFFER_MQTT_CONNECT_WILLTOPIC, packet->will_topic);
	add(message, QW_BUFFER_MQTT_CONNECT_WILLMESSAGE, packet->will_message);
	add(message, QW_BUFFER_MQTT_CONNECT_USERNAME, packet->user);
	add(message, QW_BUFFER_MQTT_CONNECT_PASSWORD, packet->password);
}

static void add_topics(struct qw_message *message, const struct qw_mqtt_packet *packet)
{
	enum qw_buffer buffer = packet->type == QW_MQTT_PUBLISH	    ? QW_BUFFER_MQTT_PUBLISH_TOPIC
				: packet->type == QW_MQTT_SUBSCRIBE ? QW_BUFFER_MQTT_SUBSCRIBE_TOPIC
								    : QW_BUFFER_MQTT_UNSUBSCRIBE_TOPIC;
	for (unsigned i = 0; i < packet->topics; i++)
		add(message, buffer, packet->topic[i]);
}

static void add_packet(struct qw_message *message, const struct mqtt *mqtt, const struct qw_mqtt_packet *packet)
{
	qw_message_number(message, QW_BUFFER_MQTT_TYPE, packet->type, true);
	qw_message_number(message, QW_BUFFER_MQTT_FLAGS, packet->flags, true);
	qw_message_number(message, QW_BUFFER_MQTT_QOS, packet->qos, true);
	if (mqtt->version)
		qw_message_number(message, QW_BUFFER_MQTT_PROTOCOL_VERSION, mqtt->version, true);
	for (unsigned i = 0; i < packet->codes; i++)
		qw_message_number(message, QW_BUFFER_MQTT_REASON_CODE, packet->code[i], true);
	if (packet->type == QW_MQTT_CONNACK)
		qw_message_number(message, QW_BUFFER_MQTT_SESSION_PRESENT, packet->session_present, true);
	if (packet->type == QW_MQTT_CONNECT)
		add_connect(message, packet);
	add_topics(message, packet);
	add(message, QW_BUFFER_MQTT_PUBLISH_MESSAGE, packet->message);
}

/* The flow may be another's that looked like it: at its port, or once a connection was asked for, it is not. */
static bool is_told(const struct call *call)
{
	bool certain = call->mqtt->version || qw_flow_server_port(call->flow) == PORT_MQTT;
	return certain && qw_parser_ot_wants(call->mqtt) & (QW_OT_WANT_EVENTS | QW_OT_WANT_WATCH);
}

static void publish(const struct call *call, const struct qw_mqtt_packet *packet)
{
	struct mqtt *mqtt = call->mqtt;
	struct qw_message message = {.app = QW_APP_MQTT, .direction = call->direction};
	struct qw_mqtt_scene scene;
	enum step step = step_of(packet);
	uint32_t id = id_of(packet, call->direction);
	struct waiting *waiting = id && step >= GOES_ON ? find(mqtt, id) : NULL;

	message.transaction = waiting ? waiting->transaction : ++mqtt->transactions;
	message.last = step == ALONE || step == ENDS || (step == ASKS ? id == 0 : !waiting);
	add_packet(&message, mqtt, packet);
	if (is_told(call) && qw_mqtt_tell(&scene, packet))
		message.detail = &scene.detail;
	if (waiting && waiting->known)
		qw_known_tell(waiting->known, &message);
	if (step == ASKS && id)
		wait_for(mqtt, id, &message);
	else if (waiting && step == GOES_ON)
		remember(mqtt, waiting, &message);
	call->sink->publish(call->sink->ctx, call->flow, &message);
	if (waiting && step == ENDS)
		forget(mqtt, waiting);
}

static enum qw_parse packet(const struct call *call, struct qw_bytes frame)
{
	struct mqtt *mqtt = call->mqtt;
	struct qw_mqtt_packet packet;
	bool good = qw_mqtt_parse(&packet, frame, mqtt->version);
	if (!good && ++mqtt->bad == BAD_MAX)
		return QW_PARSE_STOP;
	if (packet.cut)
		qw_parser_cut(mqtt);
	if (packet.type == QW_MQTT_CONNECT && packet.version)
		mqtt->version = packet.version;
	publish(call, &packet);
	return QW_PARSE_MORE;
}

static enum qw_parse feed(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			  size_t len, const struct qw_message_sink *sink)
{
	static const struct qw_frame_rules rules = {.length = qw_mqtt_length, .max = PACKET_MAX};
	struct mqtt *mqtt = state;
	const struct call call = {mqtt, flow, direction, sink};
	struct qw_bytes in = qw_bytes(data, len), frame;
	enum qw_framed result;
	while ((result = qw_frame_next(mqtt, &mqtt->frames[direction], &rules, &in, &frame)) > QW_FRAME_NONE) {
		if (packet(&call, frame) == QW_PARSE_STOP)
			return QW_PARSE_STOP;
	}
	return result == QW_FRAME_BAD ? QW_PARSE_STOP : QW_PARSE_MORE;
}

static enum qw_parse gap(void *state, struct qw_flow *flow, enum qw_direction direction, uint32_t missing,
			 const struct qw_message_sink *sink)
{
	struct mqtt *mqtt = state;
	return qw_frames_gap(&mqtt->frames[direction], missing) ? QW_PARSE_MORE : QW_PARSE_STOP;
}

static void fini(void *state)
{
	struct mqtt *mqtt = state;
	for (unsigned i = 0; i < WAITING_MAX; i++)
		forget(mqtt, &mqtt->waiting[i]);
	qw_frames_free(mqtt, &mqtt->frames[0]);
	qw_frames_free(mqtt, &mqtt->frames[1]);
}

/* ---- is it MQTT? */

/* CONNECT says its protocol's name: "MQTT", or "MQIsdp" of version 3.1. */
static int probe_connect(const uint8_t *data, size_t len)
{
	struct qw_bytes in = qw_bytes(data, len);
	uint8_t byte;
	if (!qw_bytes_skip(&in, 1))
		return -1;
	for (unsigned i = 0; i < 4; i++) {
		if (!qw_bytes_u8(&in, &byte))
			return -1;
		if (!(byte & 0x80))
			break;
	}
	static const char *const names[] = {"\0\4MQTT", "\0\6MQIsdp"};
	static const size_t lens[] = {6, 8};
	int result = 0;
	for (size_t i = 0; i < 2; i++) {
		size_t part = in.left < lens[i] ? in.left : lens[i];
		if (memcmp(in.at, names[i], part) != 0)
			continue;
		if (part == lens[i])
			return 1;
		result = -1;
	}
	return result;
}

/* Flags are fixed for all but PUBLISH, whose topic must fit. */
static bool is_packet(const uint8_t *data, size_t len)
{
	int64_t length = qw_mqtt_length(data, len);
	unsigned type = data[0] >> 4, flags = data[0] & 15;
	if (length <= 0 || type == 0)
		return false;
	if (type == QW_MQTT_PUBLISH)
		return (flags >> 1 & 3) < 3 && length > 4;
	bool settled = type == QW_MQTT_PUBREL || type == QW_MQTT_SUBSCRIBE || type == QW_MQTT_UNSUBSCRIBE;
	return flags == (settled ? SETTLED : 0) && (type < QW_MQTT_PUBACK || length == 4 || type >= QW_MQTT_SUBSCRIBE);
}

/* A connection that is seen from its middle is taken at its port only. */
static int probe(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	if (data[0] == QW_MQTT_CONNECT << 4)
		return direction == QW_TO_SERVER ? probe_connect(data, len) : 0;
	bool port = qw_flow_server_port(flow) == PORT_MQTT;
	return port && (flow->flags & QW_FLOW_MIDSTREAM || direction == QW_TO_CLIENT) && is_packet(data, len);
}

static enum qw_speaker speaker(const uint8_t *data, size_t len)
{
	bool connects = data[0] == QW_MQTT_CONNECT << 4 && probe_connect(data, len) > 0;
	return connects ? QW_SPEAKER_CLIENT : QW_SPEAKER_UNKNOWN;
}

const struct qw_parser_ops qw_parser_mqtt = {
	.app = QW_APP_MQTT,
	.probe = probe,
	.speaker = speaker,
	.state_bytes = sizeof(struct mqtt),
	.feed = feed,
	.gap = gap,
	.fini = fini,
};
