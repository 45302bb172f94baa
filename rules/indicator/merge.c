/* SPDX-License-Identifier: Apache-2.0 */
/* merge - the overlay's changes go into the big layer, one part at a time. */
#include "rules/indicator/builder.h"
#include "rules/indicator/key.h"
#include "rules/indicator/set.h"

static enum qw_err put(struct qw_indicator_builder *builder, const struct qw_table *table, enum qw_group group,
		       const struct qw_record *record)
{
	const struct qw_tuple *tuple = qw_table_tuple(table, record);

	return qw_indicator_builder_put(builder, group, record, tuple, qw_table_source(table, tuple));
}

/* What the overlay says nothing of stays. */
static enum qw_err put_old(struct qw_indicator_builder *builder, const struct qw_indicators *set, unsigned part,
			   enum qw_group group)
{
	const struct qw_table *table = &set->base->table[part];
	struct qw_walk walk = qw_shelf_walk_all(&table->shelf[group], group);
	enum qw_err err = QW_OK;

	for (struct qw_record record; err == QW_OK && qw_walk_next(&walk, &record);) {
		const struct qw_tuple *tuple = qw_table_tuple(table, &record);
		if (tuple->flags & QW_TUPLE_REMOVED)
			continue;
		if (set->layered && qw_table_exact(&set->overlay, group, qw_slice(record.key, record.key_len), tuple->type,
						   tuple->flags & QW_TUPLE_ALLOW))
			continue;
		err = put(builder, table, group, &record);
	}
	return err;
}

static bool is_of_part(const struct qw_indicators *set, unsigned part, enum qw_group group,
		       const struct qw_record *record)
{
	return (qw_key_part(&set->seed[QW_SIDE_BASE], group, record->key, record->key_len) & set->part_mask) == part;
}

static enum qw_err put_fresh(struct qw_indicator_builder *builder, const struct qw_indicators *set, unsigned part,
			     enum qw_group group)
{
	const struct qw_table *table = &set->overlay;
	struct qw_walk walk = qw_shelf_walk_all(&table->shelf[group], group);
	enum qw_err err = QW_OK;

	for (struct qw_record record; err == QW_OK && qw_walk_next(&walk, &record);)
		if (!(qw_table_tuple(table, &record)->flags & QW_TUPLE_REMOVED) && is_of_part(set, part, group, &record))
			err = put(builder, table, group, &record);
	return err;
}

static enum qw_err finish(struct qw_indicator_builder *builder, const struct qw_indicators *set, unsigned part,
			  struct qw_indicator_images *out)
{
	if (set->base->parts == 1)
		return qw_indicator_builder_finish_parts(builder, out);
	*out = qw_indicator_images_none();
	out->parts = set->base->parts;
	return qw_indicator_builder_finish_part(builder, part, &out->part[part]);
}

enum qw_err qw_indicators_merge(const struct qw_indicators *set, unsigned part, struct qw_indicator_images *out)
{
	struct qw_indicator_builder *builder;

	if (part >= set->base->parts)
		return QW_EINVAL;
	enum qw_err err = qw_indicator_builder_like(&builder, &set->seed[QW_SIDE_BASE]);
	if (err != QW_OK)
		return err;
	for (unsigned group = 0; err == QW_OK && group < QW_GROUP_COUNT; group++) {
		err = put_old(builder, set, part, (enum qw_group)group);
		if (err == QW_OK && set->layered)
			err = put_fresh(builder, set, part, (enum qw_group)group);
	}
	if (err == QW_OK)
		err = finish(builder, set, part, out);
	qw_indicator_builder_free(builder);
	return err;
}
