/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/settings.h"

const struct qw_setting qw_watch_settings[QW_WATCH_KEYS] = {
	/* ---- of all watchers */
	[QW_WATCH_ENABLED] = {"watch.enabled", QW_SETTING_BOOL, "false",
			      .help = "watch who is there, who talks to whom, and what is not as ever"},
	[QW_WATCH_AGAIN] = {"watch.again", QW_SETTING_INT, "3600", 0, 604800,
			    .help = "seconds in which one finding about one pair of hosts is one alert; 0: each is told"},

	/* ---- assets */

	/* ---- baseline */
	[QW_WATCH_LEARN] = {"watch.learn", QW_SETTING_INT, "604800", 0, 31536000,
			    .help = "seconds since the first event in which all that comes is normal"},
	[QW_WATCH_BASELINE_ENTRIES] = {"watch.baseline_entries", QW_SETTING_INT, "200000", 1, 10000000,
				       .help = "hosts, talks and functions known as normal, no more"},

	/* ---- sessions */

	/* ---- scans */

	/* ---- beacon */

	/* ---- exfil */

	/* ---- silence */

	/* ---- gateway */

	/* ---- zones */

	/* ---- positions */

	/* ---- ais */
};
