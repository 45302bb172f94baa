/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MISP warning lists: values that are known to be good, read as allow entries.
 *
 *	"cidr"                   addresses and blocks
 *	"hostname", "substring"  the name and all below it
 *	"string"                 exactly this: a host, a digest; ".google.ad" is all below
 *	"regex"                  no exact value: passed over
 */
#include "rules/indicator/document.h"

struct list {
	struct qw_reader *reader;
	bool names; /* of what the list says that it matches */
	bool certificates;
	bool files;
	bool addresses;
	bool whole; /* a name covers only itself */
};

static bool says(const json_t *matching, const char *prefix)
{
	size_t index;
	const json_t *value;
	json_array_foreach(matching, index, value)
	{
		struct qw_slice text = qw_document_string(value);
		if (text.len >= strlen(prefix) && memcmp(text.data, prefix, strlen(prefix)) == 0)
			return true;
	}
	return false;
}

static enum qw_err hand_on(struct list *list, enum qw_observable_type type, struct qw_slice value)
{
	return qw_reader_value(list->reader, type, (const char *)value.data, value.len, 0, 0);
}

static bool is_digest(struct qw_slice value)
{
	for (size_t i = 0; i < value.len; i++)
		if (!strchr("0123456789abcdefABCDEF", value.data[i]) || !value.data[i])
			return false;
	return value.len >= 32;
}

/* The same list may hold what a file's digest and a certificate's fingerprint are: both are then allowed. */
static enum qw_err read_digest(struct list *list, struct qw_slice value)
{
	enum qw_err err = QW_OK;
	if (list->files)
		err = hand_on(list, QW_OBS_COUNT, value);
	if (err == QW_OK && list->certificates && value.len == 40)
		return hand_on(list, QW_OBS_CERT_SHA1, value);
	if (!list->files)
		list->reader->counts->ignored++;
	return err;
}

static enum qw_err read_value(struct list *list, struct qw_slice value)
{
	struct qw_observable scratch;
	value = qw_slice_trim(value);
	if (is_digest(value))
		return read_digest(list, value);
	if (list->addresses &&
		qw_observable_parse(&scratch, QW_OBS_CIDR, (const char *)value.data, value.len, NULL) == QW_OK)
		return hand_on(list, QW_OBS_CIDR, value);
	if (list->names)
		return hand_on(list, list->whole ? QW_OBS_HOST : QW_OBS_DOMAIN, value);
	if (list->addresses)
		return hand_on(list, QW_OBS_CIDR, value);
	list->reader->counts->ignored++;
	return QW_OK;
}

static enum qw_err read_list(struct qw_reader *reader, const json_t *document)
{
	const json_t *matching = json_object_get(document, "matching_attributes"), *value;
	struct qw_slice type = qw_document_text(document, "type"), name = qw_document_text(document, "name");
	bool all = json_array_size(matching) == 0;
	struct list list = {
		.reader = reader,
		.names = all || says(matching, "domain") || says(matching, "hostname") || says(matching, "url"),
		.certificates = says(matching, "x509-fingerprint-sha1"),
		.files = all || says(matching, "md5") || says(matching, "sha1") || says(matching, "sha256"),
		.addresses = all || says(matching, "ip-"),
		.whole = qw_slice_equals(type, "string"),
	};
	size_t index;
	enum qw_err err = QW_OK;

	qw_reader_reset(reader);
	reader->indicator.allow = true;
	if (name.len)
		qw_reader_source(reader, (const char *)name.data, name.len);
	json_array_foreach(json_object_get(document, "list"), index, value)
	{
		if (qw_slice_equals(type, "regex"))
			reader->counts->ignored++;
		else if (err == QW_OK)
			err = read_value(&list, qw_document_string(value));
	}
	return err;
}

enum qw_err qw_read_warninglist(struct qw_reader *reader)
{
	json_t *document;
	enum qw_err err = qw_document_parse(&document, reader);
	if (err != QW_OK)
		return err;
	err = read_list(reader, document);
	json_decref(document);
	return err;
}
