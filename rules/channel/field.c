/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/channel/field.h"

enum { VARINT_BYTES_MAX = 10, NUMBER_MAX = (1 << 29) - 1 };

static bool read_varint(struct qw_bytes *in, uint64_t *out)
{
	uint64_t value = 0;
	for (unsigned at = 0; at < VARINT_BYTES_MAX; at++) {
		uint8_t byte;
		if (!qw_bytes_u8(in, &byte))
			return false;
		/* The tenth byte holds the 64th bit and nothing else. */
		if (at == VARINT_BYTES_MAX - 1 && byte > 1)
			return false;
		value |= (uint64_t)(byte & 0x7F) << 7 * at;
		if (byte & 0x80)
			continue;
		*out = value;
		return byte != 0 || at == 0;
	}
	return false;
}

static bool read_value(struct qw_bytes *in, struct qw_field *field)
{
	uint64_t len;
	switch (field->wire) {
	case QW_FIELD_VARINT: return read_varint(in, &field->value);
	case QW_FIELD_FIXED64: return qw_bytes_skip(in, 8);
	case QW_FIELD_FIXED32: return qw_bytes_skip(in, 4);
	case QW_FIELD_BYTES: return read_varint(in, &len) && qw_bytes_take(in, len, &field->bytes);
	}
	return false;
}

enum qw_err qw_field_next(struct qw_bytes *in, struct qw_field *field)
{
	uint64_t tag;
	if (!read_varint(in, &tag))
		return QW_EFORMAT;
	uint64_t number = tag >> 3;
	if (number <= field->number || number > NUMBER_MAX)
		return QW_EFORMAT;
	*field = (struct qw_field){.number = (uint32_t)number, .wire = (enum qw_field_wire)(tag & 7)};
	return read_value(in, field) ? QW_OK : QW_EFORMAT;
}
