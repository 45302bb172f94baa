/* SPDX-License-Identifier: Apache-2.0 */
/* Source: Beckhoff's ADS specification (TwinCAT), by what commands, states, index groups and return codes mean there. */
#include "base/ot_tables.h"

#include <stddef.h>

const struct qw_number_name qw_ot_ads_commands[] = {
	{"invalid", 0}, {"read_device_info", 1}, {"read", 2}, {"write", 3}, {"read_state", 4},
	{"write_control", 5}, {"add_notification", 6}, {"delete_notification", 7}, {"notification", 8},
	{"read_write", 9}, {NULL, 0},
};

const struct qw_number_name qw_ot_ads_states[] = {
	{"invalid", 0}, {"idle", 1}, {"reset", 2}, {"init", 3}, {"start", 4}, {"run", 5}, {"stop", 6},
	{"save_config", 7}, {"load_config", 8}, {"power_failure", 9}, {"power_good", 10}, {"error", 11},
	{"shutdown", 12}, {"suspend", 13}, {"resume", 14}, {"config", 15}, {"reconfig", 16}, {"stopping", 17},
	{"incompatible", 18}, {"exception", 19}, {NULL, 0},
};

/* Below 0x1000: of the system service. */
const struct qw_number_name qw_ot_ads_groups[] = {
	{"file_open", 0x0078}, {"file_close", 0x0079}, {"file_read", 0x007a}, {"file_write", 0x007b},
	{"file_delete", 0x0083}, {"file_find", 0x0085}, {"registry", 0x00c8}, {"time_services", 0x0190},
	{"start_process", 0x01f4}, {"ip_helper", 0x02bd}, {"route_add", 0x0321}, {"route_delete", 0x0322},
	{"route_list", 0x0323}, {"plc_memory", 0x4020}, {"plc_memory_bit", 0x4021},
	{"plc_memory_size", 0x4025}, {"plc_retain", 0x4030}, {"plc_data", 0x4040}, {"symbol_table", 0xf000},
	{"symbol_name", 0xf001}, {"symbol_value", 0xf002}, {"symbol_handle_by_name", 0xf003},
	{"symbol_value_by_name", 0xf004}, {"symbol_value_by_handle", 0xf005},
	{"symbol_release_handle", 0xf006}, {"symbol_info_by_name", 0xf007}, {"symbol_version", 0xf008},
	{"symbol_info_by_name_ex", 0xf009}, {"symbol_download", 0xf00a}, {"symbol_upload", 0xf00b},
	{"symbol_upload_info", 0xf00c}, {"input_image", 0xf020}, {"input_image_bit", 0xf021},
	{"input_image_size", 0xf025}, {"output_image", 0xf030}, {"output_image_bit", 0xf031},
	{"output_image_size", 0xf035}, {"clear_inputs", 0xf040}, {"clear_outputs", 0xf050},
	{"input_output_image", 0xf060}, {"sum_read", 0xf080}, {"sum_write", 0xf081},
	{"sum_read_write", 0xf082}, {"sum_read_ex", 0xf083}, {"sum_read_ex_2", 0xf084},
	{"sum_add_notification", 0xf085}, {"sum_delete_notification", 0xf086}, {"device_data", 0xf100},
	{NULL, 0},
};

const struct qw_number_name qw_ot_ads_errors[] = {
	{"no_error", 0x0000}, {"internal_error", 0x0001}, {"no_real_time", 0x0002},
	{"allocation_locked", 0x0003}, {"mailbox_full", 0x0004}, {"wrong_receive_handle", 0x0005},
	{"target_port_not_found", 0x0006}, {"target_machine_not_found", 0x0007}, {"unknown_command", 0x0008},
	{"bad_task", 0x0009}, {"no_io", 0x000a}, {"unknown_ads_command", 0x000b}, {"win32_error", 0x000c},
	{"port_not_connected", 0x000d}, {"invalid_ams_length", 0x000e}, {"invalid_net_id", 0x000f},
	{"low_installation_level", 0x0010}, {"no_debug", 0x0011}, {"port_disabled", 0x0012},
	{"port_already_connected", 0x0013}, {"sync_win32_error", 0x0014}, {"sync_timeout", 0x0015},
	{"sync_ams_error", 0x0016}, {"sync_no_index_map", 0x0017}, {"invalid_ams_port", 0x0018},
	{"no_memory", 0x0019}, {"tcp_send_error", 0x001a}, {"host_unreachable", 0x001b},
	{"invalid_ams_fragment", 0x001c}, {"device_error", 0x0700}, {"service_not_supported", 0x0701},
	{"invalid_index_group", 0x0702}, {"invalid_index_offset", 0x0703}, {"access_not_permitted", 0x0704},
	{"invalid_size", 0x0705}, {"invalid_data", 0x0706}, {"not_ready", 0x0707}, {"busy", 0x0708},
	{"invalid_context", 0x0709}, {"out_of_memory", 0x070a}, {"invalid_parameter", 0x070b},
	{"not_found", 0x070c}, {"syntax_error", 0x070d}, {"incompatible", 0x070e}, {"exists", 0x070f},
	{"symbol_not_found", 0x0710}, {"symbol_version_invalid", 0x0711}, {"invalid_state", 0x0712},
	{"transmission_mode_not_supported", 0x0713}, {"notification_handle_invalid", 0x0714},
	{"notification_client_unknown", 0x0715}, {"no_more_handles", 0x0716}, {"watch_size_too_big", 0x0717},
	{"not_initialized", 0x0718}, {"timeout", 0x0719}, {"no_interface", 0x071a},
	{"invalid_interface", 0x071b}, {"invalid_class", 0x071c}, {"invalid_object", 0x071d},
	{"pending", 0x071e}, {"aborted", 0x071f}, {"warning", 0x0720}, {"invalid_array_index", 0x0721},
	{"symbol_not_active", 0x0722}, {"access_denied", 0x0723}, {"no_license", 0x0724},
	{"license_expired", 0x0725}, {"client_error", 0x0740}, {"client_invalid_parameter", 0x0741},
	{"list_empty", 0x0742}, {"variable_in_use", 0x0743}, {"duplicate_invoke_id", 0x0744},
	{"sync_timeout_elapsed", 0x0745}, {"port_not_open", 0x0748}, {NULL, 0},
};
