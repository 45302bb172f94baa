/* SPDX-License-Identifier: Apache-2.0 */
/* Source: Mitsubishi's SLMP reference manual (SH-080956ENG), by what commands and end codes mean there. */
#include "base/ot_tables.h"

#include <stddef.h>

const struct qw_number_name qw_ot_slmp_commands[] = {
	{"read_type_name", 0x0101}, {"device_read", 0x0401}, {"device_read_random", 0x0403},
	{"device_read_block", 0x0406}, {"array_label_read", 0x041a}, {"label_read_random", 0x041c},
	{"extend_unit_read", 0x0601}, {"memory_read", 0x0613}, {"self_test", 0x0619},
	{"monitor_register", 0x0801}, {"monitor", 0x0802}, {"node_search", 0x0e30}, {"address_set", 0x0e31},
	{"remote_run", 0x1001}, {"remote_stop", 0x1002},
	{"remote_pause", 0x1003}, {"remote_latch_clear", 0x1005}, {"remote_reset", 0x1006},
	{"device_write", 0x1401}, {"device_write_random", 0x1402}, {"device_write_block", 0x1406},
	{"array_label_write", 0x141a}, {"label_write_random", 0x141b}, {"extend_unit_write", 0x1601},
	{"memory_write", 0x1613}, {"clear_error", 0x1617}, {"password_unlock", 0x1630},
	{"password_lock", 0x1631}, {"directory_read", 0x1810}, {"directory_search", 0x1811},
	{"file_new", 0x1820}, {"file_delete", 0x1822}, {"file_copy", 0x1824},
	{"file_attribute_change", 0x1825}, {"file_date_change", 0x1826}, {"file_open", 0x1827},
	{"file_read", 0x1828}, {"file_write", 0x1829}, {"file_close", 0x182a}, {"on_demand", 0x2101},
	{NULL, 0},
};

const struct qw_number_name qw_ot_slmp_end_codes[] = {
	{"normal", 0x0000}, {"cannot_execute_while_running", 0x4010}, {"device_out_of_range", 0x4031},
	{"ascii_conversion", 0xc050}, {"too_many_bit_points", 0xc051}, {"too_many_word_points", 0xc052},
	{"too_many_random_bits", 0xc053}, {"too_many_random_words", 0xc054}, {"address_out_of_range", 0xc056},
	{"request_length_mismatch", 0xc058}, {"unknown_command", 0xc059}, {"device_not_accessible", 0xc05b},
	{"request_error", 0xc05c}, {"no_monitor_registered", 0xc05d}, {"cannot_execute", 0xc05f},
	{"bit_device_error", 0xc060}, {"length_mismatch", 0xc061}, {"code_mismatch", 0xc06f},
	{"device_not_extendable", 0xc070}, {"data_not_handled", 0xc0b5}, {"wrong_password", 0xc200},
	{"locked", 0xc201}, {"locked_by_another", 0xc204}, {"password_failed", 0xc810},
	{"other_request_in_progress", 0xcee0}, {"request_too_large", 0xcee1}, {"response_too_large", 0xcee2},
	{NULL, 0},
};
