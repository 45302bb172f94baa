/* SPDX-License-Identifier: Apache-2.0 */
/* record - tests of buffers that are small structs (quaywatch/ot_record.h). */
#pragma once

#include <stdbool.h>

#include "quaywatch/bytes.h"
#include "rules/signature/layout.h"

/* QW_OP_RECORD: compares a member.  False where the record is too short for it. */
bool qw_record_test(const struct qw_op *op, struct qw_slice record);

/*
 * The numbers that rules on a buffer are found by: the field's own; of a record
 * its function or service, and that together with its class.  Returns how many.
 */
enum { QW_RECORD_KEYS_MAX = 2 };
unsigned qw_record_keys(enum qw_buffer buffer, struct qw_slice value, uint32_t keys[QW_RECORD_KEYS_MAX]);

/* Does the op, of a list on this buffer, look at the first of these numbers?  At what is put together with it? */
bool qw_record_tests_key(enum qw_buffer buffer, const struct qw_op *op);
bool qw_record_tests_class(enum qw_buffer buffer, const struct qw_op *op);

/* The second key. */
static inline uint32_t qw_record_class_key(uint32_t class, uint8_t service)
{
	return UINT32_C(1) << 31 | (class & UINT16_MAX) << 8 | service;
}

/* QW_OP_MODBUS_VALUE: compares what is written to one register or coil.  False where nothing is. */
bool qw_record_modbus_value(const struct qw_op *op, struct qw_slice record);
