/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/cipher.h"

#include <nettle/aes.h>
#include <nettle/gcm.h>
#include <nettle/hkdf.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>

_Static_assert(QW_GCM_IV_BYTES == GCM_IV_SIZE && QW_GCM_TAG_BYTES == GCM_DIGEST_SIZE, "as nettle has them");

/* nettle calls hashes through pointers to void; these have the type it calls. */
static void update(void *ctx, size_t len, const uint8_t *data)
{
	hmac_sha256_update(ctx, len, data);
}

static void digest(void *ctx, size_t len, uint8_t *out)
{
	hmac_sha256_digest(ctx, len, out);
}

void qw_hkdf_extract(struct qw_slice salt, struct qw_slice input, uint8_t out[QW_SHA256_BYTES])
{
	struct hmac_sha256_ctx ctx;
	hmac_sha256_set_key(&ctx, salt.len, salt.data);
	hkdf_extract(&ctx, update, digest, QW_SHA256_BYTES, input.len, input.data, out);
}

void qw_hkdf_expand(const uint8_t secret[QW_SHA256_BYTES], struct qw_slice info, uint8_t *out, size_t len)
{
	struct hmac_sha256_ctx ctx;
	hmac_sha256_set_key(&ctx, QW_SHA256_BYTES, secret);
	hkdf_expand(&ctx, update, digest, QW_SHA256_BYTES, info.len, info.data, len, out);
}

void qw_aes128_block(const uint8_t key[QW_AES128_KEY_BYTES], const uint8_t in[QW_AES_BLOCK_BYTES],
		     uint8_t out[QW_AES_BLOCK_BYTES])
{
	struct aes128_ctx ctx;
	aes128_set_encrypt_key(&ctx, key);
	aes128_encrypt(&ctx, QW_AES_BLOCK_BYTES, out, in);
}

bool qw_aes128_gcm_open(const uint8_t key[QW_AES128_KEY_BYTES], const uint8_t iv[QW_GCM_IV_BYTES],
			struct qw_slice header, struct qw_slice data, const uint8_t tag[QW_GCM_TAG_BYTES],
			uint8_t *out)
{
	struct gcm_aes128_ctx ctx;
	uint8_t computed[QW_GCM_TAG_BYTES];
	gcm_aes128_set_key(&ctx, key);
	gcm_aes128_set_iv(&ctx, QW_GCM_IV_BYTES, iv);
	gcm_aes128_update(&ctx, header.len, header.data);
	gcm_aes128_decrypt(&ctx, data.len, out, data.data);
	gcm_aes128_digest(&ctx, QW_GCM_TAG_BYTES, computed);
	return memeql_sec(computed, tag, QW_GCM_TAG_BYTES);
}
