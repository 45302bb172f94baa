/* SPDX-License-Identifier: Apache-2.0 */
#include "watch_kit.h"

#include "sensor/watch/normal/cycle.h"

static const char config[] = "watch = { cycle = { learn = 120; }; };";

struct poll {
	uint64_t print;
	const char *client, *server;
	int64_t function;
	double period;
};

static const struct poll one[] = {{1, "10.1.1.5", "10.1.4.20", 3, 0.5}, {2, "10.1.1.5", "10.1.4.20", 4, 1}};
static const struct poll star[] = {{1, "10.1.1.5", "10.1.4.20", 3, 0.5}, {2, "10.1.1.5", "10.1.4.21", 3, 0.5}, {3, "10.1.1.5", "10.1.4.22", 3, 0.5}};

static void tell(struct watch_kit *kit, const struct poll *poll, uint64_t count)
{
	struct qw_seen seen = watch_kit_ot(kit, poll->client, poll->server, 502, "modbus", poll->function);

	seen.ot.has_address = true;
	seen.ot.quantity = 10;
	watch_kit_repeats(&seen, poll->print, count, poll->period, poll->period);
	watch_kit_show(kit, &seen);
}

/* They go on for so many minutes, each told once in it. */
static void go_on(struct watch_kit *kit, const struct poll *polls, size_t count, unsigned minutes)
{
	for (unsigned minute = 0; minute < minutes; minute++) {
		watch_kit_pass(kit, 60);
		for (size_t i = 0; i < count; i++)
			tell(kit, &polls[i], (uint64_t)(60 / polls[i].period));
	}
}

static void start(struct watch_kit *kit, const char *text, const struct poll *polls, size_t count, unsigned minutes)
{
	watch_kit_start(kit, &qw_cycle, text);
	for (size_t i = 0; i < count; i++)
		tell(kit, &polls[i], 0);
	go_on(kit, polls, count, minutes);
	assert_int_equal(kit->told_count, 0);
}

static void fall_silent(struct watch_kit *kit, const struct poll *polls, size_t count)
{
	watch_kit_pass(kit, 6);
	for (size_t i = 0; i < count; i++)
		watch_kit_silent(kit, polls[i].print, 6);
}

static void stop(struct watch_kit *kit, const struct poll *polls, size_t count)
{
	fall_silent(kit, polls, count);
	watch_kit_pass(kit, 15);
}

static void a_pair_that_falls_silent_is_told_once(void **state)
{
	struct watch_kit kit;

	(void)state;
	start(&kit, config, one, 2, 3);
	stop(&kit, one, 2);
	assert_int_equal(kit.told_count, 1);
	assert_int_equal(watch_kit_told(&kit, QW_CYCLE_LOSS), 1);
	assert_string_equal(kit.told[0].text, "10.1.1.5 and 10.1.4.20:502: modbus function 3 0-9 every 0.5 s; for 16 s nothing came; so with 2 of 2 kinds of messages");
	watch_kit_pass(&kit, 600);
	assert_int_equal(kit.told_count, 1);
	watch_kit_stop(&kit);
}

static void one_of_two_kinds_is_counted(void **state)
{
	struct watch_kit kit;

	(void)state;
	start(&kit, config, one, 2, 3);
	stop(&kit, &one[1], 1);
	assert_int_equal(kit.told_count, 1);
	assert_non_null(strstr(kit.told[0].text, "1 of 2 kinds"));
	watch_kit_stop(&kit);
}

static void what_was_not_steady_long_enough_is_not_missed(void **state)
{
	struct watch_kit kit;

	(void)state;
	start(&kit, config, one, 2, 1);
	stop(&kit, one, 2);
	watch_kit_pass(&kit, 600);
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

/* Its first telling was before the watch began. */
static void what_repeats_already_is_learnt_at_once(void **state)
{
	struct watch_kit kit;

	(void)state;
	watch_kit_start(&kit, &qw_cycle, config);
	go_on(&kit, one, 2, 3);
	stop(&kit, one, 2);
	assert_int_equal(watch_kit_told(&kit, QW_CYCLE_LOSS), 1);
	watch_kit_stop(&kit);
}

static void what_comes_by_hand_is_not_missed(void **state)
{
	struct poll poll = one[0];
	struct watch_kit kit;

	(void)state;
	watch_kit_start(&kit, &qw_cycle, config);
	tell(&kit, &poll, 0);
	for (int i = 0; i < 10; i++) {
		poll.period = 25; /* the longest of five distances */
		watch_kit_pass(&kit, 60);
		tell(&kit, &poll, 5);
	}
	stop(&kit, &poll, 1);
	watch_kit_pass(&kit, 900);
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

static void a_host_that_is_silent_to_all_is_one_alert(void **state)
{
	struct watch_kit kit;

	(void)state;
	start(&kit, config, star, 3, 3);
	stop(&kit, star, 3);
	assert_int_equal(kit.told_count, 1);
	assert_int_equal(watch_kit_told(&kit, QW_CYCLE_HOST), 1);
	assert_non_null(strstr(kit.told[0].text, "10.1.1.5 talked with 3 hosts by the clock"));
	watch_kit_stop(&kit);
}

static void two_of_three_are_two_pairs(void **state)
{
	struct watch_kit kit;

	(void)state;
	start(&kit, config, star, 3, 3);
	stop(&kit, star, 2);
	assert_int_equal(kit.told_count, 2);
	assert_int_equal(watch_kit_told(&kit, QW_CYCLE_LOSS), 2);
	watch_kit_stop(&kit);
}

static void what_comes_again_is_told_once_and_missed_anew(void **state)
{
	struct watch_kit kit;

	(void)state;
	start(&kit, config, one, 2, 3);
	stop(&kit, one, 2);
	go_on(&kit, one, 2, 3);
	assert_int_equal(kit.told_count, 2);
	assert_int_equal(watch_kit_told(&kit, QW_CYCLE_BACK), 1);
	stop(&kit, one, 2);
	assert_int_equal(watch_kit_told(&kit, QW_CYCLE_LOSS), 2);
	watch_kit_stop(&kit);
}

static void a_new_connection_gets_time_to_go_on(void **state)
{
	struct watch_kit kit;

	(void)state;
	start(&kit, config, one, 2, 3);
	fall_silent(&kit, one, 2);
	watch_kit_flow(&kit, "10.1.1.5", "10.1.4.20", 502, "modbus");
	watch_kit_pass(&kit, 54);
	go_on(&kit, one, 2, 0);
	tell(&kit, &one[0], 100);
	tell(&kit, &one[1], 50);
	watch_kit_pass(&kit, 50);
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

static void a_new_connection_without_the_old_messages_is_a_loss(void **state)
{
	struct watch_kit kit;

	(void)state;
	start(&kit, config, one, 2, 3);
	fall_silent(&kit, one, 2);
	watch_kit_flow(&kit, "10.1.1.5", "10.1.4.20", 502, "modbus");
	watch_kit_pass(&kit, 80);
	assert_int_equal(watch_kit_told(&kit, QW_CYCLE_LOSS), 1);
	watch_kit_stop(&kit);
}

static void another_worker_takes_over(void **state)
{
	struct poll other[2] = {one[0], one[1]};
	struct watch_kit kit;

	(void)state;
	other[0].print = 101;
	other[1].print = 102;
	start(&kit, config, one, 2, 3);
	tell(&kit, &other[0], 0);
	tell(&kit, &other[1], 0);
	stop(&kit, one, 2);
	assert_int_equal(kit.told_count, 0);
	go_on(&kit, other, 2, 1);
	stop(&kit, other, 2);
	assert_int_equal(watch_kit_told(&kit, QW_CYCLE_LOSS), 1);
	watch_kit_stop(&kit);
}

static void a_blind_sensor_misses_nothing(void **state)
{
	struct watch_kit kit;

	(void)state;
	start(&kit, config, one, 2, 3);
	watch_kit_pass(&kit, 6);
	qw_world_lost(kit.world, 100);
	watch_kit_silent(&kit, 1, 6);
	watch_kit_silent(&kit, 2, 6);
	watch_kit_pass(&kit, 20);
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

static void the_end_and_a_gap_are_no_loss(void **state)
{
	struct watch_kit kit;

	(void)state;
	start(&kit, config, one, 2, 3);
	kit.now = qw_time_add(kit.now, qw_time_seconds(86400));
	watch_kit_pass(&kit, 1000);
	stop(&kit, one, 2);
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

static void a_slow_message_is_missed_by_the_clock(void **state)
{
	static const struct poll slow[] = {{1, "10.1.1.5", "10.1.4.20", 3, 30}};
	struct watch_kit kit;

	(void)state;
	start(&kit, config, slow, 1, 5);
	watch_kit_pass(&kit, 415);
	assert_int_equal(kit.told_count, 0);
	watch_kit_pass(&kit, 30);
	assert_int_equal(watch_kit_told(&kit, QW_CYCLE_LOSS), 1);
	watch_kit_stop(&kit);
}

static void a_slow_message_is_learnt_for_five_periods(void **state)
{
	static const struct poll slow[] = {{1, "10.1.1.5", "10.1.4.20", 3, 60}};
	struct watch_kit kit;

	(void)state;
	start(&kit, config, slow, 1, 4);
	watch_kit_pass(&kit, 1500);
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

/* From one telling on it comes at another period, for so many minutes. */
static unsigned shifts(double period, unsigned minutes)
{
	struct poll poll = one[0];
	struct watch_kit kit;

	start(&kit, config, one, 2, 3);
	poll.period = period;
	for (unsigned i = 0; i < minutes; i++) {
		go_on(&kit, &poll, 1, 1);
		tell(&kit, &one[1], 60);
	}
	unsigned told = watch_kit_told(&kit, QW_CYCLE_SHIFT);
	assert_int_equal(kit.told_count, told);
	watch_kit_stop(&kit);
	return told;
}

static void a_period_that_stays_another_is_told_once(void **state)
{
	(void)state;
	assert_int_equal(shifts(1.2, 6), 1);
	assert_int_equal(shifts(0.2, 6), 1);
	assert_int_equal(shifts(1.2, 2), 0);
	assert_int_equal(shifts(0.9, 6), 0);
	assert_int_equal(shifts(0.3, 6), 0);
}

static bool everywhere(void *ctx, const struct qw_seen *seen)
{
	(void)seen;
	return *(bool *)ctx;
}

static void maintenance_holds_a_loss_back_until_it_ends(void **state)
{
	struct watch_kit kit;
	bool is = true;

	(void)state;
	start(&kit, config, star, 3, 3);
	qw_world_set_maintenance(kit.world, everywhere, &is);
	stop(&kit, star, 1);
	assert_int_equal(kit.told_count, 0);
	assert_int_equal(qw_world_counters(kit.world)->kept_back, 1);
	is = false;
	watch_kit_pass(&kit, 65);
	assert_int_equal(watch_kit_told(&kit, QW_CYCLE_LOSS), 1);
	watch_kit_stop(&kit);
}

static void what_comes_again_within_maintenance_is_not_told(void **state)
{
	struct watch_kit kit;
	bool is = true;

	(void)state;
	start(&kit, config, star, 3, 3);
	qw_world_set_maintenance(kit.world, everywhere, &is);
	stop(&kit, star, 3);
	go_on(&kit, star, 3, 1);
	is = false;
	go_on(&kit, star, 3, 3);
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

static void no_more_messages_are_kept_than_allowed(void **state)
{
	struct watch_kit kit;

	(void)state;
	start(&kit, "watch = { cycle = { learn = 120; messages = 2; }; };", star, 3, 3);
	assert_true(qw_world_counters(kit.world)->no_room > 0);
	watch_kit_stop(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pair_that_falls_silent_is_told_once),
		cmocka_unit_test(one_of_two_kinds_is_counted),
		cmocka_unit_test(what_was_not_steady_long_enough_is_not_missed),
		cmocka_unit_test(what_repeats_already_is_learnt_at_once),
		cmocka_unit_test(what_comes_by_hand_is_not_missed),
		cmocka_unit_test(a_host_that_is_silent_to_all_is_one_alert),
		cmocka_unit_test(two_of_three_are_two_pairs),
		cmocka_unit_test(what_comes_again_is_told_once_and_missed_anew),
		cmocka_unit_test(a_new_connection_gets_time_to_go_on),
		cmocka_unit_test(a_new_connection_without_the_old_messages_is_a_loss),
		cmocka_unit_test(another_worker_takes_over),
		cmocka_unit_test(a_blind_sensor_misses_nothing),
		cmocka_unit_test(the_end_and_a_gap_are_no_loss),
		cmocka_unit_test(a_slow_message_is_missed_by_the_clock),
		cmocka_unit_test(a_slow_message_is_learnt_for_five_periods),
		cmocka_unit_test(a_period_that_stays_another_is_told_once),
		cmocka_unit_test(maintenance_holds_a_loss_back_until_it_ends),
		cmocka_unit_test(what_comes_again_within_maintenance_is_not_told),
		cmocka_unit_test(no_more_messages_are_kept_than_allowed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
