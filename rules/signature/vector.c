/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/vector.h"

#include <stdlib.h>
#include <string.h>

struct qw_name {
	uint64_t hash;
	uint32_t at, len; /* of the key, in bytes */
	uint32_t value;
	uint32_t used;
};

void qw_vector_init(struct qw_vector *vector, size_t row_size)
{
	*vector = (struct qw_vector){.row_size = row_size};
}

void qw_vector_fini(struct qw_vector *vector)
{
	free(vector->rows);
	vector->rows = NULL;
	vector->count = vector->room = 0;
}

void *qw_vector_add(struct qw_vector *vector, size_t count)
{
	if (count > UINT32_MAX / 2 - vector->count)
		return NULL;
	if (!vector->rows || vector->count + count > vector->room) {
		size_t room = vector->room ? vector->room * 2 : 16;
		while (room < vector->count + count)
			room *= 2;
		void *rows = realloc(vector->rows, room * vector->row_size);
		if (!rows)
			return NULL;
		vector->rows = rows;
		vector->room = room;
	}
	void *out = qw_vector_at(vector, vector->count);
	memset(out, 0, count * vector->row_size);
	vector->count += count;
	return out;
}

uint32_t qw_vector_put(struct qw_vector *vector, const void *rows, size_t count)
{
	void *out = qw_vector_add(vector, count);
	if (!out)
		return UINT32_MAX;
	if (count)
		memcpy(out, rows, count * vector->row_size);
	return (uint32_t)(vector->count - count);
}

/* FNV-1a, 64 bits (Fowler, Noll, Vo): keys are the operator's own rules, not an attacker's. */
static uint64_t hash_of(const void *key, size_t len)
{
	const uint8_t *at = key;
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
	return hash ^ hash >> 29;
}

void qw_names_init(struct qw_names *names)
{
	*names = (struct qw_names){0};
	qw_vector_init(&names->bytes, 1);
}

void qw_names_fini(struct qw_names *names)
{
	free(names->slots);
	names->slots = NULL;
	names->count = names->size = 0;
	qw_vector_fini(&names->bytes);
}

static struct qw_name *slot_of(const struct qw_names *names, uint64_t hash, const void *key, size_t len)
{
	for (size_t i = hash & (names->size - 1);; i = (i + 1) & (names->size - 1)) {
		struct qw_name *slot = &names->slots[i];
		if (!slot->used)
			return slot;
		if (slot->hash == hash && slot->len == len &&
		    (len == 0 || memcmp(qw_vector_at(&names->bytes, slot->at), key, len) == 0))
			return slot;
	}
}

static int grow(struct qw_names *names)
{
	size_t size = names->size ? names->size * 2 : 64;
	struct qw_name *slots = calloc(size, sizeof(*slots));
	if (!slots)
		return 0;
	for (size_t i = 0; i < names->size; i++) {
		if (!names->slots[i].used)
			continue;
		size_t at = names->slots[i].hash & (size - 1);
		while (slots[at].used)
			at = (at + 1) & (size - 1);
		slots[at] = names->slots[i];
	}
	free(names->slots);
	names->slots = slots;
	names->size = size;
	return 1;
}

uint32_t *qw_names_get(struct qw_names *names, const void *key, size_t len, int *fresh)
{
	if (names->count * 2 >= names->size && !grow(names))
		return NULL;
	uint64_t hash = hash_of(key, len);
	struct qw_name *slot = slot_of(names, hash, key, len);
	*fresh = !slot->used;
	if (slot->used)
		return &slot->value;
	uint32_t at = qw_vector_put(&names->bytes, key, len);
	if (at == UINT32_MAX)
		return NULL;
	*slot = (struct qw_name){hash, at, (uint32_t)len, 0, 1};
	names->count++;
	return &slot->value;
}

uint32_t *qw_names_find(const struct qw_names *names, const void *key, size_t len)
{
	if (!names->size)
		return NULL;
	struct qw_name *slot = slot_of(names, hash_of(key, len), key, len);
	return slot->used ? &slot->value : NULL;
}
