/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sets - the address and port sets that rules share: each is kept once.
 */
#pragma once

#include "rules/signature/ranges.h"

struct qw_sets {
	struct qw_names by_text[2]; /* by enum qw_range_kind */
	struct qw_names by_content;
	struct qw_vector rows;   /* struct qw_run into ranges */
	struct qw_vector ranges; /* struct qw_range */
};

void qw_sets_init(struct qw_sets *sets);
void qw_sets_fini(struct qw_sets *sets);

/* The number of the set that a header's text describes; QW_NONE: any. */
enum qw_err qw_sets_parse(struct qw_parse *parse, enum qw_range_kind kind, struct qw_word text,
			  uint32_t *set) QW_MUSTCHECK;
