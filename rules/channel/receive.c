/* SPDX-License-Identifier: Apache-2.0 */
/*
 * receive - the receiver's side of a snapshot.
 *
 * Some buckets grow in memory beside the old set; when the last part is in and
 * everything fits, they take the place of ours.  A whole set waits on the disk:
 * of what comes only the lanes of the digest are kept, which need no order.
 * When they prove it, the old set goes, and the new one is read from there, so
 * that there is never more than one in memory.
 */
#include <stdlib.h>
#include <string.h>

#include "quaywatch/wire.h"
#include "rules/channel/repair.h"
#include "rules/channel/seal.h"
#include "rules/channel/snapshot.h"
#include "rules/channel/spill.h"
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
	uint64_t count; /* entries that came */
	/* ---- some buckets */
	struct qw_content content;
	/* ---- a whole set */
	struct qw_lanes *lanes;
	struct qw_spill spill;
};

void qw_incoming_free(struct qw_incoming *incoming)
{
	if (!incoming)
		return;
	if (incoming->some)
		qw_content_fini(&incoming->content);
	qw_lanes_free(incoming->lanes);
	qw_spill_close(&incoming->spill);
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

/* Room for what comes; on an error nothing is held. */
static enum qw_err make_room(struct qw_incoming *incoming, const struct qw_channel *channel)
{
	if (incoming->some)
		return qw_content_init(&incoming->content);
	enum qw_err err = qw_lanes_new(&incoming->lanes);
	if (err)
		return err;
	err = qw_spill_open(&incoming->spill, channel->folder);
	if (err)
		qw_lanes_free(incoming->lanes);
	return err;
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
		err = make_room(incoming, channel);
	if (err) {
		free(incoming);
		return err;
	}
	qw_channel_receive_abandon(channel);
	channel->incoming = incoming;
	return QW_OK;
}

static enum qw_err take_wanted(struct qw_incoming *incoming, const struct qw_entry *entry)
{
	bool wanted;
	enum qw_err err = qw_buckets_hold(&wanted, &incoming->buckets, entry);
	if (err)
		return err;
	return wanted ? qw_content_fill(&incoming->content, entry->body, entry->body_len) : QW_EFORMAT;
}

/* A key that came twice makes another digest: it need not be looked for here. */
static enum qw_err spill(struct qw_incoming *incoming, const struct qw_entry *entry)
{
	struct qw_entry_key key;
	bool removed;
	enum qw_err err = qw_entry_key_parse(&key, &removed, entry->body, entry->body_len);
	if (err || removed)
		return err ? err : QW_EFORMAT;
	qw_lanes_add(incoming->lanes, &key, entry->body, entry->body_len);
	return qw_spill_add(&incoming->spill, qw_slice(entry->body, entry->body_len));
}

static enum qw_err take_entries(struct qw_incoming *incoming, const Quaywatch__Wire__SnapshotPart *part)
{
	for (size_t at = 0; at < part->n_entries; at++) {
		if (incoming->count++ == incoming->entries)
			return QW_EFORMAT;
		struct qw_entry entry = {.body = part->entries[at].data, .body_len = part->entries[at].len};
		enum qw_err err = incoming->some ? take_wanted(incoming, &entry) : spill(incoming, &entry);
		if (err)
			return err;
	}
	incoming->next++;
	return QW_OK;
}

/* ---- a whole set in the place of ours */

/* Every entry that the signer may not change stands in both, alike: those that came stand in ours, and are as many. */
struct comparison {
	const struct qw_entry_set *ours;
	uint32_t rights;
	uint64_t guarded; /* entries that it may not change */
};

static enum qw_err compare(void *ctx, struct qw_slice body)
{
	struct comparison *comparison = ctx;
	const struct qw_entry_set *ours = comparison->ours;
	struct qw_entry_key key;
	bool removed;
	enum qw_err err = qw_entry_key_parse(&key, &removed, body.data, body.len);
	if (err || comparison->rights & qw_right_for(qw_entry_key_kind(&key)))
		return err;
	uint32_t at = qw_entry_set_find(ours, qw_entry_set_tag(ours, &key), &key);
	if (!at)
		return QW_ESIGN;
	struct qw_entry own = qw_entry_arena_get(&ours->arena, at);
	comparison->guarded++;
	return own.body_len == body.len && memcmp(own.body, body.data, body.len) == 0 ? QW_OK : QW_ESIGN;
}

static enum qw_err count_guarded(void *ctx, const struct qw_entry *entry)
{
	struct comparison *comparison = ctx;
	comparison->guarded += !(comparison->rights & qw_right_for(entry->kind));
	return QW_OK;
}

static enum qw_err check_rights(const struct qw_content *ours, struct qw_incoming *incoming)
{
	uint32_t rights = incoming->delegation.rights;
	struct comparison theirs = {&ours->set, rights, 0}, own = {&ours->set, rights, 0};
	enum qw_err err = qw_spill_each(&incoming->spill, compare, &theirs);
	if (!err)
		err = qw_entry_set_each(&ours->set, count_guarded, &own);
	if (err)
		return err;
	return theirs.guarded == own.guarded ? QW_OK : QW_ESIGN;
}

static enum qw_err put_back(void *ctx, struct qw_slice body)
{
	struct qw_entry_key key;
	bool removed;
	enum qw_err err = qw_entry_key_parse(&key, &removed, body.data, body.len);
	return err ? err : qw_content_fill_set(ctx, &key, body.data, body.len);
}

/* Ours goes first.  If the new one cannot be had then, the channel is as a fresh one. */
static enum qw_err refill(struct qw_channel *channel, struct qw_incoming *incoming)
{
	struct qw_entry_set *set = &channel->content.set, empty;
	enum qw_err err = qw_entry_set_init(&empty);
	if (err)
		return err;
	qw_entry_set_fini(set);
	*set = empty;
	err = qw_entry_set_reserve(set, incoming->entries);
	if (!err)
		err = qw_spill_each(&incoming->spill, put_back, set);
	if (err) {
		qw_entry_set_clear(set);
		qw_lanes_clear(channel->content.lanes);
		channel->order.sequence = 0;
		return err;
	}
	struct qw_lanes *lanes = channel->content.lanes;
	channel->content.lanes = incoming->lanes;
	incoming->lanes = lanes;
	return QW_OK;
}

static enum qw_err replace(struct qw_channel *channel)
{
	struct qw_incoming *incoming = channel->incoming;
	qw_lanes_settle(incoming->lanes);
	struct qw_digest digest = qw_lanes_digest(incoming->lanes);
	if (!qw_digest_equal(&digest, &incoming->digest))
		return QW_ESIGN;
	enum qw_err err = check_rights(&channel->content, incoming);
	return err ? err : refill(channel, incoming);
}

static enum qw_err finish(struct qw_channel *channel, void (*changed)(void *ctx, const struct qw_entry *entry), void *ctx)
{
	struct qw_incoming *incoming = channel->incoming;
	struct qw_repair repair = {&incoming->buckets, &incoming->content.set, &incoming->digest, incoming->delegation.rights};
	if (incoming->count != incoming->entries)
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
