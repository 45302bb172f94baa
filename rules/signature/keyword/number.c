/* SPDX-License-Identifier: Apache-2.0 */
/* number - tests of buffers that are numbers. */
#include "rules/signature/keyword.h"

enum qw_err qw_draft_number(struct qw_parse *parse, enum qw_buffer buffer, struct qw_op **op)
{
	uint32_t list;
	enum qw_err err = qw_draft_new_list(parse, buffer, &list);
	return err ? err : qw_draft_op(parse, list, QW_OP_NUMBER, op);
}

bool qw_number_named(const struct qw_number_name *names, struct qw_word word, uint64_t *value)
{
	for (; names && names->name; names++) {
		if (!qw_word_is(word, names->name))
			continue;
		*value = names->value;
		return true;
	}
	return false;
}

enum qw_err qw_draft_member(struct qw_parse *parse, uint32_t list, struct qw_member_at member, struct qw_op **op)
{
	enum qw_err err = qw_draft_op(parse, list, QW_OP_RECORD, op);
	if (err)
		return err;
	(*op)->number.field = member.offset;
	(*op)->number.layer = member.bytes;
	return QW_OK;
}

enum qw_err qw_member_test(struct qw_parse *parse, uint32_t list, struct qw_member_at member, enum qw_compare compare,
			   uint64_t value)
{
	struct qw_op *op;
	enum qw_err err = qw_draft_member(parse, list, member, &op);
	if (err)
		return err;
	op->compare = (uint8_t)compare;
	op->number.a = value;
	return QW_OK;
}

enum qw_err qw_number_read(struct qw_parse *parse, struct qw_op *op, struct qw_word value, const char *what,
			   const struct qw_number_name *names, uint64_t max)
{
	struct qw_word word = value;
	uint64_t number;
	bool negated = qw_word_eat(&word, '!');
	if (qw_number_named(names, word, &number)) {
		op->compare = negated ? QW_CMP_NE : QW_CMP_EQ;
		op->number.a = number;
		return QW_OK;
	}
	if (!qw_word_test(value, max, op))
		return qw_refuse(parse, value.at, "'%.*s' is not a test of %s; N, !N, >N, <N or N<>M", (int)value.len,
				 value.at, what);
	return QW_OK;
}

enum qw_err qw_number_test(struct qw_parse *parse, enum qw_buffer buffer, struct qw_word value,
			   const struct qw_number_name *names, uint64_t max)
{
	struct qw_op *op;
	enum qw_err err = qw_draft_number(parse, buffer, &op);
	return err ? err : qw_number_read(parse, op, value, qw_buffer_name(buffer), names, max);
}

enum qw_err qw_number_range(struct qw_parse *parse, struct qw_op *op, uint64_t low, uint64_t high)
{
	const uint64_t range[2] = {low, high};
	uint32_t data;
	enum qw_err err = qw_draft_put(parse, range, sizeof(range), &data);
	if (err)
		return err;
	if (op->kind != QW_OP_AMONG) {
		op->kind = QW_OP_AMONG;
		op->content.data = data;
		op->content.len = 0;
	}
	op->content.len += sizeof(range);
	return QW_OK;
}

/* "N" or "N-M", both included. */
static bool read_range(struct qw_word word, const struct qw_number_name *names, uint64_t max, uint64_t range[2])
{
	struct qw_word low, high;
	if (qw_number_named(names, word, &range[0])) {
		range[1] = range[0];
		return true;
	}
	if (!qw_word_cut(&word, '-', &low) || !qw_word_u64(low, max, &range[0]))
		return false;
	range[1] = range[0];
	return !qw_word_cut(&word, '-', &high) || (qw_word_u64(high, max, &range[1]) && range[0] <= range[1]);
}

enum qw_err qw_number_list(struct qw_parse *parse, enum qw_buffer buffer, struct qw_word value,
			   const struct qw_number_name *names, uint64_t max)
{
	struct qw_op *op;
	struct qw_word rest = value, word;
	uint64_t range[2];
	enum qw_err err = qw_draft_number(parse, buffer, &op);
	if (err)
		return err;
	op->flags |= qw_word_eat(&rest, '!') ? QW_OP_NEGATED : 0;
	while (qw_word_cut(&rest, ',', &word)) {
		if (!read_range(word, names, max, range))
			return qw_refuse(parse, word.at, "'%.*s' is not a number or range of %s", (int)word.len, word.at,
					 qw_buffer_name(buffer));
		err = qw_number_range(parse, op, range[0], range[1]);
		if (err)
			return err;
	}
	return op->kind == QW_OP_AMONG ? QW_OK : qw_refuse(parse, value.at, "no number is given");
}

static enum qw_err read_flags(struct qw_parse *parse, struct qw_word value, const struct qw_number_name *names,
			      struct qw_op *op)
{
	struct qw_word word;
	op->compare = QW_CMP_BITS;
	op->number.a = op->number.b = 0;
	while (qw_word_cut(&value, ',', &word)) {
		uint64_t bit;
		bool negated = qw_word_eat(&word, '!');
		if (!qw_number_named(names, word, &bit))
			return qw_refuse(parse, word.at, "'%.*s' is not a flag of %.*s", (int)word.len, word.at,
					 (int)parse->keyword.len, parse->keyword.at);
		op->number.a |= bit;
		op->number.b = negated ? op->number.b & ~bit : op->number.b | bit;
	}
	return QW_OK;
}

enum qw_err qw_number_flags(struct qw_parse *parse, enum qw_buffer buffer, struct qw_word value,
			    const struct qw_number_name *names, uint64_t max)
{
	struct qw_op *op;
	enum qw_err err = qw_draft_number(parse, buffer, &op);
	if (err)
		return err;
	return qw_word_test(value, max, op) ? QW_OK : read_flags(parse, value, names, op);
}

/* Which values: "", "any", "all", "all_or_absent", "or_absent" or a place, "0", "-1". */
static enum qw_err read_place(struct qw_parse *parse, enum qw_buffer buffer, struct qw_word word)
{
	struct qw_op *op;
	struct qw_draft *draft = parse->draft;
	uint32_t list;
	int64_t place = 0;
	bool every = qw_word_is(word, "all") || qw_word_is(word, "all_or_absent");
	bool absent = qw_word_is(word, "all_or_absent") || qw_word_is(word, "or_absent");
	bool plain = !word.at || qw_word_is(word, "any") || qw_word_is(word, "or_absent");
	if (!every && !plain && !qw_word_i64(word, INT16_MAX, &place))
		return qw_refuse(parse, word.at, "'%.*s' is no index; any, all, or_absent, all_or_absent, 0, -1 …",
				 (int)word.len, word.at);
	enum qw_err err = qw_draft_new_list(parse, buffer, &list);
	if (err)
		return err;
	draft->lists[list].list.absent = absent ? QW_ABSENT_OR_ELSE : QW_PRESENT;
	if (plain)
		return QW_OK;
	err = qw_draft_op(parse, list, every ? QW_OP_EVERY : QW_OP_NTH, &op);
	if (!err)
		op->at.offset = (int32_t)place;
	return err;
}

enum qw_err qw_number_many(struct qw_parse *parse, enum qw_buffer buffer, struct qw_word value,
			   const struct qw_number_name *names, uint64_t max)
{
	struct qw_word test, index = {NULL, 0}, slice;
	struct qw_op *op;
	(void)qw_word_cut(&value, ',', &test);
	if (qw_word_cut(&value, ',', &index) && qw_word_cut(&value, ',', &slice))
		return qw_refuse(parse, slice.at, "a slice of the values ('%.*s') is not supported", (int)slice.len,
				 slice.at);
	enum qw_err err = read_place(parse, buffer, index);
	if (!err)
		err = qw_draft_op(parse, parse->draft->list_count - 1, QW_OP_NUMBER, &op);
	return err ? err : qw_number_read(parse, op, test, qw_buffer_name(buffer), names, max);
}

QW_KEYWORD(number)
{
	return qw_number_test(parse, (enum qw_buffer)row->number, value, NULL, row->max ? row->max : UINT32_MAX);
}

QW_KEYWORD(flag)
{
	struct qw_op *op;
	enum qw_err err = qw_draft_number(parse, (enum qw_buffer)row->number, &op);
	if (!err)
		op->number.a = row->max;
	return err;
}

QW_KEYWORD(numbers)
{
	return qw_number_list(parse, (enum qw_buffer)row->number, value, NULL, row->max ? row->max : UINT32_MAX);
}
