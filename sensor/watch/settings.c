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
