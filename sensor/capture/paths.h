/* SPDX-License-Identifier: Apache-2.0 */
/*
 * paths - which capture files the paths on a command line stand for.
 *
 * A file that was named must be a capture.  Of a folder, those files are taken
 * that begin like one, at any depth, in name order; the rest is passed over.
 */
#pragma once

#include <stddef.h>

#include "quaywatch/diag.h"
#include "quaywatch/err.h"

struct qw_paths {
	char **file;
	size_t count, room;
};

/*
 * All complaints are made before an error is returned, the first one met:
 * QW_ENOENT (also a folder without captures), QW_EACCES, QW_EIO, QW_EFORMAT,
 * QW_ENOMEM.  End with qw_paths_fini in any case.
 */
enum qw_err qw_paths_init(struct qw_paths *paths, const char *const *names, size_t count,
			  struct qw_diags *diags) QW_MUSTCHECK;
void qw_paths_fini(struct qw_paths *paths);
