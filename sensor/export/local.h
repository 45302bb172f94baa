/* SPDX-License-Identifier: Apache-2.0 */
/*
 * local - the EVE file on the sensor itself.
 *
 * Buffered; a write that fails is told once and remembered, and nothing more
 * is written: a log with holes is worse than one that ends.  One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "quaywatch/event.h"

struct qw_local;

struct qw_local_options {
	const char *path; /* "-": standard output */
	const char *tenant, *sensor; /* "" : left out */
	bool append;      /* live: an existing file goes on, after a torn last line in a new one; else it is made anew */
	bool payload;     /* packet bytes may be written */
};

/* QW_EACCES, QW_ENOENT …: as the system says; errno is kept. */
enum qw_err qw_local_open(struct qw_local **out, const struct qw_local_options *options) QW_MUSTCHECK;

/* Writes one event.  QW_EFORMAT: the event is damaged (not written).  QW_EIO, QW_ENOSPC: this and all later ones. */
enum qw_err qw_local_write(struct qw_local *local, const void *event, size_t size) QW_MUSTCHECK;

/* Hands on what is buffered. */
enum qw_err qw_local_flush(struct qw_local *local) QW_MUSTCHECK;

/* Opens the path anew: the file was rotated away, or the disk has room again; an earlier error is forgotten. */
enum qw_err qw_local_reopen(struct qw_local *local) QW_MUSTCHECK;

/* Flushes and closes; the result of the last write, or of the first that failed. */
enum qw_err qw_local_close(struct qw_local *local);
