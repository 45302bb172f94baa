/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/store.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "quaywatch/file.h"
#include "sensor/export/stock.h"

enum { FILE_MODE = 0600 };

static struct qw_spool_store_segment *last(struct qw_spool_store *store)
{
	return &store->segments[store->count - 1];
}

static bool is_open(const struct qw_spool_store *store, size_t at)
{
	return store->fd >= 0 && at == store->count - 1;
}

/* Removes the file too.  What cannot be removed is found again at the next start, sent again, and dropped there. */
static void drop(struct qw_spool_store *store, size_t at)
{
	char name[QW_SPOOL_STOCK_NAME];
	qw_spool_stock_name(name, store->segments[at].head.number);
	unlinkat(store->folder, name, 0);
	if (is_open(store, at)) {
		close(store->fd);
		store->fd = -1;
	}
	store->bytes -= store->segments[at].bytes;
	store->count--;
	memmove(&store->segments[at], &store->segments[at + 1], (store->count - at) * sizeof(*store->segments));
}

static bool is_done(const struct qw_spool_store_segment *segment)
{
	return segment->acked >= segment->records;
}

static void close_segment(struct qw_spool_store *store)
{
	if (store->fd < 0)
		return;
	if (is_done(last(store))) {
		drop(store, store->count - 1);
		return;
	}
	close(store->fd);
	store->fd = -1;
}

enum qw_err qw_spool_store_open(struct qw_spool_store *store, const char *folder)
{
	store->fd = -1;
	return qw_spool_stock_take(store, folder);
}

void qw_spool_store_close(struct qw_spool_store *store)
{
	close_segment(store);
	if (store->folder >= 0)
		close(store->folder);
	store->folder = -1;
	free(store->segments);
	store->segments = NULL;
}

/* Sheds the oldest until there is room; the open one stays, it is at most a quarter of the bound. */
static void make_room(struct qw_spool_store *store, uint64_t need, uint64_t *shed)
{
	while (store->count && !is_open(store, 0) && store->bytes + need > store->bytes_max) {
		*shed += store->segments[0].records - store->segments[0].acked;
		drop(store, 0);
	}
}

static enum qw_err begin_segment(struct qw_spool_store *store, uint64_t first)
{
	struct qw_spool_store_segment segment = {
	    .head = {.number = store->next_number, .epoch = store->epoch, .first = first},
	    .bytes = QW_SPOOL_SEGMENT_HEAD};
	uint8_t head[QW_SPOOL_SEGMENT_HEAD];
	char name[QW_SPOOL_STOCK_NAME];
	qw_spool_stock_name(name, segment.head.number);
	qw_spool_segment_head_encode(head, &segment.head);
	enum qw_err err = qw_spool_stock_reserve(store);
	if (err)
		return err;
	int fd = openat(store->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, FILE_MODE);
	if (fd < 0)
		return qw_err_from_errno(errno);
	err = qw_write_all(fd, head, sizeof(head));
	if (err) {
		unlinkat(store->folder, name, 0);
		close(fd);
		return err;
	}
	store->next_number++;
	store->segments[store->count++] = segment;
	store->bytes += segment.bytes;
	store->fd = fd;
	return QW_OK;
}

/* One write: a process that is killed leaves the record whole or not at all. */
static enum qw_err write_record(int fd, uint8_t head[QW_SPOOL_SEGMENT_RECORD_HEAD], struct qw_slice data)
{
	struct iovec parts[2] = {
	    {head, QW_SPOOL_SEGMENT_RECORD_HEAD},
	    {(uint8_t *)(uintptr_t)data.data, data.len},
	};
	ssize_t written;
	do
		written = writev(fd, parts, 2);
	while (written < 0 && errno == EINTR);
	if (written < 0)
		return qw_err_from_errno(errno);
	/* Short: the disk ended in the middle of it. */
	return (size_t)written == QW_SPOOL_SEGMENT_RECORD_HEAD + data.len ? QW_OK : QW_ENOSPC;
}

enum qw_err qw_spool_store_append(struct qw_spool_store *store, uint64_t sequence, struct qw_slice data, uint64_t *shed)
{
	uint64_t need = QW_SPOOL_SEGMENT_RECORD_HEAD + data.len;
	if (store->fd >= 0) {
		const struct qw_spool_store_segment *open = last(store);
		if (open->bytes + need > store->segment_bytes || open->head.first + open->records != sequence)
			close_segment(store);
	}
	make_room(store, need + (store->fd < 0 ? QW_SPOOL_SEGMENT_HEAD : 0), shed);
	if (store->fd < 0) {
		enum qw_err err = begin_segment(store, sequence);
		if (err)
			return err;
	}
	struct qw_spool_store_segment *segment = last(store);
	uint8_t head[QW_SPOOL_SEGMENT_RECORD_HEAD];
	qw_spool_segment_record_encode(head, &segment->head, sequence, data);
	enum qw_err err = write_record(store->fd, head, data);
	if (err) {
		/* Half a record in the middle would hide what comes behind it. */
		if (ftruncate(store->fd, (off_t)segment->bytes) != 0)
			close_segment(store);
		return err;
	}
	segment->records++;
	segment->bytes += need;
	store->bytes += need;
	return QW_OK;
}

bool qw_spool_store_acknowledge(struct qw_spool_store *store, uint64_t epoch, uint64_t through)
{
	bool found = false;
	for (size_t at = 0; at < store->count;) {
		struct qw_spool_store_segment *segment = &store->segments[at];
		if (segment->head.epoch == epoch) {
			found = true;
			uint64_t upto = through < segment->head.first ? 0 : through - segment->head.first + 1;
			if (upto > segment->acked)
				segment->acked = upto < segment->records ? upto : segment->records;
			/* The open one goes when it is closed, not with every alert that is acknowledged at once. */
			if (is_done(segment) && !is_open(store, at)) {
				drop(store, at);
				continue;
			}
		}
		at++;
	}
	return found;
}

uint64_t qw_spool_store_pending(const struct qw_spool_store *store)
{
	uint64_t pending = 0;
	for (size_t at = 0; at < store->count; at++)
		pending += store->segments[at].records - store->segments[at].acked;
	return pending;
}

enum qw_err qw_spool_store_open_segment(const struct qw_spool_store *store, uint64_t number, int *fd)
{
	char name[QW_SPOOL_STOCK_NAME];
	qw_spool_stock_name(name, number);
	int found = openat(store->folder, name, O_RDONLY | O_CLOEXEC);
	if (found < 0)
		return qw_err_from_errno(errno);
	*fd = found;
	return QW_OK;
}
