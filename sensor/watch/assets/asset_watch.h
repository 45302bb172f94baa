/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asset_watch - the watcher that keeps the inventory: first of all watchers, so that the others find who is there.
 *
 * It knows by itself (assets.h), what it remembers over a restart (asset_file.h), what the
 * tenant says (inventory.h) and who made the network cards (oui.h); it tells events of type asset, and gives alerts their words.
 */
#pragma once

#include "sensor/watch/watcher.h"

extern const struct qw_watcher_ops qw_asset_watch;
