/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/publication.h"

#include <stdlib.h>
#include <string.h>

#include "collector/label.h"
#include "collector/sightings.h"

static bool must_wait(const struct qw_publication *publication, const char *channel)
{
	return publication->restoration &&
	       qw_restoration_holds(publication->restoration, channel, qw_time_monotonic(), NULL);
}

enum qw_err qw_publish_entries(const struct qw_publication *publication, const char *channel,
			       const struct qw_entry *entries, size_t count, struct qw_time now)
{
	uint8_t *delta;
	size_t len;

	if (must_wait(publication, channel)) {
		qw_store_rollback(publication->store); /* the rows of what is not published */
		return QW_EAGAIN;
	}
	enum qw_err err = qw_channels_commit(publication->channels, channel, entries, count, now, &delta, &len);

	if (err != QW_OK)
		return err;
	qw_fanout_publish(publication->fanout, channel, delta, len);
	free(delta);
	return QW_OK;
}

struct change {
	const struct qw_publication *publication;
	const char *channel;
	const struct qw_reason *reason; /* NULL: only what others may learn of them changes */
	struct qw_time now;
};

static enum qw_err write_row(const struct change *change, const struct qw_indicator *indicator)
{
	const struct qw_publication *publication = change->publication;
	const struct qw_observable *observable = &indicator->observable;

	if (!change->reason)
		return qw_store_say_indicator(publication->store, change->channel, indicator, change->now);
	struct qw_indicator_row row = {.channel = change->channel,
				       .indicator = *indicator,
				       .who = change->reason->who,
				       .why = change->reason->why,
				       .at = change->now,
				       .renew = change->reason->renew};
	enum qw_err err = qw_store_put_indicator(publication->store, &row);
	if (err != QW_OK || publication->bucket.ns == 0 || indicator->allow)
		return err;
	/* It goes out as one that nobody is known to have met: whoever did is told of again. */
	return qw_store_mark_again(publication->store, qw_bucket_of(change->now, publication->bucket),
				   qw_indicator_id(observable->type, observable->text, observable->len));
}

/* What is published together: indicators, or changes some of which go. */
struct batch {
	const struct qw_indicator *indicators; /* NULL: changes */
	const struct qw_publication_change *changes;
	size_t count;
};

static const struct qw_indicator *indicator_at(const struct batch *batch, size_t i)
{
	return batch->indicators ? &batch->indicators[i] : &batch->changes[i].indicator;
}

static bool goes(const struct batch *batch, size_t i)
{
	return !batch->indicators && batch->changes[i].removed;
}

static enum qw_err write_leaving(const struct change *change, const struct qw_indicator *indicator)
{
	enum qw_err err = qw_store_leave_indicator(change->publication->store, change->channel, &indicator->observable,
						   indicator->allow, change->reason->why, change->now);

	return err == QW_ENOENT ? QW_OK : err;
}

/* Packs them, and writes their rows. */
static enum qw_err prepare(const struct change *change, const struct batch *batch, struct qw_entry *entries,
			   uint8_t **bodies)
{
	enum qw_err err = QW_OK;

	for (size_t i = 0; i < batch->count && err == QW_OK; i++) {
		const struct qw_indicator *indicator = indicator_at(batch, i);
		err = qw_entry_of_indicator(&entries[i], &bodies[i], indicator);
		entries[i].removed = goes(batch, i);
		if (err == QW_OK)
			err = goes(batch, i) ? write_leaving(change, indicator) : write_row(change, indicator);
		*change->publication->allow_changes += indicator->allow;
	}
	return err;
}

static bool labels_permit(const char *channel, const struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++)
		if (!goes(batch, i) && !qw_label_permits(indicator_at(batch, i)->tlp, qw_label_place_of(channel)))
			return false;
	return true;
}

static enum qw_err publish(const struct change *change, const struct batch *batch)
{
	const struct qw_publication *publication = change->publication;

	if (batch->count == 0 || batch->count > QW_PUBLICATION_ENTRIES)
		return QW_ELIMIT;
	if (!labels_permit(change->channel, batch))
		return QW_EACCES;
	if (must_wait(publication, change->channel))
		return QW_EAGAIN;
	struct qw_entry *entries = calloc(batch->count, sizeof(*entries));
	uint8_t **bodies = calloc(batch->count, sizeof(*bodies));
	/* What is pending must not be lost if this is rolled back. */
	enum qw_err err = entries && bodies ? qw_store_commit(publication->store) : QW_ENOMEM;
	if (err == QW_OK)
		err = prepare(change, batch, entries, bodies);
	if (err == QW_OK)
		err = qw_publish_entries(publication, change->channel, entries, batch->count, change->now);
	else
		qw_store_rollback(publication->store);
	for (size_t i = 0; bodies && i < batch->count; i++)
		free(bodies[i]);
	free(bodies);
	free(entries);
	return err;
}

enum qw_err qw_publish_indicators(const struct qw_publication *publication, const char *channel,
				  const struct qw_indicator *indicators, size_t count, const struct qw_reason *reason,
				  struct qw_time now)
{
	const struct change change = {publication, channel, reason, now};

	return publish(&change, &(struct batch){.indicators = indicators, .count = count});
}

enum qw_err qw_publish_prevalence(const struct qw_publication *publication, const char *channel,
				  const struct qw_indicator *indicators, size_t count, struct qw_time now)
{
	const struct change change = {publication, channel, NULL, now};

	return publish(&change, &(struct batch){.indicators = indicators, .count = count});
}

enum qw_err qw_publish_changes(const struct qw_publication *publication, const char *channel,
			       const struct qw_publication_change *changes, size_t count, const struct qw_reason *reason,
			       struct qw_time now)
{
	const struct change change = {publication, channel, reason, now};

	return publish(&change, &(struct batch){.changes = changes, .count = count});
}

enum qw_err qw_publish_removal(const struct qw_publication *publication, const char *channel,
			       const struct qw_observable *observable, bool allow, struct qw_time now)
{
	struct qw_indicator indicator;
	struct qw_entry entry;
	uint8_t *body;

	if (must_wait(publication, channel))
		return QW_EAGAIN;
	enum qw_err err = qw_store_commit(publication->store);
	if (err == QW_OK)
		err = qw_store_revoke_indicator(publication->store, channel, observable, allow, now);
	if (err != QW_OK) {
		qw_store_rollback(publication->store);
		return err;
	}
	qw_indicator_init(&indicator);
	indicator.observable = *observable;
	indicator.allow = allow;
	err = qw_entry_of_indicator(&entry, &body, &indicator);
	if (err != QW_OK) {
		qw_store_rollback(publication->store);
		return err;
	}
	entry.removed = true;
	*publication->allow_changes += allow;
	err = qw_publish_entries(publication, channel, &entry, 1, now);
	free(body);
	return err;
}
