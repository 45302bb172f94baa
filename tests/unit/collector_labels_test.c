/* SPDX-License-Identifier: Apache-2.0 */
/* What a TLP label of one tenant's word does to the way of a candidate to all. */
#include "tests/unit/promotion_kit.h"

static enum qw_verdict propose_under(struct rig *rig, const char *tenant, const char *sensor, enum qw_tlp tlp)
{
	struct qw_indicator indicator = make_indicator(QW_OBS_DOMAIN, "evil.example");

	indicator.tlp = tlp;
	return offer(rig, tenant, sensor, &indicator).verdict;
}

static enum qw_tlp label_in_community(struct rig *rig)
{
	struct qw_indicator indicator = make_indicator(QW_OBS_DOMAIN, "evil.example");
	char key[QW_ENTRY_KEY_MAX];
	struct qw_channel *community;
	struct qw_entry entry, found;
	size_t key_len;
	uint8_t *body;

	assert_int_equal(qw_channels_get(&community, rig->channels, QW_COMMUNITY), QW_OK);
	assert_int_equal(qw_entry_of_indicator(&entry, &body, &indicator), QW_OK);
	assert_int_equal(qw_entry_key(&entry, key, &key_len), QW_OK);
	free(body);
	assert_true(qw_channel_find(community, QW_ENTRY_INDICATOR, key, key_len, &found));
	assert_int_equal(qw_entry_indicator(&found, &indicator), QW_OK);
	return indicator.tlp;
}

/* The strictest label that the rule lets go to all. */
static void let_amber_go_to_all(struct rig *rig)
{
	assert_int_equal(qw_policy_set(rig->policy, "domain", "tlp=amber", NULL), QW_OK);
}

static void a_stricter_word_takes_back_the_tenants_own_and_no_others(void **state)
{
	struct rig rig;

	start(&rig, *state, 2, 1000);
	assert_int_equal(propose_under(&rig, "a", "gate", QW_TLP_GREEN), QW_VERDICT_WAITING);
	assert_int_equal(propose_under(&rig, "a", "crane", QW_TLP_AMBER_STRICT), QW_VERDICT_LABEL);
	assert_int_equal(propose_under(&rig, "b", "gate", QW_TLP_GREEN), QW_VERDICT_WAITING);
	assert_int_equal(propose_under(&rig, "a", "gate", QW_TLP_GREEN), QW_VERDICT_WAITING);
	assert_int_equal(count_community(&rig), 0);
	assert_int_equal(propose_under(&rig, "c", "gate", QW_TLP_GREEN), QW_VERDICT_PROMOTED);
	assert_int_equal(label_in_community(&rig), QW_TLP_GREEN);
	stop(&rig);
}

static void the_strictest_label_of_those_that_agree_is_the_entrys(void **state)
{
	struct rig rig;

	start(&rig, *state, 2, 1000);
	let_amber_go_to_all(&rig);
	assert_int_equal(propose_under(&rig, "a", "gate", QW_TLP_AMBER), QW_VERDICT_WAITING);
	assert_int_equal(propose_under(&rig, "b", "gate", QW_TLP_CLEAR), QW_VERDICT_PROMOTED);
	assert_int_equal(label_in_community(&rig), QW_TLP_AMBER);
	stop(&rig);
}

static void who_urges_does_not_open_a_label(void **state)
{
	struct rig rig;
	struct qw_indicator indicator = make_indicator(QW_OBS_DOMAIN, "evil.example");
	struct qw_judgement judgement;

	start(&rig, *state, 3, 1000);
	let_amber_go_to_all(&rig);
	assert_int_equal(propose_under(&rig, "a", "gate", QW_TLP_GREEN), QW_VERDICT_WAITING);
	assert_int_equal(propose_under(&rig, "a", "gate", QW_TLP_AMBER_STRICT), QW_VERDICT_LABEL);
	assert_int_equal(qw_promotion_urge(rig.promotion, &indicator, "uid 0", rig.now, &judgement), QW_OK);
	assert_int_equal(judgement.verdict, QW_VERDICT_LABEL);
	assert_int_equal(count_community(&rig), 0);
	assert_int_equal(propose_under(&rig, "b", "gate", QW_TLP_AMBER), QW_VERDICT_WAITING);
	assert_int_equal(qw_promotion_urge(rig.promotion, &indicator, "uid 0", rig.now, &judgement), QW_OK);
	assert_int_equal(judgement.verdict, QW_VERDICT_PROMOTED);
	assert_int_equal(label_in_community(&rig), QW_TLP_AMBER);
	stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_stricter_word_takes_back_the_tenants_own_and_no_others, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(the_strictest_label_of_those_that_agree_is_the_entrys, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(who_urges_does_not_open_a_label, kit_folder, kit_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
