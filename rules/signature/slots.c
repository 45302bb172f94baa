/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/slots.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/hash.h"

struct qw_slot qw_slot_of(const uint64_t keys[2][2], struct qw_slice value)
{
	struct qw_slot out = {qw_siphash((struct qw_hash_key){keys[0][0], keys[0][1]}, value.data, value.len),
			      qw_siphash((struct qw_hash_key){keys[1][0], keys[1][1]}, value.data, value.len)};
	out.high |= out.high == 0;
	return out;
}

static int compare_slots(struct qw_slot a, struct qw_slot b)
{
	if (a.high != b.high)
		return a.high < b.high ? -1 : 1;
	return a.low == b.low ? 0 : a.low < b.low ? -1 : 1;
}

static int compare_rows(const void *a, const void *b)
{
	const struct qw_slot_row *one = a, *two = b;
	int order = compare_slots(one->slot, two->slot);
	return order ? order : one->order < two->order ? -1 : one->order > two->order;
}

static size_t unite(struct qw_slot_row *rows, size_t count)
{
	size_t kept = 0;
	qsort(rows, count, sizeof(*rows), compare_rows);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || compare_slots(rows[kept - 1].slot, rows[i].slot) != 0)
			rows[kept++] = rows[i];
	return kept;
}

/* Monotonic in `high`: members in order fill the places in order. */
static uint32_t home_of(uint64_t high, uint32_t homes)
{
	return (uint32_t)((unsigned __int128)high * homes >> 64);
}

/* Where each member will stand; returns one more than the last place. */
static uint32_t place(struct qw_slot_row *rows, size_t count, uint32_t homes)
{
	uint32_t next = 0;
	for (size_t i = 0; i < count; i++) {
		uint32_t home = home_of(rows[i].slot.high, homes);
		rows[i].order = home > next ? home : next;
		next = rows[i].order + 1;
	}
	return next;
}

enum qw_err qw_slots_make(struct qw_slot_row *rows, size_t count, bool has_values, struct qw_vector *slots,
			  struct qw_vector *values, struct qw_table *table)
{
	count = count ? unite(rows, count) : 0;
	if (count > UINT32_MAX / 4)
		return QW_ELIMIT;
	table->homes = (uint32_t)(count + count / 4 + 1);
	uint32_t used = place(rows, count, table->homes);
	uint32_t room = (used > table->homes ? used : table->homes) + 1;
	table->slots = (struct qw_run){(uint32_t)slots->count, room};
	table->values = has_values ? (uint32_t)values->count : QW_NONE;
	struct qw_slot *slot = qw_vector_add(slots, room);
	uint32_t *value = has_values ? qw_vector_add(values, room) : NULL;
	if (!slot || (has_values && !value))
		return QW_ENOMEM;
	for (size_t i = 0; i < count; i++) {
		slot[rows[i].order] = rows[i].slot;
		if (value)
			value[rows[i].order] = rows[i].value;
	}
	return QW_OK;
}

uint32_t qw_slots_find(const struct qw_table *table, const struct qw_slot *slots, struct qw_slot slot)
{
	const struct qw_slot *first = slots + table->slots.first;
	for (uint32_t i = home_of(slot.high, table->homes); i < table->slots.count; i++) {
		if (first[i].high == 0)
			return QW_NONE;
		int order = compare_slots(first[i], slot);
		if (order >= 0)
			return order == 0 ? i : QW_NONE;
	}
	return QW_NONE;
}
