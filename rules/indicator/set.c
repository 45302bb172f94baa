/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/indicator/set.h"

#include <stdlib.h>

#include "rules/indicator/key.h"

enum {
	PREFETCH_WORDS_MIN =
		128 * 1024, /* 1 MB: smaller filters stay in a core's own cache, and are asked sooner without */
};

/* ---- the big layer */

static void base_release(struct qw_base *base)
{
	/* Acquire and release: whoever is last sees all reading done. */
	if (!base || atomic_fetch_sub_explicit(&base->holders, 1, memory_order_acq_rel) != 1)
		return;
	for (unsigned part = 0; part < base->parts; part++)
		qw_table_close(&base->table[part]);
	free(base);
}

static struct qw_base *base_new(unsigned parts)
{
	struct qw_base *base = calloc(1, sizeof(*base) + parts * sizeof(*base->table));

	if (!base)
		return NULL;
	atomic_init(&base->holders, 1);
	base->parts = parts;
	return base;
}

/* Of those that are not fresh, the parts of `old`. */
static enum qw_err fill_base(struct qw_base *base, const struct qw_indicator_images *fresh, const struct qw_base *old)
{
	for (unsigned part = 0; part < base->parts; part++) {
		struct qw_table *table = &base->table[part];
		enum qw_err err = QW_OK;
		if (fresh->part[part] >= 0)
			err = qw_table_open(table, fresh->part[part], part, base->parts);
		else if (old)
			qw_table_share(table, &old->table[part]);
		else
			err = QW_EINVAL;
		if (err != QW_OK)
			return err;
		if (part && memcmp(&table->head->seed, &base->table[0].head->seed, sizeof(table->head->seed)) != 0)
			return QW_EFORMAT;
		base->address[part] = table->address;
	}
	return QW_OK;
}

static enum qw_err base_open(struct qw_base **out, const struct qw_indicator_images *fresh, const struct qw_base *old)
{
	unsigned parts = fresh->parts;
	if (parts != 1 && parts != QW_INDICATOR_PARTS)
		return QW_EINVAL;
	struct qw_base *base = base_new(parts);
	if (!base)
		return QW_ENOMEM;
	enum qw_err err = fill_base(base, fresh, old);
	if (err != QW_OK) {
		base_release(base);
		return err;
	}
	*out = base;
	return QW_OK;
}

/* ---- what all images together hold */

static void count_tuple(struct qw_indicators *set, const struct qw_tuple *tuple, int step)
{
	if (tuple->flags & QW_TUPLE_REMOVED)
		return;
	set->count += (size_t)step;
	if (!(tuple->flags & QW_TUPLE_ALLOW))
		set->blocks[tuple->type] += (uint32_t)step;
}

/* An overlay's record takes the place of the big layer's, if there is one. */
static void fold_record(struct qw_indicators *set, enum qw_group group, const struct qw_record *record)
{
	const struct qw_tuple *fresh = qw_table_tuple(&set->overlay, record);
	unsigned part = qw_key_part(&set->seed[QW_SIDE_BASE], group, record->key, record->key_len) & set->part_mask;
	const struct qw_tuple *old = qw_table_exact(&set->base->table[part], group, qw_slice(record->key, record->key_len),
						    fresh->type, fresh->flags & QW_TUPLE_ALLOW);
	if (old)
		count_tuple(set, old, -1);
	count_tuple(set, fresh, 1);
}

static void fold_overlay(struct qw_indicators *set)
{
	for (unsigned group = 0; group < QW_GROUP_COUNT; group++) {
		struct qw_walk walk = qw_shelf_walk_all(&set->overlay.shelf[group], (enum qw_group)group);
		for (struct qw_record record; qw_walk_next(&walk, &record);)
			fold_record(set, (enum qw_group)group, &record);
	}
}

static void note_table(struct qw_indicators *set, const struct qw_table *table)
{
	set->depths |= table->head->depths;
	for (unsigned i = 0; i < 3; i++)
		set->lengths[i] |= table->head->lengths[i];
	set->ports = set->ports || table->shelf[QW_GROUP_PORT].buckets;
}

static void sum_up(struct qw_indicators *set)
{
	size_t words = 0;

	for (unsigned part = 0; part < set->base->parts; part++) {
		const struct qw_table *table = &set->base->table[part];
		for (unsigned type = 0; type < QW_OBS_COUNT; type++) {
			set->blocks[type] += table->head->blocks[type];
			set->count += (size_t)table->head->blocks[type] + table->head->allows[type];
		}
		words += table->address.count;
		note_table(set, table);
	}
	set->prefetch = words >= PREFETCH_WORDS_MIN;
	if (set->layered) {
		note_table(set, &set->overlay);
		fold_overlay(set);
	}
}

/* ---- opening; set holds its base already, and is taken */

static bool holds_nothing(const struct qw_table *table)
{
	for (unsigned group = 0; group < QW_GROUP_COUNT; group++)
		if (table->shelf[group].buckets)
			return false;
	return true;
}

/* An overlay without an entry would only cost. */
static enum qw_err take_overlay(struct qw_indicators *set, const struct qw_indicators *old, int overlay)
{
	if (overlay >= 0) {
		enum qw_err err = qw_table_open(&set->overlay, overlay, 0, 1);
		if (err != QW_OK)
			return err;
	} else if (old && old->layered) {
		qw_table_share(&set->overlay, &old->overlay);
	}
	set->layered = set->overlay.shared && !holds_nothing(&set->overlay);
	if (set->layered)
		set->seed[QW_SIDE_OVERLAY] = set->overlay.head->seed;
	return QW_OK;
}

static enum qw_err finish_open(struct qw_indicators **out, struct qw_indicators *set, const struct qw_indicators *old,
			       int overlay)
{
	set->part_mask = set->base->parts - 1;
	set->seed[QW_SIDE_BASE] = set->base->table[0].head->seed;
	enum qw_err err = take_overlay(set, old, overlay);
	if (err != QW_OK) {
		qw_indicators_close(set);
		return err;
	}
	sum_up(set);
	*out = set;
	return QW_OK;
}

enum qw_err qw_indicators_open(struct qw_indicators **out, const struct qw_indicator_images *images)
{
	struct qw_indicators *set = calloc(1, sizeof(*set));
	if (!set)
		return QW_ENOMEM;
	enum qw_err err = base_open(&set->base, images, NULL);
	if (err != QW_OK) {
		free(set);
		return err;
	}
	return finish_open(out, set, NULL, images->overlay);
}

static bool any_part(const struct qw_indicator_images *images)
{
	for (unsigned part = 0; part < images->parts; part++)
		if (images->part[part] >= 0)
			return true;
	return false;
}

enum qw_err qw_indicators_open_over(struct qw_indicators **out, const struct qw_indicators *set,
				    const struct qw_indicator_images *fresh)
{
	enum qw_err err = QW_OK;

	if (!set || (fresh->parts && fresh->parts != set->base->parts))
		return qw_indicators_open(out, fresh);
	struct qw_indicators *next = calloc(1, sizeof(*next));
	if (!next)
		return QW_ENOMEM;
	if (any_part(fresh)) {
		err = base_open(&next->base, fresh, set->base);
	} else {
		next->base = set->base;
		atomic_fetch_add_explicit(&next->base->holders, 1, memory_order_relaxed);
	}
	if (err != QW_OK) {
		free(next);
		return err;
	}
	return finish_open(out, next, set, fresh->overlay);
}

void qw_indicators_close(struct qw_indicators *set)
{
	if (!set)
		return;
	base_release(set->base);
	qw_table_close(&set->overlay);
	free(set);
}

/* ---- what it holds */

unsigned qw_indicators_parts(const struct qw_indicators *set)
{
	return set->base->parts;
}

struct qw_indicator_kin qw_indicators_kin(const struct qw_indicators *set)
{
	const uint64_t *word = set->seed[QW_SIDE_BASE].word;

	return (struct qw_indicator_kin){{word[0], word[1], word[2]}};
}

size_t qw_indicators_count(const struct qw_indicators *set)
{
	return set->count;
}

bool qw_indicators_want(const struct qw_indicators *set, enum qw_observable_type type)
{
	return type < QW_OBS_COUNT && set->blocks[type] > 0;
}
