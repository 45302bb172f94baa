/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ot_frames - whole frames of one direction out of pieces of any size.
 *
 * For protocols whose frames say their length near the front.  A frame that
 * lies whole in a piece is handed on where it lies; only what is cut is kept.
 * Where no frame can begin, the place of the next one is looked for: at the
 * next start byte if the protocol has one, else where the next piece begins.
 */
#pragma once

#include "sensor/protocol/store.h"

enum { QW_OT_FRAME_NONE = -1 }; /* no frame begins so; other negative numbers are the protocol's own reasons */

struct qw_ot_framing {
	uint16_t head;  /* bytes that length() needs */
	int16_t start;  /* first byte of every frame; -1: any */
	uint32_t max;   /* bytes of the longest frame that is kept */
	uint32_t most;  /* longer frames, up to so many bytes, are cut to `max` and the rest is passed over; 0: none */
	/* Bytes of the whole frame, at least `head`; negative: none begins so. */
	int32_t (*length)(const uint8_t *head);
	/* Bytes that length() needs where it depends on the first `head`: at least those.  NULL: it does not. */
	uint16_t (*needed)(const uint8_t *head);
};

/* All zero: nothing held, in step. */
struct qw_ot_frames {
	struct qw_store held;
	uint32_t pass; /* bytes of a frame that was cut, still to come */
	uint8_t bad;   /* pieces in a row in which no frame was found */
	bool done;     /* what is held was handed out */
	int8_t refused; /* a reason of the protocol's why no frame began */
};

/*
 * Takes the next frame off the input.  False: the input is used up; or
 * `refused` is set, and the caller notes it, sets it back to 0, and goes on.
 */
bool qw_ot_frames_look(void *state, struct qw_ot_frames *frames, const struct qw_ot_framing *framing, struct qw_bytes *in,
		       struct qw_bytes *frame);

static inline bool qw_ot_frames_next(void *state, struct qw_ot_frames *frames, const struct qw_ot_framing *framing,
				     struct qw_bytes *in, struct qw_bytes *frame)
{
	/* Mostly a frame lies whole in the piece, and nothing came before it or is left behind it. */
	if (in->left == 0 && !frames->done)
		return false;
	if (!frames->done && !frames->pass && !frames->held.len && !frames->refused && !framing->needed && in->left >= framing->head) {
		int32_t len = framing->length(in->at);
		if (len > 0 && (size_t)len <= in->left && (uint32_t)len <= framing->max) {
			frames->bad = 0;
			return qw_bytes_take(in, (size_t)len, frame);
		}
	}
	return qw_ot_frames_look(state, frames, framing, in, frame);
}

/* Bytes are missing: the next frame is looked for where the next piece begins. */
void qw_ot_frames_lose(void *state, struct qw_ot_frames *frames);

/* So many are missing: the same, unless they lie within what is passed over anyhow. */
void qw_ot_frames_gap(void *state, struct qw_ot_frames *frames, uint32_t missing);

/* Has nothing of the protocol come for so long that it is another? */
static inline bool qw_ot_frames_lost(const struct qw_ot_frames *frames)
{
	return frames->bad >= 8;
}
