/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/watcher.h"

#include "sensor/watch/positions/ais_watch.h"
#include "sensor/watch/assets/asset_watch.h"
#include "sensor/watch/normal/baseline.h"
#include "sensor/watch/normal/cycle.h"
#include "sensor/watch/normal/window.h"
#include "sensor/watch/paths/paths.h"
#include "sensor/watch/positions/positions.h"

const struct qw_watcher_ops *const qw_watchers[] = {
	&qw_asset_watch,
	&qw_windows,
	&qw_baseline,
	&qw_cycle,
	&qw_sessions,
	&qw_scans,
	&qw_beacon,
	&qw_exfil,
	&qw_silence,
	&qw_gateway,
	&qw_zones_watch,
	&qw_positions_watch,
	&qw_ais_watch,
	NULL,
};
