/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Journal recovery: any bytes as log and sidecar.  The input is split at its
 * first NUL: log, then sidecar.  What recovery leaves must be whole: a second
 * one finds nothing to mend.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "collector/marks.h"
#include "collector/recovery.h"
#include "quaywatch/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay(void *ctx, const char *line, size_t len)
{
	qw_marks_replay(ctx, line, len, qw_time_ns(1));
}

static int file_of(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || qw_write_all(fd, data, size) != QW_OK)
		abort();
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *split = memchr(data, 0, size);
	size_t log = split ? (size_t)(split - data) : size;
	struct qw_marks *marks;
	struct qw_journal_recovery recovery, again;

	if (qw_marks_new(&marks) != QW_OK)
		abort();
	struct qw_segment segment = {.data = file_of(data, log),
				     .sums = split ? file_of(split + 1, size - log - 1) : file_of(data, 0)};
	/* Torn tails go to a folder that is not there: then recovery fails, and nothing is cut. */
	struct qw_journal_options options = {.folder = "/nonexistent", .line = replay, .ctx = marks};
	if (qw_recover_segment(&segment, &options, &recovery) == QW_OK) {
		if (qw_recover_segment(&segment, &options, &again) != QW_OK || again.torn != 0 || segment.number == 0)
			abort();
	}
	qw_marks_free(marks);
	close(segment.data);
	close(segment.sums);
	return 0;
}
