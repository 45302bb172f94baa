/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clocks - the time that a receiver tells, against the time at which its packets came.
 *
 * Ahead by more than 2 s, or behind by more than 10 s, of what it was for a
 * minute at least (ten reports), and steadily so (within 1 s, five reports, 10
 * s): a step.  Behind may be a link that queues, which comes in bursts, so what
 * is late but not steadily is none; nor is a leap second, nor a crystal that
 * drifts.  The width of 2 s lies above what serial lines and gateways delay
 * (sentences of 82 characters take 0.17 s at 4800 baud, IEC 61162-1).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/bytes.h"
#include "quaywatch/time.h"

struct qw_clock {
	uint32_t count, odd;
	int64_t base_ms, odd_ms;
	struct qw_time since, odd_since;
};

/* The receiver's time less the packet's is offset_ms now.  True: it stepped, by *by_ms. */
bool qw_clock_see(struct qw_clock *clock, int64_t offset_ms, struct qw_time now, int64_t *by_ms);

/* "13:07:59.250" as milliseconds of the day.  False: it is none. */
bool qw_clock_read(const struct qw_slice *text, int64_t *ms);

/* The moment of that time of day that lies nearest to `now`, or of the date ("2026-11-23") if there is one; ms since 1970. */
bool qw_clock_moment(const struct qw_slice *clock, const struct qw_slice *date, struct qw_time now, int64_t *ms);
