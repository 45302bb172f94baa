/* SPDX-License-Identifier: Apache-2.0 */
/* Source: the names that Snort's s7commplus_opcode and s7commplus_func have. */
#include "base/ot_tables.h"

#include <stddef.h>

const struct qw_number_name qw_ot_s7plus_opcodes[] = {
	{"request", 0x31}, {"response", 0x32}, {"notification", 0x33}, {"response2", 0x02}, {NULL, 0},
};

const struct qw_number_name qw_ot_s7plus_functions[] = {
	{"explore", 0x04bb}, {"createobject", 0x04ca}, {"deleteobject", 0x04d4}, {"setvariable", 0x04f2},
	{"getlink", 0x0524}, {"setmultivar", 0x0542}, {"getmultivar", 0x054c}, {"beginsequence", 0x0556},
	{"endsequence", 0x0560}, {"invoke", 0x056b}, {"getvarsubstr", 0x0586}, {NULL, 0},
};
