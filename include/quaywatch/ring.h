/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ring - bounded queue of records from one process or thread to one other.
 *
 * The only road out of a packet worker.  It lives in memory that both ends
 * map (no pointers inside); both ends are wait-free.  A full ring means that
 * the producer counts a drop and moves on.  The consumer trusts nothing that
 * the producer wrote: a record whose announced length does not fit closes the
 * ring for reading (qw_ring_peek says QW_EFORMAT from then on).
 *
 *	memory, shared:  [ head | tail | mask ][ len | bytes … ][ len | bytes … ]
 *
 * Threads: reserve and commit from one producer, peek and release from one
 * consumer.  A producer that died between reserve and commit left nothing.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"

struct qw_ring;

/* Bytes of memory for a ring of `bytes` of records; bytes is a power of two, at least 4096. */
size_t qw_ring_size(size_t bytes);

/* Makes an empty ring in zeroed, 64-byte aligned memory of qw_ring_size(bytes). QW_EINVAL: bytes is not as above. */
enum qw_err qw_ring_init(struct qw_ring *ring, size_t bytes) QW_MUSTCHECK;

/* Producer.  Room for a record of up to len bytes, aligned to 8; NULL: full. */
void *qw_ring_reserve(struct qw_ring *ring, size_t len) QW_MUSTCHECK;

/* Producer.  Publishes the first len bytes (at most what was reserved). */
void qw_ring_commit(struct qw_ring *ring, size_t len);

/* Consumer.  The oldest record, valid until release.  QW_EAGAIN: empty.  QW_EFORMAT: see above. */
enum qw_err qw_ring_peek(struct qw_ring *ring, const void **data, size_t *len) QW_MUSTCHECK;

/* Consumer.  Forgets the record last peeked. */
void qw_ring_release(struct qw_ring *ring);
