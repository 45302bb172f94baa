/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/promotion_kit.h"

#include "collector/canary.h"

static void who_floods_is_quarantined_and_nothing_of_it_is_promoted(void **state)
{
	struct rig rig;
	struct qw_identity liar = {"a", "gate"};
	char value[32];

	start(&rig, *state, 1, 10);
	for (int i = 0; i < 1000; i++) {
		snprintf(value, sizeof(value), "198.51.100.%d", i % 250);
		assert_int_not_equal(propose_as(&rig, "a", QW_OBS_IP, value), QW_VERDICT_PROMOTED);
	}
	assert_int_equal(count_community(&rig), 0);
	assert_int_equal(rig.alarms, 1);
	assert_non_null(strstr(rig.alarm, "a/gate floods"));
	rig.now = qw_time_add(rig.now, qw_time_seconds(7200));
	assert_int_equal(propose(&rig, "a", "evil.example"), QW_VERDICT_RATE);
	assert_int_equal(propose(&rig, "b", "evil.example"), QW_VERDICT_PROMOTED);
	assert_int_equal(qw_accounts_lift(rig.accounts, &liar, rig.now), QW_OK);
	assert_int_equal(propose(&rig, "a", "other.example"), QW_VERDICT_PROMOTED);
	stop(&rig);
}

static void what_is_no_indicator_uses_up_the_budget(void **state)
{
	const struct qw_identity who = {"a", "gate"};
	struct qw_judgement judgement;
	struct rig rig;

	start(&rig, *state, 1, 10);
	for (int i = 0; i < 100; i++)
		assert_int_equal(qw_promotion_malformed(rig.promotion, &who, rig.now, &judgement), QW_OK);
	assert_int_equal(qw_promotion_stats(rig.promotion).verdicts[QW_VERDICT_FORM], 10);
	assert_int_equal(rig.alarms, 1);
	assert_false(qw_accounts_counts(rig.accounts, &who, rig.now));
	stop(&rig);
}

static void jewels_cost_credit_until_a_voice_counts_nothing(void **state)
{
	struct rig rig;

	start(&rig, *state, 2, 1000);
	for (int i = 0; i < 11; i++)
		assert_int_equal(propose(&rig, "a", "www.port.example"), QW_VERDICT_PROTECTED);
	assert_int_equal(propose(&rig, "a", "evil.example"), QW_VERDICT_WAITING);
	assert_int_equal(propose(&rig, "b", "evil.example"), QW_VERDICT_WAITING);
	assert_int_equal(propose(&rig, "c", "evil.example"), QW_VERDICT_PROMOTED);
	stop(&rig);
}

static void a_canary_that_comes_back_from_elsewhere_is_told_as_a_leak(void **state)
{
	struct rig rig;
	struct qw_indicator canary = make_indicator(QW_OBS_DOMAIN, "only-for-a.example");
	struct qw_reason reason = {"test", QW_CANARY_WHY "test"};

	start(&rig, *state, 1, 1000);
	assert_int_equal(qw_publish_indicators(&rig.publication, "a", &canary, 1, &reason, rig.now), QW_OK);
	assert_int_equal(propose(&rig, "b", "another.example"), QW_VERDICT_PROMOTED);
	assert_int_equal(rig.alarms, 0);
	assert_int_equal(propose(&rig, "b", "only-for-a.example"), QW_VERDICT_WAITING);
	assert_int_equal(propose(&rig, "b", "only-for-a.example"), QW_VERDICT_WAITING);
	assert_int_equal(rig.alarms, 1);
	assert_int_equal(rig.notice, QW_NOTICE_LEAK);
	assert_string_equal(
	    rig.alarm, "only-for-a.example was given to a alone, and came back from b/gate: what a receives leaks");
	assert_int_equal(count_community(&rig), 1);
	/* An operator who urges it is told so, too. */
	struct qw_judgement judgement;
	assert_int_equal(qw_promotion_urge(rig.promotion, &canary, "uid 0", rig.now, &judgement), QW_OK);
	assert_int_equal(judgement.verdict, QW_VERDICT_PROTECTED);
	assert_int_equal(rig.alarms, 2);
	assert_int_equal(count_community(&rig), 1);
	stop(&rig);
}

/* ---- dry runs */

static bool try_dry(void *ctx, const struct qw_observable *observable, enum qw_tlp tlp)
{
	struct rig *rig = ctx;

	rig->trials++;
	return true;
}

static void start_trying(struct rig *rig, const char *folder, uint64_t tenants)
{
	start(rig, folder, tenants, 1000);
	struct qw_promotion_parts parts = {rig->policy, rig->publication, rig->candidates, rig->accounts,
					   1000,        {hear, rig},      try_dry,         rig};
	qw_promotion_free(rig->promotion);
	assert_int_equal(qw_promotion_new(&rig->promotion, &parts), QW_OK);
}

static void say(struct qw_dryrun_result *result, const char *tenant, uint64_t hosts)
{
	struct qw_dryrun_voice *voice = &result->voice[result->asked++];

	*voice = (struct qw_dryrun_voice){.answered = true, .known = true, .hosts = hosts};
	snprintf(voice->who.tenant, sizeof(voice->who.tenant), "%s", tenant);
	snprintf(voice->who.sensor, sizeof(voice->who.sensor), "gate");
	result->answered++;
}

static struct qw_dryrun_result result_of(const char *domain)
{
	struct qw_indicator indicator = make_indicator(QW_OBS_DOMAIN, domain);

	return (struct qw_dryrun_result){.observable = indicator.observable};
}

static enum qw_verdict tried(struct rig *rig, const struct qw_dryrun_result *result, struct qw_judgement *out)
{
	assert_int_equal(qw_promotion_tried(rig->promotion, result, rig->now, out), QW_OK);
	return out->verdict;
}

static void what_is_popular_is_not_promoted_and_says_why(void **state)
{
	struct qw_dryrun_result loud = result_of("cdn.example"), quiet = loud;
	struct qw_judgement judgement;
	struct rig rig;

	start_trying(&rig, *state, 1);
	assert_int_equal(propose(&rig, "a", "cdn.example"), QW_VERDICT_WAITING);
	assert_int_equal(rig.trials, 1);
	say(&loud, "a", 21);
	say(&loud, "b", 60);
	assert_int_equal(tried(&rig, &loud, &judgement), QW_VERDICT_NOISY);
	assert_string_equal(
	    judgement.why,
	    "60 hosts of one tenant met it lately, and at 2 of 2 tenants that could say more than 20 did: too popular");
	assert_int_equal(count_community(&rig), 0);
	say(&quiet, "a", 20);
	assert_int_equal(tried(&rig, &quiet, &judgement), QW_VERDICT_PROMOTED);
	assert_int_equal(rig.trials, 1);
	assert_int_equal(qw_promotion_stats(rig.promotion).far, 0);
	stop(&rig);
}

static enum qw_err count_one(void *ctx, const struct qw_observable *observable)
{
	(void)observable;
	(*(unsigned *)ctx)++;
	return QW_OK;
}

static void what_was_to_be_tried_is_tried_again(void **state)
{
	struct qw_dryrun_result result = result_of("evil.example");
	struct qw_judgement judgement;
	struct rig rig;
	unsigned trying = 0;

	start_trying(&rig, *state, 1);
	assert_int_equal(propose(&rig, "a", "evil.example"), QW_VERDICT_WAITING);
	assert_int_equal(qw_promotion_resume(rig.promotion, rig.now), QW_OK);
	assert_int_equal(rig.trials, 1); /* it may still be under way */
	rig.now = qw_time_add(rig.now, qw_time_seconds(QW_PROMOTION_RESUME_S + 1));
	assert_int_equal(qw_promotion_resume(rig.promotion, rig.now), QW_OK);
	assert_int_equal(rig.trials, 2);
	assert_int_equal(tried(&rig, &result, &judgement), QW_VERDICT_PROMOTED);
	rig.now = qw_time_add(rig.now, qw_time_seconds(QW_PROMOTION_RESUME_S + 1));
	assert_int_equal(qw_promotion_resume(rig.promotion, rig.now), QW_OK);
	assert_int_equal(rig.trials, 2);
	assert_int_equal(qw_candidates_each_trying(rig.candidates, rig.now, 10, count_one, &trying), QW_OK);
	assert_int_equal(trying, 0);
	stop(&rig);
}

static void who_refuses_everything_is_soon_not_believed_alone(void **state)
{
	struct qw_judgement judgement;
	struct rig rig;
	char domain[32];
	int refused = 0;

	start_trying(&rig, *state, 1);
	for (int i = 0; i < 50; i++) {
		snprintf(domain, sizeof(domain), "evil-%d.example", i);
		struct qw_dryrun_result result = result_of(domain);
		assert_int_equal(propose(&rig, "a", domain), QW_VERDICT_WAITING);
		say(&result, "a", 1);
		say(&result, "c", 300);
		refused += tried(&rig, &result, &judgement) == QW_VERDICT_NOISY;
	}
	assert_int_equal(refused, 3);
	assert_int_equal(count_community(&rig), 47);
	assert_int_equal(qw_promotion_stats(rig.promotion).far, 50);
	stop(&rig);
}

static void two_that_did_not_meet_it_outvote_one_that_says_so(void **state)
{
	struct qw_dryrun_result result = result_of("evil.example");
	struct qw_judgement judgement;
	struct rig rig;

	start_trying(&rig, *state, 1);
	assert_int_equal(propose(&rig, "a", "evil.example"), QW_VERDICT_WAITING);
	say(&result, "a", 1);
	say(&result, "b", 0);
	say(&result, "c", 300);
	assert_int_equal(tried(&rig, &result, &judgement), QW_VERDICT_PROMOTED);
	stop(&rig);
}

static void who_offered_it_and_says_that_nobody_met_it_says_nothing(void **state)
{
	struct qw_indicator indicator = make_indicator(QW_OBS_DOMAIN, "cdn.example");
	const struct qw_offered offered = {
	    .indicator = &indicator, .kind = QW_EVIDENCE_ALERT, .gid = 1, .sid = 2, .reason = ""};
	struct qw_dryrun_result result = result_of("cdn.example");
	struct qw_judgement judgement;
	struct rig rig;

	start_trying(&rig, *state, 2);
	for (int i = 0; i < 2; i++) {
		const struct qw_identity who = {{(char)('a' + i)}, "gate"};
		assert_int_equal(qw_promotion_propose(rig.promotion, &who, &offered, rig.now, &judgement), QW_OK);
		say(&result, who.tenant, 0);
	}
	say(&result, "c", 60);
	assert_int_equal(tried(&rig, &result, &judgement), QW_VERDICT_NOISY);
	stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(who_floods_is_quarantined_and_nothing_of_it_is_promoted, kit_folder,
					    kit_clear),
	    cmocka_unit_test_setup_teardown(what_is_no_indicator_uses_up_the_budget, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(jewels_cost_credit_until_a_voice_counts_nothing, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_canary_that_comes_back_from_elsewhere_is_told_as_a_leak, kit_folder,
					    kit_clear),
	    cmocka_unit_test_setup_teardown(what_is_popular_is_not_promoted_and_says_why, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(what_was_to_be_tried_is_tried_again, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(who_refuses_everything_is_soon_not_believed_alone, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(two_that_did_not_meet_it_outvote_one_that_says_so, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(who_offered_it_and_says_that_nobody_met_it_says_nothing, kit_folder,
					    kit_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
