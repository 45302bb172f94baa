/* SPDX-License-Identifier: Apache-2.0 */
/* json_plain - the bytes of a JSON string that stand for themselves, eight at a time.  Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/bytes.h"

/* Bytes that stand for themselves; ASCII without controls, quote and backslash. */
static inline bool qw_json_is_plain(uint8_t c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/*
 * High bits set for the bytes of a word that are not plain.  A borrow may mark
 * a byte above one that is marked rightly, so only the lowest mark is true.
 */
static inline uint64_t qw_json_not_plain(uint64_t word)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), highs = UINT64_C(0x8080808080808080);
	uint64_t quote = word ^ ones * '"', backslash = word ^ ones * '\\';
	return (word | (word - ones * 0x20) | (quote - ones) | (backslash - ones)) & highs;
}

/* How many bytes from `at` on are plain. */
static inline size_t qw_json_plain_len(const uint8_t *at, size_t left)
{
	size_t len = 0;
	for (; left - len >= 8; len += 8) {
		uint64_t marks = qw_json_not_plain(qw_le64(at + len));
		if (marks)
			return len + (size_t)__builtin_ctzll(marks) / 8;
	}
	while (len < left && qw_json_is_plain(at[len]))
		len++;
	return len;
}
