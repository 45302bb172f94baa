/* SPDX-License-Identifier: Apache-2.0 */
/*
 * path - the files that rules name: sets, lists of digests.
 *
 * A local rule's file is looked for beside the rule file first, then in the
 * folder of the options; an absolute path is taken as it is.  A distributed
 * rule's file lies below that folder and nowhere else: no absolute path, no
 * "..", no link on the way.
 */
#pragma once

#include "rules/signature/parse.h"

enum { QW_RULE_FILE_MAX = 256 * 1024 * 1024 };

/*
 * Reads the file into memory that the caller frees; a final NUL is added.
 * QW_EFORMAT: it cannot be read, and said so at the name's place.
 */
enum qw_err qw_rule_file(struct qw_parse *parse, struct qw_word name, char **text, size_t *len) QW_MUSTCHECK;

/* The same where a file need not be there: then QW_ENOENT, and nothing is said. */
enum qw_err qw_rule_file_if_any(struct qw_parse *parse, struct qw_word name, char **text, size_t *len) QW_MUSTCHECK;
