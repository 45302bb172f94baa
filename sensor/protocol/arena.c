/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "quaywatch/pages.h"

enum {
	ORDER_MIN = 9,
	ORDER_MAX = 20,
	ORDERS = ORDER_MAX - ORDER_MIN + 1,
	FREE = 0x80, /* in a mark: the block that begins here is free */
};

_Static_assert(1 << ORDER_MIN == QW_ARENA_BLOCK_MIN && 1 << ORDER_MAX == QW_ARENA_BLOCK_MAX, "orders are sizes");

/* What stands in a free block. */
struct hole {
	struct hole *next, *previous;
};

struct qw_arena {
	uint8_t *memory;
	size_t bytes, used;
	size_t cut; /* bytes from the front that are blocks by now */
	struct hole *holes[ORDERS];
	uint8_t *mark; /* per smallest block: order of the block that begins there, with FREE; 0: inside one */
};

static size_t index_of(const struct qw_arena *arena, const void *block)
{
	return (size_t)((const uint8_t *)block - arena->memory) >> ORDER_MIN;
}

static void hole_add(struct qw_arena *arena, void *block, unsigned order)
{
	struct hole *hole = block;
	struct hole **head = &arena->holes[order - ORDER_MIN];
	*hole = (struct hole){*head, NULL};
	if (*head)
		(*head)->previous = hole;
	*head = hole;
	arena->mark[index_of(arena, block)] = (uint8_t)(FREE | order);
}

static void hole_remove(struct qw_arena *arena, struct hole *hole, unsigned order)
{
	if (hole->previous)
		hole->previous->next = hole->next;
	else
		arena->holes[order - ORDER_MIN] = hole->next;
	if (hole->next)
		hole->next->previous = hole->previous;
	arena->mark[index_of(arena, hole)] = 0;
}

/* Cuts off the next block, as large as its place allows: what nobody needed yet was never touched. */
static bool cut_off(struct qw_arena *arena)
{
	size_t at = arena->cut;
	unsigned order = ORDER_MAX;

	if (at == arena->bytes)
		return false;
	while ((at & (((size_t)1 << order) - 1)) || ((size_t)1 << order) > arena->bytes - at)
		order--;
	hole_add(arena, arena->memory + at, order);
	arena->cut = at + ((size_t)1 << order);
	return true;
}

enum qw_err qw_arena_new(struct qw_arena **out, size_t bytes)
{
	bytes &= ~(size_t)(QW_ARENA_BLOCK_MIN - 1);
	if (bytes == 0)
		return QW_EINVAL;
	struct qw_arena *arena = calloc(1, sizeof(*arena));
	if (!arena)
		return QW_ENOMEM;
	arena->bytes = bytes;
	arena->mark = calloc(bytes >> ORDER_MIN, 1);
	if (!arena->mark)
		goto free_arena;
	arena->memory = qw_pages_new(bytes);
	if (!arena->memory)
		goto free_mark;
	*out = arena;
	return QW_OK;

free_mark:
	free(arena->mark);
free_arena:
	free(arena);
	return QW_ENOMEM;
}

void qw_arena_free(struct qw_arena *arena)
{
	if (!arena)
		return;
	qw_pages_free(arena->memory, arena->bytes);
	free(arena->mark);
	free(arena);
}

static unsigned order_for(size_t bytes)
{
	unsigned order = ORDER_MIN;
	while (((size_t)1 << order) < bytes)
		order++;
	return order;
}

/* Order of the smallest hole that is large enough; above ORDER_MAX: there is none. */
static unsigned hole_for(const struct qw_arena *arena, unsigned wanted)
{
	unsigned order = wanted;
	while (order <= ORDER_MAX && !arena->holes[order - ORDER_MIN])
		order++;
	return order;
}

void *qw_arena_take(struct qw_arena *arena, size_t bytes, size_t *size)
{
	if (bytes > QW_ARENA_BLOCK_MAX)
		return NULL;
	unsigned wanted = order_for(bytes), order = hole_for(arena, wanted);
	while (order > ORDER_MAX && cut_off(arena))
		order = hole_for(arena, wanted);
	if (order > ORDER_MAX)
		return NULL;
	struct hole *block = arena->holes[order - ORDER_MIN];
	hole_remove(arena, block, order);
	while (order > wanted) {
		order--;
		hole_add(arena, (uint8_t *)block + ((size_t)1 << order), order);
	}
	arena->mark[index_of(arena, block)] = (uint8_t)wanted;
	*size = (size_t)1 << wanted;
	arena->used += *size;
	return block;
}

/* The other half of the block's parent, if it is there, whole and free. */
static struct hole *free_buddy(const struct qw_arena *arena, size_t at, unsigned order)
{
	size_t buddy = at ^ (size_t)1 << order;
	if (order == ORDER_MAX || buddy >= arena->bytes || arena->mark[buddy >> ORDER_MIN] != (FREE | order))
		return NULL;
	return (struct hole *)(arena->memory + buddy);
}

void qw_arena_give(struct qw_arena *arena, void *block)
{
	if (!block)
		return;
	size_t at = (size_t)((uint8_t *)block - arena->memory);
	unsigned order = arena->mark[at >> ORDER_MIN];
	arena->mark[at >> ORDER_MIN] = 0;
	arena->used -= (size_t)1 << order;
	for (struct hole *buddy; (buddy = free_buddy(arena, at, order)); order++) {
		hole_remove(arena, buddy, order);
		at &= ~((size_t)1 << order);
	}
	hole_add(arena, arena->memory + at, order);
}

size_t qw_arena_used(const struct qw_arena *arena)
{
	return arena->used;
}
