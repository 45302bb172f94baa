/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/indicator/writer.h"

#include <stdlib.h>

#include "rules/indicator/key.h"
#include "rules/indicator/mix.h"

/* One group while it is written. */
struct shelf {
	enum qw_group group;
	uint32_t fixed;
	uint32_t buckets, filter_words;
	uint32_t *starts;
	uint8_t *records;
	uint64_t *filter;
	uint32_t *cursor; /* of the partition's buckets: where the next record goes */
	uint32_t end;     /* records in use */
	bool dropped;     /* a later entry took an earlier one's place in this partition */
};

static uint32_t buckets_for(uint64_t records)
{
	uint64_t per_partition =
		(records + QW_PARTITIONS * QW_RECORDS_PER_BUCKET - 1) / (QW_PARTITIONS * QW_RECORDS_PER_BUCKET);
	return (uint32_t)(per_partition * QW_PARTITIONS);
}

static size_t filter_words_for(uint64_t records)
{
	return records ? (size_t)(records / 4 + 8) : 0;
}

static bool has_filter(enum qw_group group)
{
	return group != QW_GROUP_V4 && group != QW_GROUP_V6 && group != QW_GROUP_PORT;
}

static enum qw_err section(struct qw_image_builder *image, unsigned id, size_t size)
{
	void *data;
	return size ? qw_image_section_new(image, id, size, &data) : QW_OK;
}

static enum qw_err group_sections(struct qw_image_builder *image, enum qw_group group, const struct qw_pile *pile)
{
	if (pile->records == 0)
		return QW_OK;
	enum qw_err err = section(image, qw_group_section(group, QW_PART_STARTS),
				  (buckets_for(pile->records) + 1u) * sizeof(uint32_t));
	if (err == QW_OK)
		err = section(image, qw_group_section(group, QW_PART_RECORDS), pile->bytes);
	if (err == QW_OK && has_filter(group))
		err = section(image, qw_group_section(group, QW_PART_FILTER),
			      filter_words_for(pile->records) * sizeof(uint64_t));
	return err;
}

enum qw_err qw_writer_sections(struct qw_image_writer *writer, const struct qw_pile *piles)
{
	struct qw_image_builder *image = writer->image;
	uint64_t addresses = piles[QW_GROUP_V4].records + piles[QW_GROUP_V6].records + piles[QW_GROUP_PORT].records;
	enum qw_err err = section(image, QW_SECTION_HEAD, sizeof(struct qw_indicator_head));

	if (err == QW_OK && piles[QW_GROUP_PREFIX].records)
		err = section(image, QW_SECTION_NEAR, QW_NEAR_BYTES);
	if (err == QW_OK)
		err = section(image, QW_SECTION_ADDRESS, filter_words_for(addresses) * sizeof(uint64_t));
	for (unsigned group = 0; err == QW_OK && group < QW_GROUP_COUNT; group++)
		err = group_sections(image, (enum qw_group)group, &piles[group]);
	if (err != QW_OK)
		return err;

	size_t size;
	writer->head = qw_image_section_of(image, QW_SECTION_HEAD, &size);
	writer->near = qw_image_section_of(image, QW_SECTION_NEAR, &size);
	writer->address = qw_image_section_of(image, QW_SECTION_ADDRESS, &size);
	writer->address_words = (uint32_t)filter_words_for(addresses);
	return QW_OK;
}

/* ---- what the record tells the rest of the image */

static void mark_near(uint8_t *near, const uint8_t *prefix)
{
	if (prefix[16] < 96)
		return;
	uint32_t first = qw_be16(prefix + 12), count = prefix[16] < 112 ? 1u << (112 - prefix[16]) : 1;
	for (uint32_t at = first; at < first + count && at < 65536; at++)
		near[at >> 3] |= (uint8_t)(1u << (at & 7));
}

static uint64_t address_hash(const struct qw_seed *seed, enum qw_group group, const uint8_t *key)
{
	if (group == QW_GROUP_V4)
		return qw_mix_v4(seed, key);
	struct qw_address address = qw_address_v6(key);
	return qw_mix_address(seed, &address);
}

static void note(struct qw_image_writer *writer, struct shelf *shelf, const struct qw_record *record, uint64_t hash)
{
	struct qw_indicator_head *head = writer->head;

	if (has_filter(shelf->group))
		qw_filter_set(shelf->filter, shelf->filter_words, hash);
	else
		qw_filter_set(writer->address, writer->address_words,
			      address_hash(&head->seed, shelf->group, record->key));
	if (shelf->group == QW_GROUP_PREFIX) {
		head->lengths[record->key[16] >> 6] |= UINT64_C(1) << (record->key[16] & 63);
		mark_near(writer->near, record->key);
	}
	if (shelf->group == QW_GROUP_NAME && writer->tuples[qw_record_tuple(record->at)].type == QW_OBS_DOMAIN) {
		unsigned depth = qw_key_labels(record->key, record->key_len);
		head->depths |= UINT64_C(1) << (depth < QW_DEPTHS ? depth : QW_DEPTHS - 1);
	}
}

static void count(struct qw_indicator_head *head, const struct qw_tuple *tuple, uint32_t step)
{
	if (tuple->flags & QW_TUPLE_REMOVED)
		head->removed += step;
	else if (tuple->flags & QW_TUPLE_ALLOW)
		head->allows[tuple->type] += step;
	else
		head->blocks[tuple->type] += step;
}

/* ---- placing */

static bool same_entry(const struct qw_image_writer *writer, const struct qw_record *a, const struct qw_record *b)
{
	if (a->key_len != b->key_len || memcmp(a->key, b->key, a->key_len) != 0)
		return false;
	const struct qw_tuple *x = &writer->tuples[qw_record_tuple(a->at)],
			      *y = &writer->tuples[qw_record_tuple(b->at)];
	return x->type == y->type && (x->flags & QW_TUPLE_ALLOW) == (y->flags & QW_TUPLE_ALLOW);
}

/* An earlier record of the same entry in this bucket; NULL: none. */
static uint8_t *find_earlier(const struct qw_image_writer *writer, struct shelf *shelf, uint32_t from, uint32_t end,
			     const struct qw_record *record)
{
	uint8_t *at = shelf->records + from;
	while (at < shelf->records + end) {
		struct qw_record earlier;
		const uint8_t *next = qw_record_read(at, shelf->fixed, &earlier);
		if (same_entry(writer, &earlier, record))
			return at;
		at += next - at;
	}
	return NULL;
}

static void place(struct qw_image_writer *writer, struct shelf *shelf, const struct qw_record *record, uint32_t size)
{
	uint64_t hash = qw_key_hash(&writer->head->seed, shelf->group, record->key, record->key_len);
	uint32_t bucket = qw_bucket(hash, shelf->buckets);
	uint32_t *cursor = &shelf->cursor[bucket % (shelf->buckets / QW_PARTITIONS)];
	uint8_t *earlier = find_earlier(writer, shelf, shelf->starts[bucket], *cursor, record);

	count(writer->head, &writer->tuples[qw_record_tuple(record->at)], 1);
	if (earlier) {
		count(writer->head, &writer->tuples[qw_record_tuple(earlier)], (uint32_t)-1);
		memcpy(earlier, record->at, QW_RECORD_TUPLE);
		shelf->dropped = true;
		return;
	}
	memcpy(shelf->records + *cursor, record->at, size);
	*cursor += size;
	note(writer, shelf, record, hash);
}

/* Turns the sizes that stand in starts[first + 1 …] into places from shelf->end on. */
static void lay_out(struct shelf *shelf, uint32_t first, uint32_t count_buckets)
{
	uint32_t at = shelf->end;
	shelf->starts[first] = at;
	for (uint32_t i = 0; i < count_buckets; i++) {
		shelf->cursor[i] = at;
		at += shelf->starts[first + i + 1];
		shelf->starts[first + i + 1] = at;
	}
	shelf->end = at;
}

/* Closes the gaps that replaced records left. */
static void close_gaps(struct shelf *shelf, uint32_t first, uint32_t count_buckets)
{
	uint32_t out = shelf->starts[first];
	for (uint32_t i = 0; i < count_buckets; i++) {
		uint32_t from = shelf->starts[first + i], size = shelf->cursor[i] - from;
		memmove(shelf->records + out, shelf->records + from, size);
		shelf->starts[first + i] = out;
		out += size;
	}
	shelf->starts[first + count_buckets] = out;
	shelf->end = out;
}

static void measure(struct qw_image_writer *writer, struct shelf *shelf, const struct qw_record *record, uint32_t size)
{
	uint64_t hash = qw_key_hash(&writer->head->seed, shelf->group, record->key, record->key_len);
	shelf->starts[qw_bucket(hash, shelf->buckets) + 1] += size;
}

static void each(struct qw_image_writer *writer, struct shelf *shelf, const struct qw_chunk *chunk,
		 void (*visit)(struct qw_image_writer *, struct shelf *, const struct qw_record *, uint32_t))
{
	for (; chunk; chunk = chunk->next) {
		for (const uint8_t *at = chunk->data, *end = at + chunk->used, *next; at < end; at = next) {
			struct qw_record record;
			next = qw_record_read(at, shelf->fixed, &record);
			visit(writer, shelf, &record, (uint32_t)(next - at));
		}
	}
}

static void write_partition(struct qw_image_writer *writer, struct shelf *shelf, struct qw_pile *pile, unsigned part)
{
	uint32_t buckets = shelf->buckets / QW_PARTITIONS, first = part * buckets;
	const struct qw_chunk *chunks = pile->part[part].first;

	shelf->dropped = false;
	each(writer, shelf, chunks, measure);
	lay_out(shelf, first, buckets);
	each(writer, shelf, chunks, place);
	if (shelf->dropped)
		close_gaps(shelf, first, buckets);
	qw_pile_drop(pile, part);
}

enum qw_err qw_writer_group(struct qw_image_writer *writer, enum qw_group group, struct qw_pile *pile)
{
	if (pile->records == 0)
		return QW_OK;
	size_t size;
	struct shelf shelf = {
		.group = group,
		.fixed = qw_group_key_len(group),
		.buckets = buckets_for(pile->records),
		.filter_words = (uint32_t)filter_words_for(pile->records),
		.starts = qw_image_section_of(writer->image, qw_group_section(group, QW_PART_STARTS), &size),
		.records = qw_image_section_of(writer->image, qw_group_section(group, QW_PART_RECORDS), &size),
		.filter = qw_image_section_of(writer->image, qw_group_section(group, QW_PART_FILTER), &size),
	};
	shelf.cursor = malloc(shelf.buckets / QW_PARTITIONS * sizeof(*shelf.cursor));
	if (!shelf.cursor)
		return QW_ENOMEM;
	for (unsigned part = 0; part < QW_PARTITIONS; part++)
		write_partition(writer, &shelf, pile, part);
	free(shelf.cursor);
	return QW_OK;
}
