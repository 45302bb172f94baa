/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/diag.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void qw_diags_init(struct qw_diags *diags)
{
	*diags = (struct qw_diags){0};
}

/* The rows' texts are const for their readers, but ours to free. */
static void free_text(const char *text)
{
	free((void *)(uintptr_t)text);
}

/* Complaints come in runs about one file: such rows share their file's name. */
static bool shares_file(const struct qw_diags *diags, size_t row)
{
	return row > 0 && diags->rows[row].file == diags->rows[row - 1].file;
}

void qw_diags_fini(struct qw_diags *diags)
{
	for (size_t i = diags->count; i-- > 0;) {
		free_text(diags->rows[i].text);
		if (!shares_file(diags, i))
			free_text(diags->rows[i].file);
	}
	free(diags->rows);
	qw_diags_init(diags);
}

static bool make_room(struct qw_diags *diags)
{
	if (diags->count < diags->room)
		return true;
	size_t room = diags->room ? 2 * diags->room : 16;
	struct qw_diag *rows = realloc(diags->rows, room * sizeof(*rows));
	if (!rows)
		return false;
	diags->rows = rows;
	diags->room = room;
	return true;
}

static const char *file_name(const struct qw_diags *diags, const char *file)
{
	if (diags->count > 0 && strcmp(diags->rows[diags->count - 1].file, file) == 0)
		return diags->rows[diags->count - 1].file;
	return strdup(file);
}

/* Takes text.  Without memory the complaint is counted all the same. */
static void keep(struct qw_diags *diags, struct qw_diag row, char *text)
{
	if (!text || !make_room(diags)) {
		free(text);
		return;
	}
	row.file = file_name(diags, row.file ? row.file : "");
	if (!row.file) {
		free(text);
		return;
	}
	row.text = text;
	diags->rows[diags->count++] = row;
}

void qw_complain(struct qw_diags *diags, enum qw_severity severity, const char *file, uint32_t line, uint32_t column,
		 const char *format, ...)
{
	if (!diags)
		return;
	if (severity == QW_DIAG_ERROR)
		diags->errors++;
	else
		diags->warnings++;
	if (diags->count >= QW_DIAG_MAX)
		return;

	char *text = NULL;
	va_list args;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	keep(diags, (struct qw_diag){.severity = severity, .file = file, .line = line, .column = column}, text);
}

static void print_row(const struct qw_diag *row, FILE *out)
{
	if (row->file[0] && row->line)
		fprintf(out, "%s:%u:%u: ", row->file, row->line, row->column ? row->column : 1);
	else if (row->file[0])
		fprintf(out, "%s: ", row->file);
	fprintf(out, "%s\n", row->text);
}

void qw_diags_print(const struct qw_diags *diags, FILE *out)
{
	for (size_t i = 0; i < diags->count; i++)
		print_row(&diags->rows[i], out);
	size_t all = diags->errors + diags->warnings;
	if (all > diags->count)
		fprintf(out, "and %zu more complaints that are not shown; mend these first\n", all - diags->count);
}
