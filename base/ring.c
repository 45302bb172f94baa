/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/ring.h"

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

enum {
	CACHE_LINE = 64,
	RING_MIN = 4096,
	ALIGN = 8,
	HEAD_BYTES = 8, /* a record's length, and padding */
};

/* In place of a length: the rest up to the memory's end is unused, go on at its beginning. */
#define SKIP UINT32_MAX

static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "a lock inside shared memory would be a stranger's");

/*
 * head and tail count bytes ever written and released; they only grow, and
 * their low bits are the place.  Records lie whole, never round the end: one
 * of at most half the size finds room in an empty ring wherever that stands.
 */
struct qw_ring {
	alignas(CACHE_LINE) _Atomic uint64_t head; /* written by the producer */
	uint64_t tail_seen;                        /* the producer's: tail as last read */
	uint64_t reserved_at;                      /* the producer's: where the reserved record begins */
	uint64_t reserved_len;
	alignas(CACHE_LINE) _Atomic uint64_t tail; /* written by the consumer */
	alignas(CACHE_LINE) uint64_t size;         /* of records; set once */
	alignas(CACHE_LINE) uint8_t records[];
};

static bool is_size(size_t bytes)
{
	return bytes >= RING_MIN && (bytes & (bytes - 1)) == 0;
}

static uint64_t record_bytes(size_t len)
{
	return HEAD_BYTES + (((uint64_t)len + ALIGN - 1) & ~(uint64_t)(ALIGN - 1));
}

size_t qw_ring_size(size_t bytes)
{
	return sizeof(struct qw_ring) + bytes;
}

enum qw_err qw_ring_init(struct qw_ring *ring, size_t bytes)
{
	if (!is_size(bytes) || (uintptr_t)ring % CACHE_LINE != 0)
		return QW_EINVAL;
	atomic_init(&ring->head, 0);
	atomic_init(&ring->tail, 0);
	ring->tail_seen = ring->reserved_at = ring->reserved_len = 0;
	ring->size = bytes;
	return QW_OK;
}

/* Whether the bytes from head up to `end` are free. */
static bool is_free(struct qw_ring *ring, uint64_t end)
{
	if (end - ring->tail_seen <= ring->size)
		return true;
	/* Acquire: the consumer is done with the bytes before we write over them. */
	ring->tail_seen = atomic_load_explicit(&ring->tail, memory_order_acquire);
	return end - ring->tail_seen <= ring->size;
}

static void put_len(struct qw_ring *ring, uint64_t at, uint32_t len)
{
	memcpy(ring->records + (at & (ring->size - 1)), &len, sizeof(len));
}

void *qw_ring_reserve(struct qw_ring *ring, size_t len)
{
	if (len > ring->size / 2 - HEAD_BYTES)
		return NULL;
	uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
	uint64_t need = record_bytes(len);
	uint64_t to_end = ring->size - (head & (ring->size - 1));
	uint64_t at = need <= to_end ? head : head + to_end;
	if (!is_free(ring, at + need))
		return NULL;
	if (at != head)
		put_len(ring, head, SKIP);
	ring->reserved_at = at;
	ring->reserved_len = len;
	return ring->records + (at & (ring->size - 1)) + HEAD_BYTES;
}

void qw_ring_commit(struct qw_ring *ring, size_t len)
{
	assert(len <= ring->reserved_len);
	put_len(ring, ring->reserved_at, (uint32_t)len);
	/* Release: whoever sees the new head sees the record, and the skip before it. */
	atomic_store_explicit(&ring->head, ring->reserved_at + record_bytes(len), memory_order_release);
}

enum qw_err qw_ring_reader_init(struct qw_ring_reader *reader, struct qw_ring *ring, size_t bytes)
{
	if (!is_size(bytes))
		return QW_EINVAL;
	uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
	*reader = (struct qw_ring_reader){.ring = ring, .size = bytes, .tail = tail, .head_seen = tail};
	reader->broken = tail % ALIGN != 0;
	return QW_OK;
}

/* Bytes that wait to be read, 0: none.  A head that cannot be breaks the reader. */
static uint64_t waiting(struct qw_ring_reader *reader)
{
	if (reader->tail == reader->head_seen) {
		/* Acquire: pairs with the producer's commit. */
		uint64_t head = atomic_load_explicit(&reader->ring->head, memory_order_acquire);
		if (head - reader->tail > reader->size || head % ALIGN != 0) {
			reader->broken = true;
			return 0;
		}
		reader->head_seen = head;
	}
	return reader->head_seen - reader->tail;
}

/* The length at the reader's place; read once, for it may change under us. */
static uint32_t get_len(const struct qw_ring_reader *reader, uint64_t place)
{
	uint32_t len;
	memcpy(&len, reader->ring->records + place, sizeof(len));
	atomic_signal_fence(memory_order_seq_cst);
	return len;
}

static enum qw_err refuse(struct qw_ring_reader *reader)
{
	reader->broken = true;
	return QW_EFORMAT;
}

enum qw_err qw_ring_peek(struct qw_ring_reader *reader, const void **data, size_t *len)
{
	uint64_t there = reader->broken ? 0 : waiting(reader);
	if (reader->broken)
		return QW_EFORMAT;
	if (there == 0)
		return QW_EAGAIN;

	uint64_t place = reader->tail & (reader->size - 1), to_end = reader->size - place;
	uint32_t announced = get_len(reader, place);
	if (announced == SKIP) {
		/* A skip and the record behind it are committed together; none stands at the beginning. */
		if (place == 0 || to_end >= there)
			return refuse(reader);
		reader->tail += to_end;
		there -= to_end;
		place = 0;
		to_end = reader->size;
		announced = get_len(reader, place);
	}
	uint64_t need = record_bytes(announced);
	if (announced == SKIP || need > there || need > to_end)
		return refuse(reader);
	reader->held = need;
	*data = reader->ring->records + place + HEAD_BYTES;
	*len = announced;
	return QW_OK;
}

void qw_ring_release(struct qw_ring_reader *reader)
{
	reader->tail += reader->held;
	reader->held = 0;
	/* Release: our reads of the record come before the producer may write there. */
	atomic_store_explicit(&reader->ring->tail, reader->tail, memory_order_release);
}
