/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/ledger_folder.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "quaywatch/text.h"

enum { DIGITS = 16, LEVEL = 1, SHED_MAX = 256 };

static const char *const PLAIN = ".ledger", *const PACKED = ".ledger.zst";

static bool path_of(char path[PATH_MAX], const char *folder, uint64_t number, const char *end)
{
	return snprintf(path, PATH_MAX, "%s/%016" PRIx64 "%s", folder, number, end) < PATH_MAX;
}

bool qw_ledger_path(char path[PATH_MAX], const char *folder, uint64_t number)
{
	return path_of(path, folder, number, PLAIN);
}

/* ---- which there are */

static void note_file(struct qw_ledger_files *files, const char *folder, const char *name)
{
	char path[PATH_MAX], *end;
	struct stat status;
	uint64_t number = strtoull(name, &end, 16);

	if (end != name + DIGITS || number == 0 || (strcmp(end, PLAIN) != 0 && strcmp(end, PACKED) != 0))
		return;
	if (!path_of(path, folder, number, end) || stat(path, &status) != 0)
		return;
	files->first = files->first && files->first < number ? files->first : number;
	files->last = files->last > number ? files->last : number;
	files->bytes += (uint64_t)status.st_size;
	files->count++;
}

enum qw_err qw_ledger_find(struct qw_ledger_files *out, const char *path)
{
	DIR *folder = opendir(path);

	*out = (struct qw_ledger_files){0};
	if (!folder)
		return qw_err_from_errno(errno);
	for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
		note_file(out, path, entry->d_name);
	closedir(folder);
	return QW_OK;
}

/* ---- one of them */

static enum qw_err unpack(struct qw_ledger_bytes *out, const struct qw_mapping *packed)
{
	unsigned long long size = ZSTD_getFrameContentSize(packed->data, packed->size);

	if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR || size > QW_LEDGER_SEGMENT_MAX)
		return QW_EFORMAT;
	out->memory = malloc(size ? size : 1);
	if (!out->memory)
		return QW_ENOMEM;
	if (ZSTD_decompress(out->memory, size, packed->data, packed->size) != size) {
		qw_ledger_unload(out);
		return QW_EFORMAT;
	}
	out->whole = qw_bytes(out->memory, size);
	return QW_OK;
}

enum qw_err qw_ledger_load(struct qw_ledger_bytes *out, const char *folder, uint64_t number)
{
	char path[PATH_MAX];
	struct qw_mapping packed;

	*out = (struct qw_ledger_bytes){.memory = NULL};
	if (!path_of(path, folder, number, PLAIN))
		return QW_EINVAL;
	enum qw_err err = qw_mapping_open(&out->mapping, path);
	if (err == QW_OK) {
		out->whole = qw_bytes(out->mapping.data, out->mapping.size);
		return QW_OK;
	}
	out->mapping = (struct qw_mapping){NULL, 0};
	if (err == QW_ENOENT && path_of(path, folder, number, PACKED))
		err = qw_mapping_open(&packed, path);
	if (err != QW_OK)
		return err;
	err = unpack(out, &packed);
	qw_mapping_close(&packed);
	return err;
}

void qw_ledger_unload(struct qw_ledger_bytes *bytes)
{
	if (bytes->mapping.data)
		qw_mapping_close(&bytes->mapping);
	free(bytes->memory);
	*bytes = (struct qw_ledger_bytes){.memory = NULL};
}

static enum qw_err write_packed(const char *path, struct qw_bytes whole, uint64_t *bytes)
{
	size_t room = ZSTD_compressBound(whole.left);
	void *memory = malloc(room);

	if (!memory)
		return QW_ENOMEM;
	size_t len = ZSTD_compress(memory, room, whole.at, whole.left, LEVEL);
	enum qw_err err = ZSTD_isError(len) ? QW_ENOMEM : qw_file_replace(path, memory, len, 0600);
	free(memory);
	*bytes = len;
	return err;
}

enum qw_err qw_ledger_pack(const char *folder, uint64_t number, uint64_t *bytes)
{
	char plain[PATH_MAX], packed[PATH_MAX];
	struct qw_mapping mapping;

	if (!path_of(plain, folder, number, PLAIN) || !path_of(packed, folder, number, PACKED))
		return QW_EINVAL;
	enum qw_err err = qw_mapping_open(&mapping, plain);
	if (err != QW_OK)
		return err;
	err = write_packed(packed, qw_bytes(mapping.data, mapping.size), bytes);
	qw_mapping_close(&mapping);
	if (err == QW_OK && unlink(plain) != 0)
		err = qw_err_from_errno(errno);
	return err;
}

void qw_ledger_remove(const char *folder, uint64_t number, uint64_t *bytes)
{
	const char *const ends[] = {PLAIN, PACKED};
	char path[PATH_MAX];
	struct stat status;

	*bytes = 0;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (path_of(path, folder, number, ends[i]) && stat(path, &status) == 0 && unlink(path) == 0)
			*bytes += (uint64_t)status.st_size;
}

/* ---- what went */

static bool shed_path(char path[PATH_MAX], const char *folder)
{
	return snprintf(path, PATH_MAX, "%s/shed", folder) < PATH_MAX;
}

enum qw_err qw_ledger_shed_read(struct qw_ledger_shed *out, const char *folder)
{
	char path[PATH_MAX], *text, *end;
	size_t len;

	*out = (struct qw_ledger_shed){0};
	if (!shed_path(path, folder))
		return QW_EINVAL;
	enum qw_err err = qw_file_read(path, SHED_MAX, &text, &len);
	if (err != QW_OK)
		return err == QW_ENOENT ? QW_OK : err;
	out->number = strtoull(text, &end, 16);
	bool good = end == text + DIGITS && *end == ' ' && strlen(end) == 1 + 2 * QW_SHA256_BYTES + 1 &&
		    qw_hex_decode(end + 1, 2 * QW_SHA256_BYTES, out->chain);
	free(text);
	return good ? QW_OK : QW_EFORMAT;
}

enum qw_err qw_ledger_shed_write(const struct qw_ledger_shed *shed, const char *folder)
{
	char path[PATH_MAX], text[SHED_MAX];
	int len = snprintf(text, sizeof(text), "%016" PRIx64 " ", shed->number);

	for (size_t i = 0; i < sizeof(shed->chain); i++)
		len += snprintf(text + len, sizeof(text) - (size_t)len, "%02x", shed->chain[i]);
	text[len++] = '\n';
	return shed_path(path, folder) ? qw_file_replace(path, text, (size_t)len, 0600) : QW_EINVAL;
}
