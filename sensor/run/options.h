/* SPDX-License-Identifier: Apache-2.0 */
/* options - the sensor's command line. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "quaywatch/exit.h"

enum { QW_OPTION_LIST_MAX = 256 };

struct qw_option_list {
	const char *item[QW_OPTION_LIST_MAX];
	size_t count;
};

struct qw_options {
	const char *config;
	struct qw_option_list interfaces, captures, rules, set;
	const char *alerts, *events, *stats, *filter, *learn;
	int workers; /* -1: not given */
	bool check, strict, packs, print_config;
};

enum qw_option_result { QW_OPTIONS_RUN, QW_OPTIONS_DONE, QW_OPTIONS_WRONG };

/* DONE: help or version were printed.  WRONG: one line on standard error said what. */
enum qw_option_result qw_options_parse(struct qw_options *options, int argc, char **argv);
