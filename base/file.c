/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WALK_DEPTH_MAX = 32 };

static enum qw_err fail(void)
{
	return qw_err_from_errno(errno);
}

/* Closes without losing the errno that the caller will report. */
static void close_quietly(int fd)
{
	int number = errno;
	close(fd);
	errno = number;
}

static enum qw_err map_file(struct qw_mapping *out, int fd)
{
	struct stat status;
	if (fstat(fd, &status) != 0)
		return fail();
	if (!S_ISREG(status.st_mode)) {
		errno = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
		return QW_EINVAL;
	}
	size_t size = (size_t)status.st_size;
	const void *data = "";
	if (size > 0)
		data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		return fail();
	*out = (struct qw_mapping){data, size};
	return QW_OK;
}

enum qw_err qw_mapping_open(struct qw_mapping *out, const char *path)
{
	/* Not blocking, lest a pipe without a writer holds us up for ever. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return fail();
	enum qw_err err = map_file(out, fd);
	close_quietly(fd);
	return err;
}

void qw_mapping_close(struct qw_mapping *mapping)
{
	if (mapping->size > 0)
		munmap((void *)(uintptr_t)mapping->data, mapping->size);
	*mapping = (struct qw_mapping){(const uint8_t *)"", 0};
}

/* Up to `room` bytes; fewer only at the end. */
static enum qw_err read_until(int fd, char *data, size_t room, size_t *len)
{
	size_t have = 0;
	while (have < room) {
		ssize_t got = read(fd, data + have, room - have);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail();
		if (got == 0)
			break;
		have += (size_t)got;
	}
	*len = have;
	return QW_OK;
}

/* Reads in pieces that double: a pipe does not say how much will come. */
static enum qw_err read_file(int fd, size_t max, char **data, size_t *len)
{
	struct stat status;
	if (fstat(fd, &status) != 0)
		return fail();
	size_t room = status.st_size > 0 ? (size_t)status.st_size + 1 : 4096, have = 0;
	char *memory = NULL;
	enum qw_err err;
	for (;;) {
		if (room > max)
			room = max + 1; /* one more, to see that there is more */
		char *larger = realloc(memory, room + 1);
		if (!larger) {
			err = QW_ENOMEM;
			goto free_memory;
		}
		memory = larger;
		size_t got = 0;
		err = read_until(fd, memory + have, room - have, &got);
		if (err)
			goto free_memory;
		have += got;
		if (have < room)
			break;
		if (have > max) {
			err = QW_ELIMIT;
			goto free_memory;
		}
		room *= 2;
	}
	memory[have] = 0;
	*data = memory;
	*len = have;
	return QW_OK;
free_memory:
	free(memory);
	return err;
}

enum qw_err qw_file_read_open(int fd, size_t max, char **data, size_t *len)
{
	return max > SIZE_MAX / 4 ? QW_EINVAL : read_file(fd, max, data, len);
}

enum qw_err qw_file_read(const char *path, size_t max, char **data, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail();
	enum qw_err err = qw_file_read_open(fd, max, data, len);
	close_quietly(fd);
	return err;
}

enum qw_err qw_write_all(int fd, const void *data, size_t len)
{
	const char *at = data;
	while (len > 0) {
		ssize_t put = write(fd, at, len);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return fail();
		at += put;
		len -= (size_t)put;
	}
	return QW_OK;
}

/* The folder that holds path, into `out`. */
static enum qw_err parent_of(const char *path, char out[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 1;
	if (len >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return QW_EINVAL;
	}
	memcpy(out, slash ? path : ".", len);
	if (len == 0)
		out[len++] = '/';
	out[len] = 0;
	return QW_OK;
}

enum qw_err qw_file_set_aside(const char *path)
{
	char aside[PATH_MAX];

	if (snprintf(aside, sizeof(aside), "%s.refused", path) >= (int)sizeof(aside))
		return QW_ELIMIT;
	return rename(path, aside) != 0 ? fail() : QW_OK;
}

static enum qw_err fill_file(int fd, const void *data, size_t len, mode_t mode)
{
	enum qw_err err = qw_write_all(fd, data, len);
	if (err)
		return err;
	return fchmod(fd, mode) != 0 || fsync(fd) != 0 ? fail() : QW_OK;
}

/* link(2) leaves a file alone that is there, rename(2) takes its place. */
static enum qw_err put_in_place(const char *beside, const char *path, bool replace)
{
	if (replace)
		return rename(beside, path) != 0 ? fail() : QW_OK;
	return link(beside, path) != 0 ? fail() : QW_OK;
}

/* The bytes go into a dot file beside it, which qw_walk_files passes over should we die here. */
static enum qw_err write_whole(const char *path, const void *data, size_t len, mode_t mode, bool replace)
{
	char folder[PATH_MAX], beside[PATH_MAX];
	enum qw_err err = parent_of(path, folder);
	if (err)
		return err;
	const char *slash = strrchr(path, '/');
	int need = snprintf(beside, sizeof(beside), "%s/.%s.XXXXXX", folder, slash ? slash + 1 : path);
	if (need < 0 || (size_t)need >= sizeof(beside)) {
		errno = ENAMETOOLONG;
		return QW_EINVAL;
	}
	int fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0)
		return fail();
	err = fill_file(fd, data, len, mode);
	close_quietly(fd);
	if (!err)
		err = put_in_place(beside, path, replace);
	if (err || !replace) {
		int number = errno;
		unlink(beside);
		errno = number;
	}
	return err ? err : qw_sync_folder(folder);
}

enum qw_err qw_file_replace(const char *path, const void *data, size_t len, mode_t mode)
{
	return write_whole(path, data, len, mode, true);
}

enum qw_err qw_file_create(const char *path, const void *data, size_t len, mode_t mode)
{
	return write_whole(path, data, len, mode, false);
}

static enum qw_err make_one(const char *path, mode_t mode)
{
	struct stat status;
	if (mkdir(path, mode) == 0)
		return QW_OK;
	if (errno != EEXIST)
		return fail();
	if (stat(path, &status) != 0)
		return fail();
	if (S_ISDIR(status.st_mode))
		return QW_OK;
	errno = EEXIST;
	return QW_EEXIST;
}

enum qw_err qw_make_folder(const char *path, mode_t mode)
{
	char copy[PATH_MAX];
	size_t len = strlen(path);
	if (len == 0 || len >= sizeof(copy)) {
		errno = len ? ENAMETOOLONG : ENOENT;
		return fail();
	}
	memcpy(copy, path, len + 1);
	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		enum qw_err err = make_one(copy, mode | S_IWUSR | S_IXUSR);
		if (err)
			return err;
		*slash = '/';
	}
	return make_one(copy, mode);
}

enum qw_err qw_sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return fail();
	enum qw_err err = fsync(fd) != 0 ? fail() : QW_OK;
	close_quietly(fd);
	return err;
}

struct walk {
	enum qw_err (*visit)(void *ctx, const char *file);
	void *ctx;
	unsigned depth;
};

static int is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static enum qw_err walk_folder(struct walk *walk, const char *path);

static enum qw_err walk_entry(struct walk *walk, const char *folder, const char *name)
{
	struct stat status;
	char path[PATH_MAX];
	const char *between = folder[strlen(folder) - 1] == '/' ? "" : "/";
	int need = snprintf(path, sizeof(path), "%s%s%s", folder, between, name);
	if (need < 0 || (size_t)need >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return QW_EINVAL;
	}
	if (lstat(path, &status) != 0)
		return errno == ENOENT ? QW_OK : fail(); /* gone since the folder was read */
	if (S_ISDIR(status.st_mode))
		return walk_folder(walk, path);
	/* Links to files count as files.  Links to folders are not followed: they may lead round. */
	if (S_ISLNK(status.st_mode) && stat(path, &status) != 0)
		return fail();
	return S_ISREG(status.st_mode) ? walk->visit(walk->ctx, path) : QW_OK;
}

static enum qw_err walk_folder(struct walk *walk, const char *path)
{
	struct dirent **entries;
	if (walk->depth == WALK_DEPTH_MAX) {
		errno = ELOOP;
		return QW_ELIMIT;
	}
	int count = scandir(path, &entries, is_shown, by_bytes);
	if (count < 0)
		return fail();
	enum qw_err err = QW_OK;
	walk->depth++;
	for (int i = 0; i < count; i++) {
		if (!err)
			err = walk_entry(walk, path, entries[i]->d_name);
		free(entries[i]);
	}
	walk->depth--;
	free(entries);
	return err;
}

enum qw_err qw_walk_files(const char *path, enum qw_err (*visit)(void *ctx, const char *file), void *ctx)
{
	struct walk walk = {visit, ctx, 0};
	struct stat status;
	if (stat(path, &status) != 0)
		return fail();
	return S_ISDIR(status.st_mode) ? walk_folder(&walk, path) : visit(ctx, path);
}
