/* SPDX-License-Identifier: Apache-2.0 */
/* settings - every key of the sensor's configuration, by number. */
#pragma once

#include <stddef.h>

#include "quaywatch/config.h"
#include "sensor/export/release_settings.h"
#include "sensor/watch/settings.h"

enum qw_sensor_key {
	QW_CFG_INTERFACES,
	QW_CFG_CHECKSUMS,
	QW_CFG_VLAN_IN_FLOW,
	QW_CFG_DEDUPLICATE,
	QW_CFG_FILTER,
	QW_CFG_RING_MB,
	QW_CFG_SNAP,
	QW_CFG_WORKERS,
	QW_CFG_FLOWS,
	QW_CFG_TIMEOUT_NEW,
	QW_CFG_TIMEOUT_ESTABLISHED,
	QW_CFG_TIMEOUT_CLOSED,
	QW_CFG_TIMEOUT_UDP,
	QW_CFG_TIMEOUT_ICMP,
	QW_CFG_DEFRAG_DATAGRAMS,
	QW_CFG_DEFRAG_MB,
	QW_CFG_DEFRAG_SECONDS,
	QW_CFG_MIDSTREAM,
	QW_CFG_STREAM_MB,
	QW_CFG_STREAM_FLOW_KB,
	QW_CFG_STREAM_DEPTH_KB,
	QW_CFG_STREAM_WINDOWS,
	QW_CFG_PROTOCOL_MB,
	QW_CFG_OT,
	QW_CFG_OT_READ_ALL,
	QW_CFG_OT_VALUES,
	QW_CFG_RULES,
	QW_CFG_RULES_PACKS,
	QW_CFG_RULES_PACKS_FOLDER,
	QW_CFG_RULES_CACHE,
	QW_CFG_RULES_DISABLE,
	QW_CFG_RULES_SUPPRESS,
	QW_CFG_RULES_THRESHOLDS,
	QW_CFG_RULES_STATE_MB,
	QW_CFG_RULES_FLOW_STATE_MB,
	QW_CFG_REPUTATION_CATEGORIES,
	QW_CFG_REPUTATION_FILES,
	QW_CFG_ALERTS_FILE,
	QW_CFG_EVENTS,
	QW_CFG_FOLD,
	QW_CFG_PAYLOAD,
	QW_CFG_NAMES,
	QW_CFG_TENANT,
	QW_CFG_NAME,
	QW_CFG_PUBLIC_KEY,
	QW_CFG_SECRET_KEY,
	QW_CFG_COLLECTOR,
	QW_CFG_COLLECTOR_KEY,
	QW_CFG_ROOT_KEY,
	QW_CFG_STATE,
	QW_CFG_SPOOL_MB,
	QW_CFG_HISTORY_MB,
	QW_CFG_CONTROL,
	QW_CFG_WATCH, /* the first of watch.*: + enum qw_watch_key */
	QW_CFG_WATCH_LAST = QW_CFG_WATCH + QW_WATCH_KEYS - 1,
	QW_CFG_RELEASE, /* the first of release.*: + enum qw_release_key */
	QW_CFG_RELEASE_LAST = QW_CFG_RELEASE + QW_RELEASE_KEYS - 1,
	QW_CFG_USER,
	QW_CFG_VARS,
	QW_CFG_DATASETS,
	QW_CFG_COUNT
};

/*
 * The table, with the defaults that reading files (midstream off) or listening
 * (midstream on) have.  `room` takes QW_CFG_COUNT rows and must outlive the config.
 */
void qw_sensor_settings(struct qw_setting *room, bool live);

/* Value of a rule variable: the config's vars.NAME, else Suricata's shipped default; NULL: not defined. */
const char *qw_sensor_variable(const struct qw_config *config, const char *name);
