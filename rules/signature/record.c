/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/record.h"

#include <string.h>

#include "quaywatch/ot_record.h"
#include "rules/signature/words.h"

/* A member in host order. */
static uint64_t member(const uint8_t *at, unsigned bytes)
{
	uint8_t byte;
	uint16_t half;
	uint32_t word;
	switch (bytes) {
	case sizeof(byte): return *at;
	case sizeof(half): memcpy(&half, at, sizeof(half)); return half;
	case sizeof(word): memcpy(&word, at, sizeof(word)); return word;
	default: return 0;
	}
}

bool qw_record_test(const struct qw_op *op, struct qw_slice record)
{
	size_t offset = op->number.field, bytes = (size_t)op->number.layer;
	if (bytes > record.len || offset > record.len - bytes)
		return false;
	uint64_t value = member(record.data + offset, (unsigned)bytes);
	bool holds = qw_compare(op->compare, value, op->number.a, op->number.b);
	return holds != !!(op->flags & QW_OP_NEGATED);
}

bool qw_record_modbus_value(const struct qw_op *op, struct qw_slice record)
{
	struct qw_modbus_record head;
	struct qw_bytes in = qw_bytes(record.data, record.len);
	uint64_t value;
	if (!qw_bytes_copy(&in, &head, sizeof(head)) || !head.ranged || op->number.field < head.first)
		return false;
	size_t place = op->number.field - head.first;
	if (place >= head.values)
		return false;
	if (head.bits) {
		if (place / 8 >= in.left)
			return false;
		value = in.at[place / 8] >> place % 8 & 1;
	} else {
		if (2 * place + 2 > in.left)
			return false;
		value = qw_be16(in.at + 2 * place);
	}
	if (head.access & QW_MODBUS_COILS)
		value = value != 0;
	return qw_compare(op->compare, value, op->number.a, op->number.b);
}
