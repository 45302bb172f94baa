/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "quaywatch/file.h"

enum { TEXT_MAX = 64 };

/* In 2116: what a file says beyond that is damage, and would leave the clock no room to go on. */
static const long long LATEST_NS = INT64_MAX / 2;

struct qw_time qw_clock_now(const struct qw_clock *clock)
{
	int64_t offset = atomic_load_explicit(&clock->offset_ns, memory_order_relaxed);

	return qw_time_ns(qw_time_monotonic().ns + offset);
}

void qw_clock_raise(struct qw_clock *clock, struct qw_time time)
{
	long long wanted = time.ns - qw_time_monotonic().ns;
	long long offset = atomic_load_explicit(&clock->offset_ns, memory_order_relaxed);

	/* Two may raise it at once; the greater stays. */
	while (offset < wanted && !atomic_compare_exchange_weak(&clock->offset_ns, &offset, wanted))
		;
}

void qw_clock_follow(struct qw_clock *clock)
{
	qw_clock_raise(clock, qw_time_wall());
}

enum qw_err qw_clock_load(struct qw_clock *clock, const char *path)
{
	char *text, *end;
	size_t len;
	enum qw_err err = qw_file_read(path, TEXT_MAX, &text, &len);

	if (err != QW_OK)
		return err;
	long long ns = strtoll(text, &end, 10);
	err = end != text && *end == '\n' && ns > 0 && ns <= LATEST_NS ? QW_OK : QW_EFORMAT;
	free(text);
	if (err == QW_OK)
		qw_clock_raise(clock, qw_time_ns(ns));
	return err;
}

enum qw_err qw_clock_save(const struct qw_clock *clock, const char *path)
{
	char text[TEXT_MAX];
	int len = snprintf(text, sizeof(text), "%" PRId64 "\n", qw_clock_now(clock).ns);

	return qw_file_replace(path, text, (size_t)len, 0600);
}
