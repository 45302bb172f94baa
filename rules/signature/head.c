/* SPDX-License-Identifier: Apache-2.0 */
/* head - what a rule says of the first bytes of what it looks into: most candidates without a literal fail there. */
#include <string.h>

#include "rules/signature/compile.h"

_Static_assert(QW_HEAD_BYTES == sizeof(uint64_t), "a head is one word");

/* Is it a content that can stand at one place alone, within the head? */
static bool is_fixed(const struct qw_op *op)
{
	const uint32_t wanted = QW_OP_DEPTH, refused = QW_OP_NEGATED | QW_OP_RELATIVE | QW_OP_NOCASE;
	return op->kind == QW_OP_CONTENT && op->vars == 0 && (op->flags & wanted) == wanted && !(op->flags & refused) &&
	       op->content.depth >= 0 && (uint32_t)op->content.depth == op->content.len && op->content.offset >= 0 &&
	       (uint32_t)op->content.offset < QW_HEAD_BYTES && op->content.len <= QW_HEAD_BYTES - (uint32_t)op->content.offset;
}

static void take(const struct qw_signature_builder *builder, const struct qw_op *op, uint8_t *head, uint8_t *mask)
{
	memcpy(head + op->content.offset, qw_vector_at(&builder->blob, op->content.data), op->content.len);
	memset(mask + op->content.offset, 0xff, op->content.len);
}

void qw_head_make(const struct qw_signature_builder *builder, struct qw_sig *sig)
{
	uint8_t head[QW_HEAD_BYTES] = {0}, mask[QW_HEAD_BYTES] = {0};
	for (uint32_t i = 0; i < sig->lists.count; i++) {
		const struct qw_list *list = qw_vector_at(&builder->lists, sig->lists.first + i);
		if (list->buffer != QW_BUFFER_PAYLOAD || list->absent != QW_PRESENT || list->transform_count || list->or_failed)
			continue;
		for (uint32_t j = 0; j < list->ops.count; j++) {
			const struct qw_op *op = qw_vector_at(&builder->ops, list->ops.first + j);
			if (op->kind == QW_OP_BASE64)
				break; /* what follows looks into what it decoded */
			if (is_fixed(op))
				take(builder, op, head, mask);
		}
	}
	memcpy(&sig->head, head, QW_HEAD_BYTES);
	memcpy(&sig->head_mask, mask, QW_HEAD_BYTES);
}

/* A content at the very beginning, in either case. */
static bool is_first(const struct qw_op *op)
{
	struct qw_op exact = *op;
	exact.flags &= (uint16_t)~QW_OP_NOCASE;
	return is_fixed(&exact) && op->content.offset == 0 && op->content.len;
}

int qw_head_byte(const struct qw_signature_builder *builder, const struct qw_list *list, bool *nocase)
{
	for (uint32_t i = 0; i < list->ops.count && !list->or_failed; i++) {
		const struct qw_op *op = qw_vector_at(&builder->ops, list->ops.first + i);
		if (op->kind == QW_OP_BASE64)
			break;
		if (!is_first(op))
			continue;
		*nocase = op->flags & QW_OP_NOCASE;
		return *(const uint8_t *)qw_vector_at(&builder->blob, op->content.data);
	}
	return -1;
}
