/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/ot_talk.h"

static void lose(struct qw_ot_talk *talk)
{
	qw_ot_frames_lose(talk, &talk->frames[0]);
	qw_ot_frames_lose(talk, &talk->frames[1]);
}

bool qw_ot_talk_is_wanted(struct qw_ot_talk *talk)
{
	bool wanted = qw_parser_ot_wants(talk);
	if (wanted && talk->idle)
		lose(talk);
	talk->idle = !wanted;
	return wanted;
}

enum qw_parse qw_ot_talk_stream(const struct qw_ot_call *call, const struct qw_ot_framing *framing, qw_ot_reader *read,
				struct qw_bytes in)
{
	struct qw_ot_frames *frames = &call->talk->frames[call->direction];
	struct qw_bytes frame;
	if (!qw_ot_talk_is_wanted(call->talk))
		return QW_PARSE_MORE;
	while (qw_ot_frames_next(call->talk, frames, framing, &in, &frame))
		read(call, frame);
	return qw_ot_frames_lost(frames) ? QW_PARSE_STOP : QW_PARSE_MORE;
}

enum qw_parse qw_ot_talk_datagram(const struct qw_ot_call *call, const struct qw_ot_framing *framing, qw_ot_reader *read,
				  struct qw_bytes in)
{
	struct qw_bytes frame;
	if (!qw_ot_talk_is_wanted(call->talk))
		return QW_PARSE_MORE;
	while (in.left >= framing->head) {
		int32_t len = framing->length(in.at);
		if (len <= 0 || !qw_bytes_take(&in, (size_t)len, &frame))
			break;
		read(call, frame);
	}
	return QW_PARSE_MORE;
}

bool qw_ot_talk_wants(const struct qw_ot_call *call, enum qw_ot_want want)
{
	return qw_parser_ot_wants(call->talk) & (uint32_t)want;
}

void qw_ot_talk_begin(const struct qw_ot_call *call, enum qw_app app, const struct qw_ot_detail *detail,
		      struct qw_message *out)
{
	qw_message_begin(out, app, call->direction, ++call->talk->transactions);
	out->last = out->alone = true;
	out->detail = detail;
}

void qw_ot_talk_publish(const struct qw_ot_call *call, const struct qw_message *message)
{
	call->sink->publish(call->sink->ctx, call->flow, message);
}

enum qw_parse qw_ot_talk_gap(void *state, struct qw_flow *flow, enum qw_direction direction, uint32_t missing,
			     const struct qw_message_sink *sink)
{
	struct qw_ot_talk *talk = state;
	qw_ot_frames_gap(talk, &talk->frames[direction], missing);
	return QW_PARSE_MORE;
}

void qw_ot_talk_fini(void *state)
{
	struct qw_ot_talk *talk = state;
	qw_ot_pairs_end(talk, &talk->pairs);
	lose(talk);
}
