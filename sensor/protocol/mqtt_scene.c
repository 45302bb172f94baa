/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/mqtt_scene.h"

#include "quaywatch/ot_names.h"
#include "sensor/protocol/ot_text.h"

enum { CLEAN = 0x02, WILL = 0x04, PASSWORD = 0x40, RETAIN = 0x01, DUPLICATE = 0x08, REFUSED_FROM = 0x80 };

static const char *const kinds[] = {
    [QW_MQTT_CONNECT] = "connect",	   [QW_MQTT_CONNACK] = "connect_answer",
    [QW_MQTT_PUBLISH] = "publish",	   [QW_MQTT_SUBSCRIBE] = "subscribe",
    [QW_MQTT_SUBACK] = "subscribe_answer", [QW_MQTT_UNSUBSCRIBE] = "unsubscribe",
    [QW_MQTT_DISCONNECT] = "disconnect",
};

/* A connection's answer fails by any number; those of subscriptions say what was granted, up to a bound. */
static void fail(struct qw_ot_detail *detail, const struct qw_mqtt_packet *packet)
{
	uint8_t least = packet->type == QW_MQTT_CONNACK ? 1 : REFUSED_FROM;
	for (unsigned i = 0; i < packet->codes && detail->response && !detail->failed; i++)
		if (packet->code[i] >= least)
			qw_ot_fail(detail, packet->code[i], qw_ot_names(QW_OT_MQTT_REASONS));
}

static void put_topics(struct qw_text *text, const struct qw_mqtt_packet *packet)
{
	for (unsigned i = 0; i < packet->topics && !text->cut; i++) {
		qw_ot_put_comma(text);
		qw_ot_put_slice(text, packet->topic[i]);
	}
	qw_ot_put_slice(text, packet->will_topic);
}

static void put_flags(struct qw_text *text, const struct qw_mqtt_packet *packet)
{
	const struct {
		bool set;
		const char *word;
	} rows[] = {
	    {packet->type == QW_MQTT_CONNECT && packet->connect_flags & CLEAN, "clean"},
	    {packet->type == QW_MQTT_CONNECT && packet->connect_flags & WILL, "will"},
	    {packet->type == QW_MQTT_CONNECT && packet->connect_flags & PASSWORD, "password"},
	    {packet->session_present, "session_present"},
	    {packet->type == QW_MQTT_PUBLISH && packet->flags & DUPLICATE, "duplicate"},
	    {packet->type == QW_MQTT_PUBLISH && packet->flags & RETAIN, "retain"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].set)
			qw_ot_put_word(text, rows[i].word);
}

static void fill(struct qw_mqtt_scene *scene, const struct qw_mqtt_packet *packet)
{
	struct qw_ot_detail *detail = &scene->detail;
	struct qw_text topics, flags;
	if (packet->id)
		qw_ot_number(detail, QW_KEY_OT_SEQUENCE, packet->id);
	if (packet->type == QW_MQTT_PUBLISH)
		qw_ot_number(detail, QW_KEY_OT_QUANTITY, packet->message.len);
	if (packet->type == QW_MQTT_CONNECT)
		qw_ot_number(detail, QW_KEY_OT_VALUE, packet->version);
	if (packet->type == QW_MQTT_PUBLISH)
		qw_ot_number(detail, QW_KEY_OT_QUALIFIER, packet->qos);
	qw_text_init(&topics, scene->topics, sizeof(scene->topics));
	put_topics(&topics, packet);
	qw_ot_text(detail, QW_KEY_OT_OBJECTS, qw_ot_text_slice(&topics));
	qw_text_init(&flags, scene->flags, sizeof(scene->flags));
	put_flags(&flags, packet);
	qw_ot_text(detail, QW_KEY_OT_INDICATIONS, qw_ot_text_slice(&flags));
	qw_ot_text(detail, QW_KEY_OT_USER, packet->user);
	qw_ot_text(detail, QW_KEY_OT_DEVICE_NAME, packet->client);
}

bool qw_mqtt_tell(struct qw_mqtt_scene *scene, const struct qw_mqtt_packet *packet)
{
	const char *kind = packet->type < sizeof(kinds) / sizeof(*kinds) ? kinds[packet->type] : NULL;
	if (!kind)
		return false;
	qw_ot_begin(&scene->detail, "mqtt", QW_OT_NO_NUMBER, NULL,
		    packet->type == QW_MQTT_CONNACK || packet->type == QW_MQTT_SUBACK);
	scene->detail.kind = kind;
	fail(&scene->detail, packet);
	fill(scene, packet);
	return true;
}
