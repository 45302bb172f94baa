/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/sightings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quaywatch/hash.h"

enum { SLOTS = 8192, MASK = SLOTS - 1, FULL = SLOTS / 2 };

struct cell {
	uint64_t id, count; /* count 0: free */
	char tenant[QW_NAME_MAX + 1];
	struct qw_time first, last;
	struct qw_time heard; /* of the first of these */
};

struct qw_sightings {
	struct qw_store *store;
	struct qw_time bucket;
	uint64_t strange;
	size_t used;
	struct cell cell[SLOTS];
};

enum qw_err qw_sightings_new(struct qw_sightings **out, struct qw_store *store, struct qw_time bucket)
{
	struct qw_sightings *sightings = calloc(1, sizeof(*sightings));

	if (!sightings)
		return QW_ENOMEM;
	sightings->store = store;
	sightings->bucket = bucket;
	*out = sightings;
	return QW_OK;
}

void qw_sightings_free(struct qw_sightings *sightings)
{
	free(sightings);
}

/* Ids are digests already; a tenant that forces collisions slows its own count only until the next write. */
static struct cell *cell_of(struct qw_sightings *sightings, uint64_t id, const char *tenant)
{
	size_t at = (size_t)qw_mix64(id) & MASK;

	while (sightings->cell[at].count &&
	       !(sightings->cell[at].id == id && strcmp(sightings->cell[at].tenant, tenant) == 0))
		at = (at + 1) & MASK;
	return &sightings->cell[at];
}

enum qw_err qw_sightings_add(struct qw_sightings *sightings, const struct qw_sighting_row *row, struct qw_time now)
{
	if (sightings->used >= FULL) {
		enum qw_err err = qw_sightings_write(sightings);
		if (err != QW_OK)
			return err;
	}
	struct cell *cell = cell_of(sightings, row->id, row->tenant);
	if (cell->count == 0) {
		cell->id = row->id;
		cell->first = row->first;
		cell->last = row->last;
		cell->heard = now;
		snprintf(cell->tenant, sizeof(cell->tenant), "%s", row->tenant);
		sightings->used++;
	}
	cell->count += row->count;
	cell->first.ns = row->first.ns < cell->first.ns ? row->first.ns : cell->first.ns;
	cell->last.ns = row->last.ns > cell->last.ns ? row->last.ns : cell->last.ns;
	return QW_OK;
}

static enum qw_err write_cell(struct qw_sightings *sightings, const struct cell *cell)
{
	const struct qw_sighting_row row = {cell->tenant, cell->id, cell->count, cell->first, cell->last};
	enum qw_err err = qw_store_add_sighting(sightings->store, &row);

	if (err == QW_ENOENT) {
		sightings->strange++;
		return QW_OK;
	}
	if (err != QW_OK)
		return err;
	return qw_store_mark_sighted(sightings->store, qw_bucket_of(cell->heard, sightings->bucket), cell->id);
}

enum qw_err qw_sightings_write(struct qw_sightings *sightings)
{
	enum qw_err err = QW_OK;

	if (sightings->used == 0)
		return QW_OK;
	for (size_t i = 0; i < SLOTS && err == QW_OK; i++) {
		const struct cell *cell = &sightings->cell[i];
		if (cell->count > 0)
			err = write_cell(sightings, cell);
	}
	if (err != QW_OK)
		return err;
	memset(sightings->cell, 0, sizeof(sightings->cell));
	sightings->used = 0;
	return QW_OK;
}

uint64_t qw_sightings_strange(const struct qw_sightings *sightings)
{
	return sightings->strange;
}
