/* SPDX-License-Identifier: Apache-2.0 */
/* apply - the sensor's side: one delta, verified, all or nothing. */
#include <string.h>

#include "rules/channel/delta.h"
#include "rules/channel/seal.h"
#include "rules/channel/state.h"

static enum qw_err check_order(const struct qw_channel *channel, const struct qw_delta *delta, uint32_t rights)
{
	struct qw_order ours = channel->order;
	if (delta->order.term < ours.term)
		return QW_EORDER;
	if (delta->order.term > ours.term) {
		if (!(rights & QW_RIGHT_TERM))
			return QW_ESIGN;
		return delta->order.sequence == 1 ? QW_OK : QW_EORDER;
	}
	if (delta->order.sequence <= ours.sequence)
		return QW_EEXIST;
	return delta->order.sequence - ours.sequence == 1 ? QW_OK : QW_EORDER;
}

static enum qw_err check_rights(const struct qw_delta *delta, uint32_t rights)
{
	for (size_t at = 0; at < delta->count; at++) {
		struct qw_entry_key key;
		bool removed;
		enum qw_err err = qw_entry_key_parse(&key, &removed, delta->entries[at].data, delta->entries[at].len);
		if (err)
			return err;
		if (!(rights & qw_right_for(qw_entry_key_kind(&key))))
			return QW_ESIGN;
	}
	return QW_OK;
}

static enum qw_err check(const struct qw_channel *channel, const struct qw_delta *delta,
			 const struct qw_delegation *delegation, struct qw_time now)
{
	if (strcmp(delta->channel, channel->name) != 0)
		return QW_ESIGN;
	if (!qw_delegation_holds(delegation, delta->created))
		return QW_ESIGN;
	enum qw_err err = check_order(channel, delta, delegation->rights);
	if (err)
		return err;
	if (delta->expires.ns && qw_time_before(delta->expires, now))
		return QW_ESIGN;
	struct qw_digest ours = qw_channel_digest(channel);
	if (!qw_digest_equal(&delta->before, &ours))
		return QW_EORDER;
	return check_rights(delta, delegation->rights);
}

static enum qw_err change_set(struct qw_channel *channel, const struct qw_delta *delta)
{
	struct qw_change change;
	enum qw_err err = qw_change_make(&change, &channel->content, delta->entries, delta->count);
	if (err)
		return err;
	struct qw_digest after = qw_channel_digest(channel);
	if (!qw_digest_equal(&delta->after, &after)) {
		qw_change_undo(&change);
		return QW_ESIGN;
	}
	qw_change_keep(&change);
	channel->order = delta->order;
	return QW_OK;
}

static void tell(const struct qw_delta *delta, void (*changed)(void *ctx, const struct qw_entry *entry), void *ctx)
{
	for (size_t at = 0; at < delta->count; at++) {
		struct qw_entry entry;
		if (qw_entry_read(&entry, delta->entries[at].data, delta->entries[at].len) == QW_OK)
			changed(ctx, &entry);
	}
}

enum qw_err qw_channel_apply(struct qw_channel *channel, const uint8_t *data, size_t len,
			     const uint8_t root_public[QW_SIGN_PUBLIC_BYTES], struct qw_time now,
			     void (*changed)(void *ctx, const struct qw_entry *entry), void *ctx)
{
	struct qw_delta_open delta;
	struct qw_delegation delegation;
	enum qw_err err = qw_delta_open(&delta, qw_slice(data, len), root_public, now, &delegation);
	if (err)
		return err;
	err = check(channel, &delta.says, &delegation, now);
	if (!err)
		err = change_set(channel, &delta.says);
	if (!err && changed)
		tell(&delta.says, changed, ctx);
	qw_delta_close(&delta);
	return err;
}
