/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unpack - bodies as Content-Encoding says they are packed: gzip, deflate (zlib's or raw), br; several in a row.
 *
 * Fed in pieces of any size.  All memory is the pool's.  What is not packed as
 * announced is handed on as it is, as most clients do; what grows beyond all
 * measure is given up.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "quaywatch/bytes.h"

struct qw_unpack;

/* Who takes what was unpacked; it is valid during the call. */
struct qw_unpack_sink {
	void *ctx;
	void (*put)(void *ctx, const uint8_t *data, size_t len);
};

/* encodings: the header's value.  NULL: nothing is to be unpacked, or there is no room (counted). */
struct qw_unpack *qw_unpack_new(void *state, struct qw_slice encodings);
void qw_unpack_free(void *state, struct qw_unpack *unpack);

/* False: given up, here or before (counted once): the rest will not be seen. */
bool qw_unpack_feed(void *state, struct qw_unpack *unpack, const uint8_t *data, size_t len,
		    const struct qw_unpack_sink *sink);
