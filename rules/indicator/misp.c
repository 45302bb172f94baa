/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MISP events: {"Event":…}, {"response":[…]} of them, or a search's bare
 * attributes.  An attribute that MISP itself would not give to a detection
 * system ("to_ids": false) is read too, at half the confidence.
 */
#include "quaywatch/text.h"
#include "rules/indicator/document.h"

enum attribute_kind {
	ATTRIBUTE_ONE,    /* the value */
	ATTRIBUTE_FIRST,  /* before '|' */
	ATTRIBUTE_SECOND, /* after '|' */
	ATTRIBUTE_BOTH,   /* a name, '|', an address */
	ATTRIBUTE_PORT,   /* an address, '|', a port */
};

static const struct {
	const char *name;
	enum attribute_kind kind;
	enum qw_observable_type type;
} ATTRIBUTES[] = {
	{"ip-src", ATTRIBUTE_ONE, QW_OBS_IP},
	{"ip-dst", ATTRIBUTE_ONE, QW_OBS_IP},
	{"ip-dst|port", ATTRIBUTE_PORT, QW_OBS_IP_PORT},
	{"ip-src|port", ATTRIBUTE_FIRST, QW_OBS_IP}, /* a client's port changes */
	{"domain", ATTRIBUTE_ONE, QW_OBS_DOMAIN},
	{"domain|ip", ATTRIBUTE_BOTH, QW_OBS_DOMAIN},
	{"hostname", ATTRIBUTE_ONE, QW_OBS_HOST},
	{"hostname|port", ATTRIBUTE_FIRST, QW_OBS_HOST},
	{"url", ATTRIBUTE_ONE, QW_OBS_URL},
	{"uri", ATTRIBUTE_ONE, QW_OBS_URL},
	{"md5", ATTRIBUTE_ONE, QW_OBS_MD5},
	{"sha1", ATTRIBUTE_ONE, QW_OBS_SHA1},
	{"sha256", ATTRIBUTE_ONE, QW_OBS_SHA256},
	{"filename|md5", ATTRIBUTE_SECOND, QW_OBS_MD5},
	{"filename|sha1", ATTRIBUTE_SECOND, QW_OBS_SHA1},
	{"filename|sha256", ATTRIBUTE_SECOND, QW_OBS_SHA256},
	{"ja3-fingerprint-md5", ATTRIBUTE_ONE, QW_OBS_JA3},
	{"ja4-fingerprint", ATTRIBUTE_ONE, QW_OBS_JA4},
	{"x509-fingerprint-sha1", ATTRIBUTE_ONE, QW_OBS_CERT_SHA1},
	{"user-agent", ATTRIBUTE_ONE, QW_OBS_USER_AGENT},
	{"mac-address", ATTRIBUTE_ONE, QW_OBS_MAC},
};

static enum qw_err hand_on(struct qw_reader *reader, enum qw_observable_type type, struct qw_slice value)
{
	return qw_reader_value(reader, type, (const char *)value.data, value.len, 0, 0);
}

/* "address|port" as "address:port". */
static enum qw_err hand_on_port(struct qw_reader *reader, struct qw_slice address, struct qw_slice port)
{
	char memory[128];
	struct qw_text text;
	bool six = memchr(address.data, ':', address.len) != NULL;

	qw_text_init(&text, memory, sizeof(memory));
	qw_text_put(&text, "[", six);
	qw_text_put(&text, address.data, address.len);
	qw_text_put(&text, "]", six);
	qw_text_char(&text, ':');
	qw_text_put(&text, port.data, port.len);
	return hand_on(reader, QW_OBS_IP_PORT, qw_slice(text.at, text.len));
}

static enum qw_err read_value(struct qw_reader *reader, enum attribute_kind kind, enum qw_observable_type type,
			      struct qw_slice value)
{
	const uint8_t *bar = value.len ? memrchr(value.data, '|', value.len) : NULL;
	struct qw_slice first = value, second = qw_slice("", 0);
	enum qw_err err;

	if (bar) {
		first = qw_slice(value.data, (size_t)(bar - value.data));
		second = qw_slice(bar + 1, value.len - first.len - 1);
	}
	switch (kind) {
	case ATTRIBUTE_FIRST: return hand_on(reader, type, first);
	case ATTRIBUTE_SECOND: return hand_on(reader, type, second);
	case ATTRIBUTE_PORT: return bar ? hand_on_port(reader, first, second) : hand_on(reader, type, value);
	case ATTRIBUTE_BOTH:
		err = hand_on(reader, type, first);
		return err == QW_OK && second.len ? hand_on(reader, QW_OBS_IP, second) : err;
	default: return hand_on(reader, type, value);
	}
}

static void take_time(struct qw_time *out, struct qw_slice text)
{
	struct qw_time time;
	if (text.len && qw_time_parse((const char *)text.data, text.len, &time))
		*out = time;
}

/* What MISP has no member for, as our own export writes it. */
static void take_own_tags(struct qw_reader *reader, const json_t *tags, bool described)
{
	struct qw_slice confidence = qw_document_own_tag(tags, "confidence"), source = qw_document_own_tag(tags, "source");
	unsigned value = 0;

	for (size_t i = 0; i < confidence.len && value <= 100; i++)
		value = confidence.data[i] >= '0' && confidence.data[i] <= '9' ? value * 10 + confidence.data[i] - '0' : 101;
	if (confidence.len && value <= 100)
		reader->indicator.confidence = (uint8_t)value;
	/* It has no words of its own then, and the event's say nothing of it. */
	if (confidence.len && !described)
		reader->indicator.description[0] = '\0';
	if (source.len)
		qw_reader_source(reader, (const char *)source.data, source.len);
	take_time(&reader->indicator.valid_from, qw_document_own_tag(tags, "valid-from"));
	take_time(&reader->indicator.valid_until, qw_document_own_tag(tags, "valid-until"));
}

/* The event's own fields are in the reader; an attribute's tags go over them. */
static enum qw_err read_attribute(struct qw_reader *reader, const json_t *attribute)
{
	struct qw_slice type = qw_document_text(attribute, "type"), value = qw_document_text(attribute, "value");
	struct qw_slice comment = qw_document_text(attribute, "comment");
	struct qw_indicator *indicator = &reader->indicator;

	if (comment.len)
		qw_reader_description(reader, (const char *)comment.data, comment.len);
	if (json_is_false(json_object_get(attribute, "to_ids")))
		indicator->confidence = reader->defaults->confidence / 2;
	qw_document_tlp(reader, json_object_get(attribute, "Tag"));
	take_own_tags(reader, json_object_get(attribute, "Tag"), comment.len > 0);
	for (size_t i = 0; i < sizeof(ATTRIBUTES) / sizeof(*ATTRIBUTES); i++)
		if (qw_slice_equals(type, ATTRIBUTES[i].name) && !json_is_true(json_object_get(attribute, "deleted")))
			return read_value(reader, ATTRIBUTES[i].kind, ATTRIBUTES[i].type, value);
	reader->counts->ignored++;
	return QW_OK;
}

static void set_event(struct qw_reader *reader, const json_t *event)
{
	struct qw_slice org = qw_document_text(json_object_get(event, "Orgc"), "name"),
			info = qw_document_text(event, "info");
	qw_reader_reset(reader);
	if (org.len)
		qw_reader_source(reader, (const char *)org.data, org.len);
	if (info.len)
		qw_reader_description(reader, (const char *)info.data, info.len);
	qw_document_tlp(reader, json_object_get(event, "Tag"));
}

static enum qw_err read_attributes(struct qw_reader *reader, const json_t *event, const json_t *attributes)
{
	size_t index;
	const json_t *attribute;
	json_array_foreach(attributes, index, attribute)
	{
		set_event(reader, event);
		enum qw_err err = read_attribute(reader, attribute);
		if (err != QW_OK)
			return err;
	}
	return QW_OK;
}

static enum qw_err read_event(struct qw_reader *reader, const json_t *event)
{
	size_t index;
	const json_t *object;
	enum qw_err err = read_attributes(reader, event, json_object_get(event, "Attribute"));
	json_array_foreach(json_object_get(event, "Object"), index, object)
	{
		if (err != QW_OK || json_is_true(json_object_get(object, "deleted")))
			continue;
		err = read_attributes(reader, event, json_object_get(object, "Attribute"));
	}
	return err;
}

/* "response", a list and "Event" may lie around an event, in this order. */
static enum qw_err read_wrapped(struct qw_reader *reader, const json_t *value, unsigned depth)
{
	enum { DEPTH_MAX = 4 };
	size_t index;
	const json_t *inner;
	enum qw_err err = QW_OK;

	if (depth == DEPTH_MAX)
		return QW_OK;
	if (json_is_array(value)) {
		json_array_foreach(value, index, inner)
		{
			if (err == QW_OK)
				err = read_wrapped(reader, inner, depth + 1);
		}
		return err;
	}
	inner = json_object_get(value, "response");
	if (!inner)
		inner = json_object_get(value, "Event");
	return inner ? read_wrapped(reader, inner, depth + 1) : read_event(reader, value);
}

enum qw_err qw_read_misp(struct qw_reader *reader)
{
	json_t *document;
	enum qw_err err = qw_document_parse(&document, reader);
	if (err != QW_OK)
		return err;
	err = read_wrapped(reader, document, 0);
	json_decref(document);
	return err;
}
