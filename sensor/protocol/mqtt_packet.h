/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mqtt_packet - one control packet of MQTT 3.1, 3.1.1 or 5, taken apart.
 *
 * Slices point into the packet; data NULL: not there, or empty.  No state; any thread.
 */
#pragma once

#include "quaywatch/bytes.h"

enum qw_mqtt_type {
	QW_MQTT_CONNECT = 1,
	QW_MQTT_CONNACK = 2,
	QW_MQTT_PUBLISH = 3,
	QW_MQTT_PUBACK = 4,
	QW_MQTT_PUBREC = 5,
	QW_MQTT_PUBREL = 6,
	QW_MQTT_PUBCOMP = 7,
	QW_MQTT_SUBSCRIBE = 8,
	QW_MQTT_SUBACK = 9,
	QW_MQTT_UNSUBSCRIBE = 10,
	QW_MQTT_UNSUBACK = 11,
	QW_MQTT_PINGREQ = 12,
	QW_MQTT_PINGRESP = 13,
	QW_MQTT_DISCONNECT = 14,
	QW_MQTT_AUTH = 15,
};

enum { QW_MQTT_TOPICS_MAX = 32, QW_MQTT_CODES_MAX = 16 };

struct qw_mqtt_packet {
	uint8_t type;  /* 0: unassigned */
	uint8_t flags; /* of the header */
	uint8_t qos;
	uint8_t version;       /* CONNECT: of the protocol */
	uint8_t connect_flags;
	bool session_present;  /* CONNACK */
	bool cut;              /* more topics or codes than are kept */
	uint32_t id;           /* 0: it has none */
	struct qw_slice protocol, client, will_topic, will_message, user, password; /* CONNECT */
	struct qw_slice message; /* PUBLISH */
	unsigned topics, codes;
	struct qw_slice topic[QW_MQTT_TOPICS_MAX]; /* PUBLISH has one */
	uint8_t code[QW_MQTT_CODES_MAX];           /* why, or what was granted */
};

/*
 * The length of the packet that begins here, its head included; 0: more bytes
 * are needed to tell; below 0: it is none.
 */
int64_t qw_mqtt_length(const uint8_t *data, size_t len);

/* version: what CONNECT said, 0 if it was not seen.  False: damaged; what was read before is in *out. */
bool qw_mqtt_parse(struct qw_mqtt_packet *out, struct qw_bytes in, uint8_t version);
