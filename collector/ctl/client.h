/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client - one request to a control socket, and its answer line by line.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "quaywatch/err.h"
#include "quaywatch/exit.h"

struct qw_client {
	const char *socket;
	bool json;
};

/* What to do with the answer; NULL: print to standard output, or close. */
struct qw_answer {
	void (*line)(void *ctx, const char *line, size_t len);
	void (*file)(void *ctx, const char *name, int fd); /* takes fd */
	void *ctx;
};

/*
 * Asks, and follows the answer to its end.  file: a descriptor to send along,
 * or -1.  Errors of the other side are printed; its status is returned, or
 * QW_EXIT_UNAVAILABLE if nobody answers (and that is printed as well).
 */
enum qw_exit qw_client_ask(const struct qw_client *client, const char *const *words, size_t count, int file,
			   const struct qw_answer *answer);
