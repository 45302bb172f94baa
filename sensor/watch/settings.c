/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/settings.h"

const struct qw_setting qw_watch_settings[QW_WATCH_KEYS] = {
	/* ---- of all watchers */
	[QW_WATCH_ENABLED] = {"watch.enabled", QW_SETTING_BOOL, "false",
			      .help = "watch who is there, who talks to whom, and what is not as ever"},
	[QW_WATCH_AGAIN] = {"watch.again", QW_SETTING_INT, "3600", 0, 604800,
			    .help = "seconds in which one finding about one pair of hosts is one alert; 0: each is told"},

	/* ---- assets */
	[QW_WATCH_ASSETS] = {"watch.assets", QW_SETTING_INT, "20000", 1, 1000000, .help = "hosts that are known; beyond that the longest unseen goes"},
	[QW_WATCH_TALKS] = {"watch.talks", QW_SETTING_INT, "100000", 1, 4000000,
			    .help = "of who talks to whom; beyond that the longest unseen goes"},
	[QW_WATCH_INVENTORY] = {"watch.inventory", QW_SETTING_TEXT,
				.help = "CSV file: address (or network, or MAC), name, role, area, criticality; \"\": none"},
	[QW_WATCH_MAKERS] = {"watch.makers", QW_SETTING_TEXT, "/usr/share/ieee-data/oui.txt",
			     .help = "IEEE's list of who made a network card (package ieee-data); \"\": none"},

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
