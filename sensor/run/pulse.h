/* SPDX-License-Identifier: Apache-2.0 */
/* pulse - the workers' numbers for a heartbeat. */
#pragma once

#include <stddef.h>

#include "sensor/export/frames.h"
#include "sensor/run/shared.h"

/* Fills the sums and writes named counters; returns how many. */
size_t qw_pulse_fill(struct qw_heartbeat *heartbeat, struct qw_shared *shared, struct qw_named_counter *counters, size_t max);

/* Packets and events that were lost before anybody saw them, by all workers. */
uint64_t qw_pulse_lost(struct qw_shared *shared);
