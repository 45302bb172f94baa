/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shelf - a bounded table of rows that are found again by their key; where it is full, the row that was longest unseen goes.
 *
 * A row begins with its key, whose bytes are all set.  Memory grows with the
 * rows, up to the bound; rows stay where they are.  One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "quaywatch/err.h"

struct qw_shelf;

struct qw_shelf_options {
	size_t key_size, row_size;
	size_t max;               /* rows, at least 1 */
	void (*forget)(void *ctx, void *row); /* what a row owns, before it goes; NULL: nothing */
	void *ctx;
};

enum qw_err qw_shelf_new(struct qw_shelf **out, const struct qw_shelf_options *options) QW_MUSTCHECK;
void qw_shelf_free(struct qw_shelf *shelf);
size_t qw_shelf_count(const struct qw_shelf *shelf);

/* NULL: not there.  It does not count as seen. */
void *qw_shelf_find(const struct qw_shelf *shelf, const void *key);

/*
 * The row, seen now; made, with all but its key zero, where there was none.
 * *pushed: another one had to go for it.  NULL: no memory.
 */
void *qw_shelf_get(struct qw_shelf *shelf, const void *key, bool *pushed);

/* The row goes, and what it owns. */
void qw_shelf_drop(struct qw_shelf *shelf, void *row);

/* From the longest unseen to the latest: NULL begins, NULL ends.  Rows are not made meanwhile. */
void *qw_shelf_next(const struct qw_shelf *shelf, const void *row);

/* All of them in the order of their keys, in memory that the caller frees; NULL: none, or no memory. */
void **qw_shelf_sorted(const struct qw_shelf *shelf);
