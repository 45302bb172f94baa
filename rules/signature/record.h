/* SPDX-License-Identifier: Apache-2.0 */
/* record - tests of buffers that are small structs (quaywatch/ot_record.h). */
#pragma once

#include <stdbool.h>

#include "quaywatch/bytes.h"
#include "rules/signature/layout.h"

/* QW_OP_RECORD: compares a member.  False where the record is too short for it. */
bool qw_record_test(const struct qw_op *op, struct qw_slice record);

/* QW_OP_MODBUS_VALUE: compares what is written to one register or coil.  False where nothing is. */
bool qw_record_modbus_value(const struct qw_op *op, struct qw_slice record);
