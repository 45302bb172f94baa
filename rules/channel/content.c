/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/channel/content.h"

#include <stdlib.h>

/* Chunks emptied after a change: at least one, so that holes never win, and few, so that one entry stays cheap. */
enum { RELEASES_PER_CHUNK = 256 };

/* What stood at the tag before and what stands there now; 0: nothing. */
struct qw_change_row {
	uint32_t tag, from, to;
};

enum qw_err qw_content_init(struct qw_content *content)
{
	struct qw_lanes *lanes;
	enum qw_err err = qw_lanes_new(&lanes);
	if (err)
		return err;
	err = qw_entry_set_init(&content->set);
	if (err)
		goto free_lanes;
	content->lanes = lanes;
	return QW_OK;
free_lanes:
	qw_lanes_free(lanes);
	return err;
}

void qw_content_fini(struct qw_content *content)
{
	qw_entry_set_fini(&content->set);
	qw_lanes_free(content->lanes);
	content->lanes = NULL;
}

enum qw_err qw_content_fill_set(struct qw_entry_set *set, const struct qw_entry_key *key, const uint8_t *body,
				size_t len)
{
	uint32_t tag = qw_entry_set_tag(set, key);
	if (qw_entry_set_find(set, tag, key))
		return QW_EFORMAT;
	enum qw_err err = qw_entry_set_reserve(set, 1);
	if (err)
		return err;
	uint32_t at;
	err = qw_entry_arena_add(&set->arena, qw_entry_key_kind(key), body, len, &at);
	if (err)
		return err;
	qw_entry_set_exchange(set, tag, 0, at);
	return QW_OK;
}

enum qw_err qw_content_fill(struct qw_content *content, const uint8_t *body, size_t len)
{
	struct qw_entry_key key;
	bool removed;
	enum qw_err err = qw_entry_key_parse(&key, &removed, body, len);
	if (err)
		return err;
	err = removed ? QW_EFORMAT : qw_content_fill_set(&content->set, &key, body, len);
	if (err)
		return err;
	qw_lanes_add(content->lanes, &key, body, len);
	return QW_OK;
}

/* Takes record `from` out of set and digest and puts `to` in. */
static void exchange(struct qw_content *content, const struct qw_entry_key *key, uint32_t tag, uint32_t from,
		     uint32_t to)
{
	if (from) {
		struct qw_entry entry = qw_entry_arena_get(&content->set.arena, from);
		qw_lanes_subtract(content->lanes, key, entry.body, entry.body_len);
	}
	if (to) {
		struct qw_entry entry = qw_entry_arena_get(&content->set.arena, to);
		qw_lanes_add(content->lanes, key, entry.body, entry.body_len);
	}
	qw_entry_set_exchange(&content->set, tag, from, to);
}

static enum qw_err apply_one(struct qw_change *change, const struct qw_slice *body)
{
	struct qw_entry_set *set = &change->content->set;
	struct qw_entry_key key;
	bool removed;
	enum qw_err err = qw_entry_key_parse(&key, &removed, body->data, body->len);
	if (err)
		return err;
	struct qw_change_row row = {.tag = qw_entry_set_tag(set, &key)};
	row.from = qw_entry_set_find(set, row.tag, &key);
	if (!removed) {
		err = qw_entry_arena_add(&set->arena, qw_entry_key_kind(&key), body->data, body->len, &row.to);
		if (err)
			return err;
	}
	exchange(change->content, &key, row.tag, row.from, row.to);
	change->rows[change->count++] = row;
	return QW_OK;
}

enum qw_err qw_change_make(struct qw_change *out, struct qw_content *content, const struct qw_slice *bodies,
			   size_t count)
{
	struct qw_change change = {.content = content};
	enum qw_err err = qw_entry_set_reserve(&content->set, count);
	if (err)
		return err;
	change.rows = malloc((count ? count : 1) * sizeof(*change.rows));
	if (!change.rows)
		return QW_ENOMEM;
	for (size_t at = 0; at < count && !err; at++)
		err = apply_one(&change, &bodies[at]);
	if (err) {
		qw_change_undo(&change);
		return err;
	}
	qw_lanes_settle(content->lanes);
	*out = change;
	return QW_OK;
}

void qw_change_keep(struct qw_change *change)
{
	struct qw_entry_set *set = &change->content->set;
	size_t released = 0;
	for (size_t at = 0; at < change->count; at++) {
		if (!change->rows[at].from)
			continue;
		qw_entry_arena_release(&set->arena, change->rows[at].from);
		released++;
	}
	if (released)
		qw_entry_set_tidy(set, 1 + released / RELEASES_PER_CHUNK);
	free(change->rows);
	change->rows = NULL;
}

/* The key of a record we took in: it parsed then. */
static void key_of(const struct qw_entry_set *set, uint32_t record, struct qw_entry_key *out)
{
	struct qw_entry entry = qw_entry_arena_get(&set->arena, record);
	bool removed;
	if (qw_entry_key_parse(out, &removed, entry.body, entry.body_len))
		abort();
}

void qw_change_undo(struct qw_change *change)
{
	struct qw_content *content = change->content;
	while (change->count) {
		const struct qw_change_row *row = &change->rows[--change->count];
		if (!row->from && !row->to)
			continue;
		struct qw_entry_key key;
		key_of(&content->set, row->from ? row->from : row->to, &key);
		exchange(content, &key, row->tag, row->to, row->from);
		if (row->to)
			qw_entry_arena_release(&content->set.arena, row->to);
	}
	qw_lanes_settle(content->lanes);
	free(change->rows);
	change->rows = NULL;
}
