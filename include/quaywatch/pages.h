/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pages - large tables that are met at random: zeroed memory of its own.
 *
 * The system zeroes a page when it is first touched, so what is never used
 * costs nothing; and it is asked for huge pages, for with small ones half of
 * the lookups in a table of a hundred megabytes miss the TLB.  Any thread.
 */
#pragma once

#include <stddef.h>

/* NULL: there is none to be had.  bytes > 0; give back the same number. */
void *qw_pages_new(size_t bytes);
void qw_pages_free(void *pages, size_t bytes); /* NULL is nothing */
