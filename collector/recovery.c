/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/recovery.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/sums.h"
#include "quaywatch/file.h"

enum { SUMS_MAX = 1 << 30, COPY_BYTES = 1 << 16 };

/* One pass over a segment; `good` counts what the sums vouch for. */
struct walk {
	const struct qw_journal_options *options;
	struct qw_journal_recovery *recovery;
	struct qw_segment *segment;
	uint64_t size;     /* of the data file as found */
	uint64_t expected; /* where the next group must begin */
	uint64_t bad;      /* groups since the last good one */
	char *memory;
	size_t room;
};

static enum qw_err read_at(int fd, char *out, size_t len, uint64_t offset)
{
	while (len > 0) {
		ssize_t got = pread(fd, out, len, (off_t)offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return qw_err_from_errno(errno);
		if (got == 0)
			return QW_ETRUNC;
		out += got;
		offset += (uint64_t)got;
		len -= (size_t)got;
	}
	return QW_OK;
}

static enum qw_err grow(struct walk *walk, size_t len)
{
	if (len <= walk->room)
		return QW_OK;
	char *memory = realloc(walk->memory, len);
	if (!memory)
		return QW_ENOMEM;
	walk->memory = memory;
	walk->room = len;
	return QW_OK;
}

static void show_lines(struct walk *walk, uint64_t offset, size_t len)
{
	const struct qw_journal_options *options = walk->options;
	const char *at = walk->memory, *end = at + len, *newline;

	if (!options->line)
		return;
	if (walk->segment->number == options->from.segment && offset < options->from.offset)
		return;
	for (; (newline = memchr(at, '\n', (size_t)(end - at))); at = newline + 1) {
		options->line(options->ctx, at, (size_t)(newline - at));
		walk->recovery->lines++;
	}
}

/* QW_EFORMAT: the bytes are not those that were summed. */
static enum qw_err check_group(struct walk *walk, const struct qw_sum *sum)
{
	if (sum->len > walk->size || sum->offset > walk->size - sum->len)
		return QW_EFORMAT;
	enum qw_err err = grow(walk, (size_t)sum->len);
	if (err == QW_OK)
		err = read_at(walk->segment->data, walk->memory, (size_t)sum->len, sum->offset);
	if (err != QW_OK)
		return err == QW_ETRUNC ? QW_EFORMAT : err;
	struct qw_sum now = qw_sum_of(sum->offset, walk->memory, (size_t)sum->len);
	return memcmp(now.hash, sum->hash, sizeof(now.hash)) == 0 ? QW_OK : QW_EFORMAT;
}

static enum qw_err walk_groups(struct walk *walk, const char *text, size_t len)
{
	struct qw_bytes in = qw_bytes(text, len);
	struct qw_sum sum;

	if (!qw_sum_read_head(&in, &walk->segment->number))
		return QW_OK;
	walk->segment->sum_size = len - in.left;
	while (qw_sum_read(&in, &sum) && sum.offset == walk->expected) {
		enum qw_err err = check_group(walk, &sum);
		if (err != QW_OK && err != QW_EFORMAT)
			return err;
		walk->expected = sum.offset + sum.len;
		if (err == QW_EFORMAT) {
			walk->bad++;
			continue;
		}
		walk->recovery->groups++;
		walk->recovery->damaged += walk->bad;
		walk->bad = 0;
		walk->segment->size = walk->expected;
		walk->segment->sum_size = len - in.left;
		show_lines(walk, sum.offset, (size_t)sum.len);
	}
	return QW_OK;
}

/* A log without its sidecar: sums anew what ends in whole lines, group by group. */
static enum qw_err sum_anew(struct walk *walk)
{
	enum qw_err err = grow(walk, QW_JOURNAL_BUFFER);

	walk->recovery->unsummed = walk->size > 0;
	while (err == QW_OK && walk->segment->size < walk->size) {
		uint64_t offset = walk->segment->size, left = walk->size - offset;
		size_t len = left < QW_JOURNAL_BUFFER ? (size_t)left : QW_JOURNAL_BUFFER;
		err = read_at(walk->segment->data, walk->memory, len, offset);
		if (err != QW_OK)
			break;
		const char *newline = memrchr(walk->memory, '\n', len);
		if (!newline)
			break;
		len = (size_t)(newline + 1 - walk->memory);
		char line[QW_SUM_LINE_MAX];
		struct qw_text text;
		qw_text_init(&text, line, sizeof(line));
		struct qw_sum sum = qw_sum_of(offset, walk->memory, len);
		qw_sum_write(&text, &sum);
		err = qw_write_all(walk->segment->sums, line, text.len);
		walk->segment->sum_size += text.len;
		walk->segment->size += len;
		show_lines(walk, offset, len);
	}
	return err;
}

/* Head line of a sidecar that is missing or unreadable. */
static enum qw_err begin_sums(struct walk *walk)
{
	char line[QW_SUM_LINE_MAX];
	struct qw_text text;

	walk->segment->number = walk->options->from.segment + 1;
	qw_text_init(&text, line, sizeof(line));
	qw_sum_write_head(&text, walk->segment->number);
	if (ftruncate(walk->segment->sums, 0) != 0)
		return qw_err_from_errno(errno);
	walk->segment->sum_size = text.len;
	enum qw_err err = qw_write_all(walk->segment->sums, line, text.len);
	return err == QW_OK ? sum_anew(walk) : err;
}

/* Appends data[from..size) to alerts.json.torn, durably. */
static enum qw_err keep_torn(struct walk *walk)
{
	char path[PATH_MAX], *copy = walk->memory;
	uint64_t at = walk->segment->size;

	snprintf(path, sizeof(path), "%s/alerts.json.torn", walk->options->folder);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	if (fd < 0)
		return qw_err_from_errno(errno);
	enum qw_err err = QW_OK;
	while (err == QW_OK && at < walk->size) {
		size_t len = walk->size - at < COPY_BYTES ? (size_t)(walk->size - at) : COPY_BYTES;
		err = read_at(walk->segment->data, copy, len, at);
		if (err == QW_OK)
			err = qw_write_all(fd, copy, len);
		at += len;
	}
	if (err == QW_OK && fsync(fd) != 0)
		err = qw_err_from_errno(errno);
	close(fd);
	return err;
}

static enum qw_err cut_tail(struct walk *walk)
{
	struct qw_segment *segment = walk->segment;

	walk->recovery->torn = walk->size - segment->size;
	if (walk->recovery->torn > 0) {
		enum qw_err err = grow(walk, COPY_BYTES);
		if (err == QW_OK)
			err = keep_torn(walk);
		if (err != QW_OK)
			return err;
	}
	if (ftruncate(segment->data, (off_t)segment->size) != 0 ||
	    ftruncate(segment->sums, (off_t)segment->sum_size) != 0)
		return qw_err_from_errno(errno);
	if (fsync(segment->data) != 0 || fsync(segment->sums) != 0)
		return qw_err_from_errno(errno);
	return QW_OK;
}

enum qw_err qw_recover_segment(struct qw_segment *segment, const struct qw_journal_options *options,
			       struct qw_journal_recovery *recovery)
{
	struct walk walk = {.options = options, .recovery = recovery, .segment = segment};
	struct stat data, sums;
	char *text = NULL;

	*recovery = (struct qw_journal_recovery){0};
	segment->number = segment->size = segment->sum_size = 0;
	if (fstat(segment->data, &data) != 0 || fstat(segment->sums, &sums) != 0)
		return qw_err_from_errno(errno);
	if (sums.st_size > SUMS_MAX)
		return QW_ELIMIT;
	walk.size = (uint64_t)data.st_size;
	text = malloc((size_t)sums.st_size + 1);
	if (!text)
		return QW_ENOMEM;
	enum qw_err err = read_at(segment->sums, text, (size_t)sums.st_size, 0);
	if (err == QW_OK)
		err = walk_groups(&walk, text, (size_t)sums.st_size);
	if (err == QW_OK && segment->number == 0)
		err = begin_sums(&walk);
	if (err == QW_OK)
		err = cut_tail(&walk);
	free(walk.memory);
	free(text);
	return err;
}
