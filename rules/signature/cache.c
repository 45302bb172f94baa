/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "quaywatch/file.h"

enum { FILE_MAX = 1 << 30, FILES_MAX = 512, FOLDER_MODE = 0700, FILE_MODE = 0600, NAME_LEN = 2 * QW_CACHE_KEY_BYTES };

static const char magic[8] = "QWHSDB1";
static const char suffix[] = ".hsdb";

struct head {
	char magic[8];
	uint64_t len;
	uint8_t sum[32]; /* BLAKE2b-256 of what follows */
};

static bool path_of(const char *folder, const struct qw_cache_key *key, char out[PATH_MAX])
{
	char name[NAME_LEN + 1];
	sodium_bin2hex(name, sizeof(name), key->bytes, sizeof(key->bytes));
	int len = snprintf(out, PATH_MAX, "%s/%s%s", folder, name, suffix);
	return len > 0 && len < PATH_MAX;
}

static void sum_of(const void *data, size_t len, uint8_t out[32])
{
	crypto_generichash(out, 32, data, len, NULL, 0);
}

enum qw_err qw_cache_get(const char *folder, const struct qw_cache_key *key, char **data, size_t *len)
{
	char path[PATH_MAX], *file;
	size_t size;
	struct head head;
	uint8_t sum[32];
	if (!path_of(folder, key, path) || qw_file_read(path, FILE_MAX, &file, &size) != QW_OK)
		return QW_ENOENT;
	bool whole = size >= sizeof(head);
	if (whole) {
		memcpy(&head, file, sizeof(head));
		sum_of(file + sizeof(head), size - sizeof(head), sum);
		whole = memcmp(head.magic, magic, sizeof(magic)) == 0 && head.len == size - sizeof(head) &&
			memcmp(head.sum, sum, sizeof(sum)) == 0;
	}
	if (!whole) {
		free(file);
		return QW_ENOENT;
	}
	memmove(file, file + sizeof(head), head.len);
	*data = file;
	*len = head.len;
	return QW_OK;
}

/* Makes room: while there are too many of our files, the one used longest ago goes. */
static void prune(const char *folder)
{
	DIR *dir = opendir(folder);
	char oldest[NAME_MAX + 1] = "";
	struct timespec when = {0, 0};
	unsigned count = 0;
	struct stat row;
	if (!dir)
		return;
	for (const struct dirent *entry; (entry = readdir(dir));) {
		size_t len = strlen(entry->d_name);
		bool ours = len == NAME_LEN + sizeof(suffix) - 1 && strcmp(entry->d_name + NAME_LEN, suffix) == 0;
		if (!ours || fstatat(dirfd(dir), entry->d_name, &row, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		bool older = count == 0 || row.st_mtim.tv_sec < when.tv_sec;
		count++;
		if (older) {
			when = row.st_mtim;
			memcpy(oldest, entry->d_name, len + 1);
		}
	}
	if (count >= FILES_MAX)
		(void)unlinkat(dirfd(dir), oldest, 0);
	closedir(dir);
}

enum qw_err qw_cache_put(const char *folder, const struct qw_cache_key *key, const void *data, size_t len)
{
	char path[PATH_MAX];
	struct head head = {.len = len};
	enum qw_err err = qw_make_folder(folder, FOLDER_MODE);
	if (err)
		return err;
	if (!path_of(folder, key, path))
		return QW_EINVAL;
	prune(folder);
	char *file = malloc(sizeof(head) + len);
	if (!file)
		return QW_ENOMEM;
	memcpy(head.magic, magic, sizeof(magic));
	sum_of(data, len, head.sum);
	memcpy(file, &head, sizeof(head));
	memcpy(file + sizeof(head), data, len);
	err = qw_file_replace(path, file, sizeof(head) + len, FILE_MODE);
	free(file);
	return err;
}
