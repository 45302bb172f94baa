/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/channel/repair.h"

#include <stdlib.h>
#include <string.h>

#include "rules/channel/seal.h"
#include "rules/channel/state.h"

/* ---- buckets */

static bool holds(const struct qw_buckets *buckets, unsigned bucket)
{
	return buckets->bits[bucket / 8] >> bucket % 8 & 1;
}

unsigned qw_buckets_count(const struct qw_buckets *buckets)
{
	unsigned count = 0;

	for (size_t i = 0; i < QW_BUCKETS_BYTES; i++)
		count += (unsigned)__builtin_popcount(buckets->bits[i]);
	return count;
}

enum qw_err qw_buckets_hold(bool *out, const struct qw_buckets *buckets, const struct qw_entry *entry)
{
	struct qw_entry_key key;
	bool removed;

	*out = true;
	if (!buckets)
		return QW_OK;
	enum qw_err err = qw_entry_key_parse(&key, &removed, entry->body, entry->body_len);
	if (err == QW_OK)
		*out = holds(buckets, qw_lanes_bucket(&key));
	return err;
}

void qw_channel_sums(const struct qw_channel *channel, uint8_t out[QW_SUMS_BYTES])
{
	for (unsigned bucket = 0; bucket < QW_CHANNEL_BUCKETS; bucket++)
		memcpy(out + (size_t)bucket * QW_SUM_BYTES, qw_lanes_sum(channel->content.lanes, bucket), QW_SUM_BYTES);
}

struct qw_buckets qw_channel_differing(const struct qw_channel *channel, const uint8_t sums[QW_SUMS_BYTES])
{
	struct qw_buckets buckets = {{0}};

	for (unsigned bucket = 0; bucket < QW_CHANNEL_BUCKETS; bucket++)
		if (memcmp(sums + (size_t)bucket * QW_SUM_BYTES, qw_lanes_sum(channel->content.lanes, bucket), QW_SUM_BYTES) != 0)
			buckets.bits[bucket / 8] |= (uint8_t)(1u << bucket % 8);
	return buckets;
}

/* ---- what is to change */

/* Entries as a delta would bring them. */
struct list {
	struct qw_slice *bodies;
	size_t count, room;
	size_t borrowed; /* of these, from the first on; the others are ours to free */
};

static void list_fini(struct list *list)
{
	for (size_t i = list->borrowed; i < list->count; i++)
		free((uint8_t *)(uintptr_t)list->bodies[i].data);
	free(list->bodies);
}

static enum qw_err list_add(struct list *list, const uint8_t *body, size_t len)
{
	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 64;
		struct qw_slice *bodies = realloc(list->bodies, room * sizeof(*bodies));
		if (!bodies)
			return QW_ENOMEM;
		list->bodies = bodies;
		list->room = room;
	}
	list->bodies[list->count++] = qw_slice(body, len);
	return QW_OK;
}

struct work {
	const struct qw_repair *repair;
	const struct qw_entry_set *ours;
	struct list list;
};

static bool is_allowed(const struct work *work, enum qw_entry_kind kind)
{
	return work->repair->rights & qw_right_for(kind);
}

static enum qw_err key_of(struct qw_entry_key *key, const struct qw_entry *entry)
{
	bool removed;

	return qw_entry_key_parse(key, &removed, entry->body, entry->body_len);
}

/* An entry that is to be there: is it? */
static enum qw_err add_missing(void *ctx, const struct qw_entry *entry)
{
	struct work *work = ctx;
	struct qw_entry_key key;
	enum qw_err err = key_of(&key, entry);

	if (err != QW_OK)
		return err;
	uint32_t at = qw_entry_set_find(work->ours, qw_entry_set_tag(work->ours, &key), &key);
	if (at) {
		struct qw_entry own = qw_entry_arena_get(&work->ours->arena, at);
		if (own.body_len == entry->body_len && memcmp(own.body, entry->body, own.body_len) == 0)
			return QW_OK;
	}
	return is_allowed(work, entry->kind) ? list_add(&work->list, entry->body, entry->body_len) : QW_ESIGN;
}

/* An entry of ours: is it to stay? */
static enum qw_err remove_other(void *ctx, const struct qw_entry *entry)
{
	struct work *work = ctx;
	const struct qw_entry_set *with = work->repair->with;
	struct qw_entry_key key;
	uint8_t *body;
	size_t len;
	enum qw_err err = key_of(&key, entry);

	if (err != QW_OK || !holds(work->repair->buckets, qw_lanes_bucket(&key)) ||
	    qw_entry_set_find(with, qw_entry_set_tag(with, &key), &key))
		return err;
	if (!is_allowed(work, entry->kind))
		return QW_ESIGN;
	err = qw_entry_key_pack_removal(&key, &body, &len);
	if (err != QW_OK)
		return err;
	err = list_add(&work->list, body, len);
	if (err != QW_OK)
		free(body);
	return err;
}

static enum qw_err change(struct qw_content *content, const struct work *work)
{
	struct qw_change made;
	enum qw_err err = qw_change_make(&made, content, work->list.bodies, work->list.count);

	if (err != QW_OK)
		return err;
	struct qw_digest now = qw_lanes_digest(content->lanes);
	if (!qw_digest_equal(&now, work->repair->digest)) {
		qw_change_undo(&made);
		return QW_ESIGN;
	}
	qw_change_keep(&made);
	return QW_OK;
}

static void tell(const struct list *list, void (*changed)(void *ctx, const struct qw_entry *entry), void *ctx)
{
	for (size_t i = 0; i < list->count; i++) {
		struct qw_entry entry;
		if (qw_entry_read(&entry, list->bodies[i].data, list->bodies[i].len) == QW_OK)
			changed(ctx, &entry);
	}
}

enum qw_err qw_repair_make(struct qw_content *content, const struct qw_repair *repair,
			   void (*changed)(void *ctx, const struct qw_entry *entry), void *ctx)
{
	struct work work = {.repair = repair, .ours = &content->set};
	enum qw_err err = qw_entry_set_each(repair->with, add_missing, &work);

	work.list.borrowed = work.list.count;
	if (err == QW_OK)
		err = qw_entry_set_each(&content->set, remove_other, &work);
	if (err == QW_OK)
		err = change(content, &work);
	if (err == QW_OK && changed)
		tell(&work.list, changed, ctx);
	list_fini(&work.list);
	return err;
}
