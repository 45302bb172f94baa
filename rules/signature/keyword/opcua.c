/* SPDX-License-Identifier: Apache-2.0 */
/* opcua - OPC UA: Snort's opcua_msg_type and opcua_msg_service, and opcua.* of our own. */
#include "quaywatch/ot_names.h"
#include "rules/signature/keyword.h"

/* By name alone, as in Snort: the numbers are ours. */
QW_KEYWORD(opcua_msg_type)
{
	uint64_t number;
	struct qw_word word = value;
	(void)qw_word_eat(&word, '!');
	if (!qw_number_named(qw_ot_names(QW_OT_OPCUA_MESSAGES), word, &number))
		return qw_refuse(parse, value.at,
				 "'%.*s' is no type of message of OPC UA; hel, ack, err, rhe, opn, msg or clo",
				 (int)value.len, value.at);
	return qw_number_test(parse, QW_BUFFER_OPCUA_MSG_TYPE, value, qw_ot_names(QW_OT_OPCUA_MESSAGES), UINT8_MAX);
}

QW_KEYWORD(opcua_msg_service)
{
	return qw_number_test(parse, QW_BUFFER_OPCUA_MSG_SERVICE, value, qw_ot_names(QW_OT_OPCUA_SERVICES), UINT32_MAX);
}

QW_KEYWORD(opcua_status)
{
	return qw_number_test(parse, QW_BUFFER_OPCUA_STATUS, value, qw_ot_names(QW_OT_OPCUA_STATUSES), UINT32_MAX);
}

QW_KEYWORD(opcua_security_mode)
{
	static const struct qw_number_name modes[] = {
	    {"invalid", 0}, {"none", 1}, {"sign", 2}, {"sign_and_encrypt", 3}, {NULL, 0}};
	return qw_number_test(parse, QW_BUFFER_OPCUA_SECURITY_MODE, value, modes, UINT32_MAX);
}
