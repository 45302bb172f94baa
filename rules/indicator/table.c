/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/indicator/set.h"

#include <stdlib.h>

#include "rules/indicator/key.h"
#include "rules/indicator/name.h"

/* What an absent filter is: one word that holds nothing. */
static const uint64_t NOTHING[1];

static struct qw_filter filter_of(const uint64_t *words, size_t count)
{
	return count ? (struct qw_filter){words, (uint32_t)count} : (struct qw_filter){NOTHING, 1};
}

/* What is known of an image while it is checked. */
struct check {
	size_t tuples, sources;
};

static bool check_tuples(const struct qw_table *table, struct check *check)
{
	for (size_t i = 0; i < check->sources; i++)
		if (table->sources[(i + 1) * QW_SOURCE_SIZE - 1] != 0)
			return false;
	for (size_t i = 0; i < check->tuples; i++) {
		const struct qw_tuple *tuple = &table->tuples[i];
		if (tuple->type >= QW_OBS_COUNT || tuple->tlp >= QW_TLP_COUNT || tuple->seen >= QW_PREVALENCE_COUNT ||
		    tuple->source >= check->sources)
			return false;
	}
	return true;
}

static bool check_key(enum qw_group group, struct qw_slice key)
{
	switch (group) {
	case QW_GROUP_PREFIX: return key.data[16] <= 128;
	case QW_GROUP_NAME: return key.len && key.len <= QW_NAME_MAX;
	case QW_GROUP_URL: return key.len && memchr(key.data, '/', key.len);
	case QW_GROUP_MAC: return key.len == 3 || key.len == 6;
	default: return true;
	}
}

static bool check_record(const struct qw_table *table, enum qw_group group, const struct check *check,
			 struct qw_bytes *in)
{
	uint8_t tuple[QW_RECORD_HEAD], byte, nul = 0;
	uint16_t len = (uint16_t)qw_group_key_len(group);
	bool fixed = len != 0;
	struct qw_bytes key;

	if (!qw_bytes_copy(in, tuple, sizeof(tuple)) || qw_record_tuple(tuple) >= check->tuples)
		return false;
	enum qw_group want = qw_group_of((enum qw_observable_type)table->tuples[qw_record_tuple(tuple)].type);
	if (want != (group == QW_GROUP_V6 ? QW_GROUP_V4 : group))
		return false;
	if (!fixed) {
		if (!qw_bytes_u8(in, &byte))
			return false;
		len = byte;
		if (byte == 255 && !qw_bytes_le16(in, &len))
			return false;
	}
	if (!qw_bytes_take(in, len, &key) || (!fixed && (!qw_bytes_u8(in, &nul) || nul)))
		return false;
	return check_key(group, qw_slice(key.at, key.left));
}

static bool check_shelf(const struct qw_table *table, enum qw_group group, const struct check *check, size_t size)
{
	const struct qw_shelf *shelf = &table->shelf[group];

	for (uint32_t bucket = 0; bucket < shelf->buckets; bucket++) {
		uint32_t from = shelf->starts[bucket], end = shelf->starts[bucket + 1];
		if (from > end || end > size)
			return false;
		struct qw_bytes in = qw_bytes(shelf->records + from, end - from);
		while (in.left)
			if (!check_record(table, group, check, &in))
				return false;
	}
	return true;
}

/* A section of rows: its address and their number. */
static const void *rows(const struct qw_table *table, unsigned id, size_t row, size_t max, size_t *count)
{
	size_t size;
	const void *data = qw_image_section(table->shared->image, id, &size);
	*count = data ? size / row : 0;
	if (*count > max || (data && size % row)) {
		*count = 0;
		return NULL;
	}
	return data;
}

static bool open_shelf(struct qw_table *table, enum qw_group group, const struct check *check)
{
	struct qw_shelf *shelf = &table->shelf[group];
	size_t starts, records, words;

	shelf->starts = rows(table, qw_group_section(group, QW_PART_STARTS), sizeof(uint32_t), UINT32_MAX, &starts);
	shelf->records = rows(table, qw_group_section(group, QW_PART_RECORDS), 1, UINT32_MAX, &records);
	const uint64_t *filter = rows(table, qw_group_section(group, QW_PART_FILTER), sizeof(uint64_t), UINT32_MAX, &words);
	shelf->filter = filter_of(filter, words);
	shelf->buckets = starts ? (uint32_t)(starts - 1) : 0;
	return shelf->buckets == 0 || (shelf->records && check_shelf(table, group, check, records));
}

static enum qw_err open_head(struct qw_table *table, struct check *check)
{
	size_t heads, words, near;

	table->head = rows(table, QW_SECTION_HEAD, sizeof(*table->head), 1, &heads);
	table->tuples = rows(table, QW_SECTION_TUPLES, sizeof(struct qw_tuple), QW_TUPLES_MAX, &check->tuples);
	table->sources = rows(table, QW_SECTION_SOURCES, QW_SOURCE_SIZE, UINT16_MAX, &check->sources);
	table->near = rows(table, QW_SECTION_NEAR, QW_NEAR_BYTES, 1, &near);
	const uint64_t *address = rows(table, QW_SECTION_ADDRESS, sizeof(uint64_t), UINT32_MAX, &words);
	table->address = filter_of(address, words);
	table->blocks = near == 1;
	return heads == 1 && check_tuples(table, check) ? QW_OK : QW_EFORMAT;
}

static enum qw_err share_new(struct qw_shared_image **out, int fd)
{
	struct qw_shared_image *shared = malloc(sizeof(*shared));
	if (!shared)
		return QW_ENOMEM;
	atomic_init(&shared->holders, 1);
	enum qw_err err = qw_image_open(&shared->image, fd, QW_INDICATOR_IMAGE_KIND);
	if (err != QW_OK)
		free(shared);
	else
		*out = shared;
	return err;
}

enum qw_err qw_table_open(struct qw_table *table, int fd, unsigned part, unsigned parts)
{
	struct check check;
	enum qw_err err = share_new(&table->shared, fd);
	if (err != QW_OK)
		return err;
	err = open_head(table, &check);
	if (err == QW_OK && (table->head->part != part || table->head->parts != parts))
		err = QW_EFORMAT;
	for (unsigned group = 0; err == QW_OK && group < QW_GROUP_COUNT; group++)
		if (!open_shelf(table, (enum qw_group)group, &check))
			err = QW_EFORMAT;
	if (err == QW_OK && !table->blocks && table->shelf[QW_GROUP_PREFIX].buckets)
		err = QW_EFORMAT;
	if (err != QW_OK)
		qw_table_close(table);
	return err;
}

void qw_table_share(struct qw_table *out, const struct qw_table *table)
{
	*out = *table;
	atomic_fetch_add_explicit(&out->shared->holders, 1, memory_order_relaxed);
}

void qw_table_close(struct qw_table *table)
{
	struct qw_shared_image *shared = table->shared;
	table->shared = NULL;
	/* Acquire and release: whoever is last sees all reading done. */
	if (!shared || atomic_fetch_sub_explicit(&shared->holders, 1, memory_order_acq_rel) != 1)
		return;
	qw_image_close(shared->image);
	free(shared);
}

const struct qw_tuple *qw_table_exact(const struct qw_table *table, enum qw_group group, struct qw_slice key,
				      uint8_t type, uint8_t allow)
{
	const struct qw_shelf *shelf = &table->shelf[group];
	if (shelf->buckets == 0)
		return NULL;
	struct qw_walk walk = qw_shelf_walk(shelf, group, qw_key_hash(&table->head->seed, group, key.data, key.len));
	for (struct qw_record record; qw_walk_next(&walk, &record);) {
		const struct qw_tuple *tuple = qw_table_tuple(table, &record);
		if (record.key_len == key.len && memcmp(record.key, key.data, key.len) == 0 && tuple->type == type &&
			(tuple->flags & QW_TUPLE_ALLOW) == allow)
			return tuple;
	}
	return NULL;
}
