/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/fetch/get.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "quaywatch/file.h"
#include "quaywatch/version.h"

enum { CONNECT_S = 15, REDIRECTIONS = 5, HEADERS_MAX = 16384, SLOW_BYTES = 10, SLOW_S = 60 };

struct receiving {
	struct qw_get_answer *answer;
	size_t most, room;
	bool large;
};

static size_t take_body(char *data, size_t size, size_t count, void *ctx)
{
	struct receiving *receiving = ctx;
	struct qw_get_answer *answer = receiving->answer;
	size_t len = size * count;

	if (len > receiving->most - answer->len) {
		receiving->large = true;
		return 0;
	}
	if (answer->len + len + 1 > receiving->room) {
		size_t room = (answer->len + len + 1) * 2;
		char *grown = realloc(answer->data, room);
		if (!grown)
			return 0;
		answer->data = grown;
		receiving->room = room;
	}
	memcpy(answer->data + answer->len, data, len);
	answer->len += len;
	answer->data[answer->len] = '\0';
	return len;
}

static void take_field(char *out, size_t size, const char *line, size_t len, const char *name)
{
	size_t name_len = strlen(name);

	if (len <= name_len || strncasecmp(line, name, name_len) != 0 || line[name_len] != ':')
		return;
	line += name_len + 1;
	len -= name_len + 1;
	while (len > 0 && isspace((unsigned char)*line)) {
		line++;
		len--;
	}
	while (len > 0 && isspace((unsigned char)line[len - 1]))
		len--;
	if (len < size)
		snprintf(out, size, "%.*s", (int)len, line);
}

static size_t take_header(char *data, size_t size, size_t count, void *ctx)
{
	struct qw_get_answer *answer = ((struct receiving *)ctx)->answer;
	size_t len = size * count;

	take_field(answer->etag, sizeof(answer->etag), data, len, "ETag");
	take_field(answer->modified, sizeof(answer->modified), data, len, "Last-Modified");
	take_field(answer->type, sizeof(answer->type), data, len, "Content-Type");
	take_field(answer->last, sizeof(answer->last), data, len, "X-TAXII-Date-Added-Last");
	return len;
}

/* ---- what is asked */

static struct curl_slist *add(struct curl_slist *list, const char *name, const char *value)
{
	char line[QW_FEED_TAG_MAX + 64];

	snprintf(line, sizeof(line), "%s: %s", name, value);
	return value[0] ? curl_slist_append(list, line) : list;
}

/* Lines of the operator's own file; '#' begins a comment.  False: it cannot be read. */
static bool add_file(struct curl_slist **list, const struct qw_feed_spec *spec, struct qw_get_answer *answer)
{
	char *data, *save = NULL;
	size_t len;

	if (!spec->headers[0])
		return true;
	enum qw_err err = qw_file_read(spec->headers, HEADERS_MAX, &data, &len);
	if (err != QW_OK) {
		snprintf(answer->why, sizeof(answer->why), "headers=%.200s: %s", spec->headers, qw_strerror(err));
		return false;
	}
	for (char *line = strtok_r(data, "\r\n", &save); line; line = strtok_r(NULL, "\r\n", &save))
		if (*line != '#' && strchr(line, ':'))
			*list = curl_slist_append(*list, line);
	explicit_bzero(data, len);
	free(data);
	return true;
}

static void set_bounds(CURL *curl, const struct qw_feed_spec *spec)
{
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR,
			 strncasecmp(spec->place, "https", 5) == 0 ? "https" : "http,https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, spec->headers[0] ? 0L : 1L);
	curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)REDIRECTIONS);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)spec->timeout);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)SLOW_S);
	curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "quaywatch/" QW_VERSION);
	if (spec->authority[0]) {
		curl_easy_setopt(curl, CURLOPT_CAINFO, spec->authority);
		curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	}
}

static void perform(CURL *curl, const char *address, struct receiving *receiving)
{
	struct qw_get_answer *answer = receiving->answer;
	char detail[CURL_ERROR_SIZE] = "";

	curl_easy_setopt(curl, CURLOPT_URL, address);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, receiving);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, receiving);
	CURLcode result = curl_easy_perform(curl);
	if (receiving->large)
		snprintf(answer->why, sizeof(answer->why), "larger than megabytes=%zu", receiving->most >> 20);
	else if (result != CURLE_OK)
		snprintf(answer->why, sizeof(answer->why), "%s", detail[0] ? detail : curl_easy_strerror(result));
	else
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->code);
}

void qw_get(const struct qw_feed_spec *spec, const char *address, const char *accept, bool conditional,
	    struct qw_get_answer *out)
{
	struct receiving receiving = {.answer = out, .most = (size_t)spec->megabytes << 20};
	struct curl_slist *list = NULL;
	CURL *curl = curl_easy_init();

	memset(out, 0, sizeof(*out));
	if (!curl) {
		snprintf(out->why, sizeof(out->why), "out of memory");
		return;
	}
	set_bounds(curl, spec);
	if (accept)
		list = add(list, "Accept", accept);
	if (conditional) {
		list = add(list, "If-None-Match", spec->etag);
		list = add(list, "If-Modified-Since", spec->modified);
	}
	if (add_file(&list, spec, out)) {
		curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
		perform(curl, address, &receiving);
	}
	curl_slist_free_all(list);
	curl_easy_cleanup(curl);
}

void qw_get_fini(struct qw_get_answer *answer)
{
	free(answer->data);
	answer->data = NULL;
	answer->len = 0;
}
