/* SPDX-License-Identifier: Apache-2.0 */
/* dnp3 - Suricata's and Snort's dnp3_func, dnp3_ind, dnp3_obj; Quickdraw's dnp3_cmd_fc and dnp3_cmd_ot. */
#include "quaywatch/ot_names.h"
#include "rules/signature/keyword.h"

QW_KEYWORD(dnp3_func)
{
	return qw_number_test(parse, QW_BUFFER_DNP3_FUNC, value, qw_ot_names(QW_OT_DNP3_FUNCTIONS), UINT8_MAX);
}

static bool flag_of(struct qw_word word, uint64_t *bit)
{
	for (const struct qw_number_name *row = qw_ot_names(QW_OT_DNP3_INDICATIONS); row->name; row++) {
		if (!qw_word_is(word, row->name))
			continue;
		*bit = row->value;
		return true;
	}
	return false;
}

static enum qw_err test_flags(struct qw_parse *parse, uint32_t list, uint64_t flags, bool none)
{
	struct qw_op *op;
	if (!flags)
		return QW_OK;
	enum qw_err err = qw_draft_op(parse, list, QW_OP_NUMBER, &op);
	if (err)
		return err;
	op->compare = QW_CMP_AND;
	op->number.a = flags;
	op->flags |= none ? QW_OP_NEGATED : 0;
	return QW_OK;
}

/* flag,flag,!flag: any of the first, none of the last; or a number as a whole. */
QW_KEYWORD(dnp3_ind)
{
	uint32_t list;
	struct qw_op *op;
	struct qw_word rest = value, word;
	uint64_t bit, any = 0, none = 0;
	enum qw_err err = qw_draft_new_list(parse, QW_BUFFER_DNP3_IND, &list);
	while (!err && qw_word_cut(&rest, ',', &word)) {
		bool negated = qw_word_eat(&word, '!');
		if (flag_of(word, &bit)) {
			*(negated ? &none : &any) |= bit;
			continue;
		}
		if (any || none || rest.at)
			return qw_refuse(parse, word.at, "'%.*s' is not an indication of DNP3", (int)word.len, word.at);
		err = qw_draft_op(parse, list, QW_OP_NUMBER, &op);
		return err ? err : qw_number_read(parse, op, value, "dnp3_ind", NULL, UINT16_MAX);
	}
	if (!err)
		err = test_flags(parse, list, any, false);
	return err ? err : test_flags(parse, list, none, true);
}

/* group,variation */
QW_KEYWORD(dnp3_obj)
{
	struct qw_op *op;
	struct qw_word rest = value, group, variation;
	uint64_t high, low;
	enum qw_err err = qw_draft_number(parse, QW_BUFFER_DNP3_OBJ, &op);
	if (err)
		return err;
	if (!qw_word_cut(&rest, ',', &group) || !qw_word_cut(&rest, ',', &variation) || rest.at ||
	    !qw_word_u64(group, UINT8_MAX, &high) || !qw_word_u64(variation, UINT8_MAX, &low))
		return qw_refuse(parse, value.at, "'%.*s' is not an object; 'group,variation', each 0 to 255", (int)value.len,
				 value.at);
	op->compare = QW_CMP_EQ;
	op->number.a = high << 8 | low;
	return QW_OK;
}

QW_KEYWORD(dnp3_cmd_fc)
{
	parse->draft->sig.need |= QW_FACT_TO_SERVER;
	return qw_keyword_dnp3_func(parse, row, value);
}

QW_KEYWORD(dnp3_cmd_ot)
{
	struct qw_op *op;
	uint64_t group;
	enum qw_err err = qw_draft_number(parse, QW_BUFFER_DNP3_OBJ, &op);
	if (err)
		return err;
	if (!qw_word_u64(value, UINT8_MAX, &group))
		return qw_refuse(parse, value.at, "'%.*s' is not a group of objects; 0 to 255", (int)value.len, value.at);
	const uint64_t range[2] = {group << 8, group << 8 | UINT8_MAX};
	parse->draft->sig.need |= QW_FACT_TO_SERVER;
	op->kind = QW_OP_AMONG;
	op->content.len = sizeof(range);
	return qw_draft_put(parse, range, sizeof(range), &op->content.data);
}
