/* SPDX-License-Identifier: Apache-2.0 */
/*
 * folder_kit - a folder that each test finds empty, and that goes with it.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Made from its own template, "NAME-XXXXXX". */
static inline int folder_enter(char *folder, size_t size, const char *template)
{
	snprintf(folder, size, "%s", template);
	return !mkdtemp(folder);
}

static inline int folder_leave(const char *folder)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf ./%s", folder);
	return system(command) != 0;
}
