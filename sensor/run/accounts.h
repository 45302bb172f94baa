/* SPDX-License-Identifier: Apache-2.0 */
/* accounts - what the workers of a listening sensor did, all their lives together, for --stats. */
#pragma once

#include <sys/resource.h>
#include <sys/time.h>

#include "quaywatch/err.h"
#include "quaywatch/time.h"
#include "sensor/run/rulebook.h"
#include "sensor/run/shared.h"

/* What the processes cost that have ended so far; of the supervisor. */
struct qw_costs {
	struct qw_time began;               /* wall */
	uint64_t cpu_ns;                    /* of all workers */
	uint64_t peak_bytes[QW_WORKERS_MAX]; /* resident, the capture ring among it; the largest of a worker's lives */
};

/* A worker has ended. */
void qw_costs_add(struct qw_costs *costs, unsigned worker, const struct rusage *usage);

/* When all workers have ended and are settled.  path "-": standard output; errno is kept. */
enum qw_err qw_accounts_write(struct qw_shared *shared, const struct qw_costs *costs, const struct qw_rulebook_counts *rules,
			      const char *path) QW_MUSTCHECK;
