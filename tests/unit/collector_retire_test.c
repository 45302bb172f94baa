/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/promotion_kit.h"

#include "collector/recall.h"
#include "collector/retire.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(what_an_operator_withdrew_stays_out, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(an_allow_entry_above_it_protects, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(an_allow_entry_protects_the_addresses_and_urls_in_it, kit_folder,
					    kit_clear),
	    cmocka_unit_test_setup_teardown(a_block_around_an_allow_entry_is_not_promoted, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(an_allow_entry_that_comes_later_takes_back_what_it_covers, kit_folder,
					    kit_clear),
	    cmocka_unit_test_setup_teardown(a_jewel_takes_back_what_covers_it_too, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_false_positive_leaves_and_costs_who_brought_it_once, kit_folder,
					    kit_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
