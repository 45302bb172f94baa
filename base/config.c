/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/config_value.h"

enum { INITIAL_ITEMS_MAX = 64 };

bool qw_config_allows_int(const struct qw_setting *setting, int64_t number)
{
	return number >= setting->min && (setting->max == 0 || number <= setting->max);
}

bool qw_config_allows_text(const struct qw_setting *setting, const char *text)
{
	if (!setting->choices)
		return true;
	for (const char *const *choice = setting->choices; *choice; choice++) {
		if (strcmp(*choice, text) == 0)
			return true;
	}
	return false;
}

enum qw_err qw_config_keep_text(struct qw_config_value *value, const char *text)
{
	char *copy = strdup(text);
	if (!copy)
		return QW_ENOMEM;
	free(value->text);
	value->text = copy;
	return QW_OK;
}

static void free_items(char **items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(items[i]);
	free(items);
}

enum qw_err qw_config_keep_list(struct qw_config_value *value, const char *const *items, size_t count)
{
	char **copies = calloc(count + 1, sizeof(*copies));
	if (!copies)
		return QW_ENOMEM;
	for (size_t i = 0; i < count; i++) {
		copies[i] = strdup(items[i]);
		if (!copies[i]) {
			free_items(copies, i);
			return QW_ENOMEM;
		}
	}
	free_items(value->items, value->items_count);
	value->items = copies;
	value->items_count = count;
	return QW_OK;
}

static struct qw_config_pair *find_pair(struct qw_config_value *value, const char *key)
{
	for (size_t i = 0; i < value->pairs_count; i++) {
		if (strcmp(value->pairs[i].key, key) == 0)
			return &value->pairs[i];
	}
	return NULL;
}

static enum qw_err add_pair(struct qw_config_value *value, struct qw_config_pair pair)
{
	struct qw_config_pair *pairs = realloc(value->pairs, (value->pairs_count + 1) * sizeof(*pairs));
	if (!pairs)
		return QW_ENOMEM;
	value->pairs = pairs;
	pairs[value->pairs_count++] = pair;
	return QW_OK;
}

enum qw_err qw_config_keep_pair(struct qw_config_value *value, const char *key, const char *text)
{
	struct qw_config_pair *old = find_pair(value, key);
	struct qw_config_pair pair = {old ? NULL : strdup(key), strdup(text)};
	if (!pair.value || (!old && !pair.key))
		goto free_pair;
	if (old) {
		free(old->value);
		old->value = pair.value;
		return QW_OK;
	}
	if (add_pair(value, pair) == QW_OK)
		return QW_OK;
free_pair:
	free(pair.key);
	free(pair.value);
	return QW_ENOMEM;
}

static enum qw_err initial_bool(struct qw_config_value *value, const char *initial)
{
	value->flag = strcmp(initial, "true") == 0;
	return value->flag || strcmp(initial, "false") == 0 || initial[0] == 0 ? QW_OK : QW_EINVAL;
}

static enum qw_err initial_int(struct qw_config_value *value, const struct qw_setting *setting, const char *initial)
{
	char *end;
	errno = 0;
	value->number = strtoll(initial, &end, 10);
	return errno == 0 && *end == 0 && qw_config_allows_int(setting, value->number) ? QW_OK : QW_EINVAL;
}

/* "[a, b]" or "a, b"; cuts `text` into pieces. */
static enum qw_err initial_list(struct qw_config_value *value, char *text)
{
	const char *items[INITIAL_ITEMS_MAX];
	size_t count = 0;
	char *rest;
	for (char *item = strtok_r(text, "[], ", &rest); item; item = strtok_r(NULL, "[], ", &rest)) {
		if (count == INITIAL_ITEMS_MAX)
			return QW_EINVAL;
		items[count++] = item;
	}
	return qw_config_keep_list(value, items, count);
}

static enum qw_err set_initial(struct qw_config_value *value, const struct qw_setting *setting)
{
	const char *initial = setting->initial ? setting->initial : "";
	char *copy;
	enum qw_err err;

	switch (setting->type) {
	case QW_SETTING_BOOL: return initial_bool(value, initial);
	case QW_SETTING_INT: return initial_int(value, setting, initial);
	case QW_SETTING_TEXT:
		if (initial[0] && !qw_config_allows_text(setting, initial))
			return QW_EINVAL;
		return qw_config_keep_text(value, initial);
	case QW_SETTING_LIST:
		copy = strdup(initial);
		err = copy ? initial_list(value, copy) : QW_ENOMEM;
		free(copy);
		return err;
	case QW_SETTING_ANY: return initial[0] || !strstr(setting->key, ".*") ? QW_EINVAL : QW_OK;
	}
	return QW_EINVAL;
}

enum qw_err qw_config_new(struct qw_config **out, const struct qw_setting *table, size_t count)
{
	struct qw_config *config = calloc(1, sizeof(*config) + count * sizeof(config->values[0]));
	if (!config)
		return QW_ENOMEM;
	config->table = table;
	config->count = count;
	for (size_t row = 0; row < count; row++) {
		enum qw_err err = table[row].key ? set_initial(&config->values[row], &table[row]) : QW_EINVAL;
		if (err) {
			qw_config_free(config);
			return err;
		}
	}
	*out = config;
	return QW_OK;
}

static void free_value(struct qw_config_value *value)
{
	for (size_t i = 0; i < value->pairs_count; i++) {
		free(value->pairs[i].key);
		free(value->pairs[i].value);
	}
	free(value->pairs);
	free_items(value->items, value->items_count);
	free(value->text);
}

void qw_config_free(struct qw_config *config)
{
	if (!config)
		return;
	for (size_t row = 0; row < config->count; row++)
		free_value(&config->values[row]);
	free(config);
}

static const struct qw_config_value *value_of(const struct qw_config *config, size_t row, enum qw_setting_type type)
{
	assert(row < config->count && config->table[row].type == type);
	return &config->values[row];
}

bool qw_config_bool(const struct qw_config *config, size_t row)
{
	return value_of(config, row, QW_SETTING_BOOL)->flag;
}

int64_t qw_config_int(const struct qw_config *config, size_t row)
{
	return value_of(config, row, QW_SETTING_INT)->number;
}

const char *qw_config_text(const struct qw_config *config, size_t row)
{
	return value_of(config, row, QW_SETTING_TEXT)->text;
}

size_t qw_config_list(const struct qw_config *config, size_t row, const char *const **items)
{
	const struct qw_config_value *value = value_of(config, row, QW_SETTING_LIST);
	*items = (const char *const *)value->items;
	return value->items_count;
}

void qw_config_forget(struct qw_config *config, size_t row)
{
	assert(row < config->count);
	char *text = config->values[row].text;

	if (text)
		explicit_bzero(text, strlen(text));
}

void qw_config_each(const struct qw_config *config, size_t row,
		    void (*visit)(void *ctx, const char *key, const char *value), void *ctx)
{
	const struct qw_config_value *value = value_of(config, row, QW_SETTING_ANY);
	for (size_t i = 0; i < value->pairs_count; i++)
		visit(ctx, value->pairs[i].key, value->pairs[i].value);
}
