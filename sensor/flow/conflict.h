/* SPDX-License-Identifier: Apache-2.0 */
/* conflict - two versions of the same bytes, of a TCP stream or a fragmented packet; valid during the call that tells it. */
#pragma once

#include <stdint.h>

struct qw_conflict {
	const uint8_t *taken, *other; /* where they differ, or some bytes around it */
	uint32_t len;                 /* of both */
	const uint8_t *piece;         /* what lost, whole, as it came or waited */
	uint32_t piece_len;
};
