/* SPDX-License-Identifier: Apache-2.0 */
/* config_print - a config written as a file that reads back as the same. */
#include "quaywatch/config.h"

#include <inttypes.h>
#include <string.h>

#include "base/config_value.h"

struct printer {
	const struct qw_config *config;
	FILE *out;
	unsigned depth;
};

static void indent(const struct printer *printer)
{
	for (unsigned i = 0; i < printer->depth; i++)
		fputc('\t', printer->out);
}

static void print_text(FILE *out, const char *text)
{
	fputc('"', out);
	for (const char *at = text; *at; at++) {
		unsigned char c = (unsigned char)*at;
		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < 0x20)
			fprintf(out, "\\x%02x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

static void print_items(FILE *out, const struct qw_config_value *value)
{
	fputs("[", out);
	for (size_t i = 0; i < value->items_count; i++) {
		fputs(i > 0 ? ", " : "", out);
		print_text(out, value->items[i]);
	}
	fputs("]", out);
}

/* "# help (0 to 64)" or "# help ("verify", "ignore")". */
static void print_help(const struct printer *printer, const struct qw_setting *row)
{
	FILE *out = printer->out;
	indent(printer);
	fprintf(out, "# %s", row->help ? row->help : row->key);
	if (row->type == QW_SETTING_INT && row->max != 0)
		fprintf(out, " (%" PRId64 " to %" PRId64 ")", row->min, row->max);
	if (row->choices) {
		for (const char *const *choice = row->choices; *choice; choice++)
			fprintf(out, "%s\"%s\"", choice == row->choices ? " (" : ", ", *choice);
		fputs(")", out);
	}
	fputs("\n", out);
}

/* What an ANY row took; without any, how one would look. */
static void print_pairs(const struct printer *printer, const struct qw_config_value *value)
{
	if (value->pairs_count == 0) {
		indent(printer);
		fputs("# NAME = \"value\";\n", printer->out);
	}
	for (size_t i = 0; i < value->pairs_count; i++) {
		indent(printer);
		fprintf(printer->out, "%s = ", value->pairs[i].key);
		print_text(printer->out, value->pairs[i].value);
		fputs(";\n", printer->out);
	}
}

static void print_row(const struct printer *printer, size_t number, const char *name)
{
	const struct qw_setting *row = &printer->config->table[number];
	const struct qw_config_value *value = &printer->config->values[number];

	print_help(printer, row);
	if (row->type == QW_SETTING_ANY) {
		print_pairs(printer, value);
		return;
	}
	indent(printer);
	fprintf(printer->out, "%s = ", name);
	switch (row->type) {
	case QW_SETTING_BOOL: fputs(value->flag ? "true" : "false", printer->out); break;
	case QW_SETTING_INT: fprintf(printer->out, "%" PRId64, value->number); break;
	case QW_SETTING_TEXT: print_text(printer->out, value->text); break;
	case QW_SETTING_LIST: print_items(printer->out, value); break;
	case QW_SETTING_ANY: break;
	}
	fputs(";\n", printer->out);
}

/* The key's part behind the group "a.b." (its length), or NULL where it lies elsewhere. */
static const char *below(const char *key, const char *group, size_t len)
{
	return strncmp(key, group, len) == 0 ? key + len : NULL;
}

/* Whether an earlier row lies in the same subgroup: then that is written already. */
static bool seen_before(const struct qw_config *config, size_t row, size_t len)
{
	for (size_t i = 0; i < row; i++) {
		if (strncmp(config->table[i].key, config->table[row].key, len) == 0)
			return true;
	}
	return false;
}

/* First the group's own settings, then its subgroups, each once however the table mixes its rows. */
static void print_group(struct printer *printer, const char *group, size_t len)
{
	const struct qw_config *config = printer->config;
	for (size_t row = 0; row < config->count; row++) {
		const char *name = below(config->table[row].key, group, len);
		if (name && (!strchr(name, '.') || strcmp(name, "*") == 0))
			print_row(printer, row, name);
	}
	for (size_t row = 0; row < config->count; row++) {
		const char *name = below(config->table[row].key, group, len);
		const char *dot = name ? strchr(name, '.') : NULL;
		if (!dot || seen_before(config, row, (size_t)(dot + 1 - config->table[row].key)))
			continue;
		fputs(printer->depth == 0 && row > 0 ? "\n" : "", printer->out);
		indent(printer);
		fprintf(printer->out, "%.*s = {\n", (int)(dot - name), name);
		printer->depth++;
		print_group(printer, config->table[row].key, (size_t)(dot + 1 - config->table[row].key));
		printer->depth--;
		indent(printer);
		fputs("};\n", printer->out);
	}
}

void qw_config_print(const struct qw_config *config, FILE *out)
{
	struct printer printer = {config, out, 0};
	print_group(&printer, "", 0);
}
