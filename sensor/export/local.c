/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/local.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "quaywatch/file.h"
#include "sensor/export/eve.h"

enum { BUFFER_BYTES = 256 * 1024, LINE_MAX_BYTES = 96 * 1024 };

struct qw_local {
	struct qw_local_options options;
	int fd;
	enum qw_err failed; /* the first error, then nothing more is tried */
	size_t used;
	char buffer[BUFFER_BYTES];
};

/* True: the file's last line has no end; its writer was killed, or the disk was full. */
static bool is_torn(const struct qw_local *local)
{
	struct stat status;
	char last = '\n';

	if (fstat(local->fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size == 0)
		return false;
	int fd = open(local->options.path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t got = pread(fd, &last, 1, status.st_size - 1);
	close(fd);
	return got == 1 && last != '\n';
}

static enum qw_err open_path(struct qw_local *local, bool append)
{
	if (strcmp(local->options.path, "-") == 0) {
		local->fd = STDOUT_FILENO;
		return QW_OK;
	}
	local->fd = open(local->options.path, O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : O_TRUNC), 0640);
	if (local->fd < 0)
		return qw_err_from_errno(errno);
	return append && is_torn(local) ? qw_write_all(local->fd, "\n", 1) : QW_OK;
}

enum qw_err qw_local_open(struct qw_local **out, const struct qw_local_options *options)
{
	struct qw_local *local = calloc(1, sizeof(*local));

	if (!local)
		return QW_ENOMEM;
	local->options = *options;
	enum qw_err err = open_path(local, options->append);
	if (err != QW_OK) {
		free(local);
		return err;
	}
	*out = local;
	return QW_OK;
}

enum qw_err qw_local_flush(struct qw_local *local)
{
	if (local->failed != QW_OK || local->used == 0)
		return local->failed;
	local->failed = qw_write_all(local->fd, local->buffer, local->used);
	local->used = 0;
	return local->failed;
}

enum qw_err qw_local_write(struct qw_local *local, const void *event, size_t size)
{
	struct qw_eve_parts parts;
	struct qw_text text;

	if (BUFFER_BYTES - local->used < LINE_MAX_BYTES && qw_local_flush(local) != QW_OK)
		return local->failed;
	if (local->failed != QW_OK)
		return local->failed;
	qw_text_init(&text, local->buffer + local->used, BUFFER_BYTES - local->used);
	enum qw_err err = qw_eve_render(&text, event, size, local->options.payload, &parts);
	if (err != QW_OK)
		return QW_EFORMAT;
	parts.own.tenant = qw_slice_text(local->options.tenant);
	parts.own.sensor = qw_slice_text(local->options.sensor);
	qw_eve_close(&text, &parts.own);
	qw_text_char(&text, '\n');
	if (text.cut)
		return QW_EFORMAT;
	local->used += text.len;
	return QW_OK;
}

enum qw_err qw_local_reopen(struct qw_local *local)
{
	if (local->fd == STDOUT_FILENO)
		return qw_local_flush(local);
	/* If this fails, or an earlier write did, the new file is a new beginning all the same. */
	(void)!qw_local_flush(local);
	if (local->fd >= 0)
		close(local->fd);
	local->used = 0;
	local->failed = open_path(local, true);
	return local->failed;
}

enum qw_err qw_local_close(struct qw_local *local)
{
	if (!local)
		return QW_OK;
	enum qw_err err = qw_local_flush(local);
	if (local->fd > STDOUT_FILENO && close(local->fd) != 0 && err == QW_OK)
		err = qw_err_from_errno(errno);
	free(local);
	return err;
}
