/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sightings - counts by (indicator, tenant) between two writes to the store.
 *
 * Alerts come by the thousand, rows of the store do not: the table gathers,
 * and is written out once a second, or when it is full.  With each row goes a
 * mark, in which bucket of time it was heard of by our clock: when that has
 * ended, others are told (prevalence.h).  One thread.
 */
#pragma once

#include <stdint.h>

#include "collector/store.h"
#include "quaywatch/err.h"

struct qw_sightings;

/* The number of the bucket that `now` is in, of that length (> 0). */
static inline int64_t qw_bucket_of(struct qw_time now, struct qw_time length)
{
	return now.ns / length.ns;
}

enum qw_err qw_sightings_new(struct qw_sightings **out, struct qw_store *store, struct qw_time bucket) QW_MUSTCHECK;
void qw_sightings_free(struct qw_sightings *sightings);

/* The row's tenant is copied; `now` is the collector's.  An error is the store's: what was gathered is kept. */
enum qw_err qw_sightings_add(struct qw_sightings *sightings, const struct qw_sighting_row *row,
				struct qw_time now) QW_MUSTCHECK;
enum qw_err qw_sightings_write(struct qw_sightings *sightings) QW_MUSTCHECK;

/* Rows that were left out: no channel ever held the indicator. */
uint64_t qw_sightings_strange(const struct qw_sightings *sightings);
