/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/positions/receivers.h"

#include <string.h>

#include "quaywatch/text.h"

enum { RECEIVERS_MAX = 4096 };
enum { SLACK_M = 30, PER_HDOP_M = 15, NO_HDOP_M = 100, AFTER_LOSS_M = 500, HDOP_USELESS = 2000 };
enum { SPEED_HOLDS_S = 3, MOVING = 30 /* 0.1 knots */, FROZEN = 30, STILL = 600, AWAY = 5 };
enum { WANDER_M = 30, CREEPS = 10 /* 0.1 knots */, LEARNT_M = 50 };
enum { GOOD_SATELLITES = 5, GOOD_HDOP = 400, GOOD = 30, GOOD_S = 60 };
enum { BAD_SATELLITES = 3, BAD_HDOP = 1000, BAD = 5, BAD_S = 10 };

static const struct qw_track_limits limits = {
	.speed = 1000, .extra = 50, .late_ms = 0, .gap_ms = 600000, .held = 3, .held_ms = 2000,
};

enum qw_err qw_receivers_new(struct qw_shelf **out)
{
	static const struct qw_shelf_options options = {
		.key_size = sizeof(struct qw_receiver_key), .row_size = sizeof(struct qw_receiver), .max = RECEIVERS_MAX,
	};

	return qw_shelf_new(out, &options);
}

/* ---- spans */

static void span_add(struct qw_span *span, struct qw_time now)
{
	if (span->count++ == 0)
		span->since = now;
}

static bool span_is(const struct qw_span *span, uint32_t count, struct qw_time now, int64_t seconds)
{
	return span->count >= count && qw_time_sub(now, span->since).ns >= seconds * QW_NS_PER_S;
}

/* ---- what a sentence says */

static bool is_any(const struct qw_seen *seen, const char *const *kinds)
{
	for (; *kinds; kinds++)
		if (qw_seen_is(&seen->ot.kind, *kinds))
			return true;
	return false;
}

static bool is_place(const struct qw_seen *seen)
{
	static const char *const kinds[] = {"GGA", "GNS", "RMC", "GLL", NULL};
	const struct qw_seen_ot *ot = &seen->ot;
	bool is_measured = ot->quality < 0 || (ot->quality >= 1 && ot->quality <= 5);

	return ot->has_position && is_measured && (ot->latitude || ot->longitude) && ot->hdop < HDOP_USELESS && is_any(seen, kinds);
}

static bool says_satellites(const struct qw_seen *seen)
{
	static const char *const kinds[] = {"GGA", "GNS", NULL};

	return is_any(seen, kinds);
}

/* ---- quality */

static bool is_good(const struct qw_receiver *row, const struct qw_seen *seen)
{
	const struct qw_seen_ot *ot = &seen->ot;
	bool is_told = ot->quality >= 1 && (says_satellites(seen) || !row->says_satellites);

	return is_told && (ot->satellites < 0 || ot->satellites >= GOOD_SATELLITES) && ot->hdop <= GOOD_HDOP;
}

static bool is_bad(const struct qw_seen *seen)
{
	const struct qw_seen_ot *ot = &seen->ot;
	bool is_few = ot->satellites >= 0 && ot->satellites <= BAD_SATELLITES;

	return ot->quality == 0 || (says_satellites(seen) && (is_few || ot->hdop >= BAD_HDOP));
}

static void tell_collapse(struct qw_positions *state, struct qw_receiver *row, const struct qw_seen *seen)
{
	char talker[sizeof(row->key.talker) + 1] = {0};

	memcpy(talker, row->key.talker, sizeof(row->key.talker));
	row->collapsed = seen->time;
	qw_positions_tell(state, QW_POSITION_COLLAPSE, seen, 0,
			  "receiver %s had a good fix for a minute or more; for %d s now: quality %d, satellites %d, HDOP %d.%02d (-1: not said)",
			  talker, BAD_S, seen->ot.quality, seen->ot.satellites, seen->ot.hdop / 100, seen->ot.hdop < 0 ? 0 : seen->ot.hdop % 100);
	qw_fleet_collapsed(state, row, seen->time);
}

static void see_quality(struct qw_positions *state, struct qw_receiver *row, const struct qw_seen *seen)
{
	row->says_satellites |= says_satellites(seen) && seen->ot.satellites >= 0;
	if (seen->ot.quality == 0)
		row->was_lost = true;
	if (is_bad(seen)) {
		span_add(&row->bad, seen->time);
		if (!span_is(&row->bad, BAD, seen->time, BAD_S))
			return;
		if (span_is(&row->good, GOOD, row->bad.since, GOOD_S))
			tell_collapse(state, row, seen);
		row->good.count = 0;
	} else if (is_good(row, seen)) {
		row->bad.count = 0;
		span_add(&row->good, seen->time);
	}
}

/* ---- place */

static void see_frozen(struct qw_positions *state, struct qw_receiver *row, const struct qw_seen *seen, const struct qw_fix *before)
{
	const struct qw_fix *fix = &row->track.last;

	if (fix->latitude != before->latitude || fix->longitude != before->longitude) {
		row->same.count = row->moving.count = 0;
		row->still_told = row->frozen_told = false;
		return;
	}
	span_add(&row->same, seen->time);
	if (fix->speed >= MOVING)
		span_add(&row->moving, seen->time);
	else
		row->moving.count = 0;
	if (!row->frozen_told && span_is(&row->moving, FROZEN, seen->time, FROZEN)) {
		row->frozen_told = true;
		qw_positions_tell(state, QW_POSITION_FROZEN, seen, 0, "%d.%d knots are reported, but %u fixes in a row are the same to the digit",
				  fix->speed / 10, fix->speed % 10, row->moving.count);
	}
	if (state->still && !row->still_told && span_is(&row->same, STILL, seen->time, STILL)) {
		row->still_told = true;
		qw_positions_tell(state, QW_POSITION_STILL, seen, 0, "%u fixes in a row are the same to the digit", row->same.count);
	}
}

static const struct qw_fixed *fixed_of(const struct qw_positions *state, const struct qw_receiver *row)
{
	for (size_t i = 0; i < state->fixed_count; i++)
		if (memcmp(&state->fixed[i].address, &row->key.address, sizeof(row->key.address)) == 0)
			return &state->fixed[i];
	return NULL;
}

static void tell_away(struct qw_positions *state, struct qw_receiver *row, const struct qw_seen *seen, bool is_known,
		      const struct qw_fix *home, const struct qw_fix *fix)
{
	struct qw_shift shift = qw_fix_shift(home, fix);

	row->is_away = true;
	qw_positions_tell(state, is_known ? QW_POSITION_FIXED_MOVED : QW_POSITION_LEARNT_MOVED, seen, 0,
			  "it reports a place %.0f m from where it %s: %.0f m to north, %.0f m to east", qw_shift_length(shift),
			  is_known ? "is said to stand" : "always stood", shift.north, shift.east);
	qw_fleet_shifted(state, row, home, fix, seen->time);
}

static bool is_learnt(const struct qw_positions *state, const struct qw_receiver *row, struct qw_time now)
{
	return !row->wandered && qw_time_sub(now, row->first_time).ns >= state->learn.ns;
}

/* Does it stand where it must? */
static void see_fixed(struct qw_positions *state, struct qw_receiver *row, const struct qw_seen *seen, const struct qw_fix *fix)
{
	const struct qw_fixed *fixed = fixed_of(state, row);
	struct qw_fix home = row->first;
	int32_t radius = LEARNT_M;

	if (!row->first_time.ns) {
		row->first = *fix;
		row->first_time = seen->time;
		home = *fix;
	}
	if (fixed) {
		home = (struct qw_fix){.latitude = fixed->latitude, .longitude = fixed->longitude};
		radius = fixed->radius;
	} else if (!is_learnt(state, row, seen->time)) {
		row->wandered |= fix->speed >= CREEPS || qw_fix_distance(&home, fix) > WANDER_M + fix->slack;
		return;
	}
	if (qw_fix_distance(&home, fix) <= radius + fix->slack) {
		row->away.count = 0;
		row->is_away = false;
		return;
	}
	span_add(&row->away, seen->time);
	if (!row->is_away && span_is(&row->away, AWAY, seen->time, AWAY))
		tell_away(state, row, seen, fixed != NULL, &home, fix);
}

static struct qw_fix fix_of(const struct qw_receiver *row, const struct qw_seen *seen, int64_t ms)
{
	bool is_fresh = qw_time_sub(seen->time, row->speed_time).ns <= SPEED_HOLDS_S * QW_NS_PER_S;
	int32_t slack = row->hdop < 0 ? NO_HDOP_M : SLACK_M + PER_HDOP_M * row->hdop / 100;

	return (struct qw_fix){
		.ms = ms,
		.latitude = seen->ot.latitude,
		.longitude = seen->ot.longitude,
		.speed = is_fresh ? row->speed : QW_SEEN_NO_NUMBER,
		.slack = slack + (row->was_lost ? AFTER_LOSS_M : 0),
	};
}

static void tell_jump(struct qw_positions *state, struct qw_receiver *row, const struct qw_seen *seen)
{
	const struct qw_fix *from = &row->track.before, *to = &row->track.last;
	struct qw_shift shift = qw_fix_shift(from, to);
	char memory[48];
	struct qw_text text;

	qw_text_init(&text, memory, sizeof(memory));
	if (to->speed < 0)
		qw_text_literal(&text, "no speed is reported");
	else
		qw_text_format(&text, "the reported speed is %d.%d knots", to->speed / 10, to->speed % 10);
	qw_positions_tell(state, QW_POSITION_JUMP, seen, 0, "%.0f m to north and %.0f m to east within %.1f s; %s", shift.north, shift.east,
			  (double)(row->track.first_stranger.ms - from->ms) / 1000, qw_text_string(&text));
	qw_fleet_shifted(state, row, from, to, seen->time);
}

static void see_place(struct qw_positions *state, struct qw_receiver *row, const struct qw_seen *seen)
{
	struct qw_fix before = row->track.last;
	int64_t ms = seen->time.ns / QW_NS_PER_MS;

	if (seen->ot.clock.len && !qw_clock_moment(&seen->ot.clock, &(struct qw_slice){NULL, 0}, seen->time, &ms))
		return;
	if (!seen->ot.clock.len && row->says_clock)
		return;
	row->says_clock |= seen->ot.clock.len > 0;
	struct qw_fix fix = fix_of(row, seen, ms);
	enum qw_track_step step = qw_track_step(&row->track, &limits, &fix);
	if (step == QW_TRACK_PASSED)
		return;
	row->was_lost = false;
	if (step == QW_TRACK_GOES)
		see_frozen(state, row, seen, &before);
	if (step == QW_TRACK_JUMPED)
		tell_jump(state, row, seen);
	see_fixed(state, row, seen, &fix);
}

/* ---- time */

static void see_clock(struct qw_positions *state, struct qw_receiver *row, const struct qw_seen *seen)
{
	int64_t ms, by;
	bool is_dated = seen->ot.date.len > 0;

	if (seen->ot.quality == 0 || (row->is_dated && !is_dated) || !qw_clock_moment(&seen->ot.clock, &seen->ot.date, seen->time, &ms))
		return;
	if (is_dated && !row->is_dated) {
		row->is_dated = true;
		row->clock = (struct qw_clock){0};
	}
	if (qw_clock_see(&row->clock, ms - seen->time.ns / QW_NS_PER_MS, seen->time, &by))
		qw_positions_tell(state, QW_POSITION_CLOCK, seen, 0,
				  "its time stepped by %.3f s against the packets'; if all receivers say so, the sensor's own clock did", (double)by / 1000);
}

void qw_receivers_see(struct qw_positions *state, const struct qw_seen *seen)
{
	static const char *const kinds[] = {"GGA", "GNS", "RMC", "GLL", "VTG", "ZDA", NULL};
	struct qw_receiver_key key = {.address = seen->src.address};

	if (!is_any(seen, kinds))
		return;
	qw_seen_name(key.sender, sizeof(key.sender), &seen->ot.sender);
	qw_seen_name(key.talker, sizeof(key.talker), &seen->ot.talker);
	struct qw_receiver *row = qw_positions_row(state, state->receivers, &key);
	if (!row)
		return;
	if (!row->speed_time.ns)
		row->speed = row->hdop = QW_SEEN_NO_NUMBER;
	if (seen->ot.speed >= 0 || !row->speed_time.ns) {
		row->speed = seen->ot.speed;
		row->speed_time = seen->time;
	}
	if (seen->ot.hdop >= 0 && says_satellites(seen))
		row->hdop = seen->ot.hdop;
	see_quality(state, row, seen);
	see_clock(state, row, seen);
	if (is_place(seen))
		see_place(state, row, seen);
}
