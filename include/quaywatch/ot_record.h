/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ot_record - what rules see of a message of an industrial protocol where one number is not enough.
 *
 * Parsers fill them, keywords test their members (QW_OP_RECORD), and both
 * mean the same by these structs.  They hold no pointers: a buffer is bytes.
 */
#pragma once

#include <stdint.h>

enum qw_modbus_category {
	QW_MODBUS_ASSIGNED = 1,
	QW_MODBUS_UNASSIGNED = 2,
	QW_MODBUS_USER = 4,
	QW_MODBUS_RESERVED = 8,
};

enum qw_modbus_access {
	QW_MODBUS_READ = 1,
	QW_MODBUS_WRITE = 2,
	QW_MODBUS_DISCRETES = 4,
	QW_MODBUS_COILS = 8,
	QW_MODBUS_INPUT = 16,
	QW_MODBUS_HOLDING = 32,
};

enum { QW_MODBUS_VALUES_MAX = 1968, QW_MODBUS_NO_SUBFUNCTION = 0xffff };

/* Behind it, in a request that writes: its values as on the wire, a bit or two bytes each. */
struct qw_modbus_record {
	uint8_t unit;
	uint8_t function;     /* as on the wire: 0x80 set in an exception */
	uint8_t category;     /* enum qw_modbus_category */
	uint8_t access;       /* enum qw_modbus_access */
	uint16_t subfunction; /* of diagnostics; QW_MODBUS_NO_SUBFUNCTION */
	uint16_t ranged;      /* 1: first and last are there */
	uint16_t first, last; /* counted from 1, as Modbus documents do */
	uint16_t values;      /* from first on */
	uint16_t bits;        /* 1: the values are bits */
};

enum qw_cip_has {
	QW_CIP_HAS_CLASS = 1,
	QW_CIP_HAS_INSTANCE = 2,
	QW_CIP_HAS_ATTRIBUTE = 4,
	QW_CIP_HAS_EXTENDED = 8, /* extended status */
	QW_CIP_RESPONSE = 16,
	QW_CIP_HAS_PCCC = 32,
	QW_CIP_HAS_PCCC_FUNCTION = 64,
};

/* One service.  One that names several attributes has a record for each. */
struct qw_cip_record {
	uint32_t class, instance, attribute;
	uint16_t extended;
	uint8_t service; /* without the response's bit */
	uint8_t status;
	uint8_t has;     /* enum qw_cip_has */
	uint8_t pccc_command, pccc_function; /* of PCCC inside */
	uint8_t unused;
};

/* Of an answer to list identity. */
struct qw_enip_identity {
	uint32_t serial;
	uint16_t vendor, device_type, product_code, revision, status;
	uint8_t state;
	uint8_t unused;
};

enum qw_iec104_flag {
	QW_IEC104_NEGATIVE = 1, /* P/N */
	QW_IEC104_TEST = 2,
	QW_IEC104_SELECT = 4,   /* a command that does not execute yet */
	QW_IEC104_GAP = 8,      /* messages before this one were not seen */
};

/* Kinds of messages of OPC UA's transport. */
enum qw_opcua_type {
	QW_OPCUA_HELLO = 1,
	QW_OPCUA_ACKNOWLEDGE,
	QW_OPCUA_ERROR,
	QW_OPCUA_REVERSE_HELLO,
	QW_OPCUA_OPEN,
	QW_OPCUA_MESSAGE,
	QW_OPCUA_CLOSE,
};

enum qw_bacnet_has {
	QW_BACNET_HAS_OBJECT = 1,
	QW_BACNET_HAS_PROPERTY = 2,
	QW_BACNET_HAS_INDEX = 4,
	QW_BACNET_HAS_PRIORITY = 8,
};

/* An object, or a property of it, that a service of BACnet names; each of them has one. */
struct qw_bacnet_item {
	uint32_t instance, property, index;
	uint16_t object; /* its type */
	uint8_t priority;
	uint8_t has;     /* enum qw_bacnet_has */
};
