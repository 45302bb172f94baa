/* SPDX-License-Identifier: Apache-2.0 */
/* Source: Wireshark's field values for S7comm; the protocol itself is not published. */
#include "base/ot_tables.h"

#include <stddef.h>

const struct qw_number_name qw_ot_s7comm_types[] = {
	{"job", 1}, {"ack", 2}, {"ack_data", 3}, {"userdata", 7}, {NULL, 0},
};

const struct qw_number_name qw_ot_s7comm_functions[] = {
	{"cpu_services", 0x00}, {"read_var", 0x04}, {"write_var", 0x05}, {"request_download", 0x1a},
	{"download_block", 0x1b}, {"download_ended", 0x1c}, {"start_upload", 0x1d}, {"upload", 0x1e},
	{"end_upload", 0x1f}, {"pi_service", 0x28}, {"plc_stop", 0x29}, {"setup_communication", 0xf0}, {NULL, 0},
};

const struct qw_number_name qw_ot_s7comm_areas[] = {
	{"system_info", 0x03}, {"system_flags", 0x05}, {"analog_inputs", 0x06}, {"analog_outputs", 0x07},
	{"counter_iec", 0x1e}, {"timer_iec", 0x1f}, {"counter", 0x1c}, {"timer", 0x1d}, {"P", 0x80}, {"I", 0x81},
	{"Q", 0x82}, {"M", 0x83}, {"DB", 0x84}, {"DI", 0x85}, {"L", 0x86}, {"V", 0x87}, {NULL, 0},
};

const struct qw_number_name qw_ot_s7comm_transports[] = {
	{"bit", 1}, {"byte", 2}, {"char", 3}, {"word", 4}, {"int", 5}, {"dword", 6}, {"dint", 7}, {"real", 8},
	{"date", 9}, {"tod", 10}, {"time", 11}, {"s5time", 12}, {"dt", 15}, {"counter", 28}, {"timer", 29},
	{"iec_timer", 30}, {"iec_counter", 31}, {"hs_counter", 32}, {NULL, 0},
};

const struct qw_number_name qw_ot_s7comm_groups[] = {
	{"mode_transition", 0}, {"programmer", 1}, {"cyclic_data", 2}, {"block_functions", 3}, {"cpu_functions", 4},
	{"security", 5}, {"pbc", 6}, {"time_functions", 7}, {"nc_programming", 15}, {NULL, 0},
};

/* Group in the high byte. */
const struct qw_number_name qw_ot_s7comm_subfunctions[] = {
	{"stop", 0x0000}, {"warm_restart", 0x0001}, {"run", 0x0002}, {"hot_restart", 0x0003}, {"hold", 0x0004},
	{"cold_restart", 0x0006}, {"request_diagnostics", 0x0101}, {"variable_table", 0x0102}, {"erase", 0x010c},
	{"read_diagnostics", 0x010e}, {"remove_diagnostics", 0x010f}, {"force", 0x0110}, {"cyclic_transfer", 0x0201},
	{"cyclic_unsubscribe", 0x0204}, {"change_driven_transfer", 0x0205}, {"list_blocks", 0x0301},
	{"list_blocks_of_type", 0x0302}, {"block_info", 0x0303}, {"read_szl", 0x0401}, {"message_service", 0x0402},
	{"diagnostic_message", 0x0403}, {"alarm_indication", 0x0405}, {"scan_indication", 0x0409},
	{"alarm_ack", 0x040b}, {"alarm_ack_indication", 0x040c}, {"alarm_query", 0x0413}, {"set_password", 0x0501},
	{"clear_password", 0x0502}, {"read_clock", 0x0701}, {"set_clock", 0x0702}, {"read_clock_following", 0x0703},
	{"set_clock_2", 0x0704}, {NULL, 0},
};

/* Class in the high byte, and codes of userdata. */
const struct qw_number_name qw_ot_s7comm_errors[] = {
	{"invalid_block_type_number", 0x0110}, {"invalid_parameter", 0x0112}, {"block_type_error", 0x011b},
	{"application_error", 0x8100}, {"object_definition_error", 0x8200}, {"no_resources", 0x8300},
	{"service_error", 0x8400}, {"context_not_supported", 0x8104}, {"pdu_size_error", 0x8500},
	{"access_error", 0x8700}, {"service_not_implemented", 0x8001}, {"protection_level_too_low", 0xd241},
	{"block_not_found", 0xd209}, {"block_already_exists", 0xd20a}, {"wrong_password", 0xd602},
	{"no_rights", 0xd401}, {NULL, 0},
};

const struct qw_number_name qw_ot_s7comm_returns[] = {
	{"reserved", 0x00}, {"hardware_error", 0x01}, {"access_not_allowed", 0x03}, {"invalid_address", 0x05},
	{"data_type_not_supported", 0x06}, {"data_type_inconsistent", 0x07}, {"object_does_not_exist", 0x0a},
	{"success", 0xff}, {NULL, 0},
};
