/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cipher - the primitives that open what QUIC only pretends to hide.
 *
 * AES-128 and HKDF with SHA-256, as RFC 9001 uses them.  Contexts live on the
 * stack; any thread.  What the project itself keeps secret is libsodium's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/bytes.h"
#include "quaywatch/digest.h"

enum { QW_AES128_KEY_BYTES = 16, QW_AES_BLOCK_BYTES = 16, QW_GCM_IV_BYTES = 12, QW_GCM_TAG_BYTES = 16 };

/* RFC 5869. */
void qw_hkdf_extract(struct qw_slice salt, struct qw_slice input, uint8_t out[QW_SHA256_BYTES]);
void qw_hkdf_expand(const uint8_t secret[QW_SHA256_BYTES], struct qw_slice info, uint8_t *out, size_t len);

/* One block under the key. */
void qw_aes128_block(const uint8_t key[QW_AES128_KEY_BYTES], const uint8_t in[QW_AES_BLOCK_BYTES],
		     uint8_t out[QW_AES_BLOCK_BYTES]);

/*
 * Decrypts data to out (of the same length) and compares the tag.  False: the
 * tag differs, and out is not to be used.
 */
bool qw_aes128_gcm_open(const uint8_t key[QW_AES128_KEY_BYTES], const uint8_t iv[QW_GCM_IV_BYTES],
			struct qw_slice header, struct qw_slice data, const uint8_t tag[QW_GCM_TAG_BYTES],
			uint8_t *out) __attribute__((warn_unused_result));
