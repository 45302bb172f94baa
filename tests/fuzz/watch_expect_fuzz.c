/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of watch.expect and watch.sessions.hours: what is taken is within its bounds. */
#include "sensor/watch/paths/expect.h"
#include "sensor/watch/paths/hours.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { DAY_S = 86400 };
	struct qw_expect expect;
	struct qw_hours hours;
	struct qw_time begin, now = qw_time_seconds(1700000000);
	const char *why = NULL;

	if (qw_hours_parse(&hours, (const char *)data, size) == QW_OK && (hours.from > DAY_S || hours.to > DAY_S || !hours.days))
		abort();
	if (qw_expect_parse(&expect, (const char *)data, size, &why) != QW_OK) {
		if (!why)
			abort();
		return 0;
	}
	if (expect.at >= DAY_S || expect.length == 0 || expect.length > DAY_S || !expect.days)
		abort();
	if (!qw_expect_begin(&expect, now, &begin) || qw_time_before(now, begin))
		abort();
	return 0;
}
