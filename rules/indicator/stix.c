/* SPDX-License-Identifier: Apache-2.0 */
/*
 * STIX 2.1 bundles (OASIS): indicator objects whose pattern is in STIX's own
 * language.  Observed data describes and does not accuse: it is passed over.
 */
#include "rules/indicator/document.h"
#include "rules/indicator/pattern.h"

struct bundle {
	struct qw_reader *reader;
	json_t *by_id; /* marking definitions and identities, borrowed */
	bool host;     /* names of this indicator are hosts (a label that our own export writes) */
};

/* The marking definitions that every bundle may name without carrying them: TLP 1 (STIX 2.1, 7.2.1.4) and TLP 2. */
static const struct {
	const char *id;
	enum qw_tlp tlp;
} MARKINGS[] = {
	{"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9", QW_TLP_CLEAR},
	{"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", QW_TLP_GREEN},
	{"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82", QW_TLP_AMBER},
	{"marking-definition--5e57c739-391a-4eb3-b6be-7d5ca92d5ed8", QW_TLP_RED},
	{"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487", QW_TLP_CLEAR},
	{"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", QW_TLP_GREEN},
	{"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", QW_TLP_AMBER},
	{"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003", QW_TLP_AMBER_STRICT},
	{"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", QW_TLP_RED},
};

static enum qw_tlp tlp_of_marking(const struct bundle *bundle, const json_t *ref)
{
	struct qw_slice id = qw_document_string(ref);
	for (size_t i = 0; i < sizeof(MARKINGS) / sizeof(*MARKINGS); i++)
		if (qw_slice_equals(id, MARKINGS[i].id))
			return MARKINGS[i].tlp;
	const json_t *marking = id.len ? json_object_get(bundle->by_id, json_string_value(ref)) : NULL;
	struct qw_slice label = qw_document_text(json_object_get(marking, "definition"), "tlp");
	if (label.len == 0)
		label = qw_document_text(marking, "name");
	return qw_tlp_parse((const char *)label.data, label.len);
}

/* Of several labels the strictest. */
static void set_tlp(struct bundle *bundle, const json_t *object)
{
	size_t index;
	const json_t *ref;
	enum qw_tlp strictest = QW_TLP_COUNT;
	json_array_foreach(json_object_get(object, "object_marking_refs"), index, ref)
	{
		enum qw_tlp tlp = tlp_of_marking(bundle, ref);
		if (tlp != QW_TLP_COUNT && (strictest == QW_TLP_COUNT || tlp > strictest))
			strictest = tlp;
	}
	if (strictest != QW_TLP_COUNT)
		bundle->reader->indicator.tlp = strictest;
}

static void set_time(struct qw_time *out, const json_t *object, const char *key)
{
	struct qw_slice text = qw_document_text(object, key);
	struct qw_time time;
	if (text.len && qw_time_parse((const char *)text.data, text.len, &time))
		*out = time;
}

static bool has_label(const json_t *object, const char *wanted)
{
	size_t index;
	const json_t *label;
	json_array_foreach(json_object_get(object, "labels"), index, label)
	{
		if (qw_slice_equals(qw_document_string(label), wanted))
			return true;
	}
	return false;
}

static void set_fields(struct bundle *bundle, const json_t *object)
{
	struct qw_indicator *indicator = &bundle->reader->indicator;
	const json_t *confidence = json_object_get(object, "confidence");
	struct qw_slice name = qw_document_text(object, "name");
	const json_t *creator = json_object_get(object, "created_by_ref");

	qw_reader_reset(bundle->reader);
	if (json_is_integer(confidence) && json_integer_value(confidence) >= 0 && json_integer_value(confidence) <= 100)
		indicator->confidence = (uint8_t)json_integer_value(confidence);
	set_time(&indicator->valid_from, object, "valid_from");
	set_time(&indicator->valid_until, object, "valid_until");
	if (name.len == 0)
		name = qw_document_text(object, "description");
	if (name.len)
		qw_reader_description(bundle->reader, (const char *)name.data, name.len);
	if (json_is_string(creator)) {
		name = qw_document_text(json_object_get(bundle->by_id, json_string_value(creator)), "name");
		if (name.len)
			qw_reader_source(bundle->reader, (const char *)name.data, name.len);
	}
	set_tlp(bundle, object);
	bundle->host = has_label(object, "quaywatch:type=host");
	if (has_label(object, "quaywatch:valid_from=none"))
		indicator->valid_from = qw_time_ns(0);
}

static enum qw_err take_value(void *ctx, const struct qw_pattern_value *value)
{
	struct bundle *bundle = ctx;
	if (value->type == QW_OBS_COUNT) {
		bundle->reader->counts->ignored++;
		return QW_OK;
	}
	enum qw_observable_type type = bundle->host && value->type == QW_OBS_DOMAIN ? QW_OBS_HOST : value->type;
	return qw_reader_value(bundle->reader, type, value->text, value->len, 0, 0);
}

static enum qw_err read_indicator(struct bundle *bundle, const json_t *object)
{
	struct qw_slice pattern = qw_document_text(object, "pattern"),
			language = qw_document_text(object, "pattern_type");
	struct qw_slice id = qw_document_text(object, "id");
	const char *why = NULL;

	if (json_is_true(json_object_get(object, "revoked")) || (language.len && !qw_slice_equals(language, "stix"))) {
		bundle->reader->counts->ignored++;
		return QW_OK;
	}
	set_fields(bundle, object);
	enum qw_err err = qw_pattern_read(pattern, take_value, bundle, &why);
	if (err != QW_EFORMAT || !why)
		return err;
	qw_reader_reject(bundle->reader, (const char *)id.data, id.len, 0, 0, why);
	return QW_OK;
}

static bool is_type(const json_t *object, const char *type)
{
	return qw_slice_equals(qw_document_text(object, "type"), type);
}

static enum qw_err index_objects(struct bundle *bundle, const json_t *objects)
{
	size_t index;
	json_t *object;
	json_array_foreach(objects, index, object)
	{
		const json_t *id = json_object_get(object, "id");
		if (!json_is_string(id) || !(is_type(object, "identity") || is_type(object, "marking-definition")))
			continue;
		if (json_object_set(bundle->by_id, json_string_value(id), object) != 0)
			return QW_ENOMEM;
	}
	return QW_OK;
}

static enum qw_err read_objects(struct bundle *bundle, const json_t *objects)
{
	size_t index;
	const json_t *object;
	enum qw_err err = index_objects(bundle, objects);
	json_array_foreach(objects, index, object)
	{
		if (err != QW_OK)
			break;
		if (is_type(object, "indicator"))
			err = read_indicator(bundle, object);
	}
	return err;
}

enum qw_err qw_read_stix(struct qw_reader *reader)
{
	json_t *document;
	struct bundle bundle = {.reader = reader};
	enum qw_err err = qw_document_parse(&document, reader);
	if (err != QW_OK)
		return err;
	const json_t *objects = json_is_array(document) ? document : json_object_get(document, "objects");
	bundle.by_id = json_object();
	err = bundle.by_id ? QW_OK : QW_ENOMEM;
	if (err == QW_OK && !json_is_array(objects)) {
		/* A bundle may be empty (3.1); a lone object is one of a kind. */
		if (is_type(document, "indicator"))
			err = read_indicator(&bundle, document);
	} else if (err == QW_OK) {
		err = read_objects(&bundle, objects);
	}
	json_decref(bundle.by_id);
	json_decref(document);
	return err;
}
