/* SPDX-License-Identifier: Apache-2.0 */
/* Source: ITU-R M.1371-5, tables 46 and 48; RTCM 10403's message numbers as public lists of them give them. */
#include "base/ot_tables.h"

#include <stddef.h>

const struct qw_number_name qw_ot_ais_messages[] = {
	{"position_report", 1}, {"assigned_position_report", 2}, {"interrogated_position_report", 3},
	{"base_station_report", 4}, {"static_and_voyage_data", 5}, {"binary_addressed_message", 6},
	{"binary_acknowledge", 7}, {"binary_broadcast_message", 8}, {"sar_aircraft_position_report", 9},
	{"utc_inquiry", 10}, {"utc_response", 11}, {"addressed_safety_message", 12}, {"safety_acknowledge", 13},
	{"safety_broadcast_message", 14}, {"interrogation", 15}, {"assignment_command", 16},
	{"dgnss_broadcast", 17}, {"class_b_position_report", 18}, {"extended_class_b_position_report", 19},
	{"data_link_management", 20}, {"aid_to_navigation_report", 21}, {"channel_management", 22},
	{"group_assignment_command", 23}, {"static_data_report", 24}, {"single_slot_binary_message", 25},
	{"multiple_slot_binary_message", 26}, {"long_range_position_report", 27}, {NULL, 0},
};

const struct qw_number_name qw_ot_ais_navigation[] = {
	{"under_way_using_engine", 0}, {"at_anchor", 1}, {"not_under_command", 2}, {"restricted_manoeuvrability", 3},
	{"constrained_by_draught", 4}, {"moored", 5}, {"aground", 6}, {"engaged_in_fishing", 7}, {"under_way_sailing", 8},
	{"reserved_for_hsc", 9}, {"reserved_for_wig", 10}, {"towing_astern", 11}, {"pushing_ahead", 12}, {"reserved", 13},
	{"ais_sart_active", 14}, {"undefined", 15}, {NULL, 0},
};

const struct qw_number_name qw_ot_rtcm_messages[] = {
	{"gps_l1_observables", 1001}, {"gps_l1_extended_observables", 1002}, {"gps_observables", 1003},
	{"gps_extended_observables", 1004}, {"station_position", 1005}, {"station_position_with_height", 1006},
	{"antenna_descriptor", 1007}, {"antenna_descriptor_and_serial", 1008}, {"glonass_l1_observables", 1009},
	{"glonass_l1_extended_observables", 1010}, {"glonass_observables", 1011},
	{"glonass_extended_observables", 1012}, {"system_parameters", 1013}, {"gps_ephemeris", 1019},
	{"glonass_ephemeris", 1020}, {"text", 1029}, {"receiver_and_antenna_descriptors", 1033},
	{"beidou_ephemeris", 1042}, {"qzss_ephemeris", 1044}, {"galileo_f_nav_ephemeris", 1045},
	{"galileo_i_nav_ephemeris", 1046}, {"gps_msm1", 1071}, {"gps_msm2", 1072}, {"gps_msm3", 1073},
	{"gps_msm4", 1074}, {"gps_msm5", 1075}, {"gps_msm6", 1076}, {"gps_msm7", 1077}, {"glonass_msm1", 1081},
	{"glonass_msm2", 1082}, {"glonass_msm3", 1083}, {"glonass_msm4", 1084}, {"glonass_msm5", 1085},
	{"glonass_msm6", 1086}, {"glonass_msm7", 1087}, {"galileo_msm1", 1091}, {"galileo_msm2", 1092},
	{"galileo_msm3", 1093}, {"galileo_msm4", 1094}, {"galileo_msm5", 1095}, {"galileo_msm6", 1096},
	{"galileo_msm7", 1097}, {"sbas_msm4", 1104}, {"sbas_msm7", 1107}, {"qzss_msm4", 1114}, {"qzss_msm7", 1117},
	{"beidou_msm1", 1121}, {"beidou_msm2", 1122}, {"beidou_msm3", 1123}, {"beidou_msm4", 1124},
	{"beidou_msm5", 1125}, {"beidou_msm6", 1126}, {"beidou_msm7", 1127}, {"glonass_code_phase_biases", 1230},
	{"proprietary_ublox", 4072}, {NULL, 0},
};
