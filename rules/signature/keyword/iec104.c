/* SPDX-License-Identifier: Apache-2.0 */
/* iec104 - IEC 60870-5-104: Snort's iec104_apci_type and iec104_asdu_func, and iec104.* of our own. */
#include "quaywatch/ot_names.h"
#include "quaywatch/ot_record.h"
#include "rules/signature/keyword.h"

QW_KEYWORD(iec104_apci_type)
{
	return qw_number_test(parse, QW_BUFFER_IEC104_APCI_TYPE, value, qw_ot_names(QW_OT_IEC104_FORMATS), UINT8_MAX);
}

QW_KEYWORD(iec104_asdu_func)
{
	return qw_number_test(parse, QW_BUFFER_IEC104_ASDU_FUNC, value, qw_ot_names(QW_OT_IEC104_TYPES), UINT8_MAX);
}

QW_KEYWORD(iec104_control)
{
	return qw_number_test(parse, QW_BUFFER_IEC104_CONTROL, value, qw_ot_names(QW_OT_IEC104_CONTROLS), UINT8_MAX);
}

QW_KEYWORD(iec104_cause)
{
	return qw_number_test(parse, QW_BUFFER_IEC104_CAUSE, value, qw_ot_names(QW_OT_IEC104_CAUSES), 63);
}

QW_KEYWORD(iec104_flags)
{
	static const struct qw_number_name flags[] = {
	    {"negative", QW_IEC104_NEGATIVE},
	    {"test", QW_IEC104_TEST},
	    {"select", QW_IEC104_SELECT},
	    {"gap", QW_IEC104_GAP},
	    {NULL, 0},
	};
	return qw_number_flags(parse, QW_BUFFER_IEC104_FLAGS, value, flags, UINT8_MAX);
}
