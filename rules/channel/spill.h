/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spill - entries that wait on the disk until they are proved, in a file without a name.
 *
 * The file is gone with the process, however that ends.  One thread.
 */
#pragma once

#include <stdint.h>

#include "quaywatch/bytes.h"
#include "quaywatch/err.h"

enum { QW_SPILL_BUFFER = 128 * 1024 }; /* an entry and its length fit */

struct qw_spill {
	int fd; /* -1: not open */
	size_t used;
	uint8_t *buffer;
};

/* In that folder; NULL: in the system's for temporary files. */
enum qw_err qw_spill_open(struct qw_spill *out, const char *folder) QW_MUSTCHECK;
void qw_spill_close(struct qw_spill *spill); /* a zeroed one, or one that could not be opened, is fine */

/* A packed Entry, at most QW_ENTRY_MAX. */
enum qw_err qw_spill_add(struct qw_spill *spill, struct qw_slice body) QW_MUSTCHECK;

/* All of them, in order; an error of visit ends it and is returned. */
enum qw_err qw_spill_each(struct qw_spill *spill, enum qw_err (*visit)(void *ctx, struct qw_slice body),
			  void *ctx) QW_MUSTCHECK;
