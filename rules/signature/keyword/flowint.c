/* SPDX-License-Identifier: Apache-2.0 */
/* flowint - numbers of a conversation. */
#include "rules/signature/effects.h"
#include "rules/signature/keyword.h"

static const struct {
	const char *sign;
	uint8_t verb, compare;
} signs[] = {
	{"isset", QW_STATE_ISSET, 0},	      {"isnotset", QW_STATE_ISNOTSET, 0},  {"notset", QW_STATE_ISNOTSET, 0},
	{"=", QW_STATE_SET, 0},		      {"+", QW_STATE_ADD, 0},		   {"-", QW_STATE_SUBTRACT, 0},
	{"==", QW_STATE_COMPARE, QW_CMP_EQ},  {"!=", QW_STATE_COMPARE, QW_CMP_NE}, {"<", QW_STATE_COMPARE, QW_CMP_LT},
	{"<=", QW_STATE_COMPARE, QW_CMP_LE},  {">", QW_STATE_COMPARE, QW_CMP_GT},  {">=", QW_STATE_COMPARE, QW_CMP_GE},
};

static bool takes_value(unsigned verb)
{
	return verb != QW_STATE_ISSET && verb != QW_STATE_ISNOTSET;
}

/* A number, or another variable's name. */
static enum qw_err read_value(struct qw_parse *parse, struct qw_word word, struct qw_op *op)
{
	if (word.len == 0)
		return qw_refuse(parse, parse->keyword.at, "the value is missing: flowint:NAME,SIGN,VALUE");
	if (qw_word_u64(word, UINT32_MAX, &op->state.value))
		return QW_OK;
	if (word.at[0] >= '0' && word.at[0] <= '9')
		return qw_refuse(parse, word.at, "'%.*s' is not a number below 2^32", (int)word.len, word.at);
	op->flags |= QW_OP_OF_NAME;
	op->state.value = qw_state_name(word.at, word.len);
	return QW_OK;
}

QW_KEYWORD(flowint)
{
	struct qw_word rest = value, name, sign, word = {value.at, 0};
	struct qw_op *op;
	size_t i = 0;
	(void)qw_word_cut(&rest, ',', &name);
	if (name.len == 0 || !qw_word_cut(&rest, ',', &sign))
		return qw_refuse(parse, value.at, "flowint is NAME,SIGN[,VALUE]");
	while (i < sizeof(signs) / sizeof(signs[0]) && !qw_word_is(sign, signs[i].sign))
		i++;
	if (i == sizeof(signs) / sizeof(signs[0]))
		return qw_refuse(parse, sign.at,
				 "flowint knows no '%.*s'; isset, isnotset, =, +, -, ==, !=, <, <=, >, >=",
				 (int)sign.len, sign.at);
	enum qw_err err = qw_draft_state(parse, (enum qw_state_verb)signs[i].verb, name, &op);
	if (err)
		return err;
	op->state.kind = QW_STATE_FLOWINT;
	op->state.track = QW_TRACK_FLOW;
	op->compare = signs[i].compare;
	parse->draft->sig.need |= QW_FACT_FLOW;
	if (takes_value(signs[i].verb)) {
		(void)qw_word_cut(&rest, ',', &word);
		err = read_value(parse, word, op);
	}
	if (!err && rest.at)
		err = qw_refuse(parse, rest.at, "flowint is NAME,SIGN[,VALUE]: this is too much");
	return err;
}
