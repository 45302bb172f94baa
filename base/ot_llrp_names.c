/* SPDX-License-Identifier: Apache-2.0 */
/* Source: EPCglobal's Low Level Reader Protocol 1.1, by what messages, events and statuses are called there. */
#include "base/ot_tables.h"

#include <stddef.h>

const struct qw_number_name qw_ot_llrp_types[] = {
	{"get_reader_capabilities", 1}, {"get_reader_config", 2}, {"set_reader_config", 3},
	{"close_connection_response", 4}, {"get_reader_capabilities_response", 11},
	{"get_reader_config_response", 12}, {"set_reader_config_response", 13}, {"close_connection", 14},
	{"add_rospec", 20}, {"delete_rospec", 21}, {"start_rospec", 22}, {"stop_rospec", 23},
	{"enable_rospec", 24}, {"disable_rospec", 25}, {"get_rospecs", 26}, {"add_rospec_response", 30},
	{"delete_rospec_response", 31}, {"start_rospec_response", 32}, {"stop_rospec_response", 33},
	{"enable_rospec_response", 34}, {"disable_rospec_response", 35}, {"get_rospecs_response", 36},
	{"add_accessspec", 40}, {"delete_accessspec", 41}, {"enable_accessspec", 42},
	{"disable_accessspec", 43}, {"get_accessspecs", 44}, {"client_request_op", 45},
	{"get_supported_version", 46}, {"set_protocol_version", 47}, {"add_accessspec_response", 50},
	{"delete_accessspec_response", 51}, {"enable_accessspec_response", 52},
	{"disable_accessspec_response", 53}, {"get_accessspecs_response", 54},
	{"client_request_op_response", 55}, {"get_supported_version_response", 56},
	{"set_protocol_version_response", 57}, {"get_report", 60}, {"ro_access_report", 61}, {"keepalive", 62},
	{"reader_event_notification", 63}, {"enable_events_and_reports", 64}, {"keepalive_ack", 72},
	{"error_message", 100}, {"custom_message", 1023}, {NULL, 0},
};

/* From 200 on: of a parameter within a parameter. */
const struct qw_number_name qw_ot_llrp_statuses[] = {
	{"success", 0}, {"parameter_error", 100}, {"field_error", 101}, {"unexpected_parameter", 102},
	{"missing_parameter", 103}, {"duplicate_parameter", 104}, {"overflow_parameter", 105},
	{"overflow_field", 106}, {"unknown_parameter", 107}, {"unknown_field", 108},
	{"unsupported_message", 109}, {"unsupported_version", 110}, {"unsupported_parameter", 111},
	{"unexpected_message", 112}, {"inner_parameter_error", 200}, {"inner_field_error", 201},
	{"inner_unexpected_parameter", 202}, {"inner_missing_parameter", 203},
	{"inner_duplicate_parameter", 204}, {"inner_overflow_parameter", 205}, {"inner_overflow_field", 206},
	{"inner_unknown_parameter", 207}, {"inner_unknown_field", 208}, {"inner_unsupported_parameter", 209},
	{"invalid", 300}, {"out_of_range", 301}, {"device_error", 401}, {NULL, 0},
};

/* By the types of their parameters. */
const struct qw_number_name qw_ot_llrp_events[] = {
	{"hopping", 247}, {"gpi", 248}, {"rospec", 249}, {"report_buffer_level_warning", 250},
	{"report_buffer_overflow", 251}, {"reader_exception", 252}, {"rf_survey", 253}, {"aispec", 254},
	{"antenna", 255}, {"connection_attempt", 256}, {"connection_close", 257}, {NULL, 0},
};

const struct qw_number_name qw_ot_llrp_attempts[] = {
	{"success", 0}, {"failed_reader_initiated", 1}, {"failed_client_initiated", 2}, {"failed", 3},
	{"another_attempted", 4}, {NULL, 0},
};
