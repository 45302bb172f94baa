/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/collector_kit.h"

#include "collector/dryrun.h"

static struct qw_identity named(const char *tenant, const char *sensor)
{
	struct qw_identity who;

	snprintf(who.tenant, sizeof(who.tenant), "%s", tenant);
	snprintf(who.sensor, sizeof(who.sensor), "%s", sensor);
	return who;
}

static struct qw_dryrun *start(uint64_t *ticket, struct qw_observable *observable)
{
	struct qw_dryrun *dryrun;

	assert_int_equal(qw_dryrun_new(&dryrun), QW_OK);
	assert_int_equal(qw_observable_parse(observable, QW_OBS_IP, "203.0.113.9", 11, NULL), QW_OK);
	assert_int_equal(qw_dryrun_start(dryrun, observable, qw_time_seconds(10), ticket), QW_OK);
	return dryrun;
}

static bool ask(struct qw_dryrun *dryrun, uint64_t ticket, const char *tenant, const char *sensor)
{
	struct qw_identity who = named(tenant, sensor);

	return qw_dryrun_ask(dryrun, ticket, &who);
}

static void answer(struct qw_dryrun *dryrun, uint64_t ticket, const char *tenant, const char *sensor, uint64_t hosts)
{
	struct qw_identity who = named(tenant, sensor);

	qw_dryrun_answer(dryrun, ticket, &who, true, hosts);
}

static void a_trial_ends_when_all_answered(void **state)
{
	struct qw_observable observable;
	struct qw_dryrun_result result;
	uint64_t ticket;
	struct qw_dryrun *dryrun = start(&ticket, &observable);

	(void)state;
	assert_int_equal(qw_dryrun_type(dryrun, ticket), QW_OBS_IP);
	assert_int_equal(qw_dryrun_type(dryrun, ticket + 1), QW_OBS_COUNT);
	assert_true(ask(dryrun, ticket, "a", "one"));
	assert_true(ask(dryrun, ticket, "b", "one"));
	assert_false(ask(dryrun, ticket, "a", "one"));
	answer(dryrun, ticket, "a", "one", 3);
	assert_false(qw_dryrun_next(dryrun, qw_time_seconds(10), &result));
	answer(dryrun, ticket, "b", "one", 0);
	assert_true(qw_dryrun_next(dryrun, qw_time_seconds(10), &result));
	assert_string_equal(result.observable.text, "203.0.113.9");
	assert_int_equal(result.answered, 2);
	assert_int_equal(result.voice[0].hosts, 3);
	assert_false(qw_dryrun_next(dryrun, qw_time_seconds(20), &result));
	qw_dryrun_free(dryrun);
}

static void who_is_silent_delays_no_longer_than_the_time_allowed(void **state)
{
	struct qw_observable observable;
	struct qw_dryrun_result result;
	uint64_t ticket;
	struct qw_dryrun *dryrun = start(&ticket, &observable);

	(void)state;
	assert_true(ask(dryrun, ticket, "a", "one"));
	assert_true(ask(dryrun, ticket, "b", "one"));
	answer(dryrun, ticket, "a", "one", UINT64_MAX);
	assert_false(qw_dryrun_next(dryrun, qw_time_seconds(11), &result));
	assert_true(qw_dryrun_next(dryrun, qw_time_seconds(12), &result));
	assert_int_equal(result.answered, 1);
	assert_int_equal(result.asked, 2);
	assert_false(result.voice[1].answered);
	assert_int_equal(qw_dryrun_stats(dryrun).silent, 1);
	qw_dryrun_free(dryrun);
}

static void who_was_not_asked_or_answers_twice_has_no_say(void **state)
{
	struct qw_observable observable;
	struct qw_dryrun_result result;
	uint64_t ticket;
	struct qw_dryrun *dryrun = start(&ticket, &observable);

	(void)state;
	assert_true(ask(dryrun, ticket, "a", "one"));
	assert_true(ask(dryrun, ticket, "b", "one"));
	answer(dryrun, ticket, "c", "stranger", 300);
	answer(dryrun, ticket, "a", "one", 1);
	answer(dryrun, ticket, "a", "one", 300);
	answer(dryrun, ticket + 1, "b", "one", 1);
	assert_int_equal(qw_dryrun_stats(dryrun).strange, 3);
	answer(dryrun, ticket, "b", "one", 2);
	assert_true(qw_dryrun_next(dryrun, qw_time_seconds(10), &result));
	assert_int_equal(result.voice[0].hosts, 1);
	assert_int_equal(result.voice[1].hosts, 2);
	qw_dryrun_free(dryrun);
}

static void so_many_sensors_are_asked_and_no_more(void **state)
{
	struct qw_observable observable;
	uint64_t ticket;
	struct qw_dryrun *dryrun = start(&ticket, &observable);
	char name[16];

	(void)state;
	for (int i = 0; i < QW_DRYRUN_PER_TENANT; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		assert_true(ask(dryrun, ticket, "a", name));
	}
	assert_false(ask(dryrun, ticket, "a", "one more"));
	for (int i = QW_DRYRUN_PER_TENANT; i < QW_DRYRUN_SENSORS; i++) {
		snprintf(name, sizeof(name), "t%d", i);
		assert_true(ask(dryrun, ticket, name, "one"));
	}
	assert_false(ask(dryrun, ticket, "b", "one"));
	assert_int_equal(qw_dryrun_stats(dryrun).unasked, 2);
	qw_dryrun_free(dryrun);
}

static void trials_are_bounded_and_one_a_value(void **state)
{
	struct qw_observable observable;
	struct qw_dryrun_result result;
	uint64_t ticket;
	struct qw_dryrun *dryrun = start(&ticket, &observable);
	char text[32];

	(void)state;
	assert_int_equal(qw_dryrun_start(dryrun, &observable, qw_time_seconds(10), &ticket), QW_EEXIST);
	for (int i = 1; i < QW_DRYRUN_TRIALS; i++) {
		snprintf(text, sizeof(text), "198.51.100.%d", i);
		assert_int_equal(qw_observable_parse(&observable, QW_OBS_IP, text, strlen(text), NULL), QW_OK);
		assert_int_equal(qw_dryrun_start(dryrun, &observable, qw_time_seconds(10), &ticket), QW_OK);
	}
	assert_int_equal(qw_observable_parse(&observable, QW_OBS_IP, "192.0.2.1", 9, NULL), QW_OK);
	assert_int_equal(qw_dryrun_start(dryrun, &observable, qw_time_seconds(10), &ticket), QW_ELIMIT);
	assert_int_equal(qw_dryrun_stats(dryrun).over, 1);
	assert_true(qw_dryrun_next(dryrun, qw_time_seconds(10), &result));
	assert_int_equal(qw_dryrun_start(dryrun, &observable, qw_time_seconds(10), &ticket), QW_OK);
	qw_dryrun_free(dryrun);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_trial_ends_when_all_answered),
	    cmocka_unit_test(who_is_silent_delays_no_longer_than_the_time_allowed),
	    cmocka_unit_test(who_was_not_asked_or_answers_twice_has_no_say),
	    cmocka_unit_test(so_many_sensors_are_asked_and_no_more),
	    cmocka_unit_test(trials_are_bounded_and_one_a_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
