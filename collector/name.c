/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/name.h"

#include <string.h>
#include <strings.h>

static const char first_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

bool qw_name_is_valid(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= QW_NAME_MAX && strchr(first_letters, name[0]) && strspn(name, letters) == len;
}

bool qw_name_is_tenant(const char *name)
{
	return qw_name_is_valid(name) && strcasecmp(name, "community") != 0;
}
