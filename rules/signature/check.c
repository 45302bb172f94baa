/* SPDX-License-Identifier: Apache-2.0 */
/* check - an image's offsets, once, on opening. */
#include <string.h>

#include "rules/signature/buffers.h"
#include "rules/signature/opened.h"

static bool fits(struct qw_run run, size_t count)
{
	return run.first <= count && run.count <= count - run.first;
}

static bool text_fits(const struct qw_signatures *set, uint32_t text)
{
	return text < set->blob_size && memchr(set->blob + text, '\0', set->blob_size - text);
}

static bool set_fits(const struct qw_signatures *set, uint32_t number)
{
	return number == QW_NONE || number < set->set_count;
}

static bool op_fits(const struct qw_signatures *set, const struct qw_op *op)
{
	bool vars = op->result < QW_RULE_VARS_MAX;
	if (op->kind == QW_OP_CONTENT || op->kind == QW_OP_AMONG)
		return vars && fits((struct qw_run){op->content.data, op->content.len}, set->blob_size);
	if (op->kind == QW_OP_DIGEST)
		return fits((struct qw_run){op->content.data, op->content.len}, set->digest_size);
	if (op->kind == QW_OP_EVENT)
		return op->number.a < QW_PE_COUNT;
	if (op->kind == QW_OP_PCRE)
		return fits((struct qw_run){op->pcre.data, op->pcre.len}, set->blob_size) &&
		       op->pcre.slot < set->info->pcre_count;
	if (op->kind == QW_OP_MEMBER)
		return vars && op->member.table < set->table_count && text_fits(set, op->member.context);
	if (op->kind == QW_OP_STATE)
		return text_fits(set, op->state.text) && op->state.kind < QW_STATE_KINDS && op->state.track < QW_TRACKS;
	if (op->kind == QW_OP_SUPPRESS)
		return set_fits(set, op->limit.set);
	if (op->kind == QW_OP_TAG)
		return op->tag.metric < QW_METRICS && op->tag.track < QW_TRACKS;
	return vars && op->kind < QW_OP_KINDS;
}

/* Contexts are texts, the last of which ends the section: then each of them ends. */
static bool contexts_fit(const struct qw_signatures *set, const struct qw_table *table)
{
	if (set->context_size == 0 || set->contexts[set->context_size - 1] != '\0')
		return false;
	for (uint32_t i = 0; i < table->slots.count; i++)
		if (set->values[table->values + i] >= set->context_size)
			return false;
	return true;
}

static bool table_fits(const struct qw_signatures *set, const struct qw_table *table)
{
	if (table->homes == 0 || !fits(table->slots, set->slot_count) || table->type >= QW_MEMBER_TYPES ||
	    table->mask_count > QW_MASKS_MAX)
		return false;
	if (table->values == QW_NONE)
		return !table->contexts;
	return fits((struct qw_run){table->values, table->slots.count}, set->value_count) &&
	       (!table->contexts || contexts_fit(set, table));
}

static bool tables_fit(const struct qw_signatures *set)
{
	uint32_t reputation = set->info->reputation;
	for (size_t i = 0; i < set->table_count; i++)
		if (!table_fits(set, &set->tables[i]))
			return false;
	return reputation == QW_NONE || (reputation < set->table_count && set->tables[reputation].values != QW_NONE);
}

static bool transform_fits(const struct qw_signatures *set, const struct qw_transform *row)
{
	bool in_blob = fits((struct qw_run){row->data, row->len}, set->blob_size);
	switch (row->kind) {
	case QW_TRANSFORM_XOR: return row->len > 0 && row->from >= 0 && in_blob;
	case QW_TRANSFORM_XOR_TAKEN: return row->len > 0 && row->from >= 0;
	case QW_TRANSFORM_BASE64: return row->from >= 0;
	case QW_TRANSFORM_CAPTURE: return in_blob && (uint32_t)row->from < set->info->pcre_count;
	default: return row->kind < QW_TRANSFORM_KINDS;
	}
}

static bool list_fits(const struct qw_signatures *set, const struct qw_list *list)
{
	if (list->buffer >= QW_BUFFER_COUNT || list->transform_count > QW_TRANSFORMS_MAX || list->side > QW_DOWNWARD ||
	    !fits(list->ops, set->op_count))
		return false;
	for (unsigned i = 0; i < list->transform_count; i++)
		if (!transform_fits(set, &list->transforms[i]))
			return false;
	return true;
}

static bool sig_fits(const struct qw_signatures *set, const struct qw_sig *sig)
{
	return fits(sig->facts, set->op_count) && fits(sig->effects, set->op_count) &&
	       fits(sig->limits, set->op_count) && fits(sig->lists, set->list_count) && set_fits(set, sig->src) &&
	       set_fits(set, sig->dst) && set_fits(set, sig->sport) && set_fits(set, sig->dport) &&
	       text_fits(set, sig->msg) && text_fits(set, sig->category) && text_fits(set, sig->metadata) &&
	       text_fits(set, sig->references);
}

static bool runs_fit(const struct qw_run *runs, size_t count, size_t rows)
{
	for (size_t i = 0; i < count; i++)
		if (!fits(runs[i], rows))
			return false;
	return true;
}

static bool index_fits(const struct qw_signatures *set, const struct qw_index *index)
{
	return runs_fit(index->apps, QW_APP_COUNT, set->member_count) &&
	       runs_fit(index->icmp, 256, set->member_count) && runs_fit(index->tcp_flags, 256, set->member_count) &&
	       runs_fit(index->protos, 256, set->member_count) && fits(index->any, set->member_count) &&
	       fits(index->dports, set->key_count) && fits(index->sports, set->key_count) &&
	       fits(index->events, set->key_count) && fits(index->numbers, set->key_count) && fits(index->sources, set->start_count) &&
	       fits(index->destinations, set->start_count);
}

static bool groups_fit(const struct qw_signatures *set)
{
	for (size_t i = 0; i < QW_BUFFER_COUNT; i++) {
		const struct qw_group *group = &set->groups[i];
		if (!fits(group->patterns, set->pattern_count) ||
		    (group->index != QW_NONE && group->index >= set->index_count))
			return false;
	}
	return set->info->tail <= QW_PREFILTER_TAIL_MAX &&
	       (set->info->packet_index == QW_NONE || set->info->packet_index < set->index_count) &&
	       (set->info->event_index == QW_NONE || set->info->event_index < set->index_count);
}

static bool members_fit(const struct qw_signatures *set)
{
	for (size_t i = 0; i < set->pattern_count; i++)
		if (!fits(set->patterns[i].members, set->member_count))
			return false;
	for (size_t i = 0; i < set->member_count; i++)
		if (set->members[i] >= set->sig_count)
			return false;
	for (size_t i = 0; i < set->key_count; i++)
		if (!fits(set->keys[i].members, set->member_count))
			return false;
	for (size_t i = 0; i < set->start_count; i++)
		if (!fits(set->starts[i].members, set->member_count))
			return false;
	return true;
}

bool qw_opened_check(const struct qw_signatures *set)
{
	for (size_t i = 0; i < set->set_count; i++)
		if (!fits(set->sets[i], set->range_count))
			return false;
	if (!tables_fit(set))
		return false;
	for (size_t i = 0; i < set->op_count; i++)
		if (!op_fits(set, &set->ops[i]))
			return false;
	for (size_t i = 0; i < set->list_count; i++)
		if (!list_fits(set, &set->lists[i]))
			return false;
	for (size_t i = 0; i < set->sig_count; i++)
		if (!sig_fits(set, &set->sigs[i]))
			return false;
	for (size_t i = 0; i < set->index_count; i++)
		if (!index_fits(set, &set->indexes[i]))
			return false;
	for (size_t i = 0; i < set->name_count; i++)
		if (!text_fits(set, set->names[i].text))
			return false;
	for (size_t i = 0; i < set->identity_count; i++)
		if (set->identities[i].number >= set->sig_count)
			return false;
	return fits(set->info->general, set->op_count) && groups_fit(set) && members_fit(set);
}
