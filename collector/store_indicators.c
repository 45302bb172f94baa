/* SPDX-License-Identifier: Apache-2.0 */
/* store_indicators - rows of indicators. */
#include "collector/store_rows.h"

#include <stdio.h>
#include <stdlib.h>
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
	indicator->seen = (enum qw_prevalence)qw_row_i64(row, 14);
	indicator->seen_at = qw_row_time(row, 15);
	out.renew = qw_row_time(row, 16);
	out.born = qw_row_time(row, 17);
	return walk->visit(walk->ctx, &out);
}

static enum qw_err write_row(struct qw_store *store, enum qw_sql statement, const struct qw_indicator_row *row)
{
	const struct qw_indicator *indicator = &row->indicator;
	const struct qw_observable *observable = &indicator->observable;
	uint64_t id = qw_indicator_id(observable->type, observable->text, observable->len);

	return qw_database_change(store->database, statement,
				  "ttt"
				  "iii"
				  "ii"
				  "tttt"
				  "ii"
				  "iii",
				  row->channel, qw_observable_type_name(observable->type), observable->text,
				  (int64_t)indicator->allow, (int64_t)indicator->confidence, (int64_t)indicator->tlp,
				  indicator->valid_from.ns, indicator->valid_until.ns, indicator->source,
				  indicator->description, row->who, row->why, row->at.ns, (int64_t)id,
				  (int64_t)indicator->seen, indicator->seen_at.ns, row->renew.ns);
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

enum qw_err qw_store_leave_indicator(struct qw_store *store, const char *channel, const struct qw_observable *observable,
				     bool allow, const char *why, struct qw_time now)
{
	return qw_store_met(store, qw_database_change(store->database, QW_SQL_INDICATOR_LEAVE, "tttiit", channel,
						      qw_observable_type_name(observable->type), observable->text,
						      (int64_t)allow, now.ns, why));
}

enum qw_err qw_store_say_indicator(struct qw_store *store, const char *channel, const struct qw_indicator *indicator,
				   struct qw_time now)
{
	return qw_store_met(store, qw_database_change(store->database, QW_SQL_INDICATOR_SAY,
						      "ttti"
						      "iiii",
						      channel, qw_observable_type_name(indicator->observable.type),
						      indicator->observable.text, (int64_t)indicator->allow,
						      (int64_t)indicator->seen, indicator->seen_at.ns,
						      indicator->valid_until.ns, now.ns));
}

enum qw_err qw_store_find_indicator(struct qw_store *store, uint64_t id, const char *channel, qw_indicator_visit *visit,
				    void *ctx)
{
	struct indicator_walk walk = {visit, ctx};

	return qw_database_each(store->database, QW_SQL_INDICATOR_ID, visit_indicator, &walk, "it", (int64_t)id, channel);
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

enum qw_err qw_store_each_in_order(struct qw_store *store, const char *channel, const struct qw_observable *after,
				   struct qw_time now, size_t limit, qw_indicator_visit *visit, void *ctx)
{
	struct indicator_walk walk = {visit, ctx};
	bool any = after->type == QW_OBS_COUNT;

	return qw_database_each(store->database, QW_SQL_INDICATOR_ORDERED, visit_indicator, &walk, "tttii", channel,
				any ? "" : qw_observable_type_name(after->type), any ? "" : after->text, now.ns,
				(int64_t)limit);
}

enum qw_err qw_store_each_expired(struct qw_store *store, struct qw_time now, size_t limit, qw_indicator_visit *visit,
				  void *ctx)
{
	struct indicator_walk walk = {visit, ctx};

	return qw_database_each(store->database, QW_SQL_INDICATOR_EXPIRED, visit_indicator, &walk, "ii", now.ns,
				(int64_t)limit);
}

/* ---- rows without an id */

enum { IDENTIFIED_AT_ONCE = 1000 };

struct nameless {
	size_t count;
	struct qw_observable row[IDENTIFIED_AT_ONCE];
};

static enum qw_err see_nameless(void *ctx, struct qw_row *row)
{
	struct nameless *nameless = ctx;
	struct qw_observable *observable = &nameless->row[nameless->count++];
	const char *type = qw_row_text(row, 0);

	observable->type = qw_observable_type_parse(type, strlen(type));
	observable->len = (uint16_t)strnlen(qw_row_text(row, 1), QW_OBSERVABLE_TEXT_MAX);
	memcpy(observable->text, qw_row_text(row, 1), observable->len);
	observable->text[observable->len] = '\0';
	return QW_OK;
}

static enum qw_err identify_some(struct qw_store *store, struct nameless *nameless)
{
	nameless->count = 0;
	enum qw_err err = qw_database_each(store->database, QW_SQL_INDICATOR_NAMELESS, see_nameless, nameless, "i",
					   (int64_t)IDENTIFIED_AT_ONCE);

	for (size_t i = 0; i < nameless->count && err == QW_OK; i++) {
		const struct qw_observable *row = &nameless->row[i];
		err = qw_database_change(store->database, QW_SQL_INDICATOR_IDENTIFY, "tti",
					 qw_observable_type_name(row->type), row->text,
					 (int64_t)qw_indicator_id(row->type, row->text, row->len));
	}
	return err == QW_OK ? qw_store_commit(store) : err;
}

enum qw_err qw_store_identify(struct qw_store *store)
{
	struct nameless *nameless = malloc(sizeof(*nameless));
	enum qw_err err = nameless ? QW_OK : QW_ENOMEM;

	do
		err = err == QW_OK ? identify_some(store, nameless) : err;
	while (err == QW_OK && nameless->count == IDENTIFIED_AT_ONCE);
	free(nameless);
	return err;
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
