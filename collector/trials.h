/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trials - asks sensors how often candidates were met (dryrun.h), and hands what they say to promotion.
 *
 * Asked are the tenants that brought the value themselves, and QW_TRIALS_OTHERS
 * others, drawn by lot for each trial: who is not believed is not asked, and
 * what is labelled AMBER+STRICT is shown to nobody else.  README.md says why
 * the value itself is shown, and to so few.
 */
#pragma once

#include "collector/collector.h"

enum { QW_TRIALS_OTHERS = 8 };

/* promotion's try_dry; ctx is the collector.  Always true: where no sensor can say, the next turn ends it. */
bool qw_trials_begin(void *ctx, const struct qw_observable *observable, enum qw_tlp tlp);

void qw_trials_answer(struct qw_collector *collector, const struct qw_peer *peer,
		      const Quaywatch__Wire__DryRunResult *result);

/* Ends those that all answered, or whose time is over. */
enum qw_err qw_trials_turn(struct qw_collector *collector) QW_MUSTCHECK;
