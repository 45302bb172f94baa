/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings - what the collector can be told: one table, read by row.
 */
#pragma once

#include "quaywatch/config.h"

enum qw_collector_setting {
	QW_CFG_LISTEN,
	QW_CFG_ADDRESS,
	QW_CFG_STATE,
	QW_CFG_CONTROL,
	QW_CFG_USER,
	QW_CFG_LOG_LEVEL,
	QW_CFG_RECOVERY_SECONDS,
	QW_CFG_RECEIPT_DAYS,
	QW_CFG_ROTATE_BYTES,
	QW_CFG_FEEDS,
	QW_CFG_INCIDENT_HOURS,
	QW_CFG_INCIDENT_SEVERITY,
	QW_CFG_POLICY_TENANTS,
	QW_CFG_POLICY_WINDOW,
	QW_CFG_POLICY_CONFIDENCE,
	QW_CFG_POLICY_LIFETIME,
	QW_CFG_POLICY_MAX_AGE,
	QW_CFG_POLICY_SEEN_HOURS,
	QW_CFG_POLICY_RATE,
	QW_CFG_POLICY_TLP,
	QW_CFG_POLICY_NOISE,
	QW_CFG_POLICY_TYPE,
	QW_CFG_POLICY_PROTECTED,
	QW_CFG_POLICY_PROTECTED_FILES,
	QW_CFG_POLICY_ALLOW,
	QW_CFG_POLICY_WARNING_LISTS,
	QW_CFG_COUNT
};

/* All defaults; qw_config_load and qw_config_set do the rest. */
enum qw_err qw_settings_new(struct qw_config **out) QW_MUSTCHECK;

#define QW_STATE_DEFAULT   "/var/lib/quaywatch"
#define QW_CONTROL_DEFAULT "/run/quaywatch/collector.sock"
