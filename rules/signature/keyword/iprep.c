/* SPDX-License-Identifier: Apache-2.0 */
/* iprep - what a list says of a packet's addresses. */
#include "rules/signature/keyword.h"

#include "rules/signature/reputation.h"

static bool read_side(struct qw_word word, uint8_t *side)
{
	static const char *const names[QW_REPUTED_COUNT] = {
		[QW_REPUTED_ANY] = "any", [QW_REPUTED_SRC] = "src", [QW_REPUTED_DST] = "dst", [QW_REPUTED_BOTH] = "both"};
	for (uint8_t i = 0; i < QW_REPUTED_COUNT; i++) {
		if (!qw_word_is(word, names[i]))
			continue;
		*side = i;
		return true;
	}
	return false;
}

/* isset, isnotset, or a sign and a score */
static enum qw_err read_test(struct qw_parse *parse, struct qw_word rest, struct qw_op *op)
{
	struct qw_word sign = {NULL, 0}, score = {NULL, 0};
	(void)qw_word_cut(&rest, ',', &sign);
	bool isset = qw_word_is(sign, "isset"), isnotset = qw_word_is(sign, "isnotset");
	if ((isset || isnotset) && !rest.at) {
		op->reputation.any = true;
		op->flags |= isnotset ? QW_OP_NEGATED : 0;
		return QW_OK;
	}
	if (!qw_compare_sign(sign, &op->compare) || !qw_word_cut(&rest, ',', &score) || rest.at ||
	    !qw_word_u64(score, QW_REPUTATION_MAX, &op->reputation.value))
		return qw_refuse(parse, sign.at ? sign.at : parse->keyword.at,
				 "a test of reputation is isset, isnotset, or <, <=, >, >=, = or != and a score from 0 to %d",
				 QW_REPUTATION_MAX);
	return QW_OK;
}

QW_KEYWORD(iprep)
{
	struct qw_op op = {.kind = QW_OP_REPUTATION}, *kept;
	struct qw_word rest = value, side, category = {NULL, 0};
	if (!qw_word_cut(&rest, ',', &side) || !read_side(side, &op.reputation.side))
		return qw_refuse(parse, value.at, "whose reputation is asked comes first: any, src, dst or both");
	if (!qw_word_cut(&rest, ',', &category) || category.len == 0)
		return qw_refuse(parse, value.at, "iprep needs a category behind '%.*s'", (int)side.len, side.at);
	enum qw_err err = read_test(parse, rest, &op);
	if (!err)
		err = qw_reputation_category(parse, category, &op.reputation.category);
	if (!err)
		err = qw_draft_op(parse, QW_DRAFT_FACTS, QW_OP_REPUTATION, &kept);
	if (!err)
		*kept = op;
	return err;
}
