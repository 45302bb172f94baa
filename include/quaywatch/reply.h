/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reply - what a collector or a sensor answers over the control socket.
 *
 * Lines; the first character says what the rest is:
 *	' '   output: text for a person, or one JSON object with --json
 *	'!'   an error: what is wrong and what to do
 *	'@'   the name of a file whose descriptor comes with this line
 *	'='   the exit status; the last line
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "quaywatch/exit.h"
#include "quaywatch/json.h"
#include "quaywatch/text.h"

enum { QW_REPLY_MAX = 64 << 20, QW_REPLY_FILES = 256, QW_REPLY_LINE_MAX = 64 * 1024 };

/* A descriptor, sent with the byte at `at`. */
struct qw_reply_file {
	size_t at;
	int fd;
};

struct qw_reply {
	char *data;
	size_t len, room;
	bool failed; /* out of memory, or beyond QW_REPLY_MAX: the rest is missing */
	struct qw_reply_file file[QW_REPLY_FILES];
	size_t files;
	char line[QW_REPLY_LINE_MAX]; /* of the JSON object under construction */
	struct qw_text text;
};

void qw_reply_init(struct qw_reply *reply);
void qw_reply_fini(struct qw_reply *reply); /* closes what was not sent */

void qw_reply_line(struct qw_reply *reply, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Returns the status, for: return qw_reply_error(reply, QW_EXIT_DATA, "…"). */
enum qw_exit qw_reply_error(struct qw_reply *reply, enum qw_exit status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void qw_reply_status(struct qw_reply *reply, enum qw_exit status);

/* Takes fd. */
void qw_reply_file(struct qw_reply *reply, const char *name, int fd);

/* One JSON object as a line: begin opens it, end closes it and puts it out. */
struct qw_json qw_reply_begin(struct qw_reply *reply);
void qw_reply_end(struct qw_reply *reply, struct qw_json *json);
