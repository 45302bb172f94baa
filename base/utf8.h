/* SPDX-License-Identifier: Apache-2.0 */
/* utf8 - how long a well-formed UTF-8 sequence is (Unicode 15, table 3-7).  Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Bytes of the character at `at`, of which `left` may be read; 0: not UTF-8. */
static inline size_t qw_utf8_len(const uint8_t *at, size_t left)
{
	uint8_t first = at[0], low = 0x80, high = 0xbf;
	size_t len;

	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	len = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	/* The second byte's range excludes long forms, surrogates and what lies beyond U+10FFFF. */
	if (first == 0xe0)
		low = 0xa0;
	else if (first == 0xed)
		high = 0x9f;
	else if (first == 0xf0)
		low = 0x90;
	else if (first == 0xf4)
		high = 0x8f;
	if (left < len || at[1] < low || at[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	}
	return len;
}
