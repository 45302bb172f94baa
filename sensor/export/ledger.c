/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/ledger.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "quaywatch/file.h"
#include "quaywatch/log.h"
#include "sensor/export/ledger_file.h"

enum { SEGMENTS = 8, SEGMENT_MIN = QW_LEDGER_HEAD + QW_LEDGER_RECORD_HEAD + QW_LEDGER_RECORD_MAX, DIGITS = 16 };

struct qw_ledger {
	struct qw_ledger_options options;
	char folder[PATH_MAX];
	int fd;                 /* of the newest file; -1: none is open */
	uint64_t first, last;   /* numbers of the files; last 0: none */
	uint64_t used;          /* bytes of the newest */
	bool told;
	uint8_t chain[QW_SHA256_BYTES];
	struct qw_ledger_stats stats;
};

static bool path_of(const struct qw_ledger *ledger, uint64_t number, char path[PATH_MAX])
{
	return snprintf(path, PATH_MAX, "%s/%016" PRIx64 ".ledger", ledger->folder, number) < PATH_MAX;
}

/* ---- files */

static enum qw_err begin_file(struct qw_ledger *ledger)
{
	uint8_t head[QW_LEDGER_HEAD];
	char path[PATH_MAX];

	if (ledger->fd >= 0)
		close(ledger->fd);
	ledger->fd = -1;
	if (!path_of(ledger, ledger->last + 1, path))
		return QW_EINVAL;
	qw_ledger_head_encode(head, ledger->last + 1, ledger->chain);
	enum qw_err err = qw_file_create(path, head, sizeof(head), 0600);
	if (err != QW_OK)
		return err;
	ledger->last++;
	ledger->first = ledger->first ? ledger->first : ledger->last;
	ledger->used = sizeof(head);
	ledger->stats.bytes += sizeof(head);
	ledger->stats.segments++;
	ledger->fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	return ledger->fd < 0 ? qw_err_from_errno(errno) : QW_OK;
}

static void shed_oldest(struct qw_ledger *ledger)
{
	char path[PATH_MAX];
	struct stat status;

	while (ledger->stats.bytes > ledger->options.bytes_max && ledger->first < ledger->last) {
		if (path_of(ledger, ledger->first, path) && stat(path, &status) == 0 && unlink(path) == 0) {
			ledger->stats.bytes -= (uint64_t)status.st_size;
			ledger->stats.segments--;
			ledger->stats.shed++;
		}
		ledger->first++;
	}
}

/* ---- opening */

static void note_file(struct qw_ledger *ledger, const char *name)
{
	char path[PATH_MAX], *end;
	struct stat status;
	uint64_t number = strtoull(name, &end, 16);

	if (end != name + DIGITS || strcmp(end, ".ledger") != 0 || number == 0)
		return;
	if (!path_of(ledger, number, path) || stat(path, &status) != 0)
		return;
	ledger->first = ledger->first && ledger->first < number ? ledger->first : number;
	ledger->last = ledger->last > number ? ledger->last : number;
	ledger->stats.bytes += (uint64_t)status.st_size;
	ledger->stats.segments++;
}

static enum qw_err find_files(struct qw_ledger *ledger)
{
	enum qw_err err = qw_make_folder(ledger->folder, 0700);

	if (err != QW_OK)
		return err;
	DIR *folder = opendir(ledger->folder);
	if (!folder)
		return qw_err_from_errno(errno);
	for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
		note_file(ledger, entry->d_name);
	closedir(folder);
	return QW_OK;
}

/* Up to which byte the newest file is sound.  A broken chain is somebody's doing, a torn tail is not. */
static enum qw_err read_newest(struct qw_ledger *ledger, const char *path)
{
	struct qw_ledger_record record;
	struct qw_ledger_reader reader;
	struct qw_mapping mapping;
	enum qw_err err = qw_mapping_open(&mapping, path);

	if (err != QW_OK)
		return err;
	err = qw_ledger_reader_init(&reader, qw_bytes(mapping.data, mapping.size));
	if (err == QW_OK && reader.number != ledger->last)
		err = QW_EFORMAT;
	while (err == QW_OK)
		err = qw_ledger_next(&reader, &record);
	if (err == QW_ETRUNC && reader.left.left > QW_LEDGER_RECORD_HEAD + QW_LEDGER_RECORD_MAX)
		err = QW_EFORMAT; /* more than one record: no tail, but a length that was changed */
	if (err == QW_EAGAIN || err == QW_ETRUNC) {
		ledger->used = mapping.size - reader.left.left;
		ledger->stats.torn_bytes = reader.left.left;
		memcpy(ledger->chain, reader.chain, sizeof(ledger->chain));
		err = QW_OK;
	}
	qw_mapping_close(&mapping);
	return err;
}

static enum qw_err continue_newest(struct qw_ledger *ledger)
{
	char path[PATH_MAX];

	if (!path_of(ledger, ledger->last, path))
		return QW_EINVAL;
	enum qw_err err = read_newest(ledger, path);
	if (err != QW_OK) {
		qw_log(QW_LOG_ERROR, "LEDGER-BROKEN", "%s: %s; it was changed from outside: put it aside as evidence, then start again", path,
		       qw_strerror(err));
		return err;
	}
	ledger->fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (ledger->fd < 0)
		return qw_err_from_errno(errno);
	if (ledger->stats.torn_bytes == 0)
		return QW_OK;
	qw_log(QW_LOG_WARNING, "LEDGER-TORN", "%s: %" PRIu64 " bytes of a record that was not written to its end are cut off", path,
	       ledger->stats.torn_bytes);
	ledger->stats.bytes -= ledger->stats.torn_bytes;
	return ftruncate(ledger->fd, (off_t)ledger->used) != 0 ? qw_err_from_errno(errno) : QW_OK;
}

enum qw_err qw_ledger_open(struct qw_ledger **out, const struct qw_ledger_options *options)
{
	struct qw_ledger *ledger = calloc(1, sizeof(*ledger));

	if (!ledger)
		return QW_ENOMEM;
	ledger->fd = -1;
	ledger->options = *options;
	if (ledger->options.segment_bytes == 0)
		ledger->options.segment_bytes = options->bytes_max / SEGMENTS;
	enum qw_err err = QW_OK;
	if (ledger->options.segment_bytes < SEGMENT_MIN || ledger->options.bytes_max < 2 * ledger->options.segment_bytes ||
	    (size_t)snprintf(ledger->folder, sizeof(ledger->folder), "%s", options->folder) >= sizeof(ledger->folder))
		err = QW_EINVAL;
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
	memcpy(chain, ledger->chain, sizeof(chain));
	qw_ledger_record_encode(head, chain, record);
	err = write_record(ledger, head, record->data);
	if (err != QW_OK)
		return err;
	memcpy(ledger->chain, chain, sizeof(chain));
	ledger->used += len;
	ledger->stats.bytes += len;
	ledger->stats.records++;
	shed_oldest(ledger);
	return QW_OK;
}

enum qw_err qw_ledger_append(struct qw_ledger *ledger, struct qw_time time, uint64_t epoch, uint64_t sequence, struct qw_slice data)
{
	struct qw_ledger_record record = {time.ns, epoch, sequence, data};

	if (data.len > QW_LEDGER_RECORD_MAX)
		return QW_ELIMIT;
	enum qw_err err = append(ledger, &record);
	ledger->stats.failed += err != QW_OK;
	if (err != QW_OK && !ledger->told)
		qw_log(QW_LOG_ERROR, "LEDGER-WRITE", "%s: what leaves is not written down: %s; free the disk", ledger->folder, qw_strerror(err));
	ledger->told = err != QW_OK;
	return err;
}

struct qw_ledger_stats qw_ledger_stats(const struct qw_ledger *ledger)
{
	return ledger->stats;
}
