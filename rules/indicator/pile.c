/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/indicator/pile.h"

#include <stdlib.h>
#include <sys/mman.h>

/* From MAPPED on a chunk is a mapping of its own, so that freeing it really gives the pages back. */
enum { CHUNK_MIN = 512, CHUNK_MAPPED = 64 * 1024 };

void qw_pile_init(struct qw_pile *pile)
{
	memset(pile, 0, sizeof(*pile));
}

static void chunk_free(struct qw_chunk *chunk)
{
	size_t size = sizeof(*chunk) + chunk->size;
	if (size >= CHUNK_MAPPED)
		munmap(chunk, size);
	else
		free(chunk);
}

static struct qw_chunk *chunk_new(size_t size)
{
	struct qw_chunk *chunk;
	if (size >= CHUNK_MAPPED) {
		chunk = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (chunk == MAP_FAILED)
			return NULL;
	} else {
		chunk = malloc(size);
		if (!chunk)
			return NULL;
	}
	*chunk = (struct qw_chunk){.size = (uint32_t)(size - sizeof(*chunk))};
	return chunk;
}

void qw_pile_drop(struct qw_pile *pile, unsigned part)
{
	for (struct qw_chunk *chunk = pile->part[part].first, *next; chunk; chunk = next) {
		next = chunk->next;
		chunk_free(chunk);
	}
	memset(&pile->part[part], 0, sizeof(pile->part[part]));
}

struct qw_pile_size qw_pile_size(const struct qw_pile *pile, struct qw_span span)
{
	struct qw_pile_size size = {0};

	for (unsigned part = span.first; part < span.end; part++) {
		size.records += pile->part[part].records;
		size.bytes += pile->part[part].bytes;
	}
	return size;
}

void qw_pile_fini(struct qw_pile *pile)
{
	for (unsigned part = 0; part < QW_INDICATOR_PARTS; part++)
		qw_pile_drop(pile, part);
}

static size_t chunk_size_after(const struct qw_chunk *last, uint32_t record)
{
	size_t size = last ? (sizeof(*last) + last->size) * 8 : CHUNK_MIN;
	while (size < sizeof(*last) + record)
		size *= 8;
	return size > CHUNK_MAPPED ? CHUNK_MAPPED : size;
}

static enum qw_err make_room(struct qw_pile *pile, unsigned part, uint32_t record)
{
	struct qw_chunk *last = pile->part[part].last;
	if (last && last->size - last->used >= record)
		return QW_OK;
	struct qw_chunk *chunk = chunk_new(chunk_size_after(last, record));
	if (!chunk)
		return QW_ENOMEM;
	if (last)
		last->next = chunk;
	else
		pile->part[part].first = chunk;
	pile->part[part].last = chunk;
	return QW_OK;
}

static uint8_t *write_len(uint8_t *at, uint32_t len)
{
	if (len < 255) {
		*at++ = (uint8_t)len;
		return at;
	}
	*at++ = 255;
	*at++ = (uint8_t)len;
	*at++ = (uint8_t)(len >> 8);
	return at;
}

static uint8_t *write_head(uint8_t *at, uint32_t tuple, uint64_t id)
{
	qw_record_name_tuple(at, tuple);
	at += QW_RECORD_TUPLE;
	for (unsigned shift = 0; shift < 64; shift += 8)
		*at++ = (uint8_t)(id >> shift);
	return at;
}

enum qw_err qw_pile_add(struct qw_pile *pile, unsigned part, uint32_t fixed, uint32_t tuple, uint64_t id,
			struct qw_slice key)
{
	uint32_t size = qw_record_size(fixed, (uint32_t)key.len);
	enum qw_err err = make_room(pile, part, size);
	if (err != QW_OK)
		return err;

	struct qw_chunk *chunk = pile->part[part].last;
	uint8_t *at = write_head(chunk->data + chunk->used, tuple, id);
	if (!fixed)
		at = write_len(at, (uint32_t)key.len);
	memcpy(at, key.data, key.len);
	if (!fixed)
		at[key.len] = 0;
	chunk->used += size;
	pile->part[part].records++;
	pile->part[part].bytes += size;
	return QW_OK;
}
