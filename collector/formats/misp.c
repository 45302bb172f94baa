/* SPDX-License-Identifier: Apache-2.0 */
/*
 * misp - one MISP event with an attribute for each indicator (MISP core format).
 *
 * What MISP has no member for is a tag, as a machine tag of ours:
 * quaywatch:confidence="75".  Our own reader takes these back.
 */
#include <string.h>

#include "collector/formats/format.h"
#include "quaywatch/json.h"

static const struct {
	const char *type, *category;
} attributes[QW_OBS_COUNT] = {
    [QW_OBS_IP] = {"ip-dst", "Network activity"},
    [QW_OBS_IP_PORT] = {"ip-dst|port", "Network activity"},
    [QW_OBS_CIDR] = {"ip-dst", "Network activity"},
    [QW_OBS_DOMAIN] = {"domain", "Network activity"},
    [QW_OBS_HOST] = {"hostname", "Network activity"},
    [QW_OBS_URL] = {"url", "Network activity"},
    [QW_OBS_MD5] = {"md5", "Payload delivery"},
    [QW_OBS_SHA1] = {"sha1", "Payload delivery"},
    [QW_OBS_SHA256] = {"sha256", "Payload delivery"},
    [QW_OBS_JA3] = {"ja3-fingerprint-md5", "Network activity"},
    [QW_OBS_JA4] = {"ja4-fingerprint", "Network activity"},
    [QW_OBS_CERT_SHA1] = {"x509-fingerprint-sha1", "Network activity"},
    [QW_OBS_USER_AGENT] = {"user-agent", "Network activity"},
    [QW_OBS_MAC] = {"mac-address", "Network activity"},
};

static void put_tag(struct qw_json *json, const char *name)
{
	qw_json_open(json, NULL, '{');
	qw_json_text(json, "name", name);
	qw_json_close(json, '}');
}

static void put_machine_tag(struct qw_json *json, const char *predicate, const char *value)
{
	char name[160];

	snprintf(name, sizeof(name), "quaywatch:%s=\"%.100s\"", predicate, value);
	put_tag(json, name);
}

static void put_tags(struct qw_json *json, const struct qw_indicator *indicator)
{
	char text[QW_FORMAT_TIME_MAX];

	qw_json_open(json, "Tag", '[');
	snprintf(text, sizeof(text), "tlp:%s", qw_tlp_name(indicator->tlp));
	for (char *at = text; *at; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at + 'a' - 'A');
	put_tag(json, text);
	snprintf(text, sizeof(text), "%u", indicator->confidence);
	put_machine_tag(json, "confidence", text);
	put_machine_tag(json, "source", indicator->source);
	if (indicator->valid_from.ns != 0) {
		qw_format_time(indicator->valid_from, text);
		put_machine_tag(json, "valid-from", text);
	}
	if (indicator->valid_until.ns != 0) {
		qw_format_time(indicator->valid_until, text);
		put_machine_tag(json, "valid-until", text);
	}
	qw_json_close(json, ']');
}

/* "address|port"; a URL with its scheme. */
static void put_value(struct qw_json *json, const struct qw_observable *observable)
{
	char value[QW_OBSERVABLE_TEXT_MAX + 16];
	const char *colon = memrchr(observable->text, ':', observable->len);
	bool rooted = observable->text[0] == '/';

	if (observable->type == QW_OBS_IP_PORT && colon) {
		bool six = observable->text[0] == '[';
		int len = (int)(colon - observable->text) - 2 * six;
		snprintf(value, sizeof(value), "%.*s|%s", len, observable->text + six, colon + 1);
	} else {
		snprintf(value, sizeof(value), "%s%s", observable->type == QW_OBS_URL && !rooted ? "http://" : "", observable->text);
	}
	qw_json_text(json, "type", observable->type == QW_OBS_URL && rooted ? "uri" : attributes[observable->type].type);
	qw_json_text(json, "value", value);
}

static bool put(struct qw_format_writer *writer, const struct qw_format_entry *entry, struct qw_text *text)
{
	const struct qw_indicator *indicator = entry->indicator;
	const struct qw_observable *observable = &indicator->observable;
	char uuid[QW_UUID_MAX], name[QW_OBSERVABLE_TEXT_MAX + 16], stamp[24];
	struct qw_json json = qw_json(text);
	int len = snprintf(name, sizeof(name), "%s %s", qw_observable_type_name(observable->type), observable->text);

	if (writer->written > 0)
		qw_text_char(text, ',');
	qw_text_char(text, '\n');
	qw_format_uuid("attribute", name, (size_t)len, uuid);
	snprintf(stamp, sizeof(stamp), "%lld", (long long)(entry->at.ns / QW_NS_PER_S));
	qw_json_open(&json, NULL, '{');
	qw_json_text(&json, "uuid", uuid);
	qw_json_text(&json, "category", attributes[observable->type].category);
	put_value(&json, observable);
	qw_json_bool(&json, "to_ids", true);
	qw_json_text(&json, "timestamp", stamp);
	qw_json_text(&json, "comment", indicator->description);
	put_tags(&json, indicator);
	qw_json_close(&json, '}');
	return true;
}

static void begin(struct qw_format_writer *writer)
{
	static const char head[] =
	    "{\"Event\":{\"info\":\"quaywatch: indicators in force\",\"analysis\":\"2\",\"threat_level_id\":\"4\",\"distribution\":\"0\","
	    "\"published\":true,\"Attribute\":[";

	qw_format_write(writer, head, sizeof(head) - 1);
}

static void end(struct qw_format_writer *writer)
{
	char event[QW_UUID_MAX], org[QW_UUID_MAX], day[QW_FORMAT_TIME_MAX];

	qw_format_uuid("event", "indicators", 10, event);
	qw_format_uuid("identity", "quaywatch", 9, org);
	qw_format_time(writer->newest, day);
	fprintf(writer->file,
		"\n],\"uuid\":\"%s\",\"date\":\"%.10s\",\"timestamp\":\"%lld\",\"Orgc\":{\"name\":\"quaywatch\",\"uuid\":\"%s\"}}}\n", event,
		day, (long long)(writer->newest.ns / QW_NS_PER_S), org);
}

const struct qw_format qw_format_misp = {"misp", "application/json", false, begin, put, end};
