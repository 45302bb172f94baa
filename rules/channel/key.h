/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key - what names an entry: its kind and, within the kind, type and value or gid and sid.
 *
 * Any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/bytes.h"
#include "quaywatch/channel.h"

enum { QW_ENTRY_TYPE_MAX = QW_ENTRY_KEY_MAX - 1 - QW_OBSERVABLE_TEXT_MAX /* bytes of a type's name */ };

/* The kind's byte stands first in `bytes`, so that one hash covers both. */
struct qw_entry_key {
	size_t len; /* of bytes in use, the kind included */
	uint8_t bytes[1 + QW_ENTRY_KEY_MAX];
};

static inline enum qw_entry_kind qw_entry_key_kind(const struct qw_entry_key *key)
{
	return (enum qw_entry_kind)key->bytes[0];
}

/* False: text is longer than any key. */
bool qw_entry_key_make(struct qw_entry_key *out, enum qw_entry_kind kind, const void *text, size_t len);

/*
 * The key of a packed Entry, and whether it removes.  QW_EFORMAT: the entry is
 * no indicator and no signature, is larger than QW_ENTRY_MAX, lacks its key,
 * or is not in canonical form.
 */
enum qw_err qw_entry_key_parse(struct qw_entry_key *out, bool *removed, const uint8_t *body, size_t len) QW_MUSTCHECK;

bool qw_entry_key_equal(const struct qw_entry_key *a, const struct qw_entry_key *b);

/* The shortest Entry that removes what the key names; the caller frees *out. */
enum qw_err qw_entry_key_pack_removal(const struct qw_entry_key *key, uint8_t **out, size_t *len) QW_MUSTCHECK;
