/* SPDX-License-Identifier: Apache-2.0 */
/*
 * content - a file that passes by: its first bytes kept, all of it digested.
 *
 * What signatures see is bounded; the digests, where indicators ask for any,
 * are of the whole.  All zero: nothing yet.
 */
#pragma once

#include "quaywatch/digest.h"
#include "quaywatch/message.h"
#include "sensor/protocol/store.h"

enum { QW_CONTENT_MAX = 100 * 1024 };

struct qw_content {
	struct qw_store kept;
	struct qw_digests *digests; /* of the pool, while somebody asks */
	uint64_t bytes;             /* all of it, kept or not */
	uint32_t told;              /* of kept */
	bool begun, cut, broken;    /* broken: a piece is missing, the digests say nothing */
};

/* Where the values stand while a message is published. */
struct qw_content_digests {
	uint8_t md5[QW_MD5_BYTES], sha1[QW_SHA1_BYTES], sha256[QW_SHA256_BYTES];
};

void qw_content_put(void *state, struct qw_content *content, const void *data, size_t len);

/* Has enough come since it was told?  It is told anew once it has grown by a quarter. */
bool qw_content_is_due(const struct qw_content *content);

/* Is there something that was not told? */
static inline bool qw_content_is_fresh(const struct qw_content *content)
{
	return content->kept.len > content->told;
}

/* The file is whole: adds its digests to the message, their bytes in *memory. */
void qw_content_add_digests(struct qw_content *content, struct qw_message *message, struct qw_content_digests *memory);

void qw_content_free(void *state, struct qw_content *content);
