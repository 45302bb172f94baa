/* SPDX-License-Identifier: Apache-2.0 */
/* record - tests of buffers that are small structs (quaywatch/ot_record.h). */
#pragma once

#include <stdbool.h>

#include "quaywatch/bytes.h"
#include "rules/signature/layout.h"

/* QW_OP_RECORD: compares a member.  False where the record is too short for it. */
bool qw_record_test(const struct qw_op *op, struct qw_slice record);

/*
 * The number that rules on a buffer are found by: the field's own, or of a
 * record its function or service.  False: it has none, or none of 32 bits.
 */
bool qw_record_key(enum qw_buffer buffer, struct qw_slice value, uint32_t *key);

/* Does the op, of a list on this buffer, look at that number? */
bool qw_record_tests_key(enum qw_buffer buffer, const struct qw_op *op);

/* QW_OP_MODBUS_VALUE: compares what is written to one register or coil.  False where nothing is. */
bool qw_record_modbus_value(const struct qw_op *op, struct qw_slice record);
