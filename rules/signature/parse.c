/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/parse.h"

#include "rules/signature/buffers.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void __attribute__((format(printf, 4, 0)))
say(struct qw_parse *parse, enum qw_severity severity, const char *at, const char *format, va_list args)
{
	char text[512];
	struct qw_place place = qw_statement_place(parse->statement, at);
	vsnprintf(text, sizeof(text), format, args);
	qw_complain(parse->diags, severity, parse->path, place.line, place.column, "%s", text);
}

enum qw_err qw_refuse(struct qw_parse *parse, const char *at, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	say(parse, QW_DIAG_ERROR, at, format, args);
	va_end(args);
	return QW_EFORMAT;
}

void qw_remark(struct qw_parse *parse, const char *at, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	say(parse, QW_DIAG_WARNING, at, format, args);
	va_end(args);
}

enum qw_err qw_draft_put(struct qw_parse *parse, const void *data, size_t len, uint32_t *offset)
{
	struct qw_draft *draft = parse->draft;
	if (len > QW_RULE_BLOB_MAX - draft->blob_len)
		return qw_refuse(parse, parse->keyword.at, "the rule's texts are larger than %d bytes",
				 QW_RULE_BLOB_MAX);
	memcpy(draft->blob + draft->blob_len, data, len);
	*offset = draft->blob_len;
	draft->blob_len += (uint32_t)len;
	return QW_OK;
}

enum qw_err qw_draft_text(struct qw_parse *parse, struct qw_word text, uint32_t *offset)
{
	uint32_t end;
	enum qw_err err = qw_draft_put(parse, text.at, text.len, offset);
	return err ? err : qw_draft_put(parse, "", 1, &end);
}

enum qw_err qw_draft_new_list(struct qw_parse *parse, enum qw_buffer buffer, uint32_t *list)
{
	struct qw_draft *draft = parse->draft;
	if (draft->list_count == QW_RULE_LISTS_MAX)
		return qw_refuse(parse, parse->keyword.at, "the rule changes buffers more than %d times",
				 QW_RULE_LISTS_MAX);
	*list = draft->list_count++;
	draft->lists[*list] = (struct qw_draft_list){.list = {.buffer = (uint16_t)buffer}, .at = parse->keyword.at};
	return QW_OK;
}

enum qw_err qw_draft_list(struct qw_parse *parse, enum qw_buffer buffer, uint32_t *list)
{
	struct qw_draft *draft = parse->draft;
	for (uint32_t i = 0; i < draft->list_count; i++) {
		const struct qw_list *row = &draft->lists[i].list;
		if (row->buffer == buffer && row->transform_count == 0 && row->absent == QW_PRESENT && row->side == QW_EITHER_WAY &&
		    !draft->lists[i].closed) {
			*list = i;
			return QW_OK;
		}
	}
	return qw_draft_new_list(parse, buffer, list);
}

/* The list of the last op that can be followed by a relative one. */
static bool last_position(const struct qw_draft *draft, uint32_t *list)
{
	for (uint32_t i = draft->op_count; i-- > 0;) {
		const struct qw_draft_op *row = &draft->ops[i];
		if (!qw_draft_in_list(row) || row->op.kind == QW_OP_NUMBER || row->op.kind == QW_OP_AMONG ||
		    draft->lists[row->list].list.buffer == QW_BUFFER_DCE_IFACE)
			continue;
		*list = row->list;
		return true;
	}
	return false;
}

enum qw_err qw_draft_place(struct qw_parse *parse, bool relative, uint32_t *list)
{
	if (parse->draft->sticky_set) {
		*list = parse->draft->sticky;
		return QW_OK;
	}
	if (relative && last_position(parse->draft, list))
		return QW_OK;
	return qw_draft_list(parse, QW_BUFFER_PAYLOAD, list);
}

enum qw_err qw_draft_op(struct qw_parse *parse, uint32_t list, enum qw_op_kind kind, struct qw_op **op)
{
	struct qw_draft *draft = parse->draft;
	if (draft->op_count == QW_RULE_OPS_MAX)
		return qw_refuse(parse, parse->keyword.at, "the rule has more than %d options that look at data",
				 QW_RULE_OPS_MAX);
	struct qw_draft_op *row = &draft->ops[draft->op_count++];
	*row = (struct qw_draft_op){.op = {.kind = (uint8_t)kind}, .list = (uint16_t)list, .at = parse->keyword.at};
	*op = &row->op;
	return QW_OK;
}

int qw_draft_var(const struct qw_draft *draft, struct qw_word name)
{
	for (uint32_t i = 0; i < draft->var_count; i++)
		if (draft->vars[i].len == name.len && memcmp(draft->vars[i].at, name.at, name.len) == 0)
			return (int)i;
	return -1;
}
