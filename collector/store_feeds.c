/* SPDX-License-Identifier: Apache-2.0 */
/* store_feeds - rows of feeds, and how they are. */
#include "collector/store_rows.h"

#include <string.h>

enum qw_err qw_store_put_feed(struct qw_store *store, const char *name, const char *words, struct qw_time now)
{
	return qw_database_change(store->database, QW_SQL_FEED_PUT, "tti", name, words, now.ns);
}

enum qw_err qw_store_drop_feed(struct qw_store *store, const char *name)
{
	enum qw_err err = qw_database_change(store->database, QW_SQL_FEED_DROP, "t", name);

	return err == QW_OK ? qw_database_change(store->database, QW_SQL_HEALTH_DROP, "t", name) : err;
}

struct feed_walk {
	qw_feed_visit *visit;
	void *ctx;
};

static enum qw_err visit_feed(void *ctx, struct qw_row *row)
{
	const struct feed_walk *walk = ctx;

	return walk->visit(walk->ctx, qw_row_text(row, 0), qw_row_text(row, 1));
}

enum qw_err qw_store_each_feed(struct qw_store *store, qw_feed_visit *visit, void *ctx)
{
	struct feed_walk walk = {visit, ctx};

	return qw_database_each(store->database, QW_SQL_FEED_EACH, visit_feed, &walk, "");
}

enum qw_err qw_store_put_health(struct qw_store *store, const char *name, const struct qw_feed_health *health)
{
	char memory[QW_FEED_OUTCOME_MAX];
	struct qw_text text;

	qw_text_init(&text, memory, sizeof(memory));
	qw_feed_outcome_write(&health->outcome, &text);
	return qw_database_change(store->database, QW_SQL_HEALTH_PUT,
				  "tiii"
				  "iiiit",
				  name, health->tried.ns, health->good.ns, (int64_t)health->failures,
				  (int64_t)health->published, (int64_t)health->withdrawn, (int64_t)health->refused,
				  (int64_t)health->held, qw_text_string(&text));
}

static enum qw_err see_health(void *ctx, struct qw_row *row)
{
	struct qw_feed_health *out = ctx;
	const char *outcome = qw_row_text(row, 7);

	*out = (struct qw_feed_health){.tried = qw_row_time(row, 0),
				       .good = qw_row_time(row, 1),
				       .failures = (uint64_t)qw_row_i64(row, 2),
				       .published = (uint64_t)qw_row_i64(row, 3),
				       .withdrawn = (uint64_t)qw_row_i64(row, 4),
				       .refused = (uint64_t)qw_row_i64(row, 5),
				       .held = (uint64_t)qw_row_i64(row, 6)};
	/* What cannot be read is told of again by the next run. */
	return qw_feed_outcome_read(&out->outcome, outcome, strlen(outcome)) == QW_ENOMEM ? QW_ENOMEM : QW_OK;
}

enum qw_err qw_store_get_health(struct qw_store *store, const char *name, struct qw_feed_health *out)
{
	memset(out, 0, sizeof(*out));
	return qw_database_each(store->database, QW_SQL_HEALTH_GET, see_health, out, "t", name);
}
