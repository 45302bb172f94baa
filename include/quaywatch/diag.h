/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diag - complaints about what a person wrote, collected so that one run tells all.
 *
 * A complaint names file, line and column (1-based; 0: not known) and says in
 * one line what is wrong and what to do.  The list owns its texts.  Bounded:
 * beyond QW_DIAG_MAX complaints are only counted.  One thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { QW_DIAG_MAX = 10000 };

enum qw_severity { QW_DIAG_ERROR, QW_DIAG_WARNING };

struct qw_diag {
	enum qw_severity severity;
	const char *file; /* never NULL; "" where there is none */
	uint32_t line, column;
	const char *text;
};

struct qw_diags {
	struct qw_diag *rows;
	size_t count;   /* rows kept */
	size_t room;
	size_t errors;   /* all errors, kept or not */
	size_t warnings; /* all warnings, kept or not */
};

void qw_diags_init(struct qw_diags *diags);
void qw_diags_fini(struct qw_diags *diags);

/* diags NULL: nothing happens. */
void qw_complain(struct qw_diags *diags, enum qw_severity severity, const char *file, uint32_t line, uint32_t column,
		 const char *format, ...) __attribute__((format(printf, 6, 7)));

/*
 * "file:line:column: text", a line each, in the order they came.  An unknown
 * column is 1, for the sake of editors; without a line it is "file: text", and
 * without a file the text alone.  Says how many were counted only.
 */
void qw_diags_print(const struct qw_diags *diags, FILE *out);
