/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/names.h"

#include <stddef.h>

const char *qw_number_name(const struct qw_number_name *names, uint64_t value)
{
	for (; names && names->name; names++)
		if (names->value == value)
			return names->name;
	return NULL;
}
