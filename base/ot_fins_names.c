/* SPDX-License-Identifier: Apache-2.0 */
/* Source: Omron's FINS commands reference (W227), by what commands and end codes are called there. */
#include "base/ot_tables.h"

#include <stddef.h>

const struct qw_number_name qw_ot_fins_commands[] = {
	{"memory_area_read", 0x0101}, {"memory_area_write", 0x0102}, {"memory_area_fill", 0x0103},
	{"multiple_memory_area_read", 0x0104}, {"memory_area_transfer", 0x0105}, {"parameter_area_read", 0x0201},
	{"parameter_area_write", 0x0202}, {"parameter_area_clear", 0x0203}, {"data_link_table_read", 0x0220},
	{"data_link_table_write", 0x0221}, {"program_area_protect", 0x0304}, {"program_area_protect_clear", 0x0305},
	{"program_area_read", 0x0306}, {"program_area_write", 0x0307}, {"program_area_clear", 0x0308},
	{"run", 0x0401}, {"stop", 0x0402}, {"reset", 0x0403}, {"controller_data_read", 0x0501},
	{"connection_data_read", 0x0502}, {"controller_status_read", 0x0601}, {"network_status_read", 0x0602},
	{"data_link_status_read", 0x0603}, {"cycle_time_read", 0x0620}, {"clock_read", 0x0701}, {"clock_write", 0x0702},
	{"loop_back_test", 0x0801}, {"broadcast_test_results_read", 0x0802}, {"broadcast_test_data_send", 0x0803},
	{"message_read", 0x0920}, {"access_right_acquire", 0x0c01}, {"access_right_forced_acquire", 0x0c02},
	{"access_right_release", 0x0c03}, {"error_clear", 0x2101}, {"error_log_read", 0x2102},
	{"error_log_clear", 0x2103}, {"write_access_log_read", 0x2140}, {"write_access_log_clear", 0x2141},
	{"file_name_read", 0x2201}, {"single_file_read", 0x2202}, {"single_file_write", 0x2203},
	{"file_memory_format", 0x2204}, {"file_delete", 0x2205}, {"volume_label_create_delete", 0x2206},
	{"file_copy", 0x2207}, {"file_name_change", 0x2208}, {"file_data_check", 0x2209},
	{"memory_area_file_transfer", 0x220a}, {"parameter_area_file_transfer", 0x220b},
	{"program_area_file_transfer", 0x220c}, {"file_memory_index_read", 0x220f}, {"file_memory_read", 0x2210},
	{"file_memory_write", 0x2211}, {"directory_create_delete", 0x2215}, {"memory_cassette_transfer", 0x2220},
	{"forced_set_reset", 0x2301}, {"forced_set_reset_cancel", 0x2302}, {"multiple_forced_status_read", 0x230a},
	{"name_set", 0x2601}, {"name_delete", 0x2602}, {"name_read", 0x2603}, {NULL, 0},
};

const struct qw_number_name qw_ot_fins_end_codes[] = {
	{"normal", 0x0000}, {"service_canceled", 0x0001}, {"local_node_not_in_network", 0x0101},
	{"token_timeout", 0x0102}, {"retries_failed", 0x0103}, {"too_many_send_frames", 0x0104},
	{"node_address_range_error", 0x0105}, {"node_address_duplication", 0x0106},
	{"destination_node_not_in_network", 0x0201}, {"unit_missing", 0x0202}, {"third_node_missing", 0x0203},
	{"destination_node_busy", 0x0204}, {"response_timeout", 0x0205}, {"communications_controller_error", 0x0301},
	{"cpu_unit_error", 0x0302}, {"controller_error", 0x0303}, {"unit_number_error", 0x0304},
	{"undefined_command", 0x0401}, {"not_supported_by_model", 0x0402}, {"destination_address_setting_error", 0x0501},
	{"no_routing_tables", 0x0502}, {"routing_table_error", 0x0503}, {"too_many_relays", 0x0504},
	{"command_too_long", 0x1001}, {"command_too_short", 0x1002}, {"elements_do_not_match", 0x1003},
	{"command_format_error", 0x1004}, {"header_error", 0x1005}, {"area_classification_missing", 0x1101},
	{"access_size_error", 0x1102}, {"address_range_error", 0x1103}, {"address_range_exceeded", 0x1104},
	{"program_missing", 0x1106}, {"relational_error", 0x1109}, {"duplicate_data_access", 0x110a},
	{"response_too_long", 0x110b}, {"parameter_error", 0x110c}, {"protected", 0x2002}, {"table_missing", 0x2003},
	{"data_missing", 0x2004}, {"no_such_program", 0x2005}, {"no_such_file", 0x2006}, {"data_mismatch", 0x2007},
	{"read_only", 0x2101}, {"write_protected", 0x2102}, {"cannot_register", 0x2103}, {"no_program_to_write", 0x2105},
	{"no_file_to_write", 0x2106}, {"file_name_exists", 0x2107}, {"cannot_change", 0x2108},
	{"not_possible_during_execution", 0x2201}, {"not_possible_while_running", 0x2202}, {"wrong_mode_program", 0x2203},
	{"wrong_mode_debug", 0x2204}, {"wrong_mode_monitor", 0x2205}, {"wrong_mode_run", 0x2206},
	{"node_is_not_polling", 0x2207}, {"step_cannot_be_executed", 0x2208}, {"file_device_missing", 0x2301},
	{"memory_missing", 0x2302}, {"clock_missing", 0x2303}, {"no_table", 0x2401}, {"memory_error", 0x2502},
	{"no_protection", 0x2601}, {"incorrect_password", 0x2602}, {"program_protected", 0x2604},
	{"service_executing", 0x2605}, {"service_stopped", 0x2606}, {"no_execution_right", 0x2607},
	{"settings_not_complete", 0x2608}, {"items_not_set", 0x2609}, {"number_defined", 0x260a},
	{"error_will_not_clear", 0x260b}, {"no_access_right", 0x3001}, {"service_aborted", 0x4001}, {NULL, 0},
};
