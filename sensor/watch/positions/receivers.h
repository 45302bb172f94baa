/* SPDX-License-Identifier: Apache-2.0 */
/*
 * receivers - one row for each receiver of GNSS: an address, the name in front of its sentences, and its talker.
 *
 * Only GGA, GNS, RMC and GLL place it; fields that are empty say nothing.
 * Sentences of one moment are one fix, by the clock that they carry.
 *
 *  jump      further than 1.5 times the speed said + 5 knots allow (100 knots
 *            where none is said), beyond 30 m + 15 m for each unit of HDOP (5 m
 *            of user range error, three sigma: GPS SPS Performance Standard
 *            2020 has 8 m at 95 %; no HDOP: 100 m), held for 3 fixes and 2 s.
 *            After a fix that was lost: 500 m more.  600 s unseen: anew.
 *  frozen    the same to the digit over 30 fixes and 30 s, while 3 knots or
 *            more are reported (46 m; a minute with 3 decimals is 1.9 m).
 *  still     the same to the digit over 600 fixes and 600 s; off by default.
 *  fixed     5 fixes and 5 s outside of the radius and the same slack.
 *            Learnt: all fixes within 30 m of the first for the learning time,
 *            and none of a knot or more; then 50 m.
 *  collapse  no fix, or 3 satellites or fewer (four are needed for a place), or
 *            HDOP of 10 or more, for 10 s and 5 reports, after a good minute of
 *            30 reports: a fix, 5 satellites, HDOP 4 at most.
 */
#pragma once

#include "sensor/watch/positions/clocks.h"
#include "sensor/watch/positions/kinematics.h"
#include "sensor/watch/positions/positions.h"

struct qw_receiver_key {
	struct qw_address address;
	char sender[15];
	char talker[2];
	char zero; /* keys are compared as bytes */
};

struct qw_span {
	uint32_t count;
	struct qw_time since;
};

struct qw_receiver {
	struct qw_receiver_key key;
	struct qw_track track;
	struct qw_clock clock;
	bool is_dated, says_clock, says_satellites, was_lost;
	bool wandered, is_away, still_told, frozen_told;
	int32_t speed, hdop;                /* said last; -1 */
	struct qw_time speed_time;
	struct qw_fix first;
	struct qw_time first_time;
	struct qw_span same, moving;        /* the same place; and while it moves */
	struct qw_span good, bad, away;
	struct qw_time collapsed, shifted;  /* 0: never */
	struct qw_shift shift;
};

/* ---- what is told of several (fleet.c): within 60 s, three or more */

void qw_fleet_collapsed(struct qw_positions *state, struct qw_receiver *row, struct qw_time now);

/* It jumped from `from` to `to`. */
void qw_fleet_shifted(struct qw_positions *state, struct qw_receiver *row, const struct qw_fix *from, const struct qw_fix *to,
		      struct qw_time now);
