/* SPDX-License-Identifier: Apache-2.0 */
/* pcre - regular expressions: "/…/flags". */
#include "rules/signature/keyword.h"

#include <string.h>

#include "rules/signature/expression.h"

static const struct {
	char letter;
	uint32_t option; /* of PCRE2 */
	uint32_t flag;   /* enum qw_op_flag */
	uint8_t buffer;  /* 0: stays where it is */
} letters[] = {
	{'i', PCRE2_CASELESS, 0, 0},
	{'m', PCRE2_MULTILINE, 0, 0},
	{'s', PCRE2_DOTALL, 0, 0},
	{'x', PCRE2_EXTENDED, 0, 0},
	{'A', PCRE2_ANCHORED, 0, 0},
	{'E', PCRE2_DOLLAR_ENDONLY, 0, 0},
	{'G', PCRE2_UNGREEDY, 0, 0},
	{'R', 0, QW_OP_RELATIVE, 0},
	{'B', 0, 0, 0},
	{'O', 0, 0, 0},
	{'U', 0, 0, QW_BUFFER_HTTP_URI},
	{'I', 0, 0, QW_BUFFER_HTTP_URI_RAW},
	{'P', 0, 0, QW_BUFFER_HTTP_REQUEST_BODY},
	{'Q', 0, 0, QW_BUFFER_HTTP_RESPONSE_BODY},
	{'H', 0, 0, QW_BUFFER_HTTP_HEADER},
	{'D', 0, 0, QW_BUFFER_HTTP_HEADER_RAW},
	{'M', 0, 0, QW_BUFFER_HTTP_METHOD},
	{'C', 0, 0, QW_BUFFER_HTTP_COOKIE},
	{'K', 0, 0, QW_BUFFER_HTTP_COOKIE},
	{'S', 0, 0, QW_BUFFER_HTTP_STAT_CODE},
	{'Y', 0, 0, QW_BUFFER_HTTP_STAT_MSG},
	{'V', 0, 0, QW_BUFFER_HTTP_USER_AGENT},
	{'W', 0, 0, QW_BUFFER_HTTP_HOST},
	{'Z', 0, 0, QW_BUFFER_HTTP_HOST_RAW},
};

static enum qw_err read_flags(struct qw_parse *parse, struct qw_word flags, struct qw_op *op, uint8_t *buffer)
{
	for (size_t i = 0; i < flags.len; i++) {
		size_t row = 0;
		while (row < sizeof(letters) / sizeof(letters[0]) && letters[row].letter != flags.at[i])
			row++;
		if (row == sizeof(letters) / sizeof(letters[0]))
			return qw_refuse(parse, flags.at + i, "pcre knows no flag '%c'", flags.at[i]);
		op->pcre.options |= letters[row].option;
		op->flags |= letters[row].flag;
		if (letters[row].buffer && *buffer && letters[row].buffer != *buffer)
			return qw_refuse(parse, flags.at + i, "pcre's flag '%c' names a second buffer", flags.at[i]);
		if (letters[row].buffer)
			*buffer = letters[row].buffer;
	}
	return QW_OK;
}

/* The list it looks into: by its flag, else as any other option. */
static enum qw_err place(struct qw_parse *parse, uint8_t buffer, bool relative, const char *flags, uint32_t *list)
{
	struct qw_draft *draft = parse->draft;
	if (!buffer)
		return qw_draft_place(parse, relative, list);
	if (draft->sticky_set && draft->lists[draft->sticky].list.buffer != buffer)
		return qw_refuse(parse, flags, "pcre's flags name another buffer than the sticky one");
	if (draft->sticky_set) {
		*list = draft->sticky;
		return QW_OK;
	}
	return qw_draft_list(parse, buffer, list);
}

static enum qw_err check(struct qw_parse *parse, struct qw_word text, uint32_t options)
{
	size_t at;
	char why[160];
	if (qw_expression_check(text.at, text.len, options, &at, why, sizeof(why)))
		return QW_OK;
	return qw_refuse(parse, text.at + (at < text.len ? at : text.len), "pcre: %s", why);
}

QW_KEYWORD(pcre)
{
	struct qw_word inside, rest;
	struct qw_op op = {.kind = QW_OP_PCRE}, *kept;
	uint8_t buffer = 0;
	uint32_t list;
	if (qw_word_eat(&value, '!'))
		op.flags |= QW_OP_NEGATED;
	if (!qw_unquote(value, &inside, &rest))
		return qw_refuse(parse, value.at, "the quote that opens here is not closed");
	if (rest.at)
		return qw_refuse(parse, rest.at, "captures of pcre into variables are not supported");
	if (qw_word_eat(&inside, '!'))
		op.flags |= QW_OP_NEGATED;
	const char *slash = inside.len ? memrchr(inside.at, '/', inside.len) : NULL;
	if (!slash || slash == inside.at || inside.at[0] != '/')
		return qw_refuse(parse, inside.at, "an expression is written \"/…/flags\"");

	struct qw_word text = {inside.at + 1, (size_t)(slash - inside.at) - 1};
	struct qw_word flags = {slash + 1, inside.len - text.len - 2};
	enum qw_err err = read_flags(parse, flags, &op, &buffer);
	if (!err)
		err = check(parse, text, op.pcre.options);
	if (!err)
		err = place(parse, buffer, op.flags & QW_OP_RELATIVE, flags.at, &list);
	if (!err)
		err = qw_draft_put(parse, text.at, text.len, &op.pcre.data);
	if (!err)
		err = qw_draft_op(parse, list, QW_OP_PCRE, &kept);
	if (err)
		return err;
	op.pcre.len = (uint32_t)text.len;
	*kept = op;
	parse->draft->fresh_list = false;
	return QW_OK;
}
