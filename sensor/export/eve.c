/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/eve.h"

#include <stdio.h>
#include <string.h>

#include "quaywatch/json.h"
#include "quaywatch/time.h"
#include "sensor/export/eve_keys.h"

static const char *const type_names[QW_EVENT_COUNT] = {
	[QW_EVENT_ALERT] = "alert", [QW_EVENT_FLOW] = "flow", [QW_EVENT_DNS] = "dns",
	[QW_EVENT_HTTP] = "http",   [QW_EVENT_TLS] = "tls",   [QW_EVENT_OT] = "ot",
	[QW_EVENT_ASSET] = "asset", [QW_EVENT_STATS] = "stats", [QW_EVENT_PROPOSAL] = "proposal",
	[QW_EVENT_PACKET] = "packet",
};

const char *qw_event_type_name(enum qw_event_type type)
{
	return type < QW_EVENT_COUNT ? type_names[type] : "unknown";
}

/* Where the writer stands: which object is open, and inside which array. */
struct state {
	struct qw_json json;
	const char *object;
	enum qw_event_key array; /* of what is being repeated; QW_KEY_COUNT: none */
	bool in_answer;
};

static bool is_answer(enum qw_event_key key)
{
	return key >= QW_KEY_DNS_ANSWER_RRNAME && key <= QW_KEY_DNS_ANSWER_RDATA;
}

static void close_array(struct state *state)
{
	if (state->in_answer)
		qw_json_close(&state->json, '}');
	if (state->array != QW_KEY_COUNT)
		qw_json_close(&state->json, ']');
	state->in_answer = false;
	state->array = QW_KEY_COUNT;
}

/* How many objects a path names, and how long its first part is. */
static unsigned depth_of(const char *path, size_t *first)
{
	*first = path ? strcspn(path, "/") : 0;
	return !path ? 0 : path[*first] ? 2 : 1;
}

static void open_object(struct qw_json *json, const char *name, size_t len)
{
	char key[32];

	snprintf(key, sizeof(key), "%.*s", (int)len, name);
	qw_json_open(json, key, '{');
}

/* Closes what the last field stood in and this one does not, and opens the rest. */
static void move_object(struct state *state, const char *to)
{
	const char *from = state->object;
	size_t from_first, to_first;

	if (from == to || (from && to && strcmp(from, to) == 0))
		return;
	unsigned from_depth = depth_of(from, &from_first), to_depth = depth_of(to, &to_first);
	bool shared = from && to && from_first == to_first && memcmp(from, to, to_first) == 0;
	for (unsigned depth = from_depth; depth > (shared ? 1u : 0u); depth--)
		qw_json_close(&state->json, '}');
	if (to_depth > 0 && !shared)
		open_object(&state->json, to, to_first);
	if (to_depth > 1)
		open_object(&state->json, to + to_first + 1, strlen(to + to_first + 1));
	state->object = to;
}

/* Opens and closes what stands between the last field and this one. */
static void move_to(struct state *state, enum qw_event_key key, const struct qw_eve_row *row)
{
	enum qw_event_key array = is_answer(key) ? QW_KEY_DNS_ANSWER_RRNAME : row->shape == QW_EVE_NUMBERS ? key : QW_KEY_COUNT;

	if (state->array != array)
		close_array(state);
	move_object(state, row->object);
	if (state->array != array) {
		qw_json_open(&state->json, is_answer(key) ? "answers" : row->name, '[');
		state->array = array;
	}
	/* An answer's first field may be missing: it did not fit into the event. */
	if (is_answer(key) && (key == QW_KEY_DNS_ANSWER_RRNAME || !state->in_answer)) {
		if (state->in_answer)
			qw_json_close(&state->json, '}');
		qw_json_open(&state->json, NULL, '{');
		state->in_answer = true;
	}
}

static void note_ours(struct qw_eve_parts *parts, enum qw_event_key key, const uint8_t *data, size_t len)
{
	struct qw_slice slice = qw_slice(data, len);
	struct qw_eve_own *own = &parts->own;

	switch (key) {
	case QW_KEY_ORIGIN: own->origin = slice; break;
	case QW_KEY_NDPI: own->ndpi = slice; break;
	case QW_KEY_COUNT_ADDED: own->count = qw_eve_number(data, len); break;
	case QW_KEY_INDICATOR_ID: own->indicator.id = qw_eve_number(data, len), own->has_indicator = true; break;
	case QW_KEY_INDICATOR_TYPE: own->indicator.type = slice; break;
	case QW_KEY_INDICATOR_VALUE: own->indicator.value = slice; break;
	case QW_KEY_INDICATOR_SOURCE: own->indicator.source = slice; break;
	case QW_KEY_INDICATOR_CONFIDENCE: own->indicator.confidence = (uint32_t)qw_eve_number(data, len); break;
	case QW_KEY_INDICATOR_TLP: own->indicator.tlp = slice; break;
	case QW_KEY_INDICATOR_SEEN: own->indicator.seen = slice; break;
	case QW_KEY_SRC_ASSET_NAME: own->src.name = slice; break;
	case QW_KEY_SRC_ASSET_ROLE: own->src.role = slice; break;
	case QW_KEY_SRC_ASSET_AREA: own->src.area = slice; break;
	case QW_KEY_SRC_ASSET_CRITICALITY: own->src.criticality = slice; break;
	case QW_KEY_DEST_ASSET_NAME: own->dest.name = slice; break;
	case QW_KEY_DEST_ASSET_ROLE: own->dest.role = slice; break;
	case QW_KEY_DEST_ASSET_AREA: own->dest.area = slice; break;
	case QW_KEY_DEST_ASSET_CRITICALITY: own->dest.criticality = slice; break;
	case QW_KEY_TEXT: own->text = slice; break;
	case QW_KEY_WORDS: own->words = slice; break;
	case QW_KEY_SHARE: parts->share = qw_eve_number(data, len); break;
	case QW_KEY_ALERT_GID: parts->gid = (uint32_t)qw_eve_number(data, len); break;
	case QW_KEY_ALERT_SIGNATURE_ID: parts->sid = (uint32_t)qw_eve_number(data, len); break;
	case QW_KEY_HTTP_HOSTNAME:
	case QW_KEY_TLS_SNI:
	case QW_KEY_DNS_RRNAME: parts->name = slice; break;
	case QW_KEY_TLS_JA3_HASH: parts->ja3 = slice; break;
	case QW_KEY_SRC_IP:
		parts->has_src = len == sizeof(parts->src);
		memcpy(&parts->src, data, parts->has_src ? len : 0);
		break;
	case QW_KEY_DEST_IP:
		parts->has_dst = len == sizeof(parts->dst);
		memcpy(&parts->dst, data, parts->has_dst ? len : 0);
		break;
	default: break;
	}
}

/* flow_id and in_iface stand before event_type in EVE; everything else behind it. */
static bool before_type(enum qw_event_key key)
{
	return key == QW_KEY_FLOW_ID || key == QW_KEY_IN_IFACE;
}

enum qw_err qw_eve_render(struct qw_text *out, const void *data, size_t size, bool payload, struct qw_eve_parts *parts)
{
	struct qw_event_reader reader;
	const struct qw_event *event;
	enum qw_err err = qw_event_open(&reader, data, size, &event);

	if (err != QW_OK)
		return err;
	*parts = (struct qw_eve_parts){.type = (enum qw_event_type)event->type, .time_ns = event->time_ns};
	struct state state = {.json = qw_json(out), .array = QW_KEY_COUNT};
	qw_json_open(&state.json, NULL, '{');
	qw_eve_put_time(&state.json, "timestamp", event->time_ns);

	enum qw_event_key key;
	const uint8_t *field;
	size_t len;
	bool typed = false;
	while (qw_event_next(&reader, &key, &field, &len)) {
		note_ours(parts, key, field, len);
		if (qw_eve_rows[key].shape == QW_EVE_OURS || (key == QW_KEY_PAYLOAD && !payload))
			continue;
		if (!typed && !before_type(key)) {
			qw_json_text(&state.json, "event_type", qw_event_type_name(parts->type));
			typed = true;
		}
		move_to(&state, key, &qw_eve_rows[key]);
		qw_eve_put(&state.json, &qw_eve_rows[key], field, len);
	}
	if (reader.left != 0)
		return QW_EFORMAT;
	close_array(&state);
	move_object(&state, NULL);
	if (!typed)
		qw_json_text(&state.json, "event_type", qw_event_type_name(parts->type));
	qw_json_close(&state.json, '}');
	return out->cut ? QW_ELIMIT : QW_OK;
}
