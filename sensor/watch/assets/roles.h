/* SPDX-License-Identifier: Apache-2.0 */
/* roles - what a host is for, as far as its doings tell: one table of rules, the first that fits counts. */
#pragma once

#include "sensor/watch/assets/assets.h"

enum qw_role {
	QW_ROLE_UNKNOWN,
	QW_ROLE_PLC,
	QW_ROLE_DRIVE,
	QW_ROLE_PANEL,
	QW_ROLE_SWITCH,
	QW_ROLE_IO,
	QW_ROLE_RTU,
	QW_ROLE_RELAY,
	QW_ROLE_PMU,
	QW_ROLE_INSTRUMENT,
	QW_ROLE_BUILDING,
	QW_ROLE_READER,
	QW_ROLE_RECEIVER,
	QW_ROLE_TRANSPONDER,
	QW_ROLE_ENGINEERING,
	QW_ROLE_SCADA,
	QW_ROLE_HISTORIAN,
	QW_ROLE_HMI,
	QW_ROLE_BROKER,
	QW_ROLE_SERVER,
	QW_ROLE_COUNT
};

enum qw_role qw_role_of(const struct qw_asset *asset);
const char *qw_role_name(enum qw_role role); /* "PLC", "engineering station"; "" for unknown */

/* Is it a protocol of machines? */
bool qw_role_is_industrial(enum qw_app app);

/* What a request asks for, by the name of its function; 0: none of these. */
enum qw_deed qw_deed_of(const struct qw_seen_ot *ot);
