/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/indicator/builder.h"

#include <stdlib.h>

#include "quaywatch/hash.h"
#include "rules/indicator/key.h"
#include "rules/indicator/rows.h"
#include "rules/indicator/writer.h"

enum {
	GROUP_BYTES_MAX = UINT32_MAX - (1 << 16), /* of one image */
	PARTED = 65536,                           /* entries; from there on a set comes in parts */
};

static const struct qw_span ALL = {0, QW_INDICATOR_PARTS};

struct qw_indicator_builder {
	struct qw_seed seed;
	struct qw_span wanted; /* parts; what falls into others is passed over */
	struct qw_rows rows;
	struct qw_pile piles[QW_GROUP_COUNT];
};

enum qw_err qw_indicator_builder_like(struct qw_indicator_builder **out, const struct qw_seed *seed)
{
	struct qw_indicator_builder *builder = malloc(sizeof(*builder));
	if (!builder)
		return QW_ENOMEM;

	builder->seed = *seed;
	builder->wanted = ALL;
	for (unsigned group = 0; group < QW_GROUP_COUNT; group++)
		qw_pile_init(&builder->piles[group]);
	enum qw_err err = qw_rows_init(&builder->rows);
	if (err != QW_OK) {
		qw_indicator_builder_free(builder);
		return err;
	}
	*out = builder;
	return QW_OK;
}

enum qw_err qw_indicator_builder_new(struct qw_indicator_builder **out)
{
	struct qw_hash_key a = qw_hash_key_random(), b = qw_hash_key_random();
	struct qw_seed seed = {{a.k0 | 1, a.k1 | 1, b.k0 | 1}};

	return qw_indicator_builder_like(out, &seed);
}

enum qw_err qw_indicator_builder_for(struct qw_indicator_builder **out, const struct qw_indicator_kin *kin, unsigned first,
				     unsigned end)
{
	struct qw_seed seed = {{kin->seed[0], kin->seed[1], kin->seed[2]}};

	if (first >= end || end > QW_INDICATOR_PARTS)
		return QW_EINVAL;
	enum qw_err err = qw_indicator_builder_like(out, &seed);
	if (err == QW_OK)
		(*out)->wanted = (struct qw_span){first, end};
	return err;
}

void qw_indicator_builder_free(struct qw_indicator_builder *builder)
{
	if (!builder)
		return;
	for (unsigned group = 0; group < QW_GROUP_COUNT; group++)
		qw_pile_fini(&builder->piles[group]);
	qw_rows_fini(&builder->rows);
	free(builder);
}

/* ---- adding */

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

static bool is_wanted(const struct qw_indicator_builder *builder, unsigned part)
{
	return part >= builder->wanted.first && part < builder->wanted.end;
}

static enum qw_err add_key(struct qw_indicator_builder *builder, unsigned part, enum qw_group group, struct qw_slice key,
			   const struct qw_tuple *tuple, const char *source, uint64_t id)
{
	uint32_t row;
	enum qw_err err = qw_rows_add(&builder->rows, tuple, source, &row);

	if (err != QW_OK)
		return err;
	return qw_pile_add(&builder->piles[group], part, qw_group_key_len(group), row, id, key);
}

static enum qw_err add(struct qw_indicator_builder *builder, const struct qw_observable *observable,
		       const struct qw_tuple *tuple, const char *source)
{
	struct qw_key key;
	enum qw_err err = qw_key_make(&key, observable);

	if (err != QW_OK)
		return err;
	unsigned part = qw_key_part(&builder->seed, key.group, key.bytes.data, key.bytes.len);
	if (!is_wanted(builder, part))
		return QW_OK;
	uint64_t id = qw_indicator_id(observable->type, observable->text, observable->len);
	return add_key(builder, part, key.group, key.bytes, tuple, source, id);
}

enum qw_err qw_indicator_builder_add(struct qw_indicator_builder *builder, const struct qw_indicator *indicator)
{
	struct qw_tuple tuple = {
		.from = seconds(indicator->valid_from, UINT32_MAX),
		.until = seconds(indicator->valid_until, 0),
		.confidence = indicator->confidence,
		.type = (uint8_t)indicator->observable.type,
		.tlp = (uint8_t)indicator->tlp,
		.seen = (uint8_t)indicator->seen,
		.flags = indicator->allow ? QW_TUPLE_ALLOW : 0,
	};
	if (indicator->tlp >= QW_TLP_COUNT || indicator->seen >= QW_PREVALENCE_COUNT)
		return QW_EINVAL;
	return add(builder, &indicator->observable, &tuple, indicator->source);
}

enum qw_err qw_indicator_builder_remove(struct qw_indicator_builder *builder, const struct qw_observable *observable,
					bool allow)
{
	struct qw_tuple tuple = {
		.type = (uint8_t)observable->type,
		.flags = (uint8_t)(QW_TUPLE_REMOVED | (allow ? QW_TUPLE_ALLOW : 0)),
	};
	return add(builder, observable, &tuple, "");
}

enum qw_err qw_indicator_builder_put(struct qw_indicator_builder *builder, enum qw_group group,
				     const struct qw_record *record, const struct qw_tuple *tuple, const char *source)
{
	struct qw_slice key = qw_slice(record->key, record->key_len);
	unsigned part = qw_key_part(&builder->seed, group, key.data, key.len);

	return is_wanted(builder, part) ? add_key(builder, part, group, key, tuple, source, qw_record_id(record->at)) : QW_OK;
}

/* ---- images */

static enum qw_err copy_rows(struct qw_image_builder *image, unsigned id, const struct qw_intern *rows)
{
	void *data;
	size_t size = rows->count * rows->row_size;
	if (size == 0)
		return QW_OK;
	enum qw_err err = qw_image_section_new(image, id, size, &data);
	if (err == QW_OK)
		memcpy(data, rows->rows, size);
	return err;
}

static enum qw_err write_groups(struct qw_indicator_builder *builder, struct qw_image_writer *writer, unsigned parts)
{
	enum qw_err err = qw_writer_sections(writer, builder->piles);

	if (err != QW_OK)
		return err;
	writer->head->seed = builder->seed;
	writer->head->part = (uint16_t)(parts > 1 ? writer->span.first : 0);
	writer->head->parts = (uint16_t)parts;
	for (unsigned group = 0; err == QW_OK && group < QW_GROUP_COUNT; group++)
		err = qw_writer_group(writer, (enum qw_group)group, &builder->piles[group]);
	return err;
}

/* An image has rows of its own, of all the builder's those that it needs. */
static enum qw_err write_image(struct qw_indicator_builder *builder, struct qw_span span, unsigned parts,
			       struct qw_image_builder *image)
{
	struct qw_rows rows;
	struct qw_image_writer writer = {.image = image, .span = span, .all = &builder->rows, .rows = &rows};
	enum qw_err err = qw_rows_init(&rows);

	if (err == QW_OK)
		err = write_groups(builder, &writer, parts);
	if (err == QW_OK)
		err = copy_rows(image, QW_SECTION_TUPLES, &rows.tuples);
	if (err == QW_OK)
		err = copy_rows(image, QW_SECTION_SOURCES, &rows.sources);
	qw_rows_fini(&rows);
	return err;
}

static enum qw_err finish(struct qw_indicator_builder *builder, struct qw_span span, unsigned parts, int *fd)
{
	struct qw_image_builder *image;

	for (unsigned group = 0; group < QW_GROUP_COUNT; group++)
		if (qw_pile_size(&builder->piles[group], span).bytes > GROUP_BYTES_MAX)
			return QW_ELIMIT;
	enum qw_err err = qw_image_builder_new(&image, QW_INDICATOR_IMAGE_KIND);
	if (err != QW_OK)
		return err;
	err = write_image(builder, span, parts, image);
	if (err == QW_OK)
		err = qw_image_finish(image, fd);
	qw_image_builder_free(image);
	return err;
}

enum qw_err qw_indicator_builder_finish(struct qw_indicator_builder *builder, int *fd)
{
	return finish(builder, ALL, 1, fd);
}

enum qw_err qw_indicator_builder_finish_part(struct qw_indicator_builder *builder, unsigned part, int *fd)
{
	return finish(builder, (struct qw_span){part, part + 1}, QW_INDICATOR_PARTS, fd);
}

static uint64_t count_all(const struct qw_indicator_builder *builder)
{
	uint64_t records = 0;

	for (unsigned group = 0; group < QW_GROUP_COUNT; group++)
		records += qw_pile_size(&builder->piles[group], ALL).records;
	return records;
}

enum qw_err qw_indicator_builder_finish_parts(struct qw_indicator_builder *builder, struct qw_indicator_images *out)
{
	struct qw_indicator_images images = qw_indicator_images_none();
	enum qw_err err = QW_OK;

	bool some = builder->wanted.first > 0 || builder->wanted.end < QW_INDICATOR_PARTS;
	images.parts = !some && count_all(builder) < PARTED ? 1 : QW_INDICATOR_PARTS;
	if (images.parts == 1)
		err = qw_indicator_builder_finish(builder, &images.part[0]);
	for (unsigned part = builder->wanted.first; err == QW_OK && images.parts > 1 && part < builder->wanted.end; part++)
		err = qw_indicator_builder_finish_part(builder, part, &images.part[part]);
	if (err != QW_OK)
		qw_indicator_images_close(&images);
	*out = images;
	return err;
}
