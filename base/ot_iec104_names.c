/* SPDX-License-Identifier: Apache-2.0 */
/* Source: IEC 60870-5-101, -104 and -7; types are named as there. */
#include "base/ot_tables.h"

#include <stddef.h>

/* Those of Snort's rules. */
const struct qw_number_name qw_ot_iec104_formats[] = {
	{"i", 0}, {"information_transfer_format", 0}, {"s", 1}, {"numbered_supervisory_function", 1}, {"u", 2},
	{"unnumbered_control_function", 2}, {NULL, 0},
};

/* The first control octet of what has no number. */
const struct qw_number_name qw_ot_iec104_controls[] = {
	{"startdt_act", 0x07}, {"startdt_con", 0x0b}, {"stopdt_act", 0x13}, {"stopdt_con", 0x23},
	{"testfr_act", 0x43}, {"testfr_con", 0x83}, {NULL, 0},
};

const struct qw_number_name qw_ot_iec104_types[] = {
	{"reserved", 0}, {"M_SP_NA_1", 1}, {"M_SP_TA_1", 2}, {"M_DP_NA_1", 3}, {"M_DP_TA_1", 4}, {"M_ST_NA_1", 5},
	{"M_ST_TA_1", 6}, {"M_BO_NA_1", 7}, {"M_BO_TA_1", 8}, {"M_ME_NA_1", 9}, {"M_ME_TA_1", 10}, {"M_ME_NB_1", 11},
	{"M_ME_TB_1", 12}, {"M_ME_NC_1", 13}, {"M_ME_TC_1", 14}, {"M_IT_NA_1", 15}, {"M_IT_TA_1", 16},
	{"M_EP_TA_1", 17}, {"M_EP_TB_1", 18}, {"M_EP_TC_1", 19}, {"M_PS_NA_1", 20}, {"M_ME_ND_1", 21},
	{"M_SP_TB_1", 30}, {"M_DP_TB_1", 31}, {"M_ST_TB_1", 32}, {"M_BO_TB_1", 33}, {"M_ME_TD_1", 34},
	{"M_ME_TE_1", 35}, {"M_ME_TF_1", 36}, {"M_IT_TB_1", 37}, {"M_EP_TD_1", 38}, {"M_EP_TE_1", 39},
	{"M_EP_TF_1", 40}, {"S_IT_TC_1", 41}, {"C_SC_NA_1", 45}, {"C_DC_NA_1", 46}, {"C_RC_NA_1", 47},
	{"C_SE_NA_1", 48}, {"C_SE_NB_1", 49}, {"C_SE_NC_1", 50}, {"C_BO_NA_1", 51}, {"C_SC_TA_1", 58},
	{"C_DC_TA_1", 59}, {"C_RC_TA_1", 60}, {"C_SE_TA_1", 61}, {"C_SE_TB_1", 62}, {"C_SE_TC_1", 63},
	{"C_BO_TA_1", 64}, {"M_EI_NA_1", 70}, {"S_CH_NA_1", 81}, {"S_RP_NA_1", 82}, {"S_AR_NA_1", 83},
	{"S_KR_NA_1", 84}, {"S_KS_NA_1", 85}, {"S_KC_NA_1", 86}, {"S_ER_NA_1", 87}, {"S_US_NA_1", 90},
	{"S_UQ_NA_1", 91}, {"S_UR_NA_1", 92}, {"S_UK_NA_1", 93}, {"S_UA_NA_1", 94}, {"S_UC_NA_1", 95},
	{"C_IC_NA_1", 100}, {"C_CI_NA_1", 101}, {"C_RD_NA_1", 102}, {"C_CS_NA_1", 103}, {"C_TS_NA_1", 104},
	{"C_RP_NA_1", 105}, {"C_CD_NA_1", 106}, {"C_TS_TA_1", 107}, {"P_ME_NA_1", 110}, {"P_ME_NB_1", 111},
	{"P_ME_NC_1", 112}, {"P_AC_NA_1", 113}, {"F_FR_NA_1", 120}, {"F_SR_NA_1", 121}, {"F_SC_NA_1", 122},
	{"F_LS_NA_1", 123}, {"F_AF_NA_1", 124}, {"F_SG_NA_1", 125}, {"F_DR_TA_1", 126}, {"F_SC_NB_1", 127},
	{NULL, 0},
};

const struct qw_number_name qw_ot_iec104_causes[] = {
	{"periodic", 1}, {"background", 2}, {"spontaneous", 3}, {"initialized", 4}, {"request", 5},
	{"activation", 6}, {"activation_confirmation", 7}, {"deactivation", 8}, {"deactivation_confirmation", 9},
	{"activation_termination", 10}, {"return_remote", 11}, {"return_local", 12}, {"file_transfer", 13},
	{"authentication", 14}, {"session_key_maintenance", 15}, {"user_role_maintenance", 16},
	{"interrogated_station", 20}, {"interrogated_group_1", 21}, {"interrogated_group_2", 22},
	{"interrogated_group_3", 23}, {"interrogated_group_4", 24}, {"interrogated_group_5", 25},
	{"interrogated_group_6", 26}, {"interrogated_group_7", 27}, {"interrogated_group_8", 28},
	{"interrogated_group_9", 29}, {"interrogated_group_10", 30}, {"interrogated_group_11", 31},
	{"interrogated_group_12", 32}, {"interrogated_group_13", 33}, {"interrogated_group_14", 34},
	{"interrogated_group_15", 35}, {"interrogated_group_16", 36}, {"counter_request_general", 37},
	{"counter_request_group_1", 38}, {"counter_request_group_2", 39}, {"counter_request_group_3", 40},
	{"counter_request_group_4", 41}, {"unknown_type", 44}, {"unknown_cause", 45}, {"unknown_common_address", 46},
	{"unknown_object_address", 47}, {NULL, 0},
};
