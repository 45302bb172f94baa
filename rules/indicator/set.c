/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/indicator/set.h"

#include <stdlib.h>

static void count_tuple(struct qw_indicators *set, const struct qw_tuple *tuple, int step)
{
	if (tuple->flags & QW_TUPLE_REMOVED)
		return;
	set->count += (size_t)step;
	if (!(tuple->flags & QW_TUPLE_ALLOW))
		set->blocks[tuple->type] += (uint32_t)step;
}

/* An overlay's record takes the place of the big image's, if there is one. */
static void fold_record(struct qw_indicators *set, enum qw_group group, const struct qw_record *record)
{
	const struct qw_tuple *fresh = qw_table_tuple(&set->table[QW_SIDE_OVERLAY], record);
	const struct qw_tuple *old =
		qw_table_exact(&set->table[QW_SIDE_BASE], group, qw_slice(record->key, record->key_len), fresh->type,
			   fresh->flags & QW_TUPLE_ALLOW);
	if (old)
		count_tuple(set, old, -1);
	count_tuple(set, fresh, 1);
}

static void fold_overlay(struct qw_indicators *set)
{
	for (unsigned group = 0; group < QW_GROUP_COUNT; group++) {
		const struct qw_shelf *shelf = &set->table[QW_SIDE_OVERLAY].shelf[group];
		if (shelf->buckets == 0)
			continue;
		struct qw_walk walk = {shelf->records + shelf->starts[0],
				       shelf->records + shelf->starts[shelf->buckets],
				       qw_group_key_len((enum qw_group)group)};
		for (struct qw_record record; qw_walk_next(&walk, &record);)
			fold_record(set, (enum qw_group)group, &record);
	}
}

static void sum_up(struct qw_indicators *set)
{
	const struct qw_indicator_head *base = set->table[QW_SIDE_BASE].head;
	memcpy(set->blocks, base->blocks, sizeof(set->blocks));
	for (unsigned type = 0; type < QW_OBS_COUNT; type++)
		set->count += (size_t)base->blocks[type] + base->allows[type];
	if (set->layered)
		fold_overlay(set);
	for (unsigned side = 0; side <= set->layered; side++) {
		set->depths |= set->table[side].head->depths;
		for (unsigned i = 0; i < 3; i++)
			set->lengths[i] |= set->table[side].head->lengths[i];
	}
}

/* set holds its base already; takes it. */
static enum qw_err finish_open(struct qw_indicators **out, struct qw_indicators *set, int overlay_fd)
{
	enum qw_err err = QW_OK;
	set->layered = overlay_fd >= 0;
	if (set->layered)
		err = qw_table_open(&set->table[QW_SIDE_OVERLAY], overlay_fd);
	if (err != QW_OK) {
		qw_indicators_close(set);
		return err;
	}
	sum_up(set);
	*out = set;
	return QW_OK;
}

enum qw_err qw_indicators_open(struct qw_indicators **out, int fd, int overlay_fd)
{
	struct qw_indicators *set = calloc(1, sizeof(*set));
	if (!set)
		return QW_ENOMEM;
	enum qw_err err = qw_table_open(&set->table[QW_SIDE_BASE], fd);
	if (err != QW_OK) {
		free(set);
		return err;
	}
	return finish_open(out, set, overlay_fd);
}

enum qw_err qw_indicators_open_over(struct qw_indicators **out, const struct qw_indicators *set, int overlay_fd)
{
	struct qw_indicators *fresh = calloc(1, sizeof(*fresh));
	if (!fresh)
		return QW_ENOMEM;
	qw_table_share(&fresh->table[QW_SIDE_BASE], &set->table[QW_SIDE_BASE]);
	return finish_open(out, fresh, overlay_fd);
}

void qw_indicators_close(struct qw_indicators *set)
{
	if (!set)
		return;
	for (unsigned side = 0; side < QW_REPUTED_COUNT; side++)
		qw_table_close(&set->table[side]);
	free(set);
}

size_t qw_indicators_count(const struct qw_indicators *set)
{
	return set->count;
}

bool qw_indicators_want(const struct qw_indicators *set, enum qw_observable_type type)
{
	return type < QW_OBS_COUNT && set->blocks[type] > 0;
}
