/* SPDX-License-Identifier: Apache-2.0 */
/* clock_file - the clock's time in the state folder, from run to run; troubles are logged, none is fatal. */
#pragma once

#include "sensor/run/clock.h"

/* Raises the clock to what the last run kept; warns if the system's clock is behind that. */
void qw_clock_file_open(struct qw_clock *clock, const char *folder);

void qw_clock_file_keep(const struct qw_clock *clock, const char *folder);
