/* SPDX-License-Identifier: Apache-2.0 */
/*
 * misp - a MISP feed: a folder, or an address, with manifest.json and an event's JSON for each of its ids.
 *
 * Events are kept in FOLDER/events as ID-TIMESTAMP.json, so that only those
 * that changed are asked for again.
 */
#include <ctype.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/fetch/place.h"
#include "quaywatch/file.h"

enum { MANIFEST_MAX = 64 << 20, EVENT_MAX = 64 << 20, EVENTS_MAX = 50000, UUID_LEN = 36, ADDRESS_MAX = QW_FEED_PLACE_MAX + 64 };

/* The place without "manifest.json", with a slash at its end. */
static void address_of(const struct qw_fetch *fetch, const char *file, char out[ADDRESS_MAX])
{
	static const char manifest[] = "manifest.json";
	const char *place = fetch->spec->place;
	size_t len = strlen(place);

	if (len > sizeof(manifest) - 1 && strcmp(place + len - (sizeof(manifest) - 1), manifest) == 0)
		len -= sizeof(manifest) - 1;
	while (len > 0 && place[len - 1] == '/')
		len--;
	snprintf(out, ADDRESS_MAX, "%.*s/%s", (int)len, place, file);
}

/* The caller frees *data. */
static bool load(struct qw_fetch *fetch, const char *address, size_t most, char **data, size_t *len)
{
	struct qw_get_answer answer;

	if (!qw_feed_is_remote(fetch->spec)) {
		enum qw_err err = qw_file_read(address, most, data, len);
		return err == QW_OK || qw_fetch_fail(fetch, QW_FEED_FAILED, "%s: %s", address, qw_strerror(err));
	}
	qw_get(fetch->spec, address, "application/json", false, &answer);
	if (!qw_fetch_answered(fetch, address, &answer)) {
		qw_get_fini(&answer);
		return false;
	}
	*data = answer.data ? answer.data : calloc(1, 1);
	*len = answer.len;
	return *data || qw_fetch_fail(fetch, QW_FEED_FAILED, "out of memory");
}

/* It becomes a file's name: nothing but what an id is made of. */
static bool is_uuid(const char *text)
{
	for (size_t i = 0; i < UUID_LEN; i++)
		if (!isxdigit((unsigned char)text[i]) && text[i] != '-')
			return false;
	return text[UUID_LEN] == '\0';
}

static uint64_t stamp_of(const json_t *event)
{
	const json_t *stamp = json_object_get(event, "timestamp");

	if (json_is_integer(stamp))
		return (uint64_t)json_integer_value(stamp);
	return json_is_string(stamp) ? strtoull(json_string_value(stamp), NULL, 10) : 0;
}

static void kept_as(const struct qw_fetch *fetch, const char *uuid, uint64_t stamp, char out[PATH_MAX])
{
	snprintf(out, PATH_MAX, "%s/events/%s-%llu.json", fetch->folder, uuid, (unsigned long long)stamp);
}

static bool take_event(struct qw_fetch *fetch, const char *uuid, uint64_t stamp)
{
	bool remote = qw_feed_is_remote(fetch->spec);
	char address[ADDRESS_MAX], file[UUID_LEN + 32], kept[PATH_MAX], *data;
	size_t len;

	snprintf(file, sizeof(file), "%.*s.json", UUID_LEN, uuid);
	address_of(fetch, file, address);
	kept_as(fetch, uuid, stamp, kept);
	if (!remote || qw_file_read(kept, EVENT_MAX, &data, &len) != QW_OK) {
		if (!load(fetch, address, EVENT_MAX, &data, &len))
			return false;
		if (remote && qw_file_replace(kept, data, len, 0640) != QW_OK)
			qw_complain(&fetch->diags, QW_DIAG_WARNING, kept, 0, 0, "could not be kept; it is asked for again");
	}
	bool good = qw_fetch_content(fetch, address, data, len);
	free(data);
	if (!good && remote)
		unlink(kept);
	return good;
}

/* Kept events that the manifest names no more, or in an older state. */
struct sweep {
	const struct qw_fetch *fetch;
	const json_t *manifest;
};

static enum qw_err sweep_file(void *ctx, const char *path)
{
	const struct sweep *sweep = ctx;
	const char *name = strrchr(path, '/');
	char uuid[UUID_LEN + 1] = "", wanted[PATH_MAX];

	if (!name || strlen(++name) <= UUID_LEN)
		return QW_OK;
	memcpy(uuid, name, UUID_LEN);
	const json_t *event = json_object_get(sweep->manifest, uuid);
	kept_as(sweep->fetch, uuid, stamp_of(event), wanted);
	if (!event || strcmp(wanted, path) != 0)
		unlink(path);
	return QW_OK;
}

static bool take_events(struct qw_fetch *fetch, json_t *manifest)
{
	const char *uuid;
	json_t *event;

	if (json_object_size(manifest) > EVENTS_MAX)
		return qw_fetch_fail(fetch, QW_FEED_REFUSED, "its manifest names more than %d events", EVENTS_MAX);
	json_object_foreach(manifest, uuid, event)
	{
		if (!is_uuid(uuid))
			return qw_fetch_fail(fetch, QW_FEED_REFUSED, "its manifest names an event \"%.60s\", which is no UUID",
					     uuid);
		if (!take_event(fetch, uuid, stamp_of(event)))
			return false;
	}
	return true;
}

bool qw_fetch_misp(struct qw_fetch *fetch)
{
	char address[ADDRESS_MAX], events[PATH_MAX], *data;
	size_t len;

	address_of(fetch, "manifest.json", address);
	if (!load(fetch, address, MANIFEST_MAX, &data, &len))
		return false;
	json_t *manifest = json_loadb(data, len, 0, NULL);
	free(data);
	if (!json_is_object(manifest)) {
		json_decref(manifest);
		return qw_fetch_fail(fetch, QW_FEED_REFUSED, "%s: no manifest of a MISP feed", address);
	}
	snprintf(events, sizeof(events), "%s/events", fetch->folder);
	enum qw_err err = qw_make_folder(events, 0750);
	bool good = err == QW_OK ? take_events(fetch, manifest)
				 : qw_fetch_fail(fetch, QW_FEED_FAILED, "%s: %s", events, qw_strerror(err));
	struct sweep sweep = {fetch, manifest};
	if (good && qw_walk_files(events, sweep_file, &sweep) != QW_OK)
		qw_complain(&fetch->diags, QW_DIAG_WARNING, events, 0, 0, "old events could not be removed");
	snprintf(fetch->outcome.format, sizeof(fetch->outcome.format), "MISP feed");
	json_decref(manifest);
	return good;
}
