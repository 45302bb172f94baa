/* SPDX-License-Identifier: Apache-2.0 */
/* size - how much there is of something. */
#include "rules/signature/keyword.h"

QW_KEYWORD(bsize)
{
	struct qw_op *op;
	struct qw_draft *draft = parse->draft;
	if (!draft->sticky_set)
		return qw_refuse(parse, parse->keyword.at, "bsize needs a sticky buffer before it");
	enum qw_err err = qw_draft_op(parse, draft->sticky, QW_OP_SIZE, &op);
	if (err)
		return err;
	draft->fresh_list = false;
	if (!qw_word_test(value, UINT32_MAX, op))
		return qw_refuse(parse, value.at, "'%.*s' is not a size; N, >N, <N or N<>M", (int)value.len, value.at);
	return QW_OK;
}

QW_KEYWORD(urilen)
{
	struct qw_op *op;
	struct qw_word rest = value, test, kind = {NULL, 0};
	enum qw_buffer buffer = QW_BUFFER_HTTP_URI;
	uint32_t list;
	(void)qw_word_cut(&rest, ',', &test);
	if (qw_word_cut(&rest, ',', &kind) && qw_word_is(kind, "raw"))
		buffer = QW_BUFFER_HTTP_URI_RAW;
	else if (kind.at && !qw_word_is(kind, "norm"))
		return qw_refuse(parse, kind.at, "'%.*s' is neither raw nor norm", (int)kind.len, kind.at);
	enum qw_err err = qw_draft_list(parse, buffer, &list);
	if (!err)
		err = qw_draft_op(parse, list, QW_OP_SIZE, &op);
	if (!err && !qw_word_test(test, 65535, op))
		err = qw_refuse(parse, test.at, "'%.*s' is not a length; N, >N, <N or N<>M", (int)test.len, test.at);
	return err;
}

QW_KEYWORD(isdataat)
{
	struct qw_op *op;
	struct qw_word rest = value, number, word;
	uint32_t flags = 0, list;
	bool is_var;
	int32_t offset;
	if (qw_word_eat(&rest, '!'))
		flags |= QW_OP_NEGATED;
	(void)qw_word_cut(&rest, ',', &number);
	while (qw_word_cut(&rest, ',', &word)) {
		if (qw_word_is(word, "relative"))
			flags |= QW_OP_RELATIVE;
		else if (!qw_word_is(word, "rawbytes"))
			return qw_refuse(parse, word.at, "isdataat knows no '%.*s'", (int)word.len, word.at);
	}
	enum qw_err err = qw_number_or_var(parse, number, 65535, &offset, &is_var);
	if (!err && !is_var && offset < 0)
		err = qw_refuse(parse, number.at, "isdataat cannot be negative");
	if (!err)
		err = qw_draft_place(parse, flags & QW_OP_RELATIVE, &list);
	if (!err)
		err = qw_draft_op(parse, list, QW_OP_DATA_AT, &op);
	if (err)
		return err;
	op->flags = flags;
	op->vars = is_var ? QW_VAR_OFFSET : 0;
	op->at.offset = offset;
	parse->draft->fresh_list = false;
	return QW_OK;
}

QW_KEYWORD(absent)
{
	struct qw_draft *draft = parse->draft;
	if (!draft->sticky_set)
		return qw_refuse(parse, parse->keyword.at, "absent needs a sticky buffer before it");
	bool or_failed = value.at && qw_word_is(value, "error_or");
	if (value.at && !or_failed && !qw_word_is(value, "or_else"))
		return qw_refuse(parse, value.at, "absent knows or_else and error_or only");
	if (!draft->fresh_list)
		return qw_refuse(parse, parse->keyword.at, "absent must come directly after its buffer");
	struct qw_list *list = &draft->lists[draft->sticky].list;
	if (or_failed && list->transform_count == 0)
		return qw_refuse(parse, value.at, "error_or goes with a transform before it that may fail");
	list->or_failed = or_failed;
	if (or_failed)
		return QW_OK;
	list->absent = value.at ? QW_ABSENT_OR_ELSE : QW_ABSENT;
	return QW_OK;
}
