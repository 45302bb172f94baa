/* SPDX-License-Identifier: Apache-2.0 */
/* history_parts - what history.c and history_read.c share. */
#pragma once

#include <limits.h>

#include "sensor/export/history.h"
#include "sensor/export/history_file.h"

/* HISTORY_FILES: those of the bound, and where deltas are at their largest, one for each of the newest. */
enum {
	HISTORY_SHARES = 8,
	HISTORY_FILES = HISTORY_SHARES + QW_HISTORY_LEAST + 2,
	HISTORY_DIGITS = 16,
	HISTORY_NAME = HISTORY_DIGITS + 8,
};

struct qw_history_place {
	uint64_t number, key, records;
	struct qw_order first, last;
	uint64_t bytes; /* that are sound */
};

struct qw_history {
	char folder[PATH_MAX - HISTORY_NAME];
	uint64_t bytes_max;
	struct qw_history_place file[HISTORY_FILES]; /* oldest first */
	size_t count;
	int fd; /* of the newest, for appending; -1: none */
	struct qw_history_stats stats;
};

/* Of the file of that number. */
void qw_history_path(const struct qw_history *history, uint64_t number, char out[PATH_MAX]);
