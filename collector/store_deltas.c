/* SPDX-License-Identifier: Apache-2.0 */
/* store_deltas - the changes of channels, and which sensor has how many of them. */
#include "collector/store_rows.h"

#include <stdlib.h>
#include <string.h>

/* ---- deltas */

enum qw_err qw_store_put_delta(struct qw_store *store, const char *channel, struct qw_order order, const uint8_t *data,
			       size_t len, struct qw_time now)
{
	return qw_database_change(store->database, QW_SQL_DELTA_PUT, "tiiib", channel, (int64_t)order.term,
				  (int64_t)order.sequence, now.ns, data, len);
}

enum qw_err qw_store_restore_delta(struct qw_store *store, const char *channel, struct qw_order order,
				   const uint8_t *data, size_t len, struct qw_time created)
{
	return qw_database_change(store->database, QW_SQL_DELTA_RESTORE, "tiiib", channel, (int64_t)order.term,
				  (int64_t)order.sequence, created.ns, data, len);
}

struct blob {
	uint8_t *data;
	size_t len;
};

static enum qw_err visit_blob(void *ctx, struct qw_row *row)
{
	struct blob *out = ctx;
	const void *data = qw_row_blob(row, 0, &out->len);

	out->data = malloc(out->len + 1);
	if (!out->data)
		return QW_ENOMEM;
	memcpy(out->data, data ? data : "", out->len);
	return QW_OK;
}

static enum qw_err read_delta(struct qw_store *store, enum qw_sql statement, const char *channel, struct qw_order order,
			      uint8_t **data, size_t *len)
{
	struct blob blob = {0};
	enum qw_err err = qw_database_each(store->database, statement, visit_blob, &blob, "tii", channel,
					   (int64_t)order.term, (int64_t)order.sequence);

	if (err != QW_OK || !blob.data)
		return err != QW_OK ? err : QW_ENOENT;
	*data = blob.data;
	*len = blob.len;
	return QW_OK;
}

enum qw_err qw_store_get_delta(struct qw_store *store, const char *channel, struct qw_order order, uint8_t **data,
			       size_t *len)
{
	return read_delta(store, QW_SQL_DELTA_GET, channel, order, data, len);
}

enum qw_err qw_store_next_delta(struct qw_store *store, const char *channel, struct qw_order after, uint8_t **data,
				size_t *len)
{
	return read_delta(store, QW_SQL_DELTA_NEXT, channel, after, data, len);
}

static enum qw_err see_made(void *ctx, struct qw_row *row)
{
	*(struct qw_time *)ctx = qw_row_time(row, 0);
	return QW_OK;
}

enum qw_err qw_store_made_after(struct qw_store *store, const char *channel, struct qw_order order, struct qw_time *made)
{
	*made = qw_time_ns(0);
	enum qw_err err = qw_database_each(store->database, QW_SQL_DELTA_AFTER, see_made, made, "tii", channel,
					   (int64_t)order.term, (int64_t)order.sequence);
	return err == QW_OK && made->ns == 0 ? QW_ENOENT : err;
}

enum qw_err qw_store_prune_deltas(struct qw_store *store, const char *channel, struct qw_order through)
{
	return qw_database_change(store->database, QW_SQL_DELTA_PRUNE, "tii", channel, (int64_t)through.term,
				  (int64_t)through.sequence);
}

/* ---- receipts */

struct receipt_walk {
	qw_receipt_visit *visit;
	void *ctx;
};

static enum qw_err visit_receipt(void *ctx, struct qw_row *row)
{
	const struct receipt_walk *walk = ctx;
	struct qw_receipt_row out = {
	    .tenant = qw_row_text(row, 0),
	    .sensor = qw_row_text(row, 1),
	    .channel = qw_row_text(row, 2),
	    .order = {(uint64_t)qw_row_i64(row, 3), (uint64_t)qw_row_i64(row, 4)},
	    .applied = qw_row_time(row, 5),
	    .received = qw_row_time(row, 6),
	    .entries = (uint64_t)qw_row_i64(row, 7),
	    .apply_us = (uint64_t)qw_row_i64(row, 8),
	    .proven = qw_row_i64(row, 9) != 0,
	};

	return walk->visit(walk->ctx, &out);
}

static enum qw_err write_receipt(struct qw_store *store, enum qw_sql statement, const struct qw_receipt_row *row)
{
	return qw_database_change(store->database, statement, "tttiiiiiii", row->tenant, row->sensor, row->channel,
				  (int64_t)row->order.term, (int64_t)row->order.sequence, row->applied.ns,
				  row->received.ns, (int64_t)row->entries, (int64_t)row->apply_us,
				  (int64_t)row->proven);
}

enum qw_err qw_store_put_receipt(struct qw_store *store, const struct qw_receipt_row *row)
{
	enum qw_err err = write_receipt(store, QW_SQL_RECEIPT_PUT, row);

	return err == QW_OK ? write_receipt(store, QW_SQL_HELD_PUT, row) : err;
}

enum qw_err qw_store_each_receipt(struct qw_store *store, qw_receipt_visit *visit, void *ctx)
{
	struct receipt_walk walk = {visit, ctx};

	return qw_database_each(store->database, QW_SQL_HELD_EACH, visit_receipt, &walk, "");
}

enum qw_err qw_store_receipts_since(struct qw_store *store, struct qw_time since, size_t limit, qw_receipt_visit *visit,
				    void *ctx)
{
	struct receipt_walk walk = {visit, ctx};

	return qw_database_each(store->database, QW_SQL_RECEIPT_SINCE, visit_receipt, &walk, "ii", since.ns,
				(int64_t)limit);
}

enum qw_err qw_store_prune_receipts(struct qw_store *store, struct qw_time before, size_t limit)
{
	return qw_database_change(store->database, QW_SQL_RECEIPT_PRUNE, "ii", before.ns, (int64_t)limit);
}
