/* SPDX-License-Identifier: Apache-2.0 */
/* head - what a rule says of the payload's first bytes: most candidates without a literal fail there. */
#include <string.h>

#include "rules/signature/compile.h"

enum { HEAD_BYTES = sizeof(uint64_t) };

/* Is it a content that can stand at one place alone, within the head? */
static bool is_fixed(const struct qw_op *op)
{
	const uint32_t wanted = QW_OP_DEPTH, refused = QW_OP_NEGATED | QW_OP_RELATIVE | QW_OP_NOCASE;
	return op->kind == QW_OP_CONTENT && op->vars == 0 && (op->flags & wanted) == wanted && !(op->flags & refused) &&
	       op->content.depth >= 0 && (uint32_t)op->content.depth == op->content.len && op->content.offset >= 0 &&
	       (uint32_t)op->content.offset < HEAD_BYTES && op->content.len <= HEAD_BYTES - (uint32_t)op->content.offset;
}

static void take(const struct qw_signature_builder *builder, const struct qw_op *op, uint8_t *head, uint8_t *mask)
{
	memcpy(head + op->content.offset, qw_vector_at(&builder->blob, op->content.data), op->content.len);
	memset(mask + op->content.offset, 0xff, op->content.len);
}

void qw_head_make(const struct qw_signature_builder *builder, struct qw_sig *sig)
{
	uint8_t head[HEAD_BYTES] = {0}, mask[HEAD_BYTES] = {0};
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
	memcpy(&sig->head, head, HEAD_BYTES);
	memcpy(&sig->head_mask, mask, HEAD_BYTES);
}
