/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/assets/words.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/watch/assets/assets_parts.h"
#include "sensor/watch/assets/roles.h"

enum { SENTENCE_MAX = 1024 };

struct qw_words {
	const struct qw_assets *assets;
	const struct qw_inventory *inventory;
	struct qw_shelf *done; /* struct qw_done: all of it is key */
};

enum qw_err qw_words_new(struct qw_words **out, const struct qw_assets *assets, const struct qw_inventory *inventory)
{
	struct qw_words *words = calloc(1, sizeof(*words));
	struct qw_shelf_options done = {sizeof(struct qw_done), sizeof(struct qw_done), QW_DEEDS_MAX, NULL, NULL};

	if (!words)
		return QW_ENOMEM;
	words->assets = assets;
	words->inventory = inventory;
	enum qw_err err = qw_shelf_new(&words->done, &done);
	if (err != QW_OK) {
		free(words);
		return err;
	}
	*out = words;
	return QW_OK;
}

void qw_words_free(struct qw_words *words)
{
	if (!words)
		return;
	qw_shelf_free(words->done);
	free(words);
}

const struct qw_done *qw_words_done(const struct qw_words *words, const struct qw_done *last)
{
	return qw_shelf_next(words->done, last);
}

enum qw_err qw_words_put_done(struct qw_words *words, const struct qw_done *done)
{
	bool pushed;

	return qw_shelf_get(words->done, done, &pushed) ? QW_OK : QW_ENOMEM;
}

/* ---- what a host is called */

static const char *first_of(const char *a, const char *b)
{
	return *a ? a : b;
}

/* Its own name, or what it is: "SIMATIC S7-300 (Siemens)". */
static void name_itself(char *out, size_t size, const struct qw_asset *asset)
{
	if (asset->name[0] || asset->model[0])
		snprintf(out, size, "%s", first_of(asset->name, asset->model));
	else
		snprintf(out, size, "%s", "");
}

struct qw_called qw_words_called(const struct qw_assets *assets, const struct qw_inventory *inventory, const struct qw_host *host)
{
	struct qw_called called = {.name = "", .role = "", .area = "", .criticality = ""};
	const struct qw_asset *asset = qw_assets_find(assets, host);
	const struct qw_inventory_row *row =
		qw_inventory_find(inventory, host, asset && asset->has_mac ? asset->mac : NULL);

	if (asset) {
		name_itself(called.name, sizeof(called.name), asset);
		called.role = qw_role_name((enum qw_role)asset->role);
	}
	if (!row)
		return called;
	if (row->text[QW_INVENTORY_NAME][0])
		snprintf(called.name, sizeof(called.name), "%s", row->text[QW_INVENTORY_NAME]);
	called.role = first_of(row->text[QW_INVENTORY_ROLE], called.role);
	called.area = row->text[QW_INVENTORY_AREA];
	called.criticality = row->text[QW_INVENTORY_CRITICALITY];
	return called;
}

static bool is_called(const struct qw_called *called)
{
	return called->name[0] || *called->role || *called->area || *called->criticality;
}

/* ---- the sentence */

struct end {
	bool known;
	struct qw_host host;
	struct qw_called called;
};

static struct end read_end(const struct qw_words *words, const struct qw_seen_end *seen)
{
	struct end end = {.known = seen->known || seen->has_mac};

	if (!end.known)
		return end;
	end.host = seen->known ? qw_host_of(&seen->address) : qw_asset_host_of_card(words->assets, seen->mac);
	end.called = qw_words_called(words->assets, words->inventory, &end.host);
	return end;
}

/* "STS-14 hoist PLC (10.1.4.20)", "PLC 10.1.4.20", "10.1.4.20". */
static void put_end(struct qw_text *text, const struct end *end)
{
	const char *name = end->called.name, *role = end->called.role;

	if (*name) {
		qw_text_put(text, name, strlen(name));
		qw_text_literal(text, " (");
		qw_text_host(text, &end->host);
		qw_text_char(text, ')');
		return;
	}
	if (*role) {
		qw_text_put(text, role, strlen(role));
		qw_text_char(text, ' ');
	}
	qw_text_host(text, &end->host);
}

/* An alert's message as part of a sentence: what stands before a colon names the protocol, and is left as it is. */
static void put_message(struct qw_text *text, struct qw_slice message)
{
	size_t at = text->len;

	if (message.len)
		qw_text_put(text, message.data, message.len);
	if (message.len > 1 && text->len > at + 1 && islower((unsigned char)text->at[at + 1]) && !memchr(message.data, ':', message.len))
		text->at[at] = (char)tolower((unsigned char)text->at[at]);
}

static bool is_first(struct qw_words *words, const struct qw_seen *seen, const struct end *actor, const struct end *target)
{
	struct qw_done done = {.actor = actor->host, .target = target->host, .gid = seen->gid, .sid = seen->sid};
	bool pushed;

	if (qw_shelf_find(words->done, &done))
		return false;
	return qw_shelf_get(words->done, &done, &pushed) != NULL;
}

/* What other watchers say of it stands behind it. */
static void put_sentence(struct qw_words *words, struct qw_text *text, const struct qw_seen *seen, const struct end *actor,
			 const struct end *target, struct qw_slice detail)
{
	if (target->known)
		put_end(text, target);
	if (target->known)
		qw_text_literal(text, ": ");
	put_message(text, seen->signature);
	if (actor->known) {
		qw_text_literal(text, " from ");
		put_end(text, actor);
	}
	if (actor->known && target->known && is_first(words, seen, actor, target))
		qw_text_literal(text, ", first time");
	if (detail.len == 0)
		return;
	qw_text_literal(text, ". ");
	qw_text_put(text, detail.data, detail.len);
}

/* ---- the event */

static struct qw_slice detail_of(const void *event, size_t size)
{
	struct qw_event_reader reader;
	const struct qw_event *head;
	struct qw_slice detail = {NULL, 0};
	enum qw_event_key key;
	const uint8_t *data;
	size_t len;

	if (qw_event_open(&reader, event, size, &head) != QW_OK)
		return detail;
	while (qw_event_next(&reader, &key, &data, &len))
		if (key == QW_KEY_TEXT)
			detail = qw_slice(data, len);
	return detail;
}

static void put_names(struct qw_event_writer *writer, enum qw_event_key first, const struct end *end)
{
	static_assert(QW_KEY_SRC_ASSET_CRITICALITY == QW_KEY_SRC_ASSET_NAME + 3, "four keys in this order");
	static_assert(QW_KEY_DEST_ASSET_CRITICALITY == QW_KEY_DEST_ASSET_NAME + 3, "four keys in this order");
	if (!end->known)
		return;
	qw_event_put_text(writer, first, end->called.name);
	qw_event_put_text(writer, first + 1, end->called.role);
	qw_event_put_text(writer, first + 2, end->called.area);
	qw_event_put_text(writer, first + 3, end->called.criticality);
}

/* Who is acted upon: where the alert comes from an answer, the one who answered. */
size_t qw_words_dress(struct qw_words *words, void *event, size_t size, size_t room)
{
	struct qw_seen seen;
	char memory[SENTENCE_MAX];
	struct qw_text text;

	if (qw_seen_read(&seen, event, size) != QW_OK || seen.type != QW_EVENT_ALERT)
		return size;
	struct end src = read_end(words, &seen.src), dst = read_end(words, &seen.dst);
	if (!(src.known && is_called(&src.called)) && !(dst.known && is_called(&dst.called)))
		return size;
	qw_text_init(&text, memory, sizeof(memory));
	put_sentence(words, &text, &seen, seen.to_server ? &src : &dst, seen.to_server ? &dst : &src, detail_of(event, size));
	struct qw_event_writer writer = {event, room - sizeof(struct qw_event), false};
	put_names(&writer, QW_KEY_SRC_ASSET_NAME, &src);
	put_names(&writer, QW_KEY_DEST_ASSET_NAME, &dst);
	qw_event_put(&writer, QW_KEY_WORDS, text.at, text.len);
	return qw_event_size(event);
}
