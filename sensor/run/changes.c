/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/changes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "quaywatch/file.h"

void qw_changes_begin(struct qw_changes *changes)
{
	changes->len = changes->entries = 0;
	changes->signatures = changes->cut = false;
}

void qw_changes_fini(struct qw_changes *changes)
{
	free(changes->bytes);
	*changes = (struct qw_changes){0};
}

static bool reserve(struct qw_changes *changes, size_t more)
{
	size_t room = changes->room ? changes->room : QW_POST_BYTES;

	if (changes->len + more > QW_CHANGES_MAX)
		return false;
	while (room < changes->len + more)
		room *= 2;
	if (room == changes->room)
		return true;
	uint8_t *grown = realloc(changes->bytes, room);
	if (!grown)
		return false;
	changes->bytes = grown;
	changes->room = room;
	return true;
}

void qw_changes_put(struct qw_changes *changes, const struct qw_entry *entry)
{
	uint32_t len = (uint32_t)entry->body_len;

	if (!reserve(changes, sizeof(len) + len)) {
		changes->cut = true;
		return;
	}
	memcpy(changes->bytes + changes->len, &len, sizeof(len));
	memcpy(changes->bytes + changes->len + sizeof(len), entry->body, len);
	changes->len += sizeof(len) + len;
	changes->entries++;
}

void qw_changes_add(struct qw_changes *changes, const struct qw_entry *entry)
{
	if (!entry)
		changes->signatures = changes->cut = true;
	else if (entry->kind == QW_ENTRY_SIGNATURE)
		changes->signatures = true;
	else
		qw_changes_put(changes, entry);
}

bool qw_changes_next(struct qw_bytes *in, struct qw_bytes *entry)
{
	uint32_t size;

	return qw_bytes_copy(in, &size, sizeof(size)) && qw_bytes_take(in, size, entry);
}

enum qw_err qw_changes_memory(const struct qw_changes *changes, int *fd)
{
	*fd = memfd_create("quaywatch-changes", MFD_CLOEXEC);
	if (*fd < 0)
		return qw_err_from_errno(errno);
	enum qw_err err = qw_write_all(*fd, changes->bytes, changes->len);
	if (err == QW_OK && lseek(*fd, 0, SEEK_SET) != 0)
		err = qw_err_from_errno(errno);
	if (err == QW_OK)
		return QW_OK;
	close(*fd);
	*fd = -1;
	return err;
}

enum qw_err qw_changes_post(const struct qw_changes *changes, int end, uint32_t ticket)
{
	struct qw_post post;
	enum qw_err err = QW_OK;

	qw_post_begin(&post, QW_POST_ENTRIES, ticket);
	if (changes->len > sizeof(post.bytes)) {
		err = qw_changes_memory(changes, &post.fds[0]);
	} else if (changes->len) {
		memcpy(post.bytes, changes->bytes, changes->len);
		post.len = changes->len;
	}
	if (err == QW_OK)
		err = qw_post_send(end, &post);
	qw_post_close(&post);
	return err;
}

enum qw_err qw_changes_receive(struct qw_post *post, char **bytes, size_t *len)
{
	enum qw_err err = QW_OK;

	if (post->fds[0] >= 0) {
		err = qw_file_read_open(post->fds[0], QW_CHANGES_MAX, bytes, len);
	} else {
		*len = post->len;
		*bytes = malloc(post->len + 1);
		if (*bytes)
			memcpy(*bytes, post->bytes, post->len);
		else
			err = QW_ENOMEM;
	}
	qw_post_close(post);
	return err;
}
