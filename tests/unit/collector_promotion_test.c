/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/promotion_kit.h"

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
	    cmocka_unit_test_setup_teardown(one_tenant_counts_once, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(old_proposals_do_not_count, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_revoked_tenant_does_not_count, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(two_sensors_of_one_tenant_are_one_voice, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_type_has_its_own_policy, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_tenant_has_a_budget_of_the_hour, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(an_operator_need_not_wait_but_guards_hold, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(channels_come_back_from_image_and_deltas, kit_folder, kit_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
