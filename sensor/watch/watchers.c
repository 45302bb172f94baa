/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/watcher.h"

#include "sensor/watch/asset_watch.h"

const struct qw_watcher_ops *const qw_watchers[] = {
	&qw_asset_watch,
	NULL,
};
