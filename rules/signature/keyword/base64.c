/* SPDX-License-Identifier: Apache-2.0 */
/* base64 - data in data. */
#include "rules/signature/keyword.h"

QW_KEYWORD(base64_decode)
{
	struct qw_op op = {.kind = QW_OP_BASE64}, *kept;
	struct qw_word rest = value, piece, name;
	uint32_t list;
	while (value.at && qw_word_cut(&rest, ',', &piece)) {
		struct qw_word word = piece;
		uint64_t number;
		if (!qw_word_next(&word, &name))
			return qw_refuse(parse, value.at, "an empty place between commas");
		word = qw_word_trim(word);
		if (qw_word_is(name, "relative") && word.len == 0) {
			op.flags |= QW_OP_RELATIVE;
			continue;
		}
		bool bytes = qw_word_is(name, "bytes");
		if ((!bytes && !qw_word_is(name, "offset")) || !qw_word_u64(word, 65535, &number))
			return qw_refuse(parse, name.at, "base64_decode is [bytes N][, offset N][, relative]");
		if (bytes)
			op.at.bytes = (uint32_t)number;
		else
			op.at.offset = (int32_t)number;
	}
	enum qw_err err = qw_draft_place(parse, op.flags & QW_OP_RELATIVE, &list);
	if (!err)
		err = qw_draft_op(parse, list, QW_OP_BASE64, &kept);
	if (err)
		return err;
	*kept = op;
	parse->draft->fresh_list = false;
	return QW_OK;
}

/* What follows looks into the decoded bytes: the list goes on behind the op that decodes. */
QW_KEYWORD(base64_data)
{
	struct qw_draft *draft = parse->draft;
	for (uint32_t i = draft->op_count; i-- > 0;) {
		if (draft->ops[i].op.kind != QW_OP_BASE64)
			continue;
		for (uint32_t j = i + 1; j < draft->op_count; j++)
			if (draft->ops[j].list == draft->ops[i].list)
				return qw_refuse(parse, parse->keyword.at,
						 "base64_data must follow base64_decode directly");
		draft->lists[draft->ops[i].list].closed = true;
		draft->sticky = draft->ops[i].list;
		draft->sticky_set = true;
		draft->fresh_list = false;
		return QW_OK;
	}
	return qw_refuse(parse, parse->keyword.at, "base64_data needs base64_decode before it");
}
