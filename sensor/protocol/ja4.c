/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/ja4.h"

#include <stdlib.h>

#include "quaywatch/digest.h"
#include "quaywatch/text.h"

enum {
	VALUES_MAX = 400,
	HASH_LEN = 12,
	LIST_TEXT_MAX = 2 * VALUES_MAX * 5 + 8, /* extensions and signature algorithms, "1301," each */
};

static const char HEX[] = "0123456789abcdef";

struct values {
	size_t count;
	uint16_t value[VALUES_MAX];
	bool cut;
};

static void add(struct values *values, uint16_t value)
{
	if (qw_tls_is_grease(value))
		return;
	if (values->count == VALUES_MAX)
		values->cut = true;
	else
		values->value[values->count++] = value;
}

static void add_list(struct values *values, struct qw_slice list)
{
	struct qw_bytes in = qw_bytes(list.data, list.len);
	uint16_t value;
	while (qw_bytes_be16(&in, &value))
		add(values, value);
}

static int ascending(const void *a, const void *b)
{
	return *(const uint16_t *)a - *(const uint16_t *)b;
}

static void sort(struct values *values)
{
	qsort(values->value, values->count, sizeof(*values->value), ascending);
}

static void list_text(struct qw_text *text, const struct values *values)
{
	for (size_t i = 0; i < values->count; i++) {
		uint8_t bytes[2] = {(uint8_t)(values->value[i] >> 8), (uint8_t)values->value[i]};
		char digits[4] = {HEX[bytes[0] >> 4], HEX[bytes[0] & 15], HEX[bytes[1] >> 4], HEX[bytes[1] & 15]};
		if (i > 0)
			qw_text_char(text, ',');
		qw_text_put(text, digits, sizeof(digits));
	}
}

/* The first twelve digits of the text's SHA-256; zeros for an empty text. */
static void hash(struct qw_text *out, const struct qw_text *text)
{
	uint8_t digest[QW_SHA256_BYTES];
	if (text->len == 0) {
		qw_text_literal(out, "000000000000");
		return;
	}
	qw_sha256(text->at, text->len, digest);
	for (int i = 0; i < HASH_LEN / 2; i++) {
		qw_text_char(out, HEX[digest[i] >> 4]);
		qw_text_char(out, HEX[digest[i] & 15]);
	}
}

static void two_digits(struct qw_text *out, size_t count)
{
	if (count > 99)
		count = 99;
	qw_text_char(out, (char)('0' + count / 10));
	qw_text_char(out, (char)('0' + count % 10));
}

static const char *version_code(uint16_t version)
{
	switch (version) {
	case QW_SSL_3: return "s3";
	case QW_TLS_10: return "10";
	case QW_TLS_11: return "11";
	case QW_TLS_12: return "12";
	case QW_TLS_13: return "13";
	case 0x0002: return "s2";
	default: return "00";
	}
}

static bool is_alphanumeric(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* First and last letter; of the hexadecimal digits if either is neither letter nor digit. */
static void alpn_code(struct qw_text *out, struct qw_slice list)
{
	struct qw_bytes in = qw_bytes(list.data, list.len), name;
	if (!qw_tls_alpn_next(&in, &name) || name.left == 0) {
		qw_text_literal(out, "00");
		return;
	}
	uint8_t first = name.at[0], last = name.at[name.left - 1];
	bool plain = is_alphanumeric(first) && is_alphanumeric(last);
	qw_text_char(out, plain ? (char)first : HEX[first >> 4]);
	qw_text_char(out, plain ? (char)last : HEX[last & 15]);
}

/* Counts all extensions, keeps all but the two whose content the first part shows. */
static size_t add_extensions(struct values *values, struct qw_slice list)
{
	struct qw_bytes in = qw_bytes(list.data, list.len), body;
	size_t count = 0;
	uint16_t type;
	while (qw_tls_extension_next(&in, &type, &body)) {
		count += !qw_tls_is_grease(type);
		if (type != QW_TLS_EXT_SERVER_NAME && type != QW_TLS_EXT_ALPN)
			add(values, type);
	}
	return count;
}

enum qw_err qw_ja4(char out[QW_JA4_LEN], const struct qw_tls_hello *hello, char transport)
{
	struct values ciphers = {.count = 0}, extensions = {.count = 0}, signatures = {.count = 0};
	char memory[LIST_TEXT_MAX];
	struct qw_text result, list;

	add_list(&ciphers, hello->ciphers);
	add_list(&signatures, hello->signatures);
	size_t extension_count = add_extensions(&extensions, hello->extensions);
	if (ciphers.cut || extensions.cut || signatures.cut)
		return QW_ELIMIT;
	sort(&ciphers);
	sort(&extensions);

	qw_text_init(&result, out, QW_JA4_LEN);
	qw_text_char(&result, transport);
	qw_text_put(&result, version_code(qw_tls_hello_version(hello)), 2);
	qw_text_char(&result, hello->names_server ? 'd' : 'i');
	two_digits(&result, ciphers.count);
	two_digits(&result, extension_count);
	alpn_code(&result, hello->alpn);

	qw_text_char(&result, '_');
	qw_text_init(&list, memory, sizeof(memory));
	list_text(&list, &ciphers);
	hash(&result, &list);

	qw_text_char(&result, '_');
	qw_text_init(&list, memory, sizeof(memory));
	list_text(&list, &extensions);
	if (extensions.count && signatures.count) {
		qw_text_char(&list, '_');
		list_text(&list, &signatures);
	}
	hash(&result, &list);
	return QW_OK;
}
