/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/render.h"

#include <string.h>

#include "quaywatch/eve.h"
#include "quaywatch/json.h"

enum { NAME_MAX_BYTES = 128, VALUE_MAX_BYTES = 2048, DEPTH_MAX = 32, ESCAPED = 6 };

static const char *const origins[] = {"signature", "indicator", "pack", "engine"};

/* Texts beside eve are ours to write, so they are bounded; longer ones make the alert invalid. */
static bool is_short(const char *text, size_t max)
{
	return strnlen(text, max + 1) <= max;
}

static bool is_origin(const char *text)
{
	for (size_t i = 0; i < sizeof(origins) / sizeof(origins[0]); i++)
		if (strcmp(text, origins[i]) == 0)
			return true;
	return false;
}

static bool is_hit(const Quaywatch__Wire__IndicatorHit *hit)
{
	return is_short(hit->type, NAME_MAX_BYTES) && is_short(hit->value, VALUE_MAX_BYTES) &&
	       is_short(hit->source, NAME_MAX_BYTES) && is_short(hit->tlp, NAME_MAX_BYTES) &&
	       is_short(hit->seen, NAME_MAX_BYTES);
}

static bool is_host(const Quaywatch__Wire__AlertHost *host)
{
	return is_short(host->name, VALUE_MAX_BYTES) && is_short(host->role, NAME_MAX_BYTES) &&
	       is_short(host->area, NAME_MAX_BYTES) && is_short(host->criticality, NAME_MAX_BYTES);
}

bool qw_render_is_alert(const Quaywatch__Wire__Alert *alert)
{
	static const char *const forbidden[] = {"quaywatch", NULL};

	if (alert->eve.len < 2 || alert->eve.len > QW_WIRE_EVE_MAX || !is_origin(alert->origin))
		return false;
	if (!is_short(alert->ndpi, NAME_MAX_BYTES) || !is_short(alert->ruleset, NAME_MAX_BYTES))
		return false;
	if (alert->indicator && !is_hit(alert->indicator))
		return false;
	if (!is_short(alert->text, VALUE_MAX_BYTES) || (alert->src && !is_host(alert->src)) || (alert->dest && !is_host(alert->dest)))
		return false;
	return qw_json_is_object((const char *)alert->eve.data, alert->eve.len, DEPTH_MAX, forbidden);
}

static size_t host_bound(const Quaywatch__Wire__AlertHost *host)
{
	return host ? strlen(host->name) + strlen(host->role) + strlen(host->area) + strlen(host->criticality) : 0;
}

size_t qw_render_bound(const Quaywatch__Wire__Alert *alert)
{
	const Quaywatch__Wire__IndicatorHit *hit = alert->indicator;
	size_t texts = strlen(alert->ndpi) + strlen(alert->ruleset) + strlen(alert->text) + host_bound(alert->src) +
		       host_bound(alert->dest);

	if (hit)
		texts += strlen(hit->type) + strlen(hit->value) + strlen(hit->source) + strlen(hit->tlp) + strlen(hit->seen);
	return alert->eve.len + QW_RENDER_ROOM + ESCAPED * texts;
}

/* The bytes before the object's last brace. */
static size_t without_brace(const uint8_t *eve, size_t len)
{
	while (len > 0 && eve[len - 1] != '}')
		len--;
	return len - 1;
}

static void write_hit(struct qw_json *json, const Quaywatch__Wire__IndicatorHit *hit)
{
	uint8_t id[8];
	char hex[17];
	struct qw_text text;

	for (int i = 0; i < 8; i++)
		id[i] = (uint8_t)(hit->id >> (56 - 8 * i));
	qw_text_init(&text, hex, sizeof(hex));
	qw_text_hex(&text, id, sizeof(id));
	qw_json_open(json, "indicator", '{');
	qw_json_string(json, "id", hex, text.len);
	qw_json_text(json, "type", hit->type);
	qw_json_text(json, "value", hit->value);
	qw_json_text(json, "source", hit->source);
	qw_json_u64(json, "confidence", hit->confidence);
	qw_json_text(json, "tlp", hit->tlp);
	if (hit->seen[0])
		qw_json_text(json, "seen", hit->seen);
	qw_json_close(json, '}');
}

static struct qw_eve_asset host_of(const Quaywatch__Wire__AlertHost *host)
{
	if (!host)
		return (struct qw_eve_asset){{NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}};
	return (struct qw_eve_asset){qw_slice_text(host->name), qw_slice_text(host->role), qw_slice_text(host->area),
				     qw_slice_text(host->criticality)};
}

static void write_hosts(struct qw_json *json, const Quaywatch__Wire__Alert *alert)
{
	struct qw_eve_asset src = host_of(alert->src), dest = host_of(alert->dest);

	qw_eve_put_assets(json, &src, &dest);
}

static void write_epoch(struct qw_text *text, uint64_t epoch)
{
	uint8_t bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(epoch >> (56 - 8 * i));
	qw_text_hex(text, bytes, sizeof(bytes));
}

/* marks.c reads this back: keep order and spelling. */
static void write_head(struct qw_text *text, const char *origin, const struct qw_identity *who, uint64_t epoch,
		       uint64_t sequence)
{
	qw_text_literal(text, "\"quaywatch\":{\"origin\":\"");
	qw_text_put(text, origin, strlen(origin));
	qw_text_literal(text, "\",\"tenant\":\"");
	qw_text_put(text, who->tenant, strlen(who->tenant));
	qw_text_literal(text, "\",\"sensor\":\"");
	qw_text_put(text, who->sensor, strlen(who->sensor));
	qw_text_literal(text, "\",\"epoch\":\"");
	write_epoch(text, epoch);
	qw_text_literal(text, "\",\"seq\":");
	qw_text_u64(text, sequence);
}

void qw_render_line(struct qw_text *text, const Quaywatch__Wire__Alert *alert, const struct qw_identity *who,
		    uint64_t epoch, uint64_t sequence)
{
	size_t len = without_brace(alert->eve.data, alert->eve.len);

	qw_text_put(text, alert->eve.data, len);
	if (memchr(alert->eve.data, '"', len)) /* a member's name stands before ours */
		qw_text_char(text, ',');
	write_head(text, alert->origin, who, epoch, sequence);
	struct qw_json json = {text, true};
	if (alert->ruleset[0])
		qw_json_text(&json, "ruleset", alert->ruleset);
	if (alert->ndpi[0])
		qw_json_text(&json, "ndpi", alert->ndpi);
	qw_json_u64(&json, "count", alert->count ? alert->count : 1);
	if (alert->indicator)
		write_hit(&json, alert->indicator);
	write_hosts(&json, alert);
	if (alert->text[0])
		qw_json_text(&json, "text", alert->text);
	qw_text_literal(text, "}}\n");
}

void qw_render_substitute(struct qw_text *text, const struct qw_identity *who, uint64_t epoch, uint64_t sequence,
			  struct qw_time now)
{
	char at[QW_TIME_EVE_LEN + 1];

	qw_time_eve(now, at);
	qw_text_literal(text, "{\"timestamp\":\"");
	qw_text_put(text, at, QW_TIME_EVE_LEN);
	qw_text_literal(
	    text, "\",\"event_type\":\"anomaly\",\"anomaly\":{\"type\":\"collector\",\"event\":\"alert_invalid\"},");
	write_head(text, "engine", who, epoch, sequence);
	qw_text_literal(text, ",\"count\":1}}\n");
}
