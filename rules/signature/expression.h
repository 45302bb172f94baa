/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expression - the one home of PCRE2.
 *
 * Expressions are compiled once per opener, with JIT where there is one, and
 * bounded by a match limit: giving up is a result of its own.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "quaywatch/err.h"

struct qw_expressions;

/* Can it be compiled?  If not: where, and why. */
bool qw_expression_check(const char *text, size_t len, uint32_t options, size_t *at, char *why, size_t why_size);

enum qw_err qw_expressions_new(struct qw_expressions **out, size_t count) QW_MUSTCHECK;
void qw_expressions_free(struct qw_expressions *set);

/* Compiles number `slot` of the set.  QW_ENOMEM, QW_EFORMAT. */
enum qw_err qw_expressions_add(struct qw_expressions *set, uint32_t slot, const void *text, size_t len,
			       uint32_t options) QW_MUSTCHECK;

/* Has it a group that captures?  Not asked of what cannot be compiled. */
bool qw_expression_captures(const char *text, size_t len, uint32_t options);

enum qw_expression_result { QW_EXPRESSION_NO, QW_EXPRESSION_YES, QW_EXPRESSION_LIMIT };

/*
 * Looks from `from` on in the subject; on YES *begin and *end are where it
 * matched.  No allocation where JIT is available.
 */
enum qw_expression_result qw_expressions_match(struct qw_expressions *set, uint32_t slot, const uint8_t *data,
					       size_t len, size_t from, size_t *begin, size_t *end);

/* Where its first group matched.  NO also where it matched without that group. */
enum qw_expression_result qw_expressions_capture(struct qw_expressions *set, uint32_t slot, const uint8_t *data,
						 size_t len, size_t *begin, size_t *end);
