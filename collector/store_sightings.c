/* SPDX-License-Identifier: Apache-2.0 */
/* store_sightings - what tenants say about indicators, and of which others are to be told. */
#include "collector/store_rows.h"

/* ---- what tenants say */

struct sighting_walk {
	qw_sighting_visit *visit;
	void *ctx;
};

static enum qw_err visit_sighting(void *ctx, struct qw_row *row)
{
	const struct sighting_walk *walk = ctx;
	struct qw_sighting_row out = {qw_row_text(row, 0), (uint64_t)qw_row_i64(row, 1), (uint64_t)qw_row_i64(row, 2),
				      qw_row_time(row, 3), qw_row_time(row, 4)};

	return walk->visit(walk->ctx, &out);
}

enum qw_err qw_store_add_sighting(struct qw_store *store, const struct qw_sighting_row *row)
{
	return qw_store_met(store,
			    qw_database_change(store->database, QW_SQL_SIGHTING_ADD, "itiii", (int64_t)row->id,
					       row->tenant, (int64_t)row->count, row->first.ns, row->last.ns));
}

enum qw_err qw_store_each_sighting(struct qw_store *store, uint64_t id, qw_sighting_visit *visit, void *ctx)
{
	struct sighting_walk walk = {visit, ctx};

	return qw_database_each(store->database, QW_SQL_SIGHTING_EACH, visit_sighting, &walk, "i", (int64_t)id);
}

/* ---- what is to be told */

enum qw_err qw_store_mark_sighted(struct qw_store *store, int64_t bucket, uint64_t id)
{
	return qw_database_change(store->database, QW_SQL_SIGHTED_MARK, "ii", bucket, (int64_t)id);
}

enum qw_err qw_store_mark_again(struct qw_store *store, int64_t bucket, uint64_t id)
{
	return qw_database_change(store->database, QW_SQL_SIGHTED_AGAIN, "ii", bucket, (int64_t)id);
}

enum qw_err qw_store_unmark_sighted(struct qw_store *store, int64_t bucket, uint64_t id)
{
	return qw_database_change(store->database, QW_SQL_SIGHTED_DONE, "ii", bucket, (int64_t)id);
}

struct sighted_walk {
	qw_sighted_visit *visit;
	void *ctx;
};

static enum qw_err visit_sighted(void *ctx, struct qw_row *row)
{
	const struct sighted_walk *walk = ctx;

	return walk->visit(walk->ctx, qw_row_i64(row, 0), (uint64_t)qw_row_i64(row, 1));
}

enum qw_err qw_store_each_sighted(struct qw_store *store, int64_t before, size_t limit, qw_sighted_visit *visit,
				  void *ctx)
{
	struct sighted_walk walk = {visit, ctx};

	return qw_database_each(store->database, QW_SQL_SIGHTED_DUE, visit_sighted, &walk, "ii", before,
				(int64_t)limit);
}
