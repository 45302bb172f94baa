/* SPDX-License-Identifier: Apache-2.0 */
/* entry - indicators and signatures as packed entries, and back. */
#include <stdlib.h>
#include <string.h>

#include "quaywatch/wire.h"
#include "rules/channel/field.h"
#include "rules/channel/key.h"

enum { CONFIDENCE_MAX = 100 };

static enum qw_err pack(struct qw_entry *out, uint8_t **body, enum qw_entry_kind kind, Quaywatch__Wire__Entry *entry)
{
	uint8_t *packed;
	size_t len;
	if (protobuf_c_message_get_packed_size(&entry->base) > QW_ENTRY_MAX)
		return QW_ELIMIT;
	enum qw_err err = qw_message_pack(&entry->base, &packed, &len);
	if (err)
		return err;
	*body = packed;
	*out = (struct qw_entry){.kind = kind, .body = packed, .body_len = len};
	return QW_OK;
}

/* protobuf-c's types know no const; packing only reads. */
static char *lend(const char *text)
{
	return (char *)(uintptr_t)text;
}

enum qw_err qw_entry_of_indicator(struct qw_entry *out, uint8_t **body, const struct qw_indicator *indicator)
{
	const struct qw_observable *observable = &indicator->observable;
	if (!observable->len || observable->type >= QW_OBS_COUNT || memchr(observable->text, 0, observable->len) ||
	    indicator->confidence > CONFIDENCE_MAX || indicator->tlp >= QW_TLP_COUNT ||
	    indicator->seen >= QW_PREVALENCE_COUNT)
		return QW_EINVAL;
	Quaywatch__Wire__Indicator packed;
	quaywatch__wire__indicator__init(&packed);
	packed.type = lend(qw_observable_type_name(observable->type));
	packed.value = lend(observable->text);
	packed.allow = indicator->allow;
	packed.confidence = indicator->confidence;
	packed.tlp = lend(qw_tlp_name(indicator->tlp));
	packed.valid_from_ns = indicator->valid_from.ns;
	packed.valid_until_ns = indicator->valid_until.ns;
	packed.source = lend(indicator->source);
	packed.description = lend(indicator->description);
	packed.seen = indicator->seen;
	packed.seen_ns = indicator->seen_at.ns;
	Quaywatch__Wire__Entry entry;
	quaywatch__wire__entry__init(&entry);
	entry.body_case = QUAYWATCH__WIRE__ENTRY__BODY_INDICATOR;
	entry.indicator = &packed;
	return pack(out, body, indicator->allow ? QW_ENTRY_ALLOW : QW_ENTRY_INDICATOR, &entry);
}

enum qw_err qw_entry_of_signature(struct qw_entry *out, uint8_t **body, const char *text, uint32_t gid, uint32_t sid)
{
	if (!*text || !sid)
		return QW_EINVAL;
	Quaywatch__Wire__Signature packed;
	quaywatch__wire__signature__init(&packed);
	packed.gid = gid;
	packed.sid = sid;
	packed.text = lend(text);
	Quaywatch__Wire__Entry entry;
	quaywatch__wire__entry__init(&entry);
	entry.body_case = QUAYWATCH__WIRE__ENTRY__BODY_SIGNATURE;
	entry.signature = &packed;
	return pack(out, body, QW_ENTRY_SIGNATURE, &entry);
}

enum qw_err qw_entry_key(const struct qw_entry *entry, char out[QW_ENTRY_KEY_MAX], size_t *len)
{
	struct qw_entry_key key;
	bool removed;
	enum qw_err err = qw_entry_key_parse(&key, &removed, entry->body, entry->body_len);
	if (err)
		return err;
	*len = key.len - 1;
	memcpy(out, key.bytes + 1, *len);
	return QW_OK;
}

/* The inside of an entry: an indicator or a signature, by field number. */
static enum qw_err open_entry(const struct qw_entry *entry, uint32_t number, struct qw_bytes *out)
{
	struct qw_entry_key key;
	bool removed;
	enum qw_err err = qw_entry_key_parse(&key, &removed, entry->body, entry->body_len);
	if (err)
		return err;
	struct qw_bytes in = qw_bytes(entry->body, entry->body_len);
	struct qw_field field = {0};
	if (qw_entry_key_kind(&key) != entry->kind || qw_field_next(&in, &field) || field.number != number)
		return QW_EFORMAT;
	*out = field.bytes;
	return QW_OK;
}

/* Copies what fits, up to the last whole character (UTF-8). */
static void copy_text(char *out, size_t size, struct qw_bytes text)
{
	size_t len = text.left;
	if (len > size - 1) {
		len = size - 1;
		while (len && (text.at[len] & 0xC0) == 0x80)
			len--;
	}
	if (len)
		memcpy(out, text.at, len);
	out[len] = 0;
}

/* What is there only as text until all fields are in. */
struct texts {
	struct qw_bytes type, value, tlp;
};

static bool read_field(struct qw_indicator *out, struct texts *texts, const struct qw_field *field)
{
	switch (field->number) {
	case 1: texts->type = field->bytes; return true;
	case 2: texts->value = field->bytes; return true;
	case 3: out->allow = true; return true;
	case 4: out->confidence = (uint8_t)field->value; return field->value <= CONFIDENCE_MAX;
	case 5: texts->tlp = field->bytes; return true;
	case 6: out->valid_from = qw_time_ns((int64_t)field->value); return true;
	case 7: out->valid_until = qw_time_ns((int64_t)field->value); return true;
	case 8: copy_text(out->source, sizeof(out->source), field->bytes); return true;
	case 9: copy_text(out->description, sizeof(out->description), field->bytes); return true;
	case 10: out->seen = field->value < QW_PREVALENCE_COUNT ? (enum qw_prevalence)field->value : QW_PREVALENCE_UNTOLD; return true;
	case 11: out->seen_at = qw_time_ns((int64_t)field->value); return true;
	default: return true; /* of a newer collector */
	}
}

static bool is_text(struct qw_bytes bytes, const char *text)
{
	return bytes.left == strlen(text) && memcmp(bytes.at, text, bytes.left) == 0;
}

static bool read_label(struct qw_indicator *out, struct qw_bytes text)
{
	if (!text.left)
		return false;
	out->tlp = qw_tlp_parse((const char *)text.at, text.left);
	return out->tlp != QW_TLP_COUNT && is_text(text, qw_tlp_name(out->tlp));
}

static bool read_observable(struct qw_indicator *out, const struct texts *texts)
{
	enum qw_observable_type type = qw_observable_type_parse((const char *)texts->type.at, texts->type.left);
	if (type == QW_OBS_COUNT || !is_text(texts->type, qw_observable_type_name(type)))
		return false;
	if (qw_observable_parse(&out->observable, type, (const char *)texts->value.at, texts->value.left, NULL))
		return false;
	return out->observable.type == type && is_text(texts->value, out->observable.text);
}

enum qw_err qw_entry_read(struct qw_entry *out, const uint8_t *body, size_t len)
{
	struct qw_entry_key key;
	bool removed;
	enum qw_err err = qw_entry_key_parse(&key, &removed, body, len);
	if (err)
		return err;
	*out = (struct qw_entry){.kind = qw_entry_key_kind(&key), .body = body, .body_len = len, .removed = removed};
	return QW_OK;
}

enum qw_err qw_entry_indicator(const struct qw_entry *entry, struct qw_indicator *out)
{
	struct qw_bytes in;
	enum qw_err err = open_entry(entry, 1, &in);
	if (err)
		return err;
	struct qw_indicator indicator;
	struct texts texts = {0};
	struct qw_field field = {0};
	qw_indicator_init(&indicator);
	indicator.confidence = 0; /* absent is 0 on the wire */
	while (in.left) {
		err = qw_field_next(&in, &field);
		if (err)
			return err;
		if (!read_field(&indicator, &texts, &field))
			return QW_EFORMAT;
	}
	if (!read_observable(&indicator, &texts))
		return QW_EFORMAT;
	if (!entry->removed && !read_label(&indicator, texts.tlp))
		return QW_EFORMAT;
	*out = indicator;
	return QW_OK;
}

enum qw_err qw_entry_signature(const struct qw_entry *entry, const char **text, size_t *len)
{
	struct qw_bytes in;
	enum qw_err err = open_entry(entry, 2, &in);
	if (err)
		return err;
	struct qw_bytes found = {0};
	struct qw_field field = {0};
	while (in.left) {
		err = qw_field_next(&in, &field);
		if (err)
			return err;
		if (field.number == 3)
			found = field.bytes;
	}
	if (!found.left)
		return QW_EFORMAT;
	*text = (const char *)found.at;
	*len = found.left;
	return QW_OK;
}
