/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/dataset.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quaywatch/address.h"
#include "quaywatch/digest.h"
#include "quaywatch/hash.h"
#include "rules/signature/blocks.h"
#include "rules/signature/path.h"
#include "rules/signature/transforms.h"

enum { DATAREP_MAX = 65535 };

void qw_datasets_init(struct qw_datasets *sets)
{
	struct qw_hash_key keys[2] = {qw_hash_key_random(), qw_hash_key_random()};
	*sets = (struct qw_datasets){.keys = {{keys[0].k0, keys[0].k1}, {keys[1].k0, keys[1].k1}}};
	qw_names_init(&sets->by_name);
	qw_vector_init(&sets->rows, sizeof(struct qw_dataset));
	qw_vector_init(&sets->texts, 1);
	qw_vector_init(&sets->contexts, 1);
}

static void drop(struct qw_dataset *set)
{
	qw_vector_fini(&set->rows);
	qw_vector_fini(&set->blocks);
}

void qw_datasets_fini(struct qw_datasets *sets)
{
	for (uint32_t i = 0; i < sets->rows.count; i++)
		drop(qw_dataset_at(sets, i));
	qw_names_fini(&sets->by_name);
	qw_vector_fini(&sets->rows);
	qw_vector_fini(&sets->texts);
	qw_vector_fini(&sets->contexts);
}

enum qw_err qw_dataset_refuse(struct qw_dataset_reader *reader, const char *format, ...)
{
	char text[256];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	struct qw_word file = reader->request->file;
	if (reader->line)
		return qw_refuse(reader->parse, file.at, "%.*s:%u: %s", (int)file.len, file.at, reader->line, text);
	return qw_refuse(reader->parse, file.at, "%.*s: %s", (int)file.len, file.at, text);
}

/* ---- members */

struct qw_slice qw_prefix_key(const struct qw_prefix *prefix, uint8_t out[QW_PREFIX_KEY_BYTES])
{
	memcpy(out, prefix->address.bytes, sizeof(prefix->address.bytes));
	out[sizeof(prefix->address.bytes)] = prefix->bits;
	return qw_slice(out, QW_PREFIX_KEY_BYTES);
}

/* Text to the bytes that are compared; false: it is nothing of this type. */
static bool value_of(enum qw_member_type type, char *text, size_t len, bool coded, uint8_t memory[QW_MEMBER_BYTES_MAX],
		     struct qw_slice *out)
{
	static const uint8_t sizes[QW_MEMBER_TYPES] = {
		[QW_MEMBER_MD5] = QW_MD5_BYTES, [QW_MEMBER_SHA1] = QW_SHA1_BYTES, [QW_MEMBER_SHA256] = QW_SHA256_BYTES};
	struct qw_address address;
	struct qw_prefix prefix;
	if (type == QW_MEMBER_CIDR) {
		bool understood = qw_prefix_parse(text, len, &prefix);
		if (understood)
			*out = qw_prefix_key(&prefix, memory);
		return understood;
	}
	if (type == QW_MEMBER_STRING) {
		size_t size = coded ? qw_base64_strict(qw_slice(text, len), (uint8_t *)text) : len;
		*out = qw_slice(text, size);
		return size > 0;
	}
	if (sizes[type]) {
		*out = qw_slice(memory, sizes[type]);
		return len == 2u * sizes[type] && qw_hex_decode(text, len, memory);
	}
	if (!qw_address_parse(text, len, &address) || (type == QW_MEMBER_IPV4 && !qw_address_is_v4(&address)))
		return false;
	memcpy(memory, address.bytes, sizeof(address.bytes));
	*out = qw_slice(memory, sizeof(address.bytes));
	return true;
}

static enum qw_err add_block(struct qw_dataset *set, struct qw_slice key)
{
	struct qw_prefix prefix = {.bits = key.data[key.len - 1]};
	memcpy(prefix.address.bytes, key.data, sizeof(prefix.address.bytes));
	return qw_blocks_add(&set->blocks, &prefix, 0, 0);
}

enum qw_err qw_dataset_add(struct qw_dataset_reader *reader, char *text, size_t len, bool coded, uint32_t value)
{
	static const char *const wants[QW_MEMBER_TYPES] = {
		[QW_MEMBER_STRING] = "a string in base64", [QW_MEMBER_MD5] = "an MD5 of 32 hexadecimal digits",
		[QW_MEMBER_SHA1] = "a SHA-1 of 40 hexadecimal digits",
		[QW_MEMBER_SHA256] = "a SHA-256 of 64 hexadecimal digits", [QW_MEMBER_IPV4] = "an IPv4 address",
		[QW_MEMBER_IP] = "an IPv4 or IPv6 address", [QW_MEMBER_CIDR] = "an address or a block of them"};
	uint8_t memory[QW_MEMBER_BYTES_MAX];
	struct qw_slice bytes;
	int shown = len < 40 ? (int)len : 40;
	if (!value_of(reader->set->type, text, len, coded, memory, &bytes))
		return qw_dataset_refuse(reader, "'%.*s' is not %s", shown, text, wants[reader->set->type]);
	struct qw_slot_row row = {qw_slot_of(reader->keys, bytes), value, (uint32_t)reader->set->rows.count};
	if (reader->set->type == QW_MEMBER_CIDR && add_block(reader->set, bytes) != QW_OK)
		return QW_ENOMEM;
	return qw_vector_put(&reader->set->rows, &row, 1) == UINT32_MAX ? QW_ENOMEM : QW_OK;
}

enum qw_err qw_dataset_context(struct qw_dataset_reader *reader, const char *json, uint32_t *at)
{
	size_t len = strlen(json);
	if (len > QW_CONTEXT_JSON_MAX)
		return qw_dataset_refuse(reader, "what stands beside a member is longer than %d bytes", QW_CONTEXT_JSON_MAX);
	*at = qw_vector_put(reader->contexts, json, len + 1);
	return *at == UINT32_MAX ? QW_ENOMEM : QW_OK;
}

/* ---- files of lines */

/* "value" or "value,number": the first line decides which, and the others agree. */
static enum qw_err read_value(struct qw_dataset_reader *reader, struct qw_word line)
{
	struct qw_word rest = line, text;
	uint64_t number = 0;
	(void)qw_word_cut(&rest, ',', &text);
	bool has_value = rest.at != NULL;
	if (reader->set->rows.count == 0)
		reader->set->has_values = has_value;
	if (has_value != reader->set->has_values)
		return qw_dataset_refuse(reader, "some lines have a number behind a comma, and some have none");
	if (has_value && !qw_word_u64(qw_word_trim(rest), DATAREP_MAX, &number))
		return qw_dataset_refuse(reader, "behind the comma a number from 0 to %d is wanted", DATAREP_MAX);
	return qw_dataset_add(reader, (char *)(uintptr_t)text.at, text.len, true, (uint32_t)number);
}

static enum qw_err read_beside(struct qw_dataset_reader *reader, struct qw_word line)
{
	struct qw_word rest = line, text;
	uint32_t at;
	char *json;
	(void)qw_word_cut(&rest, ',', &text);
	enum qw_err err = rest.at ? qw_dataset_object(rest.at, rest.len, &json) : QW_EFORMAT;
	if (err)
		return err == QW_EFORMAT ? qw_dataset_refuse(reader, "a line is 'value,{…}' with a JSON object") : err;
	err = qw_dataset_context(reader, json, &at);
	free(json);
	return err ? err : qw_dataset_add(reader, (char *)(uintptr_t)text.at, text.len, true, at);
}

static enum qw_err read_line(struct qw_dataset_reader *reader, struct qw_word line)
{
	switch (reader->request->format) {
	case QW_DATASET_JSON_LINES: return qw_dataset_json_line(reader, line.at, line.len);
	case QW_DATASET_BESIDE: return read_beside(reader, line);
	default: return read_value(reader, line);
	}
}

static enum qw_err read_lines(struct qw_dataset_reader *reader, char *text, size_t len)
{
	struct qw_word rest = {text, len}, line;
	enum qw_err err = QW_OK;
	while (!err && qw_word_cut(&rest, '\n', &line)) {
		reader->line++;
		if (line.len && line.at[0] != '#')
			err = read_line(reader, line);
	}
	return err;
}

static enum qw_err read_text(struct qw_parse *parse, const struct qw_dataset_request *request, struct qw_dataset *set,
			     char *text, size_t len)
{
	struct qw_dataset_reader reader = {.parse = parse, .request = request, .set = set,
					   .contexts = &parse->datasets->contexts,
					   .keys = (const uint64_t(*)[2])parse->datasets->keys};
	set->contexts = request->format != QW_DATASET_LINES;
	enum qw_err err = request->format == QW_DATASET_JSON ? qw_dataset_json(&reader, text, len)
							     : read_lines(&reader, text, len);
	reader.line = 0;
	if (!err && set->contexts && set->rows.count == 0)
		err = qw_dataset_refuse(&reader, "nothing in it has the key '%.*s'", (int)request->value_key.len,
					request->value_key.at);
	return err;
}

static enum qw_err read_file(struct qw_parse *parse, const struct qw_dataset_request *request, struct qw_dataset *set)
{
	char *text;
	size_t len;
	if (!request->file.at)
		return QW_OK;
	enum qw_err err = request->optional ? qw_rule_file_if_any(parse, request->file, &text, &len)
					    : qw_rule_file(parse, request->file, &text, &len);
	if (err)
		return err == QW_ENOENT ? QW_OK : err;
	err = read_text(parse, request, set, text, len);
	free(text);
	return err;
}

/* ---- which sets there are */

static enum qw_err put_text(struct qw_datasets *sets, struct qw_word text, uint32_t *at)
{
	*at = qw_vector_put(&sets->texts, text.at, text.len);
	return *at == UINT32_MAX || qw_vector_put(&sets->texts, "", 1) == UINT32_MAX ? QW_ENOMEM : QW_OK;
}

static bool same_text(const struct qw_datasets *sets, uint32_t at, struct qw_word text)
{
	const char *known = qw_vector_at(&sets->texts, at);
	return strlen(known) == text.len && (text.len == 0 || memcmp(known, text.at, text.len) == 0);
}

/* A later mention says the same as the first, or less. */
static enum qw_err agree(struct qw_parse *parse, const struct qw_dataset_request *request, const struct qw_dataset *set)
{
	if (request->has_type && request->type != set->type)
		return qw_refuse(parse, request->name.at, "the set '%.*s' is of another type already", (int)request->name.len,
				 request->name.at);
	if (request->file.at && !same_text(parse->datasets, set->file, request->file))
		return qw_refuse(parse, request->file.at, "the set '%.*s' has another file, or none, already",
				 (int)request->name.len, request->name.at);
	return QW_OK;
}

static enum qw_err make(struct qw_parse *parse, const struct qw_dataset_request *request, uint32_t *number)
{
	struct qw_datasets *sets = parse->datasets;
	struct qw_dataset set = {.type = request->type};
	int fresh;
	qw_vector_init(&set.rows, sizeof(struct qw_slot_row));
	qw_vector_init(&set.blocks, sizeof(struct qw_block));
	enum qw_err err = read_file(parse, request, &set);
	if (!err)
		err = put_text(sets, request->name, &set.name);
	if (!err)
		err = put_text(sets, request->file, &set.file);
	*number = err ? UINT32_MAX : qw_vector_put(&sets->rows, &set, 1);
	if (!err && *number == UINT32_MAX)
		err = QW_ENOMEM;
	uint32_t *known = err ? NULL : qw_names_get(&sets->by_name, request->name.at, request->name.len, &fresh);
	if (!known) {
		if (*number == UINT32_MAX)
			drop(&set);
		return err ? err : QW_ENOMEM;
	}
	*known = *number;
	return QW_OK;
}

enum qw_err qw_dataset_get(struct qw_parse *parse, const struct qw_dataset_request *request, uint32_t *number)
{
	const uint32_t *known = qw_names_find(&parse->datasets->by_name, request->name.at, request->name.len);
	if (known) {
		*number = *known;
		return agree(parse, request, qw_dataset_at(parse->datasets, *known));
	}
	if (!request->has_type)
		return qw_refuse(parse, request->name.at,
				 "the set '%.*s' is new: it needs a type, string, md5, sha1, sha256, ipv4 or ip",
				 (int)request->name.len, request->name.at);
	return make(parse, request, number);
}
