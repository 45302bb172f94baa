/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/channel/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quaywatch/wire.h"
#include "rules/channel/field.h"

bool qw_entry_key_make(struct qw_entry_key *out, enum qw_entry_kind kind, const void *text, size_t len)
{
	if (len > QW_ENTRY_KEY_MAX)
		return false;
	out->bytes[0] = (uint8_t)kind;
	if (len)
		memcpy(out->bytes + 1, text, len);
	out->len = 1 + len;
	return true;
}

bool qw_entry_key_equal(const struct qw_entry_key *a, const struct qw_entry_key *b)
{
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* A flag is absent or 1: an explicit 0 would be a second form of absent. */
static bool read_flag(const struct qw_field *field, bool *out)
{
	*out = true;
	return field->wire == QW_FIELD_VARINT && field->value == 1;
}

static enum qw_err parse_indicator(struct qw_entry_key *out, struct qw_bytes in)
{
	struct qw_bytes type = {0}, value = {0};
	bool allow = false;
	struct qw_field field = {0};
	while (in.left) {
		enum qw_err err = qw_field_next(&in, &field);
		if (err)
			return err;
		if (field.number == 1)
			type = field.bytes;
		else if (field.number == 2)
			value = field.bytes;
		else if (field.number == 3 && !read_flag(&field, &allow))
			return QW_EFORMAT;
	}
	if (!type.left || type.left > QW_ENTRY_TYPE_MAX || memchr(type.at, 0, type.left))
		return QW_EFORMAT;
	if (!value.left || value.left > QW_OBSERVABLE_TEXT_MAX)
		return QW_EFORMAT;
	out->bytes[0] = allow ? QW_ENTRY_ALLOW : QW_ENTRY_INDICATOR;
	memcpy(out->bytes + 1, type.at, type.left);
	out->bytes[1 + type.left] = 0;
	memcpy(out->bytes + 2 + type.left, value.at, value.left);
	out->len = 2 + type.left + value.left;
	return QW_OK;
}

static bool read_id(const struct qw_field *field, uint32_t *out)
{
	*out = (uint32_t)field->value;
	return field->wire == QW_FIELD_VARINT && field->value != 0 && field->value <= UINT32_MAX;
}

static enum qw_err parse_signature(struct qw_entry_key *out, struct qw_bytes in)
{
	uint32_t gid = 0, sid = 0;
	struct qw_field field = {0};
	while (in.left) {
		enum qw_err err = qw_field_next(&in, &field);
		if (err)
			return err;
		if (field.number == 1 && !read_id(&field, &gid))
			return QW_EFORMAT;
		if (field.number == 2 && !read_id(&field, &sid))
			return QW_EFORMAT;
	}
	if (!sid)
		return QW_EFORMAT;
	char text[24];
	int len = snprintf(text, sizeof(text), "%u:%u", gid, sid);
	return qw_entry_key_make(out, QW_ENTRY_SIGNATURE, text, (size_t)len) ? QW_OK : QW_EFORMAT;
}

enum qw_err qw_entry_key_parse(struct qw_entry_key *out, bool *removed, const uint8_t *body, size_t len)
{
	if (len > QW_ENTRY_MAX)
		return QW_EFORMAT;
	struct qw_bytes in = qw_bytes(body, len);
	struct qw_field field = {0};
	bool named = false, remove = false;
	while (in.left) {
		enum qw_err err = qw_field_next(&in, &field);
		if (err)
			return err;
		if (field.number == 3 && !read_flag(&field, &remove))
			return QW_EFORMAT;
		if (field.number > 2)
			continue;
		if (named || field.wire != QW_FIELD_BYTES)
			return QW_EFORMAT;
		err = field.number == 1 ? parse_indicator(out, field.bytes) : parse_signature(out, field.bytes);
		if (err)
			return err;
		named = true;
	}
	if (!named)
		return QW_EFORMAT;
	*removed = remove;
	return QW_OK;
}

enum qw_err qw_entry_key_pack_removal(const struct qw_entry_key *key, uint8_t **out, size_t *len)
{
	char text[QW_ENTRY_KEY_MAX + 1];
	size_t text_len = key->len - 1;
	memcpy(text, key->bytes + 1, text_len);
	text[text_len] = 0;
	Quaywatch__Wire__Entry entry;
	quaywatch__wire__entry__init(&entry);
	Quaywatch__Wire__Indicator indicator;
	quaywatch__wire__indicator__init(&indicator);
	Quaywatch__Wire__Signature signature;
	quaywatch__wire__signature__init(&signature);
	entry.removed = true;
	if (qw_entry_key_kind(key) == QW_ENTRY_SIGNATURE) {
		entry.body_case = QUAYWATCH__WIRE__ENTRY__BODY_SIGNATURE;
		entry.signature = &signature;
		if (sscanf(text, "%u:%u", &signature.gid, &signature.sid) != 2)
			return QW_EFORMAT;
	} else {
		entry.body_case = QUAYWATCH__WIRE__ENTRY__BODY_INDICATOR;
		entry.indicator = &indicator;
		indicator.type = text;
		indicator.value = text + strlen(text) + 1;
		indicator.allow = qw_entry_key_kind(key) == QW_ENTRY_ALLOW;
	}
	return qw_message_pack(&entry.base, out, len);
}
