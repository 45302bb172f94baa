/* SPDX-License-Identifier: Apache-2.0 */
#include "watch_kit.h"

#include <time.h>

#include "quaywatch/text.h"
#include "sensor/watch/normal/window.h"

static struct qw_window window_of(const char *text)
{
	struct qw_window window;
	const char *why;

	assert_int_equal(qw_window_parse(&window, text, strlen(text), &why), QW_OK);
	return window;
}

/* In a zone that is an hour before UTC, two in summer. */
static bool is_open(const char *text, int64_t seconds)
{
	struct qw_window window = window_of(text);

	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	return qw_window_is_open(&window, qw_moment_of(qw_time_seconds(seconds)));
}

enum {
	SATURDAY = 1795820400, /* 2026-11-28T00:00+01:00 */
	HOUR = 3600,
	MARCH = 1774738800,    /* 2026-03-29T00:00+01:00: 02:00 is 03:00 */
	OCTOBER = 1792879200,  /* 2026-10-25T00:00+02:00: 03:00 is 02:00 */
};

static void a_window_past_midnight_belongs_to_the_day_it_begins_on(void **state)
{
	(void)state;
	assert_false(is_open("Sat 22:00-02:00 *", SATURDAY + 1 * HOUR));
	assert_false(is_open("Sat 22:00-02:00 *", SATURDAY + 22 * HOUR - 1));
	assert_true(is_open("Sat 22:00-02:00 *", SATURDAY + 22 * HOUR));
	assert_true(is_open("Sat 22:00-02:00 *", SATURDAY + 26 * HOUR - 1));
	assert_false(is_open("Sat 22:00-02:00 *", SATURDAY + 26 * HOUR));
	assert_false(is_open("Sat 22:00-02:00 *", SATURDAY + 46 * HOUR));
}

static void days_and_their_end_are_local(void **state)
{
	(void)state;
	assert_true(is_open("Sat 00:00-24:00 *", SATURDAY));
	assert_false(is_open("Sat 00:00-24:00 *", SATURDAY - 1));
	assert_true(is_open("Sat 00:00-24:00 *", SATURDAY + 24 * HOUR - 1));
	assert_false(is_open("Sat 00:00-24:00 *", SATURDAY + 24 * HOUR));
	assert_false(is_open("Mon-Fri 06:00-06:30 *", SATURDAY + 6 * HOUR));
	assert_true(is_open("06:00-06:30 *", SATURDAY + 6 * HOUR));
}

static void where_clocks_go_forward_the_window_ends_by_the_new_time(void **state)
{
	(void)state;
	assert_true(is_open("Sun 01:00-04:00 *", MARCH + 1 * HOUR));
	assert_true(is_open("Sun 01:00-04:00 *", MARCH + 3 * HOUR - 1));
	assert_false(is_open("Sun 01:00-04:00 *", MARCH + 3 * HOUR));
	assert_false(is_open("Sun 02:00-03:00 *", MARCH + 2 * HOUR));
}

static void an_hour_that_comes_twice_is_in_the_window_twice(void **state)
{
	(void)state;
	assert_false(is_open("Sun 02:00-03:00 *", OCTOBER + 2 * HOUR - 1));
	assert_true(is_open("Sun 02:00-03:00 *", OCTOBER + 2 * HOUR));
	assert_true(is_open("Sun 02:00-03:00 *", OCTOBER + 4 * HOUR - 1));
	assert_false(is_open("Sun 02:00-03:00 *", OCTOBER + 4 * HOUR));
}

static void a_window_of_a_date_is_open_once(void **state)
{
	static const char text[] = "2026-11-27T23:30/2026-11-28T01:00 *";

	(void)state;
	assert_false(is_open(text, SATURDAY - HOUR / 2 - 1));
	assert_true(is_open(text, SATURDAY - HOUR / 2));
	assert_true(is_open(text, SATURDAY + HOUR - 1));
	assert_false(is_open(text, SATURDAY + HOUR));
	assert_false(is_open(text, SATURDAY + 7 * 24 * HOUR));
	assert_true(is_open("2024-02-29T00:00/2027-01-01T00:00 *", SATURDAY));
}

static void hosts_are_those_of_its_networks(void **state)
{
	struct qw_window window = window_of("Sat 22:00-02:00 10.1.4.0/24, 2001:db8::/64");
	struct qw_address address = watch_kit_end("10.1.4.9", 0).address;

	(void)state;
	assert_true(qw_window_holds(&window, &address));
	address = watch_kit_end("10.1.5.9", 0).address;
	assert_false(qw_window_holds(&window, &address));
	address = watch_kit_end("2001:db8::9", 0).address;
	assert_true(qw_window_holds(&window, &address));
}

static void a_wrong_line_is_refused_with_what_to_write(void **state)
{
	static const char *const wrong[] = {
		"", "Sat", "Sat 22:00 *", "22:00-25:00 *", "22:00-22:00 *", "24:00-02:00 *", "Sat 22:00-02:00", "Sat 22:00-02:00 all",
		"Sat 22:00-02:00 10.1.4.0/33", "Sat 22:00-02:00 * 10.1.4.9", "Sat 22:00-02:00 10.1.4.9 10.1.4.8",
		"2026-02-29T08:00/2026-03-01T12:00 *", "2026-11-23T08:00/2026-11-23T08:00 *", "2026-11-23T08:00 *",
		"2026-13-01T08:00/2027-01-01T00:00 *", "2026-11-00T08:00/2027-01-01T00:00 *",
		"06:00-07:00 1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5,1.1.1.6,1.1.1.7,1.1.1.8,1.1.1.9,1.1.2.0,1.1.2.1,1.1.2.2,1.1.2.3,1.1.2.4,1.1.2.5,1.1.2.6,1.1.2.7",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct qw_window window;
		const char *why = NULL;
		assert_int_not_equal(qw_window_parse(&window, wrong[i], strlen(wrong[i]), &why), QW_OK);
		assert_non_null(why);
	}
}

static void the_world_knows_maintenance_by_either_end(void **state)
{
	struct watch_kit kit;

	(void)state;
	watch_kit_start(&kit, &qw_windows, "watch = { zone = \"UTC\"; maintenance = (\"2023-11-14T22:00/2023-11-14T23:00 10.1.4.0/24\"); };");
	struct qw_seen seen = watch_kit_flow_begins(&kit, "10.1.4.9", "10.9.9.9", 502, "modbus");
	assert_true(qw_world_is_maintenance(kit.world, &seen));
	seen = watch_kit_flow_begins(&kit, "10.9.9.9", "10.1.4.9", 502, "modbus");
	assert_true(qw_world_is_maintenance(kit.world, &seen));
	seen = watch_kit_flow_begins(&kit, "10.9.9.9", "10.1.5.9", 502, "modbus");
	assert_false(qw_world_is_maintenance(kit.world, &seen));
	watch_kit_pass(&kit, HOUR);
	seen = watch_kit_flow_begins(&kit, "10.1.4.9", "10.9.9.9", 502, "modbus");
	assert_false(qw_world_is_maintenance(kit.world, &seen));
	watch_kit_stop(&kit);
}

static void a_wrong_line_or_zone_ends_the_start(void **state)
{
	static const char *const wrong[] = {"watch = { maintenance = (\"whenever *\"); };", "watch = { zone = \"../etc/passwd\"; };",
					    "watch = { zone = \"Europe/Atlantis\"; };"};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct watch_kit kit;
		memset(&kit, 0, sizeof(kit));
		assert_int_equal(watch_kit_make(&kit, &qw_windows, wrong[i]), QW_EFORMAT);
		watch_kit_stop(&kit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_window_past_midnight_belongs_to_the_day_it_begins_on),
		cmocka_unit_test(days_and_their_end_are_local),
		cmocka_unit_test(where_clocks_go_forward_the_window_ends_by_the_new_time),
		cmocka_unit_test(an_hour_that_comes_twice_is_in_the_window_twice),
		cmocka_unit_test(a_window_of_a_date_is_open_once),
		cmocka_unit_test(hosts_are_those_of_its_networks),
		cmocka_unit_test(a_wrong_line_is_refused_with_what_to_write),
		cmocka_unit_test(the_world_knows_maintenance_by_either_end),
		cmocka_unit_test(a_wrong_line_or_zone_ends_the_start),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
