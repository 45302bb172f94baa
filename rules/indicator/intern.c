/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/indicator/intern.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS_MIN = 64, ROOM_MIN = 16 };

void qw_intern_init(struct qw_intern *intern, size_t row_size, uint32_t max)
{
	*intern = (struct qw_intern){.row_size = row_size, .max = max};
}

void qw_intern_fini(struct qw_intern *intern)
{
	free(intern->rows);
	free(intern->slots);
	*intern = (struct qw_intern){0};
}

static uint32_t hash_row(const uint8_t *row, size_t size)
{
	uint64_t hash = size;
	for (size_t i = 0; i < size; i += 8) {
		uint64_t word = 0;
		memcpy(&word, row + i, size - i < 8 ? size - i : 8);
		hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
		hash ^= hash >> 29;
	}
	return (uint32_t)(hash ^ hash >> 32);
}

static const uint8_t *row_at(const struct qw_intern *intern, uint32_t index)
{
	return intern->rows + (size_t)index * intern->row_size;
}

/* The slot of an equal row, or the free one where it belongs. */
static uint32_t slot_of(const struct qw_intern *intern, const uint8_t *row)
{
	uint32_t mask = intern->slot_count - 1, at = hash_row(row, intern->row_size) & mask;
	while (intern->slots[at] && memcmp(row_at(intern, intern->slots[at] - 1), row, intern->row_size) != 0)
		at = (at + 1) & mask;
	return at;
}

static enum qw_err grow_slots(struct qw_intern *intern)
{
	uint32_t count = intern->slot_count ? intern->slot_count * 2 : SLOTS_MIN;
	uint32_t *slots = calloc(count, sizeof(*slots));
	if (!slots)
		return QW_ENOMEM;
	free(intern->slots);
	intern->slots = slots;
	intern->slot_count = count;
	for (uint32_t i = 0; i < intern->count; i++)
		slots[slot_of(intern, row_at(intern, i))] = i + 1;
	return QW_OK;
}

static enum qw_err grow_rows(struct qw_intern *intern)
{
	uint32_t room = intern->room ? intern->room * 2 : ROOM_MIN;
	uint8_t *rows = realloc(intern->rows, room * intern->row_size);
	if (!rows)
		return QW_ENOMEM;
	intern->rows = rows;
	intern->room = room;
	return QW_OK;
}

static enum qw_err add_row(struct qw_intern *intern, const uint8_t *row, uint32_t slot)
{
	if (intern->count == intern->max)
		return QW_ELIMIT;
	if (intern->count == intern->room && grow_rows(intern) != QW_OK)
		return QW_ENOMEM;
	memcpy(intern->rows + (size_t)intern->count * intern->row_size, row, intern->row_size);
	intern->last = intern->count++;
	intern->slots[slot] = intern->count;
	return QW_OK;
}

enum qw_err qw_intern_row(struct qw_intern *intern, const void *row, uint32_t *index)
{
	if (intern->last < intern->count && memcmp(row_at(intern, intern->last), row, intern->row_size) == 0) {
		*index = intern->last;
		return QW_OK;
	}
	if ((uint64_t)intern->count * 3 >= (uint64_t)intern->slot_count * 2 && grow_slots(intern) != QW_OK)
		return QW_ENOMEM;
	uint32_t slot = slot_of(intern, row);
	if (intern->slots[slot]) {
		intern->last = intern->slots[slot] - 1;
	} else {
		enum qw_err err = add_row(intern, row, slot);
		if (err != QW_OK)
			return err;
	}
	*index = intern->last;
	return QW_OK;
}
