/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/assets/asset_command.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/watch/assets/asset_json.h"
#include "sensor/watch/assets/roles.h"
#include "sensor/watch/assets/words.h"

enum { HOST_TEXT_MAX = 64, APPS_TEXT_MAX = 512, RANGES_TEXT_MAX = 512, SECOND_LEN = 19 };

/* ---- texts */

static const char *host_text(const struct qw_host *host, char out[HOST_TEXT_MAX])
{
	struct qw_text text;

	qw_text_init(&text, out, HOST_TEXT_MAX);
	qw_text_host(&text, host);
	return qw_text_string(&text);
}

static const char *apps_text(uint64_t bits, char out[APPS_TEXT_MAX])
{
	struct qw_text text;

	qw_text_init(&text, out, APPS_TEXT_MAX);
	for (int app = 0; app < QW_APP_COUNT; app++)
		if (bits >> app & 1)
			qw_text_format(&text, "%s%s", text.len ? "," : "", qw_app_name((enum qw_app)app));
	return text.len ? qw_text_string(&text) : "-";
}

/* "0-9 40", "" for none. */
static const char *ranges_text(const struct qw_talk_function *function, char out[RANGES_TEXT_MAX])
{
	struct qw_text text;

	qw_text_init(&text, out, RANGES_TEXT_MAX);
	for (unsigned i = 0; i < function->ranges; i++) {
		const struct qw_range *range = &function->range[i];
		qw_text_format(&text, " %" PRIu64, range->first);
		if (range->last != range->first)
			qw_text_format(&text, "-%" PRIu64, range->last);
	}
	return qw_text_string(&text);
}

static const char *or_dash(const char *text)
{
	return *text ? text : "-";
}

static const char *maker_of(const struct qw_asset_list *list, const struct qw_asset *asset)
{
	const uint8_t *mac = asset->host.is_mac ? asset->host.bytes : asset->has_mac ? asset->mac : NULL;
	const char *maker = mac ? qw_oui_find(list->oui, mac) : NULL;

	return maker ? maker : "";
}

/* ---- one host */

static void put_json(const struct qw_asset_list *list, const struct qw_asset *asset, const struct qw_called *called, struct qw_reply *reply)
{
	struct qw_json json = qw_reply_begin(reply);

	qw_asset_json(&json, asset);
	if (*maker_of(list, asset))
		qw_json_text(&json, "oui_vendor", maker_of(list, asset));
	qw_json_open(&json, "called", '{');
	qw_json_text(&json, "name", called->name);
	qw_json_text(&json, "role", called->role);
	qw_json_text(&json, "area", called->area);
	qw_json_text(&json, "criticality", called->criticality);
	qw_json_close(&json, '}');
	qw_reply_end(reply, &json);
}

static void put_line(const struct qw_asset *asset, const struct qw_called *called, struct qw_reply *reply)
{
	char host[HOST_TEXT_MAX], serves[APPS_TEXT_MAX], uses[APPS_TEXT_MAX], last[QW_TIME_EVE_LEN + 1];

	qw_time_eve(asset->last, last);
	qw_reply_line(reply, "%-17s %-20s %-28s serves %s, uses %s; last seen %.*s", host_text(&asset->host, host), or_dash(called->role),
		      or_dash(called->name), apps_text(asset->serves, serves), apps_text(asset->uses, uses), SECOND_LEN, last);
}

static void put_member(struct qw_reply *reply, const char *label, const char *value)
{
	if (*value)
		qw_reply_line(reply, "  %-12s %s", label, value);
}

static void put_whole(const struct qw_asset_list *list, const struct qw_asset *asset, const struct qw_called *called, struct qw_reply *reply)
{
	char text[APPS_TEXT_MAX], time[QW_TIME_EVE_LEN + 1];
	struct qw_host card = qw_host_of_mac(asset->mac);

	qw_reply_line(reply, "%s", host_text(&asset->host, text));
	put_member(reply, "name", called->name);
	put_member(reply, "role", called->role);
	put_member(reply, "area", called->area);
	put_member(reply, "criticality", called->criticality);
	put_member(reply, "mac", asset->has_mac && !asset->host.is_mac ? host_text(&card, text) : "");
	put_member(reply, "card made by", maker_of(list, asset));
	put_member(reply, "vendor", asset->vendor);
	put_member(reply, "model", asset->model);
	put_member(reply, "firmware", asset->firmware);
	put_member(reply, "serial", asset->serial);
	put_member(reply, "serves", apps_text(asset->serves, text));
	put_member(reply, "uses", apps_text(asset->uses, text));
	qw_time_eve(asset->first, time);
	put_member(reply, "first seen", time);
	qw_time_eve(asset->last, time);
	put_member(reply, "last seen", time);
}

/* ---- its talks */

static void put_talk(const struct qw_talk *talk, bool as_json, struct qw_reply *reply)
{
	char client[HOST_TEXT_MAX], server[HOST_TEXT_MAX], ranges[RANGES_TEXT_MAX], unit[32];

	if (as_json) {
		struct qw_json json = qw_reply_begin(reply);
		qw_talk_json(&json, talk);
		qw_reply_end(reply, &json);
		return;
	}
	qw_reply_line(reply, "  %s asks %s port %u by %s", host_text(&talk->key.client, client), host_text(&talk->key.server, server),
		      talk->key.port, qw_app_name((enum qw_app)talk->key.app));
	for (uint32_t i = 0; i < talk->functions; i++) {
		const struct qw_talk_function *function = &talk->function[i];
		unit[0] = '\0';
		if (function->has_unit)
			snprintf(unit, sizeof(unit), " unit %" PRIu64, function->unit);
		qw_reply_line(reply, "    %s%s%s", or_dash(function->name), unit, ranges_text(function, ranges));
	}
}

static void put_talks(const struct qw_asset_list *list, const struct qw_host *host, bool as_json, struct qw_reply *reply)
{
	const struct qw_talk **talks = qw_assets_talks_sorted(list->assets);

	for (size_t i = 0; talks && i < qw_assets_talks(list->assets); i++)
		if (memcmp(&talks[i]->key.client, host, sizeof(*host)) == 0 || memcmp(&talks[i]->key.server, host, sizeof(*host)) == 0)
			put_talk(talks[i], as_json, reply);
	free(talks);
}

/* ---- the command */

static enum qw_exit show_one(const struct qw_asset_list *list, const char *word, bool as_json, struct qw_reply *reply)
{
	struct qw_host host;

	if (!qw_host_parse(word, strlen(word), &host))
		return qw_reply_error(reply, QW_EXIT_USAGE, "%s: no address (10.1.4.20) and no MAC (28:63:36:01:02:03)", word);
	const struct qw_asset *asset = qw_assets_find(list->assets, &host);
	if (!asset)
		return qw_reply_error(reply, QW_EXIT_NOINPUT, "%s: nothing came from this host so far", word);
	struct qw_called called = qw_words_called(list->assets, list->inventory, &host);
	if (as_json)
		put_json(list, asset, &called, reply);
	else
		put_whole(list, asset, &called, reply);
	put_talks(list, &host, as_json, reply);
	return QW_EXIT_OK;
}

enum qw_exit qw_asset_command(const struct qw_asset_list *list, struct qw_request *request, size_t first, struct qw_reply *reply)
{
	if (request->count > first + 1)
		return qw_reply_error(reply, QW_EXIT_USAGE, "usage: assets [ADDRESS]");
	if (request->count == first + 1)
		return show_one(list, request->word[first], request->json, reply);
	const struct qw_asset **assets = qw_assets_sorted(list->assets);
	for (size_t i = 0; assets && i < qw_assets_count(list->assets); i++) {
		struct qw_called called = qw_words_called(list->assets, list->inventory, &assets[i]->host);
		if (request->json)
			put_json(list, assets[i], &called, reply);
		else
			put_line(assets[i], &called, reply);
	}
	if (!request->json)
		qw_reply_line(reply, "%zu hosts, %zu talks", qw_assets_count(list->assets), qw_assets_talks(list->assets));
	free(assets);
	return QW_EXIT_OK;
}
