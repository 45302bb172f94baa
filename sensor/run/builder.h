/* SPDX-License-Identifier: Apache-2.0 */
/*
 * builder - the process that makes rulesets, apart from packets and keys.
 *
 * It reads the local rule files and the channels on disk, compiles them, and
 * hands the images to the supervisor.  Fresh entries go into a small overlay,
 * made anew at each change and live within milliseconds; when it has grown, or
 * signatures changed, everything is built again behind the scenes.
 */
#pragma once

#include <stdint.h>

#include "quaywatch/config.h"
#include "quaywatch/exit.h"
#include "sensor/run/options.h"

struct qw_builder_options {
	const struct qw_config *config;
	const struct qw_options *options; /* --rules given on the command line */
	int supervisor; /* ends of qw_post pairs */
	int exporter;
	uint32_t generation; /* the last one there was; 0: none */
};

/* Runs until the supervisor closes its end. */
enum qw_exit qw_builder_run(const struct qw_builder_options *options);
