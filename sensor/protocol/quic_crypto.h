/* SPDX-License-Identifier: Apache-2.0 */
/* quic_crypto - the handshake that CRYPTO frames carry in pieces of any order. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/bytes.h"

enum { QW_QUIC_CRYPTO_MAX = 16 * 1024, QW_QUIC_RANGES_MAX = 24 };

/* All zero: nothing there. */
struct qw_quic_crypto {
	uint8_t *data; /* QW_QUIC_CRYPTO_MAX bytes of the pool, while there is something */
	struct {
		uint32_t from, to;
	} range[QW_QUIC_RANGES_MAX]; /* that are there; ascending, apart from each other */
	uint32_t ranges;
};

/* Puts a frame's data in its place.  False: beyond the bound, too scattered, or no room. */
bool qw_quic_crypto_put(void *state, struct qw_quic_crypto *crypto, uint64_t offset, struct qw_bytes data);

/* The bytes from the start on that are there. */
struct qw_bytes qw_quic_crypto_start(const struct qw_quic_crypto *crypto);

void qw_quic_crypto_free(void *state, struct qw_quic_crypto *crypto);

/*
 * Walks the frames of an Initial packet and puts its CRYPTO frames in.  False:
 * a frame that has no place there.
 */
bool qw_quic_frames(void *state, struct qw_quic_crypto *crypto, struct qw_bytes frames);

/* RFC 9000, 16. */
bool qw_quic_varint(struct qw_bytes *in, uint64_t *out);
