/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lexer - rule files cut into rules, rules into header and options.
 *
 * A statement is one rule's text with its continuation lines joined; each of
 * its characters still knows its line and column.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "rules/signature/vector.h"
#include "rules/signature/words.h"

struct qw_place {
	uint32_t line, column; /* from 1; columns count bytes */
};

struct qw_lexer {
	const char *at, *end;
	uint32_t line;
	struct qw_vector joined; /* of a statement over several lines */
	struct qw_vector joints; /* where its lines begin */
};

struct qw_statement {
	struct qw_word text; /* trimmed, never empty */
	const struct qw_lexer *lexer;
	uint32_t line, column; /* of its first character */
};

void qw_lexer_init(struct qw_lexer *lexer, const char *text, size_t len);
void qw_lexer_fini(struct qw_lexer *lexer);

/* The next statement, valid until the next call.  QW_ENOENT: the text is over.  QW_ENOMEM. */
enum qw_err qw_lexer_next(struct qw_lexer *lexer, struct qw_statement *out) QW_MUSTCHECK;

/* Where a character of the statement stands in the file. */
struct qw_place qw_statement_place(const struct qw_statement *statement, const char *at);

/* One `name`, or `name: value`. */
struct qw_option {
	struct qw_word name;
	struct qw_word value; /* as written, trimmed; at is NULL without a colon */
};

/*
 * Cuts the next option off *rest; QW_ENOENT: there is none.  QW_EFORMAT: *why
 * is a sentence and *where the character it is about.
 */
enum qw_err qw_option_next(struct qw_word *rest, struct qw_option *out, const char **why,
			   const char **where) QW_MUSTCHECK;

/* Text between quotes of a value; the quotes may be missing.  rest: what follows the closing one. */
bool qw_unquote(struct qw_word value, struct qw_word *inside, struct qw_word *rest);
