/* SPDX-License-Identifier: Apache-2.0 */
/* supervisor - keeps the sensor's processes alive; see live.h. */
#pragma once

#include "quaywatch/config.h"
#include "quaywatch/exit.h"
#include "sensor/run/options.h"

struct qw_supervisor_options {
	const struct qw_options *options;
	const struct qw_config *config;
	const char *const *interfaces;
	size_t interface_count;
	unsigned workers; /* in all; at least one for each interface */
	uint32_t types;   /* event types besides alerts */
};

/* Opens the captures, starts the processes, watches until SIGTERM or SIGINT. */
enum qw_exit qw_supervisor_run(const struct qw_supervisor_options *options);
