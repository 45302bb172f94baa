/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/builder.h"

#include <stdlib.h>
#include <string.h>

#include "rules/signature/rule.h"

struct identity {
	uint32_t gid, sid;
};

enum qw_err qw_signature_builder_new(struct qw_signature_builder **out, const struct qw_signature_options *options)
{
	struct qw_signature_builder *builder = calloc(1, sizeof(*builder));
	if (!builder)
		return QW_ENOMEM;
	builder->options = options;
	builder->draft = calloc(1, sizeof(*builder->draft));
	enum qw_err err = qw_classes_init(&builder->classes);
	qw_sets_init(&builder->sets);
	qw_digest_lists_init(&builder->digests);
	qw_datasets_init(&builder->datasets);
	qw_reputation_init(&builder->reputation);
	qw_vector_init(&builder->sigs, sizeof(struct qw_sig));
	qw_vector_init(&builder->lists, sizeof(struct qw_list));
	qw_vector_init(&builder->ops, sizeof(struct qw_op));
	qw_vector_init(&builder->blob, 1);
	qw_vector_init(&builder->origins, sizeof(struct qw_origin));
	qw_vector_init(&builder->limits, sizeof(struct qw_outer_limit));
	qw_vector_init(&builder->general, sizeof(struct qw_op));
	qw_names_init(&builder->identities);
	qw_names_init(&builder->paths);
	if (err || !builder->draft) {
		qw_signature_builder_free(builder);
		return QW_ENOMEM;
	}
	*out = builder;
	return QW_OK;
}

void qw_signature_builder_free(struct qw_signature_builder *builder)
{
	if (!builder)
		return;
	qw_classes_fini(&builder->classes);
	qw_sets_fini(&builder->sets);
	qw_digest_lists_fini(&builder->digests);
	qw_datasets_fini(&builder->datasets);
	qw_reputation_fini(&builder->reputation);
	qw_vector_fini(&builder->sigs);
	qw_vector_fini(&builder->lists);
	qw_vector_fini(&builder->ops);
	qw_vector_fini(&builder->blob);
	qw_vector_fini(&builder->origins);
	qw_vector_fini(&builder->limits);
	qw_vector_fini(&builder->general);
	qw_names_fini(&builder->identities);
	qw_names_fini(&builder->paths);
	free(builder->draft);
	free(builder);
}

const struct qw_signature_counts *qw_signature_builder_counts(const struct qw_signature_builder *builder)
{
	return &builder->counts;
}

/* Offsets of a draft count from its own blob; those of the builder from all. */
static void move_op(struct qw_op *op, uint32_t base)
{
	if (op->kind == QW_OP_CONTENT || op->kind == QW_OP_AMONG)
		op->content.data += base;
	else if (op->kind == QW_OP_PCRE)
		op->pcre.data += base;
	else if (op->kind == QW_OP_MEMBER)
		op->member.context += base;
	else if (op->kind == QW_OP_STATE)
		op->state.text += base;
}

/* Appends the ops of one list (or of none: facts) in their order. */
static enum qw_err put_ops(struct qw_signature_builder *builder, uint32_t list, uint32_t base, struct qw_run *run)
{
	const struct qw_draft *draft = builder->draft;
	*run = (struct qw_run){(uint32_t)builder->ops.count, 0};
	for (uint32_t i = 0; i < draft->op_count; i++) {
		if (draft->ops[i].list != list)
			continue;
		struct qw_op op = draft->ops[i].op;
		move_op(&op, base);
		if (qw_vector_put(&builder->ops, &op, 1) == UINT32_MAX)
			return QW_ENOMEM;
		run->count++;
	}
	return QW_OK;
}

static enum qw_err put_lists(struct qw_signature_builder *builder, uint32_t base, struct qw_sig *sig)
{
	const struct qw_draft *draft = builder->draft;
	sig->lists = (struct qw_run){(uint32_t)builder->lists.count, 0};
	for (uint32_t i = 0; i < draft->list_count; i++) {
		struct qw_list list = draft->lists[i].list;
		enum qw_err err = put_ops(builder, i, base, &list.ops);
		if (err)
			return err;
		if (list.ops.count == 0 && list.absent == QW_PRESENT)
			continue;
		for (uint32_t t = 0; t < list.transform_count; t++)
			if (list.transforms[t].kind == QW_TRANSFORM_XOR ||
			    list.transforms[t].kind == QW_TRANSFORM_CAPTURE)
				list.transforms[t].data += base;
		if (qw_vector_put(&builder->lists, &list, 1) == UINT32_MAX)
			return QW_ENOMEM;
		sig->lists.count++;
	}
	return QW_OK;
}

static enum qw_err commit(struct qw_signature_builder *builder, struct qw_origin origin, uint32_t *number)
{
	const struct qw_draft *draft = builder->draft;
	struct qw_sig sig = draft->sig;
	uint32_t base = qw_vector_put(&builder->blob, draft->blob, draft->blob_len);
	if (base == UINT32_MAX)
		return QW_ENOMEM;
	sig.msg += base;
	sig.category += base;
	sig.metadata += base;
	sig.references += base;
	enum qw_err err = put_ops(builder, QW_DRAFT_FACTS, base, &sig.facts);
	if (!err)
		err = put_ops(builder, QW_DRAFT_EFFECTS, base, &sig.effects);
	if (!err)
		err = put_ops(builder, QW_DRAFT_LIMITS, base, &sig.limits);
	if (!err)
		err = put_lists(builder, base, &sig);
	if (err)
		return err;
	*number = qw_vector_put(&builder->sigs, &sig, 1);
	if (*number == UINT32_MAX || qw_vector_put(&builder->origins, &origin, 1) == UINT32_MAX)
		return QW_ENOMEM;
	builder->counts.accepted++;
	return QW_OK;
}

/* Only one rule of an identity stays: the later revision. */
static enum qw_err admit(struct qw_signature_builder *builder, struct qw_parse *parse, struct qw_origin origin)
{
	const struct qw_sig *sig = &builder->draft->sig;
	struct identity identity = {sig->gid, sig->sid};
	int fresh;
	uint32_t *kept = qw_names_get(&builder->identities, &identity, sizeof(identity), &fresh);
	if (!kept)
		return QW_ENOMEM;
	if (!fresh) {
		const struct qw_sig *old = qw_vector_at(&builder->sigs, *kept);
		struct qw_origin *where = qw_vector_at(&builder->origins, *kept);
		if (!where->gone && sig->rev <= old->rev)
			return qw_refuse(
			    parse, builder->draft->sid_at,
			    "sid %u (gid %u) is at revision %u already, from %s:%u; this one is revision %u", sig->sid,
			    sig->gid, old->rev, (const char *)qw_vector_at(&builder->blob, where->path), where->line,
			    sig->rev);
		if (!where->gone) {
			where->gone = true;
			builder->counts.replaced++;
			builder->counts.accepted--;
		}
	}
	return commit(builder, origin, kept);
}

static enum qw_err path_of(struct qw_signature_builder *builder, const char *path, uint32_t *offset)
{
	int fresh;
	uint32_t *known = qw_names_get(&builder->paths, path, strlen(path), &fresh);
	if (known && fresh)
		*known = qw_vector_put(&builder->blob, path, strlen(path) + 1);
	if (!known || *known == UINT32_MAX)
		return QW_ENOMEM;
	*offset = *known;
	return QW_OK;
}

static enum qw_err read_classes(struct qw_signature_builder *builder, struct qw_diags *diags)
{
	const char *path = builder->options->classification;
	if (builder->classes_read || !path || !*path)
		return QW_OK;
	builder->classes_read = true;
	enum qw_err err = qw_classes_read(&builder->classes, path, diags);
	if (err == QW_ENOMEM)
		return err;
	if (err)
		qw_complain(diags, QW_DIAG_ERROR, path, 0, 0, "cannot be read: %s; the built-in classes are used",
			    qw_strerror(err));
	return QW_OK;
}

static struct qw_parse parse_of(struct qw_signature_builder *builder, const char *path, const struct qw_statement *statement,
				struct qw_diags *diags)
{
	return (struct qw_parse){.path = path, .statement = statement, .diags = diags, .options = builder->options,
				 .draft = builder->draft, .sets = &builder->sets, .classes = &builder->classes,
				 .datasets = &builder->datasets, .digests = &builder->digests, .reputation = &builder->reputation};
}

static enum qw_err read_text(struct qw_signature_builder *builder, const char *path, bool distributed, struct qw_word text,
			     struct qw_diags *diags)
{
	struct qw_lexer lexer;
	struct qw_statement statement;
	struct qw_parse parse = parse_of(builder, path, &statement, diags);
	struct qw_origin origin = {0};
	enum qw_err err = read_classes(builder, diags);
	parse.distributed = distributed;
	if (!err)
		err = path_of(builder, path, &origin.path);
	if (err)
		return err;
	qw_lexer_init(&lexer, text.at, text.len);
	while ((err = qw_lexer_next(&lexer, &statement)) == QW_OK) {
		origin.line = statement.line;
		err = qw_rule_parse(&parse);
		if (!err)
			err = admit(builder, &parse, origin);
		if (err == QW_EFORMAT)
			builder->counts.rejected++;
		else if (err)
			break;
	}
	qw_lexer_fini(&lexer);
	return err == QW_ENOENT ? QW_OK : err;
}

enum qw_err qw_signature_builder_read(struct qw_signature_builder *builder, const char *path, const char *text,
				      size_t len, struct qw_diags *diags)
{
	return read_text(builder, path, false, (struct qw_word){text, len}, diags);
}

enum qw_err qw_signature_builder_receive(struct qw_signature_builder *builder, const char *channel, const char *text,
					 size_t len, struct qw_diags *diags)
{
	return read_text(builder, channel, true, (struct qw_word){text, len}, diags);
}

enum qw_err qw_signature_builder_declare(struct qw_signature_builder *builder, const char *origin, const char *name,
					 const char *options, struct qw_diags *diags)
{
	struct qw_lexer lexer;
	struct qw_statement statement;
	struct qw_vector text;
	struct qw_parse parse = parse_of(builder, origin, &statement, diags);
	qw_vector_init(&text, 1);
	bool made = qw_vector_put(&text, name, strlen(name)) != UINT32_MAX && qw_vector_put(&text, ",", 1) != UINT32_MAX &&
		    qw_vector_put(&text, options, strlen(options)) != UINT32_MAX;
	qw_lexer_init(&lexer, made ? text.rows : "", text.count);
	enum qw_err err = made ? qw_lexer_next(&lexer, &statement) : QW_ENOMEM;
	if (!err) {
		parse.keyword = statement.text;
		err = qw_dataset_declare(&parse, statement.text);
	}
	qw_lexer_fini(&lexer);
	qw_vector_fini(&text);
	return err == QW_ENOENT ? QW_EFORMAT : err;
}

uint32_t qw_builder_find(const struct qw_signature_builder *builder, uint32_t gid, uint32_t sid)
{
	struct identity identity = {gid, sid};
	const uint32_t *kept = qw_names_find(&builder->identities, &identity, sizeof(identity));
	const struct qw_origin *origin = kept ? qw_vector_at(&builder->origins, *kept) : NULL;
	return origin && !origin->gone ? *kept : UINT32_MAX;
}

bool qw_signature_builder_disable(struct qw_signature_builder *builder, uint32_t gid, uint32_t sid)
{
	uint32_t number = qw_builder_find(builder, gid, sid);
	if (number == UINT32_MAX)
		return false;
	struct qw_origin *origin = qw_vector_at(&builder->origins, number);
	origin->gone = true;
	builder->counts.accepted--;
	return true;
}

enum qw_err qw_signature_builder_finish(struct qw_signature_builder *builder, int *fd, struct qw_diags *diags)
{
	struct qw_image_builder *image;
	enum qw_err err = qw_image_builder_new(&image, QW_SIGNATURE_IMAGE);
	if (err)
		return err;
	err = qw_thresholds_settle(builder);
	if (!err)
		err = qw_compile(builder, image, diags);
	if (!err)
		err = qw_image_finish(image, fd);
	qw_image_builder_free(image);
	return err;
}
