/* SPDX-License-Identifier: Apache-2.0 */
/* confirm - a candidate in full: header, facts, and each buffer's list. */
#include <string.h>

#include "rules/signature/buffers.h"
#include "rules/signature/facts.h"
#include "rules/signature/inspect.h"
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
		if (qw_inspect_list(run, list, data))
			return true;
	}
	return false;
}

bool qw_signatures_confirm(struct qw_signatures *set, uint32_t number, const struct qw_subject *subject)
{
	const struct qw_sig *sig = &set->sigs[number];
	const struct qw_facts *facts = subject->facts;
	uint32_t need = sig->need & (QW_FACT_PACKET | QW_FACT_STREAM);
	if ((facts->flags & need) != need || !qw_header_fits(set, sig, facts))
		return false;
	for (uint32_t i = 0; i < sig->facts.count; i++)
		if (!qw_fact_match(&set->ops[sig->facts.first + i], facts))
			return false;
	struct qw_inspection run;
	run.set = set;
	memset(run.vars, 0, sizeof(run.vars));
	for (uint32_t i = 0; i < sig->lists.count; i++)
		if (!list_holds(&run, &set->lists[sig->lists.first + i], subject))
			return false;
	set->counters.confirmed++;
	return true;
}
