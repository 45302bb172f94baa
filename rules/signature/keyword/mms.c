/* SPDX-License-Identifier: Apache-2.0 */
/* mms - Snort's mms_func: the confirmed service of a request or a response, by name or number. */
#include "quaywatch/ot_names.h"
#include "rules/signature/keyword.h"

QW_KEYWORD(mms_func)
{
	return qw_number_test(parse, QW_BUFFER_MMS_FUNC, value, qw_ot_names(QW_OT_MMS_SERVICES), UINT8_MAX);
}
