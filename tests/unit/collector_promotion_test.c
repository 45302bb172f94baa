/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/promotion_kit.h"

#include "collector/canary.h"
#include "collector/recall.h"
#include "collector/retire.h"

static enum qw_verdict judge(const struct qw_policy *policy, const struct qw_indicator *indicator)
{
	char why[QW_GUARD_SENTENCE_MAX];

	return qw_policy_judge(policy, indicator, NULL, why);
}

static void each_value_gets_its_verdict(void **state)
{
	static const struct {
		enum qw_observable_type type;
		const char *value;
		enum qw_verdict verdict;
	} rows[] = {
	    {QW_OBS_IP, "203.0.113.9", QW_VERDICT_PROMOTED},
	    {QW_OBS_IP, "10.1.2.3", QW_VERDICT_SPECIAL},
	    {QW_OBS_IP, "172.31.255.255", QW_VERDICT_SPECIAL},
	    {QW_OBS_IP, "172.32.0.1", QW_VERDICT_PROMOTED},
	    {QW_OBS_IP, "127.0.0.1", QW_VERDICT_SPECIAL},
	    {QW_OBS_IP, "224.0.0.1", QW_VERDICT_SPECIAL},
	    {QW_OBS_IP, "255.255.255.255", QW_VERDICT_SPECIAL},
	    {QW_OBS_IP, "::1", QW_VERDICT_SPECIAL},
	    {QW_OBS_IP, "fe80::1", QW_VERDICT_SPECIAL},
	    {QW_OBS_IP, "fd00::1", QW_VERDICT_SPECIAL},
	    {QW_OBS_IP, "2a00::1", QW_VERDICT_PROMOTED},
	    {QW_OBS_IP, "2001:db8:5::1", QW_VERDICT_PROTECTED},
	    {QW_OBS_IP, "198.51.100.7", QW_VERDICT_PROTECTED},
	    {QW_OBS_IP_PORT, "10.0.0.1:443", QW_VERDICT_SPECIAL},
	    {QW_OBS_IP_PORT, "[fe80::1]:443", QW_VERDICT_SPECIAL},
	    {QW_OBS_CIDR, "203.0.113.0/24", QW_VERDICT_PROMOTED},
	    {QW_OBS_CIDR, "203.0.112.0/23", QW_VERDICT_BROAD},
	    {QW_OBS_CIDR, "8.0.0.0/5", QW_VERDICT_SPECIAL},
	    {QW_OBS_CIDR, "198.51.100.128/25", QW_VERDICT_PROTECTED},
	    {QW_OBS_DOMAIN, "evil.example", QW_VERDICT_PROMOTED},
	    {QW_OBS_DOMAIN, "port.example", QW_VERDICT_PROTECTED},
	    {QW_OBS_DOMAIN, "www.port.example", QW_VERDICT_PROTECTED},
	    {QW_OBS_DOMAIN, "airport.example", QW_VERDICT_PROMOTED},
	    {QW_OBS_HOST, "www.port.example", QW_VERDICT_PROTECTED},
	    {QW_OBS_URL, "www.port.example/x", QW_VERDICT_PROTECTED},
	    {QW_OBS_URL, "10.0.0.1/x", QW_VERDICT_SPECIAL},
	    {QW_OBS_URL, "evil.example/x", QW_VERDICT_PROMOTED},
	    {QW_OBS_DOMAIN, "Evil.Example", QW_VERDICT_FORM},
	    {QW_OBS_IP, "999.1.1.1", QW_VERDICT_FORM},
	};
	struct qw_policy *policy = make_policy();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct qw_indicator indicator = make_indicator(rows[i].type, rows[i].value);
		enum qw_verdict verdict = judge(policy, &indicator);
		if (verdict != rows[i].verdict)
			fail_msg("%s: %s, not %s", rows[i].value, qw_verdict_name(verdict),
				 qw_verdict_name(rows[i].verdict));
	}
	qw_policy_free(policy);
}

static void label_confidence_and_exceptions_are_judged(void **state)
{
	struct qw_policy *policy = make_policy();
	struct qw_indicator indicator = make_indicator(QW_OBS_DOMAIN, "evil.example");

	indicator.tlp = QW_TLP_AMBER;
	assert_int_equal(judge(policy, &indicator), QW_VERDICT_LABEL);
	indicator.tlp = QW_TLP_CLEAR;
	indicator.confidence = 49;
	assert_int_equal(judge(policy, &indicator), QW_VERDICT_UNSURE);
	indicator.confidence = 50;
	assert_int_equal(judge(policy, &indicator), QW_VERDICT_PROMOTED);
	indicator.allow = true;
	assert_int_equal(judge(policy, &indicator), QW_VERDICT_ALLOW);
	qw_policy_free(policy);
}

static void a_protected_item_that_is_nothing_is_complained_about(void **state)
{
	static const char *const items[] = {"not a name at all!"};
	struct qw_policy_options options = {.jewels = {items, 1}};
	struct qw_policy *policy = NULL;
	struct qw_diags diags;

	qw_diags_init(&diags);
	assert_int_equal(qw_policy_new(&policy, &options, &diags), QW_EFORMAT);
	assert_int_equal(diags.errors, 1);
	qw_diags_fini(&diags);
}

static void one_tenant_counts_once(void **state)
{
	struct rig rig;

	start(&rig, *state, 2, 1000);
	assert_int_equal(propose(&rig, "a", "evil.example"), QW_VERDICT_WAITING);
	assert_int_equal(propose(&rig, "a", "evil.example"), QW_VERDICT_WAITING);
	assert_int_equal(count_community(&rig), 0);
	assert_int_equal(propose(&rig, "b", "evil.example"), QW_VERDICT_PROMOTED);
	assert_int_equal(count_community(&rig), 1);
	assert_int_equal(propose(&rig, "c", "evil.example"), QW_VERDICT_KNOWN);
	stop(&rig);
}

static void old_proposals_do_not_count(void **state)
{
	struct rig rig;

	start(&rig, *state, 2, 1000);
	assert_int_equal(propose(&rig, "a", "evil.example"), QW_VERDICT_WAITING);
	rig.now = qw_time_add(rig.now, qw_time_seconds(3601));
	assert_int_equal(propose(&rig, "b", "evil.example"), QW_VERDICT_WAITING);
	stop(&rig);
}

static void a_revoked_tenant_does_not_count(void **state)
{
	struct rig rig;

	start(&rig, *state, 2, 1000);
	assert_int_equal(propose(&rig, "a", "evil.example"), QW_VERDICT_WAITING);
	assert_int_equal(qw_store_revoke_tenant(rig.store, "a", rig.now), QW_OK);
	assert_int_equal(propose(&rig, "b", "evil.example"), QW_VERDICT_WAITING);
	stop(&rig);
}

static void what_an_operator_withdrew_stays_out(void **state)
{
	struct rig rig;
	struct qw_indicator indicator = make_indicator(QW_OBS_DOMAIN, "evil.example");

	start(&rig, *state, 1, 1000);
	assert_int_equal(propose(&rig, "a", "evil.example"), QW_VERDICT_PROMOTED);
	assert_int_equal(qw_publish_removal(&rig.publication, QW_COMMUNITY, &indicator.observable, false, rig.now),
			 QW_OK);
	assert_int_equal(propose(&rig, "b", "evil.example"), QW_VERDICT_WITHDRAWN);
	assert_int_equal(count_community(&rig), 0);
	stop(&rig);
}

static void an_allow_entry_above_it_protects(void **state)
{
	struct rig rig;
	struct qw_indicator allow = make_indicator(QW_OBS_DOMAIN, "cdn.example");
	struct qw_reason reason = {"test", "test"};

	start(&rig, *state, 1, 1000);
	allow.allow = true;
	assert_int_equal(qw_publish_indicators(&rig.publication, QW_COMMUNITY, &allow, 1, &reason, rig.now), QW_OK);
	assert_int_equal(propose(&rig, "a", "x.cdn.example"), QW_VERDICT_PROTECTED);
	assert_int_equal(propose(&rig, "a", "xcdn.example"), QW_VERDICT_PROMOTED);
	stop(&rig);
}

static void an_allow_entry_protects_the_addresses_and_urls_in_it(void **state)
{
	struct rig rig;
	struct qw_indicator allow[] = {
	    make_indicator(QW_OBS_CIDR, "203.0.113.128/25"),
	    make_indicator(QW_OBS_CIDR, "2a00:1::/32"),
	    make_indicator(QW_OBS_DOMAIN, "cdn.example"),
	};
	struct qw_reason reason = {"test", "test"};

	start(&rig, *state, 1, 1000);
	for (size_t i = 0; i < 3; i++)
		allow[i].allow = true;
	assert_int_equal(qw_publish_indicators(&rig.publication, QW_COMMUNITY, allow, 3, &reason, rig.now), QW_OK);
	assert_int_equal(propose_as(&rig, "a", QW_OBS_IP, "203.0.113.200"), QW_VERDICT_PROTECTED);
	assert_int_equal(propose_as(&rig, "a", QW_OBS_CIDR, "203.0.113.192/26"), QW_VERDICT_PROTECTED);
	assert_int_equal(propose_as(&rig, "a", QW_OBS_IP_PORT, "203.0.113.200:443"), QW_VERDICT_PROTECTED);
	assert_int_equal(propose_as(&rig, "a", QW_OBS_URL, "203.0.113.200/x"), QW_VERDICT_PROTECTED);
	assert_int_equal(propose_as(&rig, "a", QW_OBS_URL, "x.cdn.example/x"), QW_VERDICT_PROTECTED);
	assert_int_equal(propose_as(&rig, "a", QW_OBS_IP, "2a00:1::9"), QW_VERDICT_PROTECTED);
	assert_int_equal(propose_as(&rig, "a", QW_OBS_IP, "2a00:2::9"), QW_VERDICT_PROMOTED);
	assert_int_equal(propose_as(&rig, "a", QW_OBS_IP, "203.0.113.100"), QW_VERDICT_PROMOTED);
	stop(&rig);
}

static void a_tenant_has_a_budget_of_the_hour(void **state)
{
	struct rig rig;

	start(&rig, *state, 2, 2);
	assert_int_equal(propose(&rig, "a", "one.example"), QW_VERDICT_WAITING);
	assert_int_equal(propose(&rig, "a", "two.example"), QW_VERDICT_WAITING);
	assert_int_equal(propose(&rig, "a", "three.example"), QW_VERDICT_RATE);
	assert_int_equal(propose(&rig, "b", "three.example"), QW_VERDICT_WAITING);
	rig.now = qw_time_add(rig.now, qw_time_seconds(3600));
	assert_int_equal(propose(&rig, "a", "three.example"), QW_VERDICT_PROMOTED);
	stop(&rig);
}

static void a_block_around_an_allow_entry_is_not_promoted(void **state)
{
	struct rig rig;
	struct qw_indicator allow = make_indicator(QW_OBS_IP, "203.0.113.77");
	struct qw_indicator block = make_indicator(QW_OBS_CIDR, "203.0.113.0/24");
	struct qw_reason reason = {"test", "test"};

	start(&rig, *state, 1, 1000);
	allow.allow = true;
	assert_int_equal(qw_publish_indicators(&rig.publication, QW_COMMUNITY, &allow, 1, &reason, rig.now), QW_OK);
	struct qw_judgement judgement = offer(&rig, "a", "gate", &block);
	assert_int_equal(judgement.verdict, QW_VERDICT_PROTECTED);
	assert_string_equal(judgement.why,
			    "203.0.113.0/24 covers 203.0.113.77 of the community's allow entries (held for good)");
	assert_int_equal(qw_publish_removal(&rig.publication, QW_COMMUNITY, &allow.observable, true, rig.now), QW_OK);
	assert_int_equal(offer(&rig, "a", "gate", &block).verdict, QW_VERDICT_PROMOTED);
	stop(&rig);
}

static void an_allow_entry_that_comes_later_takes_back_what_it_covers(void **state)
{
	struct rig rig;
	struct qw_indicator allow = make_indicator(QW_OBS_DOMAIN, "cdn.example");
	uint64_t retired = 99;

	start(&rig, *state, 1, 1000);
	assert_int_equal(propose(&rig, "a", "x.cdn.example"), QW_VERDICT_PROMOTED);
	assert_int_equal(propose(&rig, "a", "cdn.example"), QW_VERDICT_PROMOTED);
	assert_int_equal(propose_as(&rig, "a", QW_OBS_URL, "y.cdn.example/z"), QW_VERDICT_PROMOTED);
	assert_int_equal(propose(&rig, "a", "acdn.example"), QW_VERDICT_PROMOTED);
	allow.allow = true;
	assert_int_equal(qw_retire_allowed(&rig.publication, NULL, &allow, 1, rig.now, &retired), QW_OK);
	assert_int_equal(retired, 3);
	assert_int_equal(count_community(&rig), 1);
	assert_int_equal(propose(&rig, "b", "x.cdn.example"), QW_VERDICT_WITHDRAWN);
	stop(&rig);
}

static void a_jewel_takes_back_what_covers_it_too(void **state)
{
	static const struct qw_guard_list list = {QW_GUARD_JEWEL, "jewels", NULL};
	struct qw_indicator block = make_indicator(QW_OBS_CIDR, "203.0.113.0/24");
	struct qw_guard *guard;
	struct rig rig;
	uint64_t retired;

	start(&rig, *state, 1, 1000);
	assert_int_equal(offer(&rig, "a", "gate", &block).verdict, QW_VERDICT_PROMOTED);
	assert_int_equal(qw_guard_new(&guard), QW_OK);
	assert_int_equal(qw_guard_add_text(guard, &list, "203.0.113.9"), QW_OK);
	qw_guard_finish(guard);
	assert_int_equal(qw_retire(&rig.publication, NULL, guard, 1u << QW_GUARD_ALLOW, rig.now, &retired), QW_OK);
	assert_int_equal(retired, 0);
	assert_int_equal(qw_retire(&rig.publication, NULL, guard, 1u << QW_GUARD_JEWEL, rig.now, &retired), QW_OK);
	assert_int_equal(retired, 1);
	assert_int_equal(count_community(&rig), 0);
	qw_guard_free(guard);
	stop(&rig);
}

static void two_sensors_of_one_tenant_are_one_voice(void **state)
{
	struct rig rig;
	struct qw_indicator indicator = make_indicator(QW_OBS_DOMAIN, "evil.example");

	start(&rig, *state, 2, 1000);
	assert_int_equal(offer(&rig, "a", "gate-1", &indicator).verdict, QW_VERDICT_WAITING);
	assert_int_equal(offer(&rig, "a", "gate-2", &indicator).verdict, QW_VERDICT_WAITING);
	assert_int_equal(offer(&rig, "b", "gate-1", &indicator).verdict, QW_VERDICT_PROMOTED);
	stop(&rig);
}

static void a_type_has_its_own_policy(void **state)
{
	struct rig rig;
	struct qw_indicator unsure = make_indicator(QW_OBS_IP, "203.0.113.9");

	start(&rig, *state, 1, 1000);
	assert_int_equal(qw_policy_set(rig.policy, "ip", "[tenants=2,confidence=90]", NULL), QW_OK);
	assert_int_equal(offer(&rig, "a", "gate", &unsure).verdict, QW_VERDICT_UNSURE);
	unsure.confidence = 95;
	assert_int_equal(offer(&rig, "a", "gate", &unsure).verdict, QW_VERDICT_WAITING);
	assert_int_equal(propose(&rig, "a", "evil.example"), QW_VERDICT_PROMOTED);
	assert_int_equal(qw_policy_set(rig.policy, "ip", "[tenants=0]", NULL), QW_EFORMAT);
	assert_int_equal(qw_policy_set(rig.policy, "ipx", "[tenants=1]", NULL), QW_EFORMAT);
	stop(&rig);
}

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

static void a_false_positive_leaves_and_costs_who_brought_it_once(void **state)
{
	struct rig rig;
	struct qw_indicator indicator = make_indicator(QW_OBS_DOMAIN, "evil.example");
	struct qw_recalled recalled;

	start(&rig, *state, 2, 1000);
	const struct qw_recall_parts parts = {&rig.publication, rig.candidates, rig.accounts};
	assert_int_equal(propose(&rig, "a", "evil.example"), QW_VERDICT_WAITING);
	assert_int_equal(propose(&rig, "b", "evil.example"), QW_VERDICT_PROMOTED);
	assert_int_equal(qw_recall(&parts, &indicator.observable, rig.now, &recalled), QW_OK);
	assert_int_equal(recalled.channels, 1);
	assert_int_equal(recalled.charged, 2);
	assert_int_equal(count_community(&rig), 0);
	assert_int_equal(qw_recall(&parts, &indicator.observable, rig.now, &recalled), QW_OK);
	assert_int_equal(recalled.charged, 0);
	assert_int_equal(propose(&rig, "c", "evil.example"), QW_VERDICT_WITHDRAWN);
	stop(&rig);
}

static void an_operator_need_not_wait_but_guards_hold(void **state)
{
	struct rig rig;
	struct qw_indicator indicator = make_indicator(QW_OBS_DOMAIN, "evil.example");
	struct qw_indicator jewel = make_indicator(QW_OBS_DOMAIN, "port.example");
	struct qw_judgement judgement;

	start(&rig, *state, 3, 1000);
	assert_int_equal(propose(&rig, "a", "evil.example"), QW_VERDICT_WAITING);
	assert_int_equal(qw_promotion_urge(rig.promotion, &indicator, "uid 0", rig.now, &judgement), QW_OK);
	assert_int_equal(judgement.verdict, QW_VERDICT_PROMOTED);
	assert_int_equal(count_community(&rig), 1);
	assert_int_equal(qw_promotion_urge(rig.promotion, &jewel, "uid 0", rig.now, &judgement), QW_OK);
	assert_int_equal(judgement.verdict, QW_VERDICT_PROTECTED);
	assert_int_equal(count_community(&rig), 1);
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
	assert_string_equal(rig.alarm, "only-for-a.example was given to a alone, and came back from b/gate: what a receives leaks");
	assert_int_equal(count_community(&rig), 1);
	stop(&rig);
}

static bool try_dry(void *ctx, const struct qw_observable *observable)
{
	struct rig *rig = ctx;

	rig->trials++;
	return true;
}

static void what_is_popular_is_not_promoted_and_says_why(void **state)
{
	struct qw_indicator indicator = make_indicator(QW_OBS_DOMAIN, "cdn.example");
	struct qw_dryrun_result result = {indicator.observable, 3, 3, 2, 21};
	struct qw_judgement judgement;
	struct rig rig;

	start(&rig, *state, 1, 1000);
	struct qw_promotion_parts parts = {rig.policy, rig.publication, rig.candidates, rig.accounts, 1000, hear, try_dry, &rig};
	qw_promotion_free(rig.promotion);
	assert_int_equal(qw_promotion_new(&rig.promotion, &parts), QW_OK);
	assert_int_equal(propose(&rig, "a", "cdn.example"), QW_VERDICT_WAITING);
	assert_int_equal(rig.trials, 1);
	assert_int_equal(qw_promotion_tried(rig.promotion, &result, rig.now, &judgement), QW_OK);
	assert_int_equal(judgement.verdict, QW_VERDICT_NOISY);
	assert_non_null(strstr(judgement.why, "21 hosts of one tenant met it lately"));
	assert_int_equal(count_community(&rig), 0);
	result.loudest = 20;
	assert_int_equal(qw_promotion_tried(rig.promotion, &result, rig.now, &judgement), QW_OK);
	assert_int_equal(judgement.verdict, QW_VERDICT_PROMOTED);
	assert_int_equal(rig.trials, 1);
	stop(&rig);
}

static void channels_come_back_from_image_and_deltas(void **state)
{
	struct rig rig, again;
	char path[256];

	start(&rig, *state, 1, 1000);
	assert_int_equal(propose(&rig, "a", "one.example"), QW_VERDICT_PROMOTED);
	assert_int_equal(propose(&rig, "a", "two.example"), QW_VERDICT_PROMOTED);
	stop(&rig);
	kit_path(path, *state, "collector.db");
	memset(&again, 0, sizeof(again));
	assert_int_equal(qw_store_open(&again.store, path), QW_OK);
	assert_int_equal(qw_channels_open(&again.channels, *state, again.store, &again.signer), QW_OK);
	assert_int_equal(count_community(&again), 2);
	qw_channels_close(again.channels);
	qw_store_close(again.store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_value_gets_its_verdict),
	    cmocka_unit_test(label_confidence_and_exceptions_are_judged),
	    cmocka_unit_test(a_protected_item_that_is_nothing_is_complained_about),
	    cmocka_unit_test_setup_teardown(one_tenant_counts_once, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(old_proposals_do_not_count, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_revoked_tenant_does_not_count, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(what_an_operator_withdrew_stays_out, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(an_allow_entry_above_it_protects, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(an_allow_entry_protects_the_addresses_and_urls_in_it, kit_folder,
					    kit_clear),
	    cmocka_unit_test_setup_teardown(a_tenant_has_a_budget_of_the_hour, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_block_around_an_allow_entry_is_not_promoted, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(an_allow_entry_that_comes_later_takes_back_what_it_covers, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_jewel_takes_back_what_covers_it_too, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(two_sensors_of_one_tenant_are_one_voice, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_type_has_its_own_policy, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(who_floods_is_quarantined_and_nothing_of_it_is_promoted, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(jewels_cost_credit_until_a_voice_counts_nothing, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_false_positive_leaves_and_costs_who_brought_it_once, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(an_operator_need_not_wait_but_guards_hold, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_canary_that_comes_back_from_elsewhere_is_told_as_a_leak, kit_folder,
					    kit_clear),
	    cmocka_unit_test_setup_teardown(what_is_popular_is_not_promoted_and_says_why, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(channels_come_back_from_image_and_deltas, kit_folder, kit_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
