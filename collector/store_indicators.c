/* SPDX-License-Identifier: Apache-2.0 */
/* store_indicators - rows of indicators, and of what tenants say about them. */
#include "collector/store_rows.h"

#include <stdio.h>
#include <string.h>

/* ---- indicators */

struct indicator_walk {
	qw_indicator_visit *visit;
	void *ctx;
};

static enum qw_err visit_indicator(void *ctx, struct qw_row *row)
{
	const struct indicator_walk *walk = ctx;
	struct qw_indicator_row out = {.channel = qw_row_text(row, 0)};
	struct qw_indicator *indicator = &out.indicator;
	const char *type = qw_row_text(row, 1), *value = qw_row_text(row, 2);

	indicator->observable.type = qw_observable_type_parse(type, strlen(type));
	indicator->observable.len = (uint16_t)strnlen(value, QW_OBSERVABLE_TEXT_MAX);
	memcpy(indicator->observable.text, value, indicator->observable.len);
	indicator->allow = qw_row_i64(row, 3) != 0;
	indicator->confidence = (uint8_t)qw_row_i64(row, 4);
	indicator->tlp = (enum qw_tlp)qw_row_i64(row, 5);
	indicator->valid_from = qw_row_time(row, 6);
	indicator->valid_until = qw_row_time(row, 7);
	snprintf(indicator->source, sizeof(indicator->source), "%s", qw_row_text(row, 8));
	snprintf(indicator->description, sizeof(indicator->description), "%s", qw_row_text(row, 9));
	out.who = qw_row_text(row, 10);
	out.why = qw_row_text(row, 11);
	out.at = qw_row_time(row, 12);
	out.revoked = qw_row_time(row, 13);
	return walk->visit(walk->ctx, &out);
}

static enum qw_err write_row(struct qw_store *store, enum qw_sql statement, const struct qw_indicator_row *row)
{
	const struct qw_indicator *indicator = &row->indicator;

	return qw_database_change(store->database, statement,
				  "ttt"
				  "iii"
				  "ii"
				  "tttt"
				  "i",
				  row->channel, qw_observable_type_name(indicator->observable.type),
				  indicator->observable.text, (int64_t)indicator->allow, (int64_t)indicator->confidence,
				  (int64_t)indicator->tlp, indicator->valid_from.ns, indicator->valid_until.ns,
				  indicator->source, indicator->description, row->who, row->why, row->at.ns);
}

enum qw_err qw_store_put_indicator(struct qw_store *store, const struct qw_indicator_row *row)
{
	return write_row(store, QW_SQL_INDICATOR_PUT, row);
}

enum qw_err qw_store_match_indicator(struct qw_store *store, const struct qw_indicator_row *row, bool *mended)
{
	enum qw_err err = write_row(store, QW_SQL_INDICATOR_MATCH, row);

	*mended = err == QW_OK && qw_database_met(store->database) > 0;
	return err;
}

enum qw_err qw_store_revoke_indicator(struct qw_store *store, const char *channel,
				      const struct qw_observable *observable, bool allow, struct qw_time now)
{
	return qw_store_met(store, qw_database_change(store->database, QW_SQL_INDICATOR_REVOKE, "tttii", channel,
						      qw_observable_type_name(observable->type), observable->text,
						      (int64_t)allow, now.ns));
}

enum qw_err qw_store_each_indicator(struct qw_store *store, const char *channel, const struct qw_observable *observable,
				    size_t limit, qw_indicator_visit *visit, void *ctx)
{
	struct indicator_walk walk = {visit, ctx};
	const char *type = observable ? qw_observable_type_name(observable->type) : "";
	size_t statement = observable ? QW_SQL_INDICATOR_VALUE
			   : channel  ? QW_SQL_INDICATOR_CHANNEL
				      : QW_SQL_INDICATOR_EACH;

	return qw_database_each(store->database, statement, visit_indicator, &walk, "ttti", channel ? channel : "",
				type, observable ? observable->text : "", (int64_t)limit);
}

enum qw_err qw_store_each_expired(struct qw_store *store, struct qw_time now, size_t limit, qw_indicator_visit *visit,
				  void *ctx)
{
	struct indicator_walk walk = {visit, ctx};

	return qw_database_each(store->database, QW_SQL_INDICATOR_EXPIRED, visit_indicator, &walk, "ii", now.ns,
				(int64_t)limit);
}

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
	return qw_database_change(store->database, QW_SQL_SIGHTING_ADD, "itiii", (int64_t)row->id, row->tenant,
				  (int64_t)row->count, row->first.ns, row->last.ns);
}

enum qw_err qw_store_each_sighting(struct qw_store *store, uint64_t id, qw_sighting_visit *visit, void *ctx)
{
	struct sighting_walk walk = {visit, ctx};

	return qw_database_each(store->database, QW_SQL_SIGHTING_EACH, visit_sighting, &walk, "i", (int64_t)id);
}

/* ---- when it went out */

static enum qw_err see_order(void *ctx, struct qw_row *row)
{
	*(struct qw_order *)ctx = (struct qw_order){(uint64_t)qw_row_i64(row, 0), (uint64_t)qw_row_i64(row, 1)};
	return QW_OK;
}

enum qw_err qw_store_find_order(struct qw_store *store, const char *channel, struct qw_time created,
				struct qw_order *out)
{
	struct qw_order found = {0, 0};
	enum qw_err err =
	    qw_database_each(store->database, QW_SQL_DELTA_ORDER, see_order, &found, "ti", channel, created.ns);

	if (err == QW_OK && found.sequence == 0)
		return QW_ENOENT;
	if (err == QW_OK)
		*out = found;
	return err;
}
