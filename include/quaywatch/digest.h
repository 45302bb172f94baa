/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digest - MD5, SHA-1 and SHA-256 of bytes in memory.
 *
 * The first two name things (JA3, certificates, Community ID, files); they
 * protect nothing here.  Contexts live on the stack: no allocation, no
 * provider to fetch, any thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { QW_MD5_BYTES = 16, QW_SHA1_BYTES = 20, QW_SHA256_BYTES = 32 };

enum qw_digest_kind {
	QW_DIGEST_MD5 = 1 << 0,
	QW_DIGEST_SHA1 = 1 << 1,
	QW_DIGEST_SHA256 = 1 << 2,
};

void qw_md5(const void *data, size_t len, uint8_t out[QW_MD5_BYTES]);
void qw_sha1(const void *data, size_t len, uint8_t out[QW_SHA1_BYTES]);
void qw_sha256(const void *data, size_t len, uint8_t out[QW_SHA256_BYTES]);

/* Several digests of one content that comes in pieces; only those of `kinds` are computed. */
struct qw_digests {
	uint32_t kinds; /* enum qw_digest_kind, or-ed */
	_Alignas(16) uint8_t memory[3][128];
};

void qw_digests_init(struct qw_digests *digests, uint32_t kinds);
void qw_digests_update(struct qw_digests *digests, const void *data, size_t len);

/* Writes that digest; the kind must be one of `kinds`, and is over with it. */
void qw_digests_finish(struct qw_digests *digests, enum qw_digest_kind kind, uint8_t *out);
