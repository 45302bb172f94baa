/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/promotion_kit.h"

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
	    {QW_OBS_DOMAIN, "uk", QW_VERDICT_BROAD},
	    {QW_OBS_DOMAIN, "co.uk", QW_VERDICT_BROAD},
	    {QW_OBS_DOMAIN, "com.br", QW_VERDICT_BROAD},
	    {QW_OBS_DOMAIN, "evil.co.uk", QW_VERDICT_PROMOTED},
	    {QW_OBS_DOMAIN, "co.example", QW_VERDICT_PROMOTED},
	    {QW_OBS_DOMAIN, "evil.uk", QW_VERDICT_PROMOTED},
	    {QW_OBS_HOST, "co.uk", QW_VERDICT_PROMOTED},
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_value_gets_its_verdict),
	    cmocka_unit_test(label_confidence_and_exceptions_are_judged),
	    cmocka_unit_test(a_protected_item_that_is_nothing_is_complained_about),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
