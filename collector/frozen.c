/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/frozen.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How long a snapshot serves those who begin, and how long it stays for those who pull it. */
enum { FRESH_S = 60, IDLE_S = 120 };

struct copy {
	char channel[QW_CHANNEL_NAME_MAX + 1];
	bool some; /* of the buckets; else all */
	struct qw_buckets buckets;
	struct qw_snapshot *snapshot; /* NULL: let go */
	struct qw_time made, asked;
};

struct qw_frozen {
	const struct qw_signer *signer;
	struct copy *copy;
	size_t count;
};

enum qw_err qw_frozen_new(struct qw_frozen **out, const struct qw_signer *signer)
{
	struct qw_frozen *frozen = calloc(1, sizeof(*frozen));

	if (!frozen)
		return QW_ENOMEM;
	frozen->signer = signer;
	*out = frozen;
	return QW_OK;
}

void qw_frozen_free(struct qw_frozen *frozen)
{
	if (!frozen)
		return;
	for (size_t i = 0; i < frozen->count; i++)
		qw_snapshot_free(frozen->copy[i].snapshot);
	free(frozen->copy);
	free(frozen);
}

static bool is_of(const struct copy *copy, const char *channel, const struct qw_buckets *buckets)
{
	return strcmp(copy->channel, channel) == 0 && copy->some == (buckets != NULL) &&
	       (!buckets || memcmp(&copy->buckets, buckets, sizeof(*buckets)) == 0);
}

static struct copy *find(const struct qw_frozen *frozen, const char *channel, const struct qw_buckets *buckets)
{
	for (size_t i = 0; i < frozen->count; i++)
		if (is_of(&frozen->copy[i], channel, buckets))
			return &frozen->copy[i];
	return NULL;
}

/* The repair that was asked for longest ago, once there are as many as may be; NULL: there is room. */
static struct copy *oldest_repair(const struct qw_frozen *frozen)
{
	struct copy *oldest = NULL;
	size_t repairs = 0;

	for (size_t i = 0; i < frozen->count; i++) {
		struct copy *copy = &frozen->copy[i];
		repairs += copy->some;
		if (copy->some && (!oldest || qw_time_before(copy->asked, oldest->asked)))
			oldest = copy;
	}
	return repairs < QW_FROZEN_REPAIRS ? NULL : oldest;
}

static enum qw_err add(struct qw_frozen *frozen, struct copy **out)
{
	struct copy *grown = realloc(frozen->copy, (frozen->count + 1) * sizeof(*grown));

	if (!grown)
		return QW_ENOMEM;
	frozen->copy = grown;
	*out = &grown[frozen->count++];
	return QW_OK;
}

static enum qw_err copy_of(struct qw_frozen *frozen, const char *channel, const struct qw_buckets *buckets, struct copy **out)
{
	*out = find(frozen, channel, buckets);
	if (*out)
		return QW_OK;
	*out = buckets ? oldest_repair(frozen) : NULL;
	if (*out)
		qw_snapshot_free((*out)->snapshot);
	enum qw_err err = *out ? QW_OK : add(frozen, out);
	if (err != QW_OK)
		return err;
	**out = (struct copy){.some = buckets != NULL};
	if (buckets)
		(*out)->buckets = *buckets;
	snprintf((*out)->channel, sizeof((*out)->channel), "%s", channel);
	return QW_OK;
}

static enum qw_err freeze(struct qw_frozen *frozen, struct copy *copy, const struct qw_channel *channel)
{
	const struct qw_signer *signer = frozen->signer;

	qw_snapshot_free(copy->snapshot);
	copy->snapshot = NULL;
	copy->made = qw_time_monotonic();
	return qw_snapshot_new(&copy->snapshot, channel, copy->some ? &copy->buckets : NULL, &signer->online, signer->delegation, signer->delegation_len,
			       qw_time_wall());
}

/* A copy others are pulling is good enough to begin with; deltas bring the rest. */
static bool serves(const struct copy *copy, struct qw_order at_least, struct qw_time now)
{
	if (!copy->snapshot || now.ns - copy->made.ns >= FRESH_S * QW_NS_PER_S)
		return false;
	struct qw_order at = qw_snapshot_order(copy->snapshot);
	return at.term > at_least.term || (at.term == at_least.term && at.sequence >= at_least.sequence);
}

enum qw_err qw_frozen_begin(struct qw_frozen *frozen, const struct qw_channel *channel, const struct qw_buckets *buckets,
			    struct qw_order at_least, const uint8_t **data, size_t *len)
{
	struct qw_time now = qw_time_monotonic();
	struct copy *copy;
	enum qw_err err = copy_of(frozen, qw_channel_name(channel), buckets, &copy);

	if (err == QW_OK && !serves(copy, at_least, now))
		err = freeze(frozen, copy, channel);
	if (err != QW_OK)
		return err;
	copy->asked = now;
	return qw_snapshot_part(copy->snapshot, 0, data, len);
}

enum qw_err qw_frozen_part(struct qw_frozen *frozen, const struct qw_channel *channel, const struct qw_buckets *buckets,
			   struct qw_order order, uint32_t part, const uint8_t **data, size_t *len)
{
	struct copy *copy = find(frozen, qw_channel_name(channel), buckets);

	if (!copy || !copy->snapshot || part >= qw_snapshot_parts(copy->snapshot))
		return QW_ENOENT;
	struct qw_order at = qw_snapshot_order(copy->snapshot);
	if (order.term != at.term || order.sequence != at.sequence)
		return QW_ENOENT;
	copy->asked = qw_time_monotonic();
	return qw_snapshot_part(copy->snapshot, part, data, len);
}

void qw_frozen_sweep(struct qw_frozen *frozen)
{
	struct qw_time now = qw_time_monotonic();

	for (size_t i = 0; i < frozen->count; i++) {
		struct copy *copy = &frozen->copy[i];
		if (!copy->snapshot || now.ns - copy->asked.ns < IDLE_S * QW_NS_PER_S)
			continue;
		qw_snapshot_free(copy->snapshot);
		copy->snapshot = NULL;
	}
}
