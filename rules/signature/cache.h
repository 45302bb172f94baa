/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cache - compiled databases kept as files, by what they were made from.
 *
 * The key is a digest of the literals, the library's version and the
 * processor's features; a file that is short, changed or of another version
 * is as good as none.  Files are replaced whole.  What is in the folder is
 * trusted as the program itself: only its owner may write there.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"

enum { QW_CACHE_KEY_BYTES = 32 };

struct qw_cache_key {
	uint8_t bytes[QW_CACHE_KEY_BYTES];
};

/* Bytes that were kept under key; the caller frees *data.  QW_ENOENT: none that is whole. */
enum qw_err qw_cache_get(const char *folder, const struct qw_cache_key *key, char **data, size_t *len) QW_MUSTCHECK;

enum qw_err qw_cache_put(const char *folder, const struct qw_cache_key *key, const void *data, size_t len) QW_MUSTCHECK;
