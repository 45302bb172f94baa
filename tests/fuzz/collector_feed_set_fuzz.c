/* SPDX-License-Identifier: Apache-2.0 */
/* A feed's set as it lies on the disk: whatever it says, reading stays within it; what is found is what was asked for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "collector/feed_set.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(const struct qw_feed_set *set)
{
	struct qw_feed_diff diff = {set, set, 0, 0};
	struct qw_feed_row row, found;
	size_t steps = 0;

	for (size_t i = 0; i < set->count; i++) {
		if (!qw_feed_set_at(set, i, &row))
			continue;
		if (row.entry.body < set->file.data || row.entry.body + row.entry.body_len > set->file.data + set->file.size)
			abort();
		if (qw_feed_set_find(set, &row.entry, &found) && found.entry.kind != row.entry.kind)
			abort();
	}
	while (qw_feed_diff_next(&diff, &row) != QW_FEED_END)
		if (++steps > 2 * set->count)
			abort();
	diff = (struct qw_feed_diff){NULL, set, 0, 0};
	for (steps = 0; qw_feed_diff_next(&diff, &row) != QW_FEED_END;)
		if (++steps > set->count)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qw_feed_set set;
	char path[64];
	int fd = memfd_create("set", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (qw_feed_set_open(&set, path, true) == QW_OK)
		qw_feed_set_close(&set);
	if (qw_feed_set_open(&set, path, false) == QW_OK) {
		walk(&set);
		qw_feed_set_close(&set);
	}
	close(fd);
	return 0;
}
