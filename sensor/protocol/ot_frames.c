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

static size_t needed(const struct qw_ot_framing *framing, const uint8_t *at, size_t len)
{
	return len < framing->head || !framing->needed ? framing->head : framing->needed(at);
}

/* What is kept of a frame of that length. */
static size_t part_of(const struct qw_ot_framing *framing, size_t len)
{
	return len > framing->max && len <= framing->most ? framing->max : len;
}

/* The same; the rest will be passed over. */
static size_t kept(void *state, struct qw_ot_frames *frames, const struct qw_ot_framing *framing, size_t len)
{
	size_t part = part_of(framing, len);
	frames->pass = (uint32_t)(len - part);
	if (part < len)
		qw_parser_cut(state);
	return part;
}

static void pass(struct qw_ot_frames *frames, struct qw_bytes *in)
{
	size_t part = smaller(frames->pass, in->left);
	frames->pass -= (uint32_t)part;
	(void)qw_bytes_skip(in, part);
}

/* Goes on with what is held.  True: it is a frame now. */
static bool complete(void *state, struct qw_ot_frames *frames, const struct qw_ot_framing *framing, struct qw_bytes *in,
		     struct qw_bytes *frame)
{
	if (!fill(state, frames, framing, in, framing->head) ||
	    !fill(state, frames, framing, in, needed(framing, frames->held.at, frames->held.len)))
		return false;
	int32_t len = framing->length(frames->held.at);
	if (len < 0) {
		skip_held(state, frames, framing, in, len);
		return false;
	}
	if (!fill(state, frames, framing, in, part_of(framing, (size_t)len)))
		return false;
	*frame = qw_bytes(frames->held.at, kept(state, frames, framing, (size_t)len));
	frames->done = true;
	frames->bad = 0;
	return true;
}

bool qw_ot_frames_look(void *state, struct qw_ot_frames *frames, const struct qw_ot_framing *framing, struct qw_bytes *in,
		       struct qw_bytes *frame)
{
	if (frames->done) {
		qw_store_free(state, &frames->held);
		frames->done = false;
	}
	pass(frames, in);
	while (in->left && !frames->refused) {
		if (frames->held.len) {
			if (complete(state, frames, framing, in, frame))
				return true;
			continue;
		}
		int32_t len = in->left < needed(framing, in->at, in->left) ? 0 : framing->length(in->at);
		if (len < 0) {
			skip(frames, framing, in, len);
		} else if (len == 0 || part_of(framing, (size_t)len) > in->left) {
			(void)fill(state, frames, framing, in, in->left);
		} else {
			frames->bad = 0;
			return qw_bytes_take(in, kept(state, frames, framing, (size_t)len), frame);
		}
	}
	return false;
}

void qw_ot_frames_lose(void *state, struct qw_ot_frames *frames)
{
	qw_store_free(state, &frames->held);
	frames->done = false;
	frames->pass = 0;
}

void qw_ot_frames_gap(void *state, struct qw_ot_frames *frames, uint32_t missing)
{
	if (missing > frames->pass) {
		qw_ot_frames_lose(state, frames);
		return;
	}
	frames->pass -= missing;
}
