/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/indicator/document.h"

#include <strings.h>

enum qw_err qw_document_parse(json_t **out, struct qw_reader *reader)
{
	json_error_t error;
	struct qw_slice text = qw_skip_mark(qw_slice(reader->data, reader->len));

	*out = json_loadb((const char *)text.data, text.len, 0, &error);
	if (*out)
		return QW_OK;
	qw_complain(reader->diags, QW_DIAG_ERROR, reader->path, error.line > 0 ? (uint32_t)error.line : 0,
			error.column > 0 ? (uint32_t)error.column : 0, "not JSON: %s; nothing was read from this file",
			error.text);
	return QW_EFORMAT;
}

struct qw_slice qw_document_string(const json_t *value)
{
	return json_is_string(value) ? qw_slice(json_string_value(value), json_string_length(value)) : qw_slice("", 0);
}

struct qw_slice qw_document_text(const json_t *object, const char *key)
{
	return qw_document_string(json_object_get(object, key));
}

void qw_document_tlp(struct qw_reader *reader, const json_t *tags)
{
	size_t index;
	const json_t *tag;
	json_array_foreach(tags, index, tag)
	{
		struct qw_slice name = qw_document_text(tag, "name");
		if (name.len < 4 || strncasecmp((const char *)name.data, "tlp:", 4) != 0)
			continue;
		enum qw_tlp tlp = qw_tlp_parse((const char *)name.data, name.len);
		if (tlp != QW_TLP_COUNT)
			reader->indicator.tlp = tlp;
	}
}

struct qw_slice qw_document_own_tag(const json_t *tags, const char *name)
{
	static const char space[] = "quaywatch:";
	size_t index, len = strlen(name), before = sizeof(space) - 1 + len + 2;
	const json_t *tag;
	json_array_foreach(tags, index, tag)
	{
		struct qw_slice text = qw_document_text(tag, "name");
		if (text.len <= before || memcmp(text.data, space, sizeof(space) - 1) != 0 ||
		    memcmp(text.data + sizeof(space) - 1, name, len) != 0 ||
		    memcmp(text.data + before - 2, "=\"", 2) != 0 || text.data[text.len - 1] != '"')
			continue;
		return qw_slice(text.data + before, text.len - before - 1);
	}
	return qw_slice("", 0);
}
