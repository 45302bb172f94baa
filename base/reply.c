/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROOM_START = 4096 };

void qw_reply_init(struct qw_reply *reply)
{
	memset(reply, 0, sizeof(*reply));
}

void qw_reply_fini(struct qw_reply *reply)
{
	for (size_t i = 0; i < reply->files; i++)
		close(reply->file[i].fd);
	free(reply->data);
	reply->data = NULL;
	reply->files = 0;
}

static bool make_room(struct qw_reply *reply, size_t len)
{
	size_t room = reply->room ? reply->room : ROOM_START;

	if (reply->failed || len > QW_REPLY_MAX - reply->len) {
		reply->failed = true;
		return false;
	}
	while (room - reply->len < len)
		room *= 2;
	if (room == reply->room)
		return true;
	char *data = realloc(reply->data, room);
	if (!data) {
		reply->failed = true;
		return false;
	}
	reply->data = data;
	reply->room = room;
	return true;
}

/* A line within the text would look like one of ours: it becomes a space. */
static void put_line(struct qw_reply *reply, char mark, const char *text, size_t len)
{
	if (!make_room(reply, len + 2))
		return;
	char *at = reply->data + reply->len;
	*at++ = mark;
	for (size_t i = 0; i < len; i++)
		*at++ = text[i] == '\n' ? ' ' : text[i];
	*at = '\n';
	reply->len += len + 2;
}

__attribute__((format(printf, 3, 0))) static void put_format(struct qw_reply *reply, char mark, const char *format,
							     va_list args)
{
	char line[QW_REPLY_LINE_MAX];
	int len = vsnprintf(line, sizeof(line), format, args);

	if (len >= 0)
		put_line(reply, mark, line, (size_t)len < sizeof(line) ? (size_t)len : sizeof(line) - 1);
}

void qw_reply_line(struct qw_reply *reply, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_format(reply, ' ', format, args);
	va_end(args);
}

enum qw_exit qw_reply_error(struct qw_reply *reply, enum qw_exit status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_format(reply, '!', format, args);
	va_end(args);
	return status;
}

void qw_reply_status(struct qw_reply *reply, enum qw_exit status)
{
	char line[16];

	if (reply->failed) { /* the status must come through: the rest is worth nothing without it */
		reply->len = 0;
		reply->failed = false;
		status = qw_reply_error(reply, QW_EXIT_INTERNAL, "the answer is too large; ask for less (--limit)");
	}
	int len = snprintf(line, sizeof(line), "%d", (int)status);
	put_line(reply, '=', line, (size_t)len);
}

void qw_reply_file(struct qw_reply *reply, const char *name, int fd)
{
	if (reply->files == QW_REPLY_FILES) {
		close(fd);
		return;
	}
	reply->file[reply->files++] = (struct qw_reply_file){reply->len, fd};
	put_line(reply, '@', name, strlen(name));
}

struct qw_json qw_reply_begin(struct qw_reply *reply)
{
	qw_text_init(&reply->text, reply->line, sizeof(reply->line));
	struct qw_json json = qw_json(&reply->text);
	qw_json_open(&json, NULL, '{');
	return json;
}

void qw_reply_end(struct qw_reply *reply, struct qw_json *json)
{
	qw_json_close(json, '}');
	if (reply->text.cut)
		reply->failed = true;
	else
		put_line(reply, ' ', reply->line, reply->text.len);
}
