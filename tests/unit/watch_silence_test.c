/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a flow that must come is missed when it does not, and what the configuration says of it is read as written. */
#include "watch_kit.h"

#include "sensor/watch/paths/expect.h"
#include "sensor/watch/paths/paths.h"

enum { MISSING = QW_FINDING_SILENCE, SMALL, UNKNOWN };

#define FILES "10.1.4.9"
#define BACKUP "10.1.9.2"

/* Time begins on Tuesday, 2023-11-14 at 22:13:20 UTC. */
static void start(struct watch_kit *kit, const char *expected)
{
	char config[200];
	snprintf(config, sizeof(config), "watch = { expect = (\"%s\"); };", expected);
	watch_kit_start(kit, &qw_silence, config);
	watch_kit_pass(kit, 1);
}

static void send_bytes(struct watch_kit *kit, const char *to, uint16_t port, uint64_t bytes)
{
	struct qw_seen seen = watch_kit_flow_begins(kit, FILES, to, port, "");
	watch_kit_show(kit, &seen);
	watch_kit_pass(kit, 60);
	watch_kit_flow_ends(kit, &seen, bytes, 0);
}

static void what_came_too_late_too_small_elsewhere_or_not_is_told(void **state)
{
	static const struct {
		int after; /* minutes after the start, 22:13 */
		const char *to;
		uint16_t port;
		uint64_t bytes;
		uint32_t sid;
	} rows[] = {
		{60, BACKUP, 873, 200000000, 0},       {60, BACKUP, 873, 99000000, SMALL},  {10, BACKUP, 873, 200000000, MISSING},
		{170, BACKUP, 873, 200000000, MISSING}, {60, BACKUP, 22, 200000000, MISSING}, {60, FILES, 873, 200000000, MISSING},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct watch_kit kit;
		start(&kit, FILES " -> " BACKUP ":873 daily 23:00 +2h >= 100M");
		watch_kit_pass(&kit, rows[i].after * 60);
		send_bytes(&kit, rows[i].to, rows[i].port, rows[i].bytes);
		watch_kit_pass(&kit, 4 * 3600);
		assert_int_equal(kit.told_count, rows[i].sid != 0);
		if (rows[i].sid)
			assert_int_equal(kit.told[0].sid, rows[i].sid);
		watch_kit_stop(&kit);
	}
}

static void it_is_missed_after_its_time_and_each_day(void **state)
{
	struct watch_kit kit;
	start(&kit, FILES " -> " BACKUP " daily 23:00 +1h");
	watch_kit_pass(&kit, 110 * 60); /* 00:03 */
	assert_int_equal(watch_kit_told(&kit, MISSING), 0);
	watch_kit_pass(&kit, 5 * 60);
	assert_int_equal(watch_kit_told(&kit, MISSING), 1);
	assert_string_equal(kit.told[0].text, "expected: 10.1.4.9 -> 10.1.9.2 daily 23:00 +1h; seen: 0 flows");
	watch_kit_pass(&kit, 2 * 86400);
	assert_int_equal(watch_kit_told(&kit, MISSING), 3);
	watch_kit_stop(&kit);
}

static void on_other_days_nothing_is_missed(void **state)
{
	struct watch_kit kit;
	start(&kit, FILES " -> " BACKUP " wed 23:00 +1h");
	watch_kit_pass(&kit, 20 * 3600);
	assert_int_equal(kit.told_count, 0);
	watch_kit_pass(&kit, 8 * 3600);
	assert_int_equal(watch_kit_told(&kit, MISSING), 1);
	watch_kit_stop(&kit);
}

static void a_window_that_was_open_at_the_start_is_not_judged(void **state)
{
	struct watch_kit kit;
	start(&kit, FILES " -> " BACKUP " tue 22:00 +1h");
	watch_kit_pass(&kit, 86400);
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

static void what_goes_on_still_is_waited_for(void **state)
{
	struct watch_kit kit;
	start(&kit, FILES " -> " BACKUP " daily 23:00 +1h >= 1G");
	watch_kit_pass(&kit, 3600);
	struct qw_seen seen = watch_kit_flow_begins(&kit, FILES, BACKUP, 873, "");
	watch_kit_show(&kit, &seen);
	watch_kit_pass(&kit, 90 * 60); /* 00:43 */
	assert_int_equal(kit.told_count, 0);
	watch_kit_flow_ends(&kit, &seen, 1200000000, 0);
	watch_kit_pass(&kit, 4 * 3600);
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

static void where_packets_were_lost_nobody_knows(void **state)
{
	struct watch_kit kit;
	start(&kit, FILES " -> " BACKUP " daily 23:00 +1h");
	watch_kit_pass(&kit, 3600);
	qw_world_lost(kit.world, 7);
	watch_kit_pass(&kit, 3600);
	assert_int_equal(watch_kit_told(&kit, UNKNOWN), 1);
	assert_int_equal(watch_kit_told(&kit, MISSING), 0);
	watch_kit_stop(&kit);
}

static void each_line_is_read_as_written(void **state)
{
	static const struct {
		const char *text;
		uint8_t from_bits;
		uint16_t port;
		uint8_t days;
		uint32_t at, length;
		uint64_t bytes;
	} rows[] = {
		{"10.1.4.9 -> 10.1.9.2:873 daily 02:00 +2h >= 100M", 128, 873, 0x7f, 7200, 7200, 100000000},
		{"10.1.4.0/24 -> [2001:db8::2]:22 mon-fri 21:30 +45m", 120, 22, 0x3e, 77400, 2700, 0},
		{"10.1.4.9->x", 0, 0, 0, 0, 0, 0},
		{"10.1.4.9 -> 2001:db8::2 sat-sun 00:00 +24h>=3k", 128, 0, 0x41, 0, 86400, 3000},
		{"10.1.4.9 -> 10.1.9.0/24:873 fri 02:00 +1440m >= 2T", 128, 873, 0x20, 7200, 86400, UINT64_C(2000000000000)},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct qw_expect expect;
		const char *why = NULL;
		enum qw_err err = qw_expect_parse(&expect, rows[i].text, strlen(rows[i].text), &why);
		assert_int_equal(err, rows[i].days ? QW_OK : QW_EFORMAT);
		if (err != QW_OK)
			continue;
		assert_int_equal(expect.from.bits, rows[i].from_bits);
		assert_int_equal(expect.port, rows[i].port);
		assert_int_equal(expect.days, rows[i].days);
		assert_int_equal(expect.at, rows[i].at);
		assert_int_equal(expect.length, rows[i].length);
		assert_int_equal(expect.bytes, rows[i].bytes);
	}
}

static void a_line_that_is_wrong_says_why(void **state)
{
	static const char *const wrong[] = {
		"", "10.1.4.9", "10.1.4.9 ->", "10.1.4.9 -> 10.1.9.2", "10.1.4.9 -> 10.1.9.2:0 daily 02:00 +2h",
		"10.1.4.9 -> 10.1.9.2:70000 daily 02:00 +2h", "10.1.4.9 -> [::1 daily 02:00 +2h", "10.1.4.9 -> [::1] daily 02:00 +2h",
		"10.1.4.9 -> 10.1.9.2 02:00 +2h", "10.1.4.9 -> 10.1.9.2 daily +2h", "10.1.4.9 -> 10.1.9.2 daily 24:00 +2h",
		"10.1.4.9 -> 10.1.9.2 daily 02:00", "10.1.4.9 -> 10.1.9.2 daily 02:00 +0h", "10.1.4.9 -> 10.1.9.2 daily 02:00 +25h",
		"10.1.4.9 -> 10.1.9.2 daily 02:00 +2", "10.1.4.9 -> 10.1.9.2 daily 02:00 +2h >=", "10.1.4.9 -> 10.1.9.2 daily 02:00 +2h >= 1X",
		"10.1.4.9 -> 10.1.9.2 daily 02:00 +2h 100M", "files -> backup daily 02:00 +2h"};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct qw_expect expect;
		const char *why = NULL;
		assert_int_equal(qw_expect_parse(&expect, wrong[i], strlen(wrong[i]), &why), QW_EFORMAT);
		assert_non_null(why);
	}
	struct watch_kit kit = {0};
	assert_int_equal(watch_kit_make(&kit, &qw_silence, "watch = { expect = (\"files -> backup\"); };"), QW_EFORMAT);
	watch_kit_stop(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_came_too_late_too_small_elsewhere_or_not_is_told),
		cmocka_unit_test(it_is_missed_after_its_time_and_each_day),
		cmocka_unit_test(on_other_days_nothing_is_missed),
		cmocka_unit_test(a_window_that_was_open_at_the_start_is_not_judged),
		cmocka_unit_test(what_goes_on_still_is_waited_for),
		cmocka_unit_test(where_packets_were_lost_nobody_knows),
		cmocka_unit_test(each_line_is_read_as_written),
		cmocka_unit_test(a_line_that_is_wrong_says_why),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
