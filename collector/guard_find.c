/* SPDX-License-Identifier: Apache-2.0 */
/* guard_find - which entry of a guard stands against a value. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/guard_parts.h"

static void turn(char *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out[i] = text[len - 1 - i];
	out[len] = '\0';
}

size_t qw_guard_key(enum qw_guard_form form, const struct qw_observable *observable, char out[QW_GUARD_KEY_MAX])
{
	if (form == QW_GUARD_TEXT)
		return (size_t)snprintf(out, QW_GUARD_KEY_MAX, "%s %s", qw_observable_type_name(observable->type),
					observable->text);
	if (form == QW_GUARD_NAME)
		turn(out, observable->text, observable->len);
	else
		memcpy(out, observable->text, observable->len + 1u);
	return observable->len;
}

bool qw_prefix_is_v4(const struct qw_prefix *prefix)
{
	return prefix->bits >= 96 && qw_address_is_v4(&prefix->address);
}

/* ---- order */

static int compare_prefixes(const struct qw_prefix *a, const struct qw_prefix *b)
{
	int family = (int)qw_prefix_is_v4(a) - (int)qw_prefix_is_v4(b);
	int address = family ? family : memcmp(a->address.bytes, b->address.bytes, 16);

	return address ? address : (int)a->bits - (int)b->bits;
}

static int by_prefix(const void *a, const void *b, void *pool)
{
	(void)pool;
	return compare_prefixes(&((const struct qw_guard_entry *)a)->prefix, &((const struct qw_guard_entry *)b)->prefix);
}

static int by_text(const void *a, const void *b, void *pool)
{
	return strcmp((const char *)pool + ((const struct qw_guard_entry *)a)->text,
		      (const char *)pool + ((const struct qw_guard_entry *)b)->text);
}

void qw_guard_finish(struct qw_guard *guard)
{
	for (size_t form = 0; form < QW_GUARD_FORMS; form++)
		for (size_t kind = 0; kind < QW_GUARD_KINDS; kind++) {
			struct qw_guard_shelf *shelf = &guard->shelf[form][kind];
			if (shelf->count)
				qsort_r(shelf->entry, shelf->count, sizeof(*shelf->entry),
					form == QW_GUARD_PREFIX ? by_prefix : by_text, guard->pool);
		}
}

size_t qw_guard_count(const struct qw_guard *guard, enum qw_guard_kind kind)
{
	size_t count = 0;

	for (size_t form = 0; form < QW_GUARD_FORMS; form++)
		count += guard->shelf[form][kind].count;
	return count;
}

/* The first entry that is not before the key. */
static size_t first_prefix(const struct qw_guard_shelf *shelf, const struct qw_prefix *key)
{
	size_t low = 0, high = shelf->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare_prefixes(&shelf->entry[middle].prefix, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static size_t first_text(const struct qw_guard *guard, const struct qw_guard_shelf *shelf, const char *key)
{
	size_t low = 0, high = shelf->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(guard->pool + shelf->entry[middle].text, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ---- asking */

/* What is looked for, in the three forms that it may have. */
struct question {
	const struct qw_guard *guard;
	const char *tenant;
	bool has_prefix, is_wide; /* a name with all below it */
	struct qw_prefix prefix;
	char name[QW_GUARD_KEY_MAX]; /* backwards; "": none */
	char text[QW_GUARD_KEY_MAX];
	bool above; /* set by what finds */
};

static bool is_for(const struct question *question, const struct qw_guard_entry *entry)
{
	const char *tenant = question->guard->list[entry->list].tenant;

	return !tenant || (question->tenant && strcmp(tenant, question->tenant) == 0);
}

typedef const struct qw_guard_entry *find_on(struct question *question, const struct qw_guard_shelf *shelf);

/* Blocks that hold it, from the narrowest, then blocks that it holds. */
static const struct qw_guard_entry *find_prefix(struct question *question, const struct qw_guard_shelf *shelf)
{
	struct qw_prefix key = question->prefix;
	unsigned least = qw_prefix_is_v4(&key) ? 96 : 0;

	question->above = false;
	for (unsigned bits = key.bits;; bits--) {
		key.bits = (uint8_t)bits;
		for (size_t at = first_prefix(shelf, &key);
		     at < shelf->count && compare_prefixes(&shelf->entry[at].prefix, &key) == 0; at++)
			if (is_for(question, &shelf->entry[at]))
				return &shelf->entry[at];
		if (bits == least)
			break;
		key.address.bytes[(bits - 1) / 8] &= (uint8_t) ~(1u << (7 - (bits - 1) % 8));
	}
	question->above = true;
	for (size_t at = first_prefix(shelf, &question->prefix); at < shelf->count; at++) {
		const struct qw_guard_entry *entry = &shelf->entry[at];
		if (qw_prefix_is_v4(&entry->prefix) != qw_prefix_is_v4(&question->prefix) ||
		    !qw_prefix_holds(&question->prefix, &entry->prefix.address))
			break;
		if (is_for(question, entry))
			return entry;
	}
	return NULL;
}

/* The name itself, the names above it, then (of a domain) the names below it. */
static const struct qw_guard_entry *find_name(struct question *question, const struct qw_guard_shelf *shelf)
{
	const struct qw_guard *guard = question->guard;
	size_t len = strlen(question->name);
	char key[QW_GUARD_KEY_MAX + 1];

	question->above = false;
	memcpy(key, question->name, len + 1);
	for (size_t end = len; end > 0; end--) {
		if (end < len && question->name[end] != '.')
			continue;
		key[end] = '\0';
		for (size_t at = first_text(guard, shelf, key);
		     at < shelf->count && strcmp(guard->pool + shelf->entry[at].text, key) == 0; at++)
			if (is_for(question, &shelf->entry[at]) && (end == len || !shelf->entry[at].whole))
				return &shelf->entry[at];
	}
	if (!question->is_wide)
		return NULL;
	question->above = true;
	memcpy(key, question->name, len);
	key[len] = '.';
	key[len + 1] = '\0';
	for (size_t at = first_text(guard, shelf, key);
	     at < shelf->count && strncmp(guard->pool + shelf->entry[at].text, key, len + 1) == 0; at++)
		if (is_for(question, &shelf->entry[at]))
			return &shelf->entry[at];
	return NULL;
}

static const struct qw_guard_entry *find_text(struct question *question, const struct qw_guard_shelf *shelf)
{
	const struct qw_guard *guard = question->guard;

	question->above = false;
	for (size_t at = first_text(guard, shelf, question->text);
	     at < shelf->count && strcmp(guard->pool + shelf->entry[at].text, question->text) == 0; at++)
		if (is_for(question, &shelf->entry[at]))
			return &shelf->entry[at];
	return NULL;
}

static void ask(struct question *question, const struct qw_guard *guard, const struct qw_observable *observable,
		const char *tenant)
{
	const char *name;
	size_t len;

	question->guard = guard;
	question->tenant = tenant;
	question->has_prefix = qw_guard_prefix_of(observable, &question->prefix);
	question->is_wide = observable->type == QW_OBS_DOMAIN;
	question->name[0] = '\0';
	if (!question->has_prefix && qw_guard_name_of(observable, &name, &len))
		turn(question->name, name, len);
	qw_guard_key(QW_GUARD_TEXT, observable, question->text);
}

static void fill(struct qw_guard_hit *out, const struct question *question, enum qw_guard_form form,
		 const struct qw_guard_entry *entry)
{
	const char *text = question->guard->pool + entry->text;
	const char *space = form == QW_GUARD_TEXT ? strchr(text, ' ') : NULL;

	out->list = question->guard->list[entry->list];
	out->above = question->above;
	if (form == QW_GUARD_NAME)
		turn(out->entry, text, strlen(text));
	else
		snprintf(out->entry, sizeof(out->entry), "%s", space ? space + 1 : text);
}

static bool find_of_kind(struct question *question, unsigned kind, struct qw_guard_hit *out)
{
	static find_on *const finders[QW_GUARD_FORMS] = {find_prefix, find_name, find_text};

	for (unsigned form = 0; form < QW_GUARD_FORMS; form++) {
		const struct qw_guard_shelf *shelf = &question->guard->shelf[form][kind];
		bool asked = form == QW_GUARD_PREFIX ? question->has_prefix
						     : form == QW_GUARD_TEXT || question->name[0] != '\0';
		const struct qw_guard_entry *entry = asked && shelf->count ? finders[form](question, shelf) : NULL;
		if (!entry)
			continue;
		fill(out, question, (enum qw_guard_form)form, entry);
		return true;
	}
	return false;
}

bool qw_guard_find(const struct qw_guard *guard, const struct qw_observable *observable, const char *tenant,
		   struct qw_guard_hit *out)
{
	struct question question;

	ask(&question, guard, observable, tenant);
	for (unsigned kind = 0; kind < QW_GUARD_KINDS; kind++)
		if (find_of_kind(&question, kind, out))
			return true;
	return false;
}

void qw_guard_sentence(const struct qw_guard_hit *hit, const struct qw_observable *observable,
		       char out[QW_GUARD_SENTENCE_MAX])
{
	static const char *const kinds[QW_GUARD_KINDS] = {
	    [QW_GUARD_SPECIAL] = "nobody's on the Internet",
	    [QW_GUARD_JEWEL] = "a crown jewel: nothing may list it",
	    [QW_GUARD_ALLOW] = "held for good",
	    [QW_GUARD_WARNING] = "a warning list of what is known to be good",
	};
	bool same = strcmp(observable->text, hit->entry) == 0;

	snprintf(out, QW_GUARD_SENTENCE_MAX, "%.120s %s %.120s%sof %.100s%s%.64s (%s)", observable->text,
		 same ? "is an entry" : hit->above ? "covers" : "lies in", same ? "" : hit->entry, same ? "" : " ", hit->list.name,
		 hit->list.tenant ? " for tenant " : "", hit->list.tenant ? hit->list.tenant : "", kinds[hit->list.kind]);
}

/* ---- what an observable covers */

/* The host part of "host/path", "host:port", "[v6]:port". */
static size_t host_len(const char *text, const char **host)
{
	if (text[0] == '[') {
		const char *end = strchr(text, ']');
		*host = text + 1;
		return end ? (size_t)(end - text - 1) : 0;
	}
	*host = text;
	return strcspn(text, "/:?");
}

bool qw_guard_prefix_of(const struct qw_observable *observable, struct qw_prefix *out)
{
	const char *host;

	if (observable->type == QW_OBS_IP || observable->type == QW_OBS_CIDR)
		return qw_prefix_parse(observable->text, observable->len, out);
	if (observable->type != QW_OBS_IP_PORT && observable->type != QW_OBS_URL)
		return false;
	size_t len = host_len(observable->text, &host);
	return qw_prefix_parse(host, len, out);
}

bool qw_guard_name_of(const struct qw_observable *observable, const char **name, size_t *len)
{
	switch (observable->type) {
	case QW_OBS_DOMAIN:
	case QW_OBS_HOST:
		*name = observable->text;
		*len = observable->len;
		return true;
	case QW_OBS_URL: *len = host_len(observable->text, name); return *len > 0;
	default: return false;
	}
}
