/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a remote session into a machine is told when it begins and when it ends, and nothing else is. */
#include "watch_kit.h"

#include "sensor/watch/paths/hours.h"
#include "sensor/watch/paths/paths.h"

enum { BEGAN = QW_FINDING_SESSIONS, BEGAN_OUTSIDE, ENDED, BEGAN_ODD_HOURS };

#define PLC "10.2.4.1"

/* A kit in which the PLC has answered. */
static void start(struct watch_kit *kit, const char *config)
{
	watch_kit_start(kit, &qw_sessions, config);
	watch_kit_flow(kit, "10.2.0.9", PLC, 102, "s7comm");
}

static void show(struct watch_kit *kit, const char *client, const char *server, uint16_t port, const char *app, uint8_t proto)
{
	struct qw_seen seen = watch_kit_flow_begins(kit, client, server, port, app);
	seen.proto = proto;
	watch_kit_show(kit, &seen);
}

static void each_kind_of_session_into_a_machine_is_told(void **state)
{
	static const struct {
		const char *server;
		uint16_t port;
		const char *app;
		uint8_t proto;
		const char *text; /* NULL: not told */
	} rows[] = {
		{PLC, 3389, "rdp", 6, "RDP from 10.1.0.5 to 10.2.4.1:3389"},
		{PLC, 40022, "ssh", 6, "SSH from 10.1.0.5 to 10.2.4.1:40022"},
		{PLC, 5900, "rfb", 6, "VNC from 10.1.0.5 to 10.2.4.1:5900"},
		{PLC, 23, "failed", 6, "Telnet from 10.1.0.5 to 10.2.4.1:23"},
		{PLC, 5938, "failed", 6, "TeamViewer from 10.1.0.5 to 10.2.4.1:5938"},
		{PLC, 7070, "tls", 6, "AnyDesk from 10.1.0.5 to 10.2.4.1:7070"},
		{PLC, 51820, "failed", 17, "WireGuard from 10.1.0.5 to 10.2.4.1:51820"},
		{PLC, 51820, "failed", 6, NULL},
		{PLC, 80, "http", 6, NULL},
		{PLC, 102, "s7comm", 6, NULL},
		{"10.1.0.6", 3389, "rdp", 6, NULL},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct watch_kit kit;
		start(&kit, "");
		show(&kit, "10.1.0.5", rows[i].server, rows[i].port, rows[i].app, rows[i].proto);
		assert_int_equal(kit.told_count, rows[i].text != NULL);
		if (rows[i].text)
			assert_string_equal(watch_kit_last(&kit, BEGAN)->text, rows[i].text);
		watch_kit_stop(&kit);
	}
}

static void one_from_outside_of_the_terminal_weighs_more(void **state)
{
	struct watch_kit kit;
	start(&kit, "");
	watch_kit_flow(&kit, "198.51.100.9", PLC, 3389, "rdp");
	assert_int_equal(watch_kit_told(&kit, BEGAN_OUTSIDE), 1);
	assert_int_equal(watch_kit_told(&kit, BEGAN), 0);
	watch_kit_stop(&kit);
}

static void an_attempt_that_nobody_answers_is_no_session(void **state)
{
	struct watch_kit kit;
	start(&kit, "");
	struct qw_seen seen = watch_kit_flow_begins(&kit, "10.1.0.5", PLC, 3389, "");
	seen.flow.packets[1] = 0;
	watch_kit_show(&kit, &seen);
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

static void the_closing_record_says_how_long_and_how_much(void **state)
{
	struct watch_kit kit;
	start(&kit, "");
	struct qw_seen seen = watch_kit_flow_begins(&kit, "10.1.0.5", PLC, 3389, "rdp");
	watch_kit_show(&kit, &seen);
	watch_kit_pass(&kit, 3 * 3600);
	watch_kit_flow_ends(&kit, &seen, 12000000, 340000000);
	assert_string_equal(watch_kit_last(&kit, ENDED)->text,
			    "RDP from 10.1.0.5 to 10.2.4.1:3389 lasted 3 hours, 12 MB to the machine, 340 MB back");
	watch_kit_flow_ends(&kit, &seen, 12000000, 340000000);
	assert_int_equal(watch_kit_told(&kit, ENDED), 1);
	watch_kit_stop(&kit);
}

static void each_visit_has_its_record_but_a_script_has_one_in_a_while(void **state)
{
	static const struct {
		int seconds;
		unsigned records;
	} rows[] = {{59, 1}, {61, 5}};
	for (unsigned i = 0; i < 2; i++) {
		struct watch_kit kit;
		start(&kit, "");
		for (int visit = 0; visit < 5; visit++) {
			struct qw_seen seen = watch_kit_flow_begins(&kit, "10.1.0.5", PLC, 22, "ssh");
			watch_kit_show(&kit, &seen);
			watch_kit_pass(&kit, rows[i].seconds);
			watch_kit_flow_ends(&kit, &seen, 1000, 1000);
		}
		assert_int_equal(watch_kit_told(&kit, BEGAN), 1);
		assert_int_equal(watch_kit_told(&kit, ENDED), rows[i].records);
		watch_kit_stop(&kit);
	}
}

/* 2023-11-14 22:13:20 UTC was a Tuesday. */
static void hours_that_are_not_agreed_weigh_most(void **state)
{
	static const struct {
		const char *hours;
		bool odd;
	} rows[] = {
		{"\"22:00-22:30\"", false},	    {"\"06:00-22:13\"", true},	   {"\"mon-fri 20:00-24:00\"", false},
		{"\"wed-mon 20:00-24:00\"", true},  {"\"tue 21:00-05:00\"", false}, {"\"22:14-22:13\"", true},
		{"\"06:00-07:00\", \"tue 22:13-22:14\"", false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct watch_kit kit;
		char config[128];
		snprintf(config, sizeof(config), "watch = { sessions = { hours = (%s); }; };", rows[i].hours);
		start(&kit, config);
		watch_kit_flow(&kit, "10.1.0.5", PLC, 3389, "rdp");
		assert_int_equal(watch_kit_told(&kit, BEGAN_ODD_HOURS), rows[i].odd);
		assert_int_equal(watch_kit_told(&kit, BEGAN), !rows[i].odd);
		watch_kit_stop(&kit);
	}
}

static void a_night_belongs_to_the_day_on_which_it_begins(void **state)
{
	struct qw_hours hours;
	assert_int_equal(qw_hours_parse(&hours, "tue 21:00-05:00", 15), QW_OK);
	int64_t tuesday = 1699920000; /* 2023-11-14 00:00 */
	assert_false(qw_hours_hold(&hours, qw_time_seconds(tuesday + 4 * 3600)));
	assert_true(qw_hours_hold(&hours, qw_time_seconds(tuesday + 28 * 3600)));
	assert_false(qw_hours_hold(&hours, qw_time_seconds(tuesday + 29 * 3600)));
}

static void hours_that_are_written_otherwise_are_refused(void **state)
{
	static const char *const wrong[] = {"", "06:00", "06:00-", "6-18", "06:00-25:00", "06:00-24:01", "mon 06:00-06:00",
					    "xyz 06:00-18:00", "mon-06:00-18:00", "06:00-18:00 x", "06:60-18:00"};
	struct qw_hours hours;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(qw_hours_parse(&hours, wrong[i], strlen(wrong[i])), QW_EFORMAT);
	struct watch_kit kit = {0};
	assert_int_equal(watch_kit_make(&kit, &qw_sessions, "watch = { sessions = { hours = (\"always\"); }; };"), QW_EFORMAT);
	watch_kit_stop(&kit);
}

static void more_sessions_than_fit_are_counted(void **state)
{
	struct watch_kit kit;
	start(&kit, "");
	for (int i = 0; i < 8192 + 100; i++) {
		watch_kit_flow(&kit, "10.1.0.5", PLC, 3389, "rdp");
		kit.told_count = 0;
	}
	assert_int_equal(qw_world_counters(kit.world)->no_room, 100);
	watch_kit_stop(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_session_into_a_machine_is_told),
		cmocka_unit_test(one_from_outside_of_the_terminal_weighs_more),
		cmocka_unit_test(an_attempt_that_nobody_answers_is_no_session),
		cmocka_unit_test(the_closing_record_says_how_long_and_how_much),
		cmocka_unit_test(each_visit_has_its_record_but_a_script_has_one_in_a_while),
		cmocka_unit_test(hours_that_are_not_agreed_weigh_most),
		cmocka_unit_test(a_night_belongs_to_the_day_on_which_it_begins),
		cmocka_unit_test(hours_that_are_written_otherwise_are_refused),
		cmocka_unit_test(more_sessions_than_fit_are_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
