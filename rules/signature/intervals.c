/* SPDX-License-Identifier: Apache-2.0 */
/* intervals - rules by address: which of them may hold from one address to the next. */
#include <stdlib.h>

#include "rules/signature/compile.h"

enum { MEMBERS_MAX = 1 << 24 };

struct edge {
	unsigned __int128 at;
	uint32_t number;
	bool opens;
};

static int by_edge(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;
	return x->at < y->at ? -1 : x->at > y->at;
}

static enum qw_err collect_edges(const struct qw_compile *compile, const struct qw_vector *numbers, bool source,
				 struct qw_vector *edges)
{
	const struct qw_sets *sets = &compile->builder->sets;
	for (size_t i = 0; i < numbers->count; i++) {
		uint32_t number = *(uint32_t *)qw_vector_at(numbers, i);
		const struct qw_sig *sig = qw_vector_at(&compile->sigs, number);
		const struct qw_run *run = qw_vector_at(&sets->rows, source ? sig->src : sig->dst);
		for (uint32_t j = 0; j < run->count; j++) {
			const struct qw_range *range = qw_vector_at(&sets->ranges, run->first + j);
			struct edge edge = {range->low, number, true};
			if (qw_vector_put(edges, &edge, 1) == UINT32_MAX)
				return QW_ENOMEM;
			edge = (struct edge){range->high + 1, number, false};
			if (range->high != ~(unsigned __int128)0 && qw_vector_put(edges, &edge, 1) == UINT32_MAX)
				return QW_ENOMEM;
		}
	}
	return QW_OK;
}

static enum qw_err turn(struct qw_vector *active, const struct edge *edge)
{
	uint32_t *rows = active->rows;
	if (edge->opens)
		return qw_vector_put(active, &edge->number, 1) == UINT32_MAX ? QW_ENOMEM : QW_OK;
	for (size_t i = 0; i < active->count; i++) {
		if (rows[i] != edge->number)
			continue;
		rows[i] = rows[--active->count];
		break;
	}
	return QW_OK;
}

/* One row per boundary, with all rules whose ranges hold from there on. */
static enum qw_err sweep(struct qw_compile *compile, const struct qw_vector *edges, struct qw_run *run)
{
	struct qw_vector active;
	enum qw_err err = QW_OK;
	qw_vector_init(&active, sizeof(uint32_t));
	*run = (struct qw_run){(uint32_t)compile->starts.count, 0};
	for (size_t i = 0; i < edges->count && !err;) {
		const struct edge *edge = qw_vector_at(edges, i);
		unsigned __int128 at = edge->at;
		for (; !err && i < edges->count && (edge = qw_vector_at(edges, i))->at == at; i++)
			err = turn(&active, edge);
		struct qw_start start = {.low = at,
					 .members = {(uint32_t)compile->members.count, (uint32_t)active.count}};
		if (!err && compile->members.count + active.count > MEMBERS_MAX)
			err = QW_ELIMIT;
		if (!err && (qw_vector_put(&compile->members, active.rows, active.count) == UINT32_MAX ||
			     qw_vector_put(&compile->starts, &start, 1) == UINT32_MAX))
			err = QW_ENOMEM;
		run->count++;
	}
	qw_vector_fini(&active);
	return err;
}

enum qw_err qw_intervals_make(struct qw_compile *compile, const struct qw_vector *numbers, bool source, struct qw_run *run)
{
	struct qw_vector edges;
	qw_vector_init(&edges, sizeof(struct edge));
	enum qw_err err = collect_edges(compile, numbers, source, &edges);
	if (!err && edges.count)
		qsort(edges.rows, edges.count, sizeof(struct edge), by_edge);
	if (!err)
		err = sweep(compile, &edges, run);
	qw_vector_fini(&edges);
	if (err == QW_ELIMIT)
		qw_complain(
		    compile->diags, QW_DIAG_ERROR, "", 0, 0,
		    "the rules' address lists overlap too much to be indexed; use indicator lists for large sets");
	return err;
}
