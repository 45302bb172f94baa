/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/ctl/client.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "quaywatch/request.h"
#include "quaywatch/file.h"

enum { CHUNK = 64 * 1024 };

/* The answer as it comes in. */
struct stream {
	const struct qw_answer *answer;
	char *data;
	size_t len, room;
	int file[8]; /* descriptors whose lines are not read yet */
	size_t files;
	int status; /* -1: the last line has not come */
};

static enum qw_err call(const struct qw_client *client, int *out)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (strlen(client->socket) >= sizeof(address.sun_path))
		return QW_ELIMIT;
	strcpy(address.sun_path, client->socket);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return qw_err_from_errno(errno);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		enum qw_err err = qw_err_from_errno(errno);
		close(fd);
		return err;
	}
	*out = fd;
	return QW_OK;
}

static char *write_request(const struct qw_client *client, const char *const *words, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_stringn_nocheck(words[i], strlen(words[i])));
	json_t *root = json_pack("{s:o,s:b}", "command", list, "json", client->json ? 1 : 0);
	char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;
	json_decref(root);
	return text;
}

/* The descriptor, if any, goes with the first byte. */
static enum qw_err send_request(int fd, const char *text, int file)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} extra = {.bytes = {0}};
	size_t len = strlen(text);
	struct iovec piece = {(void *)(uintptr_t)text, 1};
	struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};

	if (file >= 0) {
		message.msg_control = &extra;
		message.msg_controllen = sizeof(extra);
		extra.align = (struct cmsghdr){
		    .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
		memcpy(CMSG_DATA(&extra.align), &file, sizeof(file));
	}
	if (sendmsg(fd, &message, MSG_NOSIGNAL) != 1)
		return qw_err_from_errno(errno);
	enum qw_err err = qw_write_all(fd, text + 1, len - 1);
	return err == QW_OK ? qw_write_all(fd, "\n", 1) : err;
}

static int take_file(struct stream *stream)
{
	if (stream->files == 0)
		return -1;
	int fd = stream->file[0];
	memmove(stream->file, stream->file + 1, --stream->files * sizeof(int));
	return fd;
}

static void take_line(struct stream *stream, const char *line, size_t len)
{
	const struct qw_answer *answer = stream->answer;

	switch (line[0]) {
	case ' ':
		if (answer && answer->line)
			answer->line(answer->ctx, line + 1, len - 1);
		else
			printf("%.*s\n", (int)(len - 1), line + 1);
		break;
	case '!': fprintf(stderr, "%.*s\n", (int)(len - 1), line + 1); break;
	case '=': stream->status = atoi(line + 1); break;
	case '@': {
		char name[256];
		int fd = take_file(stream);
		snprintf(name, sizeof(name), "%.*s", (int)(len - 1), line + 1);
		if (fd >= 0 && answer && answer->file)
			answer->file(answer->ctx, name, fd);
		else if (fd >= 0)
			close(fd);
		break;
	}
	default: break; /* of a newer collector */
	}
}

static void take_lines(struct stream *stream)
{
	char *at = stream->data, *end = at + stream->len, *newline;

	while ((newline = memchr(at, '\n', (size_t)(end - at)))) {
		*newline = '\0';
		if (newline > at)
			take_line(stream, at, (size_t)(newline - at));
		at = newline + 1;
	}
	stream->len = (size_t)(end - at);
	memmove(stream->data, at, stream->len);
}

static void take_files(struct stream *stream, struct msghdr *message)
{
	for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
		int fd;
		if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
			continue;
		memcpy(&fd, CMSG_DATA(part), sizeof(fd));
		if (stream->files < sizeof(stream->file) / sizeof(stream->file[0]))
			stream->file[stream->files++] = fd;
		else
			close(fd);
	}
}

static bool receive(struct stream *stream, int fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} extra;

	if (stream->room - stream->len < CHUNK) {
		char *grown = realloc(stream->data, stream->room + 2 * CHUNK);
		if (!grown)
			return false;
		stream->data = grown;
		stream->room += 2 * CHUNK;
	}
	struct iovec piece = {stream->data + stream->len, CHUNK};
	struct msghdr message = {
	    .msg_iov = &piece, .msg_iovlen = 1, .msg_control = &extra, .msg_controllen = sizeof(extra)};
	ssize_t got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	if (got < 0 && errno == EINTR)
		return true;
	if (got <= 0)
		return false;
	take_files(stream, &message);
	stream->len += (size_t)got;
	take_lines(stream);
	return stream->status < 0;
}

static enum qw_exit nobody(const struct qw_client *client, enum qw_err err)
{
	if (err == QW_EACCES) {
		fprintf(stderr, "%s: permission denied; be root, or a member of the group that owns it\n",
			client->socket);
		return QW_EXIT_PERMISSION;
	}
	fprintf(stderr, "%s: nobody answers; is the collector, or the sensor, running, and is this its socket (--socket PATH)?\n",
		client->socket);
	return QW_EXIT_UNAVAILABLE;
}

enum qw_exit qw_client_ask(const struct qw_client *client, const char *const *words, size_t count, int file,
			   const struct qw_answer *answer)
{
	struct stream stream = {.answer = answer, .status = -1};
	char *text = write_request(client, words, count);
	int fd = -1;

	if (!text || strlen(text) >= QW_REQUEST_MAX) {
		free(text);
		fprintf(stderr, "the command is too long\n");
		return QW_EXIT_USAGE;
	}
	enum qw_err err = call(client, &fd);
	if (err != QW_OK) {
		free(text);
		return nobody(client, err);
	}
	err = send_request(fd, text, file);
	free(text);
	while (err == QW_OK && receive(&stream, fd))
		;
	while (stream.files > 0)
		close(take_file(&stream));
	free(stream.data);
	close(fd);
	if (stream.status >= 0)
		return (enum qw_exit)stream.status;
	fprintf(stderr, "%s: the answer broke off; see the log of who answers there\n", client->socket);
	return QW_EXIT_UNAVAILABLE;
}
