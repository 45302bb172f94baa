/* SPDX-License-Identifier: Apache-2.0 */
/* ot_tables - the tables of ot_names.c that have files of their own. */
#pragma once

#include "quaywatch/ot_names.h"

extern const struct qw_number_name qw_ot_iec104_formats[];
extern const struct qw_number_name qw_ot_iec104_controls[];
extern const struct qw_number_name qw_ot_iec104_types[];
extern const struct qw_number_name qw_ot_iec104_causes[];

extern const struct qw_number_name qw_ot_opcua_messages[];
extern const struct qw_number_name qw_ot_opcua_services[];
extern const struct qw_number_name qw_ot_opcua_statuses[];

extern const struct qw_number_name qw_ot_bacnet_functions[];
extern const struct qw_number_name qw_ot_bacnet_results[];
extern const struct qw_number_name qw_ot_bacnet_network_messages[];
extern const struct qw_number_name qw_ot_bacnet_types[];
extern const struct qw_number_name qw_ot_bacnet_confirmed[];
extern const struct qw_number_name qw_ot_bacnet_unconfirmed[];
extern const struct qw_number_name qw_ot_bacnet_rejects[];
extern const struct qw_number_name qw_ot_bacnet_aborts[];
extern const struct qw_number_name qw_ot_bacnet_objects[];
extern const struct qw_number_name qw_ot_bacnet_properties[];
extern const struct qw_number_name qw_ot_bacnet_errors[];

extern const struct qw_number_name qw_ot_hart_messages[];
extern const struct qw_number_name qw_ot_hart_commands[];
extern const struct qw_number_name qw_ot_hart_codes[];

extern const struct qw_number_name qw_ot_fins_commands[];
extern const struct qw_number_name qw_ot_fins_end_codes[];

extern const struct qw_number_name qw_ot_c37118_frames[];
extern const struct qw_number_name qw_ot_c37118_commands[];

extern const struct qw_number_name qw_ot_ais_messages[];
extern const struct qw_number_name qw_ot_ais_navigation[];
extern const struct qw_number_name qw_ot_rtcm_messages[];

extern const struct qw_number_name qw_ot_s7comm_types[];
extern const struct qw_number_name qw_ot_s7comm_functions[];
extern const struct qw_number_name qw_ot_s7comm_areas[];
extern const struct qw_number_name qw_ot_s7comm_transports[];
extern const struct qw_number_name qw_ot_s7comm_groups[];
extern const struct qw_number_name qw_ot_s7comm_subfunctions[];
extern const struct qw_number_name qw_ot_s7comm_errors[];
extern const struct qw_number_name qw_ot_s7comm_returns[];

extern const struct qw_number_name qw_ot_mms_services[];
extern const struct qw_number_name qw_ot_mms_errors[];
extern const struct qw_number_name qw_ot_mms_access_errors[];
extern const struct qw_number_name qw_ot_mms_rejects[];

extern const struct qw_number_name qw_ot_s7plus_opcodes[];
extern const struct qw_number_name qw_ot_s7plus_functions[];

extern const struct qw_number_name qw_ot_slmp_commands[];
extern const struct qw_number_name qw_ot_slmp_end_codes[];

extern const struct qw_number_name qw_ot_ads_commands[];
extern const struct qw_number_name qw_ot_ads_states[];
extern const struct qw_number_name qw_ot_ads_groups[];
extern const struct qw_number_name qw_ot_ads_errors[];

extern const struct qw_number_name qw_ot_llrp_types[];
extern const struct qw_number_name qw_ot_llrp_statuses[];
extern const struct qw_number_name qw_ot_llrp_events[];
extern const struct qw_number_name qw_ot_llrp_attempts[];

extern const struct qw_number_name qw_ot_mqtt_reasons[];
extern const struct qw_number_name qw_ot_dcp_services[];
extern const struct qw_number_name qw_ot_dcp_options[];
extern const struct qw_number_name qw_ot_dcp_errors[];
extern const struct qw_number_name qw_ot_profinet_alarms[];
extern const struct qw_number_name qw_ot_profinet_operations[];
extern const struct qw_number_name qw_ot_profinet_controls[];
extern const struct qw_number_name qw_ot_profinet_records[];
