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
