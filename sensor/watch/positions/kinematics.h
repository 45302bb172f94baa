/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kinematics - can something that was there be here now?
 *
 * A track is where one thing was; a fix that it cannot have reached is a
 * stranger.  Strangers that follow from one another for long enough are a
 * jump; one that is followed by the old track was an error of transmission, or
 * another thing under the same name.  Fixes that are late or come twice
 * (relays, retransmissions) are passed over, and a track that was not seen for
 * `gap_ms` begins anew: what was lost on the way is no jump.
 *
 * Distances are great circles on a sphere of 6 371 km (haversine; error up to
 * 0.5 %, which the slack covers).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct qw_fix {
	int64_t ms;
	int32_t latitude, longitude; /* 1e-7 degrees */
	int32_t speed;               /* 0.1 knots; -1: not said */
	int32_t slack;               /* metres that it may be wrong by */
};

struct qw_track_limits {
	int32_t speed;   /* 0.1 knots: taken where none is said */
	int32_t extra;   /* 0.1 knots on top of one and a half times the speed that is said */
	int64_t late_ms; /* by which reports may be late */
	int64_t gap_ms;
	uint32_t held;   /* strangers in a row that are a jump … */
	int64_t held_ms; /* … if they last so long */
};

struct qw_track {
	bool begun;
	uint32_t strangers;
	struct qw_fix last, stranger, first_stranger;
	struct qw_fix before; /* after a jump: where it was */
};

enum qw_track_step {
	QW_TRACK_BEGINS,
	QW_TRACK_PASSED,   /* late, or known */
	QW_TRACK_GOES,
	QW_TRACK_STRANGE,
	QW_TRACK_RETURNED, /* it goes on as before the strangers */
	QW_TRACK_JUMPED,
};

enum qw_track_step qw_track_step(struct qw_track *track, const struct qw_track_limits *limits, const struct qw_fix *fix);

bool qw_fix_is_reachable(const struct qw_track_limits *limits, const struct qw_fix *from, const struct qw_fix *to);

double qw_fix_distance(const struct qw_fix *a, const struct qw_fix *b); /* metres */

struct qw_shift {
	double north, east; /* metres */
};
struct qw_shift qw_fix_shift(const struct qw_fix *from, const struct qw_fix *to);
double qw_shift_length(struct qw_shift shift);
