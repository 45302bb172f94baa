/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static const char *eve(int64_t ns)
{
	static char out[QW_TIME_EVE_LEN + 1];
	qw_time_eve(qw_time_ns(ns), out);
	return out;
}

static void eve_times_are_utc_with_microseconds(void **state)
{
	assert_string_equal(eve(0), "1970-01-01T00:00:00.000000+0000");
	assert_string_equal(eve(1795357127 * QW_NS_PER_S + 123456789), "2026-11-22T14:18:47.123456+0000");
	assert_string_equal(eve(951782400 * QW_NS_PER_S), "2000-02-29T00:00:00.000000+0000");
	assert_string_equal(eve(-1), "1969-12-31T23:59:59.999999+0000");
	assert_string_equal(eve(INT64_MAX), "2262-04-11T23:47:16.854775+0000");
	assert_string_equal(eve(INT64_MIN), "1677-09-21T00:12:43.145224+0000");
}

/* Every day and then some, against the system's own calendar. */
static void eve_dates_agree_with_gmtime(void **state)
{
	for (int64_t second = -9000000000; second < 9000000000; second += 86400 * 3 + 4321) {
		time_t at = second;
		struct tm parts;
		char theirs[64];
		assert_non_null(gmtime_r(&at, &parts));
		assert_true(strftime(theirs, sizeof(theirs), "%Y-%m-%dT%H:%M:%S.000000+0000", &parts) > 0);
		assert_string_equal(eve(second * QW_NS_PER_S), theirs);
		struct qw_time back;
		assert_true(qw_time_parse(theirs, strlen(theirs), &back));
		assert_int_equal(back.ns, second * QW_NS_PER_S);
	}
}

static void forms_of_a_time_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} rows[] = {
		{"2026-11-22T14:18:47Z", 1795357127 * QW_NS_PER_S},
		{"2026-11-22 14:18:47", 1795357127 * QW_NS_PER_S},
		{"2026-11-22t14:18:47.5z", 1795357127 * QW_NS_PER_S + 500000000},
		{"2026-11-22T14:18:47.1234567899Z", 1795357127 * QW_NS_PER_S + 123456789},
		{"2026-11-22T16:18:47+02:00", 1795357127 * QW_NS_PER_S},
		{"2026-11-22T09:48:47-0430", 1795357127 * QW_NS_PER_S},
		{"2026-11-22", 1795305600 * QW_NS_PER_S},
		{"2016-12-31T23:59:60Z", 1483228800 * QW_NS_PER_S},
		{"1795357127", 1795357127 * QW_NS_PER_S},
		{"1795357127.25", 1795357127 * QW_NS_PER_S + 250000000},
		{"0", 0},
		{"2262-04-11T23:47:16.854775807Z", INT64_MAX},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct qw_time at;
		if (!qw_time_parse(rows[i].text, strlen(rows[i].text), &at))
			fail_msg("\"%s\" was not read", rows[i].text);
		assert_int_equal(at.ns, rows[i].ns);
	}
}

static void what_is_no_time_is_refused_and_leaves_the_result_alone(void **state)
{
	static const char *const rows[] = {
		"", " ", "now", "-5", "2026-13-01", "2026-02-29", "2026-00-10", "2026-04-31", "2026-11-22T",
		"2026-11-22T14:18", "2026-11-22T24:00:00Z", "2026-11-22T14:60:00Z", "2026-11-22T14:18:61Z",
		"2026-11-22T14:18:47.", "2026-11-22T14:18:47.Z", "2026-11-22T14:18:47+", "2026-11-22T14:18:47+24:00",
		"2026-11-22T14:18:47Zx", "2026-11-22x14:18:47Z", "12.", "1x", "2262-04-11T23:47:16.854775808Z",
		"1600-01-01", "9999-12-31T23:59:59Z", "9223372037", "99999999999999999999",
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct qw_time at = {42};
		if (qw_time_parse(rows[i], strlen(rows[i]), &at))
			fail_msg("\"%s\" was read as %lld", rows[i], (long long)at.ns);
		assert_int_equal(at.ns, 42);
	}
}

static void the_clocks_go_on(void **state)
{
	struct qw_time before = qw_time_monotonic(), after = qw_time_monotonic();
	assert_false(qw_time_before(after, before));
	assert_true(qw_time_wall().ns > 1700000000 * QW_NS_PER_S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(eve_times_are_utc_with_microseconds),
		cmocka_unit_test(eve_dates_agree_with_gmtime),
		cmocka_unit_test(forms_of_a_time_are_read),
		cmocka_unit_test(what_is_no_time_is_refused_and_leaves_the_result_alone),
		cmocka_unit_test(the_clocks_go_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
