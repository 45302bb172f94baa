/* SPDX-License-Identifier: Apache-2.0 */
/*
 * segments - TCP data that came too early, in order of its sequence numbers.
 *
 * A pool of equal blocks made once; a direction of a connection holds a list
 * of them.  Pieces that continue one another share a block.
 *
 * Where pieces overlap, the one that begins earlier wins, and of two that
 * begin alike the one that came first: as BSD does, and Suricata by default.
 *
 * One worker; no allocation after qw_segment_pool_new.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "sensor/flow/conflict.h"

enum { QW_SEGMENT_BLOCK = 2048, QW_SEGMENT_HEADER = 16, QW_SEGMENT_DATA = QW_SEGMENT_BLOCK - QW_SEGMENT_HEADER };

struct qw_segment {
	struct qw_segment *next;
	uint32_t seq;
	uint16_t len;
	bool fin; /* the direction ends after these bytes */
	uint8_t data[QW_SEGMENT_DATA];
};

_Static_assert(sizeof(struct qw_segment) == QW_SEGMENT_BLOCK, "blocks lie side by side");

/* What one direction holds; never empty: the last block gives it back. */
struct qw_segments {
	struct qw_segment *first, *last;
	uint32_t count;
	uint8_t direction;
	struct qw_flow *owner;
	struct qw_segments *older, *newer; /* the pool's: by the time since something is held */
};

struct qw_flow;
struct qw_segment_pool;

/* bytes: of blocks; at least one is made. */
enum qw_err qw_segment_pool_new(struct qw_segment_pool **out, size_t bytes) QW_MUSTCHECK;
void qw_segment_pool_free(struct qw_segment_pool *pool);

/* Told where two pieces contradict each other. */
struct qw_segment_differs {
	void *ctx;
	void (*told)(void *ctx, const struct qw_conflict *conflict);
};

/*
 * Holds a piece; *list is NULL where nothing is held.  QW_ELIMIT: `max` blocks
 * are held already, or the pool is empty; what fitted of it is held.
 */
enum qw_err qw_segments_add(struct qw_segment_pool *pool, struct qw_segments **list, uint32_t max, uint32_t seq,
			    const uint8_t *data, uint32_t len, bool fin,
			    const struct qw_segment_differs *differs) QW_MUSTCHECK;

/* Gives the first block back; *list is NULL after the last. */
void qw_segments_drop_first(struct qw_segment_pool *pool, struct qw_segments **list);

/* The list that holds something for the longest; NULL: none does. */
struct qw_segments *qw_segments_oldest(const struct qw_segment_pool *pool);

/* Memory of the blocks in use. */
size_t qw_segment_pool_held(const struct qw_segment_pool *pool);
