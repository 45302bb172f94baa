/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/credit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { BUDGET = 100, PROPOSALS = 10000 };

static struct qw_time hours(int64_t count)
{
	return (struct qw_time){(1000 + count) * 3600 * (int64_t)QW_NS_PER_S};
}

static void false_positives_cost_more_than_refusals(void **state)
{
	struct qw_credit wrong = qw_credit_new(hours(0)), refused = wrong, jewel = wrong;

	(void)state;
	qw_credit_charge(&wrong, QW_CHARGE_FALSE, 1, hours(0));
	qw_credit_charge(&refused, QW_CHARGE_REFUSED, 1, hours(0));
	qw_credit_charge(&jewel, QW_CHARGE_PROTECTED, 1, hours(0));
	assert_int_equal(qw_credit_points(&wrong, hours(0)), 850);
	assert_int_equal(qw_credit_points(&jewel, hours(0)), 950);
	assert_int_equal(qw_credit_points(&refused, hours(0)), 995);
}

static void who_is_wrong_too_often_counts_nothing_until_time_has_passed(void **state)
{
	struct qw_credit credit = qw_credit_new(hours(0));

	(void)state;
	for (int i = 0; i < 3; i++)
		qw_credit_charge(&credit, QW_CHARGE_FALSE, 1, hours(0));
	assert_true(qw_credit_counts(&credit, hours(0)));
	qw_credit_charge(&credit, QW_CHARGE_FALSE, 1, hours(0));
	assert_false(qw_credit_counts(&credit, hours(19)));
	assert_true(qw_credit_counts(&credit, hours(20)));
	assert_int_equal(qw_credit_points(&credit, hours(100000)), QW_CREDIT_FULL);
}

static void credit_never_falls_below_nothing(void **state)
{
	struct qw_credit credit = qw_credit_new(hours(0));

	(void)state;
	for (int i = 0; i < PROPOSALS; i++)
		qw_credit_charge(&credit, QW_CHARGE_FALSE, 1, hours(0));
	assert_int_equal(qw_credit_points(&credit, hours(0)), 0);
	assert_int_equal(credit.charges, PROPOSALS);
}

static void a_clock_set_back_gives_nothing(void **state)
{
	struct qw_credit credit = qw_credit_new(hours(10));

	(void)state;
	qw_credit_charge(&credit, QW_CHARGE_FALSE, 1, hours(10));
	assert_int_equal(qw_credit_points(&credit, hours(0)), 850);
}

static void a_flood_is_quarantined_and_said_once(void **state)
{
	struct qw_credit credit = qw_credit_new(hours(0));
	int answers[3] = {0};

	(void)state;
	for (int i = 0; i < PROPOSALS; i++)
		answers[qw_credit_offer(&credit, BUDGET, hours(0))]++;
	assert_int_equal(answers[QW_OFFER_TAKEN], BUDGET);
	assert_int_equal(answers[QW_OFFER_ISOLATED], 1);
	assert_int_equal(answers[QW_OFFER_OVER], PROPOSALS - BUDGET - 1);
	assert_int_equal(credit.offered, BUDGET * QW_CREDIT_FLOOD + 1);
	assert_false(qw_credit_counts(&credit, hours(0)));
}

static void who_is_only_over_budget_may_speak_in_the_next_hour(void **state)
{
	struct qw_credit credit = qw_credit_new(hours(0));

	(void)state;
	for (int i = 0; i < BUDGET * QW_CREDIT_FLOOD; i++)
		assert_int_not_equal(qw_credit_offer(&credit, BUDGET, hours(0)), QW_OFFER_ISOLATED);
	assert_true(qw_credit_counts(&credit, hours(0)));
	assert_int_equal(qw_credit_offer(&credit, BUDGET, hours(1)), QW_OFFER_TAKEN);
}

static void without_a_budget_all_is_over_and_none_a_flood(void **state)
{
	struct qw_credit credit = qw_credit_new(hours(0));

	(void)state;
	for (int i = 0; i < PROPOSALS; i++)
		assert_int_equal(qw_credit_offer(&credit, 0, hours(0)), QW_OFFER_OVER);
}

static void quarantine_ends_by_an_operator_only(void **state)
{
	struct qw_credit credit = qw_credit_new(hours(0));

	(void)state;
	assert_false(qw_credit_lift(&credit, hours(0)));
	while (qw_credit_offer(&credit, BUDGET, hours(0)) != QW_OFFER_ISOLATED)
		continue;
	assert_int_equal(qw_credit_offer(&credit, BUDGET, hours(100000)), QW_OFFER_OVER);
	assert_false(qw_credit_counts(&credit, hours(100000)));
	assert_true(qw_credit_lift(&credit, hours(100000)));
	assert_true(qw_credit_counts(&credit, hours(100000)));
	assert_int_equal(qw_credit_points(&credit, hours(100000)), QW_CREDIT_LEAST);
	assert_int_equal(qw_credit_offer(&credit, BUDGET, hours(100000)), QW_OFFER_TAKEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(false_positives_cost_more_than_refusals),
	    cmocka_unit_test(who_is_wrong_too_often_counts_nothing_until_time_has_passed),
	    cmocka_unit_test(credit_never_falls_below_nothing),
	    cmocka_unit_test(a_clock_set_back_gives_nothing),
	    cmocka_unit_test(a_flood_is_quarantined_and_said_once),
	    cmocka_unit_test(who_is_only_over_budget_may_speak_in_the_next_hour),
	    cmocka_unit_test(without_a_budget_all_is_over_and_none_a_flood),
	    cmocka_unit_test(quarantine_ends_by_an_operator_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
