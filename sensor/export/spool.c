/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/spool.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "quaywatch/log.h"
#include "sensor/export/queue.h"
#include "sensor/export/store.h"

enum { WINDOW = 2 * (QW_SPOOL_RECORD_MAX + QW_SPOOL_SEGMENT_RECORD_HEAD), MEGABYTE = 1 << 20, SHARE = 4 };
#define DEFAULT_BYTES (UINT64_C(1024) * MEGABYTE)

/* Where reading stands: the segment, its next record, and that record's first byte. */
struct cursor {
	uint64_t number, record, offset;
};

/* A piece of one segment's file. */
struct window {
	int fd; /* -1: none */
	uint64_t number, offset;
	size_t len;
	uint8_t *bytes;
};

struct qw_spool {
	struct qw_spool_store store;
	struct qw_spool_queue queue;
	uint64_t next_sequence;
	uint64_t read_through; /* of this run's epoch, since the last rewind */
	struct cursor cursor;
	struct window window;
	bool refused;                /* the disk took nothing the last time, and the queue has not emptied since */
	bool shedding;               /* something was shed since all was acknowledged */
	struct qw_spool_stats stats; /* counters only; levels are filled in when asked */
};

static size_t record_max(const struct qw_spool *spool)
{
	uint64_t max = QW_SPOOL_RECORD_MAX;
	uint64_t on_disk = spool->store.segment_bytes / SHARE, in_memory = spool->queue.bytes_max / SHARE;
	max = max < on_disk ? max : on_disk;
	return (size_t)(max < in_memory ? max : in_memory);
}

static void set_bounds(struct qw_spool *spool, const struct qw_spool_options *options)
{
	struct qw_spool_store *store = &spool->store;
	store->epoch = options->epoch;
	store->bytes_max = options->bytes_max ? options->bytes_max : DEFAULT_BYTES;
	store->segment_bytes = options->segment_bytes ? options->segment_bytes : SHARE * MEGABYTE;
	if (store->segment_bytes > store->bytes_max / SHARE)
		store->segment_bytes = store->bytes_max / SHARE;
	qw_spool_queue_init(&spool->queue, options->queue_bytes ? options->queue_bytes : SHARE * MEGABYTE);
}

enum qw_err qw_spool_open(struct qw_spool **out, const struct qw_spool_options *options)
{
	struct qw_spool *spool = calloc(1, sizeof(*spool));
	if (!spool)
		return QW_ENOMEM;
	enum qw_err err = QW_OK;
	spool->next_sequence = 1;
	spool->window.fd = -1;
	set_bounds(spool, options);
	spool->window.bytes = malloc(WINDOW);
	if (!spool->window.bytes)
		err = QW_ENOMEM;
	else if (!options->epoch || record_max(spool) < QW_SPOOL_SEGMENT_HEAD + QW_SPOOL_SEGMENT_RECORD_HEAD)
		err = QW_EINVAL;
	if (!err)
		err = qw_spool_store_open(&spool->store, options->folder);
	if (err) {
		free(spool->window.bytes);
		free(spool);
		return err;
	}
	spool->stats.torn_bytes = spool->store.torn_bytes;
	*out = spool;
	return QW_OK;
}

static void note_shed(struct qw_spool *spool, uint64_t shed, uint64_t *counter)
{
	*counter += shed;
	if (!shed || spool->shedding)
		return;
	spool->shedding = true;
	qw_log(QW_LOG_ERROR, "SPOOL-SHEDS",
	       "there is no room for more alerts that wait for the collector, the oldest are given up; "
	       "bring the collector back, or raise state.spool_mb");
}

static void note_caught_up(struct qw_spool *spool)
{
	if (!spool->shedding || qw_spool_store_pending(&spool->store) + spool->queue.count > 0)
		return;
	spool->shedding = false;
	qw_log(QW_LOG_INFO, "SPOOL-CAUGHT-UP",
	       "the collector has every alert that was kept; %" PRIu64 " were given up since the start",
	       spool->stats.shed + spool->stats.shed_queue);
}

static void note_refused(struct qw_spool *spool, enum qw_err err)
{
	if (spool->refused)
		return;
	spool->refused = true;
	qw_log(QW_LOG_ERROR, "SPOOL-DISK",
	       "the spool's disk takes no more (%s), alerts wait in memory; make room on it", qw_strerror(err));
}

/* A file that is gone keeps its blocks as long as it is open. */
static void release_window(struct qw_spool *spool)
{
	const struct qw_spool_store *store = &spool->store;
	struct window *window = &spool->window;
	if (window->fd < 0 || (store->count && window->number >= store->segments[0].head.number))
		return;
	close(window->fd);
	window->fd = -1;
}

/* Puts a record on the disk, and remembers whether it could. */
static enum qw_err store(struct qw_spool *spool, uint64_t sequence, struct qw_slice data)
{
	uint64_t shed = 0;
	enum qw_err err = qw_spool_store_append(&spool->store, sequence, data, &shed);
	note_shed(spool, shed, &spool->stats.shed);
	if (shed)
		release_window(spool);
	if (err)
		note_refused(spool, err);
	return err;
}

void qw_spool_tick(struct qw_spool *spool)
{
	const struct qw_spool_item *item;
	while ((item = spool->queue.first)) {
		if (store(spool, item->sequence, qw_slice(item->data, item->len)))
			return;
		qw_spool_queue_pop(&spool->queue);
	}
	if (!spool->refused)
		return;
	spool->refused = false;
	qw_log(QW_LOG_INFO, "SPOOL-DISK-AGAIN", "the spool's disk takes alerts again");
}

enum qw_err qw_spool_append(struct qw_spool *spool, struct qw_slice data, uint64_t *sequence)
{
	if (data.len > record_max(spool))
		return QW_ELIMIT;
	if (spool->queue.first)
		qw_spool_tick(spool);
	/* Behind what waits in memory a record waits too: sequences rise in the files. */
	if (spool->queue.first || store(spool, spool->next_sequence, data)) {
		uint64_t shed;
		enum qw_err err = qw_spool_queue_push(&spool->queue, spool->next_sequence, data, &shed);
		if (err)
			return err;
		note_shed(spool, shed, &spool->stats.shed_queue);
	}
	*sequence = spool->next_sequence++;
	spool->stats.appended++;
	return QW_OK;
}

/* The first segment at or behind the cursor; the cursor moves to it.  NULL: there is none. */
static struct qw_spool_store_segment *segment_at_cursor(struct qw_spool *spool)
{
	for (size_t at = 0; at < spool->store.count; at++) {
		struct qw_spool_store_segment *segment = &spool->store.segments[at];
		if (segment->head.number < spool->cursor.number)
			continue;
		if (segment->head.number > spool->cursor.number)
			spool->cursor =
			    (struct cursor){.number = segment->head.number, .offset = QW_SPOOL_SEGMENT_HEAD};
		return segment;
	}
	return NULL;
}

static enum qw_err load_window(struct qw_spool *spool, const struct cursor *cursor)
{
	struct window *window = &spool->window;
	if (window->fd < 0 || window->number != cursor->number) {
		int fd;
		enum qw_err err = qw_spool_store_open_segment(&spool->store, cursor->number, &fd);
		if (err)
			return err;
		if (window->fd >= 0)
			close(window->fd);
		window->fd = fd;
		window->number = cursor->number;
	}
	window->len = 0;
	ssize_t got = pread(window->fd, window->bytes, WINDOW, (off_t)cursor->offset);
	if (got < 0)
		return qw_err_from_errno(errno);
	window->offset = cursor->offset;
	window->len = (size_t)got;
	return QW_OK;
}

static enum qw_err decode_at_cursor(struct qw_spool *spool, const struct qw_spool_store_segment *segment,
				    struct qw_slice *data)
{
	const struct window *window = &spool->window;
	const struct cursor *cursor = &spool->cursor;
	if (window->fd < 0 || window->number != cursor->number || cursor->offset < window->offset ||
	    cursor->offset > window->offset + window->len)
		return QW_ETRUNC;
	size_t skip = (size_t)(cursor->offset - window->offset);
	struct qw_bytes in = qw_bytes(window->bytes + skip, window->len - skip);
	return qw_spool_segment_record_decode(data, &in, &segment->head, segment->head.first + cursor->record);
}

/* What cannot be read any more will never be sent: the segment ends there. */
static void cut_damaged(struct qw_spool *spool, struct qw_spool_store_segment *segment)
{
	uint64_t lost = segment->records - spool->cursor.record;
	qw_log(QW_LOG_ERROR, "SPOOL-DAMAGED",
	       "segment %016" PRIx64 ".seg is damaged, %" PRIu64 " alerts in it are lost; check the disk",
	       segment->head.number, lost);
	spool->stats.damaged += lost;
	segment->records = spool->cursor.record;
	if (segment->acked > segment->records)
		segment->acked = segment->records;
	/* Should it be the one that is written: the next record will not follow on the last, and begins another. */
}

/* The record at the cursor, which moves behind it. */
static enum qw_err read_segment(struct qw_spool *spool, struct qw_spool_store_segment *segment,
				struct qw_spool_record *out)
{
	struct cursor *cursor = &spool->cursor;
	struct qw_slice data;
	enum qw_err err = decode_at_cursor(spool, segment, &data);
	if (err == QW_ETRUNC) {
		err = load_window(spool, cursor);
		if (!err)
			err = decode_at_cursor(spool, segment, &data);
	}
	if (err == QW_ETRUNC || err == QW_EFORMAT)
		cut_damaged(spool, segment);
	if (err)
		return err;
	*out = (struct qw_spool_record){segment->head.epoch, segment->head.first + cursor->record, data};
	cursor->record++;
	cursor->offset += QW_SPOOL_SEGMENT_RECORD_HEAD + data.len;
	return QW_OK;
}

static enum qw_err read_queue(struct qw_spool *spool, struct qw_spool_record *out)
{
	const struct qw_spool_item *item = qw_spool_queue_after(&spool->queue, spool->read_through);
	if (!item)
		return QW_EAGAIN;
	*out = (struct qw_spool_record){spool->store.epoch, item->sequence, qw_slice(item->data, item->len)};
	spool->read_through = item->sequence;
	return QW_OK;
}

enum qw_err qw_spool_read(struct qw_spool *spool, struct qw_spool_record *out)
{
	struct qw_spool_store_segment *segment;
	while ((segment = segment_at_cursor(spool))) {
		struct qw_spool_record record;
		if (spool->cursor.record >= segment->records) {
			if (segment == &spool->store.segments[spool->store.count - 1])
				break;
			spool->cursor =
			    (struct cursor){.number = segment->head.number + 1, .offset = QW_SPOOL_SEGMENT_HEAD};
			continue;
		}
		bool acked = spool->cursor.record < segment->acked;
		enum qw_err err = read_segment(spool, segment, &record);
		if (err && err != QW_ETRUNC && err != QW_EFORMAT)
			return err;
		if (err || acked)
			continue;
		if (record.epoch == spool->store.epoch) {
			/* It was read while it waited in memory. */
			if (record.sequence <= spool->read_through)
				continue;
			spool->read_through = record.sequence;
		}
		*out = record;
		return QW_OK;
	}
	return read_queue(spool, out);
}

void qw_spool_rewind(struct qw_spool *spool)
{
	spool->cursor = (struct cursor){.offset = QW_SPOOL_SEGMENT_HEAD};
	spool->read_through = 0;
}

enum qw_err qw_spool_acknowledge(struct qw_spool *spool, uint64_t epoch, uint64_t through)
{
	bool own = epoch == spool->store.epoch;
	if (own && through >= spool->next_sequence)
		return QW_EORDER;
	bool found = qw_spool_store_acknowledge(&spool->store, epoch, through);
	while (own && spool->queue.first && spool->queue.first->sequence <= through)
		qw_spool_queue_pop(&spool->queue);
	release_window(spool);
	note_caught_up(spool);
	return found || own ? QW_OK : QW_ENOENT;
}

struct qw_spool_stats qw_spool_stats(const struct qw_spool *spool)
{
	struct qw_spool_stats stats = spool->stats;
	stats.queued = spool->queue.count;
	stats.pending = qw_spool_store_pending(&spool->store) + stats.queued;
	stats.bytes = spool->store.bytes;
	stats.segments = spool->store.count;
	return stats;
}

void qw_spool_close(struct qw_spool *spool)
{
	if (!spool)
		return;
	if (spool->queue.first)
		qw_spool_tick(spool);
	if (spool->queue.count)
		qw_log(QW_LOG_ERROR, "SPOOL-LOST",
		       "%" PRIu64 " alerts waited in memory for room on the disk and are lost", spool->queue.count);
	qw_spool_queue_fini(&spool->queue);
	if (spool->window.fd >= 0)
		close(spool->window.fd);
	free(spool->window.bytes);
	qw_spool_store_close(&spool->store);
	free(spool);
}
