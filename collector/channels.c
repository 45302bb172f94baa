/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/channels.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quaywatch/file.h"
#include "quaywatch/log.h"

/* After so many deltas the image is written anew; so many older ones are kept for sensors that were away. */
enum { DELTAS_PER_IMAGE = 1000, DELTAS_KEPT = 4000 };

struct held {
	struct qw_channel *channel;
	struct qw_order image; /* what the file on disk holds */
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
		if (held->image.sequence != qw_channel_order(held->channel).sequence) {
			enum qw_err err = save(channels, held);
			(void)err; /* was logged */
		}
		qw_channel_free(held->channel);
	}
	free(channels->held);
	free(channels->folder);
	free(channels);
}

/* Applies one stored delta.  QW_ENOENT: there is none. */
static enum qw_err replay_one(struct qw_channels *channels, struct qw_channel *channel)
{
	struct qw_order next = qw_channel_order(channel);
	struct qw_delta_head head;
	uint8_t *delta;
	size_t len;

	next.sequence++;
	enum qw_err err = qw_store_get_delta(channels->store, qw_channel_name(channel), next, &delta, &len);
	if (err != QW_OK)
		return err;
	err = qw_delta_head(&head, delta, len);
	/* At its own time: the delegation that signed it may have ended since. */
	if (err == QW_OK)
		err = qw_channel_apply(channel, delta, len, channels->signer->root, head.created, NULL, NULL);
	free(delta);
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
		err = replay_one(channels, held.channel);
	while (err == QW_OK);
	if (err != QW_ENOENT) {
		qw_log(QW_LOG_ERROR, "CHANNEL-DAMAGED",
		       "channel %s: a stored delta does not fit: %s; was root.public exchanged?", name,
		       qw_strerror(err));
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
		qw_channel_free(old.channel);
		return;
	}
	/* Neither forward nor back: commits fail by their order until a restart, which tries the disk again. */
	*held = old;
	qw_log(QW_LOG_ERROR, "CHANNEL-STUCK",
	       "channel %s takes no changes; make room on the disk and restart the collector", copy);
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
	err = qw_store_put_delta(channels->store, name, qw_channel_order(channel), *delta, *len, now);
	if (err == QW_OK)
		err = qw_store_commit(channels->store);
	if (err != QW_OK) {
		free(*delta);
		*delta = NULL;
		go_back(channels, name);
	}
	return err;
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
