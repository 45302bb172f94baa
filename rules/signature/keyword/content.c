/* SPDX-License-Identifier: Apache-2.0 */
/* content - literal bytes, and where they may stand. */
#include "rules/signature/keyword.h"

#include <string.h>

enum { CONTENT_MAX = 8192 };

enum qw_err qw_number_or_var(struct qw_parse *parse, struct qw_word word, int64_t limit, int32_t *out, bool *is_var)
{
	int64_t number;
	*is_var = false;
	if (qw_word_i64(word, limit, &number)) {
		*out = (int32_t)number;
		return QW_OK;
	}
	int var = qw_draft_var(parse->draft, word);
	if (var < 0)
		return qw_refuse(parse, word.at ? word.at : parse->keyword.at,
				 "'%.*s' is neither a number nor a variable that an earlier option sets", (int)word.len,
				 word.at ? word.at : "");
	*is_var = true;
	*out = var;
	return QW_OK;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The bytes between two bars; *at is behind the first, and is left behind the second. */
static enum qw_err decode_hex(struct qw_parse *parse, struct qw_word text, size_t *at, uint8_t *out, size_t *len)
{
	const char *open = text.at + *at - 1;
	int high = -1;
	for (; *at < text.len && text.at[*at] != '|'; (*at)++) {
		char c = text.at[*at];
		if (c == ' ' || c == '\t')
			continue;
		int digit = hex_digit(c);
		if (digit < 0)
			return qw_refuse(parse, text.at + *at, "'%c' is not a hexadecimal digit", c);
		if (high < 0) {
			high = digit;
			continue;
		}
		out[(*len)++] = (uint8_t)(high << 4 | digit);
		high = -1;
	}
	if (*at == text.len)
		return qw_refuse(parse, open, "the hexadecimal part that opens here is not closed by '|'");
	if (high >= 0)
		return qw_refuse(parse, open, "an odd number of hexadecimal digits");
	(*at)++;
	return QW_OK;
}

enum qw_err qw_content_decode(struct qw_parse *parse, struct qw_word text, struct qw_op *op)
{
	uint8_t out[CONTENT_MAX];
	size_t len = 0;
	if (text.len > CONTENT_MAX)
		return qw_refuse(parse, text.at, "content is longer than %d characters", CONTENT_MAX);
	for (size_t i = 0; i < text.len;) {
		char c = text.at[i++];
		if (c == '|') {
			enum qw_err err = decode_hex(parse, text, &i, out, &len);
			if (err)
				return err;
			continue;
		}
		if (c == '\\') {
			if (i == text.len || !strchr("\\\";:|", text.at[i]))
				return qw_refuse(parse, text.at + i - 1, "a backslash may stand before \\ \" ; : only");
			c = text.at[i++];
		}
		out[len++] = (uint8_t)c;
	}
	if (len == 0)
		return qw_refuse(parse, parse->keyword.at, "%.*s is empty", (int)parse->keyword.len, parse->keyword.at);
	op->content.len = (uint32_t)len;
	return qw_draft_put(parse, out, len, &op->content.data);
}

/* Snort 3's style: content:"x",nocase,offset 5 */
static enum qw_err read_modifiers(struct qw_parse *parse, struct qw_word rest)
{
	struct qw_word piece, name;
	while (qw_word_cut(&rest, ',', &piece)) {
		struct qw_word words = piece;
		if (!qw_word_next(&words, &name))
			return qw_refuse(parse, parse->keyword.at, "an empty place after content's quotes");
		const struct qw_keyword *row = qw_keyword_find(name);
		bool modifies = row && (row->parse == qw_keyword_position || row->parse == qw_keyword_content_flag ||
					row->parse == qw_keyword_fast_pattern || row->parse == qw_keyword_nothing);
		if (!modifies)
			return qw_refuse(parse, name.at, "'%.*s' does not modify content", (int)name.len, name.at);
		struct qw_option option = {.name = name, .value = qw_word_trim(words)};
		if (option.value.len == 0)
			option.value.at = NULL;
		enum qw_err err = qw_keyword_parse(parse, &option);
		if (err)
			return err;
	}
	return QW_OK;
}

QW_KEYWORD(content)
{
	struct qw_word inside, rest;
	struct qw_op *op = NULL;
	uint32_t list;
	bool negated = qw_word_eat(&value, '!');
	if (!qw_unquote(value, &inside, &rest))
		return qw_refuse(parse, value.at, "the quote that opens here is not closed");
	enum qw_err err = qw_draft_place(parse, false, &list);
	if (!err)
		err = qw_draft_op(parse, list, QW_OP_CONTENT, &op);
	if (!err)
		err = qw_content_decode(parse, inside, op);
	if (err)
		return err;
	op->flags = negated ? QW_OP_NEGATED : 0;
	parse->draft->content = parse->draft->op_count - 1;
	parse->draft->fresh_list = false;
	return rest.at ? read_modifiers(parse, rest) : QW_OK;
}

static enum qw_err last_content(struct qw_parse *parse, struct qw_op **op)
{
	struct qw_draft *draft = parse->draft;
	*op = NULL;
	if (draft->content == QW_DRAFT_NONE)
		return qw_refuse(parse, parse->keyword.at, "%.*s has no content before it", (int)parse->keyword.len,
				 parse->keyword.at);
	*op = &draft->ops[draft->content].op;
	return QW_OK;
}

QW_KEYWORD(position)
{
	static const struct {
		uint32_t flag, excludes;
		uint8_t var;
		bool negative;
	} kinds[] = {
		{QW_OP_OFFSET, QW_OP_RELATIVE | QW_OP_STARTS, QW_VAR_OFFSET, false},
		{QW_OP_DEPTH, QW_OP_RELATIVE | QW_OP_STARTS, QW_VAR_DEPTH, false},
		{QW_OP_DISTANCE | QW_OP_RELATIVE, QW_OP_OFFSET | QW_OP_DEPTH | QW_OP_STARTS, QW_VAR_DISTANCE, true},
		{QW_OP_WITHIN | QW_OP_RELATIVE, QW_OP_OFFSET | QW_OP_DEPTH | QW_OP_STARTS, QW_VAR_WITHIN, true},
	};
	struct qw_op *op = NULL;
	int32_t number;
	bool is_var;
	enum qw_err err = last_content(parse, &op);
	if (!err)
		err = qw_number_or_var(parse, value, 1 << 20, &number, &is_var);
	if (err)
		return err;
	int32_t *const targets[] = {&op->content.offset, &op->content.depth, &op->content.distance,
				    &op->content.within};
	unsigned kind = row->number;
	if (op->flags & kinds[kind].excludes)
		return qw_refuse(parse, parse->keyword.at, "%s cannot be combined with what the content has already",
				 row->name);
	if (op->flags & kinds[kind].flag & ~(uint32_t)QW_OP_RELATIVE)
		return qw_refuse(parse, parse->keyword.at, "the content has two of %s", row->name);
	if (number < 0 && !kinds[kind].negative)
		return qw_refuse(parse, value.at, "%s cannot be negative", row->name);
	op->flags |= kinds[kind].flag;
	if (is_var)
		op->vars |= kinds[kind].var;
	*targets[kind] = number;
	return QW_OK;
}

QW_KEYWORD(content_flag)
{
	struct qw_op *op = NULL;
	enum qw_err err = last_content(parse, &op);
	if (err)
		return err;
	static const uint32_t flags[] = {QW_OP_NOCASE, QW_OP_STARTS, QW_OP_ENDS};
	uint32_t flag = flags[row->number];
	if (flag == QW_OP_STARTS && op->flags & (QW_OP_RELATIVE | QW_OP_OFFSET | QW_OP_DEPTH))
		return qw_refuse(parse, parse->keyword.at,
				 "startswith cannot be combined with offset, depth, distance or within");
	op->flags |= flag;
	return QW_OK;
}

QW_KEYWORD(fast_pattern)
{
	struct qw_op *op = NULL;
	struct qw_word rest = value, from, len;
	uint64_t chop_offset, chop_len;
	enum qw_err err = last_content(parse, &op);
	if (err)
		return err;
	op->flags |= QW_OP_FAST;
	if (!value.at || qw_word_is(value, "only"))
		return QW_OK;
	if (!qw_word_cut(&rest, ',', &from) || !qw_word_cut(&rest, ',', &len) ||
	    !qw_word_u64(from, 65535, &chop_offset) || !qw_word_u64(len, 65535, &chop_len) || chop_len == 0)
		return qw_refuse(parse, value.at, "fast_pattern is 'only' or OFFSET,LENGTH");
	if (chop_offset + chop_len > op->content.len)
		return qw_refuse(parse, value.at, "fast_pattern reaches beyond its content");
	op->content.chop_offset = (uint16_t)chop_offset;
	op->content.chop_len = (uint16_t)chop_len;
	return QW_OK;
}
