/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pieces - the parts of one datagram that are there, sorted and without overlap.
 *
 * From a pool of equal blocks made once.  One worker.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "sensor/flow/conflict.h"

enum { QW_PIECE_BLOCK = 1536, QW_PIECE_HEADER = 16, QW_PIECE_DATA = QW_PIECE_BLOCK - QW_PIECE_HEADER };

struct qw_piece {
	struct qw_piece *next;
	uint32_t at; /* offset in the datagram */
	uint32_t len;
	uint8_t data[QW_PIECE_DATA];
};

_Static_assert(sizeof(struct qw_piece) == QW_PIECE_BLOCK, "blocks lie side by side");

struct qw_piece_pool {
	struct qw_piece *block, *free_block;
	size_t count, fresh, bytes;
};

struct qw_pieces {
	struct qw_piece *first;
	uint32_t filled; /* bytes in all */
};

enum qw_err qw_piece_pool_init(struct qw_piece_pool *pool, size_t bytes) QW_MUSTCHECK;
void qw_piece_pool_fini(struct qw_piece_pool *pool);

/* Does [at, at + len) contradict bytes that are there?  *conflict: the first of them; they stay, so far. */
bool qw_pieces_differ(const struct qw_pieces *pieces, uint32_t at, const uint8_t *data, uint32_t len,
		      struct qw_conflict *conflict);

/* Pieces that [at, at + len) covers, beginning before them, go. */
void qw_pieces_remove_covered(struct qw_piece_pool *pool, struct qw_pieces *pieces, uint32_t at, uint32_t len);

/* Fills the holes in [at, at + len).  QW_ELIMIT: the pool is empty; what fitted is there. */
enum qw_err qw_pieces_fill(struct qw_piece_pool *pool, struct qw_pieces *pieces, uint32_t at, const uint8_t *data,
			   uint32_t len) QW_MUSTCHECK;

void qw_pieces_clear(struct qw_piece_pool *pool, struct qw_pieces *pieces);
