/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/ot_frames.h"

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Drops the first byte and all up to the next that a frame can begin with. */
static void skip(struct qw_ot_frames *frames, const struct qw_ot_framing *framing, struct qw_bytes *in, int32_t why)
{
	const uint8_t *at = framing->start < 0 || in->left < 2 ? NULL : memchr(in->at + 1, framing->start, in->left - 1);

	frames->refused = why == QW_OT_FRAME_NONE ? 0 : (int8_t)why;
	if (at) {
		(void)qw_bytes_skip(in, (size_t)(at - in->at));
		return;
	}
	(void)qw_bytes_skip(in, in->left);
	if (frames->bad < UINT8_MAX)
		frames->bad++;
}

/* The same for what is held: it is a few bytes. */
static void skip_held(void *state, struct qw_ot_frames *frames, const struct qw_ot_framing *framing, struct qw_bytes *in,
		      int32_t why)
{
	struct qw_bytes held = qw_bytes(frames->held.at, frames->held.len);

	skip(frames, framing, &held, why);
	qw_store_drop(&frames->held, frames->held.len - held.left);
	if (framing->start < 0)
		(void)qw_bytes_skip(in, in->left);
	if (frames->held.len == 0)
		qw_store_free(state, &frames->held);
}

/* Puts up to `want` bytes in all to what is held.  False: they are not there yet, or there is no room. */
static bool fill(void *state, struct qw_ot_frames *frames, const struct qw_ot_framing *framing, struct qw_bytes *in, size_t want)
{
	size_t part = frames->held.len < want ? smaller(want - frames->held.len, in->left) : 0;

	if (!qw_store_put(state, &frames->held, in->at, part, framing->max)) {
		qw_store_free(state, &frames->held);
		(void)qw_bytes_skip(in, in->left);
		frames->bad++;
		return false;
	}
	(void)qw_bytes_skip(in, part);
	return frames->held.len >= want;
}

/* Goes on with what is held.  True: it is a frame now. */
static bool complete(void *state, struct qw_ot_frames *frames, const struct qw_ot_framing *framing, struct qw_bytes *in,
		     struct qw_bytes *frame)
{
	if (!fill(state, frames, framing, in, framing->head))
		return false;
	int32_t len = framing->length(frames->held.at);
	if (len < 0) {
		skip_held(state, frames, framing, in, len);
		return false;
	}
	if (!fill(state, frames, framing, in, (size_t)len))
		return false;
	*frame = qw_bytes(frames->held.at, (size_t)len);
	frames->done = true;
	frames->bad = 0;
	return true;
}

bool qw_ot_frames_next(void *state, struct qw_ot_frames *frames, const struct qw_ot_framing *framing, struct qw_bytes *in,
		    struct qw_bytes *frame)
{
	if (frames->done) {
		qw_store_free(state, &frames->held);
		frames->done = false;
	}
	while (in->left && !frames->refused) {
		if (frames->held.len) {
			if (complete(state, frames, framing, in, frame))
				return true;
			continue;
		}
		int32_t len = in->left < framing->head ? 0 : framing->length(in->at);
		if (len < 0) {
			skip(frames, framing, in, len);
		} else if (len == 0 || (size_t)len > in->left) {
			(void)fill(state, frames, framing, in, in->left);
		} else {
			frames->bad = 0;
			return qw_bytes_take(in, (size_t)len, frame);
		}
	}
	return false;
}

void qw_ot_frames_lose(void *state, struct qw_ot_frames *frames)
{
	qw_store_free(state, &frames->held);
	frames->done = false;
}
