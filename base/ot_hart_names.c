/* SPDX-License-Identifier: Apache-2.0 */
/* Source: HART-IP as FieldComm's public reference client and Wireshark's field names give it; commands by their titles. */
#include "base/ot_tables.h"

#include <stddef.h>

const struct qw_number_name qw_ot_hart_messages[] = {
	{"session_initiate", 0}, {"session_close", 1}, {"keep_alive", 2}, {"token_passing_pdu", 3},
	{"direct_pdu", 4}, {"read_audit_log", 5}, {NULL, 0},
};

const struct qw_number_name qw_ot_hart_commands[] = {
	{"read_unique_identifier", 0}, {"read_primary_variable", 1}, {"read_loop_current", 2},
	{"read_dynamic_variables", 3}, {"write_polling_address", 6}, {"read_loop_configuration", 7},
	{"read_variable_classes", 8}, {"read_device_variables_with_status", 9}, {"read_identifier_by_tag", 11},
	{"read_message", 12}, {"read_tag", 13}, {"read_transducer_information", 14}, {"read_device_information", 15},
	{"read_final_assembly", 16}, {"write_message", 17}, {"write_tag", 18}, {"write_final_assembly", 19},
	{"read_long_tag", 20}, {"read_identifier_by_long_tag", 21}, {"write_long_tag", 22},
	{"extended_command", 31}, {"read_device_variables", 33}, {"write_damping", 34}, {"write_range_values", 35},
	{"set_upper_range_value", 36}, {"set_lower_range_value", 37}, {"reset_configuration_changed", 38},
	{"eeprom_control", 39}, {"fixed_current_mode", 40}, {"self_test", 41}, {"device_reset", 42},
	{"set_variable_zero", 43}, {"write_variable_units", 44}, {"trim_loop_current_zero", 45},
	{"trim_loop_current_gain", 46}, {"write_transfer_function", 47}, {"read_additional_status", 48},
	{"write_transducer_serial_number", 49}, {"read_variable_assignments", 50}, {"write_variable_assignments", 51},
	{"set_device_variable_zero", 52}, {"write_device_variable_units", 53},
	{"read_device_variable_information", 54}, {"write_device_variable_damping", 55},
	{"write_preambles", 59}, {"read_analog_channel", 60}, {"write_analog_channel_range", 65},
	{"lock_device", 71}, {"squawk", 72}, {"find_device", 73}, {"read_io_capabilities", 74}, {"poll_sub_device", 75},
	{"read_lock_state", 76}, {"send_to_sub_device", 77}, {"read_aggregated_commands", 78},
	{"write_device_variable", 79}, {"read_sub_device_identity", 84}, {"read_clock", 90}, {"set_clock", 89},
	{"write_burst_period", 103}, {"write_burst_trigger", 104}, {"read_burst_mode", 105},
	{"flush_delayed_responses", 106}, {"write_burst_variables", 107}, {"write_burst_command", 108},
	{"burst_mode_control", 109}, {"read_country_code", 512}, {"write_country_code", 513}, {NULL, 0},
};

/* The response code of a command; what is below 128 and has no name depends on the command. */
const struct qw_number_name qw_ot_hart_codes[] = {
	{"invalid_selection", 2}, {"parameter_too_large", 3}, {"parameter_too_small", 4}, {"too_few_data_bytes", 5},
	{"device_specific_error", 6}, {"write_protected", 7}, {"access_restricted", 16}, {"invalid_device_variable", 17},
	{"device_busy", 32}, {"delayed_response_initiated", 33}, {"delayed_response_running", 34},
	{"delayed_response_dead", 35}, {"delayed_response_conflict", 36}, {"command_not_implemented", 64}, {NULL, 0},
};
