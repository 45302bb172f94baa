/* SPDX-License-Identifier: Apache-2.0 */
/*
 * taxii - the objects of a TAXII 2.1 collection (OASIS TAXII 2.1, 5.4), page by page.
 *
 * What came is kept in FOLDER/objects.json, each object by its id in its newest
 * version, so that a run asks only for what was added since (added_after, by
 * the server's own X-TAXII-Date-Added-Last).  A revoked indicator stays there,
 * and is none any more.
 */
#include <ctype.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/fetch/place.h"
#include "quaywatch/file.h"

enum { PAGES_MAX = 10000, PAGE_WANTED = 1000, ADDRESS_MAX = QW_FEED_PLACE_MAX + 1024, NEXT_MAX = 300 };

static const char media[] = "application/taxii+json;version=2.1";

struct collection {
	struct qw_fetch *fetch;
	json_t *objects; /* id: object */
	char since[64];  /* added_after; "": from the first */
	char last[64];   /* of the newest page */
};

static void path_of(const struct qw_fetch *fetch, char out[PATH_MAX])
{
	snprintf(out, PATH_MAX, "%s/objects.json", fetch->folder);
}

/* What was kept; a file that cannot be read is as good as none: all is asked for again. */
static void load_kept(struct collection *collection)
{
	char path[PATH_MAX];
	json_error_t error;

	path_of(collection->fetch, path);
	json_t *kept = json_load_file(path, 0, &error);
	json_t *objects = json_object_get(kept, "objects");
	const char *since = json_string_value(json_object_get(kept, "added_after")),
		   *place = json_string_value(json_object_get(kept, "place"));
	bool fits = json_is_object(objects) && since && place && strcmp(place, collection->fetch->spec->place) == 0;

	collection->objects = fits ? json_incref(objects) : json_object();
	snprintf(collection->since, sizeof(collection->since), "%s", fits ? since : "");
	snprintf(collection->last, sizeof(collection->last), "%s", collection->since);
	json_decref(kept);
}

static bool save_kept(const struct collection *collection)
{
	char path[PATH_MAX];
	json_t *kept = json_pack("{s:s, s:s, s:O}", "place", collection->fetch->spec->place, "added_after", collection->last,
				 "objects", collection->objects);
	char *text = kept ? json_dumps(kept, JSON_COMPACT) : NULL;

	path_of(collection->fetch, path);
	enum qw_err err = text ? qw_file_replace(path, text, strlen(text), 0640) : QW_ENOMEM;
	free(text);
	json_decref(kept);
	return err == QW_OK || qw_fetch_fail(collection->fetch, QW_FEED_FAILED, "%s: %s", path, qw_strerror(err));
}

/* ---- one page */

/* As a query's value (RFC 3986, 2.1). */
static void escape(const char *text, char *out, size_t size)
{
	size_t used = 0;

	for (; *text && used + 4 < size; text++) {
		if (isalnum((unsigned char)*text) || strchr("-._~", *text))
			out[used++] = *text;
		else
			used += (size_t)snprintf(out + used, size - used, "%%%02X", (unsigned char)*text);
	}
	out[used] = '\0';
}

static void address_of(const struct collection *collection, const char *next, char out[ADDRESS_MAX])
{
	const char *place = collection->fetch->spec->place;
	size_t len = strlen(place);
	char value[NEXT_MAX * 3 + 8];

	while (len > 0 && place[len - 1] == '/')
		len--;
	static const char objects[] = "/objects";
	if (len > sizeof(objects) - 1 && memcmp(place + len - (sizeof(objects) - 1), objects, sizeof(objects) - 1) == 0)
		len -= sizeof(objects) - 1;
	int used = snprintf(out, ADDRESS_MAX, "%.*s/objects/?limit=%d", (int)len, place, PAGE_WANTED);
	if (collection->since[0]) {
		escape(collection->since, value, sizeof(value));
		used += snprintf(out + used, ADDRESS_MAX - (size_t)used, "&added_after=%s", value);
	}
	if (next[0]) {
		escape(next, value, sizeof(value));
		snprintf(out + used, ADDRESS_MAX - (size_t)used, "&next=%s", value);
	}
}

/* By their ids; of two versions the one that was modified last (RFC 3339 in UTC: they sort as text). */
static bool take_object(struct collection *collection, json_t *object)
{
	const char *id = json_string_value(json_object_get(object, "id")),
		   *modified = json_string_value(json_object_get(object, "modified"));
	const json_t *held = id ? json_object_get(collection->objects, id) : NULL;
	const char *before = json_string_value(json_object_get(held, "modified"));

	if (!id)
		return true; /* nothing names it */
	if (before && modified && strcmp(before, modified) > 0)
		return true;
	if (!held && json_object_size(collection->objects) >= collection->fetch->spec->most)
		return qw_fetch_fail(collection->fetch, QW_FEED_REFUSED, "more than most=%llu objects",
				     (unsigned long long)collection->fetch->spec->most);
	return json_object_set(collection->objects, id, object) == 0 ||
	       qw_fetch_fail(collection->fetch, QW_FEED_FAILED, "out of memory");
}

static bool take_page(struct collection *collection, const struct qw_get_answer *answer, char next[NEXT_MAX], bool *more)
{
	json_t *envelope = json_loadb(answer->data ? answer->data : "", answer->len, 0, NULL), *object;
	size_t index;
	bool good = json_is_object(envelope);

	collection->fetch->outcome.bytes += answer->len;
	if (!good)
		qw_fetch_fail(collection->fetch, QW_FEED_REFUSED, "%s: no TAXII envelope; is it the address of a collection?",
			      collection->fetch->spec->place);
	json_array_foreach(json_object_get(envelope, "objects"), index, object)
	{
		good = good && take_object(collection, object);
	}
	const char *word = json_string_value(json_object_get(envelope, "next"));
	*more = json_is_true(json_object_get(envelope, "more"));
	snprintf(next, NEXT_MAX, "%s", word ? word : "");
	json_decref(envelope);
	return good;
}

/* Servers that give no `next` are asked for what was added after the last. */
static bool ask_page(struct collection *collection, char next[NEXT_MAX], bool *more)
{
	struct qw_fetch *fetch = collection->fetch;
	struct qw_get_answer answer;
	char address[ADDRESS_MAX];

	address_of(collection, next, address);
	qw_get(fetch->spec, address, media, false, &answer);
	bool good = qw_fetch_answered(fetch, address, &answer) && take_page(collection, &answer, next, more);
	bool moved = answer.last[0] && strcmp(answer.last, collection->last) != 0;
	if (good && answer.last[0])
		snprintf(collection->last, sizeof(collection->last), "%s", answer.last);
	if (good && *more && !next[0] && !moved)
		good = qw_fetch_fail(fetch, QW_FEED_REFUSED, "%s: says that there is more, and not how to ask for it", address);
	if (good && *more && !next[0])
		snprintf(collection->since, sizeof(collection->since), "%s", answer.last);
	qw_get_fini(&answer);
	return good;
}

static bool ask_all(struct collection *collection)
{
	char next[NEXT_MAX] = "";
	bool more = true;

	for (unsigned page = 0; more; page++) {
		if (page == PAGES_MAX)
			return qw_fetch_fail(collection->fetch, QW_FEED_REFUSED, "more than %d pages", PAGES_MAX);
		if (!ask_page(collection, next, &more))
			return false;
	}
	return true;
}

/* ---- all that is there now, as a bundle */

static bool read_objects(struct collection *collection)
{
	json_t *list = json_array(), *object, *bundle;
	const char *id;

	json_object_foreach(collection->objects, id, object)
	{
		json_array_append(list, object);
	}
	bundle = json_pack("{s:s, s:s, s:o}", "type", "bundle", "id", "bundle--00000000-0000-4000-8000-000000000000", "objects",
			   list);
	char *text = bundle ? json_dumps(bundle, JSON_COMPACT) : NULL;
	uint64_t bytes = collection->fetch->outcome.bytes; /* what came, not what is kept */
	bool good = text ? qw_fetch_content(collection->fetch, "objects.json", text, strlen(text))
			 : qw_fetch_fail(collection->fetch, QW_FEED_FAILED, "out of memory");
	collection->fetch->outcome.bytes = bytes;
	snprintf(collection->fetch->outcome.format, sizeof(collection->fetch->outcome.format), "TAXII collection");
	free(text);
	json_decref(bundle);
	return good;
}

bool qw_fetch_taxii(struct qw_fetch *fetch)
{
	struct collection collection = {.fetch = fetch};

	load_kept(&collection);
	bool good = collection.objects ? ask_all(&collection) && save_kept(&collection) && read_objects(&collection)
				       : qw_fetch_fail(fetch, QW_FEED_FAILED, "out of memory");
	json_decref(collection.objects);
	return good;
}
