/* SPDX-License-Identifier: Apache-2.0 */
/*
 * receive - the receiver's side of a snapshot.
 *
 * The new set grows beside the old one, which stays in force; when the last
 * part is in and everything fits, the two change places; or what came takes
 * the place of the buckets that it is of.
 */
#include <stdlib.h>
#include <string.h>

#include "quaywatch/wire.h"
#include "rules/channel/repair.h"
#include "rules/channel/seal.h"
#include "rules/channel/snapshot.h"
#include "rules/channel/state.h"

struct qw_incoming {
	uint8_t head[QW_SNAPSHOT_HEAD_MAX]; /* as signed: every part must bring the same */
	size_t head_len;
	struct qw_order order;
	struct qw_digest digest;
	uint64_t entries;
	uint32_t parts, next;
	struct qw_delegation delegation;
	bool some; /* of the buckets; else all */
	struct qw_buckets buckets;
	struct qw_content content;
};

void qw_incoming_free(struct qw_incoming *incoming)
{
	if (!incoming)
		return;
	qw_content_fini(&incoming->content);
	free(incoming);
}

bool qw_channel_receiving(const struct qw_channel *channel, struct qw_order *order, uint32_t *next, uint32_t *parts)
{
	if (!channel->incoming)
		return false;
	*order = channel->incoming->order;
	*next = channel->incoming->next;
	*parts = channel->incoming->parts;
	return true;
}

void qw_channel_receive_abandon(struct qw_channel *channel)
{
	qw_incoming_free(channel->incoming);
	channel->incoming = NULL;
}

/* A channel that never held anything has no history to abandon. */
static bool is_fresh(const struct qw_channel *channel)
{
	return channel->order.sequence == 0 && channel->content.set.count == 0;
}

static enum qw_err check_order(const struct qw_channel *channel, const struct qw_incoming *incoming)
{
	int order = qw_order_compare(incoming->order, channel->order);
	if (order < 0)
		return QW_EORDER;
	struct qw_digest ours = qw_channel_digest(channel);
	if (order == 0 && qw_digest_equal(&incoming->digest, &ours))
		return QW_EEXIST;
	bool new_term = incoming->order.term != channel->order.term;
	if (new_term && !is_fresh(channel) && !(incoming->delegation.rights & QW_RIGHT_TERM))
		return QW_ESIGN;
	return QW_OK;
}

static enum qw_err read_head(struct qw_incoming *out, const Quaywatch__Wire__SnapshotHead *head,
			     const struct qw_channel *channel, const struct qw_delegation *delegation)
{
	if (!head->order || head->digest.len != sizeof(out->digest.bytes) || head->parts == 0 ||
	    head->parts > QW_SNAPSHOT_PARTS_MAX || (head->buckets.len && head->buckets.len != QW_BUCKETS_BYTES))
		return QW_EFORMAT;
	if (strcmp(head->channel, channel->name) != 0)
		return QW_ESIGN;
	if (!qw_delegation_holds(delegation, qw_time_ns(head->created_ns)))
		return QW_ESIGN;
	out->order = (struct qw_order){head->order->term, head->order->sequence};
	memcpy(out->digest.bytes, head->digest.data, sizeof(out->digest.bytes));
	out->entries = head->entries;
	out->parts = head->parts;
	out->some = head->buckets.len > 0;
	if (out->some)
		memcpy(out->buckets.bits, head->buckets.data, sizeof(out->buckets.bits));
	out->delegation = *delegation;
	return check_order(channel, out);
}

/* The head of part 0, verified, in *out; its content is not made yet. */
static enum qw_err open_head(struct qw_incoming *out, const Quaywatch__Wire__SnapshotPart *part,
			     const struct qw_channel *channel, const uint8_t *root_public, struct qw_time now)
{
	if (part->head.len > sizeof(out->head))
		return QW_EFORMAT;
	struct qw_delegation delegation;
	enum qw_err err =
	    qw_delegation_verify(&delegation, part->delegation.data, part->delegation.len, root_public, now);
	if (err)
		return err;
	err = qw_seal_verify(qw_slice(part->signature.data, part->signature.len), QW_SEAL_SNAPSHOT,
			     qw_slice(part->head.data, part->head.len), delegation.online_key);
	if (err)
		return err;
	Quaywatch__Wire__SnapshotHead *head =
	    quaywatch__wire__snapshot_head__unpack(NULL, part->head.len, part->head.data);
	if (!head)
		return QW_EFORMAT;
	err = read_head(out, head, channel, &delegation);
	quaywatch__wire__snapshot_head__free_unpacked(head, NULL);
	if (err)
		return err;
	if (part->head.len)
		memcpy(out->head, part->head.data, part->head.len);
	out->head_len = part->head.len;
	return QW_OK;
}

static bool same_head(const struct qw_incoming *incoming, const Quaywatch__Wire__SnapshotPart *part)
{
	return incoming && part->head.len == incoming->head_len &&
	       memcmp(part->head.data, incoming->head, incoming->head_len) == 0;
}

/* Makes the part's snapshot the one that is received, and its number the next. */
static enum qw_err turn_to(struct qw_channel *channel, const Quaywatch__Wire__SnapshotPart *part,
			   const uint8_t *root_public, struct qw_time now)
{
	if (same_head(channel->incoming, part)) {
		if (!qw_delegation_holds(&channel->incoming->delegation, now))
			return QW_ESIGN;
		if (part->part < channel->incoming->next)
			return QW_EEXIST;
		return part->part == channel->incoming->next ? QW_OK : QW_EORDER;
	}
	struct qw_incoming *incoming = calloc(1, sizeof(*incoming));
	if (!incoming)
		return QW_ENOMEM;
	enum qw_err err = open_head(incoming, part, channel, root_public, now);
	if (!err && part->part != 0)
		err = QW_EORDER;
	if (!err)
		err = qw_content_init(&incoming->content);
	if (err) {
		free(incoming);
		return err;
	}
	qw_channel_receive_abandon(channel);
	channel->incoming = incoming;
	return QW_OK;
}

static enum qw_err take_entries(struct qw_incoming *incoming, const Quaywatch__Wire__SnapshotPart *part)
{
	for (size_t at = 0; at < part->n_entries; at++) {
		if (incoming->content.set.count == incoming->entries)
			return QW_EFORMAT;
		struct qw_entry entry = {.body = part->entries[at].data, .body_len = part->entries[at].len};
		bool wanted;
		enum qw_err err = qw_buckets_hold(&wanted, incoming->some ? &incoming->buckets : NULL, &entry);
		if (!err)
			err = wanted ? qw_content_fill(&incoming->content, entry.body, entry.body_len) : QW_EFORMAT;
		if (err)
			return err;
	}
	incoming->next++;
	return QW_OK;
}

/* For qw_channel_each over one set: every entry that the signer may not change must stand in the other, alike. */
struct comparison {
	const struct qw_entry_set *other;
	uint32_t rights;
};

static enum qw_err check_entry(void *ctx, const struct qw_entry *entry)
{
	const struct comparison *comparison = ctx;
	if (comparison->rights & qw_right_for(entry->kind))
		return QW_OK;
	struct qw_entry_key key;
	bool removed;
	enum qw_err err = qw_entry_key_parse(&key, &removed, entry->body, entry->body_len);
	if (err)
		return err;
	uint32_t at = qw_entry_set_find(comparison->other, qw_entry_set_tag(comparison->other, &key), &key);
	if (!at)
		return QW_ESIGN;
	struct qw_entry other = qw_entry_arena_get(&comparison->other->arena, at);
	bool same = other.body_len == entry->body_len && memcmp(other.body, entry->body, other.body_len) == 0;
	return same ? QW_OK : QW_ESIGN;
}

/* What the signer may not change is the same in both sets. */
static enum qw_err check_rights(const struct qw_content *ours, const struct qw_content *theirs, uint32_t rights)
{
	struct comparison to_theirs = {&theirs->set, rights};
	struct comparison to_ours = {&ours->set, rights};
	enum qw_err err = qw_entry_set_each(&ours->set, check_entry, &to_theirs);
	return err ? err : qw_entry_set_each(&theirs->set, check_entry, &to_ours);
}

static enum qw_err replace(struct qw_channel *channel)
{
	struct qw_incoming *incoming = channel->incoming;
	qw_lanes_settle(incoming->content.lanes);
	struct qw_digest digest = qw_lanes_digest(incoming->content.lanes);
	if (!qw_digest_equal(&digest, &incoming->digest))
		return QW_ESIGN;
	enum qw_err err = check_rights(&channel->content, &incoming->content, incoming->delegation.rights);
	if (err)
		return err;
	struct qw_content old = channel->content;
	channel->content = incoming->content;
	incoming->content = old;
	return QW_OK;
}

static enum qw_err finish(struct qw_channel *channel, void (*changed)(void *ctx, const struct qw_entry *entry), void *ctx)
{
	struct qw_incoming *incoming = channel->incoming;
	struct qw_repair repair = {&incoming->buckets, &incoming->content.set, &incoming->digest, incoming->delegation.rights};
	if (incoming->content.set.count != incoming->entries)
		return QW_EFORMAT;
	/* Again: deltas may have come in between. */
	enum qw_err err = check_order(channel, incoming);
	if (!err)
		err = incoming->some ? qw_repair_make(&channel->content, &repair, changed, ctx) : replace(channel);
	if (err)
		return err;
	channel->order = incoming->order;
	if (changed && !incoming->some)
		changed(ctx, NULL);
	return QW_OK;
}

static enum qw_err take(struct qw_channel *channel, const Quaywatch__Wire__SnapshotPart *part, bool *done,
			void (*changed)(void *ctx, const struct qw_entry *entry), void *ctx)
{
	struct qw_incoming *incoming = channel->incoming;
	enum qw_err err = take_entries(incoming, part);
	bool last = incoming->next == incoming->parts;
	if (!err && last)
		err = finish(channel, changed, ctx);
	if (err || last)
		qw_channel_receive_abandon(channel);
	if (!err)
		*done = last;
	return err;
}

enum qw_err qw_channel_receive(struct qw_channel *channel, const uint8_t *data, size_t len,
			       const uint8_t root_public[QW_SIGN_PUBLIC_BYTES], struct qw_time now, bool *done,
			       void (*changed)(void *ctx, const struct qw_entry *entry), void *ctx)
{
	if (len > QW_SNAPSHOT_PART)
		return QW_EFORMAT;
	Quaywatch__Wire__SnapshotPart *part = quaywatch__wire__snapshot_part__unpack(NULL, len, data);
	if (!part)
		return QW_EFORMAT;
	enum qw_err err = turn_to(channel, part, root_public, now);
	if (!err)
		err = take(channel, part, done, changed, ctx);
	quaywatch__wire__snapshot_part__free_unpacked(part, NULL);
	return err;
}
