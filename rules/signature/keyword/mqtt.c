/* SPDX-License-Identifier: Apache-2.0 */
/* mqtt - the numbers and flags of control packets. */
#include "rules/signature/keyword.h"

static const struct qw_number_name TYPES[] = {
	{"UNASSIGNED", 0}, {"CONNECT", 1},   {"CONNACK", 2},	  {"PUBLISH", 3},   {"PUBACK", 4},    {"PUBREC", 5},
	{"PUBREL", 6},	   {"PUBCOMP", 7},   {"SUBSCRIBE", 8},	  {"SUBACK", 9},    {"UNSUBSCRIBE", 10}, {"UNSUBACK", 11},
	{"PINGREQ", 12},   {"PINGRESP", 13}, {"DISCONNECT", 14}, {"AUTH", 15},	    {NULL, 0},
};

static const struct qw_number_name FLAGS[] = {{"dup", 8}, {"retain", 1}, {NULL, 0}};

static const struct qw_number_name CONNECT_FLAGS[] = {
	{"username", 0x80}, {"password", 0x40}, {"will_retain", 0x20}, {"will", 0x04}, {"clean_session", 0x02}, {NULL, 0},
};

static const struct qw_number_name YES_NO[] = {{"yes", 1}, {"true", 1}, {"no", 0}, {"false", 0}, {NULL, 0}};

QW_KEYWORD(mqtt_type)
{
	return qw_number_many(parse, QW_BUFFER_MQTT_TYPE, value, TYPES, UINT8_MAX);
}

QW_KEYWORD(mqtt_reason_code)
{
	return qw_number_many(parse, QW_BUFFER_MQTT_REASON_CODE, value, NULL, UINT8_MAX);
}

QW_KEYWORD(mqtt_flags)
{
	bool connect = row->number == QW_BUFFER_MQTT_CONNECT_FLAGS;
	return qw_number_flags(parse, (enum qw_buffer)row->number, value, connect ? CONNECT_FLAGS : FLAGS, UINT8_MAX);
}

QW_KEYWORD(mqtt_session_present)
{
	return qw_number_test(parse, QW_BUFFER_MQTT_SESSION_PRESENT, value, YES_NO, 1);
}
