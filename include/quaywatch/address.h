/* SPDX-License-Identifier: Apache-2.0 */
/*
 * address - IPv4 and IPv6 addresses in one form.
 *
 * Sixteen bytes in network order; IPv4 is ::ffff:a.b.c.d (RFC 4291, 2.5.5.2).
 * A mapped IPv6 address on the wire is thus the IPv4 address it stands for.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "quaywatch/text.h"

struct qw_address {
	uint8_t bytes[16];
};

enum { QW_ADDRESS_TEXT_MAX = 46 }; /* INET6_ADDRSTRLEN */

static const uint8_t QW_ADDRESS_V4_PREFIX[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static inline struct qw_address qw_address_v4(const uint8_t *four)
{
	struct qw_address out;
	memcpy(out.bytes, QW_ADDRESS_V4_PREFIX, 12);
	memcpy(out.bytes + 12, four, 4);
	return out;
}

static inline struct qw_address qw_address_v6(const uint8_t *sixteen)
{
	struct qw_address out;
	memcpy(out.bytes, sixteen, 16);
	return out;
}

static inline bool qw_address_is_v4(const struct qw_address *address)
{
	return memcmp(address->bytes, QW_ADDRESS_V4_PREFIX, 12) == 0;
}

static inline bool qw_address_equal(const struct qw_address *a, const struct qw_address *b)
{
	return memcmp(a->bytes, b->bytes, 16) == 0;
}

/* Dotted quad or RFC 5952 text, no NUL. */
void qw_text_address(struct qw_text *text, const struct qw_address *address);

/* Reads either notation.  False: neither; *out untouched. */
bool qw_address_parse(const char *text, size_t len, struct qw_address *out) __attribute__((warn_unused_result));

/* An address block; `bits` counts in the 128-bit form (IPv4 /24 is 120). */
struct qw_prefix {
	struct qw_address address; /* host bits are zero */
	uint8_t bits;
};

/* Reads "address/bits"; a bare address is a /32 or /128.  False: neither. */
bool qw_prefix_parse(const char *text, size_t len, struct qw_prefix *out) __attribute__((warn_unused_result));

bool qw_prefix_holds(const struct qw_prefix *prefix, const struct qw_address *address);
