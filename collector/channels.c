/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/channels.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/reconcile.h"
#include "quaywatch/file.h"
#include "quaywatch/log.h"

/* After so many deltas the image is written anew; so many older ones are kept for sensors that were away. */
enum { DELTAS_PER_IMAGE = 1000, DELTAS_KEPT = 4000 };

/* Seconds by which the clock that stamps changes may have gone back. */
enum { CLOCK_SLACK_S = 3600 };

struct held {
	struct qw_channel *channel;
	struct qw_order image; /* what the file on disk holds */
	struct qw_time created; /* when our newest change was made; 0: not known */
	bool forked;            /* that was said */
};

struct qw_channels {
	char *folder;
	struct qw_store *store;
	const struct qw_signer *signer;
	struct held *held;
	size_t count;
};

static void image_path(const struct qw_channels *channels, const char *name, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/channels/%s", channels->folder, name);
}

enum qw_err qw_channels_open(struct qw_channels **out, const char *folder, struct qw_store *store,
			     const struct qw_signer *signer)
{
	struct qw_channels *channels = calloc(1, sizeof(*channels));
	char path[PATH_MAX];

	if (!channels)
		return QW_ENOMEM;
	channels->store = store;
	channels->signer = signer;
	channels->folder = strdup(folder);
	snprintf(path, sizeof(path), "%s/channels", folder);
	enum qw_err err = channels->folder ? qw_make_folder(path, 0750) : QW_ENOMEM;
	if (err != QW_OK) {
		qw_channels_close(channels);
		return err;
	}
	*out = channels;
	return QW_OK;
}

static enum qw_err save(struct qw_channels *channels, struct held *held)
{
	char path[PATH_MAX];

	image_path(channels, qw_channel_name(held->channel), path);
	enum qw_err err = qw_channel_save(held->channel, path);
	if (err == QW_OK)
		held->image = qw_channel_order(held->channel);
	else
		qw_log(QW_LOG_WARNING, "CHANNEL-NOT-SAVED", "%s: %s; its deltas stay in collector.db", path,
		       qw_strerror(err));
	return err;
}

void qw_channels_close(struct qw_channels *channels)
{
	if (!channels)
		return;
	for (size_t i = 0; i < channels->count; i++) {
		struct held *held = &channels->held[i];
		struct qw_order now = qw_channel_order(held->channel);
		if (!qw_order_equal(held->image, now)) {
			enum qw_err err = save(channels, held);
			(void)err; /* was logged */
		}
		qw_channel_free(held->channel);
	}
	free(channels->held);
	free(channels->folder);
	free(channels);
}

/* Applies the next stored delta.  QW_ENOENT: there is none, or others are missing before it. */
static enum qw_err replay_one(struct qw_channels *channels, struct held *held)
{
	struct qw_order ours = qw_channel_order(held->channel);
	struct qw_delta_head head;
	uint8_t *delta;
	size_t len;
	enum qw_err err = qw_store_next_delta(channels->store, qw_channel_name(held->channel), ours, &delta, &len);

	if (err != QW_OK)
		return err;
	err = qw_delta_head(&head, delta, len);
	if (err == QW_OK && !qw_order_follows(head.order, ours))
		err = QW_ENOENT;
	/* At its own time: the delegation that signed it may have ended since. */
	if (err == QW_OK)
		err = qw_channel_apply(held->channel, delta, len, channels->signer->root, head.created, NULL, NULL);
	if (err == QW_OK)
		held->created = head.created;
	free(delta);
	return err;
}

/*
 * The change that led to what we hold is in the store, unless the image is of a
 * later day than the store: then the image tells which indicators there are.
 */
static enum qw_err match_store(struct qw_channels *channels, struct held *held)
{
	struct qw_order ours = qw_channel_order(held->channel);
	const char *name = qw_channel_name(held->channel);
	struct qw_delta_head head;
	uint64_t mended = 0;
	uint8_t *delta;
	size_t len;
	enum qw_err err = qw_store_get_delta(channels->store, name, ours, &delta, &len);

	if (err == QW_OK) {
		if (qw_delta_head(&head, delta, len) == QW_OK)
			held->created = head.created;
		free(delta);
		return QW_OK;
	}
	if (err != QW_ENOENT || ours.sequence == 0)
		return err == QW_ENOENT ? QW_OK : err;
	err = qw_reconcile_channel(channels->store, held->channel, "the database was older than the channel",
				   qw_time_wall(), &mended);
	if (err == QW_OK)
		err = qw_store_commit(channels->store);
	if (err == QW_OK && mended)
		qw_log(QW_LOG_WARNING, "ROWS-RECOVERED",
		       "channel %s: collector.db was older than channels/%s, and %llu of its indicators were taken "
		       "from there",
		       name, name, (unsigned long long)mended);
	return err;
}

/* The image on disk and the deltas since. */
static enum qw_err load(struct qw_channels *channels, const char *name, struct held *out)
{
	char path[PATH_MAX];
	struct held held = {0};

	image_path(channels, name, path);
	enum qw_err err = qw_channel_load(&held.channel, path);
	if (err == QW_ENOENT)
		err = qw_channel_new(&held.channel, name);
	if (err != QW_OK) {
		qw_log(QW_LOG_ERROR, "CHANNEL-DAMAGED",
		       "%s: %s; restore it from a backup, or move it away to begin from the deltas", path,
		       qw_strerror(err));
		return err;
	}
	held.image = qw_channel_order(held.channel);
	do
		err = replay_one(channels, &held);
	while (err == QW_OK);
	if (err != QW_ENOENT) {
		qw_log(QW_LOG_ERROR, "CHANNEL-DAMAGED",
		       "channel %s: a stored delta does not fit: %s; was root.public exchanged?", name,
		       qw_strerror(err));
		qw_channel_free(held.channel);
		return err;
	}
	err = match_store(channels, &held);
	if (err != QW_OK) {
		qw_channel_free(held.channel);
		return err;
	}
	*out = held;
	return QW_OK;
}

static struct held *find(const struct qw_channels *channels, const char *name)
{
	for (size_t i = 0; i < channels->count; i++)
		if (strcmp(qw_channel_name(channels->held[i].channel), name) == 0)
			return &channels->held[i];
	return NULL;
}

enum qw_err qw_channels_get(struct qw_channel **out, struct qw_channels *channels, const char *name)
{
	struct held *held = find(channels, name);

	if (held) {
		*out = held->channel;
		return QW_OK;
	}
	struct held *grown = realloc(channels->held, (channels->count + 1) * sizeof(*grown));
	if (!grown)
		return QW_ENOMEM;
	channels->held = grown;
	enum qw_err err = load(channels, name, &grown[channels->count]);
	if (err == QW_OK)
		*out = grown[channels->count++].channel;
	return err;
}

size_t qw_channels_count(const struct qw_channels *channels)
{
	return channels->count;
}

const struct qw_channel *qw_channels_at(const struct qw_channels *channels, size_t index)
{
	return channels->held[index].channel;
}

/* After a delta that the store did not take: back to what it holds. */
static void go_back(struct qw_channels *channels, const char *name)
{
	struct held *held = find(channels, name), old = *held;
	char copy[QW_CHANNEL_NAME_MAX + 1];

	snprintf(copy, sizeof(copy), "%s", name);
	qw_store_rollback(channels->store);
	if (load(channels, copy, held) == QW_OK) {
		held->forked = old.forked;
		qw_channel_free(old.channel);
		return;
	}
	/* Neither forward nor back: commits fail by their order until a restart, which tries the disk again. */
	*held = old;
	qw_log(QW_LOG_ERROR, "CHANNEL-STUCK",
	       "channel %s takes no changes; make room on the disk and restart the collector", copy);
}

/* A change that was made goes into the store; on error it is undone, and the delta freed. */
static enum qw_err keep_delta(struct qw_channels *channels, const char *name, uint8_t **delta, size_t len,
			      struct qw_time now)
{
	struct held *held = find(channels, name);
	enum qw_err err = qw_store_put_delta(channels->store, name, qw_channel_order(held->channel), *delta, len, now);

	if (err == QW_OK)
		err = qw_store_commit(channels->store);
	if (err == QW_OK) {
		held->created = now;
		return QW_OK;
	}
	free(*delta);
	*delta = NULL;
	go_back(channels, name);
	return err;
}

enum qw_err qw_channels_commit(struct qw_channels *channels, const char *name, const struct qw_entry *entries,
			       size_t count, struct qw_time now, uint8_t **delta, size_t *len)
{
	const struct qw_signer *signer = channels->signer;
	struct qw_channel *channel;
	enum qw_err err = qw_channels_get(&channel, channels, name);

	if (err == QW_OK)
		err = qw_channel_commit(channel, entries, count, &signer->online, signer->delegation,
					signer->delegation_len, now, delta, len);
	if (err != QW_OK) {
		qw_store_rollback(channels->store);
		return err;
	}
	return keep_delta(channels, name, delta, *len, now);
}

enum qw_err qw_channels_open_term(struct qw_channels *channels, const char *name, uint64_t term, struct qw_time now)
{
	const struct qw_signer *signer = channels->signer;
	struct qw_channel *channel;
	uint8_t *delta;
	size_t len;
	enum qw_err err = qw_channels_get(&channel, channels, name);

	if (err == QW_OK)
		err = qw_store_commit(channels->store); /* what is pending must not be lost if this is undone */
	if (err == QW_OK)
		err = qw_channel_commit_term(channel, term, &signer->online, signer->delegation, signer->delegation_len,
					     now, &delta, &len);
	if (err != QW_OK)
		return err;
	err = keep_delta(channels, name, &delta, len, now);
	if (err == QW_OK)
		free(delta);
	return err;
}

/* ---- what was lost */

struct recovering {
	struct qw_channels *channels;
	const char *name;
	struct qw_time created;
	enum qw_err err;
};

static void recover_row(void *ctx, const struct qw_entry *entry)
{
	struct recovering *recovering = ctx;
	bool mended;

	if (recovering->err == QW_OK)
		recovering->err = qw_reconcile_entry(recovering->channels->store, recovering->name, entry,
						     "a sensor had it; the collector was restored from a backup",
						     recovering->created, &mended);
}

enum qw_err qw_channels_recover(struct qw_channels *channels, const char *name, const uint8_t *delta, size_t len)
{
	struct held *held = find(channels, name);
	struct recovering recovering = {channels, name, {0}, QW_OK};
	struct qw_delta_head head;
	enum qw_err err = held ? qw_delta_head(&head, delta, len) : QW_ENOENT;

	if (err != QW_OK)
		return err;
	if (qw_time_before(qw_time_add(head.created, qw_time_seconds(CLOCK_SLACK_S)), held->created))
		return QW_ESIGN;
	recovering.created = head.created;
	err =
	    qw_channel_apply(held->channel, delta, len, channels->signer->root, head.created, recover_row, &recovering);
	if (err != QW_OK)
		return err;
	err = recovering.err;
	if (err == QW_OK)
		err = qw_store_restore_delta(channels->store, name, head.order, delta, len, head.created);
	if (err == QW_OK)
		held->created = head.created;
	else
		go_back(channels, name);
	return err;
}

enum qw_err qw_channels_keep(struct qw_channels *channels, const char *name)
{
	enum qw_err err = qw_store_commit(channels->store);

	if (err != QW_OK)
		go_back(channels, name);
	return err;
}

void qw_channels_save(struct qw_channels *channels, const char *name)
{
	struct held *held = find(channels, name);

	if (held && save(channels, held) != QW_OK)
		return; /* was logged */
}

void qw_channels_forked(struct qw_channels *channels, const char *name, struct qw_order at,
			const struct qw_identity *who)
{
	struct held *held = find(channels, name);

	if (!held || held->forked)
		return;
	held->forked = true;
	qw_log(QW_LOG_ERROR, "CHANNEL-FORKED",
	       "channel %s: at %llu.%llu %s/%s holds another set than we do: was the collector restored from a backup, "
	       "and changed "
	       "before its sensors came? Sensors that are not ahead of us take ours, and what they alone held is lost; "
	       "for those that "
	       "stay ahead open a new term: quaywatchctl channel term",
	       name, (unsigned long long)at.term, (unsigned long long)at.sequence, who->tenant, who->sensor);
}

void qw_channels_tidy(struct qw_channels *channels)
{
	for (size_t i = 0; i < channels->count; i++) {
		struct held *held = &channels->held[i];
		struct qw_order now = qw_channel_order(held->channel);
		if (now.sequence < held->image.sequence + DELTAS_PER_IMAGE || save(channels, held) != QW_OK)
			continue;
		if (now.sequence <= DELTAS_KEPT)
			continue;
		struct qw_order through = {now.term, now.sequence - DELTAS_KEPT};
		if (qw_store_prune_deltas(channels->store, qw_channel_name(held->channel), through) != QW_OK)
			qw_log(QW_LOG_WARNING, "STORE-FAILED", "old deltas stay: %s",
			       qw_store_message(channels->store));
	}
}
