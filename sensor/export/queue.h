/* SPDX-License-Identifier: Apache-2.0 */
/*
 * queue - the spool's records in memory while the disk takes none, bounded in bytes.
 *
 * Sequences follow without a gap.  One thread.
 */
#pragma once

#include <stdint.h>

#include "quaywatch/bytes.h"
#include "quaywatch/err.h"

struct qw_spool_item {
	struct qw_spool_item *next;
	uint64_t sequence;
	uint32_t len;
	uint8_t data[];
};

struct qw_spool_queue {
	struct qw_spool_item *first, *last;
	const struct qw_spool_item *seen; /* where qw_spool_queue_after left off */
	size_t bytes, bytes_max;          /* items with their heads */
	uint64_t count;
};

void qw_spool_queue_init(struct qw_spool_queue *queue, size_t bytes_max);
void qw_spool_queue_fini(struct qw_spool_queue *queue);

/* Copies a record in; *shed is how many of the oldest had to go for it.  QW_ENOMEM. */
enum qw_err qw_spool_queue_push(struct qw_spool_queue *queue, uint64_t sequence, struct qw_slice data,
				uint64_t *shed) QW_MUSTCHECK;

/* Drops the first. */
void qw_spool_queue_pop(struct qw_spool_queue *queue);

/* The first behind that sequence, or NULL; quick where sequences rise from call to call. */
const struct qw_spool_item *qw_spool_queue_after(struct qw_spool_queue *queue, uint64_t sequence);
