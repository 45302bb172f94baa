/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/assets/inventory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "quaywatch/file.h"
#include "rules/signature/vector.h"

enum { COLUMNS_MAX = 16, FIELD_MAX = 256, MAC_BITS = 48, ADDRESS_BITS = 128, KEY_BYTES = 18 };

enum column { ADDRESS = QW_INVENTORY_TEXTS, COLUMN_KINDS };

static const struct {
	const char *name;
	int column;
} columns[] = {
	{"address", ADDRESS}, {"ip", ADDRESS}, {"mac", ADDRESS}, {"host", ADDRESS},
	{"name", QW_INVENTORY_NAME}, {"role", QW_INVENTORY_ROLE}, {"area", QW_INVENTORY_AREA}, {"crane", QW_INVENTORY_AREA},
	{"criticality", QW_INVENTORY_CRITICALITY},
};

struct qw_inventory {
	struct qw_vector rows; /* sorted: is_mac, bits, bytes */
	bool has_bits[ADDRESS_BITS + 1];
};

/* The line being read. */
struct reader {
	const char *file;
	uint32_t line;
	struct qw_diags *diags;
	struct qw_inventory *inventory;
	int column[COLUMNS_MAX];
	size_t columns; /* 0: the head has not come */
};

__attribute__((format(printf, 2, 3))) static void complain(struct reader *reader, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	qw_complain(reader->diags, QW_DIAG_ERROR, reader->file, reader->line, 0, "%s", text);
}

/* ---- fields */

/* Cuts the next field off; blanks around it and quotes go.  False: a quote is not closed. */
static bool next_field(struct qw_bytes *in, char out[FIELD_MAX], bool *cut)
{
	size_t len = 0;
	bool quoted = in->left > 0 && in->at[0] == '"', closed = !quoted;

	*cut = false;
	for (in->at += quoted, in->left -= quoted; in->left > 0; in->at++, in->left--) {
		char c = (char)in->at[0];
		if (!quoted && c == ',')
			break;
		if (quoted && c == '"' && (in->left == 1 || in->at[1] != '"')) {
			quoted = false;
			closed = true;
			continue;
		}
		if (quoted && c == '"')
			in->at++, in->left--;
		if (len < FIELD_MAX - 1)
			out[len++] = c;
		else
			*cut = true;
	}
	while (len > 0 && (out[len - 1] == ' ' || out[len - 1] == '\t'))
		len--;
	out[len] = '\0';
	return closed;
}

static void skip_blanks(struct qw_bytes *in)
{
	while (in->left > 0 && (in->at[0] == ' ' || in->at[0] == '\t'))
		in->at++, in->left--;
}

/* True: there is one more field behind the comma. */
static bool take_comma(struct qw_bytes *in)
{
	return in->left > 0 && in->at[0] == ',' && qw_bytes_skip(in, 1);
}

/* ---- the head */

static int column_of(const char *name)
{
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		if (strcasecmp(columns[i].name, name) == 0)
			return columns[i].column;
	return -1;
}

static void check_head(struct reader *reader)
{
	unsigned count[COLUMN_KINDS] = {0};

	for (size_t i = 0; i < reader->columns; i++)
		count[reader->column[i]]++;
	for (int kind = 0; kind < COLUMN_KINDS; kind++)
		if (count[kind] > 1)
			complain(reader, "the head names the same column twice");
	if (count[ADDRESS] == 0 || reader->columns < 2)
		complain(reader, "the head must name the column address and one of name, role, area, criticality");
}

static void read_head(struct reader *reader, struct qw_bytes in)
{
	char field[FIELD_MAX];
	bool cut;

	do {
		skip_blanks(&in);
		bool closed = next_field(&in, field, &cut);
		int column = closed ? column_of(field) : -1;
		if (column < 0 || reader->columns == COLUMNS_MAX) {
			complain(reader, "the head names a column '%s'; there are address, name, role, area (or crane), criticality", field);
			reader->columns = COLUMNS_MAX;
			return;
		}
		reader->column[reader->columns++] = column;
	} while (take_comma(&in));
	check_head(reader);
}

/* ---- rows */

static bool read_host(struct qw_inventory_row *row, const char *text)
{
	struct qw_prefix prefix;
	uint8_t mac[6];
	size_t len = strlen(text);

	if (qw_mac_parse(text, len, mac)) {
		memcpy(row->bytes, mac, sizeof(mac));
		row->is_mac = 1;
		row->bits = MAC_BITS;
		return true;
	}
	if (!qw_prefix_parse(text, len, &prefix))
		return false;
	memcpy(row->bytes, prefix.address.bytes, sizeof(row->bytes));
	row->bits = prefix.bits;
	return true;
}

static bool take_field(struct reader *reader, struct qw_inventory_row *row, int column, const char *field)
{
	if (column == ADDRESS) {
		if (read_host(row, field))
			return true;
		complain(reader, "'%s' is no address, network (10.1.0.0/16) or MAC (28:63:36:01:02:03)", field);
		return false;
	}
	if (strlen(field) >= QW_INVENTORY_TEXT_MAX) {
		complain(reader, "longer than %d bytes: %.40s …", QW_INVENTORY_TEXT_MAX - 1, field);
		return false;
	}
	strcpy(row->text[column], field);
	return true;
}

static void read_row(struct reader *reader, struct qw_bytes in)
{
	struct qw_inventory_row row = {.line = reader->line};
	char field[FIELD_MAX];
	size_t count = 0;
	bool cut;

	do {
		skip_blanks(&in);
		if (!next_field(&in, field, &cut) || cut) {
			complain(reader, cut ? "a field is too long" : "a quote is not closed");
			return;
		}
		if (count < reader->columns && !take_field(reader, &row, reader->column[count], field))
			return;
		count++;
	} while (take_comma(&in));
	if (count != reader->columns) {
		complain(reader, "%zu fields, but the head names %zu columns; put quotes around what has a comma in it", count, reader->columns);
		return;
	}
	if (reader->inventory->rows.count == QW_INVENTORY_ROWS_MAX)
		complain(reader, "more than %d rows", QW_INVENTORY_ROWS_MAX);
	else if (qw_vector_put(&reader->inventory->rows, &row, 1) == UINT32_MAX)
		complain(reader, "out of memory");
}

static void read_line(struct reader *reader, const char *line, size_t len)
{
	static const char mark[] = "\xef\xbb\xbf"; /* that spreadsheets put before UTF-8 */
	struct qw_bytes in = qw_bytes(line, len);

	if (reader->line == 1 && in.left >= 3 && memcmp(in.at, mark, 3) == 0)
		in.at += 3, in.left -= 3;
	if (in.left > 0 && in.at[in.left - 1] == '\r')
		in.left--;
	skip_blanks(&in);
	if (in.left == 0 || in.at[0] == '#')
		return;
	if (memchr(in.at, '\0', in.left))
		complain(reader, "a zero byte; this is no text file");
	else if (reader->columns == 0)
		read_head(reader, in);
	else if (reader->diags->errors == 0 || reader->columns < COLUMNS_MAX)
		read_row(reader, in);
}

/* ---- the whole */

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, KEY_BYTES);
}

static void sort(struct reader *reader)
{
	struct qw_inventory *inventory = reader->inventory;

	if (inventory->rows.count)
		qsort(inventory->rows.rows, inventory->rows.count, inventory->rows.row_size, compare);
	for (size_t i = 0; i < inventory->rows.count; i++) {
		const struct qw_inventory_row *row = qw_vector_at(&inventory->rows, i);
		if (!row->is_mac)
			inventory->has_bits[row->bits] = true;
		if (i == 0 || compare(qw_vector_at(&inventory->rows, i - 1), row) != 0)
			continue;
		const struct qw_inventory_row *before = qw_vector_at(&inventory->rows, i - 1);
		reader->line = row->line > before->line ? row->line : before->line;
		complain(reader, "the same host as in line %u", row->line < before->line ? row->line : before->line);
	}
}

enum qw_err qw_inventory_read(struct qw_inventory **out, const char *name, const char *data, size_t len, struct qw_diags *diags)
{
	struct qw_inventory *inventory = calloc(1, sizeof(*inventory));
	struct reader reader = {.file = name, .diags = diags, .inventory = inventory};
	size_t errors = diags->errors;

	if (!inventory)
		return QW_ENOMEM;
	qw_vector_init(&inventory->rows, sizeof(struct qw_inventory_row));
	for (const char *at = data, *end = data + len; at < end;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline ? newline : end;
		reader.line++;
		read_line(&reader, at, (size_t)(stop - at));
		at = stop + 1;
	}
	if (reader.columns == 0)
		complain(&reader, "it has no head; the first line is to be: address,name,role,area,criticality");
	sort(&reader);
	if (diags->errors != errors) {
		qw_inventory_free(inventory);
		return QW_EFORMAT;
	}
	*out = inventory;
	return QW_OK;
}

enum qw_err qw_inventory_open(struct qw_inventory **out, const char *path, struct qw_diags *diags)
{
	char *data;
	size_t len;
	enum qw_err err = qw_file_read(path, QW_INVENTORY_FILE_MAX, &data, &len);

	if (err != QW_OK) {
		qw_complain(diags, QW_DIAG_ERROR, path, 0, 0, "cannot be read: %s; check the key watch.inventory", qw_strerror(err));
		return err;
	}
	err = qw_inventory_read(out, path, data, len, diags);
	free(data);
	return err;
}

void qw_inventory_free(struct qw_inventory *inventory)
{
	if (!inventory)
		return;
	qw_vector_fini(&inventory->rows);
	free(inventory);
}

size_t qw_inventory_count(const struct qw_inventory *inventory)
{
	return inventory->rows.count;
}

const struct qw_inventory_row *qw_inventory_at(const struct qw_inventory *inventory, size_t number)
{
	return qw_vector_at(&inventory->rows, number);
}

/* ---- looking up */

static const struct qw_inventory_row *find_key(const struct qw_inventory *inventory, const struct qw_inventory_row *key)
{
	if (inventory->rows.count == 0)
		return NULL;
	return bsearch(key, inventory->rows.rows, inventory->rows.count, inventory->rows.row_size, compare);
}

static const struct qw_inventory_row *find_mac(const struct qw_inventory *inventory, const uint8_t *mac)
{
	struct qw_inventory_row key = {.is_mac = 1, .bits = MAC_BITS};

	memcpy(key.bytes, mac, 6);
	return find_key(inventory, &key);
}

/* Clears what lies behind the first `bits`. */
static void mask(uint8_t bytes[16], unsigned bits)
{
	for (unsigned i = 0; i < 16; i++) {
		unsigned kept = bits >= 8 * (i + 1) ? 8 : bits > 8 * i ? bits - 8 * i : 0;
		bytes[i] &= (uint8_t)(0xff00 >> kept);
	}
}

const struct qw_inventory_row *qw_inventory_find(const struct qw_inventory *inventory, const struct qw_host *host, const uint8_t *mac)
{
	const struct qw_inventory_row *row = NULL;

	if (!inventory)
		return NULL;
	if (host->is_mac)
		return find_mac(inventory, host->bytes);
	for (int bits = ADDRESS_BITS; bits >= 0 && !row; bits--) {
		struct qw_inventory_row key = {.bits = (uint8_t)bits};
		if (bits == ADDRESS_BITS - 1 && mac)
			row = find_mac(inventory, mac); /* narrower than a network, wider than its address */
		if (row || !inventory->has_bits[bits])
			continue;
		memcpy(key.bytes, host->bytes, sizeof(key.bytes));
		mask(key.bytes, (unsigned)bits);
		row = find_key(inventory, &key);
	}
	return row;
}

/* ---- machines */

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool qw_inventory_is_machine(const struct qw_inventory_row *row)
{
	static const char *const machines[] = {"plc", "rtu", "drive", "inverter", "relay", "reader", "receiver", "instrument"};
	const char *role = row->text[QW_INVENTORY_ROLE];
	size_t end = strlen(role);

	while (end > 0 && !is_letter(role[end - 1]))
		end--;
	size_t begin = end;
	while (begin > 0 && is_letter(role[begin - 1]))
		begin--;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		if (strlen(machines[i]) == end - begin && strncasecmp(machines[i], role + begin, end - begin) == 0)
			return true;
	return false;
}
