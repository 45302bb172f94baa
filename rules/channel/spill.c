/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/channel/spill.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "quaywatch/channel.h"
#include "quaywatch/file.h"

enum { LENGTH = sizeof(uint32_t) }; /* host order: nobody else reads it */
static_assert(QW_ENTRY_MAX + LENGTH <= QW_SPILL_BUFFER, "an entry fits into the buffer");

/* Where the file system knows no files without a name, one that loses it at once. */
static int open_nameless(const char *folder)
{
	char path[PATH_MAX];
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
		return fd;
	if ((size_t)snprintf(path, sizeof(path), "%s/spill-XXXXXX", folder) >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		(void)unlink(path);
	return fd;
}

enum qw_err qw_spill_open(struct qw_spill *out, const char *folder)
{
	*out = (struct qw_spill){.fd = open_nameless(folder ? folder : P_tmpdir)};
	if (out->fd < 0)
		return qw_err_from_errno(errno);
	out->buffer = malloc(QW_SPILL_BUFFER);
	if (out->buffer)
		return QW_OK;
	qw_spill_close(out);
	return QW_ENOMEM;
}

void qw_spill_close(struct qw_spill *spill)
{
	if (spill->buffer || spill->fd > 0)
		close(spill->fd);
	free(spill->buffer);
	*spill = (struct qw_spill){.fd = -1};
}

static enum qw_err flush(struct qw_spill *spill)
{
	enum qw_err err = qw_write_all(spill->fd, spill->buffer, spill->used);

	spill->used = 0;
	return err;
}

enum qw_err qw_spill_add(struct qw_spill *spill, struct qw_slice body)
{
	uint32_t len = (uint32_t)body.len;

	if (body.len > QW_ENTRY_MAX)
		return QW_ELIMIT;
	if (LENGTH + body.len > QW_SPILL_BUFFER - spill->used) {
		enum qw_err err = flush(spill);
		if (err != QW_OK)
			return err;
	}
	memcpy(spill->buffer + spill->used, &len, LENGTH);
	memcpy(spill->buffer + spill->used + LENGTH, body.data, body.len);
	spill->used += LENGTH + body.len;
	return QW_OK;
}

/* Visits what is whole in the buffer's first `have` bytes; *used: how many these were. */
static enum qw_err visit_whole(const uint8_t *buffer, size_t have, size_t *used,
			       enum qw_err (*visit)(void *ctx, struct qw_slice body), void *ctx)
{
	struct qw_bytes in = qw_bytes(buffer, have);
	enum qw_err err = QW_OK;
	uint32_t len;

	*used = 0;
	while (err == QW_OK && qw_bytes_copy(&in, &len, LENGTH) && len <= in.left) {
		struct qw_slice body = qw_slice(in.at, len);
		if (!qw_bytes_skip(&in, len))
			return QW_EFORMAT;
		*used = have - in.left;
		err = visit(ctx, body);
	}
	return err;
}

enum qw_err qw_spill_each(struct qw_spill *spill, enum qw_err (*visit)(void *ctx, struct qw_slice body), void *ctx)
{
	enum qw_err err = flush(spill);
	size_t have = 0, used;
	off_t at = 0;

	while (err == QW_OK) {
		ssize_t got = pread(spill->fd, spill->buffer + have, QW_SPILL_BUFFER - have, at);
		if (got < 0)
			return qw_err_from_errno(errno);
		if (got == 0)
			break;
		at += got;
		have += (size_t)got;
		err = visit_whole(spill->buffer, have, &used, visit, ctx);
		have -= used;
		memmove(spill->buffer, spill->buffer + used, have);
	}
	return err == QW_OK && have > 0 ? QW_EIO : err; /* it is ours: what is not whole was cut by the disk */
}
