/* SPDX-License-Identifier: Apache-2.0 */
/* sequence - TCP sequence numbers, which wrap: order is the sign of a difference (RFC 9293, 3.4). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

static inline bool qw_seq_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static inline bool qw_seq_at_most(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) <= 0;
}
