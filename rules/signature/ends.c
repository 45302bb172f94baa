/* SPDX-License-Identifier: Apache-2.0 */
/* ends - "from outside to us", "from us to anywhere": a few kinds of addresses and ports that most rules ask for. */
#include <stdlib.h>

#include "rules/signature/compile.h"

/* A rule without a literal is tried again and again. */
enum { WEIGHT = 1, WEIGHT_PLAIN = 64 };

struct kind {
	uint32_t src, dst, sport, dport;
	uint32_t flags;
	uint32_t weight;
	uint32_t number; /* of its rule */
};

static struct kind kind_of(const struct qw_sig *sig, uint32_t number)
{
	return (struct kind){sig->src,  sig->dst, sig->sport, sig->dport, sig->flags & (QW_SIG_EITHER_WAY | QW_SIG_BOTH),
			     WEIGHT, number};
}

static int compare(uint32_t a, uint32_t b)
{
	return a < b ? -1 : a > b;
}

static int same(const struct kind *x, const struct kind *y)
{
	int order = compare(x->src, y->src);
	if (!order)
		order = compare(x->dst, y->dst);
	if (!order)
		order = compare(x->sport, y->sport);
	if (!order)
		order = compare(x->dport, y->dport);
	return order ? order : compare(x->flags, y->flags);
}

static int by_kind(const void *a, const void *b)
{
	const struct kind *x = a, *y = b;
	int order = same(x, y);
	return order ? order : compare(x->number, y->number);
}

static int by_weight(const void *a, const void *b)
{
	const struct kind *x = a, *y = b;
	int order = compare(y->weight, x->weight);
	return order ? order : compare(x->number, y->number);
}

static void weigh_plain(const struct qw_compile *compile, struct kind *kinds)
{
	for (unsigned i = 0; i < QW_PLAIN_KINDS; i++)
		for (size_t j = 0; j < compile->plain[i].count; j++)
			kinds[*(uint32_t *)qw_vector_at(&compile->plain[i], j)].weight = WEIGHT_PLAIN;
}

/* Sorted kinds become one each, with the weight of all. */
static size_t unite(struct kind *kinds, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		if (kept && same(&kinds[kept - 1], &kinds[i]) == 0)
			kinds[kept - 1].weight += kinds[i].weight;
		else
			kinds[kept++] = kinds[i];
	}
	return kept;
}

static void give_numbers(struct qw_compile *compile, const struct kind *kinds, size_t count)
{
	for (size_t i = 0; i < compile->sigs.count; i++) {
		struct qw_sig *sig = qw_vector_at(&compile->sigs, i);
		struct kind kind = kind_of(sig, 0);
		for (sig->ends = 0; sig->ends < count && same(&kinds[sig->ends], &kind) != 0;)
			sig->ends++;
		if (sig->ends == count)
			sig->ends = QW_ENDS_KEPT;
	}
}

enum qw_err qw_ends_make(struct qw_compile *compile)
{
	size_t count = compile->sigs.count;
	struct kind *kinds = calloc(count + 1, sizeof(*kinds));
	if (!kinds)
		return QW_ENOMEM;
	for (size_t i = 0; i < count; i++)
		kinds[i] = kind_of(qw_vector_at(&compile->sigs, i), (uint32_t)i);
	weigh_plain(compile, kinds);
	qsort(kinds, count, sizeof(*kinds), by_kind);
	count = unite(kinds, count);
	qsort(kinds, count, sizeof(*kinds), by_weight);
	give_numbers(compile, kinds, count < QW_ENDS_KEPT ? count : QW_ENDS_KEPT);
	free(kinds);
	return QW_OK;
}
