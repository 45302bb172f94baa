/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/record.h"

#include <stddef.h>
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

/* ---- the numbers that rules are found by */

/* Records that have some, and where. */
static const struct {
	uint8_t buffer, offset;
	uint8_t class, has, bit; /* the class, 32 bits of it; what says that it is there.  bit 0: there is none */
} keys[] = {
	{QW_BUFFER_MODBUS, offsetof(struct qw_modbus_record, function), 0, 0, 0},
	{QW_BUFFER_MODBUS_ANY, offsetof(struct qw_modbus_record, function), 0, 0, 0},
	{QW_BUFFER_CIP_SERVICE, offsetof(struct qw_cip_record, service), offsetof(struct qw_cip_record, class),
	 offsetof(struct qw_cip_record, has), QW_CIP_HAS_CLASS},
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

static unsigned keys_of(size_t row, struct qw_slice value, uint32_t *out)
{
	uint32_t class;
	if (value.len <= keys[row].offset)
		return 0;
	out[0] = value.data[keys[row].offset];
	if (!keys[row].bit || value.len <= keys[row].has || !(value.data[keys[row].has] & keys[row].bit) ||
	    value.len < keys[row].class + sizeof(class))
		return 1;
	memcpy(&class, value.data + keys[row].class, sizeof(class));
	out[1] = qw_record_class_key(class, (uint8_t)out[0]);
	return 2;
}

unsigned qw_record_keys(enum qw_buffer buffer, struct qw_slice value, uint32_t out[QW_RECORD_KEYS_MAX])
{
	uint64_t number;
	for (size_t i = 0; i < KEYS; i++)
		if (keys[i].buffer == buffer)
			return keys_of(i, value, out);
	if (value.len != sizeof(number))
		return 0;
	memcpy(&number, value.data, sizeof(number));
	out[0] = (uint32_t)number;
	return number <= UINT32_MAX;
}

bool qw_record_tests_key(enum qw_buffer buffer, const struct qw_op *op)
{
	if (op->kind == QW_OP_NUMBER || op->kind == QW_OP_AMONG)
		return true;
	for (size_t i = 0; i < KEYS && op->kind == QW_OP_RECORD; i++)
		if (keys[i].buffer == buffer)
			return op->number.field == keys[i].offset && op->number.layer == sizeof(uint8_t);
	return false;
}

bool qw_record_tests_class(enum qw_buffer buffer, const struct qw_op *op)
{
	for (size_t i = 0; i < KEYS && op->kind == QW_OP_RECORD; i++)
		if (keys[i].buffer == buffer && keys[i].bit)
			return op->number.field == keys[i].class && op->number.layer == sizeof(uint32_t);
	return false;
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
