/* SPDX-License-Identifier: Apache-2.0 */
/* cost - for who writes rules: how often a rule is asked, and why nothing in it stands for it in the prefilter. */
#include "rules/signature/buffers.h"
#include "rules/signature/compile.h"

/* Long enough, but not telling? */
static bool is_of_zeroes(const struct qw_signature_builder *builder, const struct qw_op *op)
{
	const uint8_t *data = qw_vector_at(&builder->blob, op->content.data);
	unsigned telling = 0;
	for (uint32_t i = 0; i < op->content.len; i++)
		telling += data[i] != 0;
	return telling < QW_LITERAL_TELLING;
}

/* Why this content is no literal, where the rule has none. */
static enum qw_no_literal why_not(const struct qw_signature_builder *builder, const struct qw_list *list,
				  const struct qw_op *op, bool decoded)
{
	if (op->flags & QW_OP_NEGATED)
		return QW_NO_LITERAL_NEGATED;
	if (qw_buffer_trait((enum qw_buffer)list->buffer)->header)
		return QW_NO_LITERAL_PACKET;
	if (decoded || qw_list_is_coded(list))
		return QW_NO_LITERAL_CODED;
	unsigned len = op->content.chop_len ? op->content.chop_len : op->content.len;
	if (len < qw_literal_least((enum qw_buffer)list->buffer))
		return QW_NO_LITERAL_SHORT;
	return is_of_zeroes(builder, op) ? QW_NO_LITERAL_ZEROES : QW_NO_LITERAL_OTHER;
}

/* The reasons stand in the order of how near they are to a literal. */
static enum qw_no_literal nearest_of_list(const struct qw_signature_builder *builder, const struct qw_list *list,
					  uint8_t *least)
{
	enum qw_no_literal nearest = QW_NO_LITERAL_TESTS;
	bool decoded = false;
	for (uint32_t i = 0; i < list->ops.count; i++) {
		const struct qw_op *op = qw_vector_at(&builder->ops, list->ops.first + i);
		enum qw_no_literal why = QW_NO_LITERAL_TESTS;
		if (op->kind == QW_OP_CONTENT)
			why = why_not(builder, list, op, decoded);
		else if (op->kind == QW_OP_PCRE)
			why = QW_NO_LITERAL_PCRE;
		decoded |= op->kind == QW_OP_BASE64;
		nearest = why > nearest ? why : nearest;
	}
	if (nearest == QW_NO_LITERAL_SHORT)
		*least = qw_literal_least((enum qw_buffer)list->buffer);
	return nearest;
}

static enum qw_no_literal nearest_of(const struct qw_signature_builder *builder, const struct qw_sig *sig,
				     uint8_t *least)
{
	enum qw_no_literal nearest = QW_NO_LITERAL_HEADER;
	for (uint32_t i = 0; i < sig->lists.count; i++) {
		const struct qw_list *list = qw_vector_at(&builder->lists, sig->lists.first + i);
		enum qw_no_literal why = nearest_of_list(builder, list, least);
		nearest = why > nearest ? why : nearest;
	}
	return nearest;
}

static struct qw_signature_cost cost_of(const struct qw_signature_builder *builder, const struct qw_sig *sig)
{
	struct qw_signature_cost cost = {
	    .gid = sig->gid, .sid = sig->sid, .apps = sig->apps, .protos = {sig->protos[0], sig->protos[1]}};
	struct qw_choice choice = {0};
	bool event = qw_event_op(builder, sig) != NULL;
	if (!event)
		qw_choose(builder, sig, &choice);
	cost.buffer = (enum qw_buffer)choice.buffer;
	if (choice.len)
		return cost;
	cost.why = nearest_of(builder, sig, &cost.least);
	cost.by = qw_index_by(builder, sig);
	if (cost.by == QW_BY_PROTO && !sig->protos[0])
		cost.protos[0] = cost.protos[1] = qw_proto_asked(builder, sig);
	cost.buffer = event ? QW_BUFFER_COUNT : (enum qw_buffer)qw_carrier(builder, sig);
	return cost;
}

void qw_signature_builder_costs(const struct qw_signature_builder *builder,
				void (*visit)(void *ctx, const struct qw_signature_cost *cost), void *ctx)
{
	for (size_t i = 0; i < builder->sigs.count; i++) {
		const struct qw_origin *origin = qw_vector_at(&builder->origins, i);
		if (origin->gone)
			continue;
		struct qw_signature_cost cost = cost_of(builder, qw_vector_at(&builder->sigs, i));
		cost.path = qw_vector_at(&builder->blob, origin->path);
		cost.line = origin->line;
		visit(ctx, &cost);
	}
}
