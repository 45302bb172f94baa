/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/capture/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "quaywatch/file.h"
#include "sensor/capture/reader.h"

static enum qw_err add(struct qw_paths *paths, const char *name)
{
	if (paths->count == paths->room) {
		size_t room = paths->room ? paths->room * 2 : 16;
		char **grown = realloc(paths->file, room * sizeof(*grown));
		if (!grown)
			return QW_ENOMEM;
		paths->file = grown;
		paths->room = room;
	}
	paths->file[paths->count] = strdup(name);
	return paths->file[paths->count] ? (paths->count++, QW_OK) : QW_ENOMEM;
}

/* The first bytes of a file; their number, or the error. */
static enum qw_err read_start(const char *name, uint8_t *start, size_t *len)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return qw_err_from_errno(errno);
	ssize_t got = read(fd, start, QW_CAPTURE_HEADER_MAX);
	enum qw_err err = got < 0 ? qw_err_from_errno(errno) : QW_OK;
	close(fd);
	if (err == QW_OK)
		*len = (size_t)got;
	return err;
}

/* What to say of a file that is no capture. */
static const char *advice(const uint8_t *start, size_t len)
{
	static const uint8_t zstd[] = {0x28, 0xb5, 0x2f, 0xfd}, gzip[] = {0x1f, 0x8b};

	if (len == 0)
		return "is empty; a capture has at least its header";
	if (len >= sizeof(zstd) && memcmp(start, zstd, sizeof(zstd)) == 0)
		return "is compressed; unpack it with \"zstd -d\" first";
	if (len >= sizeof(gzip) && memcmp(start, gzip, sizeof(gzip)) == 0)
		return "is compressed; unpack it with \"gunzip\" first";
	return "is not a capture: it begins with neither a pcap nor a pcapng header";
}

static enum qw_err add_named(struct qw_paths *paths, const char *name, struct qw_diags *diags)
{
	uint8_t start[QW_CAPTURE_HEADER_MAX];
	size_t len = 0;
	enum qw_err err = read_start(name, start, &len);

	if (err != QW_OK) {
		qw_complain(diags, QW_DIAG_ERROR, name, 0, 0, "cannot be read: %s", strerror(errno));
		return err;
	}
	if (!qw_reader_recognise(qw_bytes(start, len))) {
		qw_complain(diags, QW_DIAG_ERROR, name, 0, 0, "%s", advice(start, len));
		return QW_EFORMAT;
	}
	return add(paths, name);
}

struct visit {
	struct qw_paths *paths;
	struct qw_diags *diags;
};

static enum qw_err visit_file(void *ctx, const char *name)
{
	struct visit *visit = ctx;
	uint8_t start[QW_CAPTURE_HEADER_MAX];
	size_t len = 0;

	if (read_start(name, start, &len) != QW_OK) {
		qw_complain(visit->diags, QW_DIAG_WARNING, name, 0, 0, "cannot be read and is passed over: %s",
			    strerror(errno));
		return QW_OK;
	}
	return qw_reader_recognise(qw_bytes(start, len)) ? add(visit->paths, name) : QW_OK;
}

static enum qw_err add_folder(struct qw_paths *paths, const char *name, struct qw_diags *diags)
{
	size_t before = paths->count;
	enum qw_err err = qw_walk_files(name, visit_file, &(struct visit){paths, diags});

	if (err != QW_OK) {
		qw_complain(diags, QW_DIAG_ERROR, name, 0, 0, "the folder cannot be read: %s", qw_strerror(err));
		return err;
	}
	if (paths->count == before) {
		qw_complain(diags, QW_DIAG_ERROR, name, 0, 0, "there is no pcap or pcapng file in this folder");
		return QW_ENOENT;
	}
	return QW_OK;
}

static enum qw_err add_path(struct qw_paths *paths, const char *name, struct qw_diags *diags)
{
	struct stat status;

	if (stat(name, &status) != 0) {
		qw_complain(diags, QW_DIAG_ERROR, name, 0, 0, "cannot be read: %s", strerror(errno));
		return qw_err_from_errno(errno);
	}
	if (S_ISDIR(status.st_mode))
		return add_folder(paths, name, diags);
	if (!S_ISREG(status.st_mode)) {
		qw_complain(diags, QW_DIAG_ERROR, name, 0, 0,
			    "is not a regular file; write the capture to a file first, or listen with -i");
		return QW_EFORMAT;
	}
	return add_named(paths, name, diags);
}

enum qw_err qw_paths_init(struct qw_paths *paths, const char *const *names, size_t count, struct qw_diags *diags)
{
	enum qw_err first = QW_OK;

	*paths = (struct qw_paths){0};
	for (size_t i = 0; i < count; i++) {
		enum qw_err err = add_path(paths, names[i], diags);
		if (first == QW_OK)
			first = err;
	}
	return first;
}

void qw_paths_fini(struct qw_paths *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		free(paths->file[i]);
	free(paths->file);
	*paths = (struct qw_paths){0};
}
