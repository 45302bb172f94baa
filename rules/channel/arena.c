/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/channel/arena.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	UNIT = 4,
	CHUNK_UNITS = QW_ENTRY_ARENA_CHUNK / UNIT,
	CHUNKS_MAX = 1 << 16, /* x 65 536 units: what 32 bits of `at` name */
	HEAD = UNIT,          /* keeps `at` 0 free */
	KIND_SHIFT = 24,
};
#define LEN_MASK UINT32_C(0x00FFFFFF)
#define DEAD     UINT32_C(0x80000000)

static_assert(QW_ENTRY_MAX + UNIT + HEAD <= QW_ENTRY_ARENA_CHUNK, "a record fits into a chunk");
static_assert(QW_ENTRY_MAX <= LEN_MASK, "a length fits into its bits");

void qw_entry_arena_init(struct qw_entry_arena *arena)
{
	*arena = (struct qw_entry_arena){0};
}

void qw_entry_arena_fini(struct qw_entry_arena *arena)
{
	for (uint32_t chunk = 0; chunk < arena->count; chunk++)
		free(arena->chunks[chunk].data);
	free(arena->chunks);
	qw_entry_arena_init(arena);
}

static uint32_t word_at(const struct qw_entry_arena *arena, uint32_t at)
{
	uint32_t word;
	memcpy(&word, arena->chunks[at / CHUNK_UNITS].data + (size_t)(at % CHUNK_UNITS) * UNIT, sizeof(word));
	return word;
}

static uint32_t record_bytes(uint32_t word)
{
	return UNIT + ((word & LEN_MASK) + UNIT - 1) / UNIT * UNIT;
}

/* A number for a new chunk: one that was given back, or the next. */
static enum qw_err free_number(struct qw_entry_arena *arena, uint32_t *out)
{
	uint32_t number = 0;
	while (number < arena->count && arena->chunks[number].data)
		number++;
	if (number == CHUNKS_MAX)
		return QW_ELIMIT;
	if (number == arena->room) {
		uint32_t room = arena->room ? arena->room * 2 : 16;
		struct qw_entry_arena_chunk *chunks = realloc(arena->chunks, room * sizeof(*chunks));
		if (!chunks)
			return QW_ENOMEM;
		arena->chunks = chunks;
		arena->room = room;
	}
	*out = number;
	return QW_OK;
}

static enum qw_err open_chunk(struct qw_entry_arena *arena)
{
	uint32_t number;
	enum qw_err err = free_number(arena, &number);
	if (err)
		return err;
	uint8_t *data = malloc(QW_ENTRY_ARENA_CHUNK);
	if (!data)
		return QW_ENOMEM;
	arena->chunks[number] = (struct qw_entry_arena_chunk){.data = data, .used = HEAD};
	if (number == arena->count)
		arena->count++;
	arena->open = number;
	return QW_OK;
}

enum qw_err qw_entry_arena_add(struct qw_entry_arena *arena, enum qw_entry_kind kind, const uint8_t *body, size_t len,
			       uint32_t *at)
{
	assert(len <= QW_ENTRY_MAX);
	uint32_t word = (uint32_t)len | (uint32_t)kind << KIND_SHIFT;
	uint32_t need = record_bytes(word);
	if (!arena->count || arena->chunks[arena->open].used + need > QW_ENTRY_ARENA_CHUNK) {
		enum qw_err err = open_chunk(arena);
		if (err)
			return err;
	}
	struct qw_entry_arena_chunk *chunk = &arena->chunks[arena->open];
	memcpy(chunk->data + chunk->used, &word, sizeof(word));
	if (len)
		memcpy(chunk->data + chunk->used + UNIT, body, len);
	*at = arena->open * CHUNK_UNITS + chunk->used / UNIT;
	chunk->used += need;
	arena->live_bytes += len;
	return QW_OK;
}

struct qw_entry qw_entry_arena_get(const struct qw_entry_arena *arena, uint32_t at)
{
	uint32_t word = word_at(arena, at);
	return (struct qw_entry){
	    .kind = (enum qw_entry_kind)((word & ~DEAD) >> KIND_SHIFT),
	    .body = arena->chunks[at / CHUNK_UNITS].data + (size_t)(at % CHUNK_UNITS) * UNIT + UNIT,
	    .body_len = word & LEN_MASK,
	};
}

void qw_entry_arena_release(struct qw_entry_arena *arena, uint32_t at)
{
	struct qw_entry_arena_chunk *chunk = &arena->chunks[at / CHUNK_UNITS];
	uint32_t word = word_at(arena, at);
	assert(!(word & DEAD));
	arena->live_bytes -= word & LEN_MASK;
	chunk->dead += record_bytes(word);
	word |= DEAD;
	memcpy(chunk->data + (size_t)(at % CHUNK_UNITS) * UNIT, &word, sizeof(word));
}

bool qw_entry_arena_sparse(const struct qw_entry_arena *arena, uint32_t *out)
{
	for (uint32_t number = 0; number < arena->count; number++) {
		const struct qw_entry_arena_chunk *chunk = &arena->chunks[number];
		if (chunk->data && number != arena->open && chunk->dead >= QW_ENTRY_ARENA_CHUNK / 4) {
			*out = number;
			return true;
		}
	}
	return false;
}

bool qw_entry_arena_next(const struct qw_entry_arena *arena, uint32_t number, uint32_t *at)
{
	const struct qw_entry_arena_chunk *chunk = &arena->chunks[number];
	uint32_t offset = *at ? *at % CHUNK_UNITS * UNIT + record_bytes(word_at(arena, *at)) : HEAD;
	while (offset < chunk->used) {
		uint32_t candidate = number * CHUNK_UNITS + offset / UNIT;
		uint32_t word = word_at(arena, candidate);
		if (!(word & DEAD)) {
			*at = candidate;
			return true;
		}
		offset += record_bytes(word);
	}
	return false;
}

void qw_entry_arena_drop(struct qw_entry_arena *arena, uint32_t number)
{
	free(arena->chunks[number].data);
	arena->chunks[number] = (struct qw_entry_arena_chunk){0};
}
