/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server - the collector's one loop.
 */
#pragma once

#include "collector/collector.h"

/*
 * Serves until SIGTERM or SIGINT; SIGHUP closes the log's segment and reads
 * the delegation again.  The signals must be blocked in all threads.
 */
enum qw_exit qw_server_run(struct qw_collector *collector);
