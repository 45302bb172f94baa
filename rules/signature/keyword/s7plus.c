/* SPDX-License-Identifier: Apache-2.0 */
/* s7plus - S7comm-plus: Snort's s7commplus_func and s7commplus_opcode. */
#include "quaywatch/ot_names.h"
#include "rules/signature/keyword.h"

QW_KEYWORD(s7commplus_func)
{
	return qw_number_test(parse, QW_BUFFER_S7COMMPLUS_FUNC, value, qw_ot_names(QW_OT_S7PLUS_FUNCTIONS), UINT16_MAX);
}

QW_KEYWORD(s7commplus_opcode)
{
	return qw_number_test(parse, QW_BUFFER_S7COMMPLUS_OPCODE, value, qw_ot_names(QW_OT_S7PLUS_OPCODES), UINT8_MAX);
}
