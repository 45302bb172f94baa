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
 * its function or service, that together with its class, and command and
 * function of PCCC inside.  Returns how many.
 */
enum { QW_RECORD_KEYS_MAX = 3 };
unsigned qw_record_keys(enum qw_buffer buffer, struct qw_slice value, uint32_t keys[QW_RECORD_KEYS_MAX]);

/* Does the op, of a list on this buffer, look at the first of these numbers? */
bool qw_record_tests_key(enum qw_buffer buffer, const struct qw_op *op);

/* At what the others are put together of? */
enum qw_record_part { QW_RECORD_CLASS, QW_RECORD_PCCC_COMMAND, QW_RECORD_PCCC_FUNCTION };
bool qw_record_tests_part(enum qw_buffer buffer, const struct qw_op *op, enum qw_record_part part);

/* The other keys; no field that is a byte has such a value. */
static inline uint32_t qw_record_class_key(uint32_t class, uint8_t service)
{
	return UINT32_C(2) << 30 | (class & UINT16_MAX) << 8 | service;
}

static inline uint32_t qw_record_pccc_key(uint8_t command, uint8_t function)
{
	return UINT32_C(3) << 30 | (uint32_t)command << 8 | function;
}

/* QW_OP_MODBUS_VALUE: compares what is written to one register or coil.  False where nothing is. */
bool qw_record_modbus_value(const struct qw_op *op, struct qw_slice record);
