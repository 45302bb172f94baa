/* SPDX-License-Identifier: Apache-2.0 */
/* Source: IEEE C37.118.2-2011, tables 3 and 15. */
#include "base/ot_tables.h"

#include <stddef.h>

/* Bits 4 to 6 of the synchronisation word's second byte. */
const struct qw_number_name qw_ot_c37118_frames[] = {
	{"data", 0}, {"header", 1}, {"configuration_1", 2}, {"configuration_2", 3}, {"command", 4},
	{"configuration_3", 5}, {NULL, 0},
};

const struct qw_number_name qw_ot_c37118_commands[] = {
	{"turn_off", 1}, {"turn_on", 2}, {"send_header", 3}, {"send_configuration_1", 4}, {"send_configuration_2", 5},
	{"send_configuration_3", 6}, {"extended", 8}, {NULL, 0},
};
