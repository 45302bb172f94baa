/* SPDX-License-Identifier: Apache-2.0 */
/* Whether calls by the clock are told, and calls of people are not. */
#include "watch_kit.h"

#include "sensor/watch/paths/paths.h"

enum { BEACON = QW_FINDING_BEACON };

#define OUTSIDE "198.51.100.9"

struct series {
	int count;
	int period, jitter; /* seconds: each call is so much early or late, in turn */
	const char *server, *app;
	bool told;
};

static void show_series(struct watch_kit *kit, const struct series *series)
{
	for (int i = 0; i < series->count; i++) {
		watch_kit_flow(kit, "10.1.0.66", series->server, 443, series->app);
		watch_kit_pass(kit, series->period + (i % 2 ? series->jitter : -series->jitter));
	}
}

static void calls_by_the_clock_are_told_and_others_are_not(void **state)
{
	static const struct series rows[] = {
		{25, 300, 0, OUTSIDE, "tls", true},   {24, 300, 0, OUTSIDE, "tls", false}, {25, 300, 7, OUTSIDE, "tls", true},
		{60, 300, 60, OUTSIDE, "tls", false}, {60, 300, 0, "10.9.9.9", "tls", false}, {60, 300, 0, OUTSIDE, "ntp", false},
		{60, 300, 0, OUTSIDE, "dns", false},  {60, 1, 0, OUTSIDE, "tls", false},   {60, 300, 0, "239.1.1.1", "", false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct watch_kit kit;
		watch_kit_start(&kit, &qw_beacon, "");
		show_series(&kit, &rows[i]);
		assert_int_equal(watch_kit_told(&kit, BEACON) > 0, rows[i].told);
		watch_kit_stop(&kit);
	}
}

static void the_alert_says_how_often_and_how_far_apart(void **state)
{
	static const struct series series = {25, 300, 0, OUTSIDE, "tls", true};
	struct watch_kit kit;
	watch_kit_start(&kit, &qw_beacon, "");
	show_series(&kit, &series);
	assert_string_equal(watch_kit_last(&kit, BEACON)->text,
			    "10.1.0.66 connected 25 times to 198.51.100.9:443, each 5 minutes after the one before");
	watch_kit_stop(&kit);
}

static void a_missed_call_or_one_between_does_not_hide_it(void **state)
{
	struct watch_kit kit;
	watch_kit_start(&kit, &qw_beacon, "");
	for (int i = 0; i < 28; i++) {
		watch_kit_flow(&kit, "10.1.0.66", OUTSIDE, 443, "tls");
		watch_kit_pass(&kit, i == 10 ? 600 : 300);
	}
	assert_int_equal(watch_kit_told(&kit, BEACON), 1);
	watch_kit_stop(&kit);
}

static void show_repeats(struct watch_kit *kit, uint64_t repeats, double shortest, double longest)
{
	struct qw_seen seen = watch_kit_flow_begins(kit, "10.1.0.66", OUTSIDE, 443, "tls");
	seen.repeats = repeats;
	seen.shortest = qw_time_ns((int64_t)(shortest * 1e9));
	seen.longest = qw_time_ns((int64_t)(longest * 1e9));
	watch_kit_show(kit, &seen);
}

static void calls_that_are_told_by_the_dozen_count_each(void **state)
{
	static const struct {
		double shortest, longest;
		bool told;
	} rows[] = {{4.9, 5.1, true}, {1, 30, false}, {0.1, 0.1, false}};
	for (unsigned i = 0; i < 3; i++) {
		struct watch_kit kit;
		watch_kit_start(&kit, &qw_beacon, "");
		watch_kit_flow(&kit, "10.1.0.66", OUTSIDE, 443, "tls");
		for (int minute = 0; minute < 2; minute++) {
			assert_int_equal(watch_kit_told(&kit, BEACON), 0);
			watch_kit_pass(&kit, 60);
			show_repeats(&kit, 12, rows[i].shortest, rows[i].longest);
		}
		assert_int_equal(watch_kit_told(&kit, BEACON), rows[i].told);
		watch_kit_stop(&kit);
	}
}

static void who_may_be_called_by_the_clock_is_not_told(void **state)
{
	static const struct series series = {60, 300, 0, OUTSIDE, "tls", false};
	struct watch_kit kit;
	watch_kit_start(&kit, &qw_beacon, "watch = { beacon = { allow = (\"198.51.100.0/24\"); }; };");
	show_series(&kit, &series);
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

static void more_pairs_than_fit_are_counted(void **state)
{
	struct watch_kit kit;
	watch_kit_start(&kit, &qw_beacon, "");
	for (int i = 0; i < 16384 + 50; i++) {
		char client[32];
		snprintf(client, sizeof(client), "10.1.%d.%d", i >> 8 & 255, i & 255);
		watch_kit_flow(&kit, client, OUTSIDE, 443, "tls");
	}
	assert_int_equal(qw_world_counters(kit.world)->no_room, 50);
	watch_kit_stop(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_by_the_clock_are_told_and_others_are_not),
		cmocka_unit_test(the_alert_says_how_often_and_how_far_apart),
		cmocka_unit_test(a_missed_call_or_one_between_does_not_hide_it),
		cmocka_unit_test(calls_that_are_told_by_the_dozen_count_each),
		cmocka_unit_test(who_may_be_called_by_the_clock_is_not_told),
		cmocka_unit_test(more_pairs_than_fit_are_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
