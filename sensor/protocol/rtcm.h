/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rtcm - corrections for satellite positioning, RTCM 10403: frames of their own, or inside an NTRIP session.
 *
 *	0xd3, 6 bits 0, 10 bits length | message | CRC-24Q
 */
#pragma once

#include "quaywatch/ot.h"
#include "sensor/protocol/ot_talk.h"

enum {
	QW_RTCM_START = 0xd3,
	QW_RTCM_HEAD = 3,
	QW_RTCM_CHECK = 3,
	QW_RTCM_FRAME_MAX = QW_RTCM_HEAD + 1023 + QW_RTCM_CHECK,
	QW_RTCM_TEXT_MAX = 96,
};

extern const struct qw_ot_framing qw_rtcm_framing;

struct qw_rtcm_scene {
	int32_t type;    /* of the message; -1: it has none */
	bool damaged;
	struct qw_ot_detail detail;
	char values[QW_RTCM_TEXT_MAX];
};

/* Is its checksum right?  The frame is whole. */
bool qw_rtcm_is_sound(struct qw_bytes frame);

/* A whole frame. */
void qw_rtcm_read(struct qw_rtcm_scene *scene, struct qw_bytes frame);

/* What rules see of it. */
void qw_rtcm_add_fields(const struct qw_rtcm_scene *scene, struct qw_message *out);
