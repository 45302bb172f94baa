/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/ja3.h"

/* Adds a number to a list that began at text->len == from. */
static void item(struct qw_text *text, size_t from, uint16_t value)
{
	char digits[5];
	unsigned count = 0;
	if (text->len != from)
		qw_text_char(text, '-');
	do {
		digits[count++] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	while (count)
		qw_text_char(text, digits[--count]);
}

static void list16(struct qw_text *text, struct qw_slice list)
{
	struct qw_bytes in = qw_bytes(list.data, list.len);
	size_t from = text->len;
	uint16_t value;
	while (qw_bytes_be16(&in, &value)) {
		if (!qw_tls_is_grease(value))
			item(text, from, value);
	}
}

static void list8(struct qw_text *text, struct qw_slice list)
{
	size_t from = text->len;
	for (size_t i = 0; i < list.len; i++)
		item(text, from, list.data[i]);
}

static void extension_types(struct qw_text *text, struct qw_slice list)
{
	struct qw_bytes in = qw_bytes(list.data, list.len), body;
	size_t from = text->len;
	uint16_t type;
	while (qw_tls_extension_next(&in, &type, &body)) {
		if (!qw_tls_is_grease(type))
			item(text, from, type);
	}
}

void qw_ja3_client(struct qw_text *out, const struct qw_tls_hello *hello)
{
	item(out, out->len, hello->version);
	qw_text_char(out, ',');
	list16(out, hello->ciphers);
	qw_text_char(out, ',');
	extension_types(out, hello->extensions);
	qw_text_char(out, ',');
	list16(out, hello->groups);
	qw_text_char(out, ',');
	list8(out, hello->point_formats);
}

void qw_ja3_server(struct qw_text *out, const struct qw_tls_hello *hello)
{
	item(out, out->len, hello->version);
	qw_text_char(out, ',');
	item(out, out->len, hello->cipher);
	qw_text_char(out, ',');
	extension_types(out, hello->extensions);
}
