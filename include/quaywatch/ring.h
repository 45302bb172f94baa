/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ring - bounded queue of records from one process or thread to one other.
 *
 * The only road out of a packet worker.  It lives in memory that both ends
 * map (no pointers inside); both ends are wait-free.  A full ring means that
 * the producer counts a drop and moves on.  The consumer trusts nothing that
 * the producer can write: its own place and the ring's size are kept in its
 * struct qw_ring_reader, and a record whose announced length does not fit
 * closes the ring for reading (qw_ring_peek says QW_EFORMAT from then on).
 *
 *	memory, shared:  [ head | tail | size ][ len | bytes … ][ len | bytes … ]
 *
 * Threads: reserve and commit from one producer, peek and release from one
 * consumer.  A producer that died between reserve and commit left nothing; one
 * started anew goes on with the same memory.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"

struct qw_ring;

/* Bytes of memory for a ring of `bytes` of records; bytes is a power of two, at least 4096. */
size_t qw_ring_size(size_t bytes);

/* Makes an empty ring in zeroed, 64-byte aligned memory of qw_ring_size(bytes). QW_EINVAL: bytes is not as above. */
enum qw_err qw_ring_init(struct qw_ring *ring, size_t bytes) QW_MUSTCHECK;

/* Producer.  Room for a record of up to len bytes, aligned to 8; NULL: full, or len is more than half the ring. */
void *qw_ring_reserve(struct qw_ring *ring, size_t len) QW_MUSTCHECK;

/* Producer.  Publishes the first len bytes (at most what was reserved); once per reserve. */
void qw_ring_commit(struct qw_ring *ring, size_t len);

/* The consumer's end, in its own memory. */
struct qw_ring_reader {
	struct qw_ring *ring;
	uint64_t size;      /* bytes of records */
	uint64_t tail;      /* bytes read */
	uint64_t head_seen; /* bytes known to be written */
	uint64_t held;      /* bytes of the record last peeked */
	bool broken;
};

/* Reads on where the last consumer released.  `bytes` as the ring was made with.  QW_EINVAL: not as above. */
enum qw_err qw_ring_reader_init(struct qw_ring_reader *reader, struct qw_ring *ring, size_t bytes) QW_MUSTCHECK;

/*
 * Consumer.  The oldest record, aligned to 8, valid until release; a hostile
 * producer may still change its bytes: check and use a copy.
 * QW_EAGAIN: empty.  QW_EFORMAT: see above.
 */
enum qw_err qw_ring_peek(struct qw_ring_reader *reader, const void **data, size_t *len) QW_MUSTCHECK;

/* Consumer.  Forgets the record last peeked. */
void qw_ring_release(struct qw_ring_reader *reader);
