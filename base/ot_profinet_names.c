/* SPDX-License-Identifier: Apache-2.0 */
/* Source: IEC 61158-6-10 (PROFINET), as Wireshark's field names quote it. */
#include "base/ot_tables.h"

#include <stddef.h>

const struct qw_number_name qw_ot_dcp_services[] = {
	{"get", 3}, {"set", 4}, {"identify", 5}, {"hello", 6}, {NULL, 0},
};

/* Option in the high byte. */
const struct qw_number_name qw_ot_dcp_options[] = {
	{"mac_address", 0x0101}, {"ip_parameter", 0x0102}, {"ip_suite", 0x0103}, {"type_of_station", 0x0201},
	{"name_of_station", 0x0202}, {"device_id", 0x0203}, {"device_role", 0x0204}, {"device_options", 0x0205},
	{"alias_name", 0x0206}, {"device_instance", 0x0207}, {"oem_device_id", 0x0208}, {"standard_gateway", 0x0209},
	{"rsi_properties", 0x020a}, {"dhcp_host_name", 0x030c}, {"dhcp_vendor_specific", 0x032b},
	{"dhcp_server", 0x0336}, {"dhcp_parameter_request", 0x0337}, {"dhcp_class", 0x033c}, {"dhcp_client_id", 0x033d},
	{"dhcp_fully_qualified_name", 0x0351}, {"dhcp_client_uuid", 0x0361}, {"dhcp_control", 0x03ff},
	{"start_transaction", 0x0501}, {"end_transaction", 0x0502}, {"signal", 0x0503}, {"result", 0x0504},
	{"factory_reset", 0x0505}, {"reset_to_factory", 0x0506}, {"device_initiative", 0x0601}, {"all", 0xffff}, {NULL, 0},
};

const struct qw_number_name qw_ot_dcp_errors[] = {
	{"ok", 0}, {"option_unsupported", 1}, {"suboption_unsupported", 2}, {"suboption_not_set", 3},
	{"resource_error", 4}, {"set_not_possible", 5}, {"set_not_possible_in_operation", 6}, {NULL, 0},
};

const struct qw_number_name qw_ot_profinet_alarms[] = {
	{"diagnosis", 1}, {"process", 2}, {"pull", 3}, {"plug", 4}, {"status", 5}, {"update", 6},
	{"redundancy", 7}, {"controlled_by_supervisor", 8}, {"released", 9}, {"plug_wrong_submodule", 10},
	{"return_of_submodule", 11}, {"diagnosis_disappears", 12}, {"multicast_mismatch", 13},
	{"port_data_changed", 14}, {"sync_data_changed", 15}, {"isochronous_mode_problem", 16},
	{"network_component_problem", 17}, {"time_data_changed", 18}, {"dynamic_frame_packing_problem", 19},
	{"media_redundancy_problem", 20}, {"multiple_interface_mismatch", 21}, {"upload_and_retrieval", 30},
	{"pull_module", 31}, {NULL, 0},
};

const struct qw_number_name qw_ot_profinet_operations[] = {
	{"connect", 0}, {"release", 1}, {"read", 2}, {"write", 3}, {"control", 4}, {"read_implicit", 5}, {NULL, 0},
};

/* Bits of a control block's command. */
const struct qw_number_name qw_ot_profinet_controls[] = {
	{"parameters_end", 0x0001}, {"application_ready", 0x0002}, {"release", 0x0004}, {"done", 0x0008},
	{"ready_for_companion", 0x0010}, {"ready_for_class_3", 0x0020}, {"parameters_begin", 0x0040}, {NULL, 0},
};

/* What records are about. */
const struct qw_number_name qw_ot_profinet_records[] = {
	{"expected_identification", 0x8000}, {"real_identification", 0x8001}, {"diagnosis", 0x800c},
	{"port_data_real", 0x802a}, {"port_data_check", 0x802b}, {"ir_data", 0x802c}, {"sync_data", 0x802d},
	{"port_data_adjust", 0x802f}, {"isochronous_mode", 0x8030}, {"time_data", 0x8031}, {"interface_mrp_real", 0x8050},
	{"interface_mrp_check", 0x8051}, {"interface_mrp_adjust", 0x8052}, {"interface_adjust", 0x8071},
	{"port_statistic", 0x8072}, {"interface_data_real", 0x8080}, {"im0", 0xaff0}, {"im1", 0xaff1}, {"im2", 0xaff2},
	{"im3", 0xaff3}, {"im4", 0xaff4}, {"im5", 0xaff5}, {"profidrive_local", 0xb02e}, {"profidrive_global", 0xb02f},
	{"expected_identification_of_ar", 0xe000}, {"real_identification_of_ar", 0xe001}, {"module_differences", 0xe002},
	{"diagnosis_of_ar", 0xe00c}, {"write_multiple", 0xe040}, {"ar_data", 0xf020}, {"log", 0xf830},
	{"device_diagnosis", 0xf80c}, {"ar_data_of_device", 0xf820}, {"im0_filter", 0xf840}, {"port_data_all", 0xf841},
	{NULL, 0},
};
