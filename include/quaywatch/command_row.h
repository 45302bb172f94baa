/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command_row - what people ask of a running sensor: rows that each part of it adds, and who answers.
 *
 *	watch   assets [ADDRESS]      export   ledger [--verify]
 *	        baseline show …                payload [DIGEST]
 *
 * The row with the most words that fit answers; "help" lists them all.
 */
#pragma once

#include <stddef.h>

#include "quaywatch/control.h"

struct qw_command_row {
	const char *words;     /* "assets", "baseline show" */
	const char *arguments; /* "[ADDRESS]" */
	const char *help;      /* one line */
	/* The request's words from `first` on are the arguments.  As qw_control_run; either of the two. */
	enum qw_exit (*run)(void *state, struct qw_request *request, size_t first, struct qw_reply *reply);
	enum qw_exit (*begin)(void *state, struct qw_request *request, size_t first, struct qw_reply *reply, struct qw_job **job);
};

/* The rows of one part, and what they work on. */
struct qw_command_part {
	const struct qw_command_row *row;
	size_t count;
	void *state;
};

enum qw_exit qw_command_answer(const struct qw_command_part *part, size_t parts, struct qw_request *request, struct qw_reply *reply,
			       struct qw_job **job);
