/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena - a fixed piece of memory, handed out in blocks of powers of two.
 *
 * A buddy allocator: a block that comes back is joined with its free
 * neighbour, so that many small parsers and few large buffers live in the
 * same bound.  Memory is reserved at once and touched only when used.
 *
 * One worker.  No system allocator after qw_arena_new.
 */
#pragma once

#include <stddef.h>

#include "quaywatch/err.h"

struct qw_arena;

enum { QW_ARENA_BLOCK_MIN = 512, QW_ARENA_BLOCK_MAX = 1 << 20 };

/* bytes is rounded down to whole smallest blocks.  QW_EINVAL: not even one.  QW_ENOMEM. */
enum qw_err qw_arena_new(struct qw_arena **out, size_t bytes) QW_MUSTCHECK;
void qw_arena_free(struct qw_arena *arena);

/* At least `bytes` of memory, not zeroed, aligned to 16; *size is what the block holds.  NULL: no room. */
void *qw_arena_take(struct qw_arena *arena, size_t bytes, size_t *size);
void qw_arena_give(struct qw_arena *arena, void *block);

/* Bytes handed out. */
size_t qw_arena_used(const struct qw_arena *arena);
