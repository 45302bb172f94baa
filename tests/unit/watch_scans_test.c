/* SPDX-License-Identifier: Apache-2.0 */
/* Whether hosts that ask many others are told, and those that do what clients do are not. */
#include "watch_kit.h"

#include "sensor/watch/paths/paths.h"

enum { PORTS = QW_FINDING_SCANS, HOSTS, SLOW, WORM, IDENTITY };

/* One flow of a series; `i` says which. */
struct series {
	int count;
	double apart; /* seconds */
	bool hosts;   /* each to another host; else each to another port */
	bool silent;
	uint16_t port;
	uint8_t proto;
};

static void show_series(struct watch_kit *kit, const struct series *series)
{
	for (int i = 0; i < series->count; i++) {
		char server[32];
		snprintf(server, sizeof(server), "10.2.%d.%d", series->hosts ? i / 200 : 0, series->hosts ? i % 200 + 1 : 1);
		uint16_t port = (uint16_t)(series->port + (series->hosts ? 0 : i));
		struct qw_seen seen = watch_kit_flow_begins(kit, "10.1.0.66", server, port, "");
		seen.proto = series->proto;
		if (series->silent) {
			seen.flow.packets[1] = 0;
			seen.flow.ends = true;
		}
		watch_kit_show(kit, &seen);
		if (series->apart > 0)
			watch_kit_pass(kit, series->apart);
	}
}

/* Beyond 64 the counts are estimates under a random key: such rows keep five deviations from their threshold. */
static void each_scan_is_told_once_and_its_near_miss_not_at_all(void **state)
{
	static const struct {
		struct series series;
		uint32_t sid; /* 0: nothing is told */
	} rows[] = {
		{{60, 0, false, true, 1, 6}, PORTS},	  {{59, 0, false, true, 1, 6}, 0},
		{{60, 2, false, true, 1, 6}, 0},	  {{900, 0, false, false, 1, 6}, PORTS},
		{{400, 0, false, false, 1, 6}, 0},	  {{60, 0, false, true, 1, 17}, 0},
		{{40, 0, true, true, 502, 6}, HOSTS},	  {{39, 0, true, true, 502, 6}, 0},
		{{40, 0, true, true, 0, 1}, HOSTS},	  {{250, 0, true, false, 161, 17}, 0},
		{{700, 0, true, false, 161, 17}, HOSTS},  {{40, 3, true, true, 502, 6}, 0},
		{{220, 15, true, true, 502, 6}, SLOW},	  {{100, 20, true, true, 502, 6}, 0},
		{{200, 36, true, true, 502, 6}, 0},	  {{300, 10, true, false, 502, 6}, 0},
		{{20, 0, true, false, 445, 6}, WORM},	  {{19, 0, true, false, 445, 6}, 0},
		{{20, 10, true, true, 139, 6}, WORM},	  {{20, 20, true, false, 445, 6}, 0},
		{{20, 0, true, false, 443, 6}, 0},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct watch_kit kit;
		watch_kit_start(&kit, &qw_scans, "");
		show_series(&kit, &rows[i].series);
		assert_int_equal(kit.told_count, rows[i].sid != 0);
		if (rows[i].sid)
			assert_int_equal(kit.told[0].sid, rows[i].sid);
		watch_kit_stop(&kit);
	}
}

/* Three hundred hosts within five minutes on one port: of a slow scan it says nothing. */
static void a_fast_scan_is_not_told_as_a_slow_one_too(void **state)
{
	static const struct series fast = {300, 1, true, true, 502, 6}, slow = {300, 15, true, true, 503, 6};
	struct watch_kit kit;
	watch_kit_start(&kit, &qw_scans, "");
	show_series(&kit, &fast);
	assert_int_equal(watch_kit_told(&kit, HOSTS), 1);
	assert_int_equal(watch_kit_told(&kit, SLOW), 0);
	show_series(&kit, &slow);
	assert_int_equal(watch_kit_told(&kit, SLOW), 1);
	watch_kit_stop(&kit);
}

static void the_alert_says_how_many_and_which_was_the_latest(void **state)
{
	static const struct series series = {40, 0, true, true, 502, 6};
	struct watch_kit kit;
	watch_kit_start(&kit, &qw_scans, "");
	show_series(&kit, &series);
	assert_string_equal(kit.told[0].text,
			    "10.1.0.66 tried 40 hosts, 40 of them silent, on port 502 within 60 seconds; the latest was 10.2.0.40:502");
	assert_true(kit.told[0].src.known);
	assert_false(kit.told[0].dst.known);
	watch_kit_stop(&kit);
}

static void a_refused_connection_counts_as_silent(void **state)
{
	struct watch_kit kit;
	watch_kit_start(&kit, &qw_scans, "");
	for (uint16_t port = 1; port <= 60; port++) {
		struct qw_seen seen = watch_kit_flow_begins(&kit, "10.1.0.66", "10.2.0.1", port, "");
		seen.flow.ends = true;
		seen.flow.state = watch_kit_slice("closed");
		watch_kit_show(&kit, &seen);
	}
	assert_int_equal(watch_kit_told(&kit, PORTS), 1);
	watch_kit_stop(&kit);
}

/* A begin is told as soon as it is known what the flow carries: its answer may come later. */
static void what_is_not_answered_yet_is_not_silent(void **state)
{
	struct watch_kit kit;
	struct qw_seen seen[60];
	watch_kit_start(&kit, &qw_scans, "");
	for (uint16_t i = 0; i < 60; i++) {
		seen[i] = watch_kit_flow_begins(&kit, "10.1.0.66", "10.2.0.1", (uint16_t)(i + 1), "");
		seen[i].flow.packets[1] = 0;
		watch_kit_show(&kit, &seen[i]);
	}
	watch_kit_pass(&kit, 10);
	for (int i = 0; i < 60; i++)
		watch_kit_flow_ends(&kit, &seen[i], 5000, 5000);
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

/* Flows that nobody answers end after a minute, when others began already. */
static void what_is_told_late_counts_with_what_came_meanwhile(void **state)
{
	struct watch_kit kit;
	struct qw_seen seen[61];
	watch_kit_start(&kit, &qw_scans, "");
	for (uint16_t i = 0; i < 61; i++) {
		seen[i] = watch_kit_flow_begins(&kit, "10.1.0.66", "10.2.0.1", (uint16_t)(i + 1), "");
		seen[i].flow.packets[1] = 0;
		watch_kit_show(&kit, &seen[i]);
	}
	watch_kit_pass(&kit, 90);
	for (int i = 0; i < 61; i++) {
		seen[i].flow.begins = false;
		seen[i].flow.ends = true;
		watch_kit_show(&kit, &seen[i]);
		watch_kit_flow(&kit, "10.1.0.66", "10.2.0.1", 102, "");
	}
	assert_int_equal(watch_kit_told(&kit, PORTS), 1);
	watch_kit_stop(&kit);
}

static void the_same_port_over_and_over_is_no_scan(void **state)
{
	struct watch_kit kit;
	watch_kit_start(&kit, &qw_scans, "");
	for (int i = 0; i < 1000; i++) {
		struct qw_seen seen = watch_kit_flow_begins(&kit, "10.1.0.66", "10.2.0.1", 502, "");
		seen.flow.packets[1] = 0;
		seen.flow.ends = true;
		watch_kit_show(&kit, &seen);
	}
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

static void who_spoke_before_is_no_new_host_for_a_worm(void **state)
{
	static const struct series first = {19, 60, true, false, 445, 6}, later = {19, 0, true, false, 445, 6};
	struct watch_kit kit;
	watch_kit_start(&kit, &qw_scans, "");
	show_series(&kit, &first);
	watch_kit_pass(&kit, 600);
	show_series(&kit, &later);
	watch_kit_flow(&kit, "10.1.0.66", "10.3.0.1", 445, "smb");
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

static void ask(struct watch_kit *kit, int machines, const char *protocol, const char *name)
{
	for (int i = 1; i <= machines; i++) {
		char server[32];
		snprintf(server, sizeof(server), "10.2.0.%d", i);
		struct qw_seen seen = watch_kit_ot(kit, "10.1.0.66", server, 44818, protocol, 1);
		seen.ot.name = watch_kit_slice(name);
		watch_kit_show(kit, &seen);
	}
}

static void who_asks_many_machines_what_they_are_is_told(void **state)
{
	static const struct {
		int machines;
		const char *protocol, *name;
		bool told;
	} rows[] = {
		{10, "enip", "list_identity", true}, {9, "enip", "list_identity", false}, {10, "s7comm", "read_szl", true},
		{10, "s7comm", "read_var", false},   {10, "modbus", "report_slave_id", true}, {100, "modbus", "read_coils", false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct watch_kit kit;
		watch_kit_start(&kit, &qw_scans, "");
		ask(&kit, rows[i].machines, rows[i].protocol, rows[i].name);
		assert_int_equal(watch_kit_told(&kit, IDENTITY), rows[i].told);
		watch_kit_stop(&kit);
	}
}

static void who_may_scan_is_not_told(void **state)
{
	static const struct series series = {300, 0, true, true, 445, 6};
	struct watch_kit kit;
	watch_kit_start(&kit, &qw_scans, "watch = { scans = { allow = (\"10.1.0.64/29\"); }; };");
	show_series(&kit, &series);
	ask(&kit, 20, "enip", "list_identity");
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
	memset(&kit, 0, sizeof(kit));
	assert_int_equal(watch_kit_make(&kit, &qw_scans, "watch = { scans = { allow = (\"scanner\"); }; };"), QW_EFORMAT);
	watch_kit_stop(&kit);
}

/* From more sources than there is room for: the tables stay as they are, and what is lost is counted. */
static void many_sources_are_bounded(void **state)
{
	struct watch_kit kit;
	watch_kit_start(&kit, &qw_scans, "");
	for (int i = 0; i < 70000; i++) {
		char client[32];
		snprintf(client, sizeof(client), "10.%d.%d.%d", i >> 16 & 255, i >> 8 & 255, i & 255);
		watch_kit_flow(&kit, client, "172.16.0.1", 445, "");
	}
	assert_int_equal(kit.told_count, 0);
	assert_true(qw_world_counters(kit.world)->no_room > 70000);
	watch_kit_stop(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_scan_is_told_once_and_its_near_miss_not_at_all),
		cmocka_unit_test(a_fast_scan_is_not_told_as_a_slow_one_too),
		cmocka_unit_test(the_alert_says_how_many_and_which_was_the_latest),
		cmocka_unit_test(a_refused_connection_counts_as_silent),
		cmocka_unit_test(what_is_not_answered_yet_is_not_silent),
		cmocka_unit_test(what_is_told_late_counts_with_what_came_meanwhile),
		cmocka_unit_test(the_same_port_over_and_over_is_no_scan),
		cmocka_unit_test(who_spoke_before_is_no_new_host_for_a_worm),
		cmocka_unit_test(who_asks_many_machines_what_they_are_is_told),
		cmocka_unit_test(who_may_scan_is_not_told),
		cmocka_unit_test(many_sources_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
