/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/frames.h"

static size_t smaller(uint64_t a, size_t b)
{
	return a < b ? (size_t)a : b;
}

static enum qw_framed hand_out(void *state, struct qw_frames *frames, const struct qw_frame_rules *rules, int64_t length)
{
	if ((uint64_t)length <= rules->max)
		return QW_FRAME_WHOLE;
	frames->pass = (uint64_t)length - rules->max;
	if (!rules->head_only)
		qw_parser_cut(state);
	return QW_FRAME_CUT;
}

/* Goes on with the unit that is held. */
static enum qw_framed complete(void *state, struct qw_frames *frames, const struct qw_frame_rules *rules,
			      struct qw_bytes *in, struct qw_bytes *out)
{
	struct qw_store *held = &frames->held;
	while (in->left) {
		/* Byte by byte only where the head is not there yet. */
		int64_t length = rules->length(held->at, held->len);
		size_t part = length > 0 ? smaller((uint64_t)length, rules->max) - held->len : 1;
		part = smaller(part, in->left);
		if (length < 0 || !qw_store_put(state, held, in->at, part, rules->max) || !qw_bytes_skip(in, part))
			return QW_FRAME_BAD;
		length = rules->length(held->at, held->len);
		if (length < 0)
			return QW_FRAME_BAD;
		if (length == 0 || held->len < smaller((uint64_t)length, rules->max))
			continue;
		frames->told = true;
		*out = qw_bytes(held->at, held->len);
		return hand_out(state, frames, rules, length);
	}
	return QW_FRAME_NONE;
}

enum qw_framed qw_frame_next(void *state, struct qw_frames *frames, const struct qw_frame_rules *rules,
			    struct qw_bytes *in, struct qw_bytes *out)
{
	if (frames->told)
		qw_frames_free(state, frames);
	size_t passed = smaller(frames->pass, in->left);
	frames->pass -= passed;
	if (!qw_bytes_skip(in, passed) || in->left == 0)
		return QW_FRAME_NONE;
	if (frames->held.len)
		return complete(state, frames, rules, in, out);
	int64_t length = rules->length(in->at, in->left);
	if (length < 0)
		return QW_FRAME_BAD;
	if (length > 0 && qw_bytes_take(in, smaller((uint64_t)length, rules->max), out))
		return hand_out(state, frames, rules, length);
	if (!qw_store_put(state, &frames->held, in->at, in->left, rules->max) || !qw_bytes_skip(in, in->left))
		return QW_FRAME_BAD;
	return QW_FRAME_NONE;
}

bool qw_frames_gap(struct qw_frames *frames, uint32_t missing)
{
	if (missing > frames->pass)
		return false;
	frames->pass -= missing;
	return true;
}

void qw_frames_free(void *state, struct qw_frames *frames)
{
	qw_store_free(state, &frames->held);
	frames->told = false;
}
