/* SPDX-License-Identifier: Apache-2.0 */
/* dataset_json - sets whose members stand in JSON, with what alerts shall say of them. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "rules/signature/dataset.h"

enum { KEY_LEN_MAX = 127 };

/* The value at "a.b.c"; *parent is the object that holds it, and last its own key. */
static json_t *find(json_t *root, struct qw_word path, json_t **parent, char last[KEY_LEN_MAX + 1])
{
	struct qw_word part;
	json_t *at = root;
	*parent = NULL;
	while (at && qw_word_cut(&path, '.', &part)) {
		if (part.len == 0 || part.len > KEY_LEN_MAX)
			return NULL;
		memcpy(last, part.at, part.len);
		last[part.len] = '\0';
		*parent = at;
		at = json_object_get(at, last);
	}
	return at;
}

/* Members are texts; an entry without the key, or with something else under it, is none. */
static enum qw_err take_entry(struct qw_dataset_reader *reader, json_t *entry)
{
	char last[KEY_LEN_MAX + 1];
	json_t *parent;
	uint32_t at;
	json_t *found = find(entry, reader->request->value_key, &parent, last);
	if (!json_is_string(found) || json_string_length(found) == 0)
		return QW_OK;
	size_t len = json_string_length(found);
	char *value = malloc(len);
	if (!value)
		return QW_ENOMEM;
	memcpy(value, json_string_value(found), len);
	if (reader->request->remove_key)
		(void)json_object_del(parent, last);
	char *json = json_dumps(entry, JSON_COMPACT);
	enum qw_err err = json ? qw_dataset_context(reader, json, &at) : QW_ENOMEM;
	if (!err)
		err = qw_dataset_add(reader, value, len, false, at);
	free(json);
	free(value);
	return err;
}

static enum qw_err refuse_json(struct qw_dataset_reader *reader, const json_error_t *error)
{
	reader->line += error->line > 0 ? (uint32_t)error->line - (reader->line > 0) : 0;
	return qw_dataset_refuse(reader, "this is not JSON: %s", error->text);
}

enum qw_err qw_dataset_json(struct qw_dataset_reader *reader, const char *text, size_t len)
{
	char last[KEY_LEN_MAX + 1];
	json_error_t error;
	json_t *parent, *root;
	if (len > QW_DATASET_JSON_MAX)
		return qw_dataset_refuse(reader, "it is larger than %d MB; with 'format ndjson', an object a line, it may be",
					 QW_DATASET_JSON_MAX >> 20);
	root = json_loadb(text, len, 0, &error);
	if (!root)
		return refuse_json(reader, &error);
	struct qw_word path = reader->request->array_key;
	json_t *array = path.at ? find(root, path, &parent, last) : root;
	enum qw_err err = QW_OK;
	if (!json_is_array(array))
		err = path.at ? qw_dataset_refuse(reader, "there is no array under '%.*s'", (int)path.len, path.at)
			      : qw_dataset_refuse(reader, "this is not an array: array_key says where one is");
	for (size_t i = 0; i < json_array_size(array) && !err; i++)
		err = take_entry(reader, json_array_get(array, i));
	json_decref(root);
	return err;
}

enum qw_err qw_dataset_json_line(struct qw_dataset_reader *reader, const char *text, size_t len)
{
	json_error_t error;
	json_t *entry = json_loadb(text, len, 0, &error);
	if (!entry)
		return refuse_json(reader, &error);
	enum qw_err err = json_is_object(entry) ? take_entry(reader, entry)
						: qw_dataset_refuse(reader, "this line is not a JSON object");
	json_decref(entry);
	return err;
}

enum qw_err qw_dataset_object(const char *text, size_t len, char **out)
{
	json_error_t error;
	json_t *object = json_loadb(text, len, 0, &error);
	if (!json_is_object(object)) {
		json_decref(object);
		return QW_EFORMAT;
	}
	*out = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	return *out ? QW_OK : QW_ENOMEM;
}
