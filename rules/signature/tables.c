/* SPDX-License-Identifier: Apache-2.0 */
/* tables - sets and reputations, from what was read to rows of the image. */
#include <string.h>

#include "quaywatch/hash.h"
#include "rules/signature/blocks.h"
#include "rules/signature/compile.h"

/* A set's name outlives the ruleset: what rules added to it is found again under its hash. */
static uint64_t name_hash(const char *name)
{
	return qw_siphash((struct qw_hash_key){0, 0}, name, strlen(name));
}

static enum qw_err make_table(struct qw_compile *compile, struct qw_dataset *set)
{
	const struct qw_vector *texts = &compile->builder->datasets.texts;
	uint32_t category = QW_BLOCKS_OF_SETS + (uint32_t)compile->tables.count;
	struct qw_table table = {.name = name_hash(qw_vector_at(texts, set->name)), .type = (uint8_t)set->type,
				 .contexts = set->contexts, .changes = set->changes, .mask_count = set->mask_count};
	memcpy(table.masks, set->masks, sizeof(table.masks));
	enum qw_err err = qw_slots_make(set->rows.rows, set->rows.count, set->has_values || set->contexts, &compile->slots,
					&compile->values, &table);
	qw_vector_fini(&set->rows);
	for (size_t i = 0; i < set->blocks.count; i++)
		((struct qw_block *)qw_vector_at(&set->blocks, i))->category = category;
	if (!err)
		err = qw_blocks_flatten(&set->blocks, &compile->blocks);
	qw_vector_fini(&set->blocks);
	return err || qw_vector_put(&compile->tables, &table, 1) != UINT32_MAX ? err : QW_ENOMEM;
}

static enum qw_err make_reputation(struct qw_compile *compile)
{
	struct qw_reputation *reputation = &compile->builder->reputation;
	struct qw_table table = {.type = QW_MEMBER_IP};
	if (reputation->singles.count == 0)
		return QW_OK;
	enum qw_err err = qw_slots_make(reputation->singles.rows, reputation->singles.count, true, &compile->slots,
					&compile->values, &table);
	qw_vector_fini(&reputation->singles);
	if (err)
		return err;
	compile->info.reputation = qw_vector_put(&compile->tables, &table, 1);
	return compile->info.reputation == UINT32_MAX ? QW_ENOMEM : QW_OK;
}

static bool asks_what_changes(const struct qw_compile *compile, const struct qw_list *list)
{
	const struct qw_signature_builder *builder = compile->builder;
	for (uint32_t i = 0; i < list->ops.count; i++) {
		const struct qw_op *op = qw_vector_at(&builder->ops, list->ops.first + i);
		const struct qw_table *table =
		    op->kind == QW_OP_MEMBER ? qw_vector_at(&compile->tables, op->member.table) : NULL;
		if (table && table->changes)
			return true;
	}
	return false;
}

/* Which rules need the memory that outlives a packet: only now is it known which sets change. */
static void mark_recalls(struct qw_compile *compile)
{
	for (size_t i = 0; i < compile->sigs.count; i++) {
		struct qw_sig *sig = qw_vector_at(&compile->sigs, i);
		for (uint32_t j = 0; j < sig->lists.count; j++)
			if (asks_what_changes(compile, qw_vector_at(&compile->builder->lists, sig->lists.first + j)))
				sig->flags |= QW_SIG_RECALLS;
	}
}

enum qw_err qw_tables_make(struct qw_compile *compile)
{
	struct qw_datasets *sets = &compile->builder->datasets;
	enum qw_err err = qw_blocks_flatten(&compile->builder->reputation.blocks, &compile->blocks);
	memcpy(compile->info.member_keys, sets->keys, sizeof(sets->keys));
	compile->info.reputation = QW_NONE;
	for (uint32_t i = 0; i < sets->rows.count && !err; i++)
		err = make_table(compile, qw_dataset_at(sets, i));
	if (err)
		return err;
	mark_recalls(compile);
	return make_reputation(compile);
}
