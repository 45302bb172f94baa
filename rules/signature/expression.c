/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/expression.h"

#include <stdlib.h>

/* Suricata's defaults, times a few: what its match limit cuts off is not lost here so soon. */
enum {
	MATCH_LIMIT = 20000,
	DEPTH_LIMIT = 5000,
	HEAP_LIMIT_KIB = 1024,
	STACK_START = 32 * 1024,
	STACK_MAX = 512 * 1024
};

static const uint32_t always = PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C;

struct qw_expressions {
	pcre2_match_context *context;
	pcre2_match_data *match;
	pcre2_jit_stack *stack;
	size_t count;
	pcre2_code *codes[];
};

bool qw_expression_check(const char *text, size_t len, uint32_t options, size_t *at, char *why, size_t why_size)
{
	int number;
	PCRE2_SIZE where;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)text, len, options | always, &number, &where, NULL);
	if (code) {
		pcre2_code_free(code);
		return true;
	}
	*at = where;
	if (pcre2_get_error_message(number, (PCRE2_UCHAR *)why, why_size) < 0)
		why[0] = '\0';
	return false;
}

bool qw_expression_captures(const char *text, size_t len, uint32_t options)
{
	int number;
	PCRE2_SIZE where;
	uint32_t groups = 0;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)text, len, options | always, &number, &where, NULL);
	if (code)
		(void)pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &groups);
	pcre2_code_free(code);
	return groups > 0;
}

enum qw_err qw_expressions_new(struct qw_expressions **out, size_t count)
{
	struct qw_expressions *set = calloc(1, sizeof(*set) + count * sizeof(set->codes[0]));
	if (!set)
		return QW_ENOMEM;
	set->count = count;
	set->context = pcre2_match_context_create(NULL);
	set->match = pcre2_match_data_create(2, NULL); /* the whole, and the first group */
	set->stack = pcre2_jit_stack_create(STACK_START, STACK_MAX, NULL);
	if (!set->context || !set->match || !set->stack) {
		qw_expressions_free(set);
		return QW_ENOMEM;
	}
	pcre2_jit_stack_assign(set->context, NULL, set->stack);
	pcre2_set_match_limit(set->context, MATCH_LIMIT);
	pcre2_set_depth_limit(set->context, DEPTH_LIMIT);
	pcre2_set_heap_limit(set->context, HEAP_LIMIT_KIB);
	*out = set;
	return QW_OK;
}

void qw_expressions_free(struct qw_expressions *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->count; i++)
		pcre2_code_free(set->codes[i]);
	pcre2_match_data_free(set->match);
	pcre2_match_context_free(set->context);
	pcre2_jit_stack_free(set->stack);
	free(set);
}

enum qw_err qw_expressions_add(struct qw_expressions *set, uint32_t slot, const void *text, size_t len,
			       uint32_t options)
{
	int number;
	PCRE2_SIZE where;
	if (slot >= set->count)
		return QW_EFORMAT;
	set->codes[slot] = pcre2_compile(text, len, options | always, &number, &where, NULL);
	if (!set->codes[slot])
		return QW_EFORMAT;
	/* Without JIT (refused by the kernel, or not built) the interpreter does the same, slower. */
	(void)pcre2_jit_compile(set->codes[slot], PCRE2_JIT_COMPLETE);
	return QW_OK;
}

static enum qw_expression_result match(struct qw_expressions *set, uint32_t slot, const uint8_t *data, size_t len,
				       size_t from, unsigned group, size_t *begin, size_t *end)
{
	int result = pcre2_match(set->codes[slot], data, len, from, 0, set->match, set->context);
	if (result == PCRE2_ERROR_NOMATCH)
		return QW_EXPRESSION_NO;
	if (result < 0)
		return QW_EXPRESSION_LIMIT;
	const PCRE2_SIZE *at = pcre2_get_ovector_pointer(set->match) + (size_t)2 * group;
	/* With \K in a look-ahead a match may end before it begins. */
	if (at[0] == PCRE2_UNSET || at[0] > at[1])
		return QW_EXPRESSION_NO;
	*begin = at[0];
	*end = at[1];
	return QW_EXPRESSION_YES;
}

enum qw_expression_result qw_expressions_match(struct qw_expressions *set, uint32_t slot, const uint8_t *data,
					       size_t len, size_t from, size_t *begin, size_t *end)
{
	return match(set, slot, data, len, from, 0, begin, end);
}

enum qw_expression_result qw_expressions_capture(struct qw_expressions *set, uint32_t slot, const uint8_t *data,
						 size_t len, size_t *begin, size_t *end)
{
	return match(set, slot, data, len, 0, 1, begin, end);
}
