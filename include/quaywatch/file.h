/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file - whole files, durably.
 *
 * Errors are those of the system, mapped by qw_err_from_errno; errno is kept
 * for the caller's message.  Any thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "quaywatch/err.h"

/* A regular file mapped for reading.  Pages are the file's, not anonymous memory; nobody may cut it short meanwhile. */
struct qw_mapping {
	const uint8_t *data; /* never NULL; an empty file has size 0 */
	size_t size;
};

enum qw_err qw_mapping_open(struct qw_mapping *out, const char *path) QW_MUSTCHECK;
void qw_mapping_close(struct qw_mapping *mapping);

/* Reads at most max bytes into memory that the caller frees; a final NUL is added.  QW_ELIMIT: larger. */
enum qw_err qw_file_read(const char *path, size_t max, char **data, size_t *len) QW_MUSTCHECK;

/* The same of a descriptor, from where it stands; it stays open. */
enum qw_err qw_file_read_open(int fd, size_t max, char **data, size_t *len) QW_MUSTCHECK;

/* Replaces path by these bytes: after a crash it holds the old or the new ones, whole. */
enum qw_err qw_file_replace(const char *path, const void *data, size_t len, mode_t mode) QW_MUSTCHECK;

/* Makes path with these bytes, likewise whole or not at all.  QW_EEXIST: there is one, and it is kept. */
enum qw_err qw_file_create(const char *path, const void *data, size_t len, mode_t mode) QW_MUSTCHECK;

/* Renames it to PATH.refused, in place of an older one: what cannot be read is kept for people.  QW_EIO, QW_ENOENT, … */
enum qw_err qw_file_set_aside(const char *path) QW_MUSTCHECK;

/* Writes all of it, whatever write(2) returns short.  QW_EIO, QW_ENOSPC, … */
enum qw_err qw_write_all(int fd, const void *data, size_t len) QW_MUSTCHECK;

/* Makes the folder and its parents. */
enum qw_err qw_make_folder(const char *path, mode_t mode) QW_MUSTCHECK;

/* Makes renames and new names in the folder durable. */
enum qw_err qw_sync_folder(const char *path) QW_MUSTCHECK;

/*
 * Calls visit for each regular file at path: path itself (a pipe too), or what
 * lies below it in byte order of the names, 32 folders deep at most; dot files
 * and links to folders are passed over.  Stops at the first error that visit
 * returns, and returns it.
 */
enum qw_err qw_walk_files(const char *path, enum qw_err (*visit)(void *ctx, const char *file), void *ctx) QW_MUSTCHECK;
