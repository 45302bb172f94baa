/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/channel/set.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS_MIN = 64 };

enum qw_err qw_entry_set_init(struct qw_entry_set *set)
{
	struct qw_entry_set_slot *slots = calloc(SLOTS_MIN, sizeof(*slots));
	if (!slots)
		return QW_ENOMEM;
	*set = (struct qw_entry_set){.slots = slots, .mask = SLOTS_MIN - 1, .hash_key = qw_hash_key_random()};
	qw_entry_arena_init(&set->arena);
	return QW_OK;
}

void qw_entry_set_fini(struct qw_entry_set *set)
{
	free(set->slots);
	set->slots = NULL;
	qw_entry_arena_fini(&set->arena);
}

uint32_t qw_entry_set_tag(const struct qw_entry_set *set, const struct qw_entry_key *key)
{
	return (uint32_t)qw_siphash(set->hash_key, key->bytes, key->len);
}

/* The first empty slot for a tag. */
static size_t empty_slot(const struct qw_entry_set_slot *slots, size_t mask, uint32_t tag)
{
	size_t at = tag & mask;
	while (slots[at].at)
		at = (at + 1) & mask;
	return at;
}

void qw_entry_set_clear(struct qw_entry_set *set)
{
	memset(set->slots, 0, (set->mask + 1) * sizeof(*set->slots));
	set->count = 0;
	qw_entry_arena_fini(&set->arena);
}

enum qw_err qw_entry_set_reserve(struct qw_entry_set *set, size_t more)
{
	size_t size = set->mask + 1;
	if (more > UINT32_MAX / 2 - set->count)
		return QW_ELIMIT;
	while (set->count + more > size / 4 * 3)
		size *= 2;
	if (size == set->mask + 1)
		return QW_OK;
	struct qw_entry_set_slot *slots = calloc(size, sizeof(*slots));
	if (!slots)
		return QW_ENOMEM;
	for (size_t old = 0; old <= set->mask; old++) {
		if (set->slots[old].at)
			slots[empty_slot(slots, size - 1, set->slots[old].tag)] = set->slots[old];
	}
	free(set->slots);
	set->slots = slots;
	set->mask = size - 1;
	return QW_OK;
}

static bool record_has_key(const struct qw_entry_set *set, uint32_t at, const struct qw_entry_key *key)
{
	struct qw_entry entry = qw_entry_arena_get(&set->arena, at);
	struct qw_entry_key own;
	bool removed;
	return qw_entry_key_parse(&own, &removed, entry.body, entry.body_len) == QW_OK && qw_entry_key_equal(&own, key);
}

uint32_t qw_entry_set_find(const struct qw_entry_set *set, uint32_t tag, const struct qw_entry_key *key)
{
	for (size_t at = tag & set->mask; set->slots[at].at; at = (at + 1) & set->mask) {
		if (set->slots[at].tag == tag && record_has_key(set, set->slots[at].at, key))
			return set->slots[at].at;
	}
	return 0;
}

static size_t slot_of(const struct qw_entry_set *set, uint32_t tag, uint32_t record)
{
	size_t at = tag & set->mask;
	while (set->slots[at].at != record) {
		assert(set->slots[at].at);
		at = (at + 1) & set->mask;
	}
	return at;
}

/* Moves back what would not be found any more beyond the hole. */
static void close_hole(struct qw_entry_set *set, size_t hole)
{
	for (size_t at = (hole + 1) & set->mask; set->slots[at].at; at = (at + 1) & set->mask) {
		size_t from_home = (at - set->slots[at].tag) & set->mask;
		if (from_home < ((at - hole) & set->mask))
			continue;
		set->slots[hole] = set->slots[at];
		hole = at;
	}
	set->slots[hole] = (struct qw_entry_set_slot){0};
}

void qw_entry_set_exchange(struct qw_entry_set *set, uint32_t tag, uint32_t from, uint32_t to)
{
	if (from && to) {
		set->slots[slot_of(set, tag, from)].at = to;
	} else if (from) {
		close_hole(set, slot_of(set, tag, from));
		set->count--;
	} else if (to) {
		assert(set->count < set->mask);
		set->slots[empty_slot(set->slots, set->mask, tag)] = (struct qw_entry_set_slot){tag, to};
		set->count++;
	}
}

/* False: no memory for the copies; the chunk keeps what was not moved yet. */
static bool empty_chunk(struct qw_entry_set *set, uint32_t chunk)
{
	for (uint32_t at = 0; qw_entry_arena_next(&set->arena, chunk, &at);) {
		struct qw_entry entry = qw_entry_arena_get(&set->arena, at);
		struct qw_entry_key key;
		bool removed;
		uint32_t copy;
		if (qw_entry_key_parse(&key, &removed, entry.body, entry.body_len) ||
		    qw_entry_arena_add(&set->arena, entry.kind, entry.body, entry.body_len, &copy))
			return false;
		qw_entry_set_exchange(set, qw_entry_set_tag(set, &key), at, copy);
		qw_entry_arena_release(&set->arena, at);
	}
	return true;
}

void qw_entry_set_tidy(struct qw_entry_set *set, size_t chunks)
{
	uint32_t chunk;
	while (chunks-- && qw_entry_arena_sparse(&set->arena, &chunk)) {
		if (!empty_chunk(set, chunk))
			return;
		qw_entry_arena_drop(&set->arena, chunk);
	}
}

enum qw_err qw_entry_set_each(const struct qw_entry_set *set,
			      enum qw_err (*visit)(void *ctx, const struct qw_entry *entry), void *ctx)
{
	const struct qw_entry_arena *arena = &set->arena;
	for (uint32_t chunk = 0; chunk < arena->count; chunk++) {
		if (!arena->chunks[chunk].data)
			continue;
		for (uint32_t at = 0; qw_entry_arena_next(arena, chunk, &at);) {
			struct qw_entry entry = qw_entry_arena_get(arena, at);
			enum qw_err err = visit(ctx, &entry);
			if (err)
				return err;
		}
	}
	return QW_OK;
}

size_t qw_entry_set_bytes(const struct qw_entry_set *set)
{
	size_t bytes = (set->mask + 1) * sizeof(*set->slots) + set->arena.room * sizeof(*set->arena.chunks);
	for (uint32_t chunk = 0; chunk < set->arena.count; chunk++)
		bytes += set->arena.chunks[chunk].data ? QW_ENTRY_ARENA_CHUNK : 0;
	return bytes;
}
