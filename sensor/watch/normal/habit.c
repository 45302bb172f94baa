/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/normal/habit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quaywatch/hash.h"
#include "sensor/watch/shelf.h"

struct qw_habit_list {
	struct qw_shelf *shelf;
	size_t max;
};

const char *qw_habit_kind_name(enum qw_habit_kind kind)
{
	static const char *const names[QW_HABIT_KINDS] = {
		[QW_HABIT_ASSET] = "asset",   [QW_HABIT_EXTERNAL] = "external", [QW_HABIT_TALKER] = "talker",
		[QW_HABIT_WRITER] = "writer", [QW_HABIT_OPENER] = "opener",	[QW_HABIT_FUNCTION] = "function",
	};

	return kind < QW_HABIT_KINDS ? names[kind] : "";
}

const char *qw_habit_state_name(enum qw_habit_state state)
{
	static const char *const names[QW_HABIT_STATES] = {
		[QW_HABIT_LEARNT] = "learnt", [QW_HABIT_ACCEPTED] = "accepted", [QW_HABIT_PROPOSED] = "proposed"};

	return state < QW_HABIT_STATES ? names[state] : "";
}

/* ---- the list */

static void forget(void *ctx, void *row)
{
	struct qw_habit *habit = row;

	(void)ctx;
	free(habit->ranges);
}

enum qw_err qw_habit_new(struct qw_habit_list **out, size_t max)
{
	struct qw_habit_list *list = calloc(1, sizeof(*list));
	const struct qw_shelf_options options = {
		.key_size = sizeof(struct qw_habit_key), .row_size = sizeof(struct qw_habit), .max = max, .forget = forget};

	if (!list)
		return QW_ENOMEM;
	list->max = max;
	enum qw_err err = qw_shelf_new(&list->shelf, &options);
	if (err != QW_OK) {
		free(list);
		return err;
	}
	*out = list;
	return QW_OK;
}

void qw_habit_free(struct qw_habit_list *list)
{
	if (!list)
		return;
	qw_shelf_free(list->shelf);
	free(list);
}

size_t qw_habit_count(const struct qw_habit_list *list)
{
	return qw_shelf_count(list->shelf);
}

struct qw_habit *qw_habit_find(const struct qw_habit_list *list, const struct qw_habit_key *key)
{
	return qw_shelf_find(list->shelf, key);
}

struct qw_habit *qw_habit_get(struct qw_habit_list *list, const struct qw_habit_key *key)
{
	struct qw_habit *habit = qw_shelf_find(list->shelf, key);
	bool pushed;

	if (habit || qw_shelf_count(list->shelf) >= list->max)
		return habit;
	return qw_shelf_get(list->shelf, key, &pushed);
}

void qw_habit_forget(struct qw_habit_list *list, struct qw_habit *habit)
{
	qw_shelf_drop(list->shelf, habit);
}

struct qw_habit **qw_habit_sorted(const struct qw_habit_list *list)
{
	return (struct qw_habit **)qw_shelf_sorted(list->shelf);
}

void qw_habit_id(const struct qw_habit_key *key, char out[QW_HABIT_ID_LEN + 1])
{
	static const struct qw_hash_key same = {0}; /* today, tomorrow, on each machine */

	snprintf(out, QW_HABIT_ID_LEN + 1, "%08x", (unsigned)(uint32_t)qw_siphash(same, key, sizeof(*key)));
}

/* ---- states */

bool qw_habit_is_new(const struct qw_habit *habit)
{
	return habit->state == QW_HABIT_PROPOSED || (habit->ranges && habit->ranges->proposed_count);
}

void qw_habit_accept(struct qw_habit *habit)
{
	if (habit->state == QW_HABIT_PROPOSED)
		habit->state = QW_HABIT_ACCEPTED;
	if (!habit->ranges)
		return;
	for (unsigned i = 0; i < habit->ranges->proposed_count; i++)
		(void)qw_habit_add_range(habit, habit->ranges->proposed[i], true);
	habit->ranges->proposed_count = 0;
}

/* ---- ranges */

static struct qw_range widened(struct qw_range range)
{
	range.first -= range.first < QW_HABIT_GAP ? range.first : QW_HABIT_GAP;
	range.last += UINT64_MAX - range.last < QW_HABIT_GAP ? UINT64_MAX - range.last : QW_HABIT_GAP;
	return range;
}

/* Joins those that lie near each other, so that few are left. */
static unsigned add(struct qw_range *ranges, unsigned count, struct qw_range range)
{
	bool lost;

	for (unsigned i = 0; i < count; i++) {
		struct qw_range near = widened(ranges[i]);
		if (range.last < near.first || range.first > near.last)
			continue;
		range.first = range.first < ranges[i].first ? range.first : ranges[i].first;
		range.last = range.last > ranges[i].last ? range.last : ranges[i].last;
	}
	return qw_ranges_add(ranges, count, QW_HABIT_RANGES_MAX, range, &lost);
}

bool qw_habit_add_range(struct qw_habit *habit, struct qw_range range, bool normal)
{
	if (!habit->ranges)
		habit->ranges = calloc(1, sizeof(*habit->ranges));
	struct qw_habit_ranges *ranges = habit->ranges;
	if (!ranges)
		return false;
	if (normal)
		ranges->count = (uint8_t)add(ranges->range, ranges->count, range);
	else
		ranges->proposed_count = (uint8_t)add(ranges->proposed, ranges->proposed_count, range);
	return true;
}

static bool has(const struct qw_range *ranges, unsigned count, struct qw_range range)
{
	for (unsigned i = 0; i < count; i++) {
		struct qw_range near = widened(ranges[i]);
		if (range.first >= near.first && range.last <= near.last)
			return true;
	}
	return false;
}

bool qw_habit_has_range(const struct qw_habit *habit, struct qw_range range)
{
	return habit->ranges && has(habit->ranges->range, habit->ranges->count, range);
}

bool qw_habit_has_proposed_range(const struct qw_habit *habit, struct qw_range range)
{
	return habit->ranges && has(habit->ranges->proposed, habit->ranges->proposed_count, range);
}
