/* SPDX-License-Identifier: Apache-2.0 */
/* commit - the collector's side: the next sequence of a channel, signed. */
#include <stdlib.h>

#include "rules/channel/delta.h"
#include "rules/channel/seal.h"
#include "rules/channel/state.h"

/* The bodies that will be signed: the caller's own, and removals packed here. */
struct bodies {
	struct qw_slice *slices;
	uint8_t **owned; /* NULL where the slice is the caller's */
	size_t count;
};

static void bodies_fini(struct bodies *bodies)
{
	for (size_t at = 0; at < bodies->count; at++)
		free(bodies->owned[at]);
	free(bodies->owned);
	free(bodies->slices);
}

static enum qw_err add_body(struct bodies *bodies, const struct qw_entry *entry, uint32_t rights)
{
	struct qw_entry_key key;
	bool removed;
	enum qw_err err = qw_entry_key_parse(&key, &removed, entry->body, entry->body_len);
	if (err)
		return err;
	if (qw_entry_key_kind(&key) != entry->kind || (removed && !entry->removed))
		return QW_EFORMAT;
	if (!(rights & qw_right_for(entry->kind)))
		return QW_ESIGN;
	size_t at = bodies->count;
	if (entry->removed) {
		size_t len;
		err = qw_entry_key_pack_removal(&key, &bodies->owned[at], &len);
		if (err)
			return err;
		bodies->slices[at] = qw_slice(bodies->owned[at], len);
	} else {
		bodies->slices[at] = qw_slice(entry->body, entry->body_len);
	}
	bodies->count++;
	return QW_OK;
}

static enum qw_err bodies_init(struct bodies *out, const struct qw_entry *entries, size_t count, uint32_t rights)
{
	struct bodies bodies = {0};
	bodies.slices = calloc(count ? count : 1, sizeof(*bodies.slices));
	bodies.owned = calloc(count ? count : 1, sizeof(*bodies.owned));
	enum qw_err err = bodies.slices && bodies.owned ? QW_OK : QW_ENOMEM;
	for (size_t at = 0; at < count && !err; at++)
		err = add_body(&bodies, &entries[at], rights);
	if (err) {
		bodies_fini(&bodies);
		return err;
	}
	*out = bodies;
	return QW_OK;
}

static enum qw_err commit(struct qw_channel *channel, const struct qw_delta *draft, const struct qw_sign_pair *online,
			  struct qw_slice delegation, uint8_t **out, size_t *len)
{
	struct qw_delta delta = *draft;
	struct qw_change change;
	delta.before = qw_channel_digest(channel);
	enum qw_err err = qw_change_make(&change, &channel->content, delta.entries, delta.count);
	if (err)
		return err;
	delta.after = qw_channel_digest(channel);
	err = qw_delta_pack(out, len, &delta, online, delegation);
	if (err) {
		qw_change_undo(&change);
		return err;
	}
	qw_change_keep(&change);
	channel->order = delta.order;
	return QW_OK;
}

enum qw_err qw_channel_commit(struct qw_channel *channel, const struct qw_entry *entries, size_t count,
			      const struct qw_sign_pair *online, const uint8_t *delegation, size_t delegation_len,
			      struct qw_time now, uint8_t **delta, size_t *delta_len)
{
	struct qw_delegation rights;
	struct qw_slice packed = qw_slice(delegation, delegation_len);
	enum qw_err err = qw_delegation_of(&rights, packed, online, now);
	if (err)
		return err;
	struct bodies bodies;
	err = bodies_init(&bodies, entries, count, rights.rights);
	if (err)
		return err;
	struct qw_delta draft = {
	    .channel = channel->name,
	    .order = {channel->order.term, channel->order.sequence + 1},
	    .created = now,
	    .entries = bodies.slices,
	    .count = bodies.count,
	};
	err = commit(channel, &draft, online, packed, delta, delta_len);
	bodies_fini(&bodies);
	return err;
}

enum qw_err qw_channel_commit_term(struct qw_channel *channel, uint64_t term, const struct qw_sign_pair *online,
				   const uint8_t *delegation, size_t delegation_len, struct qw_time now,
				   uint8_t **delta, size_t *delta_len)
{
	struct qw_delegation rights;
	struct qw_slice packed = qw_slice(delegation, delegation_len);
	enum qw_err err = qw_delegation_of(&rights, packed, online, now);
	if (err)
		return err;
	if (!(rights.rights & QW_RIGHT_TERM))
		return QW_ESIGN;
	if (term <= channel->order.term)
		return QW_EORDER;
	struct qw_delta draft = {.channel = channel->name, .order = {term, 1}, .created = now};
	return commit(channel, &draft, online, packed, delta, delta_len);
}
