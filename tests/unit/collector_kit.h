/* SPDX-License-Identifier: Apache-2.0 */
/* collector_kit - a folder of its own for each test, and small things that several tests need. */
#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static inline void kit_remove(const char *path)
{
	char below[1024];
	DIR *folder = opendir(path);

	for (struct dirent *entry; folder && (entry = readdir(folder));) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(below, sizeof(below), "%.700s/%.255s", path, entry->d_name);
		if (unlink(below) != 0)
			kit_remove(below);
	}
	if (folder)
		closedir(folder);
	rmdir(path);
}

/* cmocka's setup and teardown: *state is the folder's path. */
static inline int kit_folder(void **state)
{
	char path[] = P_tmpdir "/quaywatch-test-XXXXXX";

	*state = mkdtemp(path) ? strdup(path) : NULL;
	return *state ? 0 : -1;
}

static inline int kit_clear(void **state)
{
	kit_remove(*state);
	free(*state);
	return 0;
}

static inline void kit_path(char out[256], const char *folder, const char *name)
{
	snprintf(out, 256, "%.150s/%.100s", folder, name);
}

/* The whole file, NUL-terminated; the caller's to free. */
static inline char *kit_read(const char *folder, const char *name, size_t *len)
{
	char path[256];
	struct stat info;

	kit_path(path, folder, name);
	if (len)
		*len = 0;
	int fd = open(path, O_RDONLY);
	if (fd < 0 || fstat(fd, &info) != 0)
		return NULL;
	char *data = calloc(1, (size_t)info.st_size + 1);
	ssize_t got = read(fd, data, (size_t)info.st_size);
	close(fd);
	if (len)
		*len = got > 0 ? (size_t)got : 0;
	return data;
}

/* Writes bytes at an offset; -1: at the end. */
static inline void kit_write(const char *folder, const char *name, long offset, const void *data, size_t len)
{
	char path[256];

	kit_path(path, folder, name);
	int fd = open(path, O_WRONLY | O_CREAT, 0640);
	assert_true(fd >= 0);
	off_t at = offset < 0 ? lseek(fd, 0, SEEK_END) : (off_t)offset;
	assert_int_equal(pwrite(fd, data, len, at), (ssize_t)len);
	close(fd);
}
