/* SPDX-License-Identifier: Apache-2.0 */
/* Source: ISO 9506-2; services by the names that Snort's rules use. */
#include "base/ot_tables.h"

#include <stddef.h>

const struct qw_number_name qw_ot_mms_services[] = {
	{"status", 0}, {"get_name_list", 1}, {"identify", 2}, {"rename", 3}, {"read", 4}, {"write", 5},
	{"get_variable_access_attributes", 6}, {"define_named_variable", 7}, {"define_scattered_access", 8},
	{"get_scattered_access_attributes", 9}, {"delete_variable_access", 10},
	{"define_named_variable_list", 11}, {"get_named_variable_list_attributes", 12},
	{"delete_named_variable_list", 13}, {"define_named_type", 14}, {"get_named_type_attributes", 15},
	{"delete_named_type", 16}, {"input", 17}, {"output", 18}, {"take_control", 19},
	{"relinquish_control", 20}, {"define_semaphore", 21}, {"delete_semaphore", 22},
	{"report_semaphore_status", 23}, {"report_pool_semaphore_status", 24},
	{"report_semaphore_entry_status", 25}, {"initiate_download_sequence", 26}, {"download_segment", 27},
	{"terminate_download_sequence", 28}, {"initiate_upload_sequence", 29}, {"upload_segment", 30},
	{"terminate_upload_sequence", 31}, {"request_domain_download", 32}, {"request_domain_upload", 33},
	{"load_domain_content", 34}, {"store_domain_content", 35}, {"delete_domain", 36},
	{"get_domain_attributes", 37}, {"create_program_invocation", 38}, {"delete_program_invocation", 39},
	{"start", 40}, {"stop", 41}, {"resume", 42}, {"reset", 43}, {"kill", 44},
	{"get_program_invocation_attributes", 45}, {"obtain_file", 46}, {"define_event_condition", 47},
	{"delete_event_condition", 48}, {"get_event_condition_attributes", 49},
	{"report_event_condition_status", 50}, {"alter_event_condition_monitoring", 51}, {"trigger_event", 52},
	{"define_event_action", 53}, {"delete_event_action", 54}, {"get_event_action_attributes", 55},
	{"report_event_action_status", 56}, {"define_event_enrollment", 57}, {"delete_event_enrollment", 58},
	{"alter_event_enrollment", 59}, {"report_event_enrollment_status", 60},
	{"get_event_enrollment_attributes", 61}, {"acknowledge_event_notification", 62},
	{"get_alarm_summary", 63}, {"get_alarm_enrollment_summary", 64}, {"read_journal", 65},
	{"write_journal", 66}, {"initialize_journal", 67}, {"report_journal_status", 68},
	{"create_journal", 69}, {"delete_journal", 70}, {"get_capability_list", 71}, {"file_open", 72},
	{"file_read", 73}, {"file_close", 74}, {"file_rename", 75}, {"file_delete", 76},
	{"file_directory", 77}, {"additional_service", 78}, {"get_data_exchange_attributes", 80},
	{"exchange_data", 81}, {"define_access_control_list", 82}, {"get_access_control_list_attributes", 83},
	{"report_access_controlled_objects", 84}, {"delete_access_control_list", 85},
	{"change_access_control", 86}, {"reconfigure_program_invocation", 87}, {NULL, 0},
};

/* Class in the high byte; the class's own name where the code says no more. */
const struct qw_number_name qw_ot_mms_errors[] = {
	{"vmd_state", 0x0000}, {"vmd_state_conflict", 0x0001}, {"vmd_operational_problem", 0x0002},
	{"domain_transfer_problem", 0x0003}, {"state_machine_id_invalid", 0x0004},
	{"application_reference", 0x0100}, {"application_unreachable", 0x0101}, {"connection_lost", 0x0102},
	{"application_reference_invalid", 0x0103}, {"context_unsupported", 0x0104}, {"definition", 0x0200},
	{"object_undefined", 0x0201}, {"invalid_address", 0x0202}, {"type_unsupported", 0x0203},
	{"type_inconsistent", 0x0204}, {"object_exists", 0x0205}, {"object_attribute_inconsistent", 0x0206},
	{"resource", 0x0300}, {"memory_unavailable", 0x0301}, {"processor_resource_unavailable", 0x0302},
	{"mass_storage_unavailable", 0x0303}, {"capability_unavailable", 0x0304},
	{"capability_unknown", 0x0305}, {"service", 0x0400}, {"primitives_out_of_sequence", 0x0401},
	{"object_state_conflict", 0x0402}, {"continuation_invalid", 0x0404},
	{"object_constraint_conflict", 0x0405}, {"service_preempt", 0x0500}, {"timeout", 0x0501},
	{"deadlock", 0x0502}, {"cancel", 0x0503}, {"time_resolution", 0x0600},
	{"unsupportable_time_resolution", 0x0601}, {"access", 0x0700}, {"object_access_unsupported", 0x0701},
	{"object_non_existent", 0x0702}, {"object_access_denied", 0x0703}, {"object_invalidated", 0x0704},
	{"initiate", 0x0800}, {"max_services_outstanding_calling_insufficient", 0x0803},
	{"max_services_outstanding_called_insufficient", 0x0804}, {"service_cbb_insufficient", 0x0805},
	{"parameter_cbb_insufficient", 0x0806}, {"nesting_level_insufficient", 0x0807}, {"conclude", 0x0900},
	{"further_communication_required", 0x0901}, {"cancel_failed", 0x0a00}, {"invoke_id_unknown", 0x0a01},
	{"cancel_not_possible", 0x0a02}, {"file", 0x0b00}, {"filename_ambiguous", 0x0b01},
	{"file_busy", 0x0b02}, {"filename_syntax_error", 0x0b03}, {"content_type_invalid", 0x0b04},
	{"position_invalid", 0x0b05}, {"file_access_denied", 0x0b06}, {"file_non_existent", 0x0b07},
	{"duplicate_filename", 0x0b08}, {"insufficient_space_in_filestore", 0x0b09}, {NULL, 0},
};

/* Of one variable. */
const struct qw_number_name qw_ot_mms_access_errors[] = {
	{"object_invalidated", 0}, {"hardware_fault", 1}, {"temporarily_unavailable", 2},
	{"object_access_denied", 3}, {"object_undefined", 4}, {"invalid_address", 5}, {"type_unsupported", 6},
	{"type_inconsistent", 7}, {"object_attribute_inconsistent", 8}, {"object_access_unsupported", 9},
	{"object_non_existent", 10}, {"object_value_invalid", 11}, {NULL, 0},
};

/* The kind of PDU in the high byte. */
const struct qw_number_name qw_ot_mms_rejects[] = {
	{"confirmed_request", 0x0100}, {"unrecognized_service", 0x0101}, {"unrecognized_modifier", 0x0102},
	{"invalid_invoke_id", 0x0103}, {"invalid_argument", 0x0104}, {"invalid_modifier", 0x0105},
	{"max_outstanding_exceeded", 0x0106}, {"max_recursion_exceeded", 0x0108},
	{"value_out_of_range", 0x0109}, {"confirmed_response", 0x0200}, {"unrecognized_service", 0x0201},
	{"invalid_invoke_id", 0x0202}, {"invalid_result", 0x0203}, {"max_recursion_exceeded", 0x0205},
	{"value_out_of_range", 0x0206}, {"confirmed_error", 0x0300}, {"unrecognized_service", 0x0301},
	{"invalid_invoke_id", 0x0302}, {"invalid_service_error", 0x0303}, {"value_out_of_range", 0x0304},
	{"unconfirmed", 0x0400}, {"unrecognized_service", 0x0401}, {"invalid_argument", 0x0402},
	{"max_recursion_exceeded", 0x0403}, {"value_out_of_range", 0x0404}, {"unknown_pdu_type", 0x0500},
	{"invalid_pdu", 0x0501}, {"illegal_acse_mapping", 0x0502}, {NULL, 0},
};
