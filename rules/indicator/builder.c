/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/indicators.h"

#include <stdlib.h>

#include "quaywatch/hash.h"
#include "rules/indicator/intern.h"
#include "rules/indicator/key.h"
#include "rules/indicator/writer.h"

enum {
	SOURCES_MAX = 65535, /* beyond: row 0 */
	GROUP_BYTES_MAX = UINT32_MAX - (1 << 16),
};

struct qw_indicator_builder {
	struct qw_seed seed;
	struct qw_intern tuples;
	struct qw_intern sources;
	struct qw_pile piles[QW_GROUP_COUNT];
};

static void draw_seed(struct qw_seed *seed)
{
	struct qw_hash_key a = qw_hash_key_random(), b = qw_hash_key_random();
	*seed = (struct qw_seed){{a.k0 | 1, a.k1 | 1, b.k0 | 1}};
}

enum qw_err qw_indicator_builder_new(struct qw_indicator_builder **out)
{
	static const char OTHER[QW_SOURCE_SIZE] = "other";
	struct qw_indicator_builder *builder = malloc(sizeof(*builder));
	if (!builder)
		return QW_ENOMEM;

	draw_seed(&builder->seed);
	qw_intern_init(&builder->tuples, sizeof(struct qw_tuple), QW_TUPLES_MAX);
	qw_intern_init(&builder->sources, QW_SOURCE_SIZE, SOURCES_MAX);
	for (unsigned group = 0; group < QW_GROUP_COUNT; group++)
		qw_pile_init(&builder->piles[group]);
	uint32_t row;
	enum qw_err err = qw_intern_row(&builder->sources, OTHER, &row);
	if (err != QW_OK) {
		qw_indicator_builder_free(builder);
		return err;
	}
	*out = builder;
	return QW_OK;
}

void qw_indicator_builder_free(struct qw_indicator_builder *builder)
{
	if (!builder)
		return;
	for (unsigned group = 0; group < QW_GROUP_COUNT; group++)
		qw_pile_fini(&builder->piles[group]);
	qw_intern_fini(&builder->tuples);
	qw_intern_fini(&builder->sources);
	free(builder);
}

/* A bound too far away is none; one long gone stays one. */
static uint32_t seconds(struct qw_time time, uint32_t beyond)
{
	if (time.ns == 0)
		return 0;
	int64_t s = time.ns / QW_NS_PER_S;
	if (s < 1)
		return 1;
	return s > UINT32_MAX ? beyond : (uint32_t)s;
}

static enum qw_err intern_source(struct qw_indicator_builder *builder, const char *source, uint16_t *index)
{
	char row[QW_SOURCE_SIZE] = {0};
	uint32_t found = 0;

	memcpy(row, source, strnlen(source, sizeof(row) - 1));
	enum qw_err err = qw_intern_row(&builder->sources, row, &found);
	*index = (uint16_t)found;
	return err == QW_ELIMIT ? QW_OK : err;
}

static enum qw_err add(struct qw_indicator_builder *builder, const struct qw_observable *observable,
		       const struct qw_tuple *tuple)
{
	struct qw_key key;
	uint32_t row;
	enum qw_err err = qw_key_make(&key, observable);
	if (err != QW_OK)
		return err;
	struct qw_pile *pile = &builder->piles[key.group];
	if (pile->bytes >= GROUP_BYTES_MAX)
		return QW_ELIMIT;
	err = qw_intern_row(&builder->tuples, tuple, &row);
	if (err != QW_OK)
		return err;
	uint64_t hash = qw_key_hash(&builder->seed, key.group, key.bytes.data, key.bytes.len);
	uint64_t id = qw_indicator_id(observable->type, observable->text, observable->len);
	return qw_pile_add(pile, hash, qw_group_key_len(key.group), row, id, key.bytes);
}

enum qw_err qw_indicator_builder_add(struct qw_indicator_builder *builder, const struct qw_indicator *indicator)
{
	struct qw_tuple tuple = {
		.from = seconds(indicator->valid_from, UINT32_MAX),
		.until = seconds(indicator->valid_until, 0),
		.confidence = indicator->confidence,
		.type = (uint8_t)indicator->observable.type,
		.tlp = (uint8_t)indicator->tlp,
		.flags = indicator->allow ? QW_TUPLE_ALLOW : 0,
	};
	if (indicator->tlp >= QW_TLP_COUNT)
		return QW_EINVAL;
	enum qw_err err = intern_source(builder, indicator->source, &tuple.source);
	return err == QW_OK ? add(builder, &indicator->observable, &tuple) : err;
}

enum qw_err qw_indicator_builder_remove(struct qw_indicator_builder *builder, const struct qw_observable *observable,
					bool allow)
{
	struct qw_tuple tuple = {
		.type = (uint8_t)observable->type,
		.flags = (uint8_t)(QW_TUPLE_REMOVED | (allow ? QW_TUPLE_ALLOW : 0)),
	};
	return add(builder, observable, &tuple);
}

/* Copies a table of rows and gives its memory back. */
static enum qw_err move_rows(struct qw_image_builder *image, unsigned id, struct qw_intern *rows)
{
	void *data;
	size_t size = rows->count * rows->row_size;
	if (size == 0)
		return QW_OK;
	enum qw_err err = qw_image_section_new(image, id, size, &data);
	if (err != QW_OK)
		return err;
	memcpy(data, rows->rows, size);
	qw_intern_fini(rows);
	return QW_OK;
}

static enum qw_err write_image(struct qw_indicator_builder *builder, struct qw_image_builder *image)
{
	struct qw_image_writer writer = {.image = image,
					 .tuples = (const struct qw_tuple *)(void *)builder->tuples.rows};
	enum qw_err err = qw_writer_sections(&writer, builder->piles);
	if (err != QW_OK)
		return err;
	writer.head->seed = builder->seed;
	for (unsigned group = 0; err == QW_OK && group < QW_GROUP_COUNT; group++)
		err = qw_writer_group(&writer, (enum qw_group)group, &builder->piles[group]);
	if (err == QW_OK)
		err = move_rows(image, QW_SECTION_TUPLES, &builder->tuples);
	return err == QW_OK ? move_rows(image, QW_SECTION_SOURCES, &builder->sources) : err;
}

enum qw_err qw_indicator_builder_finish(struct qw_indicator_builder *builder, int *fd)
{
	struct qw_image_builder *image;
	enum qw_err err = qw_image_builder_new(&image, QW_INDICATOR_IMAGE_KIND);
	if (err != QW_OK)
		return err;
	err = write_image(builder, image);
	if (err == QW_OK)
		err = qw_image_finish(image, fd);
	qw_image_builder_free(image);
	return err;
}
