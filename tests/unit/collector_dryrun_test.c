/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/collector_kit.h"

#include "collector/dryrun.h"

static struct qw_dryrun *start(uint64_t sensors, uint64_t *ticket, struct qw_observable *observable)
{
	struct qw_dryrun *dryrun;

	assert_int_equal(qw_dryrun_new(&dryrun), QW_OK);
	assert_int_equal(qw_observable_parse(observable, QW_OBS_IP, "203.0.113.9", 11, NULL), QW_OK);
	assert_int_equal(qw_dryrun_start(dryrun, observable, qw_time_seconds(10), ticket), QW_OK);
	qw_dryrun_asked(dryrun, *ticket, sensors);
	return dryrun;
}

static void answer(struct qw_dryrun *dryrun, uint64_t ticket, const char *tenant, const char *sensor, uint64_t hits)
{
	struct qw_identity who;

	snprintf(who.tenant, sizeof(who.tenant), "%s", tenant);
	snprintf(who.sensor, sizeof(who.sensor), "%s", sensor);
	qw_dryrun_answer(dryrun, ticket, &who, hits);
}

static void a_trial_ends_when_all_answered(void **state)
{
	struct qw_observable observable;
	struct qw_dryrun_result result;
	uint64_t ticket;
	struct qw_dryrun *dryrun = start(4, &ticket, &observable);

	(void)state;
	answer(dryrun, ticket, "a", "one", 3);
	answer(dryrun, ticket, "a", "two", 4);
	answer(dryrun, ticket, "b", "one", 5);
	assert_false(qw_dryrun_next(dryrun, qw_time_seconds(10), &result));
	answer(dryrun, ticket, "c", "one", 0);
	assert_true(qw_dryrun_next(dryrun, qw_time_seconds(10), &result));
	assert_string_equal(result.observable.text, "203.0.113.9");
	assert_int_equal(result.answered, 4);
	assert_int_equal(result.tenants, 2);
	assert_int_equal(result.loudest, 7);
	assert_false(qw_dryrun_next(dryrun, qw_time_seconds(20), &result));
	qw_dryrun_free(dryrun);
}

static void who_answers_twice_or_late_does_not_count(void **state)
{
	struct qw_observable observable;
	struct qw_dryrun_result result;
	uint64_t ticket;
	struct qw_dryrun *dryrun = start(2, &ticket, &observable);

	(void)state;
	answer(dryrun, ticket, "a", "one", UINT64_MAX);
	answer(dryrun, ticket, "a", "one", UINT64_MAX);
	answer(dryrun, ticket + 1, "b", "one", 1);
	assert_int_equal(qw_dryrun_stats(dryrun).late, 2);
	assert_false(qw_dryrun_next(dryrun, qw_time_seconds(11), &result));
	assert_true(qw_dryrun_next(dryrun, qw_time_seconds(12), &result));
	assert_int_equal(result.answered, 1);
	assert_int_equal(result.asked, 2);
	assert_int_equal(result.loudest, UINT64_MAX);
	qw_dryrun_free(dryrun);
}

static void trials_are_bounded_and_one_a_value(void **state)
{
	struct qw_observable observable;
	struct qw_dryrun_result result;
	uint64_t ticket;
	struct qw_dryrun *dryrun = start(0, &ticket, &observable);
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
	    cmocka_unit_test(who_answers_twice_or_late_does_not_count),
	    cmocka_unit_test(trials_are_bounded_and_one_a_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
