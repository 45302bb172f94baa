/* SPDX-License-Identifier: Apache-2.0 */
/*
 * repeat - frames that say what an earlier one of the same conversation said: nobody has to read them again.
 *
 * Machines poll: a request comes ten times a second, and its answer, the same
 * but for a number and the values.  Of a frame that was read and led to nothing
 * (no rule held, nobody wants an event) a digest is kept, with the places that
 * may differ because nobody looks at them.  A later frame of the flow, the same
 * way and as long, whose other bytes are equal, is counted as told once more,
 * and that is all.  What is compared is a digest of 64 bits, keyed with a
 * secret of this process: nobody can make a frame that is taken for another.
 *
 * Who reads frames asks qw_repeat_is of each, and reads those that are none;
 * while it does, it notes what may differ, and says at the end that it was all.
 *
 * One worker.  Bounded, no allocation after qw_repeat_new: what has no room
 * takes the place of what was longest unseen, and is read.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "quaywatch/buffer.h"
#include "quaywatch/bytes.h"
#include "quaywatch/err.h"
#include "quaywatch/flow.h"
#include "sensor/protocol/ot_pairs.h"

struct qw_repeat;

struct qw_repeat_options {
	/*
	 * The messages with these prints came once more, at flow->last.  False:
	 * one of them is to be told, and none was counted.
	 */
	bool (*again)(void *ctx, const struct qw_flow *flow, const uint64_t *prints, unsigned count);
	void *ctx;
};

enum qw_err qw_repeat_new(struct qw_repeat **out, const struct qw_repeat_options *options) QW_MUSTCHECK;
void qw_repeat_free(struct qw_repeat *repeat);

/* What came of frames up to now says nothing of the next: other rules, other wishes.  off: nor of those to come. */
void qw_repeat_forget(struct qw_repeat *repeat, bool off);

/* Do rules look at this buffer?  Then what it is made of may not differ. */
void qw_repeat_looked_at(struct qw_repeat *repeat, enum qw_buffer buffer, bool looked_at);
bool qw_repeat_is_looked_at(const struct qw_repeat *repeat, enum qw_buffer buffer);

/* ---- for who reads frames; repeat may be NULL: then each is read */

enum qw_repeat_way { QW_REPEAT_ALONE, QW_REPEAT_ASKS, QW_REPEAT_ANSWERS };

struct qw_repeat_frame {
	const struct qw_flow *flow;
	enum qw_direction direction;
	struct qw_bytes bytes;
	uint64_t telling;      /* of bytes that tell frames of one length apart and never vary (qw_repeat_word) */
	enum qw_repeat_way way;
	struct qw_ot_pairs *pairs; /* of requests; … */
	void *state;               /* … and of the parser */
	uint64_t key;              /* of the pair */
};

/* `len` bytes from `at` on, 8 at most; what lies behind the frame counts as 0. */
static inline uint64_t qw_repeat_word(struct qw_bytes frame, size_t at, size_t len)
{
	uint64_t word = 0;

	if (at >= frame.left)
		return 0;
	if (frame.left - at < sizeof(word)) {
		memcpy(&word, frame.at + at, len < frame.left - at ? len : frame.left - at);
		return word;
	}
	memcpy(&word, frame.at + at, sizeof(word));
	return len < sizeof(word) ? word & ((UINT64_C(1) << 8 * len) - 1) : word;
}

/* True: it was counted, and its pair is settled.  False: it is to be read, and what comes of it is noted. */
bool qw_repeat_is(struct qw_repeat *repeat, const struct qw_repeat_frame *frame);

/* The frame that is read, or read next, is not kept. */
void qw_repeat_none(struct qw_repeat *repeat);

/* A part of the frame that is being read may differ.  In the order of the bytes. */
void qw_repeat_varies(struct qw_repeat *repeat, const uint8_t *at, size_t len);

/* It was read.  pair: what was asked, or that is answered; NULL: nothing was, or nobody did. */
void qw_repeat_read(struct qw_repeat *repeat, const struct qw_ot_pair *pair);

/* ---- for who receives messages */

/*
 * A message led to nothing, and the same again would not before `until_ns` (0:
 * whenever); print: under which it was told, 0: it is not.  Of what led to
 * something: qw_repeat_none.
 */
void qw_repeat_quiet(struct qw_repeat *repeat, uint64_t print, int64_t until_ns);

struct qw_repeat_counters {
	uint64_t heard; /* frames that were not read again */
	uint64_t kept;
};
struct qw_repeat_counters qw_repeat_counters(const struct qw_repeat *repeat);
