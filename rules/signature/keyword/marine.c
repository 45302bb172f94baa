/* SPDX-License-Identifier: Apache-2.0 */
/* marine - types of messages of AIS and RTCM, of our own. */
#include "quaywatch/ot_names.h"
#include "rules/signature/keyword.h"

QW_KEYWORD(ais_type)
{
	return qw_number_test(parse, QW_BUFFER_AIS_TYPE, value, qw_ot_names(QW_OT_AIS_MESSAGES), UINT8_MAX);
}

QW_KEYWORD(rtcm_type)
{
	return qw_number_test(parse, QW_BUFFER_RTCM_TYPE, value, qw_ot_names(QW_OT_RTCM_MESSAGES), UINT16_MAX);
}
