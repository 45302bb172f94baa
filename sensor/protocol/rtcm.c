/* SPDX-License-Identifier: Apache-2.0 */
/* rtcm - RTCM 10403 over TCP and UDP without a session: each frame is a transaction of its own. */
#include "sensor/protocol/rtcm.h"

#include "sensor/protocol/parsers.h"

static void read_frame(const struct qw_ot_call *call, struct qw_bytes frame)
{
	struct qw_rtcm_scene scene;
	struct qw_message message;
	qw_rtcm_read(&scene, frame);
	qw_ot_talk_begin(call, QW_APP_RTCM, &scene.detail, &message);
	if (qw_ot_talk_wants(call, QW_OT_WANT_FIELDS))
		qw_rtcm_add_fields(&scene, &message);
	qw_ot_talk_publish(call, &message);
}

static enum qw_parse feed_stream(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
				 size_t len, const struct qw_message_sink *sink)
{
	const struct qw_ot_call call = {state, flow, direction, sink};
	return qw_ot_talk_stream(&call, &qw_rtcm_framing, read_frame, qw_bytes(data, len));
}

static enum qw_parse feed_datagram(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
				   size_t len, const struct qw_message_sink *sink)
{
	const struct qw_ot_call call = {state, flow, direction, sink};
	return qw_ot_talk_datagram(&call, &qw_rtcm_framing, read_frame, qw_bytes(data, len));
}

/* A whole frame whose checksum is right. */
static int probe(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	enum { LEAST = QW_RTCM_HEAD + 2 + QW_RTCM_CHECK };
	if (data[0] != QW_RTCM_START)
		return 0;
	if (len < QW_RTCM_HEAD)
		return -1;
	int32_t frame = qw_rtcm_framing.length(data);
	if (frame < LEAST)
		return 0;
	return len < (size_t)frame ? -1 : qw_rtcm_is_sound(qw_bytes(data, (size_t)frame));
}

static int probe_datagram(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	return len && probe(flow, direction, data, len) > 0;
}

const struct qw_parser_ops qw_parser_rtcm_tcp = {
    .app = QW_APP_RTCM,
    .industrial = true,
    .starts = {1, {{QW_RTCM_START, QW_RTCM_START}}},
    .probe = probe,
    .state_bytes = sizeof(struct qw_ot_talk),
    .feed = feed_stream,
    .gap = qw_ot_talk_gap,
    .fini = qw_ot_talk_fini,
};

const struct qw_parser_ops qw_parser_rtcm_udp = {
    .app = QW_APP_RTCM,
    .datagram = true,
    .industrial = true,
    .starts = {1, {{QW_RTCM_START, QW_RTCM_START}}},
    .probe = probe_datagram,
    .state_bytes = sizeof(struct qw_ot_talk),
    .feed = feed_datagram,
    .fini = qw_ot_talk_fini,
};
