/* SPDX-License-Identifier: Apache-2.0 */
/*
 * name - what tenants and sensors may be called.
 *
 * Letters, digits, '.', '_' and '-', beginning with a letter or digit: such a
 * name needs no escaping in JSON, in a file name or on a shell's line.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { QW_NAME_MAX = 48 };

bool qw_name_is_valid(const char *name);

/* Also not "community", the channel of all. */
bool qw_name_is_tenant(const char *name);

/* Who a sensor is: named by its key, never by what it says. */
struct qw_identity {
	char tenant[QW_NAME_MAX + 1];
	char sensor[QW_NAME_MAX + 1];
};
