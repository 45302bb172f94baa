/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/assets/oui.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "quaywatch/bytes.h"
#include "quaywatch/file.h"
#include "quaywatch/text.h"
#include "rules/signature/vector.h"

enum { MARK_AT = 8, NAME_MAX_BYTES = 64, OWN_CHOICE = 0x02 };

struct row {
	uint32_t prefix;
	uint32_t name; /* where it begins */
};

struct qw_oui {
	struct qw_vector rows; /* sorted, each prefix once */
	struct qw_vector names;
};

/* "00-22-72   (hex)		American Micro-Fuel Device Corp." is the one line of an entry that counts. */
static bool read_prefix(const char *line, size_t len, uint32_t *out)
{
	static const char mark[] = "   (hex)";
	uint8_t byte[3];

	if (len < MARK_AT + sizeof(mark) || memcmp(line + MARK_AT, mark, sizeof(mark) - 1) != 0)
		return false;
	for (int i = 0; i < 3; i++)
		if (!qw_hex_decode(line + 3 * i, 2, &byte[i]))
			return false;
	*out = qw_be24(byte);
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* What stands behind the mark, without blanks around it, cut where it is long. */
static struct qw_slice read_name(const char *line, size_t len)
{
	const char *at = line + MARK_AT + sizeof("   (hex)") - 1, *end = line + len;

	while (at < end && is_blank(*at))
		at++;
	while (end > at && is_blank(end[-1]))
		end--;
	size_t kept = (size_t)(end - at);
	return qw_slice(at, kept < NAME_MAX_BYTES ? kept : NAME_MAX_BYTES);
}

static enum qw_err take_line(struct qw_oui *oui, const char *line, size_t len)
{
	uint32_t prefix;

	if (!read_prefix(line, len, &prefix))
		return QW_OK;
	struct qw_slice name = read_name(line, len);
	uint32_t at = (uint32_t)oui->names.count;
	char *bytes = qw_vector_add(&oui->names, name.len + 1);
	struct row *row = qw_vector_add(&oui->rows, 1);
	if (!bytes || !row)
		return QW_ENOMEM;
	memcpy(bytes, name.data, name.len);
	*row = (struct row){prefix, at};
	return QW_OK;
}

static int compare(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return x->prefix < y->prefix ? -1 : x->prefix > y->prefix ? 1 : x->name < y->name ? -1 : x->name > y->name;
}

enum qw_err qw_oui_read(struct qw_oui **out, const char *data, size_t len)
{
	struct qw_oui *oui = calloc(1, sizeof(*oui));
	enum qw_err err = QW_OK;

	if (!oui)
		return QW_ENOMEM;
	qw_vector_init(&oui->rows, sizeof(struct row));
	qw_vector_init(&oui->names, 1);
	for (const char *at = data, *end = data + len; at < end && err == QW_OK;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline ? newline : end;
		err = take_line(oui, at, (size_t)(stop - at));
		at = stop + 1;
	}
	if (err == QW_OK && oui->rows.count == 0)
		err = QW_EFORMAT;
	if (err != QW_OK) {
		qw_oui_free(oui);
		return err;
	}
	qsort(oui->rows.rows, oui->rows.count, sizeof(struct row), compare);
	*out = oui;
	return QW_OK;
}

enum qw_err qw_oui_open(struct qw_oui **out, const char *path)
{
	struct qw_mapping mapping;
	enum qw_err err = qw_mapping_open(&mapping, path);

	if (err != QW_OK)
		return err;
	err = qw_oui_read(out, (const char *)mapping.data, mapping.size);
	qw_mapping_close(&mapping);
	return err;
}

void qw_oui_free(struct qw_oui *oui)
{
	if (!oui)
		return;
	qw_vector_fini(&oui->rows);
	qw_vector_fini(&oui->names);
	free(oui);
}

size_t qw_oui_count(const struct qw_oui *oui)
{
	return oui->rows.count;
}

const char *qw_oui_find(const struct qw_oui *oui, const uint8_t mac[6])
{
	if (!oui || mac[0] & OWN_CHOICE)
		return NULL;
	uint32_t prefix = qw_be24(mac);
	size_t low = 0, high = oui->rows.count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (((const struct row *)qw_vector_at(&oui->rows, middle))->prefix < prefix)
			low = middle + 1;
		else
			high = middle;
	}
	const struct row *row = qw_vector_at(&oui->rows, low);
	if (low == oui->rows.count || row->prefix != prefix)
		return NULL;
	return qw_vector_at(&oui->names, row->name);
}
