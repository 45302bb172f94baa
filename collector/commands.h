/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commands - what an operator can ask of a running collector, as one table.
 *
 * quaywatchctl prints its help from the same rows.
 */
#pragma once

#include <stddef.h>

#include "quaywatch/control.h"

struct qw_collector;

struct qw_command {
	const char *words;     /* "indicators add" */
	const char *arguments; /* "TYPE VALUE [--tlp LABEL]" */
	const char *help;      /* one line */
	const char *example;   /* a whole line for a shell */
	/* request's words after `words` are the arguments.  NULL: quaywatchctl does it by itself. */
	enum qw_exit (*run)(struct qw_collector *collector, struct qw_request *request, size_t first,
			    struct qw_reply *reply, struct qw_job **job);
	bool changes; /* goes into the audit log */
};

/* The table; *count rows. */
const struct qw_command *qw_commands(size_t *count);

/* The row that the words begin with, and where its arguments begin; NULL: no such command. */
const struct qw_command *qw_commands_find(const char *const *words, size_t count, size_t *first);

/* The control socket's qw_control_run; ctx is the collector. */
enum qw_exit qw_commands_run(void *ctx, struct qw_request *request, struct qw_reply *reply, struct qw_job **job);
