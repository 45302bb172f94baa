/* SPDX-License-Identifier: Apache-2.0 */
/*
 * window - maintenance windows: when, and at which hosts, new things are expected.
 *
 *	"06:00-06:30 *"                                    every day, at all hosts
 *	"Sat 22:00-02:00 10.1.4.0/24"                      from Saturday to Sunday morning
 *	"Mon-Fri 06:00-06:30 10.1.4.9, 2001:db8::/64"
 *	"2026-11-23T08:00/2026-11-23T12:00 *"              once
 *
 * Times are local ones.  A weekly window that ends before it begins runs past
 * midnight and belongs to the day on which it begins; the end is not in it.
 * Where clocks go forward, a time that does not exist is passed over; where
 * they go back, an hour that comes twice is in the window both times.
 *
 * What is new (baseline, cycle) is not told in a window; who found it counts
 * that.  Zones, scans, sessions, gateways and positions are told all the same:
 * an attacker knows the hours of maintenance too.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/address.h"
#include "quaywatch/err.h"
#include "quaywatch/time.h"
#include "sensor/watch/watcher.h"

enum { QW_WINDOWS_MAX = 256, QW_WINDOW_NETS_MAX = 16 };

/* A moment of the local calendar. */
struct qw_moment {
	int32_t day;     /* since 1970-01-01 */
	uint32_t second; /* of the day */
};

struct qw_window {
	bool once;              /* else weekly */
	uint8_t days;           /* weekly: on which it begins; Sunday is bit 0 */
	uint32_t begins, ends;  /* weekly: seconds of the day */
	struct qw_moment first, last; /* once: from the first up to the last */
	size_t net_count;       /* 0: all hosts */
	struct qw_prefix net[QW_WINDOW_NETS_MAX];
};

/* QW_EFORMAT, QW_ELIMIT: *why says what to write instead. */
enum qw_err qw_window_parse(struct qw_window *out, const char *text, size_t len, const char **why) QW_MUSTCHECK;

/* In the time zone of the process. */
struct qw_moment qw_moment_of(struct qw_time time);

bool qw_window_is_open(const struct qw_window *window, struct qw_moment now);
bool qw_window_holds(const struct qw_window *window, const struct qw_address *address);

/*
 * Sets the world's maintenance by watch.maintenance and watch.zone; finds
 * nothing itself.  The zone becomes that of the process: made while no other
 * thread runs.
 */
extern const struct qw_watcher_ops qw_windows;
