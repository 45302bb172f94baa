/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/detect/waiting.h"

#include <stdlib.h>

#include "quaywatch/hash.h"

enum { PLACES = 4096 };

/* Every message asks, and few transactions have anything waiting: the marks stay in the cache, the places do not. */
struct qw_waiting {
	struct qw_waiting_counters counters;
	uint32_t mark[PLACES]; /* of who has the place: more bits of the hash; 0: nobody */
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

static uint64_t hash_of(uint64_t flow, uint64_t transaction)
{
	return qw_mix64(flow ^ qw_mix64(transaction));
}

static uint32_t mark_of(uint64_t hash)
{
	return (uint32_t)(hash >> 32) | 1;
}

struct qw_waiting_place *qw_waiting_find(struct qw_waiting *waiting, uint64_t flow, uint64_t transaction)
{
	uint64_t hash = hash_of(flow, transaction);
	if (waiting->mark[hash & (PLACES - 1)] != mark_of(hash))
		return NULL;
	struct qw_waiting_place *place = &waiting->place[hash & (PLACES - 1)];

	return place->flow == flow && place->transaction == transaction ? place : NULL;
}

unsigned qw_waiting_add(struct qw_waiting *waiting, struct qw_waiting_place **out, uint64_t flow, uint64_t transaction,
			uint32_t rule)
{
	uint64_t hash = hash_of(flow, transaction);
	struct qw_waiting_place *place = &waiting->place[hash & (PLACES - 1)];

	if (place->flow != flow || place->transaction != transaction) {
		waiting->counters.taken_away += place->flow != 0;
		*place = (struct qw_waiting_place){.flow = flow, .transaction = transaction};
		waiting->mark[hash & (PLACES - 1)] = mark_of(hash);
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
