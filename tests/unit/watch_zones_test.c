/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a conversation across zones that nobody allowed is told, and one that is allowed is not. */
#include "watch_kit.h"

#include "sensor/watch/paths/conduit.h"
#include "sensor/watch/paths/paths.h"

#define ZONES \
	"watch = { zones = (\"office: 10.1.0.0/16\", \"yard: 10.2.0.0/16, 10.9.1.0/24\", \"crane-4: 10.2.4.0/24\"); " \
	"conduits = (\"office -> yard: rdp, 44818, 123/udp\", \"yard -> crane-4: any\", \"other -> office: 443\"); "

enum { CROSSED = QW_FINDING_ZONES, TRIED };

struct talk {
	const char *client, *server;
	uint16_t port;
	const char *app;
	uint8_t proto;
	bool told;
};

static void a_talk_is_told_exactly_if_no_conduit_allows_it(void **state)
{
	static const struct talk talks[] = {
		{"10.1.0.5", "10.2.0.7", 3389, "rdp", 6, false},    {"10.1.0.5", "10.2.0.7", 3390, "rdp", 6, false},
		{"10.1.0.5", "10.2.0.7", 3389, "failed", 6, true},  {"10.1.0.5", "10.9.1.7", 44818, "enip", 6, false},
		{"10.1.0.5", "10.9.1.7", 44819, "failed", 6, true}, {"10.1.0.5", "10.2.0.7", 123, "ntp", 17, false},
		{"10.1.0.5", "10.2.0.7", 123, "failed", 6, true},   {"10.2.0.7", "10.1.0.5", 3389, "rdp", 6, true},
		{"10.1.0.5", "10.2.4.7", 3389, "rdp", 6, true},	    {"10.2.0.7", "10.2.4.7", 502, "modbus", 6, false},
		{"10.2.0.7", "10.9.1.7", 502, "modbus", 6, false},  {"10.1.0.5", "192.0.2.1", 443, "tls", 6, false},
		{"10.1.0.5", "10.2.0.255", 138, "failed", 17, false},
	};
	for (size_t i = 0; i < sizeof(talks) / sizeof(talks[0]); i++) {
		struct watch_kit kit;
		watch_kit_start(&kit, &qw_zones_watch, ZONES "};");
		struct qw_seen seen = watch_kit_flow_begins(&kit, talks[i].client, talks[i].server, talks[i].port, talks[i].app);
		seen.proto = talks[i].proto;
		watch_kit_show(&kit, &seen);
		assert_int_equal(watch_kit_told(&kit, CROSSED), talks[i].told);
		watch_kit_stop(&kit);
	}
}

static void the_alert_names_both_zones_and_what_is_spoken(void **state)
{
	struct watch_kit kit;
	watch_kit_start(&kit, &qw_zones_watch, ZONES "};");
	watch_kit_flow(&kit, "10.1.0.5", "10.2.4.7", 502, "modbus");
	assert_string_equal(watch_kit_last(&kit, CROSSED)->text,
			    "10.1.0.5 in zone \"office\" talks to 10.2.4.7:502 in zone \"crane-4\" by modbus; "
			    "no line of watch.conduits allows that");
	watch_kit_stop(&kit);
}

static void what_nobody_answered_was_only_tried(void **state)
{
	struct watch_kit kit;
	watch_kit_start(&kit, &qw_zones_watch, ZONES "};");
	struct qw_seen seen = watch_kit_flow_begins(&kit, "10.1.0.5", "10.2.0.7", 23, "");
	seen.flow.packets[1] = 0;
	watch_kit_show(&kit, &seen);
	assert_int_equal(kit.told_count, 0);
	seen.flow.begins = false;
	seen.flow.ends = true;
	watch_kit_show(&kit, &seen);
	assert_int_equal(watch_kit_told(&kit, TRIED), 1);
	assert_int_equal(watch_kit_told(&kit, CROSSED), 0);
	watch_kit_stop(&kit);
}

static void each_port_of_a_pair_is_told_once_in_a_while(void **state)
{
	struct watch_kit kit;
	watch_kit_start(&kit, &qw_zones_watch, ZONES "again = 60; };");
	for (int i = 0; i < 3; i++) {
		watch_kit_flow(&kit, "10.1.0.5", "10.2.0.7", 502, "modbus");
		watch_kit_flow(&kit, "10.1.0.5", "10.2.0.7", 102, "s7comm");
	}
	assert_int_equal(watch_kit_told(&kit, CROSSED), 2);
	watch_kit_pass(&kit, 61);
	watch_kit_flow(&kit, "10.1.0.5", "10.2.0.7", 502, "modbus");
	assert_int_equal(watch_kit_last(&kit, CROSSED)->count, 3);
	watch_kit_stop(&kit);
}

static void a_talk_told_the_wrong_way_round_is_allowed_by_its_served_port(void **state)
{
	struct watch_kit kit;
	watch_kit_start(&kit, &qw_zones_watch, ZONES "};");
	struct qw_seen seen = watch_kit_flow_begins(&kit, "10.2.0.7", "10.1.0.5", 51000, "enip");
	seen.src.port = 44818;
	watch_kit_show(&kit, &seen);
	assert_int_equal(kit.told_count, 0);
	seen.dst.port = 8080;
	watch_kit_show(&kit, &seen);
	assert_int_equal(watch_kit_told(&kit, CROSSED), 1);
	watch_kit_stop(&kit);
}

static void what_is_in_no_zone_counts_where_zones_are_strict(void **state)
{
	static const char *const configs[] = {ZONES "};", ZONES "zones_strict = true; };"};
	for (unsigned strict = 0; strict < 2; strict++) {
		struct watch_kit kit;
		watch_kit_start(&kit, &qw_zones_watch, configs[strict]);
		watch_kit_flow(&kit, "192.0.2.1", "10.2.0.7", 443, "tls");
		watch_kit_flow(&kit, "192.0.2.1", "10.1.0.7", 443, "tls");
		assert_int_equal(watch_kit_told(&kit, CROSSED), strict);
		watch_kit_stop(&kit);
	}
}

static void a_line_that_is_wrong_says_why(void **state)
{
	static const char *const zones[] = {"", "office", "office:", "office: 10.1.0.0/16,", "office: 10.1.0.0/16 10.2.0.0/16",
					    "office: 10.1.0.0/33", "a-name-that-is-longer-than-a-row-holds: 10.1.0.0/16", "other: 10.0.0.0/8"};
	static const char *const conduits[] = {"", "a", "a -> ", "a -> b", "a -> b:", "a -> c: rdp", "a -> b: rdp,", "a -> b: rdp ssh",
					       "a -> b: 0", "a -> b: 65536", "a -> b: 80/sctp", "a -> b: nonsense", "a -> b: unknown"};
	struct qw_zones *made = calloc(1, sizeof(*made));
	const char *why = NULL;
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++, why = NULL) {
		assert_int_equal(qw_zones_add(made, zones[i], strlen(zones[i]), &why), QW_EFORMAT);
		assert_non_null(why);
	}
	assert_int_equal(made->net_count, 0);
	assert_int_equal(qw_zones_add(made, "a: 10.1.0.0/16", 14, &why), QW_OK);
	assert_int_equal(qw_zones_add(made, "b: 10.2.0.0/16", 14, &why), QW_OK);
	for (size_t i = 0; i < sizeof(conduits) / sizeof(conduits[0]); i++, why = NULL) {
		assert_int_equal(qw_zones_allow(made, conduits[i], strlen(conduits[i]), &why), QW_EFORMAT);
		assert_non_null(why);
	}
	assert_int_equal(made->service_count, 0);
	free(made);
}

static void too_many_zones_networks_and_services_are_refused(void **state)
{
	struct qw_zones *made = calloc(1, sizeof(*made));
	const char *why;
	char line[64];
	for (int i = 0; i < QW_ZONES_MAX; i++) {
		int len = snprintf(line, sizeof(line), "z%d: 10.%d.0.0/16", i, i);
		assert_int_equal(qw_zones_add(made, line, (size_t)len, &why), QW_OK);
	}
	assert_int_equal(qw_zones_add(made, "more: 10.200.0.0/16", 19, &why), QW_ELIMIT);
	for (int i = 0; i < QW_SERVICES_MAX; i++)
		assert_int_equal(qw_zones_allow(made, "z1 -> z2: 80", 12, &why), QW_OK);
	assert_int_equal(qw_zones_allow(made, "z1 -> z2: 80", 12, &why), QW_ELIMIT);
	free(made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_talk_is_told_exactly_if_no_conduit_allows_it),
		cmocka_unit_test(the_alert_names_both_zones_and_what_is_spoken),
		cmocka_unit_test(what_nobody_answered_was_only_tried),
		cmocka_unit_test(each_port_of_a_pair_is_told_once_in_a_while),
		cmocka_unit_test(a_talk_told_the_wrong_way_round_is_allowed_by_its_served_port),
		cmocka_unit_test(what_is_in_no_zone_counts_where_zones_are_strict),
		cmocka_unit_test(a_line_that_is_wrong_says_why),
		cmocka_unit_test(too_many_zones_networks_and_services_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
