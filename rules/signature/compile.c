/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/compile.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/buffer.h"

static void init(struct qw_compile *compile)
{
	qw_vector_init(&compile->sigs, sizeof(struct qw_sig));
	qw_vector_init(&compile->members, sizeof(uint32_t));
	qw_vector_init(&compile->patterns, sizeof(struct qw_pattern));
	qw_vector_init(&compile->groups, sizeof(struct qw_group));
	qw_vector_init(&compile->indexes, sizeof(struct qw_index));
	qw_vector_init(&compile->keys, sizeof(struct qw_key));
	qw_vector_init(&compile->starts, sizeof(struct qw_start));
	qw_vector_init(&compile->tables, sizeof(struct qw_table));
	qw_vector_init(&compile->slots, sizeof(struct qw_slot));
	qw_vector_init(&compile->values, sizeof(uint32_t));
	qw_vector_init(&compile->blocks, sizeof(struct qw_block));
	qw_vector_init(&compile->names, sizeof(struct qw_name_row));
	qw_names_init(&compile->known);
	for (unsigned i = 0; i < QW_BUFFER_COUNT; i++) {
		qw_vector_init(&compile->literals[i], sizeof(struct qw_literal));
		qw_vector_init(&compile->pairs[i], sizeof(struct qw_member));
	}
	for (unsigned i = 0; i < QW_PLAIN_KINDS; i++)
		qw_vector_init(&compile->plain[i], sizeof(uint32_t));
}

static void fini(struct qw_compile *compile)
{
	qw_vector_fini(&compile->sigs);
	qw_vector_fini(&compile->members);
	qw_vector_fini(&compile->patterns);
	qw_vector_fini(&compile->groups);
	qw_vector_fini(&compile->indexes);
	qw_vector_fini(&compile->keys);
	qw_vector_fini(&compile->starts);
	qw_vector_fini(&compile->tables);
	qw_vector_fini(&compile->slots);
	qw_vector_fini(&compile->values);
	qw_vector_fini(&compile->blocks);
	qw_vector_fini(&compile->names);
	qw_names_fini(&compile->known);
	for (unsigned i = 0; i < QW_BUFFER_COUNT; i++) {
		qw_vector_fini(&compile->literals[i]);
		qw_vector_fini(&compile->pairs[i]);
	}
	for (unsigned i = 0; i < QW_PLAIN_KINDS; i++)
		qw_vector_fini(&compile->plain[i]);
}

/* ---- expressions: each text once */

/* The number of an expression; each pair of text and options has one. */
static enum qw_err number_one(struct qw_compile *compile, struct qw_names *known, uint32_t options, struct qw_run text,
			      uint32_t *slot)
{
	struct qw_vector key;
	int fresh;
	qw_vector_init(&key, 1);
	bool made = qw_vector_put(&key, &options, sizeof(options)) != UINT32_MAX &&
		    qw_vector_put(&key, qw_vector_at(&compile->builder->blob, text.first), text.count) != UINT32_MAX;
	uint32_t *number = made ? qw_names_get(known, key.rows, key.count, &fresh) : NULL;
	qw_vector_fini(&key);
	if (!number)
		return QW_ENOMEM;
	if (fresh)
		*number = compile->info.pcre_count++;
	*slot = *number;
	return QW_OK;
}

static enum qw_err number_transforms(struct qw_compile *compile, struct qw_names *known, struct qw_list *list)
{
	enum qw_err err = QW_OK;
	for (unsigned i = 0; i < list->transform_count && !err; i++) {
		struct qw_transform *row = &list->transforms[i];
		uint32_t slot;
		if (row->kind != QW_TRANSFORM_CAPTURE)
			continue;
		err = number_one(compile, known, 0, (struct qw_run){row->data, row->len}, &slot);
		row->from = (int32_t)slot;
	}
	return err;
}

static enum qw_err number_expressions(struct qw_compile *compile)
{
	struct qw_vector *ops = &compile->builder->ops, *lists = &compile->builder->lists;
	struct qw_names known;
	enum qw_err err = QW_OK;
	qw_names_init(&known);
	for (size_t i = 0; i < ops->count && !err; i++) {
		struct qw_op *op = qw_vector_at(ops, i);
		if (op->kind == QW_OP_PCRE)
			err = number_one(compile, &known, op->pcre.options,
					 (struct qw_run){op->pcre.data, op->pcre.len}, &op->pcre.slot);
	}
	for (size_t i = 0; i < lists->count && !err; i++)
		err = number_transforms(compile, &known, qw_vector_at(lists, i));
	qw_names_fini(&known);
	return err;
}

/* ---- literals */

static enum qw_err add_literal(struct qw_compile *compile, const struct qw_choice *choice, uint32_t number)
{
	struct {
		uint16_t buffer;
		struct qw_literal literal;
	} key;
	int fresh;
	struct qw_vector *literals = &compile->literals[choice->buffer];
	memset(&key, 0, sizeof(key)); /* padding is part of the key */
	key.buffer = choice->buffer;
	key.literal.len = choice->len;
	key.literal.nocase = choice->nocase;
	memcpy(key.literal.bytes, choice->bytes, choice->len);
	uint32_t *pattern = qw_names_get(&compile->known, &key, sizeof(key), &fresh);
	if (!pattern)
		return QW_ENOMEM;
	if (fresh && (*pattern = qw_vector_put(literals, &key.literal, 1)) == UINT32_MAX)
		return QW_ENOMEM;
	struct qw_member member = {*pattern, number};
	if (compile->info.tail + 1 < choice->len)
		compile->info.tail = choice->len - 1u;
	return qw_vector_put(&compile->pairs[choice->buffer], &member, 1) == UINT32_MAX ? QW_ENOMEM : QW_OK;
}

enum { PROTO_TCP = 6 };

static bool is_of_tcp(const struct qw_sig *sig)
{
	return sig->protos[0] == 0 || sig->protos[0] == PROTO_TCP || sig->protos[1] == PROTO_TCP;
}

static enum qw_err place_rule(struct qw_compile *compile, uint32_t number)
{
	struct qw_sig *sig = qw_vector_at(&compile->sigs, number);
	struct qw_choice choice = {0};
	bool event = qw_event_op(compile->builder, sig) != NULL;
	if (!event)
		qw_choose(compile->builder, sig, &choice);
	qw_head_make(compile->builder, sig);
	if (!choice.len)
		sig->wants = (uint16_t)((sig->wants & ~(QW_WANTS_PROVED | QW_WANTS_NEAR)) | QW_WANTS_ASKED);
	for (uint32_t i = 0; i < sig->lists.count; i++) {
		const struct qw_list *list = qw_vector_at(&compile->builder->lists, sig->lists.first + i);
		compile->info.wanted[list->buffer] = 1;
		if (list->buffer == QW_BUFFER_PAYLOAD && sig->wants & QW_WANTS_PACKET && is_of_tcp(sig))
			compile->info.segments = 1;
		if (list->buffer == QW_BUFFER_PAYLOAD && sig->wants & QW_WANTS_STREAM &&
		    !(sig->wants & (QW_WANTS_PROVED | QW_WANTS_NEAR)))
			compile->info.need_window = 1;
	}
	if (choice.len)
		return add_literal(compile, &choice, number);
	unsigned carrier = event ? QW_PLAIN_EVENTS : qw_carrier(compile->builder, sig);
	if (carrier < QW_BUFFER_COUNT)
		compile->info.wanted[carrier] = 1;
	return qw_vector_put(&compile->plain[carrier], &number, 1) == UINT32_MAX ? QW_ENOMEM : QW_OK;
}

static enum qw_err place_rules(struct qw_compile *compile)
{
	const struct qw_signature_builder *builder = compile->builder;
	struct qw_vector order;
	qw_vector_init(&order, sizeof(uint32_t));
	enum qw_err err = qw_order_make(builder, &order);
	for (size_t i = 0; i < order.count && !err; i++) {
		const uint32_t *from = qw_vector_at(&order, i);
		uint32_t number = qw_vector_put(&compile->sigs, qw_vector_at(&builder->sigs, *from), 1);
		err = number == UINT32_MAX ? QW_ENOMEM : place_rule(compile, number);
	}
	if (!err)
		err = qw_names_make(compile, &order);
	qw_vector_fini(&order);
	return err ? err : qw_ends_make(compile);
}

/* Limits of many rules stand behind all other ops. */
static enum qw_err place_general(struct qw_compile *compile)
{
	struct qw_signature_builder *builder = compile->builder;
	struct qw_run run = {(uint32_t)builder->ops.count, (uint32_t)builder->general.count};
	if (run.count && qw_vector_put(&builder->ops, builder->general.rows, run.count) == UINT32_MAX)
		return QW_ENOMEM;
	compile->info.general = run;
	return QW_OK;
}

static enum qw_err add_pattern(void *ctx, uint64_t key, struct qw_run run)
{
	struct qw_compile *compile = ctx;
	struct qw_pattern pattern = {.members = run};
	(void)key; /* patterns are numbered without gaps, and come in order */
	return qw_vector_put(&compile->patterns, &pattern, 1) == UINT32_MAX ? QW_ENOMEM : QW_OK;
}

static enum qw_err make_group(struct qw_compile *compile, unsigned buffer)
{
	struct qw_group group = {
	    .patterns = {(uint32_t)compile->patterns.count, (uint32_t)compile->literals[buffer].count},
	    .index = QW_NONE};
	enum qw_err err = qw_members_group(compile, &compile->pairs[buffer], add_pattern, compile);
	if (!err && compile->plain[buffer].count) {
		group.index = (uint32_t)compile->indexes.count;
		err = qw_index_make(compile, &compile->plain[buffer]);
	}
	if (!err && group.patterns.count)
		err = qw_database_make(compile, (enum qw_buffer)buffer);
	if (!err && qw_vector_put(&compile->groups, &group, 1) == UINT32_MAX)
		err = QW_ENOMEM;
	return err;
}

static enum qw_err make_index(struct qw_compile *compile, unsigned kind, uint32_t *index)
{
	*index = QW_NONE;
	if (compile->plain[kind].count == 0)
		return QW_OK;
	*index = (uint32_t)compile->indexes.count;
	return qw_index_make(compile, &compile->plain[kind]);
}

static enum qw_err make_groups(struct qw_compile *compile)
{
	enum qw_err err = QW_OK;
	for (unsigned buffer = 0; buffer < QW_BUFFER_COUNT && !err; buffer++)
		err = make_group(compile, buffer);
	if (!err)
		err = make_index(compile, QW_PLAIN_PACKETS, &compile->info.packet_index);
	return err ? err : make_index(compile, QW_PLAIN_EVENTS, &compile->info.event_index);
}

/* ---- identities */

static int by_identity(const void *a, const void *b)
{
	const struct qw_identity *x = a, *y = b;
	if (x->gid != y->gid)
		return x->gid < y->gid ? -1 : 1;
	return x->sid < y->sid ? -1 : x->sid > y->sid;
}

static enum qw_err write_identities(struct qw_compile *compile)
{
	size_t count = compile->sigs.count;
	void *data;
	if (count == 0)
		return QW_OK;
	enum qw_err err = qw_image_section_new(compile->image, QW_SECTION_IDENTITIES,
					       count * sizeof(struct qw_identity), &data);
	if (err)
		return err;
	struct qw_identity *rows = data;
	for (uint32_t i = 0; i < count; i++) {
		const struct qw_sig *sig = qw_vector_at(&compile->sigs, i);
		rows[i] = (struct qw_identity){sig->gid, sig->sid, i};
	}
	qsort(rows, count, sizeof(*rows), by_identity);
	return QW_OK;
}

static enum qw_err write_sections(struct qw_compile *compile)
{
	struct qw_signature_builder *builder = compile->builder;
	const struct {
		unsigned id;
		const void *rows;
		size_t bytes;
	} sections[] = {
		{QW_SECTION_INFO, &compile->info, sizeof(compile->info)},
#define SECTION(id, vector) {id, (vector).rows, (vector).count * (vector).row_size}
		SECTION(QW_SECTION_SIGS, compile->sigs),
		SECTION(QW_SECTION_LISTS, builder->lists),
		SECTION(QW_SECTION_OPS, builder->ops),
		SECTION(QW_SECTION_BLOB, builder->blob),
		SECTION(QW_SECTION_SETS, builder->sets.rows),
		SECTION(QW_SECTION_RANGES, builder->sets.ranges),
		SECTION(QW_SECTION_GROUPS, compile->groups),
		SECTION(QW_SECTION_PATTERNS, compile->patterns),
		SECTION(QW_SECTION_MEMBERS, compile->members),
		SECTION(QW_SECTION_INDEXES, compile->indexes),
		SECTION(QW_SECTION_KEYS, compile->keys),
		SECTION(QW_SECTION_STARTS, compile->starts),
		SECTION(QW_SECTION_DIGESTS, builder->digests.bytes),
		SECTION(QW_SECTION_TABLES, compile->tables),
		SECTION(QW_SECTION_SLOTS, compile->slots),
		SECTION(QW_SECTION_VALUES, compile->values),
		SECTION(QW_SECTION_CONTEXTS, builder->datasets.contexts),
		SECTION(QW_SECTION_BLOCKS, compile->blocks),
		SECTION(QW_SECTION_NAMES, compile->names),
#undef SECTION
	};
	enum qw_err err = QW_OK;
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]) && !err; i++) {
		void *data;
		if (sections[i].bytes == 0)
			continue;
		err = qw_image_section_new(compile->image, sections[i].id, sections[i].bytes, &data);
		if (!err)
			memcpy(data, sections[i].rows, sections[i].bytes);
	}
	return err;
}

enum qw_err qw_compile(struct qw_signature_builder *builder, struct qw_image_builder *image, struct qw_diags *diags)
{
	struct qw_compile *compile = calloc(1, sizeof(*compile));
	if (!compile)
		return QW_ENOMEM;
	compile->builder = builder;
	compile->image = image;
	compile->diags = diags;
	compile->info.version = QW_LAYOUT_VERSION;
	init(compile);
	enum qw_err err = number_expressions(compile);
	if (!err)
		err = place_rules(compile);
	if (!err)
		err = place_general(compile);
	if (!err)
		err = make_groups(compile);
	if (!err)
		err = qw_tables_make(compile);
	if (!err)
		err = write_sections(compile);
	if (!err)
		err = write_identities(compile);
	fini(compile);
	free(compile);
	return err;
}
