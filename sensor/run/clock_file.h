/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock_file - keeps the clock: it follows the wall clock, and is in the state folder from run to run.
 *
 * With a collector or without.  Troubles are logged, none is fatal.  One
 * thread; clock and folder outlive it.
 */
#pragma once

#include "sensor/run/clock.h"

struct qw_clock_file {
	struct qw_clock *clock;
	const char *folder;
	struct qw_time kept; /* monotonic; 0: not in this run */
	bool told;           /* that it cannot be written; once, until it can */
};

/* Raises the clock to what the last run kept; warns if the system's clock is behind that.  folder "": none is kept. */
void qw_clock_file_open(struct qw_clock_file *file, struct qw_clock *clock, const char *folder);

/* To be called often: the wall clock may be set at any time; writes once a minute. */
void qw_clock_file_turn(struct qw_clock_file *file);

/* Writes a last time.  A zeroed one is fine. */
void qw_clock_file_close(struct qw_clock_file *file);
