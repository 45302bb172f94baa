/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/goose_message.h"

#include "sensor/protocol/ber.h"
#include "sensor/protocol/ot_text.h"

enum {
	SIMULATED = 0x8000,
	PDU = QW_BER_APPLICATION(1),
	ENTRIES_MAX = 1024, /* that are counted */
	TYPES_MAX = 16,     /* runs of types that are told */
};

/* Elements of the goosePdu (IEC 61850-8-1, annex A). */
enum {
	CONTROL_BLOCK = 0x80,
	LIFETIME,
	DATA_SET,
	ID,
	TIME,
	STATE,
	SEQUENCE,
	SIMULATION,
	CONFIGURATION,
	COMMISSIONING,
	ENTRIES,
	DATA = 0xab,
};

bool qw_goose_head(struct qw_bytes in, uint16_t *application, bool *simulated, struct qw_bytes *body)
{
	uint16_t len, reserved, more;
	if (!qw_bytes_be16(&in, application) || !qw_bytes_be16(&in, &len) || !qw_bytes_be16(&in, &reserved) ||
	    !qw_bytes_be16(&in, &more))
		return false;
	*simulated = reserved & SIMULATED;
	if (len >= QW_GOOSE_HEAD)
		qw_bytes_limit(&in, len - (size_t)QW_GOOSE_HEAD);
	*body = in;
	return true;
}

bool qw_goose_unsigned(struct qw_bytes body, uint64_t *out)
{
	uint64_t value = 0;
	uint8_t byte;
	if (body.left == 0 || body.left > 9 || (body.left == 9 && body.at[0]))
		return false;
	while (qw_bytes_u8(&body, &byte))
		value = value << 8 | byte;
	*out = value;
	return true;
}

static bool number(struct qw_goose *goose, struct qw_bytes body, uint32_t *out, enum qw_goose_has has)
{
	uint64_t value;
	if (!qw_goose_unsigned(body, &value) || value > UINT32_MAX)
		return false;
	*out = (uint32_t)value;
	goose->has |= has;
	return true;
}

/* Seconds, a fraction of 2^24, and what is known of the clock. */
static bool utc(struct qw_goose *goose, struct qw_bytes body)
{
	uint32_t seconds, fraction;
	if (body.left != 8 || !qw_bytes_be32(&body, &seconds) || !qw_bytes_be24(&body, &fraction))
		return false;
	goose->time = qw_time_ns(seconds * QW_NS_PER_S + (int64_t)((uint64_t)fraction * QW_NS_PER_S >> 24));
	goose->has |= QW_GOOSE_HAS_TIME;
	return true;
}

static bool flag(struct qw_bytes body, bool *out)
{
	if (body.left != 1)
		return false;
	*out = *out || body.at[0];
	return true;
}

static bool read_element(struct qw_goose *goose, const struct qw_ber *element)
{
	struct qw_bytes body = element->body;
	switch (element->tag) {
	case CONTROL_BLOCK: goose->control_block = qw_slice(body.at, body.left); return true;
	case DATA_SET: goose->data_set = qw_slice(body.at, body.left); return true;
	case ID: goose->id = qw_slice(body.at, body.left); return true;
	case LIFETIME: return number(goose, body, &goose->lifetime_ms, QW_GOOSE_HAS_LIFETIME);
	case STATE: return number(goose, body, &goose->state, QW_GOOSE_HAS_STATE);
	case SEQUENCE: return number(goose, body, &goose->sequence, QW_GOOSE_HAS_SEQUENCE);
	case CONFIGURATION: return number(goose, body, &goose->configuration, QW_GOOSE_HAS_CONFIGURATION);
	case ENTRIES: return number(goose, body, &goose->entries, QW_GOOSE_HAS_ENTRIES);
	case TIME: return utc(goose, body);
	case SIMULATION: return flag(body, &goose->simulated);
	case COMMISSIONING: return flag(body, &goose->commissioning);
	case DATA: goose->data = body; return true;
	default: return true; /* of a later edition: security */
	}
}

/* How many elements there are, if all are whole. */
static bool count(struct qw_bytes data, uint32_t *out)
{
	struct qw_ber element;
	for (*out = 0; *out < ENTRIES_MAX && qw_ber_next(&data, &element);)
		++*out;
	return data.left == 0;
}

static bool is_sound(const struct qw_goose *goose)
{
	enum { NEEDED = QW_GOOSE_HAS_STATE | QW_GOOSE_HAS_SEQUENCE | QW_GOOSE_HAS_LIFETIME };
	uint32_t entries;
	bool whole = count(goose->data, &entries);
	bool as_told = !(goose->has & QW_GOOSE_HAS_ENTRIES) || entries == goose->entries;
	return whole && as_told && goose->control_block.len && (goose->has & NEEDED) == NEEDED;
}

bool qw_goose_parse(struct qw_goose *out, struct qw_bytes in)
{
	struct qw_bytes pdu;
	struct qw_ber element;
	*out = (struct qw_goose){0};
	if (!qw_goose_head(in, &out->application, &out->simulated, &in))
		return false;
	out->malformed = !qw_ber_take(&in, PDU, &pdu);
	if (out->malformed)
		return true;
	while (qw_ber_next(&pdu, &element))
		out->malformed |= !read_element(out, &element);
	out->malformed |= pdu.left != 0 || !is_sound(out);
	return true;
}

/* ---- types of data (IEC 61850-8-1, of MMS) */

static const char *type_name(uint32_t tag)
{
	static const struct {
		uint32_t tag;
		const char *name;
	} rows[] = {
		{0xa1, "array"}, {0xa2, "structure"}, {0x83, "boolean"}, {0x84, "bit_string"}, {0x85, "integer"},
		{0x86, "unsigned"}, {0x87, "float"}, {0x89, "octets"}, {0x8a, "string"}, {0x8c, "binary_time"},
		{0x90, "unicode"}, {0x91, "utc_time"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].tag == tag)
			return rows[i].name;
	return "other";
}

static void put_run(struct qw_text *text, uint32_t tag, uint32_t length)
{
	qw_ot_put_word(text, type_name(tag));
	if (length == 1)
		return;
	qw_text_literal(text, " x");
	qw_text_u64(text, length);
}

void qw_goose_put_types(struct qw_text *text, struct qw_bytes data)
{
	struct qw_ber element;
	uint32_t tag = 0, length = 0, runs = 0;
	for (uint32_t i = 0; i < ENTRIES_MAX && qw_ber_next(&data, &element); i++) {
		if (length && element.tag == tag) {
			length++;
			continue;
		}
		if (length)
			put_run(text, tag, length);
		if (++runs > TYPES_MAX) {
			qw_ot_put_word(text, "...");
			return;
		}
		tag = element.tag;
		length = 1;
	}
	if (length)
		put_run(text, tag, length);
}
