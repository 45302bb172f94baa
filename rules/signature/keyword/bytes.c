/* SPDX-License-Identifier: Apache-2.0 */
/* bytes - numbers inside data: tested, jumped by, kept for later options. */
#include "rules/signature/keyword.h"

#include <string.h>

/* Words that change how the number is read; they stand anywhere after the fixed places. */
static const struct {
	char name[16];
	uint32_t flag;
	uint8_t base;
} words[] = {
	{"relative", QW_OP_RELATIVE, 0}, {"little", QW_OP_LITTLE, 0},
	{"big", 0, 0},			 {"string", QW_OP_TEXT, 0},
	{"hex", 0, 16},			 {"dec", 0, 10},
	{"oct", 0, 8},			 {"align", QW_OP_ALIGN, 0},
	{"dce", QW_OP_DCE, 0},
	{"from_beginning", QW_OP_FROM_BEGINNING, 0}, {"from_end", QW_OP_FROM_END, 0},
};

static enum qw_err number_of(struct qw_parse *parse, struct qw_word name, struct qw_word word, uint64_t max,
			     uint64_t *out)
{
	if (qw_word_u64(word, max, out))
		return QW_OK;
	return qw_refuse(parse, word.at ? word.at : name.at, "%.*s needs a number up to %llu after it", (int)name.len,
			 name.at, (unsigned long long)max);
}

/* "multiplier 4", "post_offset -2", "bitmask 0xff": words with a number of their own. */
static enum qw_err read_pair(struct qw_parse *parse, struct qw_word name, struct qw_word word, struct qw_op *op)
{
	uint64_t number = 0;
	int64_t post;
	enum qw_err err = QW_OK;
	if (qw_word_is(name, "bitmask")) {
		err = number_of(parse, name, word, UINT32_MAX, &op->bytes.mask);
	} else if (qw_word_is(name, "multiplier")) {
		err = number_of(parse, name, word, 65535, &number);
		op->bytes.multiplier = (uint32_t)number;
	} else if (qw_word_is(name, "post_offset")) {
		if (!qw_word_i64(word, 65535, &post))
			return qw_refuse(parse, name.at, "post_offset needs a number from -65535 to 65535");
		op->bytes.post = (int32_t)post;
	} else {
		return qw_refuse(parse, name.at, "%.*s knows no '%.*s'", (int)parse->keyword.len, parse->keyword.at,
				 (int)name.len, name.at);
	}
	return err;
}

static enum qw_err read_word(struct qw_parse *parse, struct qw_word piece, struct qw_op *op)
{
	struct qw_word rest = piece, name;
	if (!qw_word_next(&rest, &name))
		return qw_refuse(parse, piece.at ? piece.at : parse->keyword.at, "an empty place between commas");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!qw_word_is(name, words[i].name))
			continue;
		op->flags |= words[i].flag;
		if (words[i].base)
			op->bytes.base = words[i].base;
		rest = qw_word_trim(rest);
		return rest.len ? read_word(parse, rest, op) : QW_OK; /* "string dec" */
	}
	return read_pair(parse, name, qw_word_trim(rest), op);
}

static enum qw_err read_words(struct qw_parse *parse, struct qw_word rest, struct qw_op *op)
{
	struct qw_word piece;
	enum qw_err err = QW_OK;
	while (!err && qw_word_cut(&rest, ',', &piece))
		err = read_word(parse, piece, op);
	if (!err && op->flags & QW_OP_TEXT && !op->bytes.base)
		op->bytes.base = 10;
	if (!err && !(op->flags & QW_OP_TEXT))
		op->bytes.base = 0;
	return err;
}

/* The next comma-separated place; it must be there. */
static enum qw_err place(struct qw_parse *parse, struct qw_word *rest, const char *what, struct qw_word *out)
{
	if (!qw_word_cut(rest, ',', out) || out->len == 0)
		return qw_refuse(parse, parse->keyword.at, "%.*s lacks %s", (int)parse->keyword.len, parse->keyword.at,
				 what);
	return QW_OK;
}

static enum qw_err read_width(struct qw_parse *parse, struct qw_word word, struct qw_op *op, bool may_vary)
{
	int32_t number;
	bool is_var;
	enum qw_err err = qw_number_or_var(parse, word, 64, &number, &is_var);
	if (err)
		return err;
	if (number < 0 || (!is_var && number > 23) || (is_var && !may_vary))
		return qw_refuse(parse, word.at, "'%.*s' is not a number of bytes", (int)word.len, word.at);
	op->bytes.width = (uint8_t)number;
	op->vars |= is_var ? QW_VAR_WIDTH : 0;
	return QW_OK;
}

static enum qw_err read_offset(struct qw_parse *parse, struct qw_word word, struct qw_op *op)
{
	bool is_var;
	enum qw_err err = qw_number_or_var(parse, word, 65535, &op->bytes.offset, &is_var);
	op->vars |= !err && is_var ? QW_VAR_OFFSET : 0;
	return err;
}

static enum qw_err read_value(struct qw_parse *parse, struct qw_word word, struct qw_op *op)
{
	if (qw_word_u64(word, UINT64_MAX, &op->bytes.value))
		return QW_OK;
	int var = qw_draft_var(parse->draft, word);
	if (var < 0)
		return qw_refuse(parse, word.at,
				 "'%.*s' is neither a number nor a variable that an earlier option sets", (int)word.len,
				 word.at);
	op->vars |= QW_VAR_VALUE;
	op->bytes.value = (uint64_t)var;
	return QW_OK;
}

static enum qw_err read_operator(struct qw_parse *parse, struct qw_word word, struct qw_op *op)
{
	static const struct {
		char text[3];
		uint8_t compare;
	} signs[] = {{"<", QW_CMP_LT},	{">", QW_CMP_GT},  {"=", QW_CMP_EQ}, {"<=", QW_CMP_LE},
		     {">=", QW_CMP_GE}, {"&", QW_CMP_AND}, {"^", QW_CMP_XOR}};
	struct qw_word sign = word;
	if (qw_word_eat(&sign, '!'))
		op->flags |= QW_OP_NEGATED;
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (!qw_word_is(sign, signs[i].text))
			continue;
		op->compare = signs[i].compare;
		return QW_OK;
	}
	op->compare = QW_CMP_EQ; /* "!" alone is "not equal" */
	if (sign.len == 0 && op->flags & QW_OP_NEGATED)
		return QW_OK;
	return qw_refuse(parse, word.at, "'%.*s' is not an operator; < > = <= >= & ^, and ! before them", (int)word.len,
			 word.at);
}

/* Binary numbers have up to eight bytes; moves the op to its list. */
static enum qw_err keep(struct qw_parse *parse, const struct qw_op *op)
{
	struct qw_op *kept;
	uint32_t list;
	if (!(op->flags & QW_OP_TEXT) && !(op->vars & QW_VAR_WIDTH) && op->bytes.width > 8)
		return qw_refuse(parse, parse->keyword.at, "%.*s reads at most 8 bytes of a binary number",
				 (int)parse->keyword.len, parse->keyword.at);
	if (op->bytes.width == 0 && !(op->vars & QW_VAR_WIDTH) && !(op->flags & QW_OP_TEXT) &&
	    op->kind != QW_OP_BYTE_JUMP)
		return qw_refuse(parse, parse->keyword.at, "%.*s reads no bytes", (int)parse->keyword.len,
				 parse->keyword.at);
	enum qw_err err = qw_draft_place(parse, op->flags & QW_OP_RELATIVE, &list);
	if (!err)
		err = qw_draft_op(parse, list, op->kind, &kept);
	if (err)
		return err;
	*kept = *op;
	parse->draft->fresh_list = false;
	return QW_OK;
}

static enum qw_err add_var(struct qw_parse *parse, struct qw_word name, struct qw_op *op)
{
	struct qw_draft *draft = parse->draft;
	int known = qw_draft_var(draft, name);
	if (known < 0 && draft->var_count == QW_RULE_VARS_MAX)
		return qw_refuse(parse, name.at, "the rule has more than %d variables", QW_RULE_VARS_MAX);
	if (known < 0) {
		known = (int)draft->var_count;
		draft->vars[draft->var_count++] = name;
	}
	op->result = (uint8_t)known;
	return QW_OK;
}

QW_KEYWORD(byte_test)
{
	struct qw_op op = {.kind = QW_OP_BYTE_TEST};
	struct qw_word rest = value, width, sign, number, offset;
	enum qw_err err = place(parse, &rest, "a number of bytes", &width);
	if (!err)
		err = place(parse, &rest, "an operator", &sign);
	if (!err)
		err = place(parse, &rest, "a value", &number);
	if (!err)
		err = place(parse, &rest, "an offset", &offset);
	if (!err)
		err = read_width(parse, width, &op, true);
	if (!err)
		err = read_operator(parse, sign, &op);
	if (!err)
		err = read_value(parse, number, &op);
	if (!err)
		err = read_offset(parse, offset, &op);
	if (!err)
		err = read_words(parse, rest, &op);
	return err ? err : keep(parse, &op);
}

QW_KEYWORD(byte_jump)
{
	struct qw_op op = {.kind = QW_OP_BYTE_JUMP, .bytes = {.multiplier = 1}};
	struct qw_word rest = value, width, offset;
	enum qw_err err = place(parse, &rest, "a number of bytes", &width);
	if (!err)
		err = place(parse, &rest, "an offset", &offset);
	if (!err)
		err = read_width(parse, width, &op, true);
	if (!err)
		err = read_offset(parse, offset, &op);
	if (!err)
		err = read_words(parse, rest, &op);
	return err ? err : keep(parse, &op);
}

QW_KEYWORD(byte_extract)
{
	struct qw_op op = {.kind = QW_OP_BYTE_EXTRACT, .bytes = {.multiplier = 1}};
	struct qw_word rest = value, width, offset, name;
	enum qw_err err = place(parse, &rest, "a number of bytes", &width);
	if (!err)
		err = place(parse, &rest, "an offset", &offset);
	if (!err)
		err = place(parse, &rest, "a variable's name", &name);
	if (!err)
		err = read_width(parse, width, &op, false);
	if (!err)
		err = read_offset(parse, offset, &op);
	struct qw_word piece;
	while (!err && qw_word_cut(&rest, ',', &piece)) {
		struct qw_word words_left = piece, first, second;
		uint64_t multiple;
		bool aligns = qw_word_next(&words_left, &first) && qw_word_is(first, "align");
		if (aligns && qw_word_next(&words_left, &second)) {
			err = number_of(parse, first, second, 4, &multiple);
			op.bytes.value = multiple; /* 2 or 4 */
		} else {
			err = read_words(parse, piece, &op);
		}
	}
	if (!err)
		err = add_var(parse, name, &op);
	return err ? err : keep(parse, &op);
}

/* "oper +": the operators of byte_math. */
static enum qw_err read_math(struct qw_parse *parse, struct qw_word word, struct qw_op *op)
{
	static const char signs[][3] = {
	    [QW_MATH_ADD] = "+",    [QW_MATH_SUBTRACT] = "-",    [QW_MATH_MULTIPLY] = "*",
	    [QW_MATH_DIVIDE] = "/", [QW_MATH_SHIFT_LEFT] = "<<", [QW_MATH_SHIFT_RIGHT] = ">>"};
	for (uint8_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (!qw_word_is(word, signs[i]))
			continue;
		op->compare = i;
		return QW_OK;
	}
	return qw_refuse(parse, word.at, "'%.*s' is not an operator; + - * / << >>", (int)word.len, word.at);
}

enum { MATH_BYTES = 1, MATH_OFFSET = 2, MATH_OPER = 4, MATH_RVALUE = 8, MATH_RESULT = 16, MATH_ALL = 31 };

static enum qw_err read_math_part(struct qw_parse *parse, struct qw_word name, struct qw_word word, struct qw_op *op,
				  struct qw_word *result, unsigned *seen)
{
	if (qw_word_is(name, "bytes"))
		return *seen |= MATH_BYTES, read_width(parse, word, op, true);
	if (qw_word_is(name, "offset"))
		return *seen |= MATH_OFFSET, read_offset(parse, word, op);
	if (qw_word_is(name, "oper"))
		return *seen |= MATH_OPER, read_math(parse, word, op);
	if (qw_word_is(name, "rvalue"))
		return *seen |= MATH_RVALUE, read_value(parse, word, op);
	if (qw_word_is(name, "result"))
		return *seen |= MATH_RESULT, *result = word, QW_OK;
	if (qw_word_is(name, "endian"))
		return read_word(parse, word, op);
	if (qw_word_is(name, "string")) {
		op->flags |= QW_OP_TEXT;
		return read_word(parse, word, op);
	}
	return word.len ? read_pair(parse, name, word, op) : read_word(parse, name, op);
}

QW_KEYWORD(byte_math)
{
	struct qw_op op = {.kind = QW_OP_BYTE_MATH};
	struct qw_word rest = value, piece, name, result = {NULL, 0};
	unsigned seen = 0;
	enum qw_err err = QW_OK;
	while (!err && qw_word_cut(&rest, ',', &piece)) {
		struct qw_word word = piece;
		if (!qw_word_next(&word, &name))
			return qw_refuse(parse, value.at, "an empty place between commas");
		err = read_math_part(parse, name, qw_word_trim(word), &op, &result, &seen);
	}
	if (!err && (seen != MATH_ALL || result.len == 0))
		err = qw_refuse(parse, parse->keyword.at, "byte_math needs bytes, offset, oper, rvalue and result");
	if (!err)
		err = read_words(parse, (struct qw_word){NULL, 0}, &op);
	if (!err)
		err = add_var(parse, result, &op);
	return err ? err : keep(parse, &op);
}
