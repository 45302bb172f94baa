/* SPDX-License-Identifier: Apache-2.0 */
/* config_file - from libconfig's tree into a table's values, with a complaint for whatever does not fit. */
#include "quaywatch/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/config_item.h"
#include "base/config_prepare.h"
#include "quaywatch/file.h"
#include "quaywatch/text.h"

enum {
	FILE_MAX_BYTES = 1 << 20,
	KEY_MAX = 256,
};

static void note(struct qw_config_reading *reading, enum qw_err err)
{
	if (err)
		reading->err = err;
}

/* The row of a key: its own, else the ANY row of its group; the table's count: none. */
static size_t find_row(const struct qw_config *config, const char *key)
{
	size_t any = config->count;
	for (size_t row = 0; row < config->count; row++) {
		const char *own = config->table[row].key;
		if (config->table[row].type != QW_SETTING_ANY) {
			if (strcmp(own, key) == 0)
				return row;
			continue;
		}
		size_t prefix = strlen(own) - 1;
		if (strncmp(own, key, prefix) == 0 && key[prefix] && !strchr(key + prefix, '.'))
			any = row;
	}
	return any;
}

/* Whether some row's key lies below this one. */
static bool is_group(const struct qw_config *config, const char *key)
{
	size_t len = strlen(key);
	for (size_t row = 0; row < config->count; row++) {
		if (strncmp(config->table[row].key, key, len) == 0 && config->table[row].key[len] == '.')
			return true;
	}
	return false;
}

/* A known key whose last part is the word: the group was forgotten or is another. */
static const char *same_last_part(const struct qw_config *config, const char *key)
{
	const char *dot = strrchr(key, '.');
	const char *word = dot ? dot + 1 : key;
	for (size_t row = 0; row < config->count; row++) {
		const char *last = strrchr(config->table[row].key, '.');
		if (last && strcmp(last + 1, word) == 0)
			return config->table[row].key;
	}
	return NULL;
}

static void complain_unknown(struct qw_config_reading *reading, const struct qw_config_item *item)
{
	const struct qw_config *config = reading->config;
	const char **names = calloc(config->count + 1, sizeof(*names));
	const char *near = same_last_part(config, item->key);
	for (size_t row = 0; names && row < config->count; row++)
		names[row] = config->table[row].key;
	if (names && !near)
		near = qw_nearest(item->key, names, config->count);
	if (near)
		QW_CONFIG_COMPLAIN(reading, item, "unknown key \"%s\"; did you mean \"%s\"?", item->key, near);
	else
		QW_CONFIG_COMPLAIN(reading, item, "unknown key \"%s\"", item->key);
	free(names);
}

/* "capture" for "captur": the nearest beginning of a known key that is as long as its first dot. */
static void complain_unknown_group(struct qw_config_reading *reading, const struct qw_config_item *item)
{
	const struct qw_config *config = reading->config;
	for (size_t row = 0; row < config->count; row++) {
		char group[KEY_MAX];
		const char *known = config->table[row].key;
		size_t len = strcspn(known, ".");
		if (!known[len] || len >= sizeof(group))
			continue;
		memcpy(group, known, len);
		group[len] = 0;
		if (qw_nearest(item->key, (const char *const[]){group}, 1)) {
			QW_CONFIG_COMPLAIN(reading, item, "unknown group \"%s\"; did you mean \"%s\"?", item->key, group);
			return;
		}
	}
	QW_CONFIG_COMPLAIN(reading, item, "unknown group \"%s\"", item->key);
}

static void take_tree(struct qw_config_reading *reading, const config_setting_t *group, const char *prefix);

static void take_setting(struct qw_config_reading *reading, const struct qw_config_item *item)
{
	const struct qw_config *config = reading->config;
	size_t row = find_row(config, item->key);
	bool group = config_setting_type(item->setting) == CONFIG_TYPE_GROUP;

	if (row < config->count && !group)
		qw_config_take(reading, item, row);
	else if (row < config->count)
		QW_CONFIG_COMPLAIN(reading, item, "%s is one setting, not a group (%s)", item->key, config->table[row].help);
	else if (group && is_group(config, item->key))
		take_tree(reading, item->setting, item->key);
	else if (group)
		complain_unknown_group(reading, item);
	else if (is_group(config, item->key))
		QW_CONFIG_COMPLAIN(reading, item, "%s is a group: write %s = { … };", item->key, item->key);
	else
		complain_unknown(reading, item);
}

/* Known keys have few levels, and unknown groups are not entered: this ends soon. */
static void take_tree(struct qw_config_reading *reading, const config_setting_t *group, const char *prefix)
{
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
		struct qw_config_item item = {.setting = setting, .line = config_setting_source_line(setting)};
		char key[KEY_MAX];
		struct qw_text text;
		qw_text_init(&text, key, sizeof(key));
		qw_text_format(&text, "%s%s%s", prefix, prefix[0] ? "." : "", config_setting_name(setting));
		item.key = qw_text_string(&text);
		if (text.cut)
			QW_CONFIG_COMPLAIN(reading, &item, "the key \"%s…\" is too long", item.key);
		else
			take_setting(reading, &item);
	}
}

/* libconfig's own words say little to who did not write its grammar. */
static void complain_syntax(struct qw_config_reading *reading, const config_t *tree)
{
	struct qw_config_item item = {.line = (uint32_t)config_error_line(tree)};
	const char *what = config_error_text(tree);
	if (strcmp(what, "syntax error") == 0)
		QW_CONFIG_COMPLAIN(reading, &item,
				   "syntax error: a quote, semicolon or bracket is missing here or on the line before, or "
				   "a key has a dot (write group = { key = value; };)");
	else if (strcmp(what, "duplicate setting name") == 0)
		QW_CONFIG_COMPLAIN(reading, &item, "this name stands twice in its group: make one of the two");
	else
		QW_CONFIG_COMPLAIN(reading, &item, "%s", what);
}

static enum qw_err parse(config_t *tree, struct qw_config_reading *reading, const char *text)
{
	char *mended;
	enum qw_err err = qw_config_prepare(&mended, reading->name, text, reading->diags);
	if (err)
		return err;
	if (!config_read_string(tree, mended)) {
		complain_syntax(reading, tree);
		err = reading->err;
	}
	free(mended);
	return err;
}

enum qw_err qw_config_read(struct qw_config *config, const char *name, const char *text, struct qw_diags *diags)
{
	struct qw_config_reading reading = {.config = config, .name = name, .diags = diags};
	config_t tree;
	config_init(&tree);
	note(&reading, parse(&tree, &reading, text));
	if (!reading.err)
		take_tree(&reading, config_root_setting(&tree), "");
	config_destroy(&tree);
	return reading.err;
}

enum qw_err qw_config_load(struct qw_config *config, const char *path, struct qw_diags *diags)
{
	char *text;
	size_t len;
	enum qw_err err = qw_file_read(path, FILE_MAX_BYTES, &text, &len);
	if (err == QW_ELIMIT) {
		qw_complain(diags, QW_DIAG_ERROR, path, 0, 0, "larger than %d bytes: not a configuration",
			    FILE_MAX_BYTES);
		return QW_EFORMAT;
	}
	if (err)
		return err;
	if (memchr(text, 0, len)) {
		qw_complain(diags, QW_DIAG_ERROR, path, 0, 0, "holds a zero byte: not a configuration");
		err = QW_EFORMAT;
	} else {
		err = qw_config_read(config, path, text, diags);
	}
	free(text);
	return err;
}

/* The value alone is parsed, as "value = …;": keys with dots are not in libconfig's grammar. */
static void take_assignment(struct qw_config_reading *reading, const struct qw_config_item *item, const char *value)
{
	char *text;
	config_t tree;
	struct qw_config_item parsed = *item;
	if (asprintf(&text, "value = %s;", value) < 0) {
		note(reading, QW_ENOMEM);
		return;
	}
	config_init(&tree);
	struct qw_diags none;
	qw_diags_init(&none);
	struct qw_config_reading quiet = {.config = reading->config, .name = "", .diags = &none};
	enum qw_err err = parse(&tree, &quiet, text);
	const config_setting_t *root = config_root_setting(&tree);
	if (err || config_setting_length(root) != 1) {
		QW_CONFIG_COMPLAIN(reading, item, "%s: cannot read the value %s; texts need quotes: --set '%s=\"…\"'", item->key,
			 value, item->key);
	} else {
		parsed.setting = config_setting_get_elem(root, 0);
		take_setting(reading, &parsed);
	}
	qw_diags_fini(&none);
	config_destroy(&tree);
	free(text);
}

/* Names as libconfig's grammar has them, with dots between: only these can stand in a file, too. */
static bool is_key(const char *key)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz*";
	static const char rest[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz*0123456789_-";
	for (;;) {
		if (!*key || !strchr(letters, *key))
			return false;
		key += strspn(key, rest);
		if (!*key)
			return true;
		if (*key++ != '.')
			return false;
	}
}

enum qw_err qw_config_set(struct qw_config *config, const char *assignment, struct qw_diags *diags)
{
	struct qw_config_reading reading = {.config = config, .name = "--set", .diags = diags};
	struct qw_config_item item = {.line = 0};
	const char *equals = strchr(assignment, '=');
	size_t len = equals ? (size_t)(equals - assignment) : 0;
	char key[KEY_MAX];

	while (len > 0 && assignment[len - 1] == ' ')
		len--;
	if (len == 0 || len >= sizeof(key)) {
		QW_CONFIG_COMPLAIN(&reading, &item, "\"%s\" is not KEY=VALUE", assignment);
		return reading.err;
	}
	memcpy(key, assignment, len);
	key[len] = 0;
	if (!is_key(key)) {
		QW_CONFIG_COMPLAIN(&reading, &item, "\"%s\" is not a key: names of letters, digits, - and _, with dots between",
				   key);
		return reading.err;
	}
	item.key = key;
	take_assignment(&reading, &item, equals + 1);
	return reading.err;
}
