/* SPDX-License-Identifier: Apache-2.0 */
/* settle - a rule checked as a whole, and what follows from its options. */
#include <string.h>

#include "rules/signature/buffers.h"
#include "rules/signature/rule.h"

enum { TCP = 6 };

static bool has_ops(const struct qw_draft *draft, uint32_t list)
{
	for (uint32_t i = 0; i < draft->op_count; i++)
		if (draft->ops[i].list == list)
			return true;
	return false;
}

static bool in_use(const struct qw_draft *draft, uint32_t list)
{
	return has_ops(draft, list) || draft->lists[list].list.absent != QW_PRESENT;
}

/* Lower case once, here: nocase may come long after its content. */
static void fold_case(struct qw_draft *draft, const struct qw_op *op)
{
	uint8_t *data = draft->blob + op->content.data;
	for (uint32_t i = 0; i < op->content.len; i++)
		if (data[i] >= 'A' && data[i] <= 'Z')
			data[i] |= 0x20;
}

static bool has_capitals(const struct qw_draft *draft, const struct qw_op *op)
{
	const uint8_t *data = draft->blob + op->content.data;
	for (uint32_t i = 0; i < op->content.len; i++)
		if (data[i] >= 'A' && data[i] <= 'Z')
			return true;
	return false;
}

static enum qw_err settle_content(struct qw_parse *parse, struct qw_draft_op *row)
{
	struct qw_draft *draft = parse->draft;
	struct qw_op *op = &row->op;
	int64_t len = op->content.len;
	const struct qw_draft_list *list = &draft->lists[row->list];
	if (op->flags & QW_OP_STARTS) {
		op->flags |= QW_OP_DEPTH;
		op->content.depth = (int32_t)len;
	}
	if (op->flags & QW_OP_NOCASE)
		fold_case(draft, op);
	if (op->flags & QW_OP_DEPTH && !(op->vars & QW_VAR_DEPTH) && op->content.depth < len)
		return qw_refuse(parse, row->at, "depth %d is less than the content's %lld bytes: it can never match",
				 op->content.depth, (long long)len);
	if (op->flags & QW_OP_WITHIN && !(op->vars & QW_VAR_WITHIN) && op->content.within < len)
		return qw_refuse(parse, row->at, "within %d is less than the content's %lld bytes: it can never match",
				 op->content.within, (long long)len);
	bool lower = qw_buffer_trait((enum qw_buffer)list->list.buffer)->lower && list->list.transform_count == 0;
	if (lower && !(op->flags & QW_OP_NOCASE) && has_capitals(draft, op))
		return qw_refuse(parse, row->at, "%s is always lower case: this content can never match",
				 qw_buffer_name((enum qw_buffer)list->list.buffer));
	return QW_OK;
}

static enum qw_err settle_ops(struct qw_parse *parse)
{
	struct qw_draft *draft = parse->draft;
	for (uint32_t i = 0; i < draft->op_count; i++) {
		struct qw_draft_op *row = &draft->ops[i];
		enum qw_err err = QW_OK;
		if (row->op.kind == QW_OP_CONTENT)
			err = settle_content(parse, row);
		bool open = row->op.kind == QW_OP_BASE64 && !draft->lists[row->list].closed;
		for (uint32_t j = i + 1; open && j < draft->op_count; j++)
			if (draft->ops[j].list == row->list)
				err = qw_refuse(parse, draft->ops[j].at,
						"base64_decode is followed by neither base64_data nor "
						"another buffer");
		if (err)
			return err;
	}
	return QW_OK;
}

static bool sets_position(const struct qw_op *op)
{
	switch (op->kind) {
	case QW_OP_CONTENT:
	case QW_OP_PCRE: return !(op->flags & QW_OP_NEGATED);
	case QW_OP_BYTE_JUMP:
	case QW_OP_BYTE_EXTRACT:
	case QW_OP_BYTE_MATH: return true;
	default: return false;
	}
}

/*
 * Can a later occurrence of what comes before help a relative option that
 * failed?  Not where it asks for something anywhere behind (a later begin
 * only leaves less to look at); wherever there is an upper bound.
 */
static bool later_may_help(const struct qw_op *op)
{
	if (!(op->flags & QW_OP_RELATIVE))
		return false;
	if (op->kind == QW_OP_CONTENT && !op->vars)
		return op->flags & (QW_OP_WITHIN | QW_OP_NEGATED);
	if (op->kind == QW_OP_DATA_AT && !op->vars)
		return op->flags & QW_OP_NEGATED;
	return true;
}

/* Which ops must try further occurrences: those that an op, up to the next that sets a position, depends on. */
static void mark_retries(struct qw_draft *draft)
{
	for (uint32_t i = 0; i < draft->op_count; i++) {
		struct qw_op *op = &draft->ops[i].op;
		if ((op->kind != QW_OP_CONTENT && op->kind != QW_OP_PCRE) || op->flags & QW_OP_NEGATED)
			continue;
		for (uint32_t j = i + 1; j < draft->op_count; j++) {
			const struct qw_draft_op *later = &draft->ops[j];
			if (later->list != draft->ops[i].list)
				continue;
			if (later_may_help(&later->op) || later->op.kind == QW_OP_BASE64)
				op->flags |= QW_OP_RETRY;
			if (sets_position(&later->op))
				break;
		}
	}
}

static enum qw_err settle_way(struct qw_parse *parse, const struct qw_draft_list *list)
{
	struct qw_sig *sig = &parse->draft->sig;
	unsigned way = qw_buffer_trait((enum qw_buffer)list->list.buffer)->way;
	if (sig->flags & QW_SIG_BOTH)
		return QW_OK;
	const char *name = qw_buffer_name((enum qw_buffer)list->list.buffer);
	if (way == QW_UPWARD && sig->need & QW_FACT_TO_CLIENT)
		return qw_refuse(parse, list->at,
				 "%s is what the client sends, and the rest of the rule is about the server's side",
				 name);
	if (way == QW_DOWNWARD && sig->need & QW_FACT_TO_SERVER)
		return qw_refuse(parse, list->at,
				 "%s is what the server sends, and the rest of the rule is about the client's side",
				 name);
	sig->need |= way == QW_UPWARD ? QW_FACT_TO_SERVER : way == QW_DOWNWARD ? QW_FACT_TO_CLIENT : 0;
	return QW_OK;
}

/* absent needs something else that says when to look. */
static bool has_carrier(const struct qw_draft *draft)
{
	bool absent = false;
	for (uint32_t i = 0; i < draft->list_count; i++) {
		const struct qw_list *list = &draft->lists[i].list;
		if (!in_use(draft, i))
			continue;
		bool http = list->buffer >= QW_BUFFER_HTTP_METHOD && list->buffer <= QW_BUFFER_HTTP_RESPONSE_BODY;
		if (list->absent == QW_PRESENT || (http && qw_buffer_trait((enum qw_buffer)list->buffer)->way))
			return true;
		absent = true;
	}
	return !absent;
}

static enum qw_err settle_lists(struct qw_parse *parse)
{
	struct qw_draft *draft = parse->draft;
	for (uint32_t i = 0; i < draft->list_count; i++) {
		const struct qw_draft_list *list = &draft->lists[i];
		if (list->mentioned && !in_use(draft, i))
			return qw_refuse(parse, list->at, "nothing is looked for in %s",
					 qw_buffer_name((enum qw_buffer)list->list.buffer));
		if (list->list.absent == QW_ABSENT && has_ops(draft, i))
			return qw_refuse(parse, list->at,
					 "absent and something to look for exclude each other; use absent:or_else");
		if (!in_use(draft, i))
			continue;
		const struct qw_buffer_trait *trait = qw_buffer_trait((enum qw_buffer)list->list.buffer);
		if (trait->header && !trait->lasting)
			draft->sig.need |= QW_FACT_PACKET;
		enum qw_err err = settle_way(parse, list);
		if (err)
			return err;
	}
	if (!has_carrier(draft))
		return qw_refuse(parse, draft->lists[0].at, "absent needs another buffer beside it that is there");
	return QW_OK;
}

/* Does a packet's own payload count beside the stream?  Where positions are counted from its begin or end. */
static bool positional(const struct qw_draft *draft)
{
	for (uint32_t i = 0; i < draft->op_count; i++) {
		const struct qw_draft_op *row = &draft->ops[i];
		if (qw_draft_in_list(row) && draft->lists[row->list].list.buffer == QW_BUFFER_PAYLOAD &&
		    row->op.kind == QW_OP_CONTENT && row->op.flags & (QW_OP_OFFSET | QW_OP_DEPTH))
			return true;
	}
	return false;
}

/* The one op that a confirmation would look at; NULL: there are others. */
static const struct qw_draft_op *only_op(const struct qw_draft *draft)
{
	const struct qw_draft_op *only = NULL;
	for (uint32_t i = 0; i < draft->op_count; i++) {
		const struct qw_draft_op *row = &draft->ops[i];
		if (row->list == QW_DRAFT_EFFECTS || row->list == QW_DRAFT_LIMITS)
			continue;
		if (only)
			return NULL;
		only = row;
	}
	return only;
}

/* Is there nothing to find but one content, wherever it stands? */
static bool is_single(const struct qw_draft *draft, uint32_t lists)
{
	const struct qw_sig *sig = &draft->sig;
	const struct qw_draft_op *row = only_op(draft);
	if (lists != 1 || !row || !qw_draft_in_list(row) || row->op.kind != QW_OP_CONTENT ||
	    sig->need & (QW_FACT_PACKET | QW_FACT_STREAM))
		return false;
	const struct qw_op *op = &row->op;
	const struct qw_list *list = &draft->lists[row->list].list;
	return (op->flags & ~(uint32_t)(QW_OP_NOCASE | QW_OP_FAST)) == 0 && op->content.chop_len == 0 &&
	       op->content.len <= QW_NEAR_MAX && list->transform_count == 0 &&
	       list->absent == QW_PRESENT;
}

static void settle_wants(struct qw_draft *draft)
{
	struct qw_sig *sig = &draft->sig;
	uint32_t lists = 0;
	bool payload = false, app = false;
	for (uint32_t i = 0; i < draft->list_count; i++) {
		if (!in_use(draft, i))
			continue;
		unsigned buffer = draft->lists[i].list.buffer;
		lists++;
		payload |= buffer == QW_BUFFER_PAYLOAD;
		app |= buffer != QW_BUFFER_PAYLOAD && !qw_buffer_trait((enum qw_buffer)buffer)->header;
	}
	bool tcp = sig->protos[0] == 0 || sig->protos[0] == TCP;
	bool stream = payload && tcp && !(sig->need & QW_FACT_PACKET);
	bool packet = !app && !(sig->need & QW_FACT_STREAM) && (!stream || positional(draft));
	sig->wants |= app ? QW_WANTS_APP : 0;
	sig->wants |= stream ? QW_WANTS_STREAM : 0;
	sig->wants |= packet ? QW_WANTS_PACKET : 0;
	sig->wants |= sig->flags & QW_SIG_BOTH ? QW_WANTS_BOTH : 0;
	if (is_single(draft, lists) && !packet)
		sig->wants |= only_op(draft)->op.content.len <= QW_PIECE_MAX ? QW_WANTS_PROVED : QW_WANTS_NEAR;
}

/* What a rule remembers, and what it is told for it. */
static void settle_memory(struct qw_draft *draft)
{
	struct qw_sig *sig = &draft->sig;
	for (uint32_t i = 0; i < draft->op_count; i++) {
		const struct qw_draft_op *row = &draft->ops[i];
		if (row->list == QW_DRAFT_FACTS && (row->op.kind == QW_OP_STATE || row->op.kind == QW_OP_COUNT))
			sig->flags |= QW_SIG_RECALLS;
		if (row->list == QW_DRAFT_EFFECTS)
			sig->wants |= row->op.kind == QW_OP_TAG ? QW_WANTS_TAG : QW_WANTS_EFFECTS;
		if (row->list == QW_DRAFT_LIMITS)
			sig->wants |= QW_WANTS_LIMITS;
	}
}

/* As in Suricata: a rule on nothing but the protocol is asked once a direction, when that is settled. */
static bool on_protocol_alone(const struct qw_draft *draft)
{
	for (uint32_t i = 0; i < draft->op_count; i++)
		if (draft->ops[i].list != QW_DRAFT_FACTS || draft->ops[i].op.kind != QW_OP_APP)
			return false;
	for (uint32_t i = 0; i < draft->list_count; i++)
		if (in_use(draft, i))
			return false;
	return draft->op_count > 0;
}

static enum qw_err settle_texts(struct qw_parse *parse)
{
	struct qw_draft *draft = parse->draft;
	enum qw_err err =
	    qw_draft_text(parse, (struct qw_word){draft->metadata.at, draft->metadata.len}, &draft->sig.metadata);
	return err ? err
		   : qw_draft_text(parse, (struct qw_word){draft->references.at, draft->references.len},
				   &draft->sig.references);
}

/* => is about a transaction: what both sides said in it, seen as a whole. */
static enum qw_err settle_both(struct qw_parse *parse)
{
	const struct qw_draft *draft = parse->draft;
	const char *at = parse->statement->text.at;
	uint32_t used = 0;
	if (!(draft->sig.flags & QW_SIG_BOTH))
		return QW_OK;
	if (draft->sig.need & (QW_FACT_TO_SERVER | QW_FACT_TO_CLIENT))
		return qw_refuse(parse, at, "a rule with => is about both directions; leave flow's to_server or to_client out");
	for (uint32_t i = 0; i < draft->list_count; i++) {
		enum qw_buffer buffer = (enum qw_buffer)draft->lists[i].list.buffer;
		used += in_use(draft, i);
		if (in_use(draft, i) && (buffer == QW_BUFFER_PAYLOAD || qw_buffer_trait(buffer)->header))
			return qw_refuse(parse, draft->lists[i].at, "a rule with => looks at what parsers find, not at %s",
					 qw_buffer_name(buffer));
	}
	if (used == 0 || used > QW_BOTH_LISTS_MAX)
		return qw_refuse(parse, at, "a rule with => looks into 1 to %d buffers", QW_BOTH_LISTS_MAX);
	return QW_OK;
}

enum qw_err qw_rule_settle(struct qw_parse *parse)
{
	struct qw_draft *draft = parse->draft;
	struct qw_word text = parse->statement->text;
	parse->keyword = (struct qw_word){text.at, 0};
	if (!draft->sid_at)
		return qw_refuse(parse, text.at, "the rule has no sid");
	enum qw_err err = settle_ops(parse);
	if (!err)
		err = settle_lists(parse);
	if (!err)
		err = settle_both(parse);
	if (!err && (draft->sig.need & (QW_FACT_PACKET | QW_FACT_STREAM)) == (QW_FACT_PACKET | QW_FACT_STREAM))
		err = qw_refuse(parse, text.at, "the rule asks for a packet and for reassembled data at once");
	if (!err)
		err = settle_texts(parse);
	if (err)
		return err;
	if (on_protocol_alone(draft))
		draft->sig.need |= QW_FACT_DETECTED;
	mark_retries(draft);
	settle_wants(draft);
	settle_memory(draft);
	return QW_OK;
}
