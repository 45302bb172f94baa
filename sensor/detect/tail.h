/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tail - the last bytes of a direction that the prefilter saw.
 *
 * A pattern may go on in the next segment.  Tails stand apart from the flow,
 * which most packets touch.  One worker.
 */
#pragma once

#include <string.h>

#include "quaywatch/signatures.h"

struct qw_tail {
	uint8_t len;
	uint8_t byte[QW_PREFILTER_TAIL_MAX];
};

/*
 * The tail, and *len new bytes behind it, in one piece: in `room`, or the new
 * bytes alone where there is no tail or they do not fit in.  *len is then that
 * of the piece, and *old what of it is the tail.
 */
static inline const uint8_t *qw_tail_join(const struct qw_tail *tail, uint8_t *room, size_t room_len, const uint8_t *data,
					  uint32_t *len, size_t *old)
{
	*old = tail->len;
	if (tail->len == 0 || *len + tail->len > room_len) {
		*old = 0;
		return data;
	}
	memcpy(room, tail->byte, tail->len);
	memcpy(room + tail->len, data, *len);
	*len += tail->len;
	return room;
}

/* Of what was joined, the last bytes, at most `max`. */
static inline void qw_tail_keep(struct qw_tail *tail, size_t max, const uint8_t *joined, uint32_t len)
{
	size_t keep = len < max ? len : max;

	memcpy(tail->byte, joined + len - keep, keep);
	tail->len = (uint8_t)keep;
}
