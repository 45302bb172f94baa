/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "quaywatch/file.h"
#include "quaywatch/log.h"
#include "sensor/export/ledger_file.h"
#include "sensor/export/ledger_folder.h"

enum { SEGMENTS = 8, SEGMENT_MIN = QW_LEDGER_HEAD + QW_LEDGER_RECORD_HEAD + QW_LEDGER_RECORD_MAX };

struct qw_ledger {
	struct qw_ledger_options options;
	char folder[PATH_MAX];
	int fd;                 /* of the newest file; -1: none is open */
	uint64_t first, last;   /* numbers of the files; last 0: none */
	uint64_t used;          /* bytes of the newest */
	bool told;
	struct qw_ledger_before end; /* of what is written */
	struct qw_ledger_stats stats;
};

/* ---- files */

static void pack(struct qw_ledger *ledger, uint64_t number, uint64_t plain_bytes)
{
	uint64_t bytes;
	enum qw_err err = qw_ledger_pack(ledger->folder, number, &bytes);

	if (err == QW_OK)
		ledger->stats.bytes -= plain_bytes - (bytes < plain_bytes ? bytes : plain_bytes);
	else /* it is as good unpacked, and packed at the next start */
		qw_log(QW_LOG_WARNING, "LEDGER-PACK", "%s: file %016" PRIx64 " stays as large as it is: %s", ledger->folder, number, qw_strerror(err));
}

static enum qw_err begin_file(struct qw_ledger *ledger)
{
	uint8_t head[QW_LEDGER_HEAD];
	char path[PATH_MAX];
	uint64_t closed_bytes = ledger->fd >= 0 ? ledger->used : 0;

	if (ledger->fd >= 0)
		close(ledger->fd);
	ledger->fd = -1;
	if (!qw_ledger_path(path, ledger->folder, ledger->last + 1))
		return QW_EINVAL;
	struct qw_ledger_before end = ledger->end;
	qw_ledger_head_encode(head, ledger->last + 1, &end);
	enum qw_err err = qw_file_create(path, head, sizeof(head), 0600);
	if (err != QW_OK)
		return err;
	ledger->end = end;
	ledger->last++;
	ledger->first = ledger->first ? ledger->first : ledger->last;
	ledger->used = sizeof(head);
	ledger->stats.bytes += sizeof(head);
	ledger->stats.segments++;
	ledger->fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (closed_bytes)
		pack(ledger, ledger->last - 1, closed_bytes);
	return ledger->fd < 0 ? qw_err_from_errno(errno) : QW_OK;
}

/* The chain at the end of a file stands in the head of the one behind it. */
static enum qw_err keep_end_of(const struct qw_ledger *ledger, uint64_t number)
{
	struct qw_ledger_shed shed = {.number = number};
	struct qw_ledger_reader reader;
	struct qw_ledger_bytes bytes;
	enum qw_err err = qw_ledger_load(&bytes, ledger->folder, number + 1);

	if (err != QW_OK)
		return err;
	err = qw_ledger_reader_init(&reader, bytes.whole);
	qw_ledger_unload(&bytes);
	if (err != QW_OK)
		return err;
	memcpy(shed.chain, reader.before, sizeof(shed.chain));
	return qw_ledger_shed_write(&shed, ledger->folder);
}

static void shed_oldest(struct qw_ledger *ledger)
{
	uint64_t bytes;

	while (ledger->stats.bytes > ledger->options.bytes_max && ledger->first < ledger->last) {
		if (keep_end_of(ledger, ledger->first) != QW_OK)
			qw_log(QW_LOG_WARNING, "LEDGER-SHED", "%s: the digest at the end of file %016" PRIx64 " could not be kept", ledger->folder,
			       ledger->first);
		qw_ledger_remove(ledger->folder, ledger->first, &bytes);
		ledger->stats.bytes -= bytes;
		ledger->stats.segments -= bytes != 0;
		ledger->stats.shed += bytes != 0;
		ledger->first++;
	}
}

/* ---- opening */

static enum qw_err find_files(struct qw_ledger *ledger)
{
	struct qw_ledger_files files;
	enum qw_err err = qw_make_folder(ledger->folder, 0700);

	if (err == QW_OK)
		err = qw_ledger_find(&files, ledger->folder);
	if (err != QW_OK)
		return err;
	ledger->first = files.first;
	ledger->last = files.last;
	ledger->stats.bytes = files.bytes;
	ledger->stats.segments = files.count;
	return QW_OK;
}

/* Closed files that the death of the process left unpacked. */
static void pack_closed(struct qw_ledger *ledger)
{
	char path[PATH_MAX];
	struct qw_mapping mapping;

	for (uint64_t number = ledger->first; number < ledger->last; number++) {
		if (!qw_ledger_path(path, ledger->folder, number) || access(path, F_OK) != 0 || qw_mapping_open(&mapping, path) != QW_OK)
			continue;
		uint64_t bytes = mapping.size;
		qw_mapping_close(&mapping);
		pack(ledger, number, bytes);
	}
}

static enum qw_err read_records(struct qw_ledger *ledger, struct qw_bytes whole)
{
	struct qw_ledger_record record;
	struct qw_ledger_reader reader;
	enum qw_err err = qw_ledger_reader_init(&reader, whole);

	if (err == QW_OK && reader.number != ledger->last)
		err = QW_EFORMAT;
	while (err == QW_OK)
		err = qw_ledger_next(&reader, &record);
	if (err == QW_ETRUNC && reader.left.left > QW_LEDGER_RECORD_HEAD + QW_LEDGER_RECORD_MAX)
		err = QW_EFORMAT; /* more than one record: no tail, but a length that was changed */
	if (err != QW_EAGAIN && err != QW_ETRUNC)
		return err;
	ledger->used = whole.left - reader.left.left;
	ledger->stats.torn_bytes = reader.left.left;
	ledger->end = (struct qw_ledger_before){.epoch = reader.epoch, .sequence = reader.sequence};
	memcpy(ledger->end.chain, reader.chain, sizeof(ledger->end.chain));
	return QW_OK;
}

/* Up to which byte the newest file is sound.  A broken chain is somebody's doing, a torn tail is not. */
static enum qw_err read_newest(struct qw_ledger *ledger)
{
	struct qw_ledger_bytes bytes;
	enum qw_err err = qw_ledger_load(&bytes, ledger->folder, ledger->last);

	if (err != QW_OK)
		return err;
	err = read_records(ledger, bytes.whole);
	qw_ledger_unload(&bytes);
	return err;
}

static enum qw_err continue_newest(struct qw_ledger *ledger)
{
	char path[PATH_MAX];

	if (!qw_ledger_path(path, ledger->folder, ledger->last))
		return QW_EINVAL;
	enum qw_err err = read_newest(ledger);
	if (err != QW_OK) {
		qw_log(QW_LOG_ERROR, "LEDGER-BROKEN", "%s: %s; it was changed from outside: put it aside as evidence, then start again", path,
		       qw_strerror(err));
		return err;
	}
	ledger->fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (ledger->fd < 0 && errno == ENOENT)
		return begin_file(ledger); /* the newest is packed: the next was put aside */
	if (ledger->fd < 0)
		return qw_err_from_errno(errno);
	pack_closed(ledger);
	if (ledger->stats.torn_bytes == 0)
		return QW_OK;
	qw_log(QW_LOG_WARNING, "LEDGER-TORN", "%s: %" PRIu64 " bytes of a record that was not written to its end are cut off", path,
	       ledger->stats.torn_bytes);
	ledger->stats.bytes -= ledger->stats.torn_bytes;
	return ftruncate(ledger->fd, (off_t)ledger->used) != 0 ? qw_err_from_errno(errno) : QW_OK;
}

static enum qw_err set_bounds(struct qw_ledger *ledger, const struct qw_ledger_options *options)
{
	uint64_t segment = options->segment_bytes ? options->segment_bytes : options->bytes_max / SEGMENTS;

	ledger->options = *options;
	ledger->options.segment_bytes = segment < QW_LEDGER_SEGMENT_MAX || options->segment_bytes ? segment : QW_LEDGER_SEGMENT_MAX;
	segment = ledger->options.segment_bytes;
	if (segment < SEGMENT_MIN || segment > QW_LEDGER_SEGMENT_MAX || options->bytes_max < 2 * segment)
		return QW_EINVAL;
	return (size_t)snprintf(ledger->folder, sizeof(ledger->folder), "%s", options->folder) < sizeof(ledger->folder) ? QW_OK : QW_EINVAL;
}

enum qw_err qw_ledger_open(struct qw_ledger **out, const struct qw_ledger_options *options)
{
	struct qw_ledger *ledger = calloc(1, sizeof(*ledger));

	if (!ledger)
		return QW_ENOMEM;
	ledger->fd = -1;
	enum qw_err err = set_bounds(ledger, options);
	if (err == QW_OK)
		err = find_files(ledger);
	if (err == QW_OK)
		err = ledger->last ? continue_newest(ledger) : begin_file(ledger);
	if (err != QW_OK) {
		qw_ledger_close(ledger);
		return err;
	}
	*out = ledger;
	return QW_OK;
}

void qw_ledger_close(struct qw_ledger *ledger)
{
	if (!ledger)
		return;
	if (ledger->fd >= 0)
		close(ledger->fd);
	free(ledger);
}

/* ---- writing */

/* Both parts with one call; a part of a record that a full disk leaves is taken back. */
static enum qw_err write_record(struct qw_ledger *ledger, const uint8_t *head, struct qw_slice data)
{
	struct iovec parts[2] = {{(void *)(uintptr_t)head, QW_LEDGER_RECORD_HEAD}, {(void *)(uintptr_t)data.data, data.len}};
	ssize_t wrote = writev(ledger->fd, parts, 2);

	if (wrote == (ssize_t)(QW_LEDGER_RECORD_HEAD + data.len))
		return QW_OK;
	enum qw_err err = wrote < 0 ? qw_err_from_errno(errno) : QW_ENOSPC;
	if (wrote > 0 && ftruncate(ledger->fd, (off_t)ledger->used) != 0)
		return QW_EIO;
	return err;
}

static enum qw_err append(struct qw_ledger *ledger, const struct qw_ledger_record *record)
{
	uint8_t head[QW_LEDGER_RECORD_HEAD], chain[QW_SHA256_BYTES];
	size_t len = sizeof(head) + record->data.len;
	enum qw_err err = QW_OK;

	if (ledger->fd < 0 || ledger->used + len > ledger->options.segment_bytes)
		err = begin_file(ledger);
	if (err != QW_OK)
		return err;
	memcpy(chain, ledger->end.chain, sizeof(chain));
	qw_ledger_record_encode(head, chain, record);
	err = write_record(ledger, head, record->data);
	if (err != QW_OK)
		return err;
	if (record->kind == QW_LEDGER_ALERT) {
		ledger->end.epoch = record->epoch;
		ledger->end.sequence = record->sequence;
	}
	memcpy(ledger->end.chain, chain, sizeof(chain));
	ledger->used += len;
	ledger->stats.bytes += len;
	ledger->stats.records++;
	shed_oldest(ledger);
	return QW_OK;
}

enum qw_err qw_ledger_append(struct qw_ledger *ledger, const struct qw_ledger_record *record)
{
	if (record->data.len > QW_LEDGER_RECORD_MAX)
		return QW_ELIMIT;
	enum qw_err err = append(ledger, record);
	ledger->stats.failed += err != QW_OK;
	if (err != QW_OK && !ledger->told)
		qw_log(QW_LOG_ERROR, "LEDGER-WRITE", "%s: what leaves cannot be written down, so nothing leaves: %s; free the disk", ledger->folder,
		       qw_strerror(err));
	ledger->told = err != QW_OK;
	return err;
}

void qw_ledger_last(const struct qw_ledger *ledger, uint64_t *epoch, uint64_t *sequence)
{
	*epoch = ledger->end.epoch;
	*sequence = ledger->end.sequence;
}

const char *qw_ledger_folder(const struct qw_ledger *ledger)
{
	return ledger->folder;
}

struct qw_ledger_stats qw_ledger_stats(const struct qw_ledger *ledger)
{
	return ledger->stats;
}
