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
	QW_OT_IEC104_FORMATS, /* I, S and U */
	QW_OT_IEC104_CONTROLS, /* first control octets of U */
	QW_OT_IEC104_TYPES,
	QW_OT_IEC104_CAUSES,
	QW_OT_OPCUA_MESSAGES, /* enum qw_opcua_type of ot_record.h */
	QW_OT_OPCUA_SERVICES, /* numeric node ids of binary encodings */
	QW_OT_OPCUA_STATUSES, /* those that are bad */
	QW_OT_BACNET_FUNCTIONS, /* of BVLC */
	QW_OT_BACNET_RESULTS,
	QW_OT_BACNET_NETWORK_MESSAGES,
	QW_OT_BACNET_TYPES, /* of APDUs */
	QW_OT_BACNET_CONFIRMED, /* services */
	QW_OT_BACNET_UNCONFIRMED,
	QW_OT_BACNET_REJECTS,
	QW_OT_BACNET_ABORTS,
	QW_OT_BACNET_OBJECTS,
	QW_OT_BACNET_PROPERTIES,
	QW_OT_BACNET_ERRORS,
	QW_OT_HART_MESSAGES, /* ids of HART-IP */
	QW_OT_HART_COMMANDS,
	QW_OT_HART_CODES, /* of responses */
	QW_OT_FINS_COMMANDS,
	QW_OT_FINS_END_CODES,
	QW_OT_C37118_FRAMES, /* types */
	QW_OT_C37118_COMMANDS,
	QW_OT_AIS_MESSAGES,
	QW_OT_AIS_NAVIGATION, /* status */
	QW_OT_RTCM_MESSAGES,
	QW_OT_S7COMM_TYPES,
	QW_OT_S7COMM_FUNCTIONS,
	QW_OT_S7COMM_AREAS,
	QW_OT_S7COMM_TRANSPORTS,
	QW_OT_S7COMM_GROUPS,
	QW_OT_S7COMM_SUBFUNCTIONS, /* of userdata, the group in the high byte */
	QW_OT_S7COMM_ERRORS, /* class in the high byte */
	QW_OT_S7COMM_RETURNS,
	QW_OT_S7PLUS_OPCODES,
	QW_OT_S7PLUS_FUNCTIONS,
	QW_OT_MMS_SERVICES, /* confirmed ones */
	QW_OT_MMS_ERRORS, /* class in the high byte */
	QW_OT_MMS_ACCESS_ERRORS,
	QW_OT_MMS_REJECTS, /* kind of PDU in the high byte */
	QW_OT_SLMP_COMMANDS,
	QW_OT_SLMP_END_CODES,
	QW_OT_ADS_COMMANDS,
	QW_OT_ADS_STATES,
	QW_OT_ADS_GROUPS, /* of indexes */
	QW_OT_ADS_ERRORS,
	QW_OT_LLRP_TYPES,
	QW_OT_LLRP_STATUSES,
	QW_OT_LLRP_EVENTS,
	QW_OT_LLRP_ATTEMPTS, /* to connect: how they ended */
	QW_OT_MQTT_REASONS, /* why something was refused */
	QW_OT_DCP_SERVICES,
	QW_OT_DCP_OPTIONS, /* option in the high byte */
	QW_OT_DCP_ERRORS,
	QW_OT_PROFINET_ALARMS, /* types */
	QW_OT_PROFINET_OPERATIONS, /* of IO-CM */
	QW_OT_PROFINET_CONTROLS, /* bits */
	QW_OT_PROFINET_RECORDS, /* indices */
	QW_OT_NAMES
};

const struct qw_number_name *qw_ot_names(enum qw_ot_names table);
