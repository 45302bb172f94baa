/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seats - where workers sit: what each listens to, and whether it may start.
 *
 * The supervisor holds the captures' descriptors, so that a worker's crash
 * loses no more than what lay unread in its ring.  One thread: its own.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "quaywatch/time.h"
#include "sensor/capture/source.h"
#include "sensor/run/supervisor.h"

/* How often something crashed in a row, and when it might be started again. */
struct qw_pace {
	unsigned crashes;
	struct qw_time not_before;
};

struct qw_seat {
	pid_t pid; /* 0: not running */
	struct qw_source *source; /* NULL: to be opened again before the next start */
	const char *interface;
	uint16_t group;
	int post; /* our end; -1: none */
	bool behind; /* it had no room for a ruleset: the next it gets is whole */
	struct qw_pace pace;
	bool finished; /* its captures are at their end */
	bool told;     /* that the source cannot be opened again */
};

/* It crashed: the first few times it may start at once, then only after a while. */
void qw_pace_crashed(struct qw_pace *pace);

/* Gives each of options->workers its interface or files, and opens them; what is wrong was told. */
enum qw_exit qw_seats_open(const struct qw_supervisor_options *options, struct qw_seat *seat) QW_MUSTCHECK;

/* Closes what is open, but for the one number to keep (QW_SEATS_ALL: none). */
enum { QW_SEATS_ALL = UINT16_MAX };
void qw_seats_close(const struct qw_supervisor_options *options, struct qw_seat *seat, unsigned keep);

/*
 * A reader's place in its ring dies with it, so that the ring cannot be read on:
 * a new socket takes over from the old, and what the dead worker's ring had
 * received and it had not told of is a loss; the accounts stay exact.
 */
void qw_seat_renew(const struct qw_supervisor_options *options, struct qw_seat *seat, struct qw_source_counters *last);

/* True: there is a source to read; it may be opened for that. */
bool qw_seat_has_source(const struct qw_supervisor_options *options, struct qw_seat *seat);
