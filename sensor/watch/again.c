/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/again.h"

#include <stdlib.h>

#include "quaywatch/hash.h"

enum {
	SETS = 2048,
	WAYS = 8, /* places that a finding may have */
};

struct told {
	uint64_t hash; /* 0: free */
	struct qw_time last;
	uint64_t kept_back;
};

struct qw_again {
	struct qw_hash_key key;
	struct qw_time span;
	struct told set[SETS][WAYS];
};

enum qw_err qw_again_new(struct qw_again **out, struct qw_time span)
{
	struct qw_again *again = calloc(1, sizeof(*again));

	if (!again)
		return QW_ENOMEM;
	again->key = qw_hash_key_random();
	again->span = span;
	*out = again;
	return QW_OK;
}

void qw_again_free(struct qw_again *again)
{
	free(again);
}

/* Also where time was set back. */
static bool is_over(const struct qw_again *again, const struct told *told, struct qw_time now)
{
	return qw_time_before(now, told->last) || !qw_time_before(now, qw_time_add(told->last, again->span));
}

/* The place of this finding, or else the one to give up for it. */
static struct told *place_of(struct told *set, uint64_t hash)
{
	struct told *oldest = &set[0];

	for (int i = 0; i < WAYS; i++) {
		if (set[i].hash == hash)
			return &set[i];
		if (oldest->hash && (!set[i].hash || qw_time_before(set[i].last, oldest->last)))
			oldest = &set[i];
	}
	return oldest;
}

uint64_t qw_again_count(struct qw_again *again, const struct qw_finding_key *key, struct qw_time now, bool *pushed)
{
	uint64_t hash = qw_siphash(again->key, key, sizeof(*key)) | 1;
	struct told *told = place_of(again->set[hash / 2 % SETS], hash);

	*pushed = false;
	if (again->span.ns == 0)
		return 1;
	if (told->hash == hash && !is_over(again, told, now)) {
		told->kept_back++;
		return 0;
	}
	uint64_t count = 1 + (told->hash == hash ? told->kept_back : 0);
	*pushed = told->hash && told->hash != hash && !is_over(again, told, now);
	*told = (struct told){hash, now, 0};
	return count;
}
