/* SPDX-License-Identifier: Apache-2.0 */
#include "watch_kit.h"

#include "sensor/watch/normal/baseline.h"

static const char config[] = "watch = { learn = 60; };";

static void ask(struct watch_kit *kit, const char *client, int64_t function)
{
	struct qw_seen seen = watch_kit_ot(kit, client, "10.0.0.2", 502, "modbus", function);

	watch_kit_show(kit, &seen);
}

static void learn(struct watch_kit *kit, const char *text)
{
	watch_kit_start(kit, &qw_baseline, text);
	ask(kit, "10.0.0.1", 3);
	watch_kit_flow(kit, "10.0.0.3", "10.0.0.2", 80, "http");
	watch_kit_pass(kit, 61);
}

static void what_was_learnt_is_not_told(void **state)
{
	struct watch_kit kit;

	(void)state;
	learn(&kit, config);
	ask(&kit, "10.0.0.1", 3);
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

static void a_new_host_covers_its_talk_and_function(void **state)
{
	struct watch_kit kit;

	(void)state;
	learn(&kit, config);
	ask(&kit, "10.0.0.9", 6);
	assert_int_equal(kit.told_count, 1);
	assert_int_equal(watch_kit_told(&kit, QW_BASELINE_ASSET), 1);
	watch_kit_stop(&kit);
}

static void known_hosts_that_never_talked_are_told(void **state)
{
	struct watch_kit kit;

	(void)state;
	learn(&kit, config);
	ask(&kit, "10.0.0.3", 3);
	watch_kit_flow(&kit, "10.0.0.1", "8.8.8.8", 443, "tls");
	assert_int_equal(kit.told_count, 2);
	assert_int_equal(watch_kit_told(&kit, QW_BASELINE_TALKER), 1);
	assert_int_equal(watch_kit_told(&kit, QW_BASELINE_EXTERNAL), 1);
	watch_kit_stop(&kit);
}

static void a_new_function_is_told_once(void **state)
{
	struct watch_kit kit;

	(void)state;
	learn(&kit, config);
	ask(&kit, "10.0.0.1", 16);
	ask(&kit, "10.0.0.1", 16);
	assert_int_equal(kit.told_count, 1);
	assert_int_equal(watch_kit_told(&kit, QW_BASELINE_FUNCTION), 1);
	assert_non_null(strstr(watch_kit_last(&kit, QW_BASELINE_FUNCTION)->text, "function 16"));
	watch_kit_stop(&kit);
}

static void what_has_no_room_is_counted(void **state)
{
	struct watch_kit kit;

	(void)state;
	learn(&kit, "watch = { learn = 60; baseline_entries = 1; };");
	assert_true(qw_world_counters(kit.world)->no_room > 0);
	watch_kit_stop(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_learnt_is_not_told),
		cmocka_unit_test(a_new_host_covers_its_talk_and_function),
		cmocka_unit_test(known_hosts_that_never_talked_are_told),
		cmocka_unit_test(a_new_function_is_told_once),
		cmocka_unit_test(what_has_no_room_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
