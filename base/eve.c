/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/eve.h"

#include "quaywatch/json.h"

static void put_slice(struct qw_json *json, const char *key, struct qw_slice value)
{
	if (value.len)
		qw_json_string(json, key, value.data, value.len);
}

static void put_id(struct qw_json *json, const char *key, uint64_t id)
{
	char digits[16];

	for (int i = 0; i < 16; i++)
		digits[i] = "0123456789abcdef"[id >> (60 - 4 * i) & 15];
	qw_json_string(json, key, digits, sizeof(digits));
}

static void put_indicator(struct qw_json *json, const struct qw_eve_indicator *indicator)
{
	qw_json_open(json, "indicator", '{');
	put_id(json, "id", indicator->id);
	put_slice(json, "type", indicator->type);
	put_slice(json, "value", indicator->value);
	put_slice(json, "source", indicator->source);
	qw_json_u64(json, "confidence", indicator->confidence);
	put_slice(json, "tlp", indicator->tlp);
	put_slice(json, "seen", indicator->seen);
	qw_json_close(json, '}');
}

static bool is_known(const struct qw_eve_asset *asset)
{
	return asset->name.len || asset->role.len || asset->area.len || asset->criticality.len;
}

static void put_end(struct qw_json *json, const char *key, const struct qw_eve_asset *asset)
{
	if (!is_known(asset))
		return;
	qw_json_open(json, key, '{');
	put_slice(json, "name", asset->name);
	put_slice(json, "role", asset->role);
	put_slice(json, "area", asset->area);
	put_slice(json, "criticality", asset->criticality);
	qw_json_close(json, '}');
}

void qw_eve_put_assets(struct qw_json *json, const struct qw_eve_asset *src, const struct qw_eve_asset *dest)
{
	if (!is_known(src) && !is_known(dest))
		return;
	qw_json_open(json, "asset", '{');
	put_end(json, "src", src);
	put_end(json, "dest", dest);
	qw_json_close(json, '}');
}

void qw_eve_close(struct qw_text *text, const struct qw_eve_own *own)
{
	if (text->len == 0 || text->at[text->len - 1] != '}') {
		text->cut = true;
		return;
	}
	text->len--;
	struct qw_json json = {text, text->len > 0 && text->at[text->len - 1] != '{'};
	qw_json_open(&json, "quaywatch", '{');
	put_slice(&json, "origin", own->origin);
	put_slice(&json, "tenant", own->tenant);
	put_slice(&json, "sensor", own->sensor);
	if (own->seq) {
		put_id(&json, "epoch", own->epoch);
		qw_json_u64(&json, "seq", own->seq);
	}
	put_slice(&json, "ruleset", own->ruleset);
	put_slice(&json, "ndpi", own->ndpi);
	if (own->count)
		qw_json_u64(&json, "count", own->count);
	if (own->has_indicator)
		put_indicator(&json, &own->indicator);
	qw_eve_put_assets(&json, &own->src, &own->dest);
	put_slice(&json, "text", own->words.len ? own->words : own->text);
	qw_json_close(&json, '}');
	qw_json_close(&json, '}');
}
