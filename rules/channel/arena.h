/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena - the bodies of a set's entries, packed into chunks of 256 KB.
 *
 *	chunk 0                      chunk 1
 *	| head | rec | rec | dead |  | head | rec | rec | free … |   NULL (freed)
 *	         ^ at = 4-byte units from the arena's start; 0 is never a record
 *
 * A record is one word (length, kind, dead) and the body, padded to 4 bytes.
 * Released records leave holes; a chunk with many is emptied by the set (which
 * knows who points to a record) and given back.  So removals cost a bounded
 * pause each and no second copy of the set.  One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/channel.h"

enum { QW_ENTRY_ARENA_CHUNK = 256 * 1024 };

struct qw_entry_arena_chunk {
	uint8_t *data; /* NULL: given back, the number may be used again */
	uint32_t used; /* bytes, from the start */
	uint32_t dead; /* bytes of released records */
};

struct qw_entry_arena {
	struct qw_entry_arena_chunk *chunks;
	uint32_t count, room;
	uint32_t open;     /* the chunk that records are added to */
	size_t live_bytes; /* of bodies */
};

void qw_entry_arena_init(struct qw_entry_arena *arena);
void qw_entry_arena_fini(struct qw_entry_arena *arena);

/* Copies a body in; *at names it from then on.  QW_ENOMEM; QW_ELIMIT: the arena's 16 GB are used up. */
enum qw_err qw_entry_arena_add(struct qw_entry_arena *arena, enum qw_entry_kind kind, const uint8_t *body, size_t len,
			       uint32_t *at) QW_MUSTCHECK;

/* Borrowed until the record is released or its chunk emptied. */
struct qw_entry qw_entry_arena_get(const struct qw_entry_arena *arena, uint32_t at);

/* The record is dead; its bytes come back with its chunk. */
void qw_entry_arena_release(struct qw_entry_arena *arena, uint32_t at);

/* A chunk, not the open one, that is dead by a quarter or more; false: there is none. */
bool qw_entry_arena_sparse(const struct qw_entry_arena *arena, uint32_t *chunk);

/* The next living record of a chunk behind *at (0: the first); false: that was the last. */
bool qw_entry_arena_next(const struct qw_entry_arena *arena, uint32_t chunk, uint32_t *at);

/* Gives a chunk back; nobody may point into it any more. */
void qw_entry_arena_drop(struct qw_entry_arena *arena, uint32_t chunk);
