/* SPDX-License-Identifier: Apache-2.0 */
/* order - rules numbered in the order in which they are to be tried, and the names they remember things under. */
#include <stdlib.h>
#include <string.h>

#include "rules/signature/compile.h"
#include "rules/signature/effects.h"

/* What sets state comes before what tests it; what does both stands between, and all others come last. */
enum { SETS, TESTS_AND_SETS, TESTS, NEITHER };

static unsigned memory_class(const struct qw_signature_builder *builder, const struct qw_sig *sig)
{
	bool tests = false, sets = false;
	for (uint32_t i = 0; i < sig->facts.count; i++) {
		const struct qw_op *op = qw_vector_at(&builder->ops, sig->facts.first + i);
		tests |= op->kind == QW_OP_STATE;
	}
	for (uint32_t i = 0; i < sig->effects.count; i++) {
		const struct qw_op *op = qw_vector_at(&builder->ops, sig->effects.first + i);
		sets |= op->kind == QW_OP_STATE;
	}
	return sets ? (tests ? TESTS_AND_SETS : SETS) : (tests ? TESTS : NEITHER);
}

struct place {
	uint32_t rank; /* action, memory, priority */
	uint32_t sig;
};

static int by_rank(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return x->sig < y->sig ? -1 : x->sig > y->sig;
}

static uint32_t rank_of(const struct qw_signature_builder *builder, const struct qw_sig *sig)
{
	static const uint32_t actions[] = {
	    [QW_ACTION_PASS] = 0, [QW_ACTION_DROP] = 1, [QW_ACTION_REJECT] = 2, [QW_ACTION_ALERT] = 3};
	return actions[sig->action] << 16 | memory_class(builder, sig) << 8 | sig->priority;
}

enum qw_err qw_order_make(const struct qw_signature_builder *builder, struct qw_vector *numbers)
{
	size_t count = 0;
	struct place *places = calloc(builder->sigs.count + 1, sizeof(*places));
	if (!places)
		return QW_ENOMEM;
	for (size_t i = 0; i < builder->sigs.count; i++) {
		const struct qw_origin *origin = qw_vector_at(&builder->origins, i);
		if (!origin->gone)
			places[count++] = (struct place){rank_of(builder, qw_vector_at(&builder->sigs, i)), (uint32_t)i};
	}
	qsort(places, count, sizeof(*places), by_rank);
	enum qw_err err = QW_OK;
	for (size_t i = 0; i < count && !err; i++)
		err = qw_vector_put(numbers, &places[i].sig, 1) == UINT32_MAX ? QW_ENOMEM : QW_OK;
	free(places);
	return err;
}

/* ---- names */

/* A name while it is collected. */
struct use {
	struct qw_name_row row;
	uint32_t tester; /* a sig that asks whether it is set; UINT32_MAX: none */
	bool changed;    /* some rule sets it */
};

static int by_item(const void *a, const void *b)
{
	const struct use *x = a, *y = b;
	if (x->row.item != y->row.item)
		return x->row.item < y->row.item ? -1 : 1;
	return x->tester < y->tester ? -1 : x->tester > y->tester;
}

static enum qw_err collect(const struct qw_signature_builder *builder, uint32_t number, struct qw_run run,
			   struct qw_vector *uses)
{
	for (uint32_t i = 0; i < run.count; i++) {
		const struct qw_op *op = qw_vector_at(&builder->ops, run.first + i);
		if (op->kind != QW_OP_STATE)
			continue;
		struct use use = {.tester = op->state.verb == QW_STATE_ISSET ? number : UINT32_MAX,
				  .changed = op->state.verb == QW_STATE_SET || op->state.verb == QW_STATE_TOGGLE ||
					     op->state.verb == QW_STATE_ADD};
		use.row.item = qw_state_item((enum qw_state_kind)op->state.kind, op->state.name);
		use.row.text = op->state.text;
		use.row.kind = op->state.kind;
		if (qw_vector_put(uses, &use, 1) == UINT32_MAX)
			return QW_ENOMEM;
	}
	return QW_OK;
}

/* A typing error most likely, or a file that is not loaded. */
static void warn_of(const struct qw_compile *compile, const struct use *use)
{
	static const char *const kinds[] = {
	    [QW_STATE_FLOWBIT] = "flowbits", [QW_STATE_FLOWINT] = "flowint", [QW_STATE_XBIT] = "xbits"};
	const struct qw_signature_builder *builder = compile->builder;
	const struct qw_origin *origin = qw_vector_at(&builder->origins, use->tester);
	const struct qw_sig *sig = qw_vector_at(&builder->sigs, use->tester);
	qw_complain(compile->diags, QW_DIAG_WARNING, qw_vector_at(&builder->blob, origin->path), origin->line, 0,
		    "sid %u asks whether %s '%s' is set, and no loaded rule sets it: it cannot match", sig->sid,
		    kinds[use->row.kind], (const char *)qw_vector_at(&builder->blob, use->row.text));
}

static enum qw_err keep_names(struct qw_compile *compile, const struct qw_vector *uses)
{
	const struct use *rows = uses->rows;
	for (size_t first = 0, next; first < uses->count; first = next) {
		bool changed = false;
		for (next = first; next < uses->count && rows[next].row.item == rows[first].row.item; next++)
			changed |= rows[next].changed;
		if (!changed && rows[first].tester != UINT32_MAX)
			warn_of(compile, &rows[first]);
		if (qw_vector_put(&compile->names, &rows[first].row, 1) == UINT32_MAX)
			return QW_ENOMEM;
	}
	return QW_OK;
}

enum qw_err qw_names_make(struct qw_compile *compile, const struct qw_vector *numbers)
{
	const struct qw_signature_builder *builder = compile->builder;
	struct qw_vector uses;
	enum qw_err err = QW_OK;
	qw_vector_init(&uses, sizeof(struct use));
	for (size_t i = 0; i < numbers->count && !err; i++) {
		uint32_t number = *(const uint32_t *)qw_vector_at(numbers, i);
		const struct qw_sig *sig = qw_vector_at(&builder->sigs, number);
		err = collect(builder, number, sig->facts, &uses);
		if (!err)
			err = collect(builder, number, sig->effects, &uses);
	}
	if (uses.count)
		qsort(uses.rows, uses.count, sizeof(struct use), by_item);
	if (!err)
		err = keep_names(compile, &uses);
	qw_vector_fini(&uses);
	return err;
}
