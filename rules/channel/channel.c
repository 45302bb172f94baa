/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/channel.h"

#include <stdlib.h>
#include <string.h>

#include "rules/channel/state.h"

enum { FIRST_TERM = 1 };

bool qw_channel_name_valid(const char *name)
{
	size_t len = strnlen(name, QW_CHANNEL_NAME_MAX + 1);
	if (len == 0 || len > QW_CHANNEL_NAME_MAX)
		return false;
	for (size_t at = 0; at < len; at++) {
		if (name[at] < ' ' || name[at] > '~')
			return false;
	}
	return true;
}

int qw_order_compare(struct qw_order a, struct qw_order b)
{
	if (a.term != b.term)
		return a.term < b.term ? -1 : 1;
	return (a.sequence > b.sequence) - (a.sequence < b.sequence);
}

enum qw_err qw_channel_new(struct qw_channel **out, const char *name)
{
	if (!qw_channel_name_valid(name))
		return QW_EINVAL;
	struct qw_channel *channel = calloc(1, sizeof(*channel));
	if (!channel)
		return QW_ENOMEM;
	enum qw_err err = qw_content_init(&channel->content);
	if (err) {
		free(channel);
		return err;
	}
	memcpy(channel->name, name, strlen(name));
	channel->order.term = FIRST_TERM;
	*out = channel;
	return QW_OK;
}

void qw_channel_free(struct qw_channel *channel)
{
	if (!channel)
		return;
	qw_incoming_free(channel->incoming);
	free(channel->folder);
	qw_content_fini(&channel->content);
	free(channel);
}

enum qw_err qw_channel_receive_in(struct qw_channel *channel, const char *folder)
{
	char *own = strdup(folder);

	if (!own)
		return QW_ENOMEM;
	free(channel->folder);
	channel->folder = own;
	return QW_OK;
}

const char *qw_channel_name(const struct qw_channel *channel)
{
	return channel->name;
}

struct qw_order qw_channel_order(const struct qw_channel *channel)
{
	return channel->order;
}

size_t qw_channel_count(const struct qw_channel *channel)
{
	return channel->content.set.count;
}

size_t qw_channel_bytes(const struct qw_channel *channel)
{
	return qw_entry_set_bytes(&channel->content.set);
}

struct qw_digest qw_channel_digest(const struct qw_channel *channel)
{
	return qw_lanes_digest(channel->content.lanes);
}

struct qw_digest qw_channel_answer(const struct qw_channel *channel, const uint8_t nonce[16])
{
	return qw_lanes_answer(channel->content.lanes, nonce);
}

enum qw_err qw_channel_each(const struct qw_channel *channel,
			    enum qw_err (*visit)(void *ctx, const struct qw_entry *entry), void *ctx)
{
	return qw_entry_set_each(&channel->content.set, visit, ctx);
}

bool qw_channel_find(const struct qw_channel *channel, enum qw_entry_kind kind, const char *text, size_t text_len,
		     struct qw_entry *out)
{
	const struct qw_entry_set *set = &channel->content.set;
	struct qw_entry_key key;
	if (!qw_entry_key_make(&key, kind, text, text_len))
		return false;
	uint32_t at = qw_entry_set_find(set, qw_entry_set_tag(set, &key), &key);
	if (!at)
		return false;
	*out = qw_entry_arena_get(&set->arena, at);
	return true;
}
