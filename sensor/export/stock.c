/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/stock.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "quaywatch/file.h"
#include "quaywatch/log.h"
#include "quaywatch/text.h"

enum { FOLDER_MODE = 0700, DIGITS = 16 };

void qw_spool_stock_name(char out[QW_SPOOL_STOCK_NAME], uint64_t number)
{
	snprintf(out, QW_SPOOL_STOCK_NAME, "%016" PRIx64 ".seg", number);
}

/* False: not the name of a segment. */
static bool parse_name(const char *name, uint64_t *number)
{
	char again[QW_SPOOL_STOCK_NAME];
	uint8_t bytes[DIGITS / 2];
	if (strlen(name) != QW_SPOOL_STOCK_NAME - 1 || !qw_hex_decode(name, DIGITS, bytes))
		return false;
	*number = qw_be64(bytes);
	qw_spool_stock_name(again, *number);
	return strcmp(name, again) == 0;
}

enum qw_err qw_spool_stock_reserve(struct qw_spool_store *store)
{
	if (store->count < store->room)
		return QW_OK;
	size_t room = store->room ? store->room * 2 : 16;
	struct qw_spool_store_segment *segments = realloc(store->segments, room * sizeof(*segments));
	if (!segments)
		return QW_ENOMEM;
	store->segments = segments;
	store->room = room;
	return QW_OK;
}

static int by_number(const void *a, const void *b)
{
	uint64_t of_a = ((const struct qw_spool_store_segment *)a)->head.number;
	uint64_t of_b = ((const struct qw_spool_store_segment *)b)->head.number;
	return (of_a > of_b) - (of_a < of_b);
}

/* Lists the numbers, in order; the rest of each segment is not known yet. */
static enum qw_err list(struct qw_spool_store *store, const char *folder)
{
	DIR *names = opendir(folder);
	if (!names)
		return qw_err_from_errno(errno);
	enum qw_err err = QW_OK;
	for (struct dirent *entry; !err && (entry = readdir(names));) {
		struct qw_spool_store_segment segment = {0};
		if (!parse_name(entry->d_name, &segment.head.number))
			continue;
		err = qw_spool_stock_reserve(store);
		if (!err)
			store->segments[store->count++] = segment;
	}
	closedir(names);
	if (store->count)
		qsort(store->segments, store->count, sizeof(*store->segments), by_number);
	return err;
}

static enum qw_err scan_file(struct qw_spool_segment_scan *scan, size_t *size, const char *path)
{
	struct qw_mapping file;
	enum qw_err err = qw_mapping_open(&file, path);
	if (err)
		return err;
	*size = file.size;
	err = qw_spool_segment_scan(scan, qw_bytes(file.data, file.size));
	qw_mapping_close(&file);
	return err;
}

/* Learns what a listed segment holds; *keep false: nothing, or nothing for this version. */
static enum qw_err inspect(struct qw_spool_store *store, struct qw_spool_store_segment *segment, const char *folder,
			   bool *keep)
{
	char name[QW_SPOOL_STOCK_NAME], path[PATH_MAX];
	struct qw_spool_segment_scan scan = {0};
	size_t size = 0;
	qw_spool_stock_name(name, segment->head.number);
	int len = snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (len < 0 || (size_t)len >= sizeof(path))
		return QW_ELIMIT;
	*keep = false;
	enum qw_err err = scan_file(&scan, &size, path);
	if (err == QW_EVERSION) {
		qw_log(QW_LOG_WARNING, "SPOOL-VERSION",
		       "%s was written by another version and is left alone; remove it, or go back to that version to "
		       "send it",
		       path);
		return QW_OK;
	}
	if (err && err != QW_EFORMAT)
		return err;
	if (!err && scan.head.number != segment->head.number)
		scan = (struct qw_spool_segment_scan){0};
	store->torn_bytes += size - scan.sound;
	if (!scan.records) {
		unlinkat(store->folder, name, 0);
		return QW_OK;
	}
	if (scan.sound < size && truncate(path, (off_t)scan.sound) != 0)
		return qw_err_from_errno(errno);
	if (scan.head.epoch == store->epoch)
		return QW_EEXIST;
	*segment = (struct qw_spool_store_segment){.head = scan.head, .records = scan.records, .bytes = scan.sound};
	store->bytes += scan.sound;
	*keep = true;
	return QW_OK;
}

static enum qw_err inspect_all(struct qw_spool_store *store, const char *folder)
{
	size_t kept = 0;
	store->next_number = 1;
	for (size_t at = 0; at < store->count; at++) {
		bool keep;
		store->next_number = store->segments[at].head.number + 1;
		enum qw_err err = inspect(store, &store->segments[at], folder, &keep);
		if (err)
			return err;
		if (keep)
			store->segments[kept++] = store->segments[at];
	}
	store->count = kept;
	if (store->torn_bytes)
		qw_log(QW_LOG_WARNING, "SPOOL-TORN",
		       "%s: %" PRIu64
		       " bytes at the end of segments were damaged, as after a power loss, and were cut; "
		       "alerts of the last seconds before it may be missing",
		       folder, store->torn_bytes);
	return QW_OK;
}

enum qw_err qw_spool_stock_take(struct qw_spool_store *store, const char *folder)
{
	enum qw_err err = qw_make_folder(folder, FOLDER_MODE);
	if (err)
		return err;
	store->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->folder < 0)
		return qw_err_from_errno(errno);
	if (flock(store->folder, LOCK_EX | LOCK_NB) != 0)
		err = errno == EWOULDBLOCK ? QW_EAGAIN : qw_err_from_errno(errno);
	if (!err)
		err = list(store, folder);
	if (!err)
		err = inspect_all(store, folder);
	if (!err)
		return QW_OK;
	close(store->folder);
	store->folder = -1;
	free(store->segments);
	store->segments = NULL;
	store->count = store->room = 0;
	return err;
}
