/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sightings - counts by (indicator, tenant) between two writes to the store.
 *
 * Alerts come by the thousand, rows of the store do not: the table gathers,
 * and is written out once a second, or when it is full.  One thread.
 */
#pragma once

#include <stdint.h>

#include "collector/store.h"
#include "quaywatch/err.h"

struct qw_sightings;

enum qw_err qw_sightings_new(struct qw_sightings **out, struct qw_store *store) QW_MUSTCHECK;
void qw_sightings_free(struct qw_sightings *sightings);

/* The row's tenant is copied.  An error is the store's: what was gathered is kept. */
enum qw_err qw_sightings_add(struct qw_sightings *sightings, const struct qw_sighting_row *row) QW_MUSTCHECK;
enum qw_err qw_sightings_write(struct qw_sightings *sightings) QW_MUSTCHECK;
