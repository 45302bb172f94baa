/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/digest.h"

#include <nettle/md5.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>

_Static_assert(QW_MD5_BYTES == MD5_DIGEST_SIZE, "as nettle writes it");
_Static_assert(QW_SHA1_BYTES == SHA1_DIGEST_SIZE, "as nettle writes it");
_Static_assert(QW_SHA256_BYTES == SHA256_DIGEST_SIZE, "as nettle writes it");

void qw_md5(const void *data, size_t len, uint8_t out[QW_MD5_BYTES])
{
	struct md5_ctx ctx;
	md5_init(&ctx);
	md5_update(&ctx, len, data);
	md5_digest(&ctx, QW_MD5_BYTES, out);
}

void qw_sha1(const void *data, size_t len, uint8_t out[QW_SHA1_BYTES])
{
	struct sha1_ctx ctx;
	sha1_init(&ctx);
	sha1_update(&ctx, len, data);
	sha1_digest(&ctx, QW_SHA1_BYTES, out);
}

void qw_sha256(const void *data, size_t len, uint8_t out[QW_SHA256_BYTES])
{
	struct sha256_ctx ctx;
	sha256_init(&ctx);
	sha256_update(&ctx, len, data);
	sha256_digest(&ctx, QW_SHA256_BYTES, out);
}
