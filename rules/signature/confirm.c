/* SPDX-License-Identifier: Apache-2.0 */
/* confirm - a candidate in full: header, facts, and each buffer's list. */
#include <string.h>

#include "rules/signature/buffers.h"
#include "rules/signature/effects.h"
#include "rules/signature/facts.h"
#include "rules/signature/inspect.h"
#include "rules/signature/member.h"
#include "rules/signature/reputation.h"
#include "rules/signature/transforms.h"

enum { VALUES_MAX = 4096 }; /* of one buffer in one message; a parser has far fewer */

static bool value_of(const struct qw_subject *subject, enum qw_buffer buffer, unsigned index, struct qw_slice *out)
{
	if (qw_buffer_trait(buffer)->header)
		return index == 0 && qw_fact_header(subject->facts, buffer, out);
	if (!subject->buffer(subject->ctx, buffer, index, out))
		return false;
	if (!out->data)
		*out = qw_slice_text(""); /* empty, and safe to point into */
	return true;
}

/* The value that the list asks for by its place, and nothing else. */
static bool nth_holds(struct qw_inspection *run, const struct qw_list *list, const struct qw_subject *subject,
		      int32_t place)
{
	enum qw_buffer buffer = (enum qw_buffer)list->buffer;
	struct qw_slice data;
	unsigned count = 0;
	if (place >= 0)
		return value_of(subject, buffer, (unsigned)place, &data) && qw_inspect_list(run, list, data);
	while (count < VALUES_MAX && value_of(subject, buffer, count, &data))
		count++;
	return (int64_t)count + place >= 0 && value_of(subject, buffer, count - (unsigned)-place, &data) &&
	       qw_inspect_list(run, list, data);
}

static bool every_holds(struct qw_inspection *run, const struct qw_list *list, const struct qw_subject *subject)
{
	struct qw_slice data;
	for (unsigned index = 0; index < VALUES_MAX; index++) {
		if (!value_of(subject, (enum qw_buffer)list->buffer, index, &data))
			return true;
		if (!qw_inspect_list(run, list, data))
			return false;
	}
	return true;
}

/* One value of the buffer must fit the whole list. */
static bool list_holds(struct qw_inspection *run, const struct qw_list *list, const struct qw_subject *subject)
{
	enum qw_buffer buffer = (enum qw_buffer)list->buffer;
	struct qw_slice data;
	if (!value_of(subject, buffer, 0, &data))
		return list->absent != QW_PRESENT;
	if (list->absent == QW_ABSENT)
		return false;
	const struct qw_op *first = &run->set->ops[list->ops.first];
	if (list->ops.count && first->kind == QW_OP_NTH)
		return nth_holds(run, list, subject, first->at.offset);
	if (list->ops.count && first->kind == QW_OP_EVERY)
		return every_holds(run, list, subject);
	for (unsigned index = 0; index < VALUES_MAX; index++) {
		if (index && !value_of(subject, buffer, index, &data))
			return false;
		if (list->transform_count)
			data = qw_transform(run->set, list, data);
		if (list->or_failed && run->set->transform_failed)
			return true;
		if (qw_inspect_list(run, list, data))
			return true;
	}
	return false;
}

static bool fact_holds(const struct qw_signatures *set, const struct qw_op *op, const struct qw_subject *subject)
{
	switch ((enum qw_op_kind)op->kind) {
	case QW_OP_STATE: return qw_state_test(op, subject);
	case QW_OP_COUNT: return qw_count_test(op, subject);
	case QW_OP_REPUTATION: return qw_reputation_holds(set, op, subject->facts);
	default: return qw_fact_match(op, subject->facts);
	}
}

/* All of them, where ops that are joined by "or" count as one. */
static bool facts_hold(const struct qw_signatures *set, const struct qw_op *op, const struct qw_op *end, const struct qw_subject *subject)
{
	for (; op < end; op++) {
		bool holds = fact_holds(set, op, subject);
		for (; op->flags & QW_OP_OR_NEXT && op + 1 < end; op++)
			holds = holds || fact_holds(set, op + 1, subject);
		if (!holds)
			return false;
	}
	return true;
}

/* What is missing of a short payload counts as zeroes: it may hold, and is looked at closely. */
bool qw_signatures_begins(const struct qw_signatures *set, uint32_t number, struct qw_slice payload)
{
	const struct qw_sig *sig = &set->sigs[number];
	uint64_t head = 0;
	if (!sig->head_mask)
		return true;
	if (payload.len >= sizeof(head))
		memcpy(&head, payload.data, sizeof(head));
	else if (payload.len)
		memcpy(&head, payload.data, payload.len);
	return (head & sig->head_mask) == sig->head;
}

bool qw_signatures_applies(const struct qw_signatures *set, uint32_t number, const struct qw_subject *subject)
{
	const struct qw_sig *sig = &set->sigs[number];
	const struct qw_facts *facts = subject->facts;
	uint32_t need = sig->need & (QW_FACT_PACKET | QW_FACT_STREAM);
	if ((facts->flags & need) != need || !qw_header_fits(set, sig, facts))
		return false;
	if (sig->facts.count == 0)
		return true;
	const struct qw_op *first = set->ops + sig->facts.first;
	return facts_hold(set, first, first + sig->facts.count, subject);
}

static void begin(struct qw_inspection *run, struct qw_signatures *set, const struct qw_subject *subject)
{
	run->set = set;
	run->subject = subject;
	run->context_count = 0;
	run->change_count = 0;
	memset(run->vars, 0, sizeof(run->vars));
}

/* What alerts tell of the sets that were asked: kept until the next confirmation. */
static void tell(const struct qw_inspection *run, uint32_t number)
{
	struct qw_signatures *set = run->set;
	set->told = number;
	set->told_count = run->context_count;
	memcpy(set->told_contexts, run->contexts, run->context_count * sizeof(run->contexts[0]));
}

bool qw_signatures_confirm(struct qw_signatures *set, uint32_t number, const struct qw_subject *subject)
{
	const struct qw_sig *sig = &set->sigs[number];
	if (!qw_signatures_applies(set, number, subject))
		return false;
	struct qw_inspection run;
	begin(&run, set, subject);
	for (uint32_t i = 0; i < sig->lists.count; i++)
		if (!list_holds(&run, &set->lists[sig->lists.first + i], subject))
			return false;
	if (run.change_count && !qw_member_commit(&run))
		return false;
	set->counters.confirmed++;
	tell(&run, number);
	return true;
}

/* What is asked of one side does not count in the other's messages. */
static bool is_sided(const struct qw_list *list, const struct qw_facts *facts)
{
	return list->side == QW_EITHER_WAY ||
	       facts->flags & (list->side == QW_UPWARD ? QW_FACT_TO_SERVER : QW_FACT_TO_CLIENT);
}

bool qw_signatures_confirm_rest(struct qw_signatures *set, uint32_t number, const struct qw_subject *subject, uint16_t *held)
{
	const struct qw_sig *sig = &set->sigs[number];
	struct qw_inspection run;
	bool all = true;
	if (!qw_signatures_applies(set, number, subject))
		return false;
	begin(&run, set, subject);
	for (uint32_t i = 0; i < sig->lists.count && i < QW_BOTH_LISTS_MAX; i++) {
		const struct qw_list *list = &set->lists[sig->lists.first + i];
		if (!(*held >> i & 1) && is_sided(list, subject->facts) && list_holds(&run, list, subject) &&
		    qw_member_commit(&run))
			*held = (uint16_t)(*held | 1u << i);
		all &= *held >> i & 1;
	}
	set->counters.confirmed += all;
	tell(&run, number);
	return all;
}
