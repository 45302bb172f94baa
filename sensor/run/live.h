/* SPDX-License-Identifier: Apache-2.0 */
/*
 * live - listening: the supervisor and the processes it watches.
 *
 *	supervisor ─┬─ builder    rule files and channels ─► images
 *	            ├─ exporter   rings ─► spool, collector, EVE file; keys
 *	            └─ worker …   one for each capture queue
 *
 * The supervisor opens the capture sockets, forks, and from then on only
 * watches: it restarts what died, passes rulesets on, and ends all on SIGTERM.
 */
#pragma once

#include <stdbool.h>

#include "quaywatch/config.h"
#include "quaywatch/exit.h"
#include "sensor/run/options.h"

/*
 * Listens; or, where captures were given, reads them through the same processes,
 * so that their alerts go to the collector.
 */
enum qw_exit qw_live_run(const struct qw_options *options, struct qw_config *config);

/* True: the processes are needed: interfaces, a stream as it comes, or a collector that is to have the alerts. */
bool qw_live_wanted(const struct qw_options *options, const struct qw_config *config);
