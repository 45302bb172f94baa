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

/* Records that have some, and where the first stands. */
static const struct {
	uint8_t buffer, offset;
} keys[] = {
	{QW_BUFFER_MODBUS, offsetof(struct qw_modbus_record, function)},
	{QW_BUFFER_MODBUS_ANY, offsetof(struct qw_modbus_record, function)},
	{QW_BUFFER_CIP_SERVICE, offsetof(struct qw_cip_record, service)},
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

static const struct {
	uint8_t offset, bytes;
} parts[] = {
	[QW_RECORD_CLASS] = {offsetof(struct qw_cip_record, class), sizeof(uint32_t)},
	[QW_RECORD_PCCC_COMMAND] = {offsetof(struct qw_cip_record, pccc_command), sizeof(uint8_t)},
	[QW_RECORD_PCCC_FUNCTION] = {offsetof(struct qw_cip_record, pccc_function), sizeof(uint8_t)},
};

static unsigned keys_of_cip(struct qw_slice value, uint32_t *out)
{
	struct qw_cip_record record;
	unsigned count = 1;
	if (value.len < sizeof(record))
		return 0;
	memcpy(&record, value.data, sizeof(record));
	out[0] = record.service;
	if (record.has & QW_CIP_HAS_CLASS)
		out[count++] = qw_record_class_key(record.class, record.service);
	if (record.has & QW_CIP_HAS_PCCC_FUNCTION)
		out[count++] = qw_record_pccc_key(record.pccc_command, record.pccc_function);
	return count;
}

static unsigned keys_of(size_t row, struct qw_slice value, uint32_t *out)
{
	if (keys[row].buffer == QW_BUFFER_CIP_SERVICE)
		return keys_of_cip(value, out);
	if (value.len <= keys[row].offset)
		return 0;
	out[0] = value.data[keys[row].offset];
	return 1;
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

bool qw_record_tests_part(enum qw_buffer buffer, const struct qw_op *op, enum qw_record_part part)
{
	return buffer == QW_BUFFER_CIP_SERVICE && op->kind == QW_OP_RECORD && op->number.field == parts[part].offset &&
	       op->number.layer == parts[part].bytes;
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
