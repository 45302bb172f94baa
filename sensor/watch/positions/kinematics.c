/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/positions/kinematics.h"

#include <math.h>

static const double EARTH_M = 6371000.0;
static const double RADIANS = 3.14159265358979323846 / 180.0;
static const double METRES_PER_S = 1852.0 / 36000.0; /* of 0.1 knots */

static double degrees(int32_t value)
{
	return value * 1e-7;
}

double qw_fix_distance(const struct qw_fix *a, const struct qw_fix *b)
{
	double from = degrees(a->latitude) * RADIANS, to = degrees(b->latitude) * RADIANS;
	double up = sin((to - from) / 2), over = sin((degrees(b->longitude) - degrees(a->longitude)) * RADIANS / 2);
	double half = up * up + cos(from) * cos(to) * over * over;

	return 2 * EARTH_M * asin(sqrt(half < 1 ? half : 1));
}

struct qw_shift qw_fix_shift(const struct qw_fix *from, const struct qw_fix *to)
{
	double east = remainder(degrees(to->longitude) - degrees(from->longitude), 360);

	return (struct qw_shift){
		.north = (degrees(to->latitude) - degrees(from->latitude)) * RADIANS * EARTH_M,
		.east = east * RADIANS * EARTH_M * cos(degrees(from->latitude) * RADIANS),
	};
}

double qw_shift_length(struct qw_shift shift)
{
	return hypot(shift.north, shift.east);
}

static double speed_of(const struct qw_track_limits *limits, const struct qw_fix *from, const struct qw_fix *to)
{
	int32_t said = from->speed > to->speed ? from->speed : to->speed;

	return (said < 0 ? limits->speed : said * 1.5 + limits->extra) * METRES_PER_S;
}

bool qw_fix_is_reachable(const struct qw_track_limits *limits, const struct qw_fix *from, const struct qw_fix *to)
{
	int64_t span = to->ms > from->ms ? to->ms - from->ms : from->ms - to->ms;
	double reach = speed_of(limits, from, to) * ((double)(span + limits->late_ms) / 1000);

	return qw_fix_distance(from, to) <= reach + from->slack + to->slack;
}

static bool is_anew(const struct qw_track *track, const struct qw_track_limits *limits, const struct qw_fix *fix)
{
	return !track->begun || fix->ms - track->last.ms > limits->gap_ms || track->last.ms - fix->ms > limits->gap_ms;
}

static enum qw_track_step take_stranger(struct qw_track *track, const struct qw_track_limits *limits, const struct qw_fix *fix)
{
	if (track->strangers && fix->ms <= track->stranger.ms)
		return QW_TRACK_PASSED;
	if (!track->strangers || !qw_fix_is_reachable(limits, &track->stranger, fix)) {
		track->strangers = 0;
		track->first_stranger = *fix;
	}
	track->strangers++;
	track->stranger = *fix;
	if (track->strangers < limits->held || fix->ms - track->first_stranger.ms < limits->held_ms)
		return QW_TRACK_STRANGE;
	track->before = track->last;
	track->last = *fix;
	track->strangers = 0;
	return QW_TRACK_JUMPED;
}

enum qw_track_step qw_track_step(struct qw_track *track, const struct qw_track_limits *limits, const struct qw_fix *fix)
{
	if (is_anew(track, limits, fix)) {
		*track = (struct qw_track){.begun = true, .last = *fix};
		return QW_TRACK_BEGINS;
	}
	if (fix->ms <= track->last.ms)
		return QW_TRACK_PASSED;
	if (!qw_fix_is_reachable(limits, &track->last, fix))
		return take_stranger(track, limits, fix);
	bool returned = track->strangers > 0;
	track->strangers = 0;
	track->last = *fix;
	return returned ? QW_TRACK_RETURNED : QW_TRACK_GOES;
}
