/* SPDX-License-Identifier: Apache-2.0 */
#include "base/config_item.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "quaywatch/text.h"

enum {
	ITEMS_MAX = 4096,
	ANY_MAX = 64 * 1024, /* bytes of an ANY row's list as text */
};

static void note(struct qw_config_reading *reading, enum qw_err err)
{
	if (err)
		reading->err = err;
}

static bool is_list(const config_setting_t *setting)
{
	int type = config_setting_type(setting);
	return type == CONFIG_TYPE_ARRAY || type == CONFIG_TYPE_LIST;
}

static bool is_int(const config_setting_t *setting)
{
	int type = config_setting_type(setting);
	return type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64;
}

static void take_bool(struct qw_config_reading *reading, const struct qw_config_item *item,
		      const struct qw_setting *row, struct qw_config_value *value)
{
	if (config_setting_type(item->setting) != CONFIG_TYPE_BOOL)
		QW_CONFIG_COMPLAIN(reading, item, "%s wants true or false (%s)", item->key, row->help);
	else
		value->flag = config_setting_get_bool(item->setting);
}

static void take_int(struct qw_config_reading *reading, const struct qw_config_item *item,
		      const struct qw_setting *row, struct qw_config_value *value)
{
	if (!is_int(item->setting)) {
		QW_CONFIG_COMPLAIN(reading, item, "%s wants a whole number (%s)", item->key, row->help);
		return;
	}
	int64_t number = config_setting_get_int64(item->setting);
	if (qw_config_allows_int(row, number))
		value->number = number;
	else if (number < row->min)
		QW_CONFIG_COMPLAIN(reading, item, "%s: %" PRId64 " is too small; the least is %" PRId64 " (%s)", item->key, number,
			 row->min, row->help);
	else
		QW_CONFIG_COMPLAIN(reading, item, "%s: %" PRId64 " is too large; the most is %" PRId64 " (%s)", item->key, number,
			 row->max, row->help);
}

/* The choices as one text, for a complaint. */
static const char *choices_text(const struct qw_setting *row, struct qw_text *out)
{
	for (const char *const *choice = row->choices; *choice; choice++)
		qw_text_format(out, "%s\"%s\"", choice == row->choices ? "" : ", ", *choice);
	return qw_text_string(out);
}

static void take_text(struct qw_config_reading *reading, const struct qw_config_item *item,
		      const struct qw_setting *row, struct qw_config_value *value)
{
	char memory[512];
	struct qw_text choices;
	const char *text = config_setting_get_string(item->setting);
	if (!text) {
		QW_CONFIG_COMPLAIN(reading, item, "%s wants a text in quotes (%s)", item->key, row->help);
		return;
	}
	if (qw_config_allows_text(row, text)) {
		note(reading, qw_config_keep_text(value, text));
		return;
	}
	qw_text_init(&choices, memory, sizeof(memory));
	QW_CONFIG_COMPLAIN(reading, item, "%s: \"%s\" is none of %s", item->key, text, choices_text(row, &choices));
}

/* The texts of a list, or of one text; false after a complaint. */
static bool collect(struct qw_config_reading *reading, const struct qw_config_item *item, const struct qw_setting *row,
		    const char **items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const config_setting_t *one = item->setting;
		if (is_list(item->setting))
			one = config_setting_get_elem(item->setting, (unsigned)i);
		items[i] = config_setting_get_string(one);
		if (!items[i]) {
			QW_CONFIG_COMPLAIN(reading, item, "%s wants a text in quotes, or a list of them (%s)", item->key, row->help);
			return false;
		}
		if (!qw_config_allows_text(row, items[i])) {
			QW_CONFIG_COMPLAIN(reading, item, "%s: \"%s\" is not one of its choices (%s)", item->key, items[i],
				 row->help);
			return false;
		}
	}
	return true;
}

static void take_list(struct qw_config_reading *reading, const struct qw_config_item *item,
		      const struct qw_setting *row, struct qw_config_value *value)
{
	size_t count = is_list(item->setting) ? (size_t)config_setting_length(item->setting) : 1;
	if (count > ITEMS_MAX) {
		QW_CONFIG_COMPLAIN(reading, item, "%s: %zu items are too many; the most is %d", item->key, count, ITEMS_MAX);
		return;
	}
	const char **items = calloc(count + 1, sizeof(*items));
	if (!items)
		note(reading, QW_ENOMEM);
	else if (collect(reading, item, row, items, count))
		note(reading, qw_config_keep_list(value, items, count));
	free(items);
}

/* A scalar as text; false: it is none. */
static bool put_scalar(struct qw_text *out, const config_setting_t *setting)
{
	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_STRING: qw_text_format(out, "%s", config_setting_get_string(setting)); return true;
	case CONFIG_TYPE_BOOL: qw_text_format(out, config_setting_get_bool(setting) ? "true" : "false"); return true;
	case CONFIG_TYPE_FLOAT: qw_text_format(out, "%.17g", config_setting_get_float(setting)); return true;
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64: qw_text_i64(out, config_setting_get_int64(setting)); return true;
	default: return false;
	}
}

static bool put_any(struct qw_text *out, const config_setting_t *setting)
{
	if (!is_list(setting))
		return put_scalar(out, setting);
	qw_text_char(out, '[');
	for (int i = 0; i < config_setting_length(setting); i++) {
		if (i > 0)
			qw_text_char(out, ',');
		if (!put_scalar(out, config_setting_get_elem(setting, (unsigned)i)))
			return false;
	}
	qw_text_char(out, ']');
	return true;
}

static void take_any(struct qw_config_reading *reading, const struct qw_config_item *item,
		      const struct qw_setting *row, struct qw_config_value *value)
{
	struct qw_text text;
	const char *key = item->key + strlen(row->key) - 1; /* behind "vars." of "vars.*" */
	char *memory = malloc(ANY_MAX);
	if (!memory) {
		note(reading, QW_ENOMEM);
		return;
	}
	qw_text_init(&text, memory, ANY_MAX);
	if (!put_any(&text, item->setting))
		QW_CONFIG_COMPLAIN(reading, item, "%s wants a text, a number or a list of them (%s)", item->key, row->help);
	else if (text.cut || text.len == text.size)
		QW_CONFIG_COMPLAIN(reading, item, "%s is too long; the most is %d bytes", item->key, ANY_MAX - 1);
	else
		note(reading, qw_config_keep_pair(value, key, qw_text_string(&text)));
	free(memory);
}

void qw_config_take(struct qw_config_reading *reading, const struct qw_config_item *item, size_t number)
{
	static void (*const takers[])(struct qw_config_reading *, const struct qw_config_item *, const struct qw_setting *,
				      struct qw_config_value *) = {
		[QW_SETTING_BOOL] = take_bool, [QW_SETTING_INT] = take_int, [QW_SETTING_TEXT] = take_text,
		[QW_SETTING_LIST] = take_list, [QW_SETTING_ANY] = take_any,
	};
	const struct qw_setting *row = &reading->config->table[number];
	takers[row->type](reading, item, row, &reading->config->values[number]);
}
