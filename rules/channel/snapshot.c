/* SPDX-License-Identifier: Apache-2.0 */
/* snapshot - the sender's side: a frozen copy of a channel, cut into parts. */
#include <stdlib.h>
#include <string.h>

#include "quaywatch/wire.h"
#include "rules/channel/repair.h"
#include "rules/channel/seal.h"
#include "rules/channel/snapshot.h"
#include "rules/channel/state.h"

enum { LEN_BYTES = sizeof(uint32_t), FRAMING_MAX = 1 + 3 /* tag and length of an entry of up to 64 KB */ };

/* Where a part begins in the copy. */
struct cut {
	size_t offset;
	size_t entries; /* in this part */
};

struct qw_snapshot {
	const struct qw_buckets *buckets; /* while it is made; NULL: all */
	size_t entries;
	struct qw_order order;
	uint8_t *bodies; /* each after its length, 32 bits */
	size_t bodies_len;
	struct cut *cuts;
	size_t parts, cuts_room;
	uint8_t *head;
	size_t head_len;
	uint8_t signature[QW_SIGN_BYTES];
	uint8_t *delegation;
	size_t delegation_len;
	ProtobufCBinaryData *rows; /* of the part that was asked for last */
	uint8_t *packed;
};

void qw_snapshot_free(struct qw_snapshot *snapshot)
{
	if (!snapshot)
		return;
	free(snapshot->bodies);
	free(snapshot->cuts);
	free(snapshot->head);
	free(snapshot->delegation);
	free(snapshot->rows);
	free(snapshot->packed);
	free(snapshot);
}

static enum qw_err copy_entry(void *ctx, const struct qw_entry *entry)
{
	struct qw_snapshot *snapshot = ctx;
	uint8_t *at = snapshot->bodies + snapshot->bodies_len;
	uint32_t len = (uint32_t)entry->body_len;
	bool wanted;
	enum qw_err err = qw_buckets_hold(&wanted, snapshot->buckets, entry);
	if (err || !wanted)
		return err;
	snapshot->entries++;
	memcpy(at, &len, LEN_BYTES);
	memcpy(at + LEN_BYTES, entry->body, len);
	snapshot->bodies_len += LEN_BYTES + len;
	return QW_OK;
}

static enum qw_err copy_bodies(struct qw_snapshot *snapshot, const struct qw_channel *channel)
{
	const struct qw_entry_set *set = &channel->content.set;
	snapshot->bodies = malloc(set->arena.live_bytes + set->count * LEN_BYTES + 1);
	if (!snapshot->bodies)
		return QW_ENOMEM;
	enum qw_err err = qw_channel_each(channel, copy_entry, snapshot);
	if (err)
		return err;
	uint8_t *fitted = realloc(snapshot->bodies, snapshot->bodies_len + 1); /* of some buckets it is less */
	if (fitted)
		snapshot->bodies = fitted;
	return QW_OK;
}

static enum qw_err begin_part(struct qw_snapshot *snapshot, size_t offset)
{
	if (snapshot->parts == snapshot->cuts_room) {
		size_t room = snapshot->cuts_room ? snapshot->cuts_room * 2 : 16;
		struct cut *cuts = realloc(snapshot->cuts, room * sizeof(*cuts));
		if (!cuts)
			return QW_ENOMEM;
		snapshot->cuts = cuts;
		snapshot->cuts_room = room;
	}
	snapshot->cuts[snapshot->parts++] = (struct cut){.offset = offset};
	return QW_OK;
}

/* Walks the copy and begins a part wherever one is full; *most is the most entries in one. */
static enum qw_err cut(struct qw_snapshot *snapshot, size_t budget, size_t *most)
{
	enum qw_err err = begin_part(snapshot, 0);
	size_t used = 0;
	*most = 1;
	for (size_t at = 0; at < snapshot->bodies_len && !err;) {
		uint32_t len;
		memcpy(&len, snapshot->bodies + at, LEN_BYTES);
		if (used + len + FRAMING_MAX > budget) {
			err = begin_part(snapshot, at);
			used = 0;
			if (err)
				break;
		}
		struct cut *part = &snapshot->cuts[snapshot->parts - 1];
		part->entries++;
		if (part->entries > *most)
			*most = part->entries;
		used += len + FRAMING_MAX;
		at += LEN_BYTES + len;
	}
	return err;
}

static enum qw_err sign_head(struct qw_snapshot *snapshot, const struct qw_channel *channel,
			     const struct qw_sign_pair *online, struct qw_time now)
{
	Quaywatch__Wire__Order order;
	quaywatch__wire__order__init(&order);
	order.term = channel->order.term;
	order.sequence = channel->order.sequence;
	struct qw_digest digest = qw_channel_digest(channel);
	Quaywatch__Wire__SnapshotHead head;
	quaywatch__wire__snapshot_head__init(&head);
	head.channel = (char *)(uintptr_t)channel->name;
	head.order = &order;
	head.digest = (ProtobufCBinaryData){sizeof(digest.bytes), digest.bytes};
	head.entries = snapshot->entries;
	head.parts = (uint32_t)snapshot->parts;
	head.created_ns = now.ns;
	if (snapshot->buckets)
		head.buckets = (ProtobufCBinaryData){QW_BUCKETS_BYTES, (uint8_t *)(uintptr_t)snapshot->buckets->bits};
	enum qw_err err = qw_message_pack(&head.base, &snapshot->head, &snapshot->head_len);
	if (err)
		return err;
	return qw_seal(snapshot->signature, QW_SEAL_SNAPSHOT, qw_slice(snapshot->head, snapshot->head_len), online);
}

static enum qw_err fill(struct qw_snapshot *snapshot, const struct qw_channel *channel,
			const struct qw_sign_pair *online, struct qw_slice delegation, struct qw_time now)
{
	enum qw_err err = copy_bodies(snapshot, channel);
	if (err)
		return err;
	size_t most;
	err = cut(snapshot, QW_SNAPSHOT_PART - QW_SNAPSHOT_HEAD_MAX - delegation.len, &most);
	if (err)
		return err;
	snapshot->rows = malloc(most * sizeof(*snapshot->rows));
	snapshot->delegation = malloc(delegation.len ? delegation.len : 1);
	if (!snapshot->rows || !snapshot->delegation)
		return QW_ENOMEM;
	memcpy(snapshot->delegation, delegation.data, delegation.len);
	snapshot->delegation_len = delegation.len;
	snapshot->order = channel->order;
	return sign_head(snapshot, channel, online, now);
}

enum qw_err qw_snapshot_new(struct qw_snapshot **out, const struct qw_channel *channel, const struct qw_buckets *buckets,
			    const struct qw_sign_pair *online, const uint8_t *delegation, size_t delegation_len,
			    struct qw_time now)
{
	struct qw_delegation rights;
	enum qw_err err = qw_delegation_of(&rights, qw_slice(delegation, delegation_len), online, now);
	if (err)
		return err;
	struct qw_snapshot *snapshot = calloc(1, sizeof(*snapshot));
	if (!snapshot)
		return QW_ENOMEM;
	snapshot->buckets = buckets;
	err = fill(snapshot, channel, online, qw_slice(delegation, delegation_len), now);
	snapshot->buckets = NULL;
	if (err) {
		qw_snapshot_free(snapshot);
		return err;
	}
	*out = snapshot;
	return QW_OK;
}

size_t qw_snapshot_parts(const struct qw_snapshot *snapshot)
{
	return snapshot->parts;
}

struct qw_order qw_snapshot_order(const struct qw_snapshot *snapshot)
{
	return snapshot->order;
}

enum qw_err qw_snapshot_part(struct qw_snapshot *snapshot, size_t number, const uint8_t **data, size_t *len)
{
	if (number >= snapshot->parts)
		return QW_EINVAL;
	const struct cut *part = &snapshot->cuts[number];
	uint8_t *at = snapshot->bodies + part->offset;
	for (size_t row = 0; row < part->entries; row++) {
		uint32_t body_len;
		memcpy(&body_len, at, LEN_BYTES);
		snapshot->rows[row] = (ProtobufCBinaryData){body_len, at + LEN_BYTES};
		at += LEN_BYTES + body_len;
	}
	Quaywatch__Wire__SnapshotPart message;
	quaywatch__wire__snapshot_part__init(&message);
	message.head = (ProtobufCBinaryData){snapshot->head_len, snapshot->head};
	message.signature = (ProtobufCBinaryData){sizeof(snapshot->signature), snapshot->signature};
	message.delegation = (ProtobufCBinaryData){snapshot->delegation_len, snapshot->delegation};
	message.part = (uint32_t)number;
	message.n_entries = part->entries;
	message.entries = snapshot->rows;
	uint8_t *packed;
	size_t packed_len;
	enum qw_err err = qw_message_pack(&message.base, &packed, &packed_len);
	if (err)
		return err;
	free(snapshot->packed);
	snapshot->packed = packed;
	*data = packed;
	*len = packed_len;
	return QW_OK;
}
