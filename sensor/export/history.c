/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/history_parts.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "quaywatch/file.h"
#include "quaywatch/hash.h"
#include "quaywatch/log.h"
#include "quaywatch/text.h"

enum { FOLDER_MODE = 0700, FILE_MODE = 0600 };

static void name_of(char out[HISTORY_NAME], uint64_t number)
{
	snprintf(out, HISTORY_NAME, "%016" PRIx64 ".deltas", number);
}

void qw_history_path(const struct qw_history *history, uint64_t number, char out[PATH_MAX])
{
	char name[HISTORY_NAME];

	name_of(name, number);
	snprintf(out, PATH_MAX, "%s/%s", history->folder, name);
}

/* ---- opening */

/* False: not the name of a file of ours. */
static bool parse_name(const char *name, uint64_t *number)
{
	char again[HISTORY_NAME];
	uint8_t bytes[HISTORY_DIGITS / 2];

	if (strlen(name) < HISTORY_DIGITS || !qw_hex_decode(name, HISTORY_DIGITS, bytes))
		return false;
	*number = qw_be64(bytes);
	name_of(again, *number);
	return strcmp(name, again) == 0;
}

static void remove_file(const struct qw_history *history, uint64_t number)
{
	char path[PATH_MAX];

	qw_history_path(history, number, path);
	(void)unlink(path);
}

/* The numbers, in order; where somebody put more files there than we ever write, the newest count. */
static void insert(struct qw_history *history, uint64_t number)
{
	size_t at = history->count;

	if (history->count == HISTORY_FILES) {
		uint64_t oldest = history->file[0].number;
		remove_file(history, number < oldest ? number : oldest);
		if (number < oldest)
			return;
		memmove(&history->file[0], &history->file[1], (HISTORY_FILES - 1) * sizeof(struct qw_history_place));
		at = --history->count;
	}
	for (; at > 0 && history->file[at - 1].number > number; at--)
		history->file[at] = history->file[at - 1];
	history->file[at] = (struct qw_history_place){.number = number};
	history->count++;
}

static enum qw_err list(struct qw_history *history)
{
	DIR *names = opendir(history->folder);
	uint64_t number;

	if (!names)
		return qw_err_from_errno(errno);
	for (struct dirent *entry; (entry = readdir(names));)
		if (parse_name(entry->d_name, &number))
			insert(history, number);
	closedir(names);
	return QW_OK;
}

/* Learns what a listed file holds and cuts what is torn; false: nothing is sound. */
static bool inspect(struct qw_history *history, struct qw_history_place *file, struct qw_order before)
{
	char path[PATH_MAX];
	struct qw_mapping mapping;
	struct qw_history_scan scan;

	qw_history_path(history, file->number, path);
	if (qw_mapping_open(&mapping, path) != QW_OK)
		return false;
	size_t size = mapping.size;
	enum qw_err err = qw_history_scan(&scan, qw_bytes(mapping.data, mapping.size));
	qw_mapping_close(&mapping);
	bool good = err == QW_OK && scan.records > 0 && qw_order_before(before, scan.first);
	history->stats.torn += good ? size - scan.sound : size;
	if (!good || (scan.sound < size && truncate(path, (off_t)scan.sound) != 0))
		return false;
	*file = (struct qw_history_place){file->number, scan.key, scan.records, scan.first, scan.last, scan.sound};
	return true;
}

static void inspect_all(struct qw_history *history)
{
	struct qw_order before = {0, 0};
	size_t kept = 0;

	for (size_t i = 0; i < history->count; i++) {
		struct qw_history_place file = history->file[i];
		if (!inspect(history, &file, before)) {
			remove_file(history, file.number);
			continue;
		}
		before = file.last;
		history->stats.deltas += file.records;
		history->stats.bytes += file.bytes;
		history->file[kept++] = file;
	}
	history->count = kept;
	if (history->stats.torn)
		qw_log(QW_LOG_INFO, "HISTORY-CUT",
		       "%s: %" PRIu64 " bytes were torn or damaged and are cut; the ruleset does not need them",
		       history->folder, history->stats.torn);
}

enum qw_err qw_history_open(struct qw_history **out, const char *folder, uint64_t bytes_max)
{
	struct qw_history *history = calloc(1, sizeof(*history));

	if (!history)
		return QW_ENOMEM;
	history->fd = -1;
	history->bytes_max = bytes_max;
	enum qw_err err = QW_ELIMIT;
	if ((size_t)snprintf(history->folder, sizeof(history->folder), "%s", folder) < sizeof(history->folder))
		err = qw_make_folder(folder, FOLDER_MODE);
	if (err == QW_OK)
		err = list(history);
	if (err != QW_OK) {
		qw_history_close(history);
		return err;
	}
	inspect_all(history);
	*out = history;
	return QW_OK;
}

void qw_history_close(struct qw_history *history)
{
	if (!history)
		return;
	if (history->fd >= 0)
		close(history->fd);
	free(history);
}

struct qw_history_stats qw_history_stats(const struct qw_history *history)
{
	return history->stats;
}

struct qw_order qw_history_last(const struct qw_history *history)
{
	for (size_t i = history->count; i-- > 0;) /* one that was begun in vain has none */
		if (history->file[i].records)
			return history->file[i].last;
	return (struct qw_order){0, 0};
}

/* ---- growing */

static void close_newest(struct qw_history *history)
{
	if (history->fd >= 0)
		close(history->fd);
	history->fd = -1;
}

static void drop_oldest(struct qw_history *history)
{
	const struct qw_history_place *oldest = &history->file[0];

	if (history->count == 1)
		close_newest(history);
	remove_file(history, oldest->number);
	history->stats.dropped += oldest->records;
	history->stats.deltas -= oldest->records;
	history->stats.bytes -= oldest->bytes;
	history->count--;
	memmove(&history->file[0], &history->file[1], history->count * sizeof(struct qw_history_place));
}

void qw_history_forget(struct qw_history *history)
{
	while (history->count)
		drop_oldest(history);
}

static enum qw_err begin_file(struct qw_history *history)
{
	uint64_t number = history->count ? history->file[history->count - 1].number + 1 : 1;
	struct qw_history_place file = {.number = number, .key = qw_hash_key_random().k0, .bytes = QW_HISTORY_HEAD};
	uint8_t head[QW_HISTORY_HEAD];
	char path[PATH_MAX];

	close_newest(history);
	if (history->count == HISTORY_FILES)
		drop_oldest(history);
	qw_history_path(history, number, path);
	history->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
	if (history->fd < 0)
		return qw_err_from_errno(errno);
	qw_history_head_encode(head, file.key);
	enum qw_err err = qw_write_all(history->fd, head, sizeof(head));
	if (err != QW_OK) {
		close_newest(history);
		(void)unlink(path);
		return err;
	}
	history->file[history->count++] = file;
	history->stats.bytes += file.bytes;
	return QW_OK;
}

/* The newest file, open, behind its last sound record. */
static enum qw_err reopen_newest(struct qw_history *history)
{
	const struct qw_history_place *newest = &history->file[history->count - 1];
	char path[PATH_MAX];

	qw_history_path(history, newest->number, path);
	history->fd = open(path, O_WRONLY | O_CLOEXEC);
	if (history->fd >= 0 && lseek(history->fd, (off_t)newest->bytes, SEEK_SET) >= 0)
		return QW_OK;
	enum qw_err err = qw_err_from_errno(errno);
	close_newest(history);
	return err;
}

static enum qw_err make_ready(struct qw_history *history, size_t len)
{
	const struct qw_history_place *newest = history->count ? &history->file[history->count - 1] : NULL;

	if (!newest ||
	    (newest->records && newest->bytes + QW_HISTORY_RECORD_HEAD + len > history->bytes_max / HISTORY_SHARES))
		return begin_file(history);
	return history->fd >= 0 ? QW_OK : reopen_newest(history);
}

static enum qw_err append(struct qw_history *history, struct qw_order order, struct qw_slice delta)
{
	struct qw_history_place *newest = &history->file[history->count - 1];
	uint8_t head[QW_HISTORY_RECORD_HEAD];

	qw_history_record_encode(head, newest->key, order, delta);
	enum qw_err err = qw_write_all(history->fd, head, sizeof(head));
	if (err == QW_OK)
		err = qw_write_all(history->fd, delta.data, delta.len);
	if (err != QW_OK) { /* a torn record must not stand before the next */
		if (ftruncate(history->fd, (off_t)newest->bytes) != 0 ||
		    lseek(history->fd, (off_t)newest->bytes, SEEK_SET) < 0)
			close_newest(history);
		return err;
	}
	newest->first = newest->records ? newest->first : order;
	newest->last = order;
	newest->records++;
	newest->bytes += sizeof(head) + delta.len;
	history->stats.deltas++;
	history->stats.bytes += sizeof(head) + delta.len;
	return QW_OK;
}

enum qw_err qw_history_add(struct qw_history *history, struct qw_order order, const uint8_t *delta, size_t len)
{
	if (len > QW_DELTA_MAX)
		return QW_ELIMIT;
	if (!qw_order_before(qw_history_last(history), order))
		return QW_EEXIST;
	enum qw_err err = make_ready(history, len);
	if (err == QW_OK)
		err = append(history, order, qw_slice(delta, len));
	if (err != QW_OK) {
		history->stats.failed++;
		return err;
	}
	while (history->stats.bytes > history->bytes_max && history->count > 1 &&
	       history->stats.deltas - history->file[0].records >= QW_HISTORY_LEAST)
		drop_oldest(history);
	return QW_OK;
}
