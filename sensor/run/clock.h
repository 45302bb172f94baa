/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock - the time by which indicators begin and end: it never runs back.
 *
 * The greatest of the wall clock, of what was kept from earlier runs, and of
 * the times in deltas that the port signed; in between, the monotonic clock
 * goes on.  A wall clock that is set back, or a sensor that starts with none,
 * brings no expired indicator to life.
 *
 *	now = monotonic + offset        offset, shared by all processes, only grows
 *
 * Any process may read; the exporter raises and keeps it.
 */
#pragma once

#include <stdatomic.h>

#include "quaywatch/err.h"
#include "quaywatch/time.h"

struct qw_clock {
	atomic_llong offset_ns;
};

/* The clock's time. */
struct qw_time qw_clock_now(const struct qw_clock *clock);

/* It is at least `time` now. */
void qw_clock_raise(struct qw_clock *clock, struct qw_time time);

/* It is at least the wall clock's time. */
void qw_clock_follow(struct qw_clock *clock);

/* What an earlier run kept; QW_ENOENT: nothing.  QW_EFORMAT: not such a file. */
enum qw_err qw_clock_load(struct qw_clock *clock, const char *path) QW_MUSTCHECK;
enum qw_err qw_clock_save(const struct qw_clock *clock, const char *path) QW_MUSTCHECK;
