/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rows - what the records of an image name by number: tuples, and their sources.
 *
 * One thread.
 */
#pragma once

#include "quaywatch/err.h"
#include "rules/indicator/intern.h"
#include "rules/indicator/layout.h"

struct qw_rows {
	struct qw_intern tuples, sources;
};

/* Holds the source "other" as row 0: where what is beyond the most there may be goes. */
enum qw_err qw_rows_init(struct qw_rows *rows) QW_MUSTCHECK;
void qw_rows_fini(struct qw_rows *rows);

/* The number of a tuple like this one whose source has this name; tuple->source is not looked at. */
enum qw_err qw_rows_add(struct qw_rows *rows, const struct qw_tuple *tuple, const char *source, uint32_t *number) QW_MUSTCHECK;

static inline const struct qw_tuple *qw_rows_tuple(const struct qw_rows *rows, uint32_t number)
{
	return (const struct qw_tuple *)(const void *)rows->tuples.rows + number;
}

static inline const char *qw_rows_source(const struct qw_rows *rows, const struct qw_tuple *tuple)
{
	return (const char *)rows->sources.rows + (size_t)tuple->source * QW_SOURCE_SIZE;
}
