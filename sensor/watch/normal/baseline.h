/* SPDX-License-Identifier: Apache-2.0 */
/*
 * baseline - learns what is normal, and tells what is not.
 *
 * In the first watch.learn seconds since the baseline's first event all that
 * comes is normal; what is kept of it stands in habit.h.  Afterwards what is new
 * is told, of one event what says most; it is listed as proposed until somebody
 * accepts it (quaywatchctl baseline).  Kept in state_folder/baseline.json, or
 * where watch.baseline says (habit_file.h).
 */
#pragma once

#include "sensor/watch/watcher.h"

enum {
	QW_BASELINE_ASSET = QW_FINDING_BASELINE,
	QW_BASELINE_TALKER,
	QW_BASELINE_EXTERNAL,
	QW_BASELINE_FUNCTION,
	QW_BASELINE_WRITER,
	QW_BASELINE_RANGE,
	QW_BASELINE_OPENER,
	QW_BASELINE_MORE,
};

extern const struct qw_watcher_ops qw_baseline;
