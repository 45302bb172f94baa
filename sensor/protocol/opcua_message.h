/* SPDX-License-Identifier: Apache-2.0 */
/* opcua_message - one message of OPC UA, and what rules and events see of it. */
#pragma once

#include "quaywatch/message.h"
#include "quaywatch/ot.h"
#include "quaywatch/ot_record.h"
#include "sensor/protocol/opcua_body.h"
#include "sensor/protocol/speaker.h"

enum {
	QW_OPCUA_HEAD_BYTES = 8, /* of every chunk: type, flag, size */
	QW_OPCUA_NODES_TEXT_MAX = 2048,
	QW_OPCUA_SHORT_MAX = 64,
};

enum qw_opcua_fate {
	QW_OPCUA_READ,      /* the body is there, or it needs none */
	QW_OPCUA_ENCRYPTED, /* and so not read */
	QW_OPCUA_ABORTED,   /* its sender gave it up */
	QW_OPCUA_TOO_LARGE, /* more than is kept */
};

struct qw_opcua_message {
	uint8_t type;       /* enum qw_opcua_type */
	uint8_t fate;       /* enum qw_opcua_fate */
	bool response;
	bool cut;           /* only its beginning was kept */
	bool malformed;
	int64_t channel;    /* -1: none yet */
	int64_t error;      /* status of an error, of an abort; -1: none */
	struct qw_slice reason, url, policy;
	bool has_body;
	struct qw_opcua_body body;
	uint32_t asked;     /* type of the request that this answers; 0: not known */
};

/* Memory of what is told. */
struct qw_opcua_scene {
	struct qw_opcua_message message;
	struct qw_ot_detail detail;
	uint8_t nodes;
	struct qw_slice node[QW_OPCUA_NODES_MAX];
	size_t nodes_len;
	char text[QW_OPCUA_NODES_TEXT_MAX];
	char value[QW_OPCUA_SHORT_MAX];
};

/* Of a chunk that begins with these QW_OPCUA_HEAD_BYTES: enum qw_opcua_type, or 0; its bytes, or 0 where none begins so. */
uint8_t qw_opcua_type_of(const uint8_t *head);
uint32_t qw_opcua_size_of(const uint8_t *head);

/* Who says this chunk? */
enum qw_speaker qw_opcua_speaker(const uint8_t *data, size_t len);

/* From the message; values: what is written may be told. */
void qw_opcua_scene_fill(struct qw_opcua_scene *scene, bool values);
void qw_opcua_scene_fields(const struct qw_opcua_scene *scene, struct qw_message *out);

/* What stands behind the head of messages that have no channel.  False: it does not fit. */
bool qw_opcua_transport_parse(struct qw_opcua_message *message, struct qw_bytes in);
