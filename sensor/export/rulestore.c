/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/rulestore.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "quaywatch/bytes.h"
#include "quaywatch/file.h"
#include "quaywatch/log.h"
#include "quaywatch/wire.h"

struct held {
	struct qw_channel *channel; /* NULL: not in use */
	char path[PATH_MAX], deltas[PATH_MAX];
	int fd;         /* of deltas, for appending */
	uint64_t bytes; /* in deltas */
	struct qw_history *history; /* NULL: none is kept */
};

struct qw_rulestore {
	struct qw_rulestore_options options;
	struct held held[QW_STORE_CHANNELS];
};

/* ---- opening */

static void put_aside(const char *path, enum qw_err why)
{
	enum qw_err err = qw_file_set_aside(path);

	qw_log(QW_LOG_ERROR, "CHANNEL-BROKEN", "%s cannot be used (%s) and %s; the collector will send the set again", path,
	       qw_strerror(why), err == QW_OK ? "was moved to the same name with .refused" : "could not even be moved away");
}

/* What cannot be kept is no harm to the ruleset. */
static void remember(struct held *held, struct qw_order order, const uint8_t *delta, size_t len)
{
	if (!held->history)
		return;
	enum qw_err err = qw_history_add(held->history, order, delta, len);
	if (err == QW_EEXIST) { /* the channel was set back: what is there led elsewhere */
		qw_history_forget(held->history);
		err = qw_history_add(held->history, order, delta, len);
	}
	if (err != QW_OK && qw_history_stats(held->history).failed == 1)
		qw_log(QW_LOG_WARNING, "HISTORY-DISK", "%s.history: %s; changes are in force, but a collector that loses them cannot get "
		       "them back from here", held->path, qw_strerror(err));
}

/* A delta that was verified when it came is old now: its own time counts. */
static enum qw_err replay_one(struct qw_rulestore *store, struct held *held, struct qw_bytes delta)
{
	struct qw_delta_head head;
	enum qw_err err = qw_delta_head(&head, delta.at, delta.left);

	if (err == QW_OK)
		err = qw_channel_apply(held->channel, delta.at, delta.left, store->options.root_public, head.created, NULL, NULL);
	/* A power failure may have taken it from the history, which is not synchronised. */
	if (err == QW_OK && held->history && qw_order_before(qw_history_last(held->history), head.order))
		remember(held, head.order, delta.at, delta.left);
	return err == QW_EEXIST ? QW_OK : err;
}

/* Reads what is whole; a torn end is what a crash leaves and is cut. */
static enum qw_err replay(struct qw_rulestore *store, struct held *held)
{
	struct qw_mapping file;
	enum qw_err err = qw_mapping_open(&file, held->deltas);

	if (err == QW_ENOENT)
		return QW_OK;
	if (err != QW_OK)
		return err;
	struct qw_bytes in = qw_bytes(file.data, file.size), delta;
	uint32_t len;
	while (err == QW_OK) {
		struct qw_bytes before = in;
		if (!qw_bytes_le32(&in, &len) || !qw_bytes_take(&in, len, &delta) || (err = replay_one(store, held, delta)) != QW_OK) {
			in = before;
			break;
		}
	}
	held->bytes = file.size - in.left;
	if (in.left)
		qw_log(QW_LOG_WARNING, "DELTAS-CUT", "%s: the last %zu bytes were not usable and are cut; they will be fetched again",
		       held->deltas, in.left);
	qw_mapping_close(&file);
	return QW_OK;
}

static enum qw_err load(struct held *held, const char *name)
{
	enum qw_err err = qw_channel_load(&held->channel, held->path);

	if (err == QW_OK && strcmp(qw_channel_name(held->channel), name) != 0) {
		qw_channel_free(held->channel);
		held->channel = NULL;
		err = QW_EFORMAT; /* of another tenant: the sensor was enrolled anew */
	}
	if (err == QW_OK || err == QW_ENOMEM)
		return err; /* for want of memory no good file is put aside */
	if (err != QW_ENOENT) {
		put_aside(held->path, err);
		(void)unlink(held->deltas);
	}
	return qw_channel_new(&held->channel, name);
}

/* A whole set waits beside the channel's file until it is proved. */
static enum qw_err receive_beside(struct held *held)
{
	char folder[PATH_MAX];

	memcpy(folder, held->path, sizeof(folder));
	return qw_channel_receive_in(held->channel, dirname(folder));
}

/* Whether it was signed under our port's root. */
static bool is_of_our_port(const struct qw_rulestore *store, struct qw_slice delta, struct qw_time created)
{
	struct qw_delegation delegation;
	ProtobufCMessage *message;

	if (qw_message_unpack(&message, &quaywatch__wire__delta__descriptor, delta.data, delta.len) != QW_OK)
		return false;
	const ProtobufCBinaryData *packed = &((const Quaywatch__Wire__Delta *)message)->delegation;
	enum qw_err err = qw_delegation_verify(&delegation, packed->data, packed->len, store->options.root_public, created);
	qw_message_free(message);
	return err == QW_OK;
}

/* Its newest delta must be of our port and channel (the sensor may have been enrolled anew), and have led to the set that we hold. */
static bool leads_here(const struct qw_rulestore *store, const struct held *held)
{
	struct qw_order last = qw_history_last(held->history), before = {last.term, last.sequence - 1};
	struct qw_digest digest = qw_channel_digest(held->channel);
	struct qw_history_run run;
	struct qw_delta_head head;

	if (last.sequence == 0)
		return true; /* it is empty */
	if (qw_history_read(&run, held->history, before, 0) != QW_OK)
		return false;
	bool good = qw_delta_head(&head, run.delta[0].data, run.delta[0].len) == QW_OK &&
		    strcmp(head.channel, qw_channel_name(held->channel)) == 0 && is_of_our_port(store, run.delta[0], head.created);
	if (good && qw_order_equal(last, qw_channel_order(held->channel)))
		good = memcmp(&head.after, &digest, sizeof(digest)) == 0;
	qw_history_run_fini(&run);
	return good;
}

/* The sensor works without, too. */
static void open_history(const struct qw_rulestore *store, struct held *held)
{
	char folder[PATH_MAX];

	if (!store->options.history_bytes)
		return;
	enum qw_err err = QW_ELIMIT;
	if ((size_t)snprintf(folder, sizeof(folder), "%s.history", held->path) < sizeof(folder))
		err = qw_history_open(&held->history, folder, store->options.history_bytes);
	if (err != QW_OK)
		qw_log(QW_LOG_WARNING, "HISTORY-OPEN", "%s.history: %s; a collector that loses changes cannot get them back from here",
		       held->path, qw_strerror(err));
}

static enum qw_err open_one(struct qw_rulestore *store, unsigned number)
{
	struct held *held = &store->held[number];
	const char *name = store->options.name[number];

	held->fd = -1;
	if (!name || *name == 0)
		return QW_OK;
	if ((size_t)snprintf(held->path, sizeof(held->path), "%s", store->options.path[number]) >= sizeof(held->path) ||
	    (size_t)snprintf(held->deltas, sizeof(held->deltas), "%s.deltas", store->options.path[number]) >= sizeof(held->deltas))
		return QW_ELIMIT;
	enum qw_err err = load(held, name);
	if (err == QW_OK)
		err = receive_beside(held);
	if (err != QW_OK)
		return err;
	open_history(store, held);
	if (held->history && !leads_here(store, held))
		qw_history_forget(held->history);
	err = replay(store, held);
	if (err != QW_OK)
		return err;
	if (held->history && !leads_here(store, held))
		qw_history_forget(held->history);
	held->fd = open(held->deltas, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (held->fd < 0 || ftruncate(held->fd, (off_t)held->bytes) != 0 || lseek(held->fd, 0, SEEK_END) < 0)
		return qw_err_from_errno(errno);
	return QW_OK;
}

enum qw_err qw_rulestore_open(struct qw_rulestore **out, const struct qw_rulestore_options *options)
{
	struct qw_rulestore *store = calloc(1, sizeof(*store));
	enum qw_err err = QW_OK;

	if (!store)
		return QW_ENOMEM;
	store->options = *options;
	for (unsigned i = 0; i < QW_STORE_CHANNELS; i++)
		store->held[i].fd = -1;
	for (unsigned i = 0; i < QW_STORE_CHANNELS && err == QW_OK; i++)
		err = open_one(store, i);
	if (err != QW_OK) {
		qw_rulestore_close(store);
		return err;
	}
	*out = store;
	return QW_OK;
}

void qw_rulestore_close(struct qw_rulestore *store)
{
	if (!store)
		return;
	for (unsigned i = 0; i < QW_STORE_CHANNELS; i++) {
		qw_channel_free(store->held[i].channel);
		qw_history_close(store->held[i].history);
		if (store->held[i].fd >= 0)
			close(store->held[i].fd);
	}
	free(store);
}

const struct qw_channel *qw_rulestore_channel(const struct qw_rulestore *store, unsigned number)
{
	return number < QW_STORE_CHANNELS ? store->held[number].channel : NULL;
}

unsigned qw_rulestore_find(const struct qw_rulestore *store, const char *name)
{
	for (unsigned i = 0; i < QW_STORE_CHANNELS; i++)
		if (store->held[i].channel && strcmp(qw_channel_name(store->held[i].channel), name) == 0)
			return i;
	return QW_STORE_CHANNELS;
}

/* ---- changes */

static enum qw_err keep(struct held *held, const uint8_t *delta, size_t len)
{
	uint8_t head[4] = {(uint8_t)len, (uint8_t)(len >> 8), (uint8_t)(len >> 16), (uint8_t)(len >> 24)};
	enum qw_err err = qw_write_all(held->fd, head, sizeof(head));

	if (err == QW_OK)
		err = qw_write_all(held->fd, delta, len);
	if (err == QW_OK && fdatasync(held->fd) != 0)
		err = qw_err_from_errno(errno);
	if (err != QW_OK) { /* a torn record must not stand before the next */
		(void)!ftruncate(held->fd, (off_t)held->bytes);
		(void)lseek(held->fd, (off_t)held->bytes, SEEK_SET);
		return err;
	}
	held->bytes += sizeof(head) + len;
	return QW_OK;
}

enum qw_err qw_rulestore_delta(struct qw_rulestore *store, const uint8_t *delta, size_t len, struct qw_time now, unsigned *number)
{
	struct qw_delta_head head;
	enum qw_err err = qw_delta_head(&head, delta, len);

	if (err != QW_OK)
		return err;
	*number = qw_rulestore_find(store, head.channel);
	if (*number == QW_STORE_CHANNELS)
		return QW_EUNKNOWN;
	struct held *held = &store->held[*number];
	err = qw_channel_apply(held->channel, delta, len, store->options.root_public, now, store->options.changed, store->options.ctx);
	if (err != QW_OK)
		return err;
	err = keep(held, delta, len);
	if (err != QW_OK)
		qw_log(QW_LOG_ERROR, "DELTA-DISK", "%s: %s; the change is in force but a restart will fetch it again", held->deltas,
		       qw_strerror(err));
	remember(held, head.order, delta, len);
	return QW_OK;
}

static enum qw_err save_one(struct held *held)
{
	enum qw_err err = qw_channel_save(held->channel, held->path);

	if (err != QW_OK)
		return err;
	if (ftruncate(held->fd, 0) != 0 || lseek(held->fd, 0, SEEK_SET) < 0)
		return qw_err_from_errno(errno);
	held->bytes = 0;
	return QW_OK;
}

enum qw_err qw_rulestore_part(struct qw_rulestore *store, const char *channel, const uint8_t *part, size_t len, struct qw_time now,
			      bool *done)
{
	unsigned number = qw_rulestore_find(store, channel);

	*done = false;
	if (number == QW_STORE_CHANNELS)
		return QW_EUNKNOWN;
	struct held *held = &store->held[number];
	enum qw_err err = qw_channel_receive(held->channel, part, len, store->options.root_public, now, done, store->options.changed,
					     store->options.ctx);
	if (err != QW_OK || !*done)
		return err;
	/* First, so that after a crash no history stands beside a set that it did not lead to. */
	if (held->history)
		qw_history_forget(held->history);
	return save_one(held);
}

enum qw_err qw_rulestore_recall(const struct qw_rulestore *store, const char *channel, struct qw_order after, size_t bytes,
				struct qw_history_run *out)
{
	unsigned number = qw_rulestore_find(store, channel);

	if (number == QW_STORE_CHANNELS)
		return QW_EUNKNOWN;
	const struct qw_history *history = store->held[number].history;
	return history ? qw_history_read(out, history, after, bytes) : QW_ENOENT;
}

enum qw_err qw_rulestore_save(struct qw_rulestore *store)
{
	enum qw_err err = QW_OK;

	for (unsigned i = 0; i < QW_STORE_CHANNELS && err == QW_OK; i++)
		if (store->held[i].channel)
			err = save_one(&store->held[i]);
	return err;
}

uint64_t qw_rulestore_unsaved(const struct qw_rulestore *store)
{
	uint64_t bytes = 0;

	for (unsigned i = 0; i < QW_STORE_CHANNELS; i++)
		if (store->held[i].channel)
			bytes += store->held[i].bytes;
	return bytes;
}
