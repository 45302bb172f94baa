/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request - what quaywatchctl asks over the control socket.
 *
 * One line of JSON: {"command":["indicators","add","ip","198.51.100.7"],"json":false}
 * A file that a command reads comes as a descriptor beside the line
 * (SCM_RIGHTS): opened with the operator's rights, not with ours.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "quaywatch/time.h"

enum { QW_REQUEST_MAX = 64 * 1024, QW_REQUEST_WORDS = 64 };

struct qw_request {
	size_t count;
	const char *word[QW_REQUEST_WORDS];
	bool json;
	int64_t uid;        /* of the process at the other end */
	int fd;             /* -1: none came; the request's */
	struct qw_time now; /* wall clock */
	void *memory;
};

/* QW_EFORMAT: not such a line.  QW_ELIMIT: too many words.  Sets words and json; end with qw_request_fini. */
enum qw_err qw_request_parse(struct qw_request *out, const char *line, size_t len) QW_MUSTCHECK;
void qw_request_fini(struct qw_request *request);

/* An option of a command and where its text goes; a switch (flag set) takes none. */
struct qw_option {
	const char *name; /* "--limit" */
	const char **value;
	bool *flag;
};

/*
 * Sorts the words from `first` on into options and the rest, which stay in
 * order at word[first…], *rest of them.  On QW_EINVAL *bad is the word that is
 * no option of the command, or lacks its value.
 */
enum qw_err qw_request_options(struct qw_request *request, size_t first, const struct qw_option *options, size_t count,
			       size_t *rest, const char **bad) QW_MUSTCHECK;
