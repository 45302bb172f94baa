/* SPDX-License-Identifier: Apache-2.0 */
/* bacnet_scene - one message of BACnet, and what rules and events see of it. */
#pragma once

#include "quaywatch/message.h"
#include "quaywatch/ot.h"
#include "sensor/protocol/bacnet_service.h"
#include "sensor/protocol/ot_pairs.h"

enum { QW_BACNET_SHORT_MAX = 64, QW_BACNET_OBJECTS_TEXT_MAX = 512, QW_BACNET_INSTANCE_BITS = 22 };

/* What stands in memory while a message is published. */
struct qw_bacnet_scene {
	struct qw_bacnet_message message;
	struct qw_bacnet_service service;
	bool read; /* service is there */
	bool too_large;
	struct qw_ot_detail detail;
	char origin[QW_BACNET_SHORT_MAX];
	char value[QW_BACNET_SHORT_MAX], vendor[QW_BACNET_SHORT_MAX], flags[QW_BACNET_SHORT_MAX],
	    objects[QW_BACNET_OBJECTS_TEXT_MAX];
};

static inline bool qw_bacnet_asks(const struct qw_bacnet_message *message)
{
	return message->type == QW_BACNET_CONFIRMED || message->type == QW_BACNET_UNCONFIRMED;
}

/* What request and answer have in common: invoke id, and the address behind a router if there is one. */
uint64_t qw_bacnet_scene_key(const struct qw_bacnet_scene *scene);

/* The first object that is asked for and one more; 0: none. */
uint32_t qw_bacnet_scene_object(const struct qw_bacnet_scene *scene);

/* Is it a request that waits for an answer (not one of its later segments)?  An answer to one? */
bool qw_bacnet_scene_asks(const struct qw_bacnet_scene *scene);
bool qw_bacnet_scene_answers(const struct qw_bacnet_scene *scene);

/* asked: the request that this answers, its object one more than what it is, or NULL; values: what is written may be
 * told. */
void qw_bacnet_scene_fill(struct qw_bacnet_scene *scene, const struct qw_ot_pair *asked, bool values);
void qw_bacnet_scene_fields(const struct qw_bacnet_scene *scene, struct qw_message *out);
