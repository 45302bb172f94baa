/* SPDX-License-Identifier: Apache-2.0 */
/*
 * told - what a worker told the watch already: a thing is told when it is new, and then once a minute.
 *
 * A poll that repeats a thousand times a second costs a look into a bounded
 * table.  What was not told is counted with its distances in time, and that
 * goes with the next telling.  Where nothing is left of the allowance for a
 * second, things wait for their next occurrence, counted: alerts share the
 * ring with them.
 *
 * One worker.  No allocation after qw_told_new.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "quaywatch/event.h"
#include "quaywatch/flow.h"
#include "quaywatch/time.h"

struct qw_told;
struct qw_scene;

enum qw_err qw_told_new(struct qw_told **out) QW_MUSTCHECK;
void qw_told_free(struct qw_told *told);

/* Of what was not told since the last telling, and this. */
struct qw_told_again {
	uint64_t count;                   /* 0: it is told for the first time, and there is no distance */
	struct qw_time shortest, longest; /* between two of them */
	struct qw_time since;             /* how long ago it was told last, to a second or so */
	uint64_t packets[2], bytes[2];    /* of flows that ended without being told; by enum qw_direction */
	uint64_t print;                   /* of messages: what it is told under; 0: a position, or it never is */
	bool always;                      /* each is told: it is a position */
};

/* Is this message, which gives an event of this type, one to tell now? */
bool qw_told_message(struct qw_told *told, const struct qw_scene *scene, enum qw_event_type type, struct qw_time now,
		     struct qw_told_again *again);

/* Messages with these prints came once more.  False: one of them is to tell now, or forgotten; none was counted. */
bool qw_told_repeats(struct qw_told *told, const uint64_t *prints, unsigned count, struct qw_time now);

/*
 * Packet time went on.  The next message that came steadily, four times a
 * minute or more, and did not for ten times its longest distance, 5 s at least.
 * *print: what it was told under; *silent: for how long.  False: none now.
 */
bool qw_told_next_silent(struct qw_told *told, struct qw_time now, uint64_t *print, struct qw_time *silent);

/*
 * A flow of which QW_FLOW_WATCHED is not set yet.  Is it time to look at it:
 * it is known what it carries, or closed, or it has been going on for a while?
 */
bool qw_told_is_time(const struct qw_flow *flow);

/* Is this flow's begin one to tell now?  Sets QW_FLOW_WATCHED, and QW_FLOW_TOLD if so. */
bool qw_told_begins(struct qw_told *told, struct qw_flow *flow, struct qw_time now, struct qw_told_again *again);

/* Is this flow's end one to tell?  QW_FLOW_WATCHED is set.  Its own packets and bytes are not in *again. */
bool qw_told_ends(struct qw_told *told, const struct qw_flow *flow, struct qw_told_again *again);

struct qw_told_counters {
	uint64_t told, kept_back;
	uint64_t missed; /* of what was told: that something did not come */
	uint64_t shed;   /* no allowance was left */
	uint64_t pushed; /* rows given up for others before their minute was over */
};
struct qw_told_counters qw_told_counters(const struct qw_told *told);
