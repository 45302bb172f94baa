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
	QW_WATCH_ASSETS,
	QW_WATCH_TALKS,
	QW_WATCH_INVENTORY,
	QW_WATCH_MAKERS,

	/* ---- baseline */
	QW_WATCH_LEARN,
	QW_WATCH_LEARN_ALL,
	QW_WATCH_BASELINE,
	QW_WATCH_BASELINE_ENTRIES,

	/* ---- windows */
	QW_WATCH_MAINTENANCE,
	QW_WATCH_ZONE,

	/* ---- cycle */
	QW_WATCH_CYCLE_LEARN,
	QW_WATCH_CYCLE_FACTOR,
	QW_WATCH_CYCLE_MESSAGES,

	/* ---- sessions */
	QW_WATCH_SESSIONS_HOURS,

	/* ---- scans */
	QW_WATCH_SCANS_SECONDS,
	QW_WATCH_SCANS_PORTS,
	QW_WATCH_SCANS_HOSTS,
	QW_WATCH_SCANS_SLOW,
	QW_WATCH_SCANS_SMB,
	QW_WATCH_SCANS_IDENTITY,
	QW_WATCH_SCANS_ALLOW,

	/* ---- beacon */
	QW_WATCH_BEACON_COUNT,
	QW_WATCH_BEACON_JITTER,
	QW_WATCH_BEACON_ALLOW,

	/* ---- exfil */
	QW_WATCH_EXFIL_MEGABYTES,
	QW_WATCH_EXFIL_TIMES,
	QW_WATCH_EXFIL_ALLOW,

	/* ---- silence */
	QW_WATCH_EXPECT,

	/* ---- gateway */
	QW_WATCH_GATEWAY_LEARN,
	QW_WATCH_DHCP_SERVERS,
	QW_WATCH_DNS_SERVERS,
	QW_WATCH_NTP_SERVERS,
	QW_WATCH_ROUTERS,

	/* ---- zones */
	QW_WATCH_ZONES,
	QW_WATCH_CONDUITS,
	QW_WATCH_ZONES_STRICT,

	/* ---- positions */
	QW_WATCH_POSITIONS_LEARN,
	QW_WATCH_POSITIONS_STILL,
	QW_WATCH_FIXED,

	/* ---- ais */
	QW_WATCH_AIS_LEARN,

	QW_WATCH_KEYS
};

extern const struct qw_setting qw_watch_settings[QW_WATCH_KEYS];
