/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stix - a bundle of STIX 2.1 (OASIS): identities, TLP 2.0 markings, indicators.
 *
 * What STIX has no member for stands in `labels` as "quaywatch:NAME=VALUE", so
 * that our own reader loses nothing: a host that is no domain, no begin.
 */
#include <stdlib.h>
#include <string.h>

#include "collector/formats/format.h"
#include "quaywatch/json.h"

/* OASIS, TLP 2.0 marking definitions as an extension of STIX 2.1. */
static const char tlp_extension[] = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";
static const char tlp_born[] = "2022-10-01T00:00:00.000Z";

static const struct {
	const char *id, *name, *value;
} markings[QW_TLP_COUNT] = {
    [QW_TLP_CLEAR] = {"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487", "TLP:CLEAR", "clear"},
    [QW_TLP_GREEN] = {"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "TLP:GREEN", "green"},
    [QW_TLP_AMBER] = {"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", "TLP:AMBER", "amber"},
    [QW_TLP_AMBER_STRICT] = {"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003", "TLP:AMBER+STRICT", "amber+strict"},
    [QW_TLP_RED] = {"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", "TLP:RED", "red"},
};

/* Where a type's values stand in a pattern; ip and cidr by their family. */
static const char *const paths[QW_OBS_COUNT] = {
    [QW_OBS_DOMAIN] = "domain-name:value",
    [QW_OBS_HOST] = "domain-name:value",
    [QW_OBS_URL] = "url:value",
    [QW_OBS_MD5] = "file:hashes.MD5",
    [QW_OBS_SHA1] = "file:hashes.'SHA-1'",
    [QW_OBS_SHA256] = "file:hashes.'SHA-256'",
    [QW_OBS_JA3] = "network-traffic:extensions.'x-tls-ext'.ja3",
    [QW_OBS_JA4] = "network-traffic:extensions.'x-tls-ext'.ja4",
    [QW_OBS_CERT_SHA1] = "x509-certificate:hashes.'SHA-1'",
    [QW_OBS_USER_AGENT] = "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'",
    [QW_OBS_MAC] = "mac-addr:value",
};

enum { PATTERN_MAX = 2 * QW_OBSERVABLE_TEXT_MAX + 256 };

/* ---- patterns */

static void put_literal(struct qw_text *out, const char *before, const char *text, size_t len)
{
	qw_text_char(out, '\'');
	qw_text_put(out, before, strlen(before));
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\'' || text[i] == '\\')
			qw_text_char(out, '\\');
		qw_text_char(out, text[i]);
	}
	qw_text_char(out, '\'');
}

/* "192.0.2.1:443" or "[2001:db8::1]:443". */
static void put_pair(struct qw_text *out, const struct qw_observable *observable)
{
	const char *colon = memrchr(observable->text, ':', observable->len), *address = observable->text;
	size_t len = (size_t)(colon - address);

	if (*address == '[') {
		address++;
		len -= 2;
	}
	qw_text_literal(out, "[network-traffic:dst_ref.value = ");
	put_literal(out, "", address, len);
	qw_text_format(out, " AND network-traffic:dst_port = %s]", colon + 1);
}

static void put_pattern(struct qw_text *out, const struct qw_observable *observable)
{
	bool address = observable->type == QW_OBS_IP || observable->type == QW_OBS_CIDR;
	const char *path = paths[observable->type];
	bool rooted = observable->type == QW_OBS_URL && observable->text[0] == '/';

	if (observable->type == QW_OBS_IP_PORT) {
		put_pair(out, observable);
		return;
	}
	if (address)
		path = memchr(observable->text, ':', observable->len) ? "ipv6-addr:value" : "ipv4-addr:value";
	if (rooted)
		path = "network-traffic:extensions.'http-request-ext'.request_value";
	qw_text_format(out, "[%s = ", path);
	put_literal(out, observable->type == QW_OBS_URL && !rooted ? "http://" : "", observable->text, observable->len);
	qw_text_char(out, ']');
}

/* ---- objects */

static void open_object(struct qw_format_writer *writer, struct qw_json *json, const char *type, const char *id)
{
	bool first = writer->marked == 0 && writer->sources == 0;

	if (!first)
		qw_text_char(json->text, ',');
	qw_text_char(json->text, '\n');
	json->comma = false;
	qw_json_open(json, NULL, '{');
	qw_json_text(json, "type", type);
	qw_json_text(json, "spec_version", "2.1");
	qw_json_text(json, "id", id);
}

static void put_marking(struct qw_format_writer *writer, struct qw_json *json, enum qw_tlp tlp)
{
	if (writer->marked & 1u << tlp)
		return;
	open_object(writer, json, "marking-definition", markings[tlp].id);
	writer->marked |= 1u << tlp;
	qw_json_text(json, "created", tlp_born);
	qw_json_text(json, "name", markings[tlp].name);
	qw_json_open(json, "extensions", '{');
	qw_json_open(json, tlp_extension, '{');
	qw_json_text(json, "extension_type", "property-extension");
	qw_json_text(json, "tlp_2_0", markings[tlp].value);
	qw_json_close(json, '}');
	qw_json_close(json, '}');
	qw_json_close(json, '}');
}

static void identity_of(const char *source, char out[64])
{
	char uuid[QW_UUID_MAX];

	qw_format_uuid("identity", source, strlen(source), uuid);
	snprintf(out, 64, "identity--%s", uuid);
}

static bool is_known(struct qw_format_writer *writer, const char *source)
{
	for (size_t i = 0; i < writer->sources; i++)
		if (strcmp(writer->source[i], source) == 0)
			return true;
	return false;
}

/* False: no memory to remember it by. */
static bool remember(struct qw_format_writer *writer, const char *source)
{
	if (writer->sources == writer->room) {
		size_t room = writer->room ? writer->room * 2 : 16;
		char(*grown)[64] = realloc(writer->source, room * sizeof(*grown));
		if (!grown)
			return false;
		writer->source = grown;
		writer->room = room;
	}
	snprintf(writer->source[writer->sources++], sizeof(writer->source[0]), "%s", source);
	return true;
}

static void put_identity(struct qw_format_writer *writer, struct qw_json *json, const struct qw_indicator *indicator)
{
	char id[64];

	if (!indicator->source[0] || is_known(writer, indicator->source))
		return;
	identity_of(indicator->source, id);
	open_object(writer, json, "identity", id);
	if (!remember(writer, indicator->source))
		json->text->cut = true;
	/* Whoever it is has no day of birth that we know. */
	qw_json_text(json, "created", tlp_born);
	qw_json_text(json, "modified", tlp_born);
	qw_json_text(json, "name", indicator->source);
	qw_json_text(json, "identity_class", "organization");
	qw_json_close(json, '}');
}

static void put_labels(struct qw_json *json, const struct qw_indicator *indicator)
{
	bool host = indicator->observable.type == QW_OBS_HOST, unbounded = indicator->valid_from.ns == 0;

	if (!host && !unbounded)
		return;
	qw_json_open(json, "labels", '[');
	if (host)
		qw_json_text(json, NULL, "quaywatch:type=host");
	if (unbounded)
		qw_json_text(json, NULL, "quaywatch:valid_from=none");
	qw_json_close(json, ']');
}

static void put_members(struct qw_json *json, const struct qw_format_entry *entry)
{
	const struct qw_indicator *indicator = entry->indicator;
	char born[QW_FORMAT_TIME_MAX], at[QW_FORMAT_TIME_MAX], from[QW_FORMAT_TIME_MAX], until[QW_FORMAT_TIME_MAX], id[64];
	char memory[PATTERN_MAX];
	struct qw_text pattern;

	qw_format_time(entry->born, born);
	qw_format_time(entry->at, at);
	qw_format_time(indicator->valid_from.ns ? indicator->valid_from : entry->born, from);
	qw_text_init(&pattern, memory, sizeof(memory));
	put_pattern(&pattern, &indicator->observable);
	identity_of(indicator->source, id);
	qw_json_text(json, "created", born);
	qw_json_text(json, "modified", at);
	if (indicator->source[0])
		qw_json_text(json, "created_by_ref", id);
	if (indicator->description[0])
		qw_json_text(json, "name", indicator->description);
	qw_json_open(json, "indicator_types", '[');
	qw_json_text(json, NULL, "malicious-activity");
	qw_json_close(json, ']');
	qw_json_string(json, "pattern", pattern.at, pattern.len);
	qw_json_text(json, "pattern_type", "stix");
	qw_json_text(json, "valid_from", from);
	if (indicator->valid_until.ns != 0) {
		qw_format_time(indicator->valid_until, until);
		qw_json_text(json, "valid_until", until);
	}
	qw_json_u64(json, "confidence", indicator->confidence);
	put_labels(json, indicator);
	qw_json_open(json, "object_marking_refs", '[');
	qw_json_text(json, NULL, markings[indicator->tlp].id);
	qw_json_close(json, ']');
}

static bool put(struct qw_format_writer *writer, const struct qw_format_entry *entry, struct qw_text *text)
{
	const struct qw_observable *observable = &entry->indicator->observable;
	char uuid[QW_UUID_MAX], id[64], name[QW_OBSERVABLE_TEXT_MAX + 16];
	struct qw_json json = qw_json(text);

	put_marking(writer, &json, entry->indicator->tlp);
	put_identity(writer, &json, entry->indicator);
	int len = snprintf(name, sizeof(name), "%s %s", qw_observable_type_name(observable->type), observable->text);
	qw_format_uuid("indicator", name, (size_t)len, uuid);
	snprintf(id, sizeof(id), "indicator--%s", uuid);
	open_object(writer, &json, "indicator", id);
	put_members(&json, entry);
	qw_json_close(&json, '}');
	return true;
}

static void begin(struct qw_format_writer *writer)
{
	static const char head[] = "{\"type\":\"bundle\",\"objects\":[";

	qw_format_write(writer, head, sizeof(head) - 1);
}

/* Its id is that of what it holds, and so comes last. */
static void end(struct qw_format_writer *writer)
{
	crypto_generichash_state sum = writer->sum;
	uint8_t digest[crypto_generichash_BYTES];
	char uuid[QW_UUID_MAX];

	crypto_generichash_final(&sum, digest, sizeof(digest));
	qw_format_uuid("bundle", digest, sizeof(digest), uuid);
	fprintf(writer->file, "\n],\"id\":\"bundle--%s\"}\n", uuid);
}

const struct qw_format qw_format_stix = {"stix", "application/stix+json;version=2.1", false, begin, put, end};
