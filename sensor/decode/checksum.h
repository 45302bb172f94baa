/* SPDX-License-Identifier: Apache-2.0 */
/*
 * checksum - the Internet checksum (RFC 1071).
 *
 * Sums are kept as they lie in memory, in whatever byte order, and unfolded:
 * the folded sum of data with a right checksum in it is 0xffff either way.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "quaywatch/packet.h"

/* Adds the 16-bit words of data to a sum; an odd byte counts as padded with zero, so it may only be the last. */
uint64_t qw_sum_add(uint64_t sum, const uint8_t *data, size_t len);

/* The same for a few words of 32 bits, added to a sum that is still small: headers. */
static inline uint64_t qw_sum_words(uint64_t sum, const uint8_t *data, size_t words)
{
	for (; words; words--, data += 4) {
		uint32_t word;
		memcpy(&word, data, sizeof(word));
		sum += word;
	}
	return sum;
}

static inline uint16_t qw_sum_fold(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* Of the pseudo-header (RFC 9293, 3.1; RFC 8200, 8.1) of a view's addresses and version. */
uint64_t qw_sum_pseudo(const struct qw_packet *view, uint8_t proto, uint32_t len);
