/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/keyword.h"

#include <string.h>
#include <strings.h>

enum { NAME_MAX_LEN = 64 };

const struct qw_keyword *qw_keyword_find(struct qw_word name)
{
	char text[NAME_MAX_LEN];
	size_t low = 0, high;
	const struct qw_keyword *rows = qw_keywords(&high);
	if (name.len >= sizeof(text))
		return NULL;
	memcpy(text, name.at, name.len);
	text[name.len] = '\0';
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcasecmp(text, rows[middle].name);
		if (order == 0)
			return &rows[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static enum qw_err refuse_unknown(struct qw_parse *parse, struct qw_word name)
{
	enum { ROWS_MAX = 512 };
	const char *names[ROWS_MAX];
	char text[NAME_MAX_LEN];
	size_t count, len = name.len < sizeof(text) ? name.len : sizeof(text) - 1;
	const struct qw_keyword *rows = qw_keywords(&count);
	for (size_t i = 0; i < count && i < ROWS_MAX; i++)
		names[i] = rows[i].name;
	memcpy(text, name.at, len);
	text[len] = '\0';
	const char *near = qw_nearest(text, names, count < ROWS_MAX ? count : ROWS_MAX);
	if (near)
		return qw_refuse(parse, name.at, "keyword '%s' is not known; did you mean '%s'?", text, near);
	return qw_refuse(parse, name.at, "keyword '%s' is not known", text);
}

/* A value without its quotes, where the keyword does not mind them itself. */
static enum qw_err value_of(struct qw_parse *parse, const struct qw_keyword *row, const struct qw_option *option,
			    struct qw_word *value)
{
	struct qw_word rest;
	bool given = option->value.at && option->value.len;
	*value = option->value;
	if (!given)
		value->at = NULL, value->len = 0;
	if (row->value == QW_VALUE_NONE && given)
		return qw_refuse(parse, option->value.at, "%s takes no value", row->name);
	if (!given && (row->value == QW_VALUE_NEEDED || row->value == QW_VALUE_RAW))
		return qw_refuse(parse, option->name.at, "%s needs a value: '%s:…;'", row->name, row->name);
	if (!given || row->value == QW_VALUE_RAW || option->value.at[0] != '"')
		return QW_OK;
	if (!qw_unquote(option->value, value, &rest) || rest.at)
		return qw_refuse(parse, option->value.at, "%s takes one text between quotes", row->name);
	*value = qw_word_trim(*value);
	return QW_OK;
}

enum qw_err qw_keyword_parse(struct qw_parse *parse, const struct qw_option *option)
{
	struct qw_word value, outer = parse->keyword;
	const struct qw_keyword *row = qw_keyword_find(option->name);
	if (!row)
		return refuse_unknown(parse, option->name);
	if (!row->parse)
		return qw_refuse(parse, option->name.at, "keyword '%s' is not supported", row->name);
	parse->keyword = option->name;
	enum qw_err err = value_of(parse, row, option, &value);
	if (!err)
		err = row->parse(parse, row, value);
	parse->keyword = outer.at ? outer : parse->keyword;
	return err;
}
