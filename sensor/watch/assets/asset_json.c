/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/assets/asset_json.h"

#include "sensor/watch/assets/roles.h"

enum { HOST_TEXT_MAX = 64 };

void qw_host_json(struct qw_json *json, const char *key, const struct qw_host *host)
{
	char memory[HOST_TEXT_MAX];
	struct qw_text text;

	qw_text_init(&text, memory, sizeof(memory));
	qw_text_host(&text, host);
	qw_json_string(json, key, text.at, text.len);
}

static void put_text(struct qw_json *json, const char *key, const char *text)
{
	if (*text)
		qw_json_text(json, key, text);
}

static void put_apps(struct qw_json *json, const char *key, uint64_t bits)
{
	if (bits == 0)
		return;
	qw_json_open(json, key, '[');
	for (int app = 0; app < QW_APP_COUNT; app++)
		if (bits >> app & 1)
			qw_json_text(json, NULL, qw_app_name((enum qw_app)app));
	qw_json_close(json, ']');
}

static void put_time(struct qw_json *json, const char *key, struct qw_time time)
{
	char text[QW_TIME_EVE_LEN + 1];

	qw_time_eve(time, text);
	qw_json_text(json, key, text);
}

void qw_asset_json(struct qw_json *json, const struct qw_asset *asset)
{
	qw_host_json(json, "host", &asset->host);
	if (asset->has_mac && !asset->host.is_mac) {
		struct qw_host card = qw_host_of_mac(asset->mac);
		qw_host_json(json, "mac", &card);
	}
	put_text(json, "role", qw_role_name((enum qw_role)asset->role));
	put_text(json, "vendor", asset->vendor);
	put_text(json, "model", asset->model);
	put_text(json, "firmware", asset->firmware);
	put_text(json, "serial", asset->serial);
	put_text(json, "name", asset->name);
	put_apps(json, "protocols_served", asset->serves);
	put_apps(json, "protocols_used", asset->uses);
	if (asset->deeds)
		qw_json_u64(json, "deeds", asset->deeds);
	if (asset->devices)
		qw_json_u64(json, "devices", asset->devices);
	put_time(json, "first_seen", asset->first);
	put_time(json, "last_seen", asset->last);
	qw_json_i64(json, "first_ns", asset->first.ns);
	qw_json_i64(json, "last_ns", asset->last.ns);
}

/* Numbers beyond 63 bits turn negative: readers of JSON have no larger ones. */
static void put_function(struct qw_json *json, const struct qw_talk_function *function)
{
	qw_json_open(json, NULL, '{');
	if (function->function != QW_SEEN_NO_NUMBER)
		qw_json_i64(json, "function", function->function);
	put_text(json, "name", function->name);
	if (function->has_unit)
		qw_json_i64(json, "unit", (int64_t)function->unit);
	if (function->deed)
		qw_json_u64(json, "deed", function->deed);
	if (function->ranges)
		qw_json_open(json, "ranges", '[');
	for (unsigned i = 0; i < function->ranges; i++) {
		qw_json_open(json, NULL, '[');
		qw_json_i64(json, NULL, (int64_t)function->range[i].first);
		qw_json_i64(json, NULL, (int64_t)function->range[i].last);
		qw_json_close(json, ']');
	}
	if (function->ranges)
		qw_json_close(json, ']');
	qw_json_close(json, '}');
}

void qw_talk_json(struct qw_json *json, const struct qw_talk *talk)
{
	qw_host_json(json, "client", &talk->key.client);
	qw_host_json(json, "server", &talk->key.server);
	qw_json_text(json, "protocol", qw_app_name((enum qw_app)talk->key.app));
	qw_json_u64(json, "port", talk->key.port);
	if (talk->functions)
		qw_json_open(json, "functions", '[');
	for (uint32_t i = 0; i < talk->functions; i++)
		put_function(json, &talk->function[i]);
	if (talk->functions)
		qw_json_close(json, ']');
	qw_json_i64(json, "first_ns", talk->first.ns);
	qw_json_i64(json, "last_ns", talk->last.ns);
}
