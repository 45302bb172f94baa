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

void qw_md5(const void *data, size_t len, uint8_t out[QW_MD5_BYTES]);
void qw_sha1(const void *data, size_t len, uint8_t out[QW_SHA1_BYTES]);
void qw_sha256(const void *data, size_t len, uint8_t out[QW_SHA256_BYTES]);
