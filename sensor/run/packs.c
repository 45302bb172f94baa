/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/packs.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

const char *qw_packs_folder(void)
{
	static const char build[] = QW_PACKS_BUILD "/";
	char program[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program));

	if (len >= (ssize_t)sizeof(build) && memcmp(program, build, sizeof(build) - 1) == 0)
		return QW_PACKS_SOURCE;
	return QW_PACKS_INSTALLED;
}
