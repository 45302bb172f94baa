/* SPDX-License-Identifier: Apache-2.0 */
/* release_settings - the keys release.* of the sensor's configuration: what may leave the tenant. */
#pragma once

#include "quaywatch/config.h"

enum qw_release_key {
	QW_RELEASE_ADDRESSES,
	QW_RELEASE_NAMES,
	QW_RELEASE_DOMAINS,
	QW_RELEASE_PAYLOAD,
	QW_RELEASE_OT_VALUES,
	QW_RELEASE_FIELDS,
	QW_RELEASE_STAY,
	QW_RELEASE_LEAVE,
	QW_RELEASE_PAYLOADS,
	QW_RELEASE_EMBARGO,
	QW_RELEASE_LEDGER_MB,
	QW_RELEASE_PROPOSALS,
	QW_RELEASE_DRY_RUNS,
	QW_RELEASE_SIGHTINGS,
	QW_RELEASE_KEYS
};

extern const struct qw_setting qw_release_settings[QW_RELEASE_KEYS];
