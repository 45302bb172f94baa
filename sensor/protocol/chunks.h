/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chunks - the lines between the chunks of an HTTP body, followed for what stands in them beside a length.
 *
 * libhtp takes the chunks apart, and does not say what it passed over.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero: at the first line's begin. */
struct qw_chunks {
	uint64_t left; /* of the chunk, or its length as far as it was read */
	uint8_t state;
	bool digits;   /* the line has some */
	bool extended; /* a line had an extension (RFC 9112, 7.1.1) */
};

/* The next bytes of a chunked body. */
void qw_chunks_feed(struct qw_chunks *chunks, const uint8_t *data, size_t len);
