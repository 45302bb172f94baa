/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/retire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/admission.h"
#include "collector/canary.h"
#include "quaywatch/log.h"

enum { TOLD = 10 };

struct sweep {
	const struct qw_publication *publication;
	const struct qw_guard *guard;
	unsigned kinds;
	struct qw_time now;
	const char *channel;         /* being swept */
	struct qw_observable *found; /* of the channel being swept */
	size_t count, room;
	uint64_t removed;
};

static enum qw_err keep(struct sweep *sweep, const struct qw_observable *observable)
{
	if (sweep->count == sweep->room) {
		size_t room = sweep->room ? sweep->room * 2 : 16;
		struct qw_observable *grown = realloc(sweep->found, room * sizeof(*grown));
		if (!grown)
			return QW_ENOMEM;
		sweep->found = grown;
		sweep->room = room;
	}
	sweep->found[sweep->count++] = *observable;
	return QW_OK;
}

static enum qw_err see_forced(void *ctx, const struct qw_indicator_row *row)
{
	const char *why = row->why;

	if (strncmp(why, QW_CANARY_WHY, sizeof(QW_CANARY_WHY) - 1) == 0)
		why += sizeof(QW_CANARY_WHY) - 1;
	if (row->revoked.ns == 0 && !row->indicator.allow &&
	    strncmp(why, QW_FORCED_WHY, sizeof(QW_FORCED_WHY) - 1) == 0)
		*(bool *)ctx = true;
	return QW_OK;
}

/* A crown jewel cannot be forced: no mark helps what stands against one. */
static enum qw_err may_stay(const struct sweep *sweep, const struct qw_observable *observable, enum qw_guard_kind kind,
			    bool *stays)
{
	*stays = false;
	if (kind == QW_GUARD_JEWEL || !(sweep->kinds & QW_RETIRE_NOT_FORCED))
		return QW_OK;
	return qw_store_each_indicator(sweep->publication->store, sweep->channel, observable, 2, see_forced, stays);
}

static enum qw_err look_at(void *ctx, const struct qw_entry *entry)
{
	struct sweep *sweep = ctx;
	struct qw_indicator indicator;
	struct qw_guard_hit hit;
	char why[QW_GUARD_SENTENCE_MAX];
	bool stays;

	if (entry->kind != QW_ENTRY_INDICATOR || qw_entry_indicator(entry, &indicator) != QW_OK)
		return QW_OK;
	if (!qw_guard_find(sweep->guard, &indicator.observable, NULL, &hit) || !(sweep->kinds & 1u << hit.list.kind))
		return QW_OK;
	if (hit.above && hit.list.kind == QW_GUARD_ALLOW)
		return QW_OK;
	enum qw_err err = may_stay(sweep, &indicator.observable, hit.list.kind, &stays);
	if (err != QW_OK || stays)
		return err;
	qw_guard_sentence(&hit, &indicator.observable, why);
	if (sweep->removed + sweep->count < TOLD)
		qw_log(QW_LOG_WARNING, "RETIRED", "%s: taken back from every sensor", why);
	return keep(sweep, &indicator.observable);
}

/* One delta's worth: rows and entries. */
static enum qw_err remove_some(struct sweep *sweep, const char *channel, const struct qw_observable *observables,
			       size_t count)
{
	struct qw_store *store = sweep->publication->store;
	struct qw_entry *entries = calloc(count, sizeof(*entries));
	uint8_t **bodies = calloc(count, sizeof(*bodies));
	struct qw_indicator indicator;
	enum qw_err err = entries && bodies ? qw_store_commit(store) : QW_ENOMEM;

	qw_indicator_init(&indicator);
	for (size_t i = 0; i < count && err == QW_OK; i++) {
		indicator.observable = observables[i];
		err = qw_store_revoke_indicator(store, channel, &observables[i], false, sweep->now);
		err = err == QW_ENOENT ? QW_OK : err; /* the channel is what counts */
		if (err == QW_OK)
			err = qw_entry_of_indicator(&entries[i], &bodies[i], &indicator);
		entries[i].removed = true;
	}
	if (err == QW_OK)
		err = qw_publish_entries(sweep->publication, channel, entries, count, sweep->now);
	else
		qw_store_rollback(store);
	for (size_t i = 0; bodies && i < count; i++)
		free(bodies[i]);
	free(bodies);
	free(entries);
	return err;
}

static enum qw_err sweep_channel(struct sweep *sweep, const char *name)
{
	/* Long values must fit a delta too. */
	static const size_t most = QW_PUBLICATION_BYTES / (QW_OBSERVABLE_TEXT_MAX + 512);
	struct qw_channel *channel;
	enum qw_err err = qw_channels_get(&channel, sweep->publication->channels, name);

	sweep->count = 0;
	sweep->channel = name;
	if (err == QW_OK)
		err = qw_channel_each(channel, look_at, sweep);
	for (size_t at = 0; at < sweep->count && err == QW_OK; at += most) {
		size_t count = sweep->count - at < most ? sweep->count - at : most;
		err = remove_some(sweep, name, sweep->found + at, count);
		sweep->removed += err == QW_OK ? count : 0;
	}
	return err;
}

static enum qw_err sweep_tenant(void *ctx, const struct qw_tenant_row *row)
{
	return sweep_channel(ctx, row->name);
}

enum qw_err qw_retire(const struct qw_publication *publication, const char *channel, const struct qw_guard *guard,
		      unsigned kinds, struct qw_time now, uint64_t *count)
{
	struct sweep sweep = {.publication = publication, .guard = guard, .kinds = kinds, .now = now};
	enum qw_err err = sweep_channel(&sweep, channel ? channel : QW_COMMUNITY);

	if (err == QW_OK && !channel)
		err = qw_store_each_tenant(publication->store, sweep_tenant, &sweep);
	free(sweep.found);
	*count = sweep.removed;
	return err;
}

enum qw_err qw_retire_allowed(const struct qw_publication *publication, const char *channel,
			      const struct qw_indicator *indicators, size_t entries, struct qw_time now, uint64_t *count)
{
	const struct qw_guard_list list = {QW_GUARD_ALLOW, "the allow entries", NULL};
	struct qw_guard *guard;
	enum qw_err err = qw_guard_new(&guard);

	*count = 0;
	if (err != QW_OK)
		return err;
	for (size_t i = 0; i < entries && err == QW_OK; i++)
		if (indicators[i].allow)
			err = qw_guard_add(guard, &list, &indicators[i].observable);
	qw_guard_finish(guard);
	if (err == QW_OK && qw_guard_count(guard, QW_GUARD_ALLOW))
		err = qw_retire(publication, channel, guard, 1u << QW_GUARD_ALLOW, now, count);
	qw_guard_free(guard);
	return err;
}
