/* SPDX-License-Identifier: Apache-2.0 */
/*
 * time - one type for every moment and every span.
 *
 * A moment is nanoseconds since 1970-01-01T00:00:00Z, as packets carry it; a
 * span is nanoseconds.  Wrapped so that seconds and milliseconds cannot slip
 * in.  Any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct qw_time {
	int64_t ns;
};

#define QW_NS_PER_S INT64_C(1000000000)
#define QW_NS_PER_MS INT64_C(1000000)
#define QW_NS_PER_US INT64_C(1000)

static inline struct qw_time qw_time_ns(int64_t ns)
{
	return (struct qw_time){ns};
}

static inline struct qw_time qw_time_seconds(int64_t seconds)
{
	return (struct qw_time){seconds * QW_NS_PER_S};
}

static inline struct qw_time qw_time_add(struct qw_time a, struct qw_time b)
{
	return (struct qw_time){a.ns + b.ns};
}

static inline struct qw_time qw_time_sub(struct qw_time a, struct qw_time b)
{
	return (struct qw_time){a.ns - b.ns};
}

static inline bool qw_time_before(struct qw_time a, struct qw_time b)
{
	return a.ns < b.ns;
}

/* Wall clock; may step. */
struct qw_time qw_time_wall(void);

/* Since boot; never goes back, also counts while suspended. */
struct qw_time qw_time_monotonic(void);

/* "2026-11-22T14:18:47.123456+0000", EVE's form, UTC. */
enum { QW_TIME_EVE_LEN = 31 };

/* Writes QW_TIME_EVE_LEN characters and a final NUL. */
void qw_time_eve(struct qw_time at, char out[QW_TIME_EVE_LEN + 1]);

/* Seconds since 1970 of a date and clock in UTC, any year.  False: there is no such date. */
bool qw_time_compose(unsigned year, unsigned month, unsigned day, unsigned second_of_day, int64_t *seconds)
	__attribute__((warn_unused_result));

/*
 * Reads RFC 3339 ("2026-11-22T14:18:47Z", fraction and offset optional, a
 * space for the T, a date alone is its first second) or a number of seconds
 * since 1970.  False: it is none of these; *out untouched.
 */
bool qw_time_parse(const char *text, size_t len, struct qw_time *out) __attribute__((warn_unused_result));
