/* SPDX-License-Identifier: Apache-2.0 */
/* buffer - what the options after, or the content before, look into. */
#include "rules/signature/keyword.h"

#include "rules/signature/buffers.h"

static void enter_list(struct qw_parse *parse, uint32_t list)
{
	struct qw_draft *draft = parse->draft;
	draft->lists[list].mentioned = true;
	draft->sticky = list;
	draft->sticky_set = true;
	draft->fresh_list = true;
}

static enum qw_err enter(struct qw_parse *parse, enum qw_buffer buffer)
{
	uint32_t list;
	/* Each mention of a buffer with many values asks for one value of its own. */
	enum qw_err err = qw_buffer_trait(buffer)->many ? qw_draft_new_list(parse, buffer, &list)
							: qw_draft_list(parse, buffer, &list);
	if (!err)
		enter_list(parse, list);
	return err;
}

/* In a rule with =>, "file.data: to_client;" says whose. */
QW_KEYWORD(sticky)
{
	bool up = qw_word_is(value, "to_server"), down = qw_word_is(value, "to_client");
	uint32_t list;
	if (value.len == 0)
		return enter(parse, (enum qw_buffer)row->number);
	if (!(parse->draft->sig.flags & QW_SIG_BOTH) || (!up && !down))
		return qw_refuse(parse, value.at, "%s takes no value, but to_server or to_client in a rule with =>", row->name);
	enum qw_err err = qw_draft_new_list(parse, (enum qw_buffer)row->number, &list);
	if (err)
		return err;
	parse->draft->lists[list].list.side = up ? QW_UPWARD : QW_DOWNWARD;
	enter_list(parse, list);
	return QW_OK;
}

QW_KEYWORD(pkt_data)
{
	parse->draft->sticky_set = false;
	parse->draft->fresh_list = false;
	return QW_OK;
}

/* content:"x"; http_uri; */
QW_KEYWORD(modifier)
{
	struct qw_draft *draft = parse->draft;
	uint32_t list;
	if (draft->content == QW_DRAFT_NONE)
		return qw_refuse(parse, parse->keyword.at, "%s has no content before it; the sticky buffer is '%s'",
				 row->name, qw_buffer_name((enum qw_buffer)row->number));
	if (draft->sticky_set)
		return qw_refuse(parse, parse->keyword.at,
				 "%s cannot follow a sticky buffer; use '%s' before the content", row->name,
				 qw_buffer_name((enum qw_buffer)row->number));
	struct qw_draft_op *content = &draft->ops[draft->content];
	if (draft->lists[content->list].list.buffer != QW_BUFFER_PAYLOAD)
		return qw_refuse(parse, parse->keyword.at, "the content before %s looks into another buffer already",
				 row->name);
	enum qw_err err = qw_draft_list(parse, (enum qw_buffer)row->number, &list);
	if (!err)
		content->list = (uint16_t)list;
	return err;
}

/* tls.random_time, tls.random_bytes: pieces of one buffer. */
QW_KEYWORD(random_part)
{
	struct qw_draft *draft = parse->draft;
	uint32_t list;
	enum qw_err err = qw_draft_new_list(parse, QW_BUFFER_TLS_RANDOM, &list);
	if (err)
		return err;
	struct qw_list *made = &draft->lists[list].list;
	bool time = row->number == 0;
	made->transforms[made->transform_count++] =
		(struct qw_transform){.kind = QW_TRANSFORM_SLICE, .data = time ? 0 : 4, .len = time ? 4 : 28};
	draft->lists[list].mentioned = true;
	draft->sticky = list;
	draft->sticky_set = true;
	draft->fresh_list = true;
	return QW_OK;
}

static enum qw_err content_in(struct qw_parse *parse, enum qw_buffer buffer, struct qw_word value, uint32_t flags)
{
	struct qw_op *op;
	struct qw_word inside, rest;
	uint32_t list;
	if (qw_word_eat(&value, '!'))
		flags |= QW_OP_NEGATED;
	if (!qw_unquote(value, &inside, &rest))
		return qw_refuse(parse, value.at, "the quote that opens here is not closed");
	enum qw_err err = qw_draft_list(parse, buffer, &list);
	if (!err)
		err = qw_draft_op(parse, list, QW_OP_CONTENT, &op);
	if (!err)
		err = qw_content_decode(parse, inside, op);
	if (err)
		return err;
	op->flags = flags;
	parse->draft->content = parse->draft->op_count - 1;
	return QW_OK;
}

/* uricontent:"x", tls.subject:"x" and the like: a content and its buffer in one. */
QW_KEYWORD(buffer_content)
{
	return content_in(parse, (enum qw_buffer)row->number, value, 0);
}

QW_KEYWORD(fingerprint)
{
	return content_in(parse, QW_BUFFER_TLS_CERT_FINGERPRINT, value, QW_OP_NOCASE | QW_OP_STARTS | QW_OP_ENDS);
}
