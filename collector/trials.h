/* SPDX-License-Identifier: Apache-2.0 */
/* trials - asks the sensors how often candidates were met (dryrun.h), and hands what they say to promotion. */
#pragma once

#include "collector/collector.h"

/* promotion's try_dry; ctx is the collector.  Always true: where no sensor can say, the next turn ends it. */
bool qw_trials_begin(void *ctx, const struct qw_observable *observable);

void qw_trials_answer(struct qw_collector *collector, const struct qw_peer *peer,
		      const Quaywatch__Wire__DryRunResult *result);

/* Ends those that all answered, or whose time is over. */
enum qw_err qw_trials_turn(struct qw_collector *collector) QW_MUSTCHECK;
