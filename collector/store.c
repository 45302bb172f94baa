/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/store_rows.h"

enum qw_err qw_store_open(struct qw_store **out, const char *path)
{
	struct qw_store *store = calloc(1, sizeof(*store));

	if (!store)
		return QW_ENOMEM;
	enum qw_err err = qw_database_open(&store->database, path, &qw_store_layout);
	if (err != QW_OK) {
		free(store);
		return err;
	}
	err = qw_store_identify(store);
	if (err != QW_OK) {
		qw_store_close(store);
		return err;
	}
	*out = store;
	return QW_OK;
}

void qw_store_close(struct qw_store *store)
{
	if (!store)
		return;
	qw_database_close(store->database);
	free(store);
}

const char *qw_store_message(const struct qw_store *store)
{
	return qw_database_message(store->database);
}

enum qw_err qw_store_commit(struct qw_store *store)
{
	return qw_database_commit(store->database);
}

void qw_store_rollback(struct qw_store *store)
{
	qw_database_rollback(store->database);
}

bool qw_store_is_dirty(const struct qw_store *store)
{
	return qw_database_is_dirty(store->database);
}

/* ---- who takes part */

struct tenant_walk {
	qw_tenant_visit *visit;
	void *ctx;
};

static enum qw_err visit_tenant(void *ctx, struct qw_row *row)
{
	const struct tenant_walk *walk = ctx;
	struct qw_tenant_row out = {
	    .name = qw_row_text(row, 0),
	    .created = qw_row_time(row, 1),
	    .revoked = qw_row_time(row, 2),
	    .sensors = qw_row_i64(row, 3),
	};

	return walk->visit(walk->ctx, &out);
}

enum qw_err qw_store_add_tenant(struct qw_store *store, const char *name, struct qw_time now)
{
	return qw_database_change(store->database, QW_SQL_TENANT_ADD, "ti", name, now.ns);
}

enum qw_err qw_store_revoke_tenant(struct qw_store *store, const char *name, struct qw_time now)
{
	return qw_store_met(store, qw_database_change(store->database, QW_SQL_TENANT_REVOKE, "ti", name, now.ns));
}

enum qw_err qw_store_each_tenant(struct qw_store *store, qw_tenant_visit *visit, void *ctx)
{
	struct tenant_walk walk = {visit, ctx};

	return qw_database_each(store->database, QW_SQL_TENANT_EACH, visit_tenant, &walk, "");
}

struct sensor_walk {
	qw_sensor_visit *visit;
	void *ctx;
};

static enum qw_err visit_sensor(void *ctx, struct qw_row *row)
{
	const struct sensor_walk *walk = ctx;
	struct qw_sensor_row out = {
	    .tenant = qw_row_text(row, 0),
	    .name = qw_row_text(row, 1),
	    .key = qw_row_text(row, 2),
	    .created = qw_row_time(row, 3),
	    .revoked = qw_row_time(row, 4),
	};

	return walk->visit(walk->ctx, &out);
}

enum qw_err qw_store_put_sensor(struct qw_store *store, const struct qw_identity *who, const char *key,
				struct qw_time now)
{
	return qw_database_change(store->database, QW_SQL_SENSOR_PUT, "ttti", who->tenant, who->sensor, key, now.ns);
}

enum qw_err qw_store_revoke_sensor(struct qw_store *store, const struct qw_identity *who, struct qw_time now)
{
	return qw_store_met(
	    store, qw_database_change(store->database, QW_SQL_SENSOR_REVOKE, "tti", who->tenant, who->sensor, now.ns));
}

enum qw_err qw_store_each_sensor(struct qw_store *store, qw_sensor_visit *visit, void *ctx)
{
	struct sensor_walk walk = {visit, ctx};

	return qw_database_each(store->database, QW_SQL_SENSOR_EACH, visit_sensor, &walk, "");
}

/* ---- the log */

enum qw_err qw_store_put_segment(struct qw_store *store, const char *name, struct qw_journal_place place,
				 struct qw_time now)
{
	return qw_database_change(store->database, QW_SQL_SEGMENT_PUT, "itii", (int64_t)place.segment, name,
				  (int64_t)place.offset, now.ns);
}

struct segment_walk {
	qw_segment_visit *visit;
	void *ctx;
};

static enum qw_err visit_segment(void *ctx, struct qw_row *row)
{
	const struct segment_walk *walk = ctx;

	return walk->visit(walk->ctx, qw_row_text(row, 0), qw_row_time(row, 1));
}

enum qw_err qw_store_each_segment(struct qw_store *store, qw_segment_visit *visit, void *ctx)
{
	struct segment_walk walk = {visit, ctx};

	return qw_database_each(store->database, QW_SQL_SEGMENT_EACH, visit_segment, &walk, "");
}

enum qw_err qw_store_put_mark(struct qw_store *store, const struct qw_identity *who, uint64_t epoch, uint64_t sequence,
			      struct qw_time used)
{
	return qw_database_change(store->database, QW_SQL_MARK_PUT, "ttiii", who->tenant, who->sensor, (int64_t)epoch,
				  (int64_t)sequence, used.ns);
}

enum qw_err qw_store_put_place(struct qw_store *store, struct qw_journal_place place)
{
	return qw_database_change(store->database, QW_SQL_PLACE_PUT, "ii", (int64_t)place.segment,
				  (int64_t)place.offset);
}

static enum qw_err visit_place(void *ctx, struct qw_row *row)
{
	*(struct qw_journal_place *)ctx =
	    (struct qw_journal_place){(uint64_t)qw_row_i64(row, 0), (uint64_t)qw_row_i64(row, 1)};
	return QW_OK;
}

enum qw_err qw_store_get_place(struct qw_store *store, struct qw_journal_place *out)
{
	*out = (struct qw_journal_place){0};
	return qw_database_each(store->database, QW_SQL_PLACE_GET, visit_place, out, "");
}

struct mark_walk {
	qw_mark_visit *visit;
	void *ctx;
};

static enum qw_err visit_mark(void *ctx, struct qw_row *row)
{
	const struct mark_walk *walk = ctx;
	struct qw_identity who = {0};

	snprintf(who.tenant, sizeof(who.tenant), "%s", qw_row_text(row, 0));
	snprintf(who.sensor, sizeof(who.sensor), "%s", qw_row_text(row, 1));
	return walk->visit(walk->ctx, &who, (uint64_t)qw_row_i64(row, 2), (uint64_t)qw_row_i64(row, 3),
			   qw_row_time(row, 4));
}

enum qw_err qw_store_each_mark(struct qw_store *store, qw_mark_visit *visit, void *ctx)
{
	struct mark_walk walk = {visit, ctx};

	return qw_database_each(store->database, QW_SQL_MARK_EACH, visit_mark, &walk, "");
}

struct audit_walk {
	qw_audit_visit *visit;
	void *ctx;
};

static enum qw_err visit_audit(void *ctx, struct qw_row *row)
{
	const struct audit_walk *walk = ctx;
	struct qw_audit_row out = {qw_row_time(row, 0), qw_row_i64(row, 1), qw_row_text(row, 2), qw_row_text(row, 3)};

	return walk->visit(walk->ctx, &out);
}

enum qw_err qw_store_audit(struct qw_store *store, const struct qw_audit_row *row)
{
	return qw_database_change(store->database, QW_SQL_AUDIT_PUT, "iitt", row->at.ns, row->uid, row->what,
				  row->detail);
}

enum qw_err qw_store_each_audit(struct qw_store *store, size_t limit, qw_audit_visit *visit, void *ctx)
{
	struct audit_walk walk = {visit, ctx};

	return qw_database_each(store->database, QW_SQL_AUDIT_EACH, visit_audit, &walk, "i", (int64_t)limit);
}
