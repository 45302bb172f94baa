/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/flow/segments.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/pages.h"
#include "sensor/flow/sequence.h"

enum { MANY = 32 };

/* As many list heads as blocks, since no list is empty. */
struct qw_segment_pool {
	struct qw_segment *block, *free_block;
	struct qw_segments *list, **free_list;
	struct qw_segments *oldest, *newest;
	size_t count, used, lists_used, fresh;
};

enum qw_err qw_segment_pool_new(struct qw_segment_pool **out, size_t bytes)
{
	struct qw_segment_pool *pool = calloc(1, sizeof(*pool));
	if (!pool)
		return QW_ENOMEM;
	pool->count = bytes / QW_SEGMENT_BLOCK + (bytes < QW_SEGMENT_BLOCK);
	pool->block = qw_pages_new(pool->count * sizeof(*pool->block));
	pool->list = calloc(pool->count, sizeof(*pool->list));
	pool->free_list = calloc(pool->count, sizeof(*pool->free_list));
	if (!pool->block || !pool->list || !pool->free_list) {
		qw_segment_pool_free(pool);
		return QW_ENOMEM;
	}
	for (size_t at = 0; at < pool->count; at++)
		pool->free_list[at] = &pool->list[at];
	*out = pool;
	return QW_OK;
}

void qw_segment_pool_free(struct qw_segment_pool *pool)
{
	if (!pool)
		return;
	free(pool->free_list);
	free(pool->list);
	qw_pages_free(pool->block, pool->count * sizeof(*pool->block));
	free(pool);
}

size_t qw_segment_pool_held(const struct qw_segment_pool *pool)
{
	return pool->used * QW_SEGMENT_BLOCK;
}

/* Blocks that were never used come last, so that their memory stays untouched. */
static struct qw_segment *block_get(struct qw_segment_pool *pool)
{
	struct qw_segment *block = pool->free_block;
	if (block)
		pool->free_block = block->next;
	else if (pool->fresh < pool->count)
		block = &pool->block[pool->fresh++];
	if (block)
		pool->used++;
	return block;
}

static void block_put(struct qw_segment_pool *pool, struct qw_segment *block)
{
	block->next = pool->free_block;
	pool->free_block = block;
	pool->used--;
}

struct qw_segments *qw_segments_oldest(const struct qw_segment_pool *pool)
{
	return pool->oldest;
}

static struct qw_segments *list_get(struct qw_segment_pool *pool)
{
	struct qw_segments *held = pool->free_list[pool->lists_used++];
	*held = (struct qw_segments){.older = pool->newest};
	if (pool->newest)
		pool->newest->newer = held;
	else
		pool->oldest = held;
	pool->newest = held;
	return held;
}

static void list_put(struct qw_segment_pool *pool, struct qw_segments *held)
{
	if (held->older)
		held->older->newer = held->newer;
	else
		pool->oldest = held->newer;
	if (held->newer)
		held->newer->older = held->older;
	else
		pool->newest = held->older;
	pool->free_list[--pool->lists_used] = held;
}

void qw_segments_drop_first(struct qw_segment_pool *pool, struct qw_segments **list)
{
	struct qw_segments *held = *list;
	struct qw_segment *block = held->first;
	held->first = block->next;
	held->count--;
	block_put(pool, block);
	if (held->first)
		return;
	list_put(pool, held);
	*list = NULL;
}

/* The new block stands behind `before`, or first where that is NULL. */
static struct qw_segment *insert(struct qw_segment_pool *pool, struct qw_segments **list, uint32_t max,
				 struct qw_segment *before, uint32_t seq)
{
	if (*list && (*list)->count >= max)
		return NULL;
	struct qw_segment *block = block_get(pool);
	if (!block)
		return NULL;
	if (!*list)
		*list = list_get(pool);
	struct qw_segments *held = *list;
	struct qw_segment **link = before ? &before->next : &held->first;
	block->next = *link;
	block->seq = seq;
	block->len = 0;
	block->fin = false;
	*link = block;
	if (!block->next)
		held->last = block;
	held->count++;
	return block;
}

/*
 * What ends where the block begins goes to its front, if there is room: then
 * tiny pieces from behind share blocks too.  Where a piece began is lost with
 * that, so it is done only where many wait.
 */
static bool put_in_front(const struct qw_segments *held, struct qw_segment *block, uint32_t seq, const uint8_t *data,
			 uint32_t len)
{
	if (!block || held->count < MANY || block->seq != seq + len || len > (uint32_t)(QW_SEGMENT_DATA - block->len))
		return false;
	memmove(block->data + len, block->data, block->len);
	memcpy(block->data, data, len);
	block->seq = seq;
	block->len = (uint16_t)(block->len + len);
	return true;
}

/* Fills bytes that nobody holds, behind `before`. */
static struct qw_segment *fill(struct qw_segment_pool *pool, struct qw_segments **list, uint32_t max,
			       struct qw_segment *before, uint32_t seq, const uint8_t *data, uint32_t len)
{
	while (len > 0) {
		bool continues =
		    before && before->seq + before->len == seq && before->len < QW_SEGMENT_DATA && !before->fin;
		struct qw_segment *block = continues ? before : insert(pool, list, max, before, seq);
		if (!block)
			return NULL;
		uint32_t room = QW_SEGMENT_DATA - block->len;
		uint32_t part = len < room ? len : room;
		memcpy(block->data + block->len, data, part);
		block->len = (uint16_t)(block->len + part);
		seq += part, data += part, len -= part;
		before = block;
	}
	return before;
}

/* Both claim the same bytes.  The piece that begins earlier stays. */
static void settle(struct qw_segment *block, uint32_t piece_seq, uint32_t seq, const uint8_t *data, uint32_t len,
		   const struct qw_segment_differs *differs)
{
	uint8_t *held = block->data + (seq - block->seq);
	if (memcmp(held, data, len) == 0)
		return;
	bool held_stays = !qw_seq_before(piece_seq, block->seq);
	struct qw_conflict conflict = {.taken = held, .other = data, .len = len, .piece = data, .piece_len = len};
	if (!held_stays)
		conflict = (struct qw_conflict){
		    .taken = data, .other = held, .len = len, .piece = block->data, .piece_len = block->len};
	differs->told(differs->ctx, &conflict);
	if (!held_stays)
		memcpy(held, data, len);
}

static bool mark_end(struct qw_segment_pool *pool, struct qw_segments **list, uint32_t max, struct qw_segment *before,
		     uint32_t end)
{
	struct qw_segment *block = before;
	if (!block || block->seq + block->len != end)
		block = insert(pool, list, max, before, end);
	if (block)
		block->fin = true;
	return block != NULL;
}

enum qw_err qw_segments_add(struct qw_segment_pool *pool, struct qw_segments **list, uint32_t max, uint32_t seq,
			    const uint8_t *data, uint32_t len, bool fin, const struct qw_segment_differs *differs)
{
	const uint32_t piece_seq = seq, end = seq + len;
	struct qw_segment *before = NULL, *block = *list ? (*list)->first : NULL;
	/* Most come at the end of what is held. */
	if (block && !qw_seq_before(seq, (*list)->last->seq + (*list)->last->len)) {
		before = (*list)->last;
		block = NULL;
	}
	while (len > 0) {
		while (block && !qw_seq_before(seq, block->seq + block->len)) {
			before = block;
			block = block->next;
		}
		uint32_t hole = block && qw_seq_before(block->seq, end) ? block->seq - seq : len;
		if (block && !qw_seq_before(seq, block->seq))
			hole = 0;
		if (hole == 0) {
			uint32_t both = block->seq + block->len - seq;
			hole = both < len ? both : len;
			settle(block, piece_seq, seq, data, hole, differs);
		} else if (fin || hole < len || !put_in_front(*list, block, seq, data, hole)) {
			before = fill(pool, list, max, before, seq, data, hole);
			if (!before)
				return QW_ELIMIT;
			block = before->next;
		}
		seq += hole, data += hole, len -= hole;
	}
	if (!fin)
		return QW_OK;
	while (block && !qw_seq_before(end, block->seq + block->len)) {
		before = block;
		block = block->next;
	}
	return mark_end(pool, list, max, before, end) ? QW_OK : QW_ELIMIT;
}
