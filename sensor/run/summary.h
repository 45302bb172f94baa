/* SPDX-License-Identifier: Apache-2.0 */
/* summary - the one JSON object of --stats. */
#pragma once

#include "quaywatch/err.h"
#include "sensor/run/engine.h"
#include "sensor/run/rulebook.h"
#include "sensor/run/shared.h"
#include "sensor/watch/watch.h"

/* One worker, all its lives together: received == inspected + drops. */
struct qw_worker_account {
	uint64_t received, inspected, drops, kernel_drops, events_lost;
	uint64_t stall_us, stall_cpu_us; /* the longest that packets waited for another ruleset; its own work of that */
	unsigned lives;
};

struct qw_summary {
	struct qw_engine_stats stats;
	struct qw_rulebook_counts rules;
	double seconds;     /* from the first packet to the last, wall */
	double cpu_seconds; /* the same span, all workers */
	uint64_t peak_rss_bytes;
	uint64_t damaged;   /* captures that ended early */
	bool watched;
	struct qw_watch_counters watch; /* where watched */
	struct qw_stays stays;                   /* live */
	const struct qw_worker_account *workers; /* live */
	unsigned worker_count;
};

/* path "-": standard output.  Errors as the system says, errno kept. */
enum qw_err qw_summary_write(const struct qw_summary *summary, const char *path) QW_MUSTCHECK;

/* Adds b's numbers to a's. */
void qw_engine_stats_add(struct qw_engine_stats *a, const struct qw_engine_stats *b);

/* Anonymous memory at its peak, in bytes, as the kernel counts it (VmHWM less file pages where it tells). */
uint64_t qw_peak_rss(void);
