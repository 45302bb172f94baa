/* SPDX-License-Identifier: Apache-2.0 */
/* place - where a feed lies: a file, a folder, an address; or a service that is asked page by page. */
#include "collector/fetch/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/fetch/get.h"
#include "quaywatch/file.h"

/* ---- files and folders */

struct folder {
	struct qw_fetch *fetch;
	bool alone; /* what the place itself is: then it must be a feed */
	size_t feeds;
};

static bool is_document(const char *path, const char *data, size_t len)
{
	enum qw_feed_format format = qw_feed_format_of(path, (const uint8_t *)data, len);

	return format == QW_FEED_DOCUMENT || format == QW_FEED_UNKNOWN;
}

static enum qw_err read_file(void *ctx, const char *path)
{
	struct folder *folder = ctx;
	char *data;
	size_t len;
	enum qw_err err = qw_file_read(path, (size_t)folder->fetch->spec->megabytes << 20, &data, &len);

	if (err != QW_OK) {
		qw_fetch_fail(folder->fetch, QW_FEED_FAILED, "%s: %s", path, qw_strerror(err));
		return QW_EIO;
	}
	folder->alone = strcmp(path, folder->fetch->spec->place) == 0;
	bool good = (!folder->alone && is_document(path, data, len)) || qw_fetch_content(folder->fetch, path, data, len);
	folder->feeds++;
	free(data);
	return good ? QW_OK : QW_EFORMAT;
}

static bool fetch_files(struct qw_fetch *fetch)
{
	struct folder folder = {.fetch = fetch};
	enum qw_err err = qw_walk_files(fetch->spec->place, read_file, &folder);

	if (err != QW_OK && fetch->outcome.why[0])
		return false;
	if (err != QW_OK)
		return qw_fetch_fail(fetch, QW_FEED_FAILED, "%s: %s", fetch->spec->place, qw_strerror(err));
	if (folder.feeds == 0)
		return qw_fetch_fail(fetch, QW_FEED_FAILED, "%s: no file lies there", fetch->spec->place);
	return true;
}

/* ---- HTTP */

bool qw_fetch_answered(struct qw_fetch *fetch, const char *address, const struct qw_get_answer *answer)
{
	static const struct {
		long code;
		const char *advice;
	} known[] = {
	    {401, "it wants to know who asks: headers=FILE"}, {403, "it does not want us there; headers=FILE?"},
	    {404, "nothing lies there (any more); look at place="}, {429, "we ask too often; raise every="},
	};

	if (answer->code == 200)
		return true;
	if (answer->code == 0)
		return qw_fetch_fail(fetch, QW_FEED_FAILED, "%s: %s", address, answer->why);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].code == answer->code)
			return qw_fetch_fail(fetch, QW_FEED_FAILED, "%s: HTTP %ld: %s", address, answer->code, known[i].advice);
	return qw_fetch_fail(fetch, QW_FEED_FAILED, "%s: HTTP %ld; it is tried again", address, answer->code);
}

static bool fetch_address(struct qw_fetch *fetch)
{
	const struct qw_feed_spec *spec = fetch->spec;
	struct qw_get_answer answer;

	qw_get(spec, spec->place, NULL, fetch->before.count > 0, &answer);
	snprintf(fetch->outcome.etag, sizeof(fetch->outcome.etag), "%s", answer.etag);
	snprintf(fetch->outcome.modified, sizeof(fetch->outcome.modified), "%s", answer.modified);
	fetch->still = answer.code == 304 && fetch->before.count > 0;
	bool good = fetch->still ? qw_fetch_keep_all(fetch)
				 : qw_fetch_answered(fetch, spec->place, &answer) &&
				       qw_fetch_content(fetch, spec->place, answer.data ? answer.data : "", answer.len);
	qw_get_fini(&answer);
	return good;
}

bool qw_fetch_place(struct qw_fetch *fetch)
{
	if (fetch->spec->kind == QW_FEED_KIND_TAXII)
		return qw_fetch_taxii(fetch);
	if (fetch->spec->kind == QW_FEED_KIND_MISP)
		return qw_fetch_misp(fetch);
	return qw_feed_is_remote(fetch->spec) ? fetch_address(fetch) : fetch_files(fetch);
}
