/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frames - units that say their length at their head, out of pieces of any size.
 *
 *	while ((result = qw_frame_next(state, &frames, &rules, &in, &frame)) > QW_FRAME_NONE)
 *		…
 *	if (result == QW_FRAME_BAD)
 *		return QW_PARSE_STOP;
 *
 * A unit that lies within one piece is not copied.  Of one longer than the
 * bound the beginning is handed out, and the rest is passed over.
 */
#pragma once

#include "sensor/protocol/store.h"

/* All zero: nothing held. */
struct qw_frames {
	struct qw_store held;
	uint64_t pass; /* bytes of a unit that was cut, still to come */
	bool told;     /* what is held was handed out */
};

struct qw_frame_rules {
	/* How long the unit is whose first bytes these are; 0: more are needed to tell; below 0: it is none. */
	int64_t (*length)(const uint8_t *data, size_t len);
	size_t max;     /* of a unit that is handed out */
	bool head_only; /* nobody wants more than that: it is not counted */
};

enum qw_framed {
	QW_FRAME_BAD = -1, /* it is no unit, or the pool has no room */
	QW_FRAME_NONE,     /* the input is used up */
	QW_FRAME_WHOLE,
	QW_FRAME_CUT,      /* the first `max` bytes of it */
};

/* The next unit; valid until the next call. */
enum qw_framed qw_frame_next(void *state, struct qw_frames *frames, const struct qw_frame_rules *rules,
			    struct qw_bytes *in, struct qw_bytes *out) __attribute__((warn_unused_result));

/* Bytes are missing: do they lie within what is passed over anyhow? */
bool qw_frames_gap(struct qw_frames *frames, uint32_t missing) __attribute__((warn_unused_result));

void qw_frames_free(void *state, struct qw_frames *frames);
