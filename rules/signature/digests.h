/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digests - the lists of file digests that rules share: each is kept once, sorted.
 */
#pragma once

#include "rules/signature/parse.h"

struct qw_digest_lists {
	struct qw_vector bytes;     /* all lists, one behind the other */
	struct qw_names by_content; /* a list's bytes → where it begins */
};

void qw_digest_lists_init(struct qw_digest_lists *lists);
void qw_digest_lists_fini(struct qw_digest_lists *lists);

/*
 * Reads the file that a rule names: a digest of `width` bytes in hexadecimal
 * at the start of each line, whatever follows it; blank lines and those that
 * begin with '#' are passed over.  Sets op's place in the image.
 */
enum qw_err qw_digest_list_read(struct qw_parse *parse, struct qw_word file, size_t width, struct qw_op *op) QW_MUSTCHECK;

/* Is the value, of `width` bytes, among the `len` sorted bytes? */
bool qw_digest_list_has(const uint8_t *list, size_t len, const uint8_t *value, size_t width);
