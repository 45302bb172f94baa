/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings - the keys watch.* of the configuration, by number: the rows that watchers read (qw_world_int …).
 *
 * The sensor's own table takes them in as they stand.  Each watcher has its
 * own section.
 */
#pragma once

#include "quaywatch/config.h"

enum qw_watch_key {
	/* ---- of all watchers */
	QW_WATCH_ENABLED,
	QW_WATCH_AGAIN,

	/* ---- assets */

	/* ---- baseline */
	QW_WATCH_LEARN,
	QW_WATCH_BASELINE_ENTRIES,

	/* ---- sessions */

	/* ---- scans */

	/* ---- beacon */

	/* ---- exfil */

	/* ---- silence */

	/* ---- gateway */

	/* ---- zones */

	/* ---- positions */

	/* ---- ais */

	QW_WATCH_KEYS
};

extern const struct qw_setting qw_watch_settings[QW_WATCH_KEYS];
