/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/opcua_value.h"

#include "sensor/protocol/ot_text.h"

enum {
	DEPTH_MAX = 8,
	NODE_TEXT_MAX = 128, /* bytes of an identifier that are written */
	GUID_BYTES = 16,
};

enum builtin {
	TYPE_NULL, TYPE_BOOLEAN, TYPE_SBYTE, TYPE_BYTE, TYPE_INT16, TYPE_UINT16, TYPE_INT32, TYPE_UINT32, TYPE_INT64,
	TYPE_UINT64, TYPE_FLOAT, TYPE_DOUBLE, TYPE_STRING, TYPE_DATETIME, TYPE_GUID, TYPE_BYTESTRING, TYPE_XML, TYPE_NODE,
	TYPE_EXPANDED, TYPE_STATUS, TYPE_QUALIFIED, TYPE_LOCALIZED, TYPE_EXTENSION, TYPE_DATA_VALUE, TYPE_VARIANT,
	TYPE_DIAGNOSTICS, TYPES,
};

/* Of those that have always the same. */
static const uint8_t sizes[TYPES] = {
	[TYPE_BOOLEAN] = 1, [TYPE_SBYTE] = 1, [TYPE_BYTE] = 1, [TYPE_INT16] = 2, [TYPE_UINT16] = 2, [TYPE_INT32] = 4,
	[TYPE_UINT32] = 4, [TYPE_INT64] = 8, [TYPE_UINT64] = 8, [TYPE_FLOAT] = 4, [TYPE_DOUBLE] = 8, [TYPE_DATETIME] = 8,
	[TYPE_GUID] = GUID_BYTES, [TYPE_STATUS] = 4,
};

/* ---- strings and arrays */

bool qw_opcua_string(struct qw_bytes *in, struct qw_slice *out)
{
	struct qw_bytes text;
	uint32_t len;
	if (!qw_bytes_le32(in, &len))
		return false;
	if (len == UINT32_MAX) {
		*out = qw_slice(NULL, 0);
		return true;
	}
	if (!qw_bytes_take(in, len, &text))
		return false;
	*out = qw_slice(text.at, text.left);
	return true;
}

static bool skip_string(struct qw_bytes *in)
{
	struct qw_slice text;
	return qw_opcua_string(in, &text);
}

/* Each element has one byte at least. */
bool qw_opcua_count(struct qw_bytes *in, uint32_t *count)
{
	if (!qw_bytes_le32(in, count))
		return false;
	if (*count == UINT32_MAX)
		*count = 0;
	return *count <= in->left;
}

bool qw_opcua_skip_strings(struct qw_bytes *in)
{
	uint32_t count;
	if (!qw_opcua_count(in, &count))
		return false;
	while (count--)
		if (!skip_string(in))
			return false;
	return true;
}

bool qw_opcua_skip_qualified(struct qw_bytes *in)
{
	return qw_bytes_skip(in, 2) && skip_string(in);
}

/* Locale, then text; each may be absent. */
bool qw_opcua_localized(struct qw_bytes *in, struct qw_slice *text)
{
	enum { HAS_LOCALE = 1, HAS_TEXT = 2 };
	uint8_t has;
	*text = qw_slice(NULL, 0);
	return qw_bytes_u8(in, &has) && (!(has & HAS_LOCALE) || skip_string(in)) &&
	       (!(has & HAS_TEXT) || qw_opcua_string(in, text));
}

/* ---- nodes */

static bool read_numeric(struct qw_bytes *in, struct qw_opcua_node *out, uint8_t encoding)
{
	uint8_t byte;
	uint16_t half;
	switch (encoding) {
	case 0:
		if (!qw_bytes_u8(in, &byte))
			return false;
		out->number = byte;
		return true;
	case 1:
		if (!qw_bytes_u8(in, &byte) || !qw_bytes_le16(in, &half))
			return false;
		out->space = byte;
		out->number = half;
		return true;
	default: return qw_bytes_le16(in, &out->space) && qw_bytes_le32(in, &out->number);
	}
}

static bool read_guid(struct qw_bytes *in, struct qw_slice *out)
{
	struct qw_bytes guid;
	if (!qw_bytes_take(in, GUID_BYTES, &guid))
		return false;
	*out = qw_slice(guid.at, guid.left);
	return true;
}

/* Also with what an ExpandedNodeId has behind it: a URI, a server. */
bool qw_opcua_node(struct qw_bytes *in, struct qw_opcua_node *out)
{
	enum { NUMERIC_LAST = 2, STRING = 3, GUID = 4, OPAQUE = 5, HAS_URI = 0x80, HAS_SERVER = 0x40 };
	uint8_t head;
	*out = (struct qw_opcua_node){.text = {NULL, 0}};
	if (!qw_bytes_u8(in, &head))
		return false;
	uint8_t encoding = head & 0x3f;
	bool read;
	if (encoding <= NUMERIC_LAST) {
		read = read_numeric(in, out, encoding);
	} else {
		out->kind = encoding == STRING ? QW_OPCUA_STRING : encoding == GUID ? QW_OPCUA_GUID : QW_OPCUA_OPAQUE;
		read = encoding <= OPAQUE && qw_bytes_le16(in, &out->space) &&
		       (encoding == GUID ? read_guid(in, &out->text) : qw_opcua_string(in, &out->text));
	}
	return read && (!(head & HAS_URI) || skip_string(in)) && (!(head & HAS_SERVER) || qw_bytes_skip(in, 4));
}

bool qw_opcua_extension(struct qw_bytes *in, struct qw_opcua_node *type, struct qw_bytes *body)
{
	enum { BINARY = 1, XML = 2 };
	struct qw_slice bytes = {NULL, 0};
	uint8_t encoding;
	if (!qw_opcua_node(in, type) || !qw_bytes_u8(in, &encoding) || encoding > XML ||
	    (encoding && !qw_opcua_string(in, &bytes)))
		return false;
	*body = qw_bytes(bytes.data, encoding == BINARY ? bytes.len : 0);
	return true;
}

/* ---- values in values */

static bool skip_one(struct qw_bytes *in, uint8_t type, unsigned depth);
static bool skip_data_value(struct qw_bytes *in, unsigned depth);

static bool skip_diagnostics(struct qw_bytes *in, unsigned depth)
{
	enum { NUMBERS = 0x0f, INFO = 0x10, INNER_STATUS = 0x20, INNER = 0x40 };
	uint8_t has;
	if (depth == DEPTH_MAX || !qw_bytes_u8(in, &has))
		return false;
	if (!qw_bytes_skip(in, 4u * (unsigned)__builtin_popcount(has & NUMBERS)) || ((has & INFO) && !skip_string(in)) ||
	    ((has & INNER_STATUS) && !qw_bytes_skip(in, 4)))
		return false;
	return !(has & INNER) || skip_diagnostics(in, depth + 1);
}

bool qw_opcua_skip_diagnostics(struct qw_bytes *in)
{
	return skip_diagnostics(in, 0);
}

static bool skip_many(struct qw_bytes *in, uint8_t type, uint32_t count, unsigned depth)
{
	if (type < TYPES && sizes[type])
		return qw_bytes_skip(in, (uint64_t)count * sizes[type]);
	while (count--)
		if (!skip_one(in, type, depth))
			return false;
	return true;
}

static bool read_variant(struct qw_bytes *in, struct qw_opcua_variant *out, unsigned depth)
{
	enum { TYPE = 0x3f, ARRAY = 0x80, DIMENSIONS = 0x40 };
	uint8_t head;
	uint32_t count;
	*out = (struct qw_opcua_variant){.data = {NULL, 0}};
	if (depth == DEPTH_MAX || !qw_bytes_u8(in, &head))
		return false;
	out->type = head & TYPE;
	out->array = head & ARRAY;
	if (out->type == TYPE_NULL)
		return true;
	if (out->array)
		return qw_opcua_count(in, &count) && skip_many(in, out->type, count, depth) &&
		       (!(head & DIMENSIONS) || (qw_opcua_count(in, &count) && qw_bytes_skip(in, (uint64_t)count * 4)));
	struct qw_bytes from = *in;
	if (!skip_one(in, out->type, depth))
		return false;
	out->data = qw_slice(from.at, from.left - in->left);
	return true;
}

static bool skip_one(struct qw_bytes *in, uint8_t type, unsigned depth)
{
	struct qw_opcua_variant variant;
	struct qw_opcua_node node;
	struct qw_bytes body;
	struct qw_slice text;
	if (type < TYPES && sizes[type])
		return qw_bytes_skip(in, sizes[type]);
	switch ((enum builtin)type) {
	case TYPE_STRING:
	case TYPE_BYTESTRING:
	case TYPE_XML: return skip_string(in);
	case TYPE_NODE:
	case TYPE_EXPANDED: return qw_opcua_node(in, &node);
	case TYPE_QUALIFIED: return qw_opcua_skip_qualified(in);
	case TYPE_LOCALIZED: return qw_opcua_localized(in, &text);
	case TYPE_EXTENSION: return qw_opcua_extension(in, &node, &body);
	case TYPE_DATA_VALUE: return skip_data_value(in, depth + 1);
	case TYPE_VARIANT: return read_variant(in, &variant, depth + 1);
	case TYPE_DIAGNOSTICS: return skip_diagnostics(in, depth + 1);
	default: return false;
	}
}

static bool read_data_value(struct qw_bytes *in, struct qw_opcua_variant *value, unsigned depth)
{
	enum { VALUE = 1 };
	static const uint8_t bytes[] = {0, 4, 8, 8, 2, 2}; /* status, times, their fractions: bits 1 to 5 */
	uint8_t has;
	*value = (struct qw_opcua_variant){.data = {NULL, 0}};
	if (depth == DEPTH_MAX || !qw_bytes_u8(in, &has) || ((has & VALUE) && !read_variant(in, value, depth + 1)))
		return false;
	for (unsigned bit = 1; bit < sizeof(bytes); bit++)
		if (has >> bit & 1 && !qw_bytes_skip(in, bytes[bit]))
			return false;
	return true;
}

static bool skip_data_value(struct qw_bytes *in, unsigned depth)
{
	struct qw_opcua_variant value;
	return read_data_value(in, &value, depth);
}

bool qw_opcua_variant(struct qw_bytes *in, struct qw_opcua_variant *out)
{
	return read_variant(in, out, 0);
}

bool qw_opcua_data_value(struct qw_bytes *in, struct qw_opcua_variant *value)
{
	return read_data_value(in, value, 0);
}

/* ---- as text */

static void put_guid(struct qw_text *text, const uint8_t *at)
{
	const uint8_t turned[] = {at[3], at[2], at[1], at[0], at[5], at[4], at[7], at[6]};
	qw_text_hex(text, turned, 4);
	qw_text_char(text, '-');
	qw_text_hex(text, turned + 4, 2);
	qw_text_char(text, '-');
	qw_text_hex(text, turned + 6, 2);
	qw_text_char(text, '-');
	qw_text_hex(text, at + 8, 2);
	qw_text_char(text, '-');
	qw_text_hex(text, at + 10, 6);
}

void qw_opcua_put_node(struct qw_text *text, const struct qw_opcua_node *node)
{
	size_t len = node->text.len < NODE_TEXT_MAX ? node->text.len : NODE_TEXT_MAX;
	if (node->space) {
		qw_text_literal(text, "ns=");
		qw_text_u64(text, node->space);
		qw_text_char(text, ';');
	}
	qw_text_char(text, "isgb"[node->kind & 3]);
	qw_text_char(text, '=');
	switch ((enum qw_opcua_node_kind)node->kind) {
	case QW_OPCUA_NUMERIC: qw_text_u64(text, node->number); break;
	case QW_OPCUA_STRING:
		if (len)
			qw_text_put(text, node->text.data, len);
		break;
	case QW_OPCUA_GUID: put_guid(text, node->text.data); break;
	case QW_OPCUA_OPAQUE: qw_text_hex(text, node->text.data, len); break;
	}
}

static void put_float(struct qw_text *text, const uint8_t *at)
{
	uint32_t bits = qw_le32(at);
	float value;
	memcpy(&value, &bits, sizeof(value));
	qw_ot_put_real(text, (double)value);
}

static void put_double(struct qw_text *text, const uint8_t *at)
{
	uint64_t bits = qw_le64(at);
	double value;
	memcpy(&value, &bits, sizeof(value));
	qw_ot_put_real(text, value);
}

void qw_opcua_put_value(struct qw_text *text, const struct qw_opcua_variant *value)
{
	const uint8_t *at = value->data.data;
	if (value->array || !at)
		return;
	switch ((enum builtin)value->type) {
	case TYPE_BOOLEAN:
	case TYPE_BYTE: qw_text_u64(text, at[0]); break;
	case TYPE_SBYTE: qw_text_i64(text, (int8_t)at[0]); break;
	case TYPE_INT16: qw_text_i64(text, (int16_t)qw_le16(at)); break;
	case TYPE_UINT16: qw_text_u64(text, qw_le16(at)); break;
	case TYPE_INT32: qw_text_i64(text, (int32_t)qw_le32(at)); break;
	case TYPE_UINT32:
	case TYPE_STATUS: qw_text_u64(text, qw_le32(at)); break;
	case TYPE_INT64: qw_text_i64(text, (int64_t)qw_le64(at)); break;
	case TYPE_UINT64: qw_text_u64(text, qw_le64(at)); break;
	case TYPE_FLOAT: put_float(text, at); break;
	case TYPE_DOUBLE: put_double(text, at); break;
	case TYPE_STRING: qw_text_put(text, at + 4, value->data.len - 4); break;
	default: break;
	}
}
