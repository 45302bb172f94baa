/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/guard_parts.h"
#include "quaywatch/file.h"
#include "quaywatch/indicator.h"

enum { FILE_MAX = 256 << 20, POOL_MAX = 1 << 30 };

/*
 * Address space that is nobody's on the Internet, or that stands for other
 * addresses (IANA's registries of special-purpose addresses, RFC 6890).  The
 * blocks for documentation are left out: nothing is routed to them, so a listed
 * one harms nobody.
 */
static const char *const special[] = {
    "0.0.0.0/8",   "10.0.0.0/8",     "100.64.0.0/10",  "127.0.0.0/8",  "169.254.0.0/16", "172.16.0.0/12",  "192.0.0.0/24",
    "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",   "::/96",        "64:ff9b::/96",
    "64:ff9b:1::/48", "100::/64",       "2001::/23",     "2002::/16",   "5f00::/16",     "fc00::/7",     "fe80::/10",
    "ff00::/8",
};

enum qw_err qw_guard_new(struct qw_guard **out)
{
	struct qw_guard *guard = calloc(1, sizeof(*guard));

	if (!guard)
		return QW_ENOMEM;
	*out = guard;
	return QW_OK;
}

void qw_guard_free(struct qw_guard *guard)
{
	if (!guard)
		return;
	for (size_t i = 0; i < guard->lists; i++) {
		free(guard->name[i]);
		free(guard->tenant[i]);
	}
	for (size_t form = 0; form < QW_GUARD_FORMS; form++)
		for (size_t kind = 0; kind < QW_GUARD_KINDS; kind++)
			free(guard->shelf[form][kind].entry);
	free(guard->pool);
	free(guard);
}

/* ---- adding */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static enum qw_err add_list(struct qw_guard *guard, const struct qw_guard_list *list)
{
	if (guard->lists == QW_GUARD_LISTS_MAX)
		return QW_ELIMIT;
	char *name = strdup(list->name), *tenant = list->tenant ? strdup(list->tenant) : NULL;
	if (!name || (list->tenant && !tenant)) {
		free(name);
		free(tenant);
		return QW_ENOMEM;
	}
	guard->name[guard->lists] = name;
	guard->tenant[guard->lists] = tenant;
	guard->list[guard->lists++] = (struct qw_guard_list){list->kind, name, tenant};
	return QW_OK;
}

/* Entries of one list come one after another: the last list is nearly always the one. */
static enum qw_err find_list(struct qw_guard *guard, const struct qw_guard_list *list, uint16_t *out)
{
	for (size_t i = guard->lists; i > 0; i--) {
		const struct qw_guard_list *held = &guard->list[i - 1];
		if (held->kind != list->kind || !same_text(held->name, list->name) || !same_text(held->tenant, list->tenant))
			continue;
		*out = (uint16_t)(i - 1);
		return QW_OK;
	}
	enum qw_err err = add_list(guard, list);
	if (err == QW_OK)
		*out = (uint16_t)(guard->lists - 1);
	return err;
}

static enum qw_err keep_text(struct qw_guard *guard, const char *text, size_t len, uint32_t *at)
{
	if (guard->pool_len + len + 1 > guard->pool_room) {
		size_t room = guard->pool_room ? guard->pool_room * 2 : 64 * 1024;
		char *grown = room <= POOL_MAX ? realloc(guard->pool, room) : NULL;
		if (!grown)
			return room <= POOL_MAX ? QW_ENOMEM : QW_ELIMIT;
		guard->pool = grown;
		guard->pool_room = room;
	}
	*at = (uint32_t)guard->pool_len;
	memcpy(guard->pool + guard->pool_len, text, len);
	guard->pool[guard->pool_len + len] = '\0';
	guard->pool_len += len + 1;
	return QW_OK;
}

static enum qw_err put_on(struct qw_guard_shelf *shelf, const struct qw_guard_entry *entry)
{
	if (shelf->count == shelf->room) {
		size_t room = shelf->room ? shelf->room * 2 : 16;
		struct qw_guard_entry *grown = realloc(shelf->entry, room * sizeof(*grown));
		if (!grown)
			return QW_ENOMEM;
		shelf->entry = grown;
		shelf->room = room;
	}
	shelf->entry[shelf->count++] = *entry;
	return QW_OK;
}

enum qw_err qw_guard_add(struct qw_guard *guard, const struct qw_guard_list *list, const struct qw_observable *observable)
{
	char key[QW_GUARD_KEY_MAX];
	struct qw_guard_entry entry = {.whole = observable->type == QW_OBS_HOST};
	enum qw_guard_form form = QW_GUARD_TEXT;

	if (guard->entries == QW_GUARD_ENTRIES_MAX)
		return QW_ELIMIT;
	if ((observable->type == QW_OBS_IP || observable->type == QW_OBS_CIDR) &&
	    qw_guard_prefix_of(observable, &entry.prefix))
		form = QW_GUARD_PREFIX;
	else if (observable->type == QW_OBS_DOMAIN || observable->type == QW_OBS_HOST)
		form = QW_GUARD_NAME;
	size_t len = qw_guard_key(form, observable, key);
	enum qw_err err = find_list(guard, list, &entry.list);
	if (err == QW_OK)
		err = keep_text(guard, key, len, &entry.text);
	if (err == QW_OK)
		err = put_on(&guard->shelf[form][list->kind], &entry);
	guard->entries += err == QW_OK;
	return err;
}

enum qw_err qw_guard_add_text(struct qw_guard *guard, const struct qw_guard_list *list, const char *text)
{
	struct qw_observable observable;
	size_t len = strlen(text);
	enum qw_err err = qw_observable_parse(&observable, QW_OBS_CIDR, text, len, NULL);

	if (err != QW_OK)
		err = qw_observable_parse(&observable, QW_OBS_DOMAIN, text, len, NULL);
	/* What looks like an address and is none can come back as a URL: "10.0.0.0/99". */
	if (err != QW_OK || observable.type == QW_OBS_URL || observable.type == QW_OBS_IP_PORT)
		return QW_EFORMAT;
	return qw_guard_add(guard, list, &observable);
}

enum qw_err qw_guard_add_special(struct qw_guard *guard)
{
	static const struct qw_guard_list list = {QW_GUARD_SPECIAL, "special address space", NULL};
	enum qw_err err = QW_OK;

	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]) && err == QW_OK; i++)
		err = qw_guard_add_text(guard, &list, special[i]);
	return err;
}

/* ---- files */

struct reading {
	struct qw_guard *guard;
	const struct qw_guard_list *list;
	struct qw_diags *diags;
	const char *path;
	bool titled; /* a warning list: each entry says whose it is */
};

static enum qw_err take_row(void *ctx, const struct qw_indicator *indicator)
{
	const struct reading *reading = ctx;
	struct qw_guard_list list = *reading->list;

	if (!list.name)
		list.name = reading->titled && indicator->source[0] ? indicator->source : reading->path;
	return qw_guard_add(reading->guard, &list, &indicator->observable);
}

static enum qw_err read_content(struct reading *reading, const char *data, size_t len)
{
	struct qw_indicator defaults;
	struct qw_feed_counts counts = {0};
	enum qw_feed_format format = qw_feed_format_of(reading->path, (const uint8_t *)data, len);

	if (format == QW_FEED_DOCUMENT)
		return QW_OK;
	if (format != QW_FEED_PLAIN && format != QW_FEED_WARNINGLIST) {
		qw_complain(reading->diags, QW_DIAG_ERROR, reading->path, 0, 0,
			    "neither a list of one entry a line nor a MISP warning list");
		return QW_EFORMAT;
	}
	qw_indicator_init(&defaults);
	reading->titled = format == QW_FEED_WARNINGLIST;
	enum qw_err err = qw_feed_read(format, reading->path, (const uint8_t *)data, len, &defaults, take_row, reading,
				       reading->diags, &counts);
	/* A crown jewel that is misspelt is one that nothing protects. */
	return err == QW_OK && counts.rejected && reading->list->kind == QW_GUARD_JEWEL ? QW_EFORMAT : err;
}

static enum qw_err read_file(void *ctx, const char *file)
{
	struct reading *reading = ctx;
	char *data;
	size_t len;
	enum qw_err err = qw_file_read(file, FILE_MAX, &data, &len);

	reading->path = file;
	if (err == QW_OK) {
		err = read_content(reading, data, len);
		free(data);
	}
	if (err != QW_OK && err != QW_EFORMAT)
		qw_complain(reading->diags, QW_DIAG_ERROR, file, 0, 0, "%s", qw_strerror(err));
	return err;
}

enum qw_err qw_guard_read(struct qw_guard *guard, const struct qw_guard_list *list, const char *path,
			  struct qw_diags *diags)
{
	struct reading reading = {guard, list, diags, path, false};

	return qw_walk_files(path, read_file, &reading);
}
