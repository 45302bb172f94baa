/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/detect/waiting.h"

#include <stdlib.h>

#include "quaywatch/hash.h"

enum { PLACES = 4096 };

struct qw_waiting {
	struct qw_waiting_counters counters;
	struct qw_waiting_place place[PLACES];
};

enum qw_err qw_waiting_new(struct qw_waiting **out)
{
	struct qw_waiting *waiting = calloc(1, sizeof(*waiting));

	if (!waiting)
		return QW_ENOMEM;
	*out = waiting;
	return QW_OK;
}

void qw_waiting_free(struct qw_waiting *waiting)
{
	free(waiting);
}

static struct qw_waiting_place *place_of(struct qw_waiting *waiting, uint64_t flow, uint64_t transaction)
{
	return &waiting->place[qw_mix64(flow ^ qw_mix64(transaction)) & (PLACES - 1)];
}

struct qw_waiting_place *qw_waiting_find(struct qw_waiting *waiting, uint64_t flow, uint64_t transaction)
{
	struct qw_waiting_place *place = place_of(waiting, flow, transaction);

	return place->flow == flow && place->transaction == transaction ? place : NULL;
}

unsigned qw_waiting_add(struct qw_waiting *waiting, struct qw_waiting_place **out, uint64_t flow, uint64_t transaction,
			uint32_t rule)
{
	struct qw_waiting_place *place = place_of(waiting, flow, transaction);

	if (place->flow != flow || place->transaction != transaction) {
		waiting->counters.taken_away += place->flow != 0;
		*place = (struct qw_waiting_place){.flow = flow, .transaction = transaction};
	}
	*out = place;
	for (unsigned i = 0; i < place->count; i++)
		if (place->rule[i] == rule)
			return i;
	if (place->count == QW_WAITING_RULES) {
		waiting->counters.full++;
		return QW_WAITING_RULES;
	}
	place->rule[place->count] = rule;
	place->held[place->count] = 0;
	return place->count++;
}

static void renumber_place(struct qw_waiting_place *place, bool (*renumber)(void *ctx, uint32_t *rule), void *ctx)
{
	unsigned kept = 0;
	uint64_t fired = 0;

	for (unsigned i = 0; i < place->count; i++) {
		uint32_t rule = place->rule[i];
		if (!renumber(ctx, &rule))
			continue;
		fired |= (place->fired >> i & 1) << kept;
		place->held[kept] = place->held[i];
		place->rule[kept++] = rule;
	}
	place->count = (uint8_t)kept;
	place->fired = fired;
}

void qw_waiting_renumber(struct qw_waiting *waiting, bool (*renumber)(void *ctx, uint32_t *rule), void *ctx)
{
	for (size_t i = 0; i < PLACES; i++)
		if (waiting->place[i].flow)
			renumber_place(&waiting->place[i], renumber, ctx);
}

struct qw_waiting_counters qw_waiting_counters(const struct qw_waiting *waiting)
{
	return waiting->counters;
}
