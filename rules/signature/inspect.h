/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect - the options of one list against one buffer.
 *
 * Options run in their order; each knows where the last content, expression or
 * jump ended.  Where a relative option fails, further occurrences of what came
 * before are tried, as far as they can help, up to a bound that is counted.
 */
#pragma once

#include "rules/signature/opened.h"

/* What a rule will add to a set or take from it, once all else holds. */
struct qw_change {
	const struct qw_op *op;
	struct qw_state_key key;
	bool fixed; /* the set's own file holds it */
};

/* One confirmation: variables live as long as it does. */
struct qw_inspection {
	struct qw_signatures *set;
	const struct qw_subject *subject;
	uint64_t vars[QW_RULE_VARS_MAX];
	uint32_t steps;
	uint32_t context_count;
	uint32_t change_count;
	struct qw_context contexts[QW_CONTEXTS_MAX];
	struct qw_change changes[QW_CHANGES_MAX];
};

bool qw_inspect_list(struct qw_inspection *run, const struct qw_list *list, struct qw_slice data);

/* byte_*: each moves *at where the option says so; false: it does not hold. */
bool qw_byte_test(struct qw_inspection *run, const struct qw_op *op, struct qw_slice data, int64_t *at);
bool qw_byte_jump(struct qw_inspection *run, const struct qw_op *op, struct qw_slice data, int64_t *at);
bool qw_byte_extract(struct qw_inspection *run, const struct qw_op *op, struct qw_slice data, int64_t *at);
bool qw_byte_math(struct qw_inspection *run, const struct qw_op *op, struct qw_slice data, int64_t *at);

/* A number of an op: its own, or a variable's value, which is kept within 32 bits. */
static inline int64_t qw_value_of(const struct qw_inspection *run, const struct qw_op *op, unsigned var, int32_t number)
{
	if (!(op->vars & var))
		return number;
	uint64_t value = run->vars[(uint32_t)number % QW_RULE_VARS_MAX];
	return value > INT32_MAX ? INT32_MAX : (int64_t)value;
}
