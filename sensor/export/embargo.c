/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/embargo.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "quaywatch/log.h"
#include "sensor/export/spool.h"

/* Before an event in its record: when it came, and how many keys this program knew of (of another, it may mean other things). */
struct head {
	int64_t came_ns;
	uint64_t keys;
};

enum { HEAD = sizeof(struct head) };

/* The file "next": which one is about to leave, and what had left before. */
struct cursor {
	struct qw_embargo_name moving; /* sequence 0: none yet */
	struct qw_embargo_name left;
	uint64_t moved; /* 1: it has left for certain */
};

struct qw_embargo {
	struct qw_spool *spool;
	int fd; /* of the file "next" */
	int64_t wait_ns;
	uint64_t refused;
	bool holds; /* the head is read and not done */
	struct qw_embargo_name head;
	int64_t came_ns;
	size_t size;
	alignas(8) uint8_t event[QW_EVENT_MAX];
	uint8_t record[HEAD + QW_EVENT_MAX];
};

/* ---- who has left already */

/* One call, so that the death of the process leaves the old or the new one. */
static enum qw_err write_cursor(struct qw_embargo *embargo, const struct cursor *cursor)
{
	ssize_t wrote = pwrite(embargo->fd, cursor, sizeof(*cursor), 0);

	if (wrote == (ssize_t)sizeof(*cursor))
		return QW_OK;
	return wrote < 0 ? qw_err_from_errno(errno) : QW_ENOSPC;
}

static enum qw_err open_cursor(struct qw_embargo *embargo, struct cursor *out, const char *folder)
{
	char path[PATH_MAX];

	*out = (struct cursor){{0}, {0}, 0};
	if ((size_t)snprintf(path, sizeof(path), "%s/next", folder) >= sizeof(path))
		return QW_EINVAL;
	embargo->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (embargo->fd < 0)
		return qw_err_from_errno(errno);
	if (pread(embargo->fd, out, sizeof(*out), 0) != (ssize_t)sizeof(*out))
		*out = (struct cursor){{0}, {0}, 0}; /* new */
	return QW_OK;
}

static bool has_left(const struct cursor *cursor, const struct qw_embargo_name *left)
{
	return cursor->moved || (left->epoch == cursor->left.epoch && left->sequence > cursor->left.sequence);
}

static bool is_here(struct qw_embargo *embargo, uint64_t epoch)
{
	struct qw_spool_record record;
	bool found = false;

	while (!found && qw_spool_read(embargo->spool, &record) == QW_OK)
		found = record.epoch == epoch;
	qw_spool_rewind(embargo->spool);
	return found;
}

/* What left is over: all of the epochs before, and its own up to it. */
static void pass_over(struct qw_embargo *embargo, const struct cursor *cursor, const struct qw_embargo_name *left)
{
	struct qw_spool_record record;
	struct qw_embargo_name last = cursor->moving;

	if (last.sequence == 0 || !is_here(embargo, last.epoch))
		return;
	last.sequence -= !has_left(cursor, left);
	while (qw_spool_read(embargo->spool, &record) == QW_OK && record.epoch != last.epoch) {
		struct qw_embargo_name older = {record.epoch, record.sequence};
		(void)!qw_spool_acknowledge(embargo->spool, older.epoch, older.sequence);
	}
	if (last.sequence)
		(void)!qw_spool_acknowledge(embargo->spool, last.epoch, last.sequence);
	qw_spool_rewind(embargo->spool);
	const struct cursor settled = {last, {0}, 1};
	(void)!write_cursor(embargo, &settled); /* the old one says the same */
}

/* ---- life */

enum qw_err qw_embargo_open(struct qw_embargo **out, const struct qw_embargo_options *options)
{
	struct qw_embargo *embargo = calloc(1, sizeof(*embargo));
	struct qw_spool_options spool = {.folder = options->folder, .epoch = options->epoch, .bytes_max = options->bytes_max};
	struct cursor cursor;

	if (!embargo)
		return QW_ENOMEM;
	embargo->fd = -1;
	embargo->wait_ns = options->seconds * QW_NS_PER_S;
	enum qw_err err = qw_spool_open(&embargo->spool, &spool);
	if (err == QW_OK)
		err = open_cursor(embargo, &cursor, options->folder);
	if (err != QW_OK) {
		qw_embargo_close(embargo);
		return err;
	}
	pass_over(embargo, &cursor, &options->left);
	*out = embargo;
	return QW_OK;
}

void qw_embargo_close(struct qw_embargo *embargo)
{
	if (!embargo)
		return;
	if (embargo->fd >= 0)
		close(embargo->fd);
	qw_spool_close(embargo->spool);
	free(embargo);
}

enum qw_err qw_embargo_put(struct qw_embargo *embargo, struct qw_time now, const struct qw_event *event, size_t size)
{
	const struct head head = {now.ns, QW_KEY_COUNT};
	uint64_t sequence;
	enum qw_err err = QW_ELIMIT;

	if (size <= QW_EVENT_MAX) {
		memcpy(embargo->record, &head, HEAD);
		memcpy(embargo->record + HEAD, event, size);
		err = qw_spool_append(embargo->spool, qw_slice(embargo->record, HEAD + size), &sequence);
	}
	embargo->refused += err != QW_OK;
	return err;
}

static void refuse(struct qw_embargo *embargo, const struct qw_spool_record *record)
{
	if (embargo->refused++ == 0)
		qw_log(QW_LOG_WARNING, "EMBARGO-OTHER", "alerts that waited were written by another version of this program; they stay");
	(void)!qw_spool_acknowledge(embargo->spool, record->epoch, record->sequence);
}

/* Reads the oldest.  What another version wrote is passed over. */
static enum qw_err read_head(struct qw_embargo *embargo)
{
	struct qw_spool_record record;
	struct head head;
	enum qw_err err;

	while ((err = qw_spool_read(embargo->spool, &record)) == QW_OK) {
		if (record.data.len >= HEAD)
			memcpy(&head, record.data.data, HEAD);
		if (record.data.len < HEAD || record.data.len > HEAD + QW_EVENT_MAX || head.keys != QW_KEY_COUNT) {
			refuse(embargo, &record);
			continue;
		}
		embargo->came_ns = head.came_ns;
		embargo->head = (struct qw_embargo_name){record.epoch, record.sequence};
		embargo->size = record.data.len - HEAD;
		memcpy(embargo->event, record.data.data + HEAD, embargo->size);
		embargo->holds = true;
		return QW_OK;
	}
	return err;
}

/* A clock that was set back makes nobody wait for longer than twice. */
static bool is_over(const struct qw_embargo *embargo, struct qw_time now)
{
	return now.ns - embargo->came_ns >= embargo->wait_ns || now.ns < embargo->came_ns - embargo->wait_ns;
}

enum qw_err qw_embargo_due(struct qw_embargo *embargo, struct qw_time now, struct qw_embargo_name left, const struct qw_event **event,
			   size_t *size)
{
	enum qw_err err = embargo->holds ? QW_OK : read_head(embargo);

	if (err != QW_OK)
		return err;
	if (!is_over(embargo, now))
		return QW_EAGAIN;
	const struct cursor cursor = {embargo->head, left, 0};
	err = write_cursor(embargo, &cursor);
	if (err != QW_OK)
		return err;
	*event = (const struct qw_event *)(const void *)embargo->event;
	*size = embargo->size;
	return QW_OK;
}

void qw_embargo_done(struct qw_embargo *embargo)
{
	(void)!qw_spool_acknowledge(embargo->spool, embargo->head.epoch, embargo->head.sequence);
	embargo->holds = false;
}

struct qw_embargo_stats qw_embargo_stats(const struct qw_embargo *embargo)
{
	struct qw_spool_stats stats = qw_spool_stats(embargo->spool);

	return (struct qw_embargo_stats){.waiting = stats.pending, .shed = stats.shed + stats.shed_queue + embargo->refused};
}
