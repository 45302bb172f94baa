/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file - capture files as a source of frames.
 *
 * Files are mapped, not copied: a frame points into the page cache.  A window
 * of pages ahead of the reader is brought in with one call (a page fault for
 * every few frames costs more than the rest of reading), and windows behind
 * it are given back, so that a large file does not fill memory.
 */
#include "sensor/capture/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "quaywatch/file.h"
#include "sensor/capture/filter.h"
#include "sensor/capture/paths.h"
#include "sensor/capture/reader.h"

enum { WINDOW = 16 << 20 };

struct qw_source {
	struct qw_paths paths;
	struct qw_filter *filter; /* NULL: everything */
	struct qw_diags *diags;
	size_t next; /* file to be opened next */
	bool open;   /* mapping and reader are there */
	struct qw_mapping mapping;
	struct qw_reader reader;
	size_t brought, given; /* bytes of the mapping brought in, and given back */
	struct qw_source_counters counters;
};

static void file_close(struct qw_source *source)
{
	qw_paths_fini(&source->paths);
	qw_filter_free(source->filter);
	if (source->open) {
		qw_reader_fini(&source->reader);
		qw_mapping_close(&source->mapping);
	}
	free(source);
}

static enum qw_err file_open(struct qw_source **out, const struct qw_source_spec *spec)
{
	struct qw_source *source = calloc(1, sizeof(*source));

	if (!source)
		return QW_ENOMEM;
	source->diags = spec->diags;
	enum qw_err err = qw_paths_init(&source->paths, spec->paths, spec->path_count, spec->diags);
	if (err == QW_OK && spec->filter && spec->filter[0])
		err = qw_filter_new(&source->filter, spec->filter, spec->diags);
	if (err != QW_OK) {
		file_close(source);
		return err;
	}
	*out = source;
	return QW_OK;
}

/* Advice only: where the kernel cannot follow it, reading faults the pages in. */
static void advise(const struct qw_source *source, size_t from, size_t to, int advice)
{
	if (to > source->mapping.size)
		to = source->mapping.size;
	if (from < to)
		(void)madvise((void *)((uintptr_t)source->mapping.data + from), to - from, advice);
}

/* Frames before the reader's place are released, all others are still to come. */
static void move_window(struct qw_source *source)
{
	size_t at = (size_t)(source->reader.left.at - source->mapping.data);

	while (source->brought < source->mapping.size && source->brought < at + WINDOW / 2) {
		advise(source, source->brought, source->brought + WINDOW, MADV_POPULATE_READ);
		source->brought += WINDOW;
	}
	while (source->given + WINDOW <= at) {
		advise(source, source->given, source->given + WINDOW, MADV_DONTNEED);
		source->given += WINDOW;
	}
}

static void complain_damage(struct qw_source *source, const char *why)
{
	source->counters.damaged++;
	qw_complain(source->diags, QW_DIAG_WARNING, source->paths.file[source->next - 1], 0, 0,
		    "the capture is damaged: %s at byte %zu; what came before was read", why,
		    (size_t)(source->reader.left.at - source->mapping.data));
}

/* Takes the next file.  False: it can no longer be read, though it could when the source was opened. */
static bool open_next(struct qw_source *source)
{
	const char *name = source->paths.file[source->next++];
	enum qw_err err = qw_mapping_open(&source->mapping, name);

	if (err == QW_OK) {
		err = qw_reader_init(&source->reader, source->mapping.data, source->mapping.size);
		if (err != QW_OK)
			qw_mapping_close(&source->mapping);
	}
	if (err != QW_OK) {
		source->counters.damaged++;
		qw_complain(source->diags, QW_DIAG_WARNING, name, 0, 0, "can no longer be read and is passed over: %s",
			    qw_strerror(err));
	}
	source->reader.interface = (uint16_t)(source->next <= UINT16_MAX ? source->next - 1 : UINT16_MAX);
	source->brought = source->given = 0;
	return err == QW_OK;
}

static void close_current(struct qw_source *source)
{
	if (source->reader.damage)
		complain_damage(source, source->reader.damage);
	qw_reader_fini(&source->reader);
	qw_mapping_close(&source->mapping);
	source->open = false;
}

/* Closes the gaps that the filter leaves. */
static size_t keep(struct qw_source *source, struct qw_frame *frames, size_t count)
{
	size_t kept = 0;

	source->counters.received += count;
	if (!source->filter)
		return count;
	for (size_t i = 0; i < count; i++)
		if (qw_filter_passes(source->filter, &frames[i]))
			frames[kept++] = frames[i];
	source->counters.filtered += count - kept;
	return kept;
}

static enum qw_err file_receive(struct qw_source *source, struct qw_frame *frames, size_t max, struct qw_wait wait,
				size_t *count)
{
	size_t kept = 0;

	while (kept == 0) {
		while (!source->open) {
			if (source->next == source->paths.count)
				return QW_ENOENT;
			source->open = open_next(source);
		}
		move_window(source);
		size_t got = qw_reader_read(&source->reader, frames, max);
		if (got == 0)
			close_current(source);
		kept = keep(source, frames, got);
	}
	*count = kept;
	return QW_OK;
}

/* Mapped bytes stay until the file is done with, which is not before the next receive. */
static void file_release(struct qw_source *source)
{
}

static const char *file_interface(const struct qw_source *source, uint16_t number)
{
	return number < source->paths.count ? source->paths.file[number] : "";
}

static void file_counters(const struct qw_source *source, struct qw_source_counters *out)
{
	*out = source->counters;
}

const struct qw_source_ops qw_source_file = {
    .name = "file",
    .open = file_open,
    .receive = file_receive,
    .release = file_release,
    .interface = file_interface,
    .counters = file_counters,
    .close = file_close,
};
