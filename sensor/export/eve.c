/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/eve.h"

#include <stdio.h>
#include <string.h>

#include "quaywatch/address.h"
#include "quaywatch/json.h"
#include "quaywatch/time.h"

enum {
	METADATA_MAX = 64, /* pairs of one rule that are written */
	OBJECT_DEPTH = 16, /* of what stands in a set beside a member */
};

/* How a field's bytes are written. */
enum shape {
	SHAPE_NUMBER,
	SHAPE_TEXT,
	SHAPE_ADDRESS,
	SHAPE_MAC,
	SHAPE_PROTO,
	SHAPE_TIME,
	SHAPE_BASE64,
	SHAPE_NUMBERS,  /* repeated numbers make an array */
	SHAPE_METADATA, /* "key value, key value" */
	SHAPE_LINES,    /* one a line: an array of texts */
	SHAPE_OBJECT,   /* a name and a JSON object */
	SHAPE_PAIRS,    /* "name number", one a line: an object */
	SHAPE_OURS,     /* not written here: part of "quaywatch" */
};

static const struct row {
	const char *object; /* NULL: at the top; "tls/ja3": one in another */
	const char *name;
	enum shape shape;
} rows[QW_KEY_COUNT] = {
	[QW_KEY_FLOW_ID] = {NULL, "flow_id", SHAPE_NUMBER},
	[QW_KEY_IN_IFACE] = {NULL, "in_iface", SHAPE_TEXT},
	[QW_KEY_VLAN] = {NULL, "vlan", SHAPE_NUMBERS},
	[QW_KEY_SRC_IP] = {NULL, "src_ip", SHAPE_ADDRESS},
	[QW_KEY_SRC_PORT] = {NULL, "src_port", SHAPE_NUMBER},
	[QW_KEY_DEST_IP] = {NULL, "dest_ip", SHAPE_ADDRESS},
	[QW_KEY_DEST_PORT] = {NULL, "dest_port", SHAPE_NUMBER},
	[QW_KEY_PROTO] = {NULL, "proto", SHAPE_PROTO},
	[QW_KEY_ETHER_SRC] = {"ether", "src_mac", SHAPE_MAC},
	[QW_KEY_ETHER_DEST] = {"ether", "dest_mac", SHAPE_MAC},
	[QW_KEY_ETHER_TYPE] = {"ether", "ether_type", SHAPE_NUMBER},
	[QW_KEY_ICMP_TYPE] = {NULL, "icmp_type", SHAPE_NUMBER},
	[QW_KEY_ICMP_CODE] = {NULL, "icmp_code", SHAPE_NUMBER},
	[QW_KEY_COMMUNITY_ID] = {NULL, "community_id", SHAPE_TEXT},
	[QW_KEY_TX_ID] = {NULL, "tx_id", SHAPE_NUMBER},
	[QW_KEY_ALERT_ACTION] = {"alert", "action", SHAPE_TEXT},
	[QW_KEY_ALERT_GID] = {"alert", "gid", SHAPE_NUMBER},
	[QW_KEY_ALERT_SIGNATURE_ID] = {"alert", "signature_id", SHAPE_NUMBER},
	[QW_KEY_ALERT_REV] = {"alert", "rev", SHAPE_NUMBER},
	[QW_KEY_ALERT_SIGNATURE] = {"alert", "signature", SHAPE_TEXT},
	[QW_KEY_ALERT_CATEGORY] = {"alert", "category", SHAPE_TEXT},
	[QW_KEY_ALERT_SEVERITY] = {"alert", "severity", SHAPE_NUMBER},
	[QW_KEY_ALERT_METADATA] = {"alert", "metadata", SHAPE_METADATA},
	[QW_KEY_ALERT_REFERENCES] = {"alert", "references", SHAPE_LINES},
	[QW_KEY_ALERT_CONTEXT] = {"alert/context", NULL, SHAPE_OBJECT},
	[QW_KEY_ALERT_SOURCE_IP] = {"alert/source", "ip", SHAPE_ADDRESS},
	[QW_KEY_ALERT_SOURCE_PORT] = {"alert/source", "port", SHAPE_NUMBER},
	[QW_KEY_ALERT_TARGET_IP] = {"alert/target", "ip", SHAPE_ADDRESS},
	[QW_KEY_ALERT_TARGET_PORT] = {"alert/target", "port", SHAPE_NUMBER},
	[QW_KEY_APP_PROTO] = {NULL, "app_proto", SHAPE_TEXT},
	[QW_KEY_DIRECTION] = {NULL, "direction", SHAPE_TEXT},
	[QW_KEY_FLOWBITS] = {"metadata", "flowbits", SHAPE_LINES},
	[QW_KEY_FLOWINTS] = {"metadata", "flowints", SHAPE_PAIRS},
	[QW_KEY_TRAFFIC_ID] = {"traffic", "id", SHAPE_LINES},
	[QW_KEY_TRAFFIC_LABEL] = {"traffic", "label", SHAPE_LINES},
	[QW_KEY_DNS_TYPE] = {"dns", "type", SHAPE_TEXT},
	[QW_KEY_DNS_ID] = {"dns", "id", SHAPE_NUMBER},
	[QW_KEY_DNS_FLAGS] = {"dns", "flags", SHAPE_TEXT},
	[QW_KEY_DNS_RRNAME] = {"dns", "rrname", SHAPE_TEXT},
	[QW_KEY_DNS_RRTYPE] = {"dns", "rrtype", SHAPE_TEXT},
	[QW_KEY_DNS_RCODE] = {"dns", "rcode", SHAPE_TEXT},
	[QW_KEY_DNS_OPCODE] = {"dns", "opcode", SHAPE_NUMBER},
	[QW_KEY_DNS_ANSWER_RRNAME] = {"dns", "rrname", SHAPE_TEXT},
	[QW_KEY_DNS_ANSWER_RRTYPE] = {"dns", "rrtype", SHAPE_TEXT},
	[QW_KEY_DNS_ANSWER_TTL] = {"dns", "ttl", SHAPE_NUMBER},
	[QW_KEY_DNS_ANSWER_RDATA] = {"dns", "rdata", SHAPE_TEXT},
	[QW_KEY_HTTP_HOSTNAME] = {"http", "hostname", SHAPE_TEXT},
	[QW_KEY_HTTP_PORT] = {"http", "http_port", SHAPE_NUMBER},
	[QW_KEY_HTTP_URL] = {"http", "url", SHAPE_TEXT},
	[QW_KEY_HTTP_USER_AGENT] = {"http", "http_user_agent", SHAPE_TEXT},
	[QW_KEY_HTTP_REFERER] = {"http", "http_refer", SHAPE_TEXT},
	[QW_KEY_HTTP_CONTENT_TYPE] = {"http", "http_content_type", SHAPE_TEXT},
	[QW_KEY_HTTP_METHOD] = {"http", "http_method", SHAPE_TEXT},
	[QW_KEY_HTTP_PROTOCOL] = {"http", "protocol", SHAPE_TEXT},
	[QW_KEY_HTTP_STATUS] = {"http", "status", SHAPE_NUMBER},
	[QW_KEY_HTTP_LENGTH] = {"http", "length", SHAPE_NUMBER},
	[QW_KEY_TLS_SUBJECT] = {"tls", "subject", SHAPE_TEXT},
	[QW_KEY_TLS_ISSUERDN] = {"tls", "issuerdn", SHAPE_TEXT},
	[QW_KEY_TLS_SERIAL] = {"tls", "serial", SHAPE_TEXT},
	[QW_KEY_TLS_FINGERPRINT] = {"tls", "fingerprint", SHAPE_TEXT},
	[QW_KEY_TLS_SNI] = {"tls", "sni", SHAPE_TEXT},
	[QW_KEY_TLS_VERSION] = {"tls", "version", SHAPE_TEXT},
	[QW_KEY_TLS_ALPN] = {"tls", "alpn", SHAPE_TEXT},
	[QW_KEY_TLS_JA3_HASH] = {"tls/ja3", "hash", SHAPE_TEXT},
	[QW_KEY_TLS_JA3_STRING] = {"tls/ja3", "string", SHAPE_TEXT},
	[QW_KEY_TLS_JA3S_HASH] = {"tls/ja3s", "hash", SHAPE_TEXT},
	[QW_KEY_TLS_JA3S_STRING] = {"tls/ja3s", "string", SHAPE_TEXT},
	[QW_KEY_TLS_JA4] = {"tls", "ja4", SHAPE_TEXT},
	[QW_KEY_OT_PROTOCOL] = {"ot", "protocol", SHAPE_TEXT},
	[QW_KEY_OT_FUNCTION] = {"ot", "function", SHAPE_NUMBER},
	[QW_KEY_OT_KIND] = {"ot", "kind", SHAPE_TEXT},
	[QW_KEY_OT_NAME] = {"ot", "name", SHAPE_TEXT},
	[QW_KEY_OT_DIRECTION] = {"ot", "direction", SHAPE_TEXT},
	[QW_KEY_OT_STATUS] = {"ot", "status", SHAPE_TEXT},
	[QW_KEY_OT_ERROR] = {"ot", "error", SHAPE_NUMBER},
	[QW_KEY_OT_ERROR_NAME] = {"ot", "error_name", SHAPE_TEXT},
	[QW_KEY_OT_EXTENDED_STATUS] = {"ot", "extended_status", SHAPE_NUMBER},
	[QW_KEY_OT_SEQUENCE] = {"ot", "sequence", SHAPE_NUMBER},
	[QW_KEY_OT_STATE] = {"ot", "state", SHAPE_NUMBER},
	[QW_KEY_OT_ACKNOWLEDGED] = {"ot", "acknowledged", SHAPE_NUMBER},
	[QW_KEY_OT_MISSING] = {"ot", "missing", SHAPE_NUMBER},
	[QW_KEY_OT_UNIT] = {"ot", "unit", SHAPE_NUMBER},
	[QW_KEY_OT_SOURCE] = {"ot", "source", SHAPE_NUMBER},
	[QW_KEY_OT_SOURCE_NET] = {"ot", "source_net", SHAPE_TEXT},
	[QW_KEY_OT_DESTINATION] = {"ot", "destination", SHAPE_NUMBER},
	[QW_KEY_OT_DESTINATION_NET] = {"ot", "destination_net", SHAPE_TEXT},
	[QW_KEY_OT_FORWARDED_FOR] = {"ot", "forwarded_for", SHAPE_TEXT},
	[QW_KEY_OT_HOPS] = {"ot", "hops", SHAPE_NUMBER},
	[QW_KEY_OT_SESSION] = {"ot", "session", SHAPE_NUMBER},
	[QW_KEY_OT_CONNECTION] = {"ot", "connection", SHAPE_TEXT},
	[QW_KEY_OT_LIFETIME] = {"ot", "lifetime_ms", SHAPE_NUMBER},
	[QW_KEY_OT_CONFIGURATION] = {"ot", "configuration", SHAPE_NUMBER},
	[QW_KEY_OT_SYNCHRONISATION] = {"ot", "synchronisation", SHAPE_NUMBER},
	[QW_KEY_OT_COMMAND] = {"ot", "command", SHAPE_NUMBER},
	[QW_KEY_OT_SUBFUNCTION] = {"ot", "subfunction", SHAPE_NUMBER},
	[QW_KEY_OT_SERVICE] = {"ot", "service", SHAPE_NUMBER},
	[QW_KEY_OT_SERVICE_NAME] = {"ot", "service_name", SHAPE_TEXT},
	[QW_KEY_OT_CAUSE] = {"ot", "cause", SHAPE_NUMBER},
	[QW_KEY_OT_CAUSE_NAME] = {"ot", "cause_name", SHAPE_TEXT},
	[QW_KEY_OT_CLASS] = {"ot", "class", SHAPE_NUMBER},
	[QW_KEY_OT_INSTANCE] = {"ot", "instance", SHAPE_NUMBER},
	[QW_KEY_OT_ATTRIBUTE] = {"ot", "attribute", SHAPE_NUMBER},
	[QW_KEY_OT_INDEX] = {"ot", "index", SHAPE_NUMBER},
	[QW_KEY_OT_ADDRESS] = {"ot", "address", SHAPE_NUMBER},
	[QW_KEY_OT_QUANTITY] = {"ot", "quantity", SHAPE_NUMBER},
	[QW_KEY_OT_VALUE] = {"ot", "value", SHAPE_NUMBER},
	[QW_KEY_OT_VALUES] = {"ot", "values", SHAPE_TEXT},
	[QW_KEY_OT_QUALIFIER] = {"ot", "qualifier", SHAPE_NUMBER},
	[QW_KEY_OT_PRIORITY] = {"ot", "priority", SHAPE_NUMBER},
	[QW_KEY_OT_TIME] = {"ot", "time", SHAPE_TEXT},
	[QW_KEY_OT_OBJECTS] = {"ot", "objects", SHAPE_TEXT},
	[QW_KEY_OT_TYPES] = {"ot", "types", SHAPE_TEXT},
	[QW_KEY_OT_CONTROL_BLOCK] = {"ot", "control_block", SHAPE_TEXT},
	[QW_KEY_OT_DATA_SET] = {"ot", "data_set", SHAPE_TEXT},
	[QW_KEY_OT_STREAM] = {"ot", "stream", SHAPE_TEXT},
	[QW_KEY_OT_IP] = {"ot", "ip", SHAPE_ADDRESS},
	[QW_KEY_OT_NETMASK] = {"ot", "netmask", SHAPE_ADDRESS},
	[QW_KEY_OT_GATEWAY] = {"ot", "gateway", SHAPE_ADDRESS},
	[QW_KEY_OT_MAC] = {"ot", "mac", SHAPE_MAC},
	[QW_KEY_OT_TARGET_IP] = {"ot", "target_ip", SHAPE_ADDRESS},
	[QW_KEY_OT_TARGET_MAC] = {"ot", "target_mac", SHAPE_MAC},
	[QW_KEY_OT_BEFORE_MAC] = {"ot", "before_mac", SHAPE_MAC},
	[QW_KEY_OT_CHASSIS] = {"ot", "chassis", SHAPE_TEXT},
	[QW_KEY_OT_PORT] = {"ot", "port", SHAPE_TEXT},
	[QW_KEY_OT_PORT_DESCRIPTION] = {"ot", "port_description", SHAPE_TEXT},
	[QW_KEY_OT_INDICATIONS] = {"ot", "indications", SHAPE_TEXT},
	[QW_KEY_OT_POLICY] = {"ot", "policy", SHAPE_TEXT},
	[QW_KEY_OT_MODE] = {"ot", "mode", SHAPE_NUMBER},
	[QW_KEY_OT_USER] = {"ot", "user", SHAPE_TEXT},
	[QW_KEY_OT_URL] = {"ot", "url", SHAPE_TEXT},
	[QW_KEY_OT_VENDOR] = {"ot", "vendor", SHAPE_TEXT},
	[QW_KEY_OT_PRODUCT] = {"ot", "product", SHAPE_TEXT},
	[QW_KEY_OT_PRODUCT_CODE] = {"ot", "product_code", SHAPE_TEXT},
	[QW_KEY_OT_REVISION] = {"ot", "revision", SHAPE_TEXT},
	[QW_KEY_OT_DEVICE_TYPE] = {"ot", "device_type", SHAPE_NUMBER},
	[QW_KEY_OT_SERIAL] = {"ot", "serial", SHAPE_NUMBER},
	[QW_KEY_OT_SERIAL_NUMBER] = {"ot", "serial_number", SHAPE_TEXT},
	[QW_KEY_OT_DEVICE] = {"ot", "device", SHAPE_NUMBER},
	[QW_KEY_OT_SERIAL_TEXT] = {"ot", "serial_number", SHAPE_TEXT},
	[QW_KEY_OT_RACK] = {"ot", "rack", SHAPE_NUMBER},
	[QW_KEY_OT_SLOT] = {"ot", "slot", SHAPE_NUMBER},
	[QW_KEY_OT_SUBSLOT] = {"ot", "subslot", SHAPE_NUMBER},
	[QW_KEY_OT_DEVICE_NAME] = {"ot", "device_name", SHAPE_TEXT},
	[QW_KEY_OT_DESCRIPTION] = {"ot", "description", SHAPE_TEXT},
	[QW_KEY_FLOW_PKTS_TOSERVER] = {"flow", "pkts_toserver", SHAPE_NUMBER},
	[QW_KEY_FLOW_PKTS_TOCLIENT] = {"flow", "pkts_toclient", SHAPE_NUMBER},
	[QW_KEY_FLOW_BYTES_TOSERVER] = {"flow", "bytes_toserver", SHAPE_NUMBER},
	[QW_KEY_FLOW_BYTES_TOCLIENT] = {"flow", "bytes_toclient", SHAPE_NUMBER},
	[QW_KEY_FLOW_START] = {"flow", "start", SHAPE_TIME},
	[QW_KEY_FLOW_END] = {"flow", "end", SHAPE_TIME},
	[QW_KEY_FLOW_AGE] = {"flow", "age", SHAPE_NUMBER},
	[QW_KEY_FLOW_STATE] = {"flow", "state", SHAPE_TEXT},
	[QW_KEY_FLOW_REASON] = {"flow", "reason", SHAPE_TEXT},
	[QW_KEY_PAYLOAD] = {NULL, "payload", SHAPE_BASE64},
	[QW_KEY_ORIGIN] = {NULL, NULL, SHAPE_OURS},
	[QW_KEY_NDPI] = {NULL, NULL, SHAPE_OURS},
	[QW_KEY_COUNT_ADDED] = {NULL, NULL, SHAPE_OURS},
	[QW_KEY_INDICATOR_ID] = {NULL, NULL, SHAPE_OURS},
	[QW_KEY_INDICATOR_TYPE] = {NULL, NULL, SHAPE_OURS},
	[QW_KEY_INDICATOR_VALUE] = {NULL, NULL, SHAPE_OURS},
	[QW_KEY_INDICATOR_SOURCE] = {NULL, NULL, SHAPE_OURS},
	[QW_KEY_INDICATOR_CONFIDENCE] = {NULL, NULL, SHAPE_OURS},
	[QW_KEY_INDICATOR_TLP] = {NULL, NULL, SHAPE_OURS},
	[QW_KEY_SHARE] = {NULL, NULL, SHAPE_OURS},
};

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

/* The IANA names as Suricata spells them. */
static const char *const proto_names[256] = {
	[1] = "ICMP", [2] = "IGMP", [4] = "IPv4", [6] = "TCP", [17] = "UDP", [41] = "IPv6", [47] = "GRE",
	[50] = "ESP", [51] = "AH", [58] = "IPv6-ICMP", [89] = "OSPF", [103] = "PIM", [112] = "VRRP", [132] = "SCTP",
};

/* Where the writer stands: which object is open, and inside which array. */
struct state {
	struct qw_json json;
	const char *object;
	enum qw_event_key array; /* of what is being repeated; QW_KEY_COUNT: none */
	bool in_answer;
};

static uint64_t number_of(const uint8_t *data, size_t len)
{
	uint64_t value = 0;

	memcpy(&value, data, len < sizeof(value) ? len : sizeof(value));
	return value;
}

static void put_mac(struct qw_json *json, const char *name, const uint8_t *data, size_t len)
{
	char text[18];

	if (len != 6)
		return;
	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", data[0], data[1], data[2], data[3], data[4], data[5]);
	qw_json_text(json, name, text);
}

static void put_proto(struct qw_json *json, const char *name, uint64_t number)
{
	char text[4];

	if (number < 256 && proto_names[number]) {
		qw_json_text(json, name, proto_names[number]);
		return;
	}
	snprintf(text, sizeof(text), "%03u", (unsigned)number & 255u);
	qw_json_text(json, name, text);
}

static void put_time(struct qw_json *json, const char *name, int64_t ns)
{
	char text[QW_TIME_EVE_LEN + 1];

	qw_time_eve(qw_time_ns(ns), text);
	qw_json_text(json, name, text);
}

static void put_address(struct qw_json *json, const char *name, const uint8_t *data, size_t len)
{
	struct qw_address address;

	if (len != sizeof(address))
		return;
	memcpy(&address, data, len);
	qw_json_address(json, name, &address);
}

static void put_base64(struct qw_json *json, const char *name, const uint8_t *data, size_t len)
{
	qw_json_text(json, name, "");
	if (json->text->cut || json->text->len == 0)
		return;
	json->text->len--; /* the closing quote, put back behind the text */
	qw_text_base64(json->text, data, len);
	qw_text_char(json->text, '"');
}

static void put_lines(struct qw_json *json, const char *name, const uint8_t *data, size_t len)
{
	const uint8_t *end = data + len;

	qw_json_open(json, name, '[');
	while (data < end) {
		const uint8_t *cut = memchr(data, '\n', (size_t)(end - data));
		const uint8_t *stop = cut ? cut : end;
		if (data < stop)
			qw_json_string(json, NULL, data, (size_t)(stop - data));
		data = stop + 1;
	}
	qw_json_close(json, ']');
}

static void put_pair(struct qw_json *json, const uint8_t *line, size_t len)
{
	const uint8_t *space = memchr(line, ' ', len);
	char name[128];
	uint64_t number = 0;

	if (!space || (size_t)(space - line) >= sizeof(name))
		return;
	memcpy(name, line, (size_t)(space - line));
	name[space - line] = 0;
	for (const uint8_t *digit = space + 1; digit < line + len && *digit >= '0' && *digit <= '9'; digit++)
		number = number * 10 + *digit - '0';
	qw_json_u64(json, name, number);
}

static void put_pairs(struct qw_json *json, const char *name, const uint8_t *data, size_t len)
{
	const uint8_t *end = data + len;

	qw_json_open(json, name, '{');
	while (data < end) {
		const uint8_t *cut = memchr(data, '\n', (size_t)(end - data));
		const uint8_t *stop = cut ? cut : end;
		put_pair(json, data, (size_t)(stop - data));
		data = stop + 1;
	}
	qw_json_close(json, '}');
}

/* A word of metadata as a JSON key. */
static bool key_of(const uint8_t *part, size_t len, char *key, size_t size)
{
	const uint8_t *space = memchr(part, ' ', len);
	size_t key_len = space ? (size_t)(space - part) : len;

	if (key_len == 0 || key_len >= size)
		return false;
	memcpy(key, part, key_len);
	key[key_len] = 0;
	return true;
}

struct metadata {
	const uint8_t *part[METADATA_MAX];
	size_t len[METADATA_MAX];
	size_t count;
};

static void split_metadata(struct metadata *out, const uint8_t *data, size_t len)
{
	const uint8_t *end = data + len;

	out->count = 0;
	while (data < end && out->count < METADATA_MAX) {
		const uint8_t *cut = memchr(data, ',', (size_t)(end - data));
		const uint8_t *stop = cut ? cut : end;
		while (data < stop && *data == ' ')
			data++;
		if (data < stop) {
			out->part[out->count] = data;
			out->len[out->count++] = (size_t)(stop - data);
		}
		data = stop + 1;
	}
}

/* {"key":["value","value"]}: a key that comes several times is written once. */
static void put_metadata(struct qw_json *json, const char *name, const uint8_t *data, size_t len)
{
	char key[64], other[64];
	struct metadata all;

	split_metadata(&all, data, len);
	qw_json_open(json, name, '{');
	for (size_t i = 0; i < all.count; i++) {
		bool seen = !key_of(all.part[i], all.len[i], key, sizeof(key));
		for (size_t j = 0; j < i && !seen; j++)
			seen = key_of(all.part[j], all.len[j], other, sizeof(other)) && strcmp(key, other) == 0;
		if (seen)
			continue;
		qw_json_open(json, key, '[');
		for (size_t j = i; j < all.count; j++)
			if (key_of(all.part[j], all.len[j], other, sizeof(other)) && strcmp(key, other) == 0 && all.len[j] > strlen(key))
				qw_json_string(json, NULL, all.part[j] + strlen(key) + 1, all.len[j] - strlen(key) - 1);
		qw_json_close(json, ']');
	}
	qw_json_close(json, '}');
}

/* The object comes from a rule's set by way of a worker, which is not believed: what is no object is written as text. */
static void put_object(struct qw_json *json, const uint8_t *data, size_t len)
{
	char key[64];
	const uint8_t *end = memchr(data, 0, len < sizeof(key) ? len : sizeof(key));

	if (!end)
		return;
	size_t name = (size_t)(end - data), rest = len - name - 1;
	memcpy(key, data, name + 1);
	if (qw_json_is_object((const char *)end + 1, rest, OBJECT_DEPTH, NULL))
		qw_json_raw(json, key, (const char *)end + 1, rest);
	else
		qw_json_string(json, key, end + 1, rest);
}

static void put_value(struct qw_json *json, const struct row *row, const uint8_t *data, size_t len)
{
	switch (row->shape) {
	case SHAPE_NUMBER: qw_json_u64(json, row->name, number_of(data, len)); break;
	case SHAPE_TEXT: qw_json_string(json, row->name, data, len); break;
	case SHAPE_ADDRESS: put_address(json, row->name, data, len); break;
	case SHAPE_MAC: put_mac(json, row->name, data, len); break;
	case SHAPE_PROTO: put_proto(json, row->name, number_of(data, len)); break;
	case SHAPE_TIME: put_time(json, row->name, (int64_t)number_of(data, len)); break;
	case SHAPE_BASE64: put_base64(json, row->name, data, len); break;
	case SHAPE_NUMBERS: qw_json_u64(json, NULL, number_of(data, len)); break;
	case SHAPE_METADATA:
		put_metadata(json, row->name, data, len);
		break;
	case SHAPE_LINES:
		put_lines(json, row->name, data, len);
		break;
	case SHAPE_OBJECT: put_object(json, data, len); break;
	case SHAPE_PAIRS: put_pairs(json, row->name, data, len); break;
	case SHAPE_OURS: break;
	}
}

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
static void move_to(struct state *state, enum qw_event_key key, const struct row *row)
{
	enum qw_event_key array = is_answer(key) ? QW_KEY_DNS_ANSWER_RRNAME : row->shape == SHAPE_NUMBERS ? key : QW_KEY_COUNT;

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
	case QW_KEY_COUNT_ADDED: own->count = number_of(data, len); break;
	case QW_KEY_INDICATOR_ID: own->indicator.id = number_of(data, len), own->has_indicator = true; break;
	case QW_KEY_INDICATOR_TYPE: own->indicator.type = slice; break;
	case QW_KEY_INDICATOR_VALUE: own->indicator.value = slice; break;
	case QW_KEY_INDICATOR_SOURCE: own->indicator.source = slice; break;
	case QW_KEY_INDICATOR_CONFIDENCE: own->indicator.confidence = (uint32_t)number_of(data, len); break;
	case QW_KEY_INDICATOR_TLP: own->indicator.tlp = slice; break;
	case QW_KEY_SHARE: parts->share = number_of(data, len); break;
	case QW_KEY_ALERT_GID: parts->gid = (uint32_t)number_of(data, len); break;
	case QW_KEY_ALERT_SIGNATURE_ID: parts->sid = (uint32_t)number_of(data, len); break;
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
	put_time(&state.json, "timestamp", event->time_ns);

	enum qw_event_key key;
	const uint8_t *field;
	size_t len;
	bool typed = false;
	while (qw_event_next(&reader, &key, &field, &len)) {
		note_ours(parts, key, field, len);
		if (rows[key].shape == SHAPE_OURS || (key == QW_KEY_PAYLOAD && !payload))
			continue;
		if (!typed && !before_type(key)) {
			qw_json_text(&state.json, "event_type", qw_event_type_name(parts->type));
			typed = true;
		}
		move_to(&state, key, &rows[key]);
		put_value(&state.json, &rows[key], field, len);
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
