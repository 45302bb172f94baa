/* SPDX-License-Identifier: Apache-2.0 */
/*
 * baseline - what is normal: hosts, who talks to whom, and what they ask of each other.
 *
 * All that comes in the first watch.learn seconds since its first event is
 * normal.  What is new after that is told; it stays new, and is told again
 * after watch.again seconds.  Of one event only the strongest is told: a new
 * host covers its new talk, a new talk its new functions.  What finds the table
 * full is not kept and not told, but counted.
 */
#pragma once

#include "sensor/watch/watcher.h"

enum {
	QW_BASELINE_ASSET = QW_FINDING_BASELINE,
	QW_BASELINE_TALKER,
	QW_BASELINE_EXTERNAL,
	QW_BASELINE_FUNCTION,
};

extern const struct qw_watcher_ops qw_baseline;
