/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/ot_pairs.h"

#include <stddef.h>

#include "sensor/protocol/store.h"

const struct qw_ot_pair *qw_ot_pairs_ask(void *state, struct qw_ot_pairs *pairs, uint64_t key, uint32_t object, uint16_t detail)
{
	struct qw_ot_pair *pair = &pairs->pair[pairs->next];

	if (pair->waits)
		qw_parser_unanswered(state, 1);
	*pair = (struct qw_ot_pair){key, object, detail, true};
	pairs->next = (uint8_t)((pairs->next + 1) % QW_OT_PAIRS_MAX);
	if (pairs->waiting < UINT32_MAX)
		pairs->waiting++;
	return pair;
}

struct qw_ot_pair *qw_ot_pairs_find(struct qw_ot_pairs *pairs, uint64_t key)
{
	struct qw_ot_pair *latest = &pairs->pair[(pairs->next + QW_OT_PAIRS_MAX - 1) % QW_OT_PAIRS_MAX];

	/* Who asks, and waits for the answer. */
	if (pairs->waiting == 1 && latest->waits && latest->key == key)
		return latest;
	for (unsigned i = 0; i < QW_OT_PAIRS_MAX; i++) {
		struct qw_ot_pair *pair = &pairs->pair[(pairs->next + i) % QW_OT_PAIRS_MAX];
		if (pair->waits && pair->key == key)
			return pair;
	}
	return NULL;
}

void qw_ot_pairs_take(struct qw_ot_pairs *pairs, struct qw_ot_pair *pair)
{
	pair->waits = false;
	pairs->waiting = 0;
}

const struct qw_ot_pair *qw_ot_pairs_answer(struct qw_ot_pairs *pairs, uint64_t key)
{
	struct qw_ot_pair *pair = qw_ot_pairs_find(pairs, key);

	if (pair)
		qw_ot_pairs_take(pairs, pair);
	return pair;
}

void qw_ot_pairs_end(void *state, struct qw_ot_pairs *pairs)
{
	uint32_t left = 0;

	for (unsigned i = 0; i < QW_OT_PAIRS_MAX; i++)
		left += pairs->pair[i].waits;
	qw_parser_unanswered(state, left);
}
