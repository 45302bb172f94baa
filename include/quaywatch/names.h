/* SPDX-License-Identifier: Apache-2.0 */
/* names - tables of names for numbers, read both ways. */
#pragma once

#include <stdint.h>

/* A name for a number; a table ends with name NULL.  Of several names for one number the first is the one that is written. */
struct qw_number_name {
	const char *name;
	uint64_t value;
};

/* NULL: the table has no name for it.  names may be NULL. */
const char *qw_number_name(const struct qw_number_name *names, uint64_t value);
