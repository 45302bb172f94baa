/* SPDX-License-Identifier: Apache-2.0 */
/* mqtt_scene - what `ot` events say of MQTT: sessions, topics, wills; not each acknowledgement. */
#pragma once

#include "quaywatch/ot.h"
#include "sensor/protocol/mqtt_packet.h"

enum { QW_MQTT_TOPICS_TEXT_MAX = 512, QW_MQTT_FLAGS_TEXT_MAX = 64 };

struct qw_mqtt_scene {
	struct qw_ot_detail detail;
	char topics[QW_MQTT_TOPICS_TEXT_MAX], flags[QW_MQTT_FLAGS_TEXT_MAX];
};

/* False: no event tells packets of this kind. */
bool qw_mqtt_tell(struct qw_mqtt_scene *scene, const struct qw_mqtt_packet *packet);
