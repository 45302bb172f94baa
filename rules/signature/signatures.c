/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/signatures.h"

#include <stdlib.h>

#include "rules/signature/opened.h"

static const void *rows_of(const struct qw_image *image, unsigned id, size_t row_size, size_t *count)
{
	size_t size;
	const void *rows = qw_image_section(image, id, &size);
	*count = rows ? size / row_size : 0;
	return rows;
}

static void find_sections(struct qw_signatures *set)
{
	const struct qw_image *image = set->image;
	size_t size, groups;
	set->info = qw_image_section(image, QW_SECTION_INFO, &size);
	if (size < sizeof(*set->info))
		set->info = NULL;
	set->sigs = rows_of(image, QW_SECTION_SIGS, sizeof(*set->sigs), &set->sig_count);
	set->lists = rows_of(image, QW_SECTION_LISTS, sizeof(*set->lists), &set->list_count);
	set->ops = rows_of(image, QW_SECTION_OPS, sizeof(*set->ops), &set->op_count);
	set->blob = rows_of(image, QW_SECTION_BLOB, 1, &set->blob_size);
	set->sets = rows_of(image, QW_SECTION_SETS, sizeof(*set->sets), &set->set_count);
	set->ranges = rows_of(image, QW_SECTION_RANGES, sizeof(*set->ranges), &set->range_count);
	set->groups = rows_of(image, QW_SECTION_GROUPS, sizeof(*set->groups), &groups);
	if (groups < QW_BUFFER_COUNT)
		set->groups = NULL;
	set->patterns = rows_of(image, QW_SECTION_PATTERNS, sizeof(*set->patterns), &set->pattern_count);
	set->members = rows_of(image, QW_SECTION_MEMBERS, sizeof(*set->members), &set->member_count);
	set->indexes = rows_of(image, QW_SECTION_INDEXES, sizeof(*set->indexes), &set->index_count);
	set->keys = rows_of(image, QW_SECTION_KEYS, sizeof(*set->keys), &set->key_count);
	set->starts = rows_of(image, QW_SECTION_STARTS, sizeof(*set->starts), &set->start_count);
	set->digests = rows_of(image, QW_SECTION_DIGESTS, 1, &set->digest_size);
	set->tables = rows_of(image, QW_SECTION_TABLES, sizeof(*set->tables), &set->table_count);
	set->slots = rows_of(image, QW_SECTION_SLOTS, sizeof(*set->slots), &set->slot_count);
	set->values = rows_of(image, QW_SECTION_VALUES, sizeof(*set->values), &set->value_count);
	set->contexts = rows_of(image, QW_SECTION_CONTEXTS, 1, &set->context_size);
	set->blocks = rows_of(image, QW_SECTION_BLOCKS, sizeof(*set->blocks), &set->block_count);
	set->told = QW_NONE;
	set->names = rows_of(image, QW_SECTION_NAMES, sizeof(*set->names), &set->name_count);
	set->identities = rows_of(image, QW_SECTION_IDENTITIES, sizeof(*set->identities), &set->identity_count);
}

static enum qw_err open_databases(struct qw_signatures *set)
{
	for (unsigned buffer = 0; buffer < QW_BUFFER_COUNT; buffer++) {
		size_t size, needed;
		const hs_database_t *database = qw_image_section(set->image, QW_SECTION_DATABASE + buffer, &size);
		if (set->groups[buffer].patterns.count == 0)
			continue;
		if (!database || hs_database_size(database, &needed) != HS_SUCCESS || needed > size)
			return QW_EFORMAT;
		hs_error_t result = hs_alloc_scratch(database, &set->scratch);
		if (result != HS_SUCCESS)
			return result == HS_NOMEM ? QW_ENOMEM : QW_EVERSION;
		set->databases[buffer] = database;
	}
	return QW_OK;
}

static enum qw_err open_expressions(struct qw_signatures *set)
{
	uint32_t next = 0;
	enum qw_err err = qw_expressions_new(&set->expressions, set->info->pcre_count);
	/* Slots were given in the order of the ops, then of the lists, so each one's first user comes in turn. */
	for (size_t i = 0; i < set->op_count && !err; i++) {
		const struct qw_op *op = &set->ops[i];
		if (op->kind != QW_OP_PCRE || op->pcre.slot != next)
			continue;
		err = qw_expressions_add(set->expressions, next++, set->blob + op->pcre.data, op->pcre.len,
					 op->pcre.options);
	}
	for (size_t i = 0; i < set->list_count * QW_TRANSFORMS_MAX && !err; i++) {
		const struct qw_list *list = &set->lists[i / QW_TRANSFORMS_MAX];
		const struct qw_transform *row = &list->transforms[i % QW_TRANSFORMS_MAX];
		if (i % QW_TRANSFORMS_MAX >= list->transform_count || row->kind != QW_TRANSFORM_CAPTURE ||
		    (uint32_t)row->from != next)
			continue;
		err = qw_expressions_add(set->expressions, next++, set->blob + row->data, row->len, 0);
	}
	return err || next == set->info->pcre_count ? err : QW_EFORMAT;
}

static bool has_transform(const struct qw_signatures *set, enum qw_transform_kind kind)
{
	for (size_t i = 0; i < set->list_count; i++)
		for (unsigned t = 0; t < set->lists[i].transform_count; t++)
			if (set->lists[i].transforms[t].kind == kind)
				return true;
	return false;
}

static enum qw_err open_memory(struct qw_signatures *set)
{
	set->seen = calloc(set->sig_count + 1, sizeof(*set->seen));
	set->hit = calloc(set->pattern_count + 1, sizeof(*set->hit));
	set->work[0] = malloc(QW_TRANSFORM_BYTES);
	set->work[1] = malloc(QW_TRANSFORM_BYTES);
	set->decoded = malloc(QW_TRANSFORM_BYTES);
	bool inflates = has_transform(set, QW_TRANSFORM_GUNZIP) || has_transform(set, QW_TRANSFORM_INFLATE);
	if (inflates && !(set->inflate = malloc(sizeof(*set->inflate))))
		return QW_ENOMEM;
	return set->seen && set->hit && set->work[0] && set->work[1] && set->decoded ? QW_OK : QW_ENOMEM;
}

static enum qw_naming naming_of(const struct qw_signatures *set, unsigned buffer)
{
	const struct qw_index *index =
	    set->groups[buffer].index == QW_NONE ? NULL : &set->indexes[set->groups[buffer].index];
	if (set->databases[buffer])
		return QW_NAMED_BY_MORE;
	if (!index)
		return QW_NAMED_BY_NOTHING;
	bool numbers = index->kinds == UINT32_C(1) << QW_BY_NUMBER && !index->sources.count && !index->destinations.count;
	return numbers ? QW_NAMED_BY_NUMBERS : QW_NAMED_BY_MORE;
}

enum qw_err qw_signatures_open(struct qw_signatures **out, int fd)
{
	struct qw_signatures *set = calloc(1, sizeof(*set));
	if (!set)
		return QW_ENOMEM;
	enum qw_err err = qw_image_open(&set->image, fd, QW_SIGNATURE_IMAGE);
	if (!err) {
		find_sections(set);
		if (!set->info || !set->groups)
			err = QW_EFORMAT;
		else if (set->info->version != QW_LAYOUT_VERSION)
			err = QW_EVERSION;
		else if (!qw_opened_check(set))
			err = QW_EFORMAT;
	}
	if (!err)
		err = open_memory(set);
	if (!err)
		err = open_databases(set);
	if (!err)
		err = open_expressions(set);
	for (unsigned buffer = 0; !err && buffer < QW_BUFFER_COUNT; buffer++)
		set->naming[buffer] = (uint8_t)naming_of(set, buffer);
	if (err) {
		qw_signatures_close(set);
		return err;
	}
	*out = set;
	return QW_OK;
}

void qw_signatures_close(struct qw_signatures *set)
{
	if (!set)
		return;
	qw_expressions_free(set->expressions);
	hs_free_scratch(set->scratch);
	free(set->seen);
	free(set->hit);
	free(set->work[0]);
	free(set->work[1]);
	free(set->decoded);
	free(set->inflate);
	if (set->image)
		qw_image_close(set->image);
	free(set);
}

size_t qw_signatures_count(const struct qw_signatures *set)
{
	return set->sig_count;
}

bool qw_signatures_want(const struct qw_signatures *set, enum qw_buffer buffer)
{
	return set->info->wanted[buffer];
}

const uint8_t *qw_signatures_naming(const struct qw_signatures *set)
{
	return set->naming;
}

bool qw_signatures_want_packets(const struct qw_signatures *set)
{
	return set->info->packet_index != QW_NONE;
}

bool qw_signatures_may_pass(const struct qw_signatures *set)
{
	return set->sig_count && set->sigs[0].action == QW_ACTION_PASS; /* they have the first numbers */
}

bool qw_signatures_want_segments(const struct qw_signatures *set)
{
	return set->info->segments;
}

bool qw_signatures_need_window(const struct qw_signatures *set)
{
	return set->info->need_window;
}

size_t qw_signatures_tail(const struct qw_signatures *set)
{
	return set->info->tail;
}

const struct qw_signature_counters *qw_signatures_counters(const struct qw_signatures *set)
{
	return &set->counters;
}

bool qw_signatures_find(const struct qw_signatures *set, uint32_t gid, uint32_t sid, uint32_t *number)
{
	uint64_t wanted = (uint64_t)gid << 32 | sid;
	size_t low = 0, high = set->identity_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct qw_identity *row = &set->identities[middle];
		uint64_t here = (uint64_t)row->gid << 32 | row->sid;
		if (here == wanted) {
			*number = row->number;
			return true;
		}
		if (here < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

uint16_t qw_signatures_wants(const struct qw_signatures *set, uint32_t number)
{
	return set->sigs[number].wants;
}

/* As in Suricata: what is about an application, a stream or nothing but addresses is about the flow. */
static bool is_of_flow(const struct qw_sig *sig)
{
	bool addresses_only = sig->lists.count == 0 && sig->facts.count == 0 && (sig->sport & sig->dport) == QW_NONE;
	return sig->apps || sig->wants & (QW_WANTS_APP | QW_WANTS_STREAM) || addresses_only;
}

void qw_signatures_info(const struct qw_signatures *set, uint32_t number, struct qw_signature *out)
{
	const struct qw_sig *sig = &set->sigs[number];
	const char *texts = (const char *)set->blob;
	*out = (struct qw_signature){
		.gid = sig->gid,
		.sid = sig->sid,
		.rev = sig->rev,
		.priority = sig->priority,
		.wants = sig->wants,
		.share = sig->share,
		.action = (enum qw_signature_action)sig->action,
		.target = sig->flags & QW_SIG_TARGET_SRC    ? QW_TARGET_SRC
			  : sig->flags & QW_SIG_TARGET_DEST ? QW_TARGET_DEST
							    : QW_TARGET_UNSAID,
		.whole_flow = is_of_flow(sig),
		.msg = texts + sig->msg,
		.category = texts + sig->category,
		.metadata = texts + sig->metadata,
		.references = texts + sig->references,
		.contexts = set->told_contexts,
		.context_count = set->told == number ? set->told_count : 0,
	};
}
