/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/paths/distinct.h"

#include <math.h>
#include <string.h>

enum { INDEX_BITS = 8, RANK_MAX = 32 - INDEX_BITS + 1 };

/* Place of the first 1 bit in what the index leaves. */
static uint8_t rank_of(uint32_t hash)
{
	uint32_t rest = hash << INDEX_BITS;

	return rest ? (uint8_t)(__builtin_clz(rest) + 1) : RANK_MAX;
}

static void sketch(struct qw_distinct *distinct, uint32_t hash)
{
	uint8_t *reg = &distinct->registers[hash >> (32 - INDEX_BITS)], rank = rank_of(hash);

	if (rank > *reg)
		*reg = rank;
}

static void begin_sketch(struct qw_distinct *distinct)
{
	uint32_t exact[QW_DISTINCT_EXACT];

	memcpy(exact, distinct->exact, sizeof(exact));
	memset(distinct->registers, 0, sizeof(distinct->registers));
	distinct->sketched = true;
	for (unsigned i = 0; i < QW_DISTINCT_EXACT; i++)
		sketch(distinct, exact[i]);
}

void qw_distinct_add(struct qw_distinct *distinct, uint32_t hash)
{
	for (unsigned i = 0; !distinct->sketched && i < distinct->exact_count; i++)
		if (distinct->exact[i] == hash)
			return;
	if (!distinct->sketched && distinct->exact_count < QW_DISTINCT_EXACT) {
		distinct->exact[distinct->exact_count++] = hash;
		return;
	}
	if (!distinct->sketched)
		begin_sketch(distinct);
	sketch(distinct, hash);
}

/* The paper's estimate, with its correction for few: linear counting. */
static uint32_t estimate(const struct qw_distinct *distinct)
{
	static const double alpha = 0.7213 / (1 + 1.079 / QW_DISTINCT_REGISTERS);
	const double m = QW_DISTINCT_REGISTERS;
	double sum = 0, empty = 0;

	for (unsigned i = 0; i < QW_DISTINCT_REGISTERS; i++) {
		sum += ldexp(1, -distinct->registers[i]);
		empty += distinct->registers[i] == 0;
	}
	double raw = alpha * m * m / sum;
	return (uint32_t)(raw <= 2.5 * m && empty > 0 ? m * log(m / empty) : raw);
}

uint32_t qw_distinct_count(const struct qw_distinct *distinct)
{
	return distinct->sketched ? estimate(distinct) : distinct->exact_count;
}
