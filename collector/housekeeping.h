/* SPDX-License-Identifier: Apache-2.0 */
/*
 * housekeeping - what is to be done now and then, as a table of chores.
 */
#pragma once

#include "collector/collector.h"

enum { QW_CHORES = 17 };

struct qw_housekeeping {
	struct qw_time next[QW_CHORES]; /* monotonic */
};

/* Does what is due. */
void qw_housekeeping_turn(struct qw_housekeeping *housekeeping, struct qw_collector *collector, struct qw_time now);

/* Before the end: commits the log, acknowledges, writes all that is pending. */
void qw_housekeeping_end(struct qw_collector *collector);
