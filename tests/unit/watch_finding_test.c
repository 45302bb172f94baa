/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a finding becomes the alert it should be, and only as often as it should. */
#include "watch_kit.h"

#include "event_kit.h"

static const struct qw_finding_row rows[] = {
	{3009901, "a host asked many others", "Network scan", 2, "T0846", "M01"},
	{3009902, "something else", "Test", 3, NULL, NULL},
};

static struct qw_finding finding_at(const struct qw_seen *seen)
{
	return (struct qw_finding){.row = &rows[0], .seen = seen, .detail = "10.0.0.1 asked 40 hosts in 10 s"};
}

static void the_alert_names_ends_text_and_detail(void **state)
{
	struct watch_kit kit;
	struct qw_eve_parts parts;
	struct qw_text text;
	char memory[4096];
	watch_kit_start(&kit, NULL, "");
	struct qw_seen seen = watch_kit_ot(&kit, "10.0.0.1", "10.0.0.2", 502, "modbus", 3);
	struct qw_finding finding = finding_at(&seen);
	qw_world_tell(kit.world, &finding);
	qw_text_init(&text, memory, sizeof(memory));
	assert_int_equal(qw_eve_render(&text, kit.last, kit.last_size, false, &parts), QW_OK);
	qw_eve_close(&text, &parts.own);
	assert_string_equal(qw_text_string(&text),
		"{\"timestamp\":\"2023-11-14T22:13:20.000000+0000\",\"flow_id\":1,\"event_type\":\"alert\","
		"\"src_ip\":\"10.0.0.1\",\"src_port\":40000,\"dest_ip\":\"10.0.0.2\",\"dest_port\":502,\"proto\":\"TCP\","
		"\"alert\":{\"action\":\"allowed\",\"gid\":3,\"signature_id\":3009901,\"rev\":1,"
		"\"signature\":\"a host asked many others\",\"category\":\"Network scan\",\"severity\":2,"
		"\"metadata\":{\"mitre_attack\":[\"T0846\"],\"quaywatch_detection\":[\"M01\"]}},"
		"\"app_proto\":\"modbus\",\"direction\":\"to_server\","
		"\"quaywatch\":{\"origin\":\"pack\",\"count\":1,\"text\":\"10.0.0.1 asked 40 hosts in 10 s\"}}");
	watch_kit_stop(&kit);
}

static void what_was_told_of_a_pair_is_kept_back_for_a_while_and_then_counted(void **state)
{
	struct watch_kit kit;
	watch_kit_start(&kit, NULL, "watch = { again = 60; };");
	struct qw_seen seen = watch_kit_ot(&kit, "10.0.0.1", "10.0.0.2", 502, "modbus", 3);
	struct qw_finding finding = finding_at(&seen);
	for (int i = 0; i < 5; i++)
		qw_world_tell(kit.world, &finding);
	assert_int_equal(watch_kit_told(&kit, 3009901), 1);
	watch_kit_pass(&kit, 59);
	qw_world_tell(kit.world, &finding);
	assert_int_equal(watch_kit_told(&kit, 3009901), 1);
	watch_kit_pass(&kit, 1);
	qw_world_tell(kit.world, &finding);
	assert_int_equal(watch_kit_told(&kit, 3009901), 2);
	assert_int_equal(watch_kit_last(&kit, 3009901)->count, 6);
	assert_int_equal(qw_world_counters(kit.world)->kept_back, 5);
	watch_kit_stop(&kit);
}

static void request_and_answer_are_the_same_pair(void **state)
{
	struct watch_kit kit;
	watch_kit_start(&kit, NULL, "");
	struct qw_seen asked = watch_kit_ot(&kit, "10.0.0.1", "10.0.0.2", 502, "modbus", 3), answered = asked;
	answered.src = asked.dst;
	answered.dst = asked.src;
	answered.to_server = false;
	struct qw_finding one = finding_at(&asked), other = finding_at(&answered);
	qw_world_tell(kit.world, &one);
	qw_world_tell(kit.world, &other);
	assert_int_equal(kit.told_count, 1);
	watch_kit_stop(&kit);
}

static void another_finding_another_pair_and_another_what_are_told(void **state)
{
	struct watch_kit kit;
	watch_kit_start(&kit, NULL, "");
	struct qw_seen seen = watch_kit_ot(&kit, "10.0.0.1", "10.0.0.2", 502, "modbus", 3);
	struct qw_seen elsewhere = watch_kit_ot(&kit, "10.0.0.1", "10.0.0.3", 502, "modbus", 3);
	struct qw_finding finding = finding_at(&seen);
	qw_world_tell(kit.world, &finding);
	finding.what = 16;
	qw_world_tell(kit.world, &finding);
	finding.row = &rows[1];
	qw_world_tell(kit.world, &finding);
	finding = finding_at(&elsewhere);
	qw_world_tell(kit.world, &finding);
	assert_int_equal(kit.told_count, 4);
	watch_kit_stop(&kit);
}

static void with_again_zero_each_is_told(void **state)
{
	struct watch_kit kit;
	watch_kit_start(&kit, NULL, "watch = { again = 0; };");
	struct qw_seen seen = watch_kit_ot(&kit, "10.0.0.1", "10.0.0.2", 502, "modbus", 3);
	struct qw_finding finding = finding_at(&seen);
	for (int i = 0; i < 5; i++)
		qw_world_tell(kit.world, &finding);
	assert_int_equal(kit.told_count, 5);
	watch_kit_stop(&kit);
}

static void what_has_no_address_goes_by_its_mac(void **state)
{
	struct watch_kit kit;
	watch_kit_start(&kit, NULL, "");
	struct qw_finding finding = {.row = &rows[1], .time = kit.now, .src = {.has_mac = true, .mac = {2, 0, 0, 0, 0, 1}}};
	qw_world_tell(kit.world, &finding);
	finding.src.mac[5] = 2;
	qw_world_tell(kit.world, &finding);
	qw_world_tell(kit.world, &finding);
	assert_int_equal(kit.told_count, 2);
	assert_true(kit.told[1].src.has_mac);
	assert_int_equal(kit.told[1].src.mac[5], 2);
	assert_false(kit.told[1].src.known);
	watch_kit_stop(&kit);
}

/* More pairs than are remembered: all are told, and what had to go is counted. */
static void a_full_memory_tells_rather_than_keeps_back(void **state)
{
	enum { PAIRS = 40000 };
	struct watch_kit kit;
	watch_kit_start(&kit, NULL, "");
	for (uint32_t i = 0; i < PAIRS; i++) {
		struct qw_finding finding = {.row = &rows[1], .time = kit.now, .what = i + 1};
		qw_world_tell(kit.world, &finding);
		kit.told_count = 0;
	}
	assert_int_equal(qw_world_counters(kit.world)->findings, PAIRS);
	assert_in_range(qw_world_counters(kit.world)->no_room, PAIRS - 2048 * 8, PAIRS - 2048 * 7);
	watch_kit_stop(&kit);
}

static const char *home_net(void *ctx, const char *name)
{
	return strcmp(name, "HOME_NET") == 0 ? ctx : NULL;
}

static bool is_home(struct watch_kit *kit, const char *text)
{
	struct qw_address address = kit_address(text);
	return qw_world_is_home(kit->world, &address);
}

static void whose_hosts_are_ours_the_variable_says(void **state)
{
	static char value[] = "[198.51.100.0/24,!198.51.100.7]";
	struct watch_kit kit = {.watch = {.variable = home_net, .variable_ctx = value}};
	assert_int_equal(watch_kit_make(&kit, NULL, ""), QW_OK);
	assert_true(is_home(&kit, "198.51.100.8"));
	assert_false(is_home(&kit, "198.51.100.7"));
	assert_false(is_home(&kit, "10.0.0.1"));
	watch_kit_stop(&kit);
}

static void private_addresses_are_ours_where_nobody_says(void **state)
{
	struct watch_kit kit;
	watch_kit_start(&kit, NULL, "");
	assert_true(is_home(&kit, "10.0.0.1"));
	assert_true(is_home(&kit, "fe80::1"));
	assert_false(is_home(&kit, "198.51.100.8"));
	assert_false(is_home(&kit, "2001:db8::1"));
	watch_kit_stop(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_alert_names_ends_text_and_detail),
		cmocka_unit_test(what_was_told_of_a_pair_is_kept_back_for_a_while_and_then_counted),
		cmocka_unit_test(request_and_answer_are_the_same_pair),
		cmocka_unit_test(another_finding_another_pair_and_another_what_are_told),
		cmocka_unit_test(with_again_zero_each_is_told),
		cmocka_unit_test(what_has_no_address_goes_by_its_mac),
		cmocka_unit_test(a_full_memory_tells_rather_than_keeps_back),
		cmocka_unit_test(whose_hosts_are_ours_the_variable_says),
		cmocka_unit_test(private_addresses_are_ours_where_nobody_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
