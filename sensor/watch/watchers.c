/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/watcher.h"

const struct qw_watcher_ops *const qw_watchers[] = {
	NULL,
};
