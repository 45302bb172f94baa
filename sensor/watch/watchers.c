/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/watcher.h"

#include "sensor/watch/baseline.h"

const struct qw_watcher_ops *const qw_watchers[] = {
	&qw_baseline,
	NULL,
};
