/* SPDX-License-Identifier: Apache-2.0 */
/* offline - reading captures: the whole sensor in one process. */
#pragma once

#include "quaywatch/config.h"
#include "quaywatch/exit.h"
#include "sensor/run/options.h"

/* Complaints go to standard error; the exit status says the worst. */
enum qw_exit qw_offline_run(const struct qw_options *options, const struct qw_config *config);

/* Reads configuration and rules, prints every complaint and a summary. */
enum qw_exit qw_check_run(const struct qw_options *options, const struct qw_config *config);
