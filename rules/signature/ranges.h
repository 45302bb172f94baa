/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ranges - address and port lists of rule headers, as sets of ranges.
 *
 * "[10.0.0.0/8,!10.1.1.1,$HOME_NET]" is the union of what is listed without
 * what is negated; only negations are "any" without them.  Lists and
 * variables nest; a variable that contains itself is refused.
 */
#pragma once

#include "quaywatch/err.h"
#include "rules/signature/layout.h"
#include "rules/signature/parse.h"
#include "rules/signature/vector.h"

enum qw_range_kind { QW_RANGE_ADDRESS, QW_RANGE_PORT };

/* Reads a list into sorted, disjoint qw_range rows.  *any: it is everything, and there are no rows. */
enum qw_err qw_ranges_parse(struct qw_parse *parse, enum qw_range_kind kind, struct qw_word text, struct qw_vector *out,
			    bool *any) QW_MUSTCHECK;

/* The address as one number. */
unsigned __int128 qw_range_address(const struct qw_address *address);

/* True where one of `count` sorted ranges holds value. */
bool qw_ranges_hold(const struct qw_range *ranges, size_t count, unsigned __int128 value);
