/* SPDX-License-Identifier: Apache-2.0 */
/*
 * positions - what receivers of GNSS say: where they are, when it is, and from whom it came.
 *
 * The parts each have a file: receivers (place, quality), clocks, sources (who
 * speaks under whose name, IEC 61162-450), storms (damaged sentences) and
 * corrections (RTCM, NTRIP).  All numbers stand in the files, with what they
 * come from; what people may set stands in settings.c.
 */
#pragma once

#include "sensor/watch/shelf.h"
#include "sensor/watch/watcher.h"

extern const struct qw_watcher_ops qw_positions_watch;

enum qw_position_finding {
	QW_POSITION_STORM,
	QW_POSITION_SECOND_SOURCE,
	QW_POSITION_OTHER_SOURCE,
	QW_POSITION_JUMP,
	QW_POSITION_FROZEN,
	QW_POSITION_STILL,
	QW_POSITION_FIXED_MOVED,
	QW_POSITION_LEARNT_MOVED,
	QW_POSITION_COLLAPSE,
	QW_POSITION_JAMMING,
	QW_POSITION_SPOOFING,
	QW_POSITION_CLOCK,
	QW_POSITION_CORRECTIONS_SOURCE,
	QW_POSITION_CORRECTIONS_LOST,
	QW_POSITION_UNKNOWN_SENDER,
	QW_POSITION_OTHER_GROUP,
	QW_POSITION_BINARY,
	QW_POSITION_FINDINGS
};

/* An antenna that people know the place of. */
struct qw_fixed {
	struct qw_address address;
	int32_t latitude, longitude; /* 1e-7 degrees */
	int32_t radius;              /* metres */
};

enum { QW_FIXED_MAX = 256 };

struct qw_positions {
	struct qw_world *world;
	struct qw_shelf *receivers, *sources, *senders, *storms, *corrections;
	struct qw_time learn;
	struct qw_time ship_begun; /* when the first of IEC 61162-450 was seen; 0: none was */
	bool still;
	size_t fixed_count;
	struct qw_fixed fixed[QW_FIXED_MAX];
};

/* Says it of what was just seen; seen NULL: of no host in particular.  `what`: see struct qw_finding. */
void qw_positions_tell(struct qw_positions *state, enum qw_position_finding which, const struct qw_seen *seen, uint64_t what,
		       const char *format, ...) __attribute__((format(printf, 5, 6)));

/* A row of one of the shelves; NULL: no memory, counted.  A row that had to go is counted. */
void *qw_positions_row(struct qw_positions *state, struct qw_shelf *shelf, const void *key);

/* ---- the parts: each is shown events of NMEA, or of RTCM and NTRIP */

enum qw_err qw_receivers_new(struct qw_shelf **out) QW_MUSTCHECK;
void qw_receivers_see(struct qw_positions *state, const struct qw_seen *seen);

enum qw_err qw_sources_new(struct qw_shelf **out) QW_MUSTCHECK;
enum qw_err qw_senders_new(struct qw_shelf **out) QW_MUSTCHECK;
void qw_sources_see(struct qw_positions *state, const struct qw_seen *seen);

enum qw_err qw_storms_new(struct qw_shelf **out) QW_MUSTCHECK;
void qw_storms_see(struct qw_positions *state, const struct qw_seen *seen);

enum qw_err qw_corrections_new(struct qw_shelf **out) QW_MUSTCHECK;
void qw_corrections_see(struct qw_positions *state, const struct qw_seen *seen);
void qw_corrections_tick(struct qw_positions *state, struct qw_time now);

/* ---- what they have in common */

bool qw_seen_is(const struct qw_slice *text, const char *word);
bool qw_seen_has_word(const struct qw_slice *words, const char *word); /* words between blanks or commas */

/* A name of up to `size` bytes as a key, zero behind it. */
void qw_seen_name(char *out, size_t size, const struct qw_slice *text);

/* How many messages an event stands for. */
static inline uint64_t qw_seen_count(const struct qw_seen *seen)
{
	return seen->repeats ? seen->repeats : 1;
}
