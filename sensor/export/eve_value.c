/* SPDX-License-Identifier: Apache-2.0 */
/* eve_value - one field's bytes as JSON. */
#include "sensor/export/eve_keys.h"

#include <stdio.h>
#include <string.h>

#include "quaywatch/address.h"
#include "quaywatch/time.h"

enum {
	METADATA_MAX = 64, /* pairs of one rule that are written */
	OBJECT_DEPTH = 16, /* of what stands in a set beside a member */
};

/* The IANA names as Suricata spells them. */
static const char *const proto_names[256] = {
	[1] = "ICMP", [2] = "IGMP", [4] = "IPv4", [6] = "TCP", [17] = "UDP", [41] = "IPv6", [47] = "GRE",
	[50] = "ESP", [51] = "AH", [58] = "IPv6-ICMP", [89] = "OSPF", [103] = "PIM", [112] = "VRRP", [132] = "SCTP",
};

uint64_t qw_eve_number(const uint8_t *data, size_t len)
{
	uint64_t value = 0;

	memcpy(&value, data, len < sizeof(value) ? len : sizeof(value));
	return value;
}

static void put_decimal(struct qw_json *json, const char *name, const uint8_t *data, size_t len)
{
	if (len == sizeof(uint64_t) + 1)
		qw_json_decimal(json, name, (int64_t)qw_eve_number(data, len), data[len - 1]);
}

static void put_mac(struct qw_json *json, const char *name, const uint8_t *data, size_t len)
{
	char room[3 * 6];
	struct qw_text text;

	if (len != 6)
		return;
	qw_text_init(&text, room, sizeof(room));
	for (unsigned i = 0; i < 6; i++) {
		if (i)
			qw_text_char(&text, ':');
		qw_text_hex(&text, data + i, 1);
	}
	qw_json_text(json, name, qw_text_string(&text));
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

void qw_eve_put_time(struct qw_json *json, const char *name, int64_t ns)
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

void qw_eve_put(struct qw_json *json, const struct qw_eve_row *row, const uint8_t *data, size_t len)
{
	switch (row->shape) {
	case QW_EVE_NUMBER: qw_json_u64(json, row->name, qw_eve_number(data, len)); break;
	case QW_EVE_DECIMAL: put_decimal(json, row->name, data, len); break;
	case QW_EVE_TEXT: qw_json_string(json, row->name, data, len); break;
	case QW_EVE_ADDRESS: put_address(json, row->name, data, len); break;
	case QW_EVE_MAC: put_mac(json, row->name, data, len); break;
	case QW_EVE_PROTO: put_proto(json, row->name, qw_eve_number(data, len)); break;
	case QW_EVE_TIME: qw_eve_put_time(json, row->name, (int64_t)qw_eve_number(data, len)); break;
	case QW_EVE_BASE64: put_base64(json, row->name, data, len); break;
	case QW_EVE_NUMBERS: qw_json_u64(json, NULL, qw_eve_number(data, len)); break;
	case QW_EVE_METADATA:
		put_metadata(json, row->name, data, len);
		break;
	case QW_EVE_LINES:
		put_lines(json, row->name, data, len);
		break;
	case QW_EVE_OBJECT: put_object(json, data, len); break;
	case QW_EVE_PAIRS: put_pairs(json, row->name, data, len); break;
	case QW_EVE_OURS: break;
	}
}
