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
	uint32_t *cursor; /* of each bucket: where the next record goes */
	bool dropped;     /* a later entry took an earlier one's place */
};

static uint32_t buckets_for(uint64_t records)
{
	return (uint32_t)((records + QW_RECORDS_PER_BUCKET - 1) / QW_RECORDS_PER_BUCKET);
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

static enum qw_err group_sections(struct qw_image_builder *image, enum qw_group group, struct qw_pile_size pile)
{
	if (pile.records == 0)
		return QW_OK;
	enum qw_err err = section(image, qw_group_section(group, QW_PART_STARTS),
				  (buckets_for(pile.records) + 1u) * sizeof(uint32_t));
	if (err == QW_OK)
		err = section(image, qw_group_section(group, QW_PART_RECORDS), pile.bytes);
	if (err == QW_OK && has_filter(group))
		err = section(image, qw_group_section(group, QW_PART_FILTER),
			      filter_words_for(pile.records) * sizeof(uint64_t));
	return err;
}

enum qw_err qw_writer_sections(struct qw_image_writer *writer, const struct qw_pile *piles)
{
	struct qw_image_builder *image = writer->image;
	struct qw_pile_size sizes[QW_GROUP_COUNT];

	for (unsigned group = 0; group < QW_GROUP_COUNT; group++)
		sizes[group] = qw_pile_size(&piles[group], writer->span);
	uint64_t addresses = sizes[QW_GROUP_V4].records + sizes[QW_GROUP_V6].records + sizes[QW_GROUP_PORT].records;
	enum qw_err err = section(image, QW_SECTION_HEAD, sizeof(struct qw_indicator_head));
	if (err == QW_OK && sizes[QW_GROUP_PREFIX].records)
		err = section(image, QW_SECTION_NEAR, QW_NEAR_BYTES);
	if (err == QW_OK)
		err = section(image, QW_SECTION_ADDRESS, filter_words_for(addresses) * sizeof(uint64_t));
	for (unsigned group = 0; err == QW_OK && group < QW_GROUP_COUNT; group++)
		err = group_sections(image, (enum qw_group)group, sizes[group]);
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

static const struct qw_tuple *tuple_of(const struct qw_image_writer *writer, const uint8_t *record)
{
	return qw_rows_tuple(writer->rows, qw_record_tuple(record));
}

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
	if (shelf->group == QW_GROUP_NAME && tuple_of(writer, record->at)->type == QW_OBS_DOMAIN) {
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
	const struct qw_tuple *x = tuple_of(writer, a->at), *y = tuple_of(writer, b->at);
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
	uint32_t *cursor = &shelf->cursor[bucket];
	uint8_t *earlier = find_earlier(writer, shelf, shelf->starts[bucket], *cursor, record);

	count(writer->head, tuple_of(writer, record->at), 1);
	if (earlier) {
		count(writer->head, tuple_of(writer, earlier), (uint32_t)-1);
		memcpy(earlier, record->at, QW_RECORD_TUPLE);
		shelf->dropped = true;
		return;
	}
	memcpy(shelf->records + *cursor, record->at, size);
	*cursor += size;
	note(writer, shelf, record, hash);
}

/* Turns the sizes that stand in starts[1 …] into places. */
static void lay_out(struct shelf *shelf)
{
	uint32_t at = 0;
	shelf->starts[0] = at;
	for (uint32_t bucket = 0; bucket < shelf->buckets; bucket++) {
		shelf->cursor[bucket] = at;
		at += shelf->starts[bucket + 1];
		shelf->starts[bucket + 1] = at;
	}
}

/* Closes the gaps that replaced records left. */
static void close_gaps(struct shelf *shelf)
{
	uint32_t out = 0;
	for (uint32_t bucket = 0; bucket < shelf->buckets; bucket++) {
		uint32_t from = shelf->starts[bucket], size = shelf->cursor[bucket] - from;
		memmove(shelf->records + out, shelf->records + from, size);
		shelf->starts[bucket] = out;
		out += size;
	}
	shelf->starts[shelf->buckets] = out;
}

static void measure(struct qw_image_writer *writer, struct shelf *shelf, const struct qw_record *record, uint32_t size)
{
	uint64_t hash = qw_key_hash(&writer->head->seed, shelf->group, record->key, record->key_len);
	shelf->starts[qw_bucket(hash, shelf->buckets) + 1] += size;
}

/* ---- piles */

static void each(struct qw_image_writer *writer, struct shelf *shelf, const struct qw_pile *pile,
		 void (*visit)(struct qw_image_writer *, struct shelf *, const struct qw_record *, uint32_t))
{
	for (unsigned part = writer->span.first; part < writer->span.end; part++) {
		for (const struct qw_chunk *chunk = pile->part[part].first; chunk; chunk = chunk->next) {
			for (const uint8_t *at = chunk->data, *end = at + chunk->used, *next; at < end; at = next) {
				struct qw_record record;
				next = qw_record_read(at, shelf->fixed, &record);
				visit(writer, shelf, &record, (uint32_t)(next - at));
			}
		}
	}
}

/* Lets the records of one chunk name the image's rows; lists name the same one over and over. */
static enum qw_err rename_chunk(struct qw_image_writer *writer, uint32_t fixed, struct qw_chunk *chunk)
{
	uint32_t last = UINT32_MAX, number = 0;

	for (uint8_t *at = chunk->data, *end = at + chunk->used; at < end;) {
		struct qw_record record;
		const uint8_t *next = qw_record_read(at, fixed, &record);
		uint32_t theirs = qw_record_tuple(at);
		if (theirs != last) {
			const struct qw_tuple *tuple = qw_rows_tuple(writer->all, theirs);
			enum qw_err err = qw_rows_add(writer->rows, tuple, qw_rows_source(writer->all, tuple), &number);
			if (err != QW_OK)
				return err;
			last = theirs;
		}
		qw_record_name_tuple(at, number);
		at += next - at;
	}
	return QW_OK;
}

static enum qw_err rename_all(struct qw_image_writer *writer, uint32_t fixed, const struct qw_pile *pile)
{
	enum qw_err err = QW_OK;

	for (unsigned part = writer->span.first; part < writer->span.end; part++)
		for (struct qw_chunk *chunk = pile->part[part].first; chunk && err == QW_OK; chunk = chunk->next)
			err = rename_chunk(writer, fixed, chunk);
	return err;
}

static void write_shelf(struct qw_image_writer *writer, struct shelf *shelf, const struct qw_pile *pile)
{
	each(writer, shelf, pile, measure);
	lay_out(shelf);
	each(writer, shelf, pile, place);
	if (shelf->dropped)
		close_gaps(shelf);
}

enum qw_err qw_writer_group(struct qw_image_writer *writer, enum qw_group group, struct qw_pile *pile)
{
	struct qw_pile_size all = qw_pile_size(pile, writer->span);
	size_t size;
	struct shelf shelf = {
		.group = group,
		.fixed = qw_group_key_len(group),
		.buckets = buckets_for(all.records),
		.filter_words = (uint32_t)filter_words_for(all.records),
		.starts = qw_image_section_of(writer->image, qw_group_section(group, QW_PART_STARTS), &size),
		.records = qw_image_section_of(writer->image, qw_group_section(group, QW_PART_RECORDS), &size),
		.filter = qw_image_section_of(writer->image, qw_group_section(group, QW_PART_FILTER), &size),
	};

	if (all.records == 0)
		return QW_OK;
	enum qw_err err = rename_all(writer, shelf.fixed, pile);
	if (err != QW_OK)
		return err;
	shelf.cursor = malloc(shelf.buckets * sizeof(*shelf.cursor));
	if (!shelf.cursor)
		return QW_ENOMEM;
	write_shelf(writer, &shelf, pile);
	free(shelf.cursor);
	for (unsigned part = writer->span.first; part < writer->span.end; part++)
		qw_pile_drop(pile, part);
	return QW_OK;
}
