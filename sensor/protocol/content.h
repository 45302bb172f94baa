/* SPDX-License-Identifier: Apache-2.0 */
/*
 * content - a file that passes by: its first bytes kept, all of it digested.
 *
 * What signatures see is bounded; size and digests, where somebody asks for
 * any, are of the whole.  All zero: nothing yet.
 *
 *	qw_content_put(state, &content, data, len);              each piece
 *	if (qw_content_is_due(&content))
 *		qw_content_tell(&content, &message, name);       … and publish
 *	qw_content_tell_whole(&content, &message, name, &room);  at the end
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
	uint8_t told_bits;          /* that `bytes` had when it was told */
	bool begun : 1, cut : 1, named : 1;
	bool broken : 1; /* a piece is missing: neither size nor digests are known */
	bool plain : 1;  /* set before the first piece: no file, nobody asks for its digests */
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

/* Adds what is kept as a field of its own; that it was told is noted by the next function, or by the caller. */
void qw_content_add(const struct qw_content *content, struct qw_message *message, enum qw_buffer buffer);

/*
 * Adds the file's name (data NULL: it has none), its content and how large it
 * is so far to the message, and takes note that they were told.
 */
void qw_content_tell(struct qw_content *content, struct qw_message *message, struct qw_slice name);

/* The same of a piece that begins behind `before` bytes of the file. */
void qw_content_tell_piece(struct qw_content *content, uint64_t before, struct qw_message *message, struct qw_slice name);

/* The same at the end: with size and digests, whose bytes stand in *memory, unless the file is broken. */
void qw_content_tell_whole(struct qw_content *content, struct qw_message *message, struct qw_slice name,
			   struct qw_content_digests *memory);

/* The file is whole: adds its size and digests to the message, their bytes in *memory. */
void qw_content_add_digests(struct qw_content *content, struct qw_message *message, struct qw_content_digests *memory);

void qw_content_free(void *state, struct qw_content *content);
