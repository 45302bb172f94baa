/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CSV (RFC 4180): the columns are found by their names, or, where no header is
 * known, by the first column, if it holds values.
 *
 * Lines before the header or the first value (a copyright, comments) are passed
 * over.  A header may stand in a comment, as URLhaus writes it.
 */
#include "rules/indicator/csv.h"

#include <stdlib.h>

#include "rules/indicator/reader.h"

enum column_kind {
	COLUMN_IGNORED,
	COLUMN_VALUE, /* of the type that the type column, or the value itself, tells */
	COLUMN_TYPED, /* a value; the column's name is the type */
	COLUMN_TYPE,
	COLUMN_SOURCE,
	COLUMN_CONFIDENCE,
	COLUMN_TLP,
	COLUMN_UNTIL,
	COLUMN_FROM,
	COLUMN_DESCRIPTION,
};

static const struct {
	const char *name;
	enum column_kind kind;
} COLUMNS[] = {
	{"value", COLUMN_VALUE},
	{"indicator", COLUMN_VALUE},
	{"ioc", COLUMN_VALUE},
	{"ioc_value", COLUMN_VALUE},
	{"observable", COLUMN_VALUE},
	{"indicator_value", COLUMN_VALUE},
	{"hash", COLUMN_VALUE},
	{"file_hash", COLUMN_VALUE},
	{"type", COLUMN_TYPE},
	{"indicator_type", COLUMN_TYPE},
	{"ioc_type", COLUMN_TYPE},
	{"observable_type", COLUMN_TYPE},
	{"source", COLUMN_SOURCE},
	{"feed", COLUMN_SOURCE},
	{"confidence", COLUMN_CONFIDENCE},
	{"confidence_level", COLUMN_CONFIDENCE},
	{"tlp", COLUMN_TLP},
	{"valid_until", COLUMN_UNTIL},
	{"expires", COLUMN_UNTIL},
	{"expiration", COLUMN_UNTIL},
	{"valid_from", COLUMN_FROM},
	{"description", COLUMN_DESCRIPTION},
	{"comment", COLUMN_DESCRIPTION},
	{"note", COLUMN_DESCRIPTION},
	{"notes", COLUMN_DESCRIPTION},
	{"malware", COLUMN_DESCRIPTION},
	{"app", COLUMN_DESCRIPTION},
	{"threat", COLUMN_DESCRIPTION},
};

enum { FIELDS_MAX = 64, FIELD_MAX = 4096, PREAMBLE_MAX = 64 /* records before the header */ };

struct column {
	enum column_kind kind;
	enum qw_observable_type type;
};

/* One record: fields point into the file, or into memory where quotes were undone. */
struct record {
	struct qw_slice field[FIELDS_MAX];
	uint32_t column[FIELDS_MAX];
	unsigned count;
	uint32_t line; /* where it starts */
	char memory[FIELD_MAX];
	size_t used;
};

struct csv {
	struct qw_slice rest;
	uint32_t line; /* of what comes next */
	uint8_t separator;
	struct column columns[FIELDS_MAX];
	bool has_type;
};

/* ---- records */

/* A quoted field, from after its first quote; doubled quotes become one. */
static struct qw_slice read_quoted(struct csv *csv, struct record *record)
{
	const uint8_t *start = csv->rest.data;
	size_t at = 0, len = csv->rest.len, begin = record->used;
	bool doubled = false;

	for (; at < len; at++) {
		csv->line += start[at] == '\n';
		if (start[at] != '"')
			continue;
		if (at + 1 >= len || start[at + 1] != '"')
			break;
		doubled = true;
		at++;
	}
	csv->rest = qw_slice(start + at + (at < len), len - at - (at < len));
	if (!doubled)
		return qw_slice(start, at);
	for (size_t i = 0; i < at && record->used < FIELD_MAX; i++) {
		record->memory[record->used++] = (char)start[i];
		i += start[i] == '"';
	}
	return qw_slice(record->memory + begin, record->used - begin);
}

/* Up to the separator or the end of the line; true: the line ended. */
static bool read_field(struct csv *csv, struct record *record, struct qw_slice *field)
{
	if (csv->rest.len && csv->rest.data[0] == '"') {
		csv->rest = qw_slice(csv->rest.data + 1, csv->rest.len - 1);
		*field = read_quoted(csv, record);
	} else {
		*field = qw_slice(csv->rest.data, 0);
	}
	size_t at = 0;
	while (at < csv->rest.len && csv->rest.data[at] != csv->separator && csv->rest.data[at] != '\n')
		at++;
	if (field->len == 0)
		*field = qw_slice_trim(qw_slice(csv->rest.data, at));
	bool ended = at == csv->rest.len || csv->rest.data[at] == '\n';
	csv->line += at < csv->rest.len && ended;
	csv->rest = qw_slice(csv->rest.data + at + (at < csv->rest.len), csv->rest.len - at - (at < csv->rest.len));
	return ended;
}

static bool next_record(struct csv *csv, struct record *record)
{
	record->count = 0;
	record->used = 0;
	record->line = csv->line;
	if (csv->rest.len == 0)
		return false;
	const uint8_t *start = csv->rest.data;
	for (bool ended = false; !ended;) {
		struct qw_slice field;
		uint32_t column = (uint32_t)(csv->rest.data - start) + 1;
		ended = read_field(csv, record, &field);
		if (record->count == FIELDS_MAX)
			continue;
		record->field[record->count] = field;
		record->column[record->count++] = column;
	}
	return true;
}

static bool is_comment(const struct record *record)
{
	struct qw_slice first = record->field[0];
	return (record->count == 1 && first.len == 0) || (first.len && (first.data[0] == '#' || first.data[0] == ';'));
}

/* ---- the header */

static struct qw_slice without_mark(struct qw_slice name)
{
	while (name.len && (name.data[0] == '#' || name.data[0] <= ' '))
		name = qw_slice(name.data + 1, name.len - 1);
	return name;
}

static struct column column_of(struct qw_slice name)
{
	for (size_t i = 0; i < sizeof(COLUMNS) / sizeof(*COLUMNS); i++)
		if (qw_slice_equals(name, COLUMNS[i].name))
			return (struct column){COLUMNS[i].kind, QW_OBS_COUNT};
	enum qw_observable_type type = qw_observable_type_parse((const char *)name.data, name.len);
	if (type == QW_OBS_COUNT)
		return (struct column){COLUMN_IGNORED, QW_OBS_COUNT};
	return (struct column){COLUMN_TYPED, type};
}

/* True if it names a column with values, and nothing in it is a value itself. */
static bool read_header(struct csv *csv, const struct record *record)
{
	bool values = false;

	csv->has_type = false;
	for (unsigned i = 0; i < FIELDS_MAX; i++) {
		csv->columns[i] = (struct column){COLUMN_IGNORED, QW_OBS_COUNT};
		if (i >= record->count)
			continue;
		csv->columns[i] = column_of(without_mark(record->field[i]));
		values = values || csv->columns[i].kind == COLUMN_VALUE || csv->columns[i].kind == COLUMN_TYPED;
		csv->has_type = csv->has_type || csv->columns[i].kind == COLUMN_TYPE;
	}
	return values;
}

static bool is_value(struct qw_slice field)
{
	struct qw_observable scratch;
	return field.len &&
	       qw_observable_parse(&scratch, QW_OBS_COUNT, (const char *)field.data, field.len, NULL) == QW_OK;
}

/* Without a header: the first column holds values; what follows it describes them. */
static bool guess_columns(struct csv *csv, const struct record *record)
{
	if (!is_value(record->field[0]))
		return false;
	for (unsigned i = 0; i < FIELDS_MAX; i++)
		csv->columns[i] = (struct column){COLUMN_IGNORED, QW_OBS_COUNT};
	csv->columns[0].kind = COLUMN_VALUE;
	csv->columns[1].kind = COLUMN_DESCRIPTION;
	return true;
}

static void start(struct csv *csv, const uint8_t *data, size_t len)
{
	*csv = (struct csv){.rest = qw_skip_mark(qw_slice(data, len)), .line = 1, .separator = ','};
	const uint8_t *end = len ? memchr(data, '\n', len) : NULL;
	size_t first = end ? (size_t)(end - data) : len;
	if (first && !memchr(data, ',', first))
		csv->separator = memchr(data, '\t', first) ? '\t' : memchr(data, ';', first) ? ';' : ',';
}

/* Finds out what the columns are.  False: nothing here is a table of values.  After it, csv stands at the first row. */
static bool find_columns(struct csv *csv, struct record *record)
{
	struct csv before;
	for (unsigned i = 0; i < PREAMBLE_MAX; i++) {
		before = *csv;
		if (!next_record(csv, record))
			return false;
		if (read_header(csv, record) && (record->count > 1 || !is_comment(record)))
			return true;
		if (!is_comment(record) && guess_columns(csv, record)) {
			csv->rest = before.rest;
			csv->line = before.line;
			return true;
		}
	}
	return false;
}

bool qw_csv_has_columns(const uint8_t *data, size_t len)
{
	struct csv csv;
	struct record *record = malloc(sizeof(*record));
	if (!record)
		return false;
	start(&csv, data, len);
	bool has = find_columns(&csv, record) && record->count > 1;
	free(record);
	return has;
}

/* ---- rows */

static void set_confidence(struct qw_reader *reader, struct qw_slice field)
{
	unsigned value = 0;
	for (size_t i = 0; i < field.len; i++) {
		if (field.data[i] < '0' || field.data[i] > '9' || value > 100)
			return;
		value = value * 10 + field.data[i] - '0';
	}
	if (field.len && value <= 100)
		reader->indicator.confidence = (uint8_t)value;
}

static void set_time(struct qw_time *out, struct qw_slice field)
{
	struct qw_time time;
	if (qw_time_parse((const char *)field.data, field.len, &time))
		*out = time;
}

/* A quote before what a spreadsheet would take for a formula is no part of the text (OWASP, CSV injection). */
static struct qw_slice without_guard(struct qw_slice field)
{
	size_t at = 0;
	while (at < field.len && field.data[at] == '\'')
		at++;
	bool guarded = at > 0 && at < field.len && strchr("=+-@\t\r", field.data[at]);
	return guarded ? qw_slice(field.data + 1, field.len - 1) : field;
}

static void set_meta(struct qw_reader *reader, enum column_kind kind, struct qw_slice field)
{
	field = without_guard(field);
	const char *text = (const char *)field.data;
	enum qw_tlp tlp;

	switch (kind) {
	case COLUMN_SOURCE: qw_reader_source(reader, text, field.len); break;
	case COLUMN_DESCRIPTION: qw_reader_description(reader, text, field.len); break;
	case COLUMN_CONFIDENCE: set_confidence(reader, field); break;
	case COLUMN_UNTIL: set_time(&reader->indicator.valid_until, field); break;
	case COLUMN_FROM: set_time(&reader->indicator.valid_from, field); break;
	case COLUMN_TLP:
		tlp = qw_tlp_parse(text, field.len);
		if (tlp != QW_TLP_COUNT)
			reader->indicator.tlp = tlp;
		break;
	default: break;
	}
}

/* The type that a row names, for its value columns.  False: a type that no traffic shows. */
static bool row_type(const struct csv *csv, const struct record *record, enum qw_observable_type *type)
{
	*type = QW_OBS_COUNT;
	for (unsigned i = 0; csv->has_type && i < record->count; i++) {
		if (csv->columns[i].kind != COLUMN_TYPE || record->field[i].len == 0)
			continue;
		*type = qw_observable_type_parse((const char *)record->field[i].data, record->field[i].len);
		return *type != QW_OBS_COUNT;
	}
	return true;
}

/* Types that other tools write for values of several kinds: the value tells. */
static bool is_open_type(const struct csv *csv, const struct record *record)
{
	static const char *const WORDS[] = {"hash",      "file",    "filehash", "file-hash",
						"indicator", "network", "file_hash"};
	for (unsigned i = 0; i < record->count; i++)
		for (size_t w = 0; csv->columns[i].kind == COLUMN_TYPE && w < sizeof(WORDS) / sizeof(*WORDS); w++)
			if (qw_slice_equals(record->field[i], WORDS[w]))
				return true;
	return false;
}

static enum qw_err read_values(struct qw_reader *reader, const struct csv *csv, const struct record *record)
{
	enum qw_observable_type type;
	bool known = row_type(csv, record, &type) || is_open_type(csv, record), found = false;
	enum qw_err err = QW_OK;

	for (unsigned i = 0; err == QW_OK && i < record->count; i++) {
		struct qw_slice field = without_guard(qw_slice_trim(record->field[i]));
		enum column_kind kind = csv->columns[i].kind;
		if ((kind != COLUMN_VALUE && kind != COLUMN_TYPED) || field.len == 0)
			continue;
		found = true;
		if (kind == COLUMN_VALUE && !known) {
			reader->counts->ignored++;
			continue;
		}
		enum qw_observable_type want = kind == COLUMN_TYPED ? csv->columns[i].type : type;
		if (want == QW_OBS_COUNT)
			want = qw_reader_guess(reader, field);
		err =
			qw_reader_value(reader, want, (const char *)field.data, field.len, record->line, record->column[i]);
	}
	if (err == QW_OK && !found)
		qw_reader_reject(reader, "", 0, record->line, 1, "a row without a value in the columns that hold them");
	return err;
}

static enum qw_err read_row(struct qw_reader *reader, const struct csv *csv, const struct record *record)
{
	if (is_comment(record))
		return QW_OK;
	qw_reader_reset(reader);
	for (unsigned i = 0; i < record->count; i++)
		if (record->field[i].len)
			set_meta(reader, csv->columns[i].kind, record->field[i]);
	return read_values(reader, csv, record);
}

enum qw_err qw_read_csv(struct qw_reader *reader)
{
	struct csv csv;
	enum qw_err err = QW_OK;
	struct record *record = malloc(sizeof(*record));
	if (!record)
		return QW_ENOMEM;

	start(&csv, reader->data, reader->len);
	if (find_columns(&csv, record)) {
		while (err == QW_OK && next_record(&csv, record))
			err = read_row(reader, &csv, record);
	} else {
		qw_complain(reader->diags, QW_DIAG_ERROR, reader->path, 1, 1,
				"no column of values: name one \"value\", \"ip\", \"domain\", \"url\" or \"sha256\" in the "
				"first line");
		err = QW_EFORMAT;
	}
	free(record);
	return err;
}
