/* SPDX-License-Identifier: Apache-2.0 */
/* field - protocols of field devices and small controllers: numbers with names, of our own. */
#include "quaywatch/ot_names.h"
#include "rules/signature/keyword.h"

/* row->number is the buffer, row->max its greatest number. */
QW_KEYWORD(field_number)
{
	static const struct {
		uint8_t buffer;
		uint8_t names; /* enum qw_ot_names */
	} rows[] = {
	    {QW_BUFFER_HART_MESSAGE, QW_OT_HART_MESSAGES},
	    {QW_BUFFER_HART_COMMAND, QW_OT_HART_COMMANDS},
	    {QW_BUFFER_FINS_COMMAND, QW_OT_FINS_COMMANDS},
	    {QW_BUFFER_FINS_END_CODE, QW_OT_FINS_END_CODES},
	    {QW_BUFFER_C37118_FRAME, QW_OT_C37118_FRAMES},
	    {QW_BUFFER_C37118_COMMAND, QW_OT_C37118_COMMANDS},
	    {QW_BUFFER_SLMP_COMMAND, QW_OT_SLMP_COMMANDS},
	    {QW_BUFFER_SLMP_END_CODE, QW_OT_SLMP_END_CODES},
	    {QW_BUFFER_ADS_COMMAND, QW_OT_ADS_COMMANDS},
	    {QW_BUFFER_ADS_INDEX_GROUP, QW_OT_ADS_GROUPS},
	    {QW_BUFFER_LLRP_TYPE, QW_OT_LLRP_TYPES},
	    {QW_BUFFER_LLRP_STATUS, QW_OT_LLRP_STATUSES},
	    {QW_BUFFER_PROFINET_DCP_SERVICE, QW_OT_DCP_SERVICES},
	    {QW_BUFFER_PROFINET_DCP_OPTION, QW_OT_DCP_OPTIONS},
	    {QW_BUFFER_PROFINET_OPERATION, QW_OT_PROFINET_OPERATIONS},
	    {QW_BUFFER_PROFINET_RECORD, QW_OT_PROFINET_RECORDS},
	    {QW_BUFFER_PROFINET_CONTROL, QW_OT_PROFINET_CONTROLS},
	    {QW_BUFFER_PROFINET_ALARM, QW_OT_PROFINET_ALARMS},
	};
	const struct qw_number_name *names = NULL;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].buffer == row->number)
			names = qw_ot_names((enum qw_ot_names)rows[i].names);
	return qw_number_test(parse, (enum qw_buffer)row->number, value, names, row->max ? row->max : UINT32_MAX);
}
