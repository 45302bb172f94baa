/* SPDX-License-Identifier: Apache-2.0 */
/* s7comm - S7comm's numbers, s7comm.* of our own. */
#include "quaywatch/ot_names.h"
#include "rules/signature/keyword.h"

QW_KEYWORD(s7comm_area)
{
	return qw_number_test(parse, QW_BUFFER_S7COMM_AREA, value, qw_ot_names(QW_OT_S7COMM_AREAS), UINT8_MAX);
}

QW_KEYWORD(s7comm_func)
{
	return qw_number_test(parse, QW_BUFFER_S7COMM_FUNC, value, qw_ot_names(QW_OT_S7COMM_FUNCTIONS), UINT8_MAX);
}

QW_KEYWORD(s7comm_group)
{
	return qw_number_test(parse, QW_BUFFER_S7COMM_GROUP, value, qw_ot_names(QW_OT_S7COMM_GROUPS), UINT8_MAX);
}

QW_KEYWORD(s7comm_type)
{
	return qw_number_test(parse, QW_BUFFER_S7COMM_TYPE, value, qw_ot_names(QW_OT_S7COMM_TYPES), UINT8_MAX);
}
