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

_Static_assert(sizeof(struct md5_ctx) <= 128 && sizeof(struct sha1_ctx) <= 128 && sizeof(struct sha256_ctx) <= 128,
	       "contexts lie in the memory of struct qw_digests");

enum { SLOT_MD5, SLOT_SHA1, SLOT_SHA256 };

void qw_digests_init(struct qw_digests *digests, uint32_t kinds)
{
	digests->kinds = kinds;
	if (kinds & QW_DIGEST_MD5)
		md5_init((struct md5_ctx *)digests->memory[SLOT_MD5]);
	if (kinds & QW_DIGEST_SHA1)
		sha1_init((struct sha1_ctx *)digests->memory[SLOT_SHA1]);
	if (kinds & QW_DIGEST_SHA256)
		sha256_init((struct sha256_ctx *)digests->memory[SLOT_SHA256]);
}

void qw_digests_update(struct qw_digests *digests, const void *data, size_t len)
{
	if (digests->kinds & QW_DIGEST_MD5)
		md5_update((struct md5_ctx *)digests->memory[SLOT_MD5], len, data);
	if (digests->kinds & QW_DIGEST_SHA1)
		sha1_update((struct sha1_ctx *)digests->memory[SLOT_SHA1], len, data);
	if (digests->kinds & QW_DIGEST_SHA256)
		sha256_update((struct sha256_ctx *)digests->memory[SLOT_SHA256], len, data);
}

void qw_digests_finish(struct qw_digests *digests, enum qw_digest_kind kind, uint8_t *out)
{
	switch (kind) {
	case QW_DIGEST_MD5: md5_digest((struct md5_ctx *)digests->memory[SLOT_MD5], QW_MD5_BYTES, out); break;
	case QW_DIGEST_SHA1: sha1_digest((struct sha1_ctx *)digests->memory[SLOT_SHA1], QW_SHA1_BYTES, out); break;
	case QW_DIGEST_SHA256: sha256_digest((struct sha256_ctx *)digests->memory[SLOT_SHA256], QW_SHA256_BYTES, out); break;
	}
}
