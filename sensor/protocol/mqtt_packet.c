/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/mqtt_packet.h"

enum {
	LENGTH_BYTES_MAX = 4,
	MORE = 0x80,
	VERSION_5 = 5,
	WILL = 0x04,
	PASSWORD = 0x40,
	USER = 0x80,
};

/* False: it ends early, or is longer than four bytes. */
static bool number(struct qw_bytes *in, uint32_t *out)
{
	uint8_t byte;
	*out = 0;
	for (unsigned i = 0; i < LENGTH_BYTES_MAX; i++) {
		if (!qw_bytes_u8(in, &byte))
			return false;
		*out |= (uint32_t)(byte & ~MORE) << 7 * i;
		if (!(byte & MORE))
			return true;
	}
	return false;
}

int64_t qw_mqtt_length(const uint8_t *data, size_t len)
{
	struct qw_bytes in = qw_bytes(data, len);
	uint32_t rest;
	if (!qw_bytes_skip(&in, 1))
		return 0;
	if (number(&in, &rest))
		return (int64_t)(len - in.left) + rest;
	return len > LENGTH_BYTES_MAX ? -1 : 0;
}

static bool string(struct qw_bytes *in, struct qw_slice *out)
{
	struct qw_bytes bytes;
	uint16_t len;
	if (!qw_bytes_be16(in, &len) || !qw_bytes_take(in, len, &bytes))
		return false;
	*out = qw_slice(len ? bytes.at : NULL, len);
	return true;
}

/* Only version 5 has properties. */
static bool pass_properties(struct qw_bytes *in, uint8_t version)
{
	uint32_t len;
	return version != VERSION_5 || (number(in, &len) && qw_bytes_skip(in, len));
}

static bool packet_id(struct qw_bytes *in, struct qw_mqtt_packet *out)
{
	uint16_t id;
	if (!qw_bytes_be16(in, &id))
		return false;
	out->id = id;
	return true;
}

static bool connect(struct qw_bytes *in, struct qw_mqtt_packet *out)
{
	uint8_t flags;
	if (!string(in, &out->protocol) || !qw_bytes_u8(in, &out->version) || !qw_bytes_u8(in, &flags) ||
	    !qw_bytes_skip(in, 2))
		return false;
	out->connect_flags = flags;
	if (!pass_properties(in, out->version) || !string(in, &out->client))
		return false;
	if (flags & WILL && (!pass_properties(in, out->version) || !string(in, &out->will_topic) ||
			     !string(in, &out->will_message)))
		return false;
	return (!(flags & USER) || string(in, &out->user)) && (!(flags & PASSWORD) || string(in, &out->password));
}

static bool add_code(struct qw_bytes *in, struct qw_mqtt_packet *out)
{
	uint8_t code;
	if (!qw_bytes_u8(in, &code))
		return false;
	if (out->codes == QW_MQTT_CODES_MAX)
		out->cut = true;
	else
		out->code[out->codes++] = code;
	return true;
}

static bool connack(struct qw_bytes *in, struct qw_mqtt_packet *out)
{
	uint8_t flags;
	if (!qw_bytes_u8(in, &flags))
		return false;
	out->session_present = flags & 1;
	return add_code(in, out);
}

static bool publish(struct qw_bytes *in, struct qw_mqtt_packet *out, uint8_t version)
{
	if (!string(in, &out->topic[0]))
		return false;
	out->topics = 1;
	if ((out->qos && !packet_id(in, out)) || !pass_properties(in, version))
		return false;
	out->message = qw_slice(in->left ? in->at : NULL, in->left);
	return true;
}

static bool topics(struct qw_bytes *in, struct qw_mqtt_packet *out, uint8_t version, size_t options)
{
	if (!packet_id(in, out) || !pass_properties(in, version))
		return false;
	while (in->left) {
		struct qw_slice topic;
		if (!string(in, &topic) || !qw_bytes_skip(in, options))
			return false;
		if (out->topics == QW_MQTT_TOPICS_MAX)
			out->cut = true;
		else
			out->topic[out->topics++] = topic;
	}
	return true;
}

/* Before version 5, an answer to UNSUBSCRIBE has no codes. */
static bool codes(struct qw_bytes *in, struct qw_mqtt_packet *out, uint8_t version)
{
	if (!packet_id(in, out) || !pass_properties(in, version))
		return false;
	while (add_code(in, out))
		;
	return true;
}

/* Left out where it is 0. */
static bool one_code(struct qw_bytes *in, struct qw_mqtt_packet *out)
{
	return in->left == 0 || add_code(in, out);
}

bool qw_mqtt_parse(struct qw_mqtt_packet *out, struct qw_bytes in, uint8_t version)
{
	uint8_t first;
	uint32_t rest;
	*out = (struct qw_mqtt_packet){0};
	if (!qw_bytes_u8(&in, &first) || !number(&in, &rest))
		return false;
	out->type = first >> 4;
	out->flags = first & 15;
	out->qos = first >> 1 & 3;
	switch ((enum qw_mqtt_type)out->type) {
	case QW_MQTT_CONNECT: return connect(&in, out);
	case QW_MQTT_CONNACK: return connack(&in, out);
	case QW_MQTT_PUBLISH: return publish(&in, out, version);
	case QW_MQTT_PUBACK:
	case QW_MQTT_PUBREC:
	case QW_MQTT_PUBREL:
	case QW_MQTT_PUBCOMP: return packet_id(&in, out) && one_code(&in, out);
	case QW_MQTT_SUBSCRIBE: return topics(&in, out, version, 1);
	case QW_MQTT_UNSUBSCRIBE: return topics(&in, out, version, 0);
	case QW_MQTT_SUBACK:
	case QW_MQTT_UNSUBACK: return codes(&in, out, version);
	case QW_MQTT_DISCONNECT:
	case QW_MQTT_AUTH: return one_code(&in, out);
	case QW_MQTT_PINGREQ:
	case QW_MQTT_PINGRESP: return true;
	}
	return true;
}
