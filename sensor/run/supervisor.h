/* SPDX-License-Identifier: Apache-2.0 */
/* supervisor - keeps the sensor's processes alive; see live.h. */
#pragma once

#include "quaywatch/config.h"
#include "quaywatch/exit.h"
#include "sensor/capture/source.h"
#include "sensor/run/options.h"

struct qw_supervisor_options {
	const struct qw_options *options;
	struct qw_config *config; /* workers and builder forget its secrets */
	const struct qw_source_ops *ops;
	const char *const *interfaces; /* live: what is listened on */
	size_t interface_count;
	const char *const *paths; /* else: captures, all for one worker */
	size_t path_count;
	unsigned workers; /* in all; at least one for each interface */
	uint32_t types;   /* event types besides alerts */
	bool watch;       /* the exporter has a watch */
};

/*
 * Opens the captures, starts the processes, watches until SIGTERM or SIGINT, or
 * until captures that were read from files are at their end and the collector
 * has all alerts of them (QW_EXIT_UNAVAILABLE: it could not be reached).
 */
enum qw_exit qw_supervisor_run(const struct qw_supervisor_options *options);
