/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cycle - what comes by the clock, stops, changes its period, or comes again.
 *
 * Messages of industrial protocols that came steadily (beats.h) for
 * watch.cycle.learn seconds are cyclic.  When some stop, it is waited 10 s for
 * what stops with them; then one thing is told: a host, if all that it says
 * and is told by the clock stopped, with two hosts at least; else each pair of
 * hosts, with the count of its messages that stopped.  What stops later on is
 * told with nothing; that a pair's messages come again is told once.
 *
 * A period that differs by watch.cycle.factor percent in three tellings in a row
 * (about three minutes) is told, and is the period from then on.
 *
 * No loss: the capture ends, or no event came for 150 s; the sensor lost packets
 * meanwhile; the same goes on over another worker; a new connection of the same
 * hosts was answered after it stopped, and it comes again within 75 s.  In a
 * maintenance window losses and shifts are counted with what was kept back;
 * what is silent still when the window ends is told then.
 *
 * What came less than four times a minute is missed two minutes later.
 */
#pragma once

#include "sensor/watch/watcher.h"

enum {
	QW_CYCLE_LOSS = QW_FINDING_CYCLE,
	QW_CYCLE_HOST,
	QW_CYCLE_SHIFT,
	QW_CYCLE_BACK,
};

extern const struct qw_watcher_ops qw_cycle;
