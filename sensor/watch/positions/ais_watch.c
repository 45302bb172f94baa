/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/positions/ais_watch.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/text.h"
#include "sensor/watch/positions/kinematics.h"
#include "sensor/watch/positions/positions.h"

enum { STATIONS_MAX = 32768, INVALID_LEAST = 3, OTHERS_LEAST = 3, DUPLICATE_S = 600 };

#define ROW(which, text, severity, technique) [which] = {QW_FINDING_AIS + (which), text, "AIS", severity, technique, "N06"}

static const struct qw_finding_row findings[QW_AIS_FINDINGS] = {
	ROW(QW_AIS_BAD_MMSI, "A station of AIS has a number that is none", 3, "T0856"),
	ROW(QW_AIS_DUPLICATE, "Two stations of AIS use one number", 2, "T0856"),
	ROW(QW_AIS_JUMP, "A station of AIS moved faster than any ship", 2, "T0856"),
	ROW(QW_AIS_CONTROL_BY_SHIP, "A base station's message of AIS comes from another kind of station", 1, "T0855"),
	ROW(QW_AIS_NEW_STATION, "A base station of AIS was never heard here", 2, "T0856"),
	ROW(QW_AIS_NEW_CONTROL, "A base station of AIS gives orders that it never gave", 2, "T0855"),
	ROW(QW_AIS_AID_NUMBER, "An aid to navigation has the number of another kind of station", 3, "T0856"),
	ROW(QW_AIS_NEW_AID, "An aid to navigation was never heard here", 3, "T0856"),
	ROW(QW_AIS_NEW_VIRTUAL_AID, "A virtual aid to navigation was never heard here", 2, "T0856"),
};

static const struct qw_track_limits limits = {
	.speed = 600, .extra = 100, .late_ms = 30000, .gap_ms = 1800000, .held = 5, .held_ms = 30000,
};

/* By number. */
struct station {
	uint64_t mmsi;
	uint32_t types; /* messages that it sent, bit by type */
	uint32_t messages;
	struct qw_track track;
	struct qw_fix other; /* the latest place that it cannot have been at */
	uint32_t others, returns;
	struct qw_time others_since;
};

struct ais {
	struct qw_world *world;
	struct qw_shelf *stations;
	struct qw_time learn, begun;
};

/* ---- numbers */

enum qw_mmsi_kind qw_mmsi_kind(uint64_t mmsi)
{
	enum { MID_FIRST = 201, MID_LAST = 775 };
	static const struct {
		uint32_t unit, first, last; /* number / unit lies within */
		enum qw_mmsi_kind kind;
	} rows[] = {
		{1000000, MID_FIRST, MID_LAST, QW_MMSI_SHIP},
		{10000, MID_FIRST, MID_LAST, QW_MMSI_COAST},
		{100000, MID_FIRST, MID_LAST, QW_MMSI_GROUP},
		{1000, 111000 + MID_FIRST, 111000 + MID_LAST, QW_MMSI_AIRCRAFT},
		{100000, 8000 + MID_FIRST, 8000 + MID_LAST, QW_MMSI_HANDHELD},
		{10000, 98000 + MID_FIRST, 98000 + MID_LAST, QW_MMSI_CRAFT},
		{10000, 99000 + MID_FIRST, 99000 + MID_LAST, QW_MMSI_AID},
		{1000000, 970, 970, QW_MMSI_DISTRESS},
		{1000000, 972, 972, QW_MMSI_DISTRESS},
		{1000000, 974, 974, QW_MMSI_DISTRESS},
		{1000000, 979, 979, QW_MMSI_DISTRESS},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (mmsi / rows[i].unit >= rows[i].first && mmsi / rows[i].unit <= rows[i].last)
			return rows[i].kind;
	return QW_MMSI_INVALID;
}

/* ---- what is told */

static void tell(struct ais *state, enum qw_ais_finding which, const struct qw_seen *seen, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void tell(struct ais *state, enum qw_ais_finding which, const struct qw_seen *seen, const char *format, ...)
{
	struct qw_finding finding = {.row = &findings[which], .seen = seen, .what = seen->ot.mmsi};
	char memory[320];
	struct qw_text text;
	va_list args;

	qw_text_init(&text, memory, sizeof(memory));
	qw_text_format(&text, "MMSI %09llu: ", (unsigned long long)seen->ot.mmsi);
	va_start(args, format);
	qw_text_vformat(&text, format, args);
	va_end(args);
	finding.detail = qw_text_string(&text);
	qw_world_tell(state->world, &finding);
}

/* ---- place */

static void see_others(struct station *station, const struct qw_fix *fix, struct qw_time now)
{
	bool is_over = qw_time_sub(now, station->others_since).ns > DUPLICATE_S * QW_NS_PER_S;

	if (station->others == 0 || is_over || !qw_fix_is_reachable(&limits, &station->other, fix)) {
		station->others = station->returns = 0;
		station->others_since = now;
	}
	station->others++;
	station->other = *fix;
}

static bool is_duplicate(const struct station *station)
{
	return station->others >= OTHERS_LEAST && station->returns >= OTHERS_LEAST - 1;
}

static void tell_place(struct ais *state, struct station *station, const struct qw_seen *seen, enum qw_track_step step)
{
	if (is_duplicate(station)) {
		tell(state, QW_AIS_DUPLICATE, seen, "reports come from two places, %.0f km from one another, in turn",
		     qw_fix_distance(&station->other, &station->track.last) / 1000);
		station->others = station->returns = 0;
	} else if (step == QW_TRACK_JUMPED && station->returns == 0) {
		const struct qw_track *track = &station->track;
		tell(state, QW_AIS_JUMP, seen, "%.1f km within %lld s", qw_fix_distance(&track->before, &track->last) / 1000,
		     (long long)(track->first_stranger.ms - track->before.ms) / 1000);
	}
}

static void see_place(struct ais *state, struct station *station, const struct qw_seen *seen, enum qw_mmsi_kind kind)
{
	enum { SLACK_M = 1000, AIRCRAFT = 9 };
	const struct qw_fix fix = {
		.ms = seen->time.ns / QW_NS_PER_MS,
		.latitude = seen->ot.latitude,
		.longitude = seen->ot.longitude,
		.speed = seen->ot.speed > limits.speed ? seen->ot.speed : QW_SEEN_NO_NUMBER,
		.slack = SLACK_M,
	};

	if (!seen->ot.has_position || kind == QW_MMSI_AIRCRAFT || seen->ot.message_type == AIRCRAFT)
		return;
	enum qw_track_step step = qw_track_step(&station->track, &limits, &fix);
	if (step == QW_TRACK_STRANGE)
		see_others(station, &fix, seen->time);
	if (step == QW_TRACK_RETURNED)
		station->returns++;
	if (step >= QW_TRACK_STRANGE)
		tell_place(state, station, seen, step);
}

/* ---- who may say what */

enum { BASE_REPORT = 4, AID_REPORT = 21 };
static const uint32_t CONTROL = 1U << 16 | 1U << 17 | 1U << 20 | 1U << 22 | 1U << 23;

static bool is_learnt(const struct ais *state, struct qw_time now)
{
	return qw_time_sub(now, state->begun).ns >= state->learn.ns;
}

/* `type` is one that it never sent. */
static void see_new_type(struct ais *state, const struct qw_seen *seen, unsigned type, enum qw_mmsi_kind kind)
{
	bool is_control = CONTROL >> type & 1, is_aid = type == AID_REPORT;
	const char *name = "";
	int len = 0;

	if (seen->ot.kind.len) {
		name = (const char *)seen->ot.kind.data;
		len = (int)seen->ot.kind.len;
	}
	if ((is_control || type == BASE_REPORT) && kind != QW_MMSI_COAST && kind != QW_MMSI_INVALID)
		tell(state, QW_AIS_CONTROL_BY_SHIP, seen, "%.*s (%u) is a base station's, whose numbers begin with 00", len, name, type);
	else if (is_control && is_learnt(state, seen->time))
		tell(state, QW_AIS_NEW_CONTROL, seen, "%.*s (%u) was never heard from it", len, name, type);
	else if (type == BASE_REPORT && is_learnt(state, seen->time))
		tell(state, QW_AIS_NEW_STATION, seen, "%.*s (%u)", len, name, type);
	else if (is_aid && kind != QW_MMSI_AID && kind != QW_MMSI_INVALID)
		tell(state, QW_AIS_AID_NUMBER, seen, "numbers of aids to navigation begin with 99");
	else if (is_aid && is_learnt(state, seen->time))
		tell(state, qw_seen_has_word(&seen->ot.indications, "virtual") ? QW_AIS_NEW_VIRTUAL_AID : QW_AIS_NEW_AID, seen, "\"%.*s\"",
		     (int)seen->ot.device_name.len, seen->ot.device_name.len ? (const char *)seen->ot.device_name.data : "");
}

static void see_station(struct ais *state, struct station *station, const struct qw_seen *seen)
{
	enum { TYPES = 28 };
	enum qw_mmsi_kind kind = qw_mmsi_kind(station->mmsi);
	int64_t type = seen->ot.message_type;
	uint64_t count = qw_seen_count(seen);

	if (kind == QW_MMSI_INVALID && station->messages < INVALID_LEAST && station->messages + count >= INVALID_LEAST)
		tell(state, QW_AIS_BAD_MMSI, seen, "it belongs to no country and no kind of station");
	station->messages = count < UINT32_MAX - station->messages ? station->messages + (uint32_t)count : UINT32_MAX;
	if (type > 0 && type < TYPES && !(station->types >> type & 1)) {
		station->types |= 1U << type;
		see_new_type(state, seen, (unsigned)type, kind);
	}
	see_place(state, station, seen, kind);
}

/* ---- life */

static void ais_free(void *ctx)
{
	struct ais *state = ctx;

	qw_shelf_free(state->stations);
	free(state);
}

static enum qw_err ais_make(void **out, struct qw_world *world)
{
	static const struct qw_shelf_options options = {.key_size = sizeof(uint64_t), .row_size = sizeof(struct station), .max = STATIONS_MAX};
	struct ais *state = calloc(1, sizeof(*state));

	if (!state)
		return QW_ENOMEM;
	state->world = world;
	state->learn = qw_time_seconds(qw_world_int(world, QW_WATCH_AIS_LEARN));
	enum qw_err err = qw_shelf_new(&state->stations, &options);
	if (err != QW_OK) {
		ais_free(state);
		return err;
	}
	*out = state;
	return QW_OK;
}

static bool is_sound(const struct qw_seen *seen)
{
	return !seen->ot.failed && !qw_seen_has_word(&seen->ot.indications, "bad_checksum") &&
	       !qw_seen_has_word(&seen->ot.indications, "bad_length");
}

static void ais_seen(void *ctx, const struct qw_seen *seen)
{
	struct ais *state = ctx;
	bool pushed = false;

	if (seen->type != QW_EVENT_OT || !qw_seen_is(&seen->ot.protocol, "ais") || !is_sound(seen))
		return;
	if (!state->begun.ns)
		state->begun = seen->time;
	struct station *station = qw_shelf_get(state->stations, &seen->ot.mmsi, &pushed);
	if (!station || pushed)
		qw_world_no_room(state->world);
	if (station)
		see_station(state, station, seen);
}

const struct qw_watcher_ops qw_ais_watch = {
	.name = "ais",
	.findings = findings,
	.finding_count = QW_AIS_FINDINGS,
	.make = ais_make,
	.free = ais_free,
	.seen = ais_seen,
};
