/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lend - the end that a feed lends to entries which have none of their own.
 *
 * It is put off only when a part of it is over, from a quarter to three
 * quarters by the entry's hash: so a refresh changes what changed, and not
 * everything on the same day.
 */
#include "collector/fetch/fetch.h"

#include <stdlib.h>

enum { STEPS = 64 /* of a lifetime */ };

static const int64_t day_ns = INT64_C(86400) * QW_NS_PER_S;

static bool is_due(const struct qw_fetch *fetch, struct qw_time end, uint64_t hash)
{
	int64_t life = (int64_t)fetch->spec->days * day_ns;
	int64_t least = life / 4 + life / 2 / 256 * (int64_t)(hash & 255);

	return end.ns - fetch->now.ns < least;
}

static bool is_over(const struct qw_fetch *fetch, const struct qw_indicator *indicator)
{
	return indicator->valid_until.ns != 0 && indicator->valid_until.ns <= fetch->now.ns;
}

static enum qw_err put(struct qw_fetch *fetch, const struct qw_indicator *indicator, bool lent)
{
	struct qw_entry entry;
	uint8_t *body;
	enum qw_err err = qw_entry_of_indicator(&entry, &body, indicator);

	if (err != QW_OK)
		return err;
	err = qw_feed_pile_add(fetch->pile, &entry, lent);
	free(body);
	return err;
}

/* In steps: a run that follows one which was cut off lends the same ends, and finds its entries as they are. */
static struct qw_time fresh_end(const struct qw_fetch *fetch)
{
	int64_t life = (int64_t)fetch->spec->days * day_ns, step = life / STEPS;

	return qw_time_ns(fetch->now.ns - fetch->now.ns % step + life);
}

/* The end that it was lent before, if that still does; else a new one. */
static enum qw_err lend(struct qw_fetch *fetch, struct qw_indicator *indicator)
{
	struct qw_time fresh = fresh_end(fetch);
	struct qw_indicator old;
	struct qw_feed_row row;
	struct qw_entry entry;
	uint8_t *body;
	enum qw_err err = qw_entry_of_indicator(&entry, &body, indicator);

	if (err != QW_OK)
		return err;
	bool stays = fetch->before.count > 0 && qw_feed_set_find(&fetch->before, &entry, &row) && row.lent &&
		     qw_entry_indicator(&row.entry, &old) == QW_OK && !is_due(fetch, old.valid_until, row.hash) &&
		     old.valid_until.ns <= fresh.ns;
	free(body);
	indicator->valid_until = stays ? old.valid_until : fresh;
	return put(fetch, indicator, true);
}

enum qw_err qw_fetch_keep(struct qw_fetch *fetch, struct qw_indicator *indicator)
{
	if (is_over(fetch, indicator)) {
		fetch->outcome.over++;
		return QW_OK;
	}
	if (indicator->valid_until.ns != 0 || fetch->spec->days == 0 || indicator->allow)
		return put(fetch, indicator, false);
	return lend(fetch, indicator);
}

static enum qw_err keep_row(struct qw_fetch *fetch, const struct qw_feed_row *row)
{
	struct qw_indicator indicator;

	if (row->entry.kind == QW_ENTRY_SIGNATURE)
		return qw_feed_pile_add(fetch->pile, &row->entry, false);
	if (qw_entry_indicator(&row->entry, &indicator) != QW_OK)
		return QW_OK;
	if (row->lent)
		indicator.valid_until = qw_time_ns(0);
	return qw_fetch_keep(fetch, &indicator);
}

bool qw_fetch_keep_all(struct qw_fetch *fetch)
{
	struct qw_feed_row row;

	for (size_t i = 0; i < fetch->before.count; i++) {
		enum qw_err err = qw_feed_set_at(&fetch->before, i, &row) ? keep_row(fetch, &row) : QW_OK;
		if (err != QW_OK)
			return qw_fetch_fail(fetch, QW_FEED_FAILED, "%s", qw_strerror(err));
	}
	return true;
}
