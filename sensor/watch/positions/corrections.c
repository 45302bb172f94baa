/* SPDX-License-Identifier: Apache-2.0 */
/*
 * corrections - where receivers get theirs from: frames of RTCM 10403, sessions of NTRIP.
 *
 * By the host that uses them.  A source that was never there, after the
 * learning time, is told; so is the end of all that came steadily from one: what
 * is steady, and when it is silent, workers tell (struct qw_seen, print and
 * silent), and 75 s without any other message from there make it sure, because
 * each kind that still comes is told once a minute.
 */
#include "sensor/watch/positions/positions.h"

#include <string.h>

enum { USERS_MAX = 4096, SOURCES = 4, PRINTS = 16, QUIET_S = 75 };

struct source {
	struct qw_address address;
	struct qw_time last;   /* 0: the place is free */
	struct qw_time silent; /* since when something that was steady does not come; 0: all does */
	struct qw_seen_end from, to;
	uint64_t print[PRINTS];
	uint8_t oldest;
};

struct user {
	struct qw_address address;
	struct qw_time begun;
	struct source source[SOURCES];
};

enum qw_err qw_corrections_new(struct qw_shelf **out)
{
	static const struct qw_shelf_options options = {
		.key_size = sizeof(struct qw_address), .row_size = sizeof(struct user), .max = USERS_MAX,
	};

	return qw_shelf_new(out, &options);
}

static struct source *source_of(struct user *user, const struct qw_address *address, bool *is_found)
{
	struct source *oldest = &user->source[0];

	*is_found = true;
	for (size_t i = 0; i < SOURCES; i++) {
		struct source *source = &user->source[i];
		if (source->last.ns && memcmp(&source->address, address, sizeof(*address)) == 0)
			return source;
		if (source->last.ns < oldest->last.ns)
			oldest = source;
	}
	*is_found = false;
	return oldest;
}

static void remember_print(struct source *source, uint64_t print)
{
	for (size_t i = 0; print && i < PRINTS; i++)
		if (source->print[i] == print)
			return;
	if (print) {
		source->print[source->oldest] = print;
		source->oldest = (source->oldest + 1) % PRINTS;
	}
}

static bool has_any(const struct user *user)
{
	for (size_t i = 0; i < SOURCES; i++)
		if (user->source[i].last.ns)
			return true;
	return false;
}

static void see_message(struct qw_positions *state, const struct qw_seen *seen)
{
	struct user *user = qw_positions_row(state, state->corrections, &seen->dst.address);
	bool is_found;

	if (!user)
		return;
	if (!user->begun.ns)
		user->begun = seen->time;
	struct source *source = source_of(user, &seen->src.address, &is_found);
	bool is_new = !is_found && has_any(user) && qw_time_sub(seen->time, user->begun).ns >= state->learn.ns;
	if (!is_found)
		*source = (struct source){.address = seen->src.address, .from = seen->src, .to = seen->dst};
	source->last = seen->time;
	source->silent = (struct qw_time){0};
	remember_print(source, seen->print);
	if (is_new)
		qw_positions_tell(state, QW_POSITION_CORRECTIONS_SOURCE, seen, 0, "this source was not seen in all the learning time");
}

/* ---- silence */

static bool has_print(const struct source *source, uint64_t print)
{
	for (size_t i = 0; i < PRINTS; i++)
		if (source->print[i] == print)
			return true;
	return false;
}

static void see_silence(struct qw_positions *state, const struct qw_seen *seen)
{
	for (struct user *user = qw_shelf_next(state->corrections, NULL); user; user = qw_shelf_next(state->corrections, user))
		for (size_t i = 0; i < SOURCES; i++)
			if (seen->print && user->source[i].last.ns && has_print(&user->source[i], seen->print) && !user->source[i].silent.ns)
				user->source[i].silent = qw_time_sub(seen->time, seen->silent);
}

static void check_silence(struct qw_positions *state, struct source *source, struct qw_time now)
{
	struct qw_seen seen;
	int64_t quiet = qw_time_sub(now, source->last).ns, silent = qw_time_sub(now, source->silent).ns;

	if (!source->silent.ns || quiet < QUIET_S * QW_NS_PER_S || qw_world_is_blind(state->world, source->silent))
		return;
	source->silent = (struct qw_time){0};
	qw_seen_init(&seen);
	seen.type = QW_EVENT_OT;
	seen.time = now;
	seen.src = source->from;
	seen.dst = source->to;
	qw_positions_tell(state, QW_POSITION_CORRECTIONS_LOST, &seen, 0, "they came steadily, and none came for %lld s",
			  (long long)(silent / QW_NS_PER_S));
}

void qw_corrections_tick(struct qw_positions *state, struct qw_time now)
{
	for (struct user *user = qw_shelf_next(state->corrections, NULL); user; user = qw_shelf_next(state->corrections, user))
		for (size_t i = 0; i < SOURCES; i++)
			check_silence(state, &user->source[i], now);
}

void qw_corrections_see(struct qw_positions *state, const struct qw_seen *seen)
{
	bool is_carried = qw_seen_is(&seen->ot.protocol, "rtcm") && !qw_seen_is(&seen->ot.kind, "damaged");

	if (seen->silent.ns)
		see_silence(state, seen);
	else if (is_carried && seen->src.known && seen->dst.known && !seen->ot.failed)
		see_message(state, seen);
}
