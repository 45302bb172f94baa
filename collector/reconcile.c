/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/reconcile.h"

#include <stdlib.h>

enum qw_err qw_reconcile_entry(struct qw_store *store, const char *channel, const struct qw_entry *entry,
			       const char *why, struct qw_time at, bool *mended)
{
	struct qw_indicator_row row = {.channel = channel, .who = QW_RECOVERED_WHO, .why = why, .at = at};

	*mended = false;
	if (entry->kind == QW_ENTRY_SIGNATURE)
		return QW_OK;
	enum qw_err err = qw_entry_indicator(entry, &row.indicator);
	if (err != QW_OK)
		return err;
	if (!entry->removed)
		return qw_store_match_indicator(store, &row, mended);
	err = qw_store_revoke_indicator(store, channel, &row.indicator.observable, row.indicator.allow, at);
	*mended = err == QW_OK;
	return err == QW_ENOENT ? QW_OK : err;
}

/* ---- a whole channel */

/* What has a row in force and is not in the channel. */
struct stray {
	struct qw_observable observable;
	bool allow;
};

struct reconciling {
	struct qw_store *store;
	const struct qw_channel *channel;
	const char *why;
	struct qw_time at;
	uint64_t mended;
	struct stray *stray;
	size_t count, room;
};

static enum qw_err see_entry(void *ctx, const struct qw_entry *entry)
{
	struct reconciling *it = ctx;
	bool mended;
	enum qw_err err = qw_reconcile_entry(it->store, qw_channel_name(it->channel), entry, it->why, it->at, &mended);

	it->mended += err == QW_OK && mended;
	return err;
}

static bool is_held(const struct qw_channel *channel, const struct qw_indicator *indicator)
{
	struct qw_entry entry, found;
	char key[QW_ENTRY_KEY_MAX];
	uint8_t *body;
	size_t len;

	if (qw_entry_of_indicator(&entry, &body, indicator) != QW_OK)
		return false;
	bool held = qw_entry_key(&entry, key, &len) == QW_OK && qw_channel_find(channel, entry.kind, key, len, &found);
	free(body);
	return held;
}

static enum qw_err see_row(void *ctx, const struct qw_indicator_row *row)
{
	struct reconciling *it = ctx;

	if (row->revoked.ns || is_held(it->channel, &row->indicator))
		return QW_OK;
	if (it->count == it->room) {
		size_t room = it->room ? it->room * 2 : 64;
		struct stray *grown = realloc(it->stray, room * sizeof(*grown));
		if (!grown)
			return QW_ENOMEM;
		it->stray = grown;
		it->room = room;
	}
	it->stray[it->count++] = (struct stray){row->indicator.observable, row->indicator.allow};
	return QW_OK;
}

static enum qw_err revoke_strays(struct reconciling *it)
{
	enum qw_err err = QW_OK;

	for (size_t i = 0; i < it->count && err == QW_OK; i++) {
		err = qw_store_revoke_indicator(it->store, qw_channel_name(it->channel), &it->stray[i].observable,
						it->stray[i].allow, it->at);
		it->mended += err == QW_OK;
	}
	return err;
}

enum qw_err qw_reconcile_channel(struct qw_store *store, const struct qw_channel *channel, const char *why,
				 struct qw_time at, uint64_t *mended)
{
	struct reconciling it = {.store = store, .channel = channel, .why = why, .at = at};
	enum qw_err err = qw_channel_each(channel, see_entry, &it);

	if (err == QW_OK)
		err = qw_store_each_indicator(store, qw_channel_name(channel), NULL, INT64_MAX, see_row, &it);
	if (err == QW_OK)
		err = revoke_strays(&it);
	free(it.stray);
	if (err == QW_OK)
		*mended = it.mended;
	return err;
}
