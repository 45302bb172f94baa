/* SPDX-License-Identifier: Apache-2.0 */
/* Whether much more than ever that leaves the terminal is told, and what is as ever is not. */
#include "watch_kit.h"

#include "sensor/watch/paths/paths.h"

enum { MUCH = QW_FINDING_EXFIL };

#define MB UINT64_C(1000000)
#define OUTSIDE "198.51.100.9"

static void transfer(struct watch_kit *kit, const char *client, const char *server, uint64_t to_server, uint64_t to_client)
{
	struct qw_seen seen = watch_kit_flow_begins(kit, client, server, 443, "tls");
	watch_kit_show(kit, &seen);
	watch_kit_flow_ends(kit, &seen, to_server, to_client);
}

static void what_leaves_is_told_and_what_comes_or_stays_is_not(void **state)
{
	static const struct {
		const char *client, *server;
		uint64_t to_server, to_client;
		bool told;
	} rows[] = {
		{"10.1.0.5", OUTSIDE, 500 * MB, 0, true},    {"10.1.0.5", OUTSIDE, 499 * MB, 0, false},
		{"10.1.0.5", OUTSIDE, MB, 900 * MB, false},  {OUTSIDE, "10.1.0.5", MB, 500 * MB, true},
		{OUTSIDE, "10.1.0.5", 900 * MB, MB, false},  {"10.1.0.5", "10.1.0.6", 900 * MB, 0, false},
		{OUTSIDE, "198.51.100.8", 900 * MB, 0, false}, {"10.1.0.5", "239.1.1.1", 900 * MB, 0, false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct watch_kit kit;
		watch_kit_start(&kit, &qw_exfil, "");
		transfer(&kit, rows[i].client, rows[i].server, rows[i].to_server, rows[i].to_client);
		assert_int_equal(watch_kit_told(&kit, MUCH), rows[i].told);
		watch_kit_stop(&kit);
	}
}

static void many_small_transfers_within_an_hour_are_one(void **state)
{
	struct watch_kit kit;
	watch_kit_start(&kit, &qw_exfil, "");
	watch_kit_pass(&kit, 3600 - WATCH_KIT_TIME_S % 3600);
	for (int i = 0; i < 50; i++)
		transfer(&kit, "10.1.0.5", OUTSIDE, 10 * MB, 0);
	assert_int_equal(watch_kit_told(&kit, MUCH), 1);
	assert_string_equal(kit.told[0].text,
			    "10.1.0.5 sent 500 MB to 198.51.100.9 within an hour; the most it sent out in any hour before was 0 bytes");
	watch_kit_stop(&kit);
}

static void the_same_over_many_hours_or_hosts_is_not(void **state)
{
	struct watch_kit kit;
	watch_kit_start(&kit, &qw_exfil, "");
	for (int i = 0; i < 50; i++) {
		char server[32];
		snprintf(server, sizeof(server), "198.51.100.%d", i + 1);
		transfer(&kit, "10.1.0.5", server, 10 * MB, 0);
		transfer(&kit, "10.1.0.6", OUTSIDE, 10 * MB, 0);
		watch_kit_pass(&kit, 600);
	}
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

static void what_a_host_always_sends_is_told_no_more(void **state)
{
	static const struct {
		uint64_t bytes;
		bool told;
	} rows[] = {{1700 * MB, false}, {1900 * MB, true}};
	for (unsigned i = 0; i < 2; i++) {
		struct watch_kit kit;
		watch_kit_start(&kit, &qw_exfil, "");
		transfer(&kit, "10.1.0.5", OUTSIDE, 600 * MB, 0);
		assert_int_equal(watch_kit_told(&kit, MUCH), 1);
		watch_kit_pass(&kit, 7200);
		transfer(&kit, "10.1.0.5", OUTSIDE, rows[i].bytes, 0);
		assert_int_equal(watch_kit_told(&kit, MUCH), 1 + rows[i].told);
		watch_kit_stop(&kit);
	}
}

static void who_may_get_much_is_not_told(void **state)
{
	struct watch_kit kit;
	watch_kit_start(&kit, &qw_exfil, "watch = { exfil = { allow = (\"198.51.100.0/24\"); }; };");
	transfer(&kit, "10.1.0.5", OUTSIDE, 9000 * MB, 0);
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

static void sums_and_tables_are_bounded(void **state)
{
	struct watch_kit kit;
	watch_kit_start(&kit, &qw_exfil, "watch = { again = 0; };");
	transfer(&kit, "10.1.0.5", OUTSIDE, UINT64_MAX, 0);
	transfer(&kit, "10.1.0.5", OUTSIDE, UINT64_MAX, 0);
	assert_int_equal(watch_kit_told(&kit, MUCH), 2);
	for (int i = 0; i < 32768; i++) {
		char server[32];
		snprintf(server, sizeof(server), "198.%d.%d.1", 1 + (i >> 8), i & 255);
		transfer(&kit, "10.1.0.6", server, 5000, 0);
	}
	assert_int_equal(qw_world_counters(kit.world)->no_room, 1);
	watch_kit_stop(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_leaves_is_told_and_what_comes_or_stays_is_not),
		cmocka_unit_test(many_small_transfers_within_an_hour_are_one),
		cmocka_unit_test(the_same_over_many_hours_or_hosts_is_not),
		cmocka_unit_test(what_a_host_always_sends_is_told_no_more),
		cmocka_unit_test(who_may_get_much_is_not_told),
		cmocka_unit_test(sums_and_tables_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
