/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/vault.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "quaywatch/file.h"
#include "quaywatch/hash.h"
#include "quaywatch/log.h"
#include "quaywatch/text.h"
#include "sensor/export/vault_parts.h"

const struct qw_vault_file *qw_vault_at(const struct qw_vault *vault, size_t i)
{
	return &vault->file[(vault->first + i) % vault->max];
}

void qw_vault_name(const struct qw_vault_file *file, char name[QW_VAULT_NAME + 1])
{
	for (size_t i = 0; i < sizeof(file->digest); i++)
		snprintf(name + 2 * i, 3, "%02x", file->digest[i]);
}

void qw_vault_path(const struct qw_vault *vault, const struct qw_vault_file *file, char path[PATH_MAX])
{
	char name[QW_VAULT_NAME + 1];

	qw_vault_name(file, name);
	snprintf(path, PATH_MAX, "%s/%s", vault->folder, name);
}

/* ---- the circle */

static void drop_oldest(struct qw_vault *vault)
{
	char path[PATH_MAX];

	qw_vault_path(vault, qw_vault_at(vault, 0), path);
	if (unlink(path) != 0 && errno != ENOENT)
		qw_log(QW_LOG_WARNING, "VAULT-DROP", "%s: %s; the oldest payload stays longer than it should", path, strerror(errno));
	vault->first = (vault->first + 1) % vault->max;
	vault->count--;
}

static void add(struct qw_vault *vault, const struct qw_vault_file *file)
{
	if (vault->count == vault->max)
		drop_oldest(vault);
	vault->file[(vault->first + vault->count++) % vault->max] = *file;
}

/* ---- what an earlier run left */

struct found {
	struct qw_vault_file *file;
	size_t count, room;
};

static bool note_file(struct found *found, const char *folder, const char *name)
{
	struct qw_vault_file file;
	char path[PATH_MAX];
	struct stat status;

	if (strlen(name) != QW_VAULT_NAME || !qw_hex_decode(name, QW_VAULT_NAME, file.digest))
		return true;
	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path) || stat(path, &status) != 0 ||
	    status.st_size < QW_VAULT_SALT)
		return true;
	if (found->count == found->room) {
		size_t room = found->room ? 2 * found->room : 64;
		void *larger = realloc(found->file, room * sizeof(file));
		if (!larger)
			return false;
		found->file = larger;
		found->room = room;
	}
	file.at = qw_time_ns(status.st_mtim.tv_sec * QW_NS_PER_S + status.st_mtim.tv_nsec);
	file.bytes = (size_t)status.st_size - QW_VAULT_SALT;
	found->file[found->count++] = file;
	return true;
}

static int by_time(const void *left, const void *right)
{
	const struct qw_vault_file *a = left, *b = right;

	return (a->at.ns > b->at.ns) - (a->at.ns < b->at.ns);
}

static enum qw_err find_files(struct qw_vault *vault)
{
	struct found found = {0};
	DIR *folder = opendir(vault->folder);
	bool room = true;

	if (!folder)
		return qw_err_from_errno(errno);
	for (struct dirent *entry; room && (entry = readdir(folder)) != NULL;)
		room = note_file(&found, vault->folder, entry->d_name);
	closedir(folder);
	if (found.count)
		qsort(found.file, found.count, sizeof(found.file[0]), by_time);
	for (size_t i = 0; i < found.count; i++)
		add(vault, &found.file[i]);
	free(found.file);
	return room ? QW_OK : QW_ENOMEM;
}

enum qw_err qw_vault_open(struct qw_vault **out, const char *folder, size_t files_max)
{
	if (files_max == 0)
		return QW_EINVAL;
	struct qw_vault *vault = calloc(1, sizeof(*vault) + files_max * sizeof(vault->file[0]));
	if (!vault)
		return QW_ENOMEM;
	vault->max = files_max;
	enum qw_err err = (size_t)snprintf(vault->folder, sizeof(vault->folder), "%s", folder) < sizeof(vault->folder) ? QW_OK : QW_EINVAL;
	if (err == QW_OK)
		err = qw_make_folder(folder, 0700);
	if (err == QW_OK)
		err = find_files(vault);
	if (err != QW_OK) {
		qw_vault_close(vault);
		return err;
	}
	*out = vault;
	return QW_OK;
}

void qw_vault_close(struct qw_vault *vault)
{
	free(vault);
}

size_t qw_vault_count(const struct qw_vault *vault)
{
	return vault->count;
}

/* ---- one more */

static enum qw_err write_file(const char *path, const uint8_t *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return qw_err_from_errno(errno);
	enum qw_err err = qw_write_all(fd, data, len);
	close(fd);
	if (err != QW_OK)
		unlink(path);
	return err;
}

enum qw_err qw_vault_put(struct qw_vault *vault, struct qw_slice payload, char name[QW_VAULT_NAME + 1])
{
	uint8_t data[QW_VAULT_SALT + QW_VAULT_PAYLOAD_MAX];
	struct qw_hash_key random = qw_hash_key_random();
	struct qw_vault_file file = {.at = qw_time_wall(), .bytes = payload.len};
	char path[PATH_MAX];

	_Static_assert(sizeof(random) == QW_VAULT_SALT, "a key is as long as the salt");
	if (payload.len > QW_VAULT_PAYLOAD_MAX)
		return QW_ELIMIT;
	memcpy(data, &random, QW_VAULT_SALT);
	if (payload.len)
		memcpy(data + QW_VAULT_SALT, payload.data, payload.len);
	qw_sha256(data, QW_VAULT_SALT + payload.len, file.digest);
	qw_vault_path(vault, &file, path);
	enum qw_err err = write_file(path, data, QW_VAULT_SALT + payload.len);
	if (err != QW_OK && !vault->told)
		qw_log(QW_LOG_ERROR, "VAULT-WRITE", "%s: payload of alerts is not kept: %s; free the disk", vault->folder, qw_strerror(err));
	vault->told = err != QW_OK;
	if (err != QW_OK)
		return err;
	add(vault, &file);
	qw_vault_name(&file, name);
	return QW_OK;
}
