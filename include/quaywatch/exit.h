/* SPDX-License-Identifier: Apache-2.0 */
/* exit - the exit statuses of all programs, after BSD's sysexits.h. */
#pragma once

enum qw_exit {
	QW_EXIT_OK = 0,
	QW_EXIT_USAGE = 64,       /* wrong options or arguments */
	QW_EXIT_DATA = 65,        /* rules, indicators or captures are wrong */
	QW_EXIT_NOINPUT = 66,     /* an input file or folder is missing */
	QW_EXIT_UNAVAILABLE = 69, /* the collector cannot be reached, or not now */
	QW_EXIT_INTERNAL = 70,    /* out of memory, or our own mistake */
	QW_EXIT_IO = 74,          /* reading or writing failed, disk full */
	QW_EXIT_PERMISSION = 77,  /* the system's permissions refuse it */
	QW_EXIT_CONFIG = 78,      /* the configuration is wrong */
};
