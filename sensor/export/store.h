/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store - the spool's segments: the files of a folder, oldest first, the last of them open for writing.
 *
 * One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sensor/export/segment.h"

struct qw_spool_store_segment {
	struct qw_spool_segment_head head;
	uint64_t records;
	uint64_t acked; /* of these, from the first on */
	uint64_t bytes;
};

struct qw_spool_store {
	int folder; /* locked */
	int fd;     /* of the last segment; -1: the next record begins a new one */
	struct qw_spool_store_segment *segments;
	size_t count, room;
	uint64_t epoch, next_number;
	uint64_t bytes, bytes_max, segment_bytes;
	uint64_t torn_bytes;
};

/* Opens the folder and takes stock.  bytes_max, segment_bytes and epoch are set by the caller, all else is zero. */
enum qw_err qw_spool_store_open(struct qw_spool_store *store, const char *folder) QW_MUSTCHECK;
void qw_spool_store_close(struct qw_spool_store *store);

/*
 * Appends one record; *shed is added to for records that had to go for it.
 * QW_ENOSPC, QW_EIO, …: nothing of it is there.
 */
enum qw_err qw_spool_store_append(struct qw_spool_store *store, uint64_t sequence, struct qw_slice data,
				  uint64_t *shed) QW_MUSTCHECK;

/* False: the store holds nothing of that epoch. */
bool qw_spool_store_acknowledge(struct qw_spool_store *store, uint64_t epoch, uint64_t through);

uint64_t qw_spool_store_pending(const struct qw_spool_store *store);

/* The file of a segment, for reading; the caller closes it. */
enum qw_err qw_spool_store_open_segment(const struct qw_spool_store *store, uint64_t number, int *fd) QW_MUSTCHECK;
