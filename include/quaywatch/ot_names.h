/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ot_names - what industrial protocols call their numbers, for rules and events alike.
 *
 * A protocol to come adds its tables here and in base/ot_names.c.
 */
#pragma once

#include "quaywatch/names.h"

enum qw_ot_names {
	QW_OT_MODBUS_FUNCTIONS,
	QW_OT_MODBUS_EXCEPTIONS,
	QW_OT_DNP3_FUNCTIONS,
	QW_OT_DNP3_INDICATIONS, /* bits of both octets, the first in the high one */
	QW_OT_ENIP_COMMANDS,
	QW_OT_ENIP_STATUSES,
	QW_OT_CIP_SERVICES, /* those that every class has, and the connection manager's */
	QW_OT_CIP_STATUSES,
	QW_OT_NAMES
};

const struct qw_number_name *qw_ot_names(enum qw_ot_names table);
