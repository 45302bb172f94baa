/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/collector_kit.h"

#include "collector/accounts.h"

static struct qw_time at(int64_t seconds)
{
	return qw_time_seconds(1000000 + seconds);
}

static struct qw_observable domain(const char *name)
{
	struct qw_observable observable;

	assert_int_equal(qw_observable_parse(&observable, QW_OBS_DOMAIN, name, strlen(name), NULL), QW_OK);
	return observable;
}

static struct qw_candidates *start(const char *folder)
{
	struct qw_candidates *candidates = NULL;
	char path[256];

	kit_path(path, folder, "candidates.db");
	assert_int_equal(qw_candidates_open(&candidates, path), QW_OK);
	return candidates;
}

static enum qw_err put(struct qw_candidates *candidates, const char *tenant, const char *sensor, const char *name,
		       int64_t when)
{
	struct qw_observable observable = domain(name);
	struct qw_evidence evidence = {.tenant = tenant, .sensor = sensor, .kind = QW_EVIDENCE_PROPOSAL, .confidence = 70,
				       .tlp = QW_TLP_GREEN, .reason = "seen"};

	return qw_candidates_put(candidates, &observable, &evidence, at(when));
}

struct seen {
	unsigned rows;
	uint64_t tenants;
	struct qw_time first, last;
	char verdict[32];
};

static enum qw_err see(void *ctx, const struct qw_candidate *candidate)
{
	struct seen *seen = ctx;

	seen->rows++;
	seen->tenants = candidate->tenants;
	seen->first = candidate->first;
	seen->last = candidate->last;
	snprintf(seen->verdict, sizeof(seen->verdict), "%s", candidate->verdict);
	return QW_OK;
}

static enum qw_err count_evidence(void *ctx, const struct qw_evidence *evidence)
{
	assert_int_equal(evidence->confidence, 70);
	assert_string_equal(evidence->reason, "seen");
	(*(unsigned *)ctx)++;
	return QW_OK;
}

static void who_says_it_again_renews_what_was_said(void **state)
{
	struct qw_candidates *candidates = start(*state);
	struct qw_observable observable = domain("evil.example");
	struct seen seen = {0};
	unsigned evidence = 0;

	assert_int_equal(put(candidates, "a", "one", "evil.example", 0), QW_OK);
	assert_int_equal(put(candidates, "a", "two", "evil.example", 5), QW_OK);
	assert_int_equal(put(candidates, "b", "one", "evil.example", 7), QW_OK);
	assert_int_equal(put(candidates, "a", "one", "evil.example", 9), QW_OK);
	assert_int_equal(qw_candidates_judge(candidates, &observable, "waiting", "waits", at(9)), QW_OK);
	assert_int_equal(qw_candidates_each(candidates, &observable, 1, see, &seen), QW_OK);
	assert_int_equal(seen.rows, 1);
	assert_int_equal(seen.tenants, 2);
	assert_int_equal(seen.first.ns, at(0).ns);
	assert_int_equal(seen.last.ns, at(9).ns);
	assert_string_equal(seen.verdict, "waiting");
	assert_int_equal(qw_candidates_each_evidence(candidates, &observable, count_evidence, &evidence), QW_OK);
	assert_int_equal(evidence, 3);
	qw_candidates_close(candidates);
}

static void a_tenant_that_fills_its_bound_does_not_hinder_others(void **state)
{
	struct qw_candidates *candidates = start(*state);
	char name[32];

	for (int i = 0; i < QW_CANDIDATES_PER_SENSOR; i++) {
		snprintf(name, sizeof(name), "n%d.example", i);
		assert_int_equal(put(candidates, "a", "one", name, 0), QW_OK);
	}
	assert_int_equal(put(candidates, "a", "one", "more.example", 0), QW_ELIMIT);
	assert_int_equal(qw_candidates_stats(candidates).over_sensor, 1);
	for (int i = QW_CANDIDATES_PER_SENSOR; i < QW_CANDIDATES_PER_TENANT; i++) {
		snprintf(name, sizeof(name), "n%d.example", i);
		assert_int_equal(put(candidates, "a", "two", name, 0), QW_OK);
	}
	assert_int_equal(put(candidates, "a", "three", "more.example", 0), QW_ELIMIT);
	assert_int_equal(qw_candidates_stats(candidates).over_tenant, 1);
	assert_int_equal(put(candidates, "a", "one", "n5.example", 1), QW_OK);
	assert_int_equal(put(candidates, "b", "one", "more.example", 0), QW_OK);
	assert_int_equal(qw_candidates_stats(candidates).over_tenant, 1);
	assert_int_equal(qw_candidates_stats(candidates).held, QW_CANDIDATES_PER_TENANT + 1);
	qw_candidates_close(candidates);
}

static void what_is_not_renewed_goes(void **state)
{
	struct qw_candidates *candidates = start(*state);
	struct seen seen = {0};

	assert_int_equal(put(candidates, "a", "one", "old.example", 0), QW_OK);
	assert_int_equal(put(candidates, "a", "one", "new.example", 100), QW_OK);
	assert_int_equal(qw_candidates_expire(candidates, at(50)), QW_OK);
	assert_int_equal(qw_candidates_stats(candidates).expired, 1);
	assert_int_equal(qw_candidates_stats(candidates).held, 1);
	assert_int_equal(qw_candidates_each(candidates, NULL, 10, see, &seen), QW_OK);
	assert_int_equal(seen.rows, 1);
	assert_int_equal(seen.last.ns, at(100).ns);
	qw_candidates_close(candidates);
}

/* Those that are heard are all there are. */
static const struct qw_accounts_roll roll;

static void quarantine_and_credit_survive_a_restart(void **state)
{
	const struct qw_identity liar = {"a", "one"}, neighbour = {"a", "two"};
	const struct qw_budget budget = {10, 10, QW_OBS_IP};
	struct qw_candidates *candidates = start(*state);
	struct qw_accounts *accounts;
	enum qw_offer offer = QW_OFFER_TAKEN;

	assert_int_equal(qw_accounts_new(&accounts, candidates, &roll), QW_OK);
	for (int i = 0; i < 100 && offer != QW_OFFER_ISOLATED; i++)
		assert_int_equal(qw_accounts_offer(accounts, &liar, &budget, at(0), &offer), QW_OK);
	assert_int_equal(offer, QW_OFFER_ISOLATED);
	qw_accounts_free(accounts);
	qw_candidates_close(candidates);
	candidates = start(*state);
	assert_int_equal(qw_accounts_new(&accounts, candidates, &roll), QW_OK);
	assert_false(qw_accounts_counts(accounts, &liar, at(1)));
	assert_true(qw_accounts_counts(accounts, &neighbour, at(1)));
	assert_int_equal(qw_accounts_lift(accounts, &neighbour, at(1)), QW_ENOENT);
	assert_int_equal(qw_accounts_lift(accounts, &liar, at(1)), QW_OK);
	assert_true(qw_accounts_counts(accounts, &liar, at(1)));
	qw_accounts_free(accounts);
	qw_candidates_close(candidates);
}

static void a_type_has_a_budget_within_the_tenants(void **state)
{
	const struct qw_identity who = {"a", "one"};
	const struct qw_budget few = {10, 2, QW_OBS_IP}, many = {10, 10, QW_OBS_DOMAIN};
	struct qw_candidates *candidates = start(*state);
	struct qw_accounts *accounts;
	enum qw_offer offer[4];

	assert_int_equal(qw_accounts_new(&accounts, candidates, &roll), QW_OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(qw_accounts_offer(accounts, &who, &few, at(0), &offer[i]), QW_OK);
	assert_int_equal(qw_accounts_offer(accounts, &who, &many, at(0), &offer[3]), QW_OK);
	assert_int_equal(offer[1], QW_OFFER_TAKEN);
	assert_int_equal(offer[2], QW_OFFER_OVER);
	assert_int_equal(offer[3], QW_OFFER_TAKEN);
	assert_int_equal(qw_accounts_offer(accounts, &who, &few, at(3600), &offer[0]), QW_OK);
	assert_int_equal(offer[0], QW_OFFER_TAKEN);
	qw_accounts_free(accounts);
	qw_candidates_close(candidates);
}

static uint64_t six(void *ctx, const char *tenant)
{
	(void)ctx;
	(void)tenant;
	return 6;
}

static void a_bad_sensor_is_muted_before_its_tenant(void **state)
{
	const struct qw_identity bad = {"a", "bad"}, honest = {"a", "honest"};
	const struct qw_accounts_roll of_six = {six, NULL};
	struct qw_candidates *candidates = start(*state);
	struct qw_accounts *accounts;

	assert_int_equal(qw_accounts_new(&accounts, candidates, &of_six), QW_OK);
	assert_true(qw_accounts_stands_alone(accounts, &bad, at(0)));
	for (int i = 0; i < 1000; i++)
		assert_int_equal(qw_accounts_charge(accounts, &bad, QW_CHARGE_FALSE, at(0)), QW_OK);
	assert_false(qw_accounts_counts(accounts, &bad, at(0)));
	assert_true(qw_accounts_counts(accounts, &honest, at(0)));
	assert_true(qw_accounts_stands_alone(accounts, &honest, at(0)));
	/* Hour by hour it comes back, is wrong again, and still cannot mute the others. */
	for (int hour = 1; hour < 24 * 30; hour++) {
		assert_int_equal(qw_accounts_charge(accounts, &bad, QW_CHARGE_FALSE, at(hour * 3600)), QW_OK);
		assert_true(qw_accounts_counts(accounts, &honest, at(hour * 3600)));
	}
	qw_accounts_free(accounts);
	qw_candidates_close(candidates);
}

static void all_sensors_together_mute_their_tenant(void **state)
{
	struct qw_identity who = {"a", ""};
	const struct qw_accounts_roll of_six = {six, NULL};
	struct qw_candidates *candidates = start(*state);
	struct qw_accounts *accounts;

	assert_int_equal(qw_accounts_new(&accounts, candidates, &of_six), QW_OK);
	for (int i = 0; i < 6; i++) {
		snprintf(who.sensor, sizeof(who.sensor), "s%d", i);
		for (int k = 0; k < 10; k++)
			assert_int_equal(qw_accounts_charge(accounts, &who, QW_CHARGE_FALSE, at(0)), QW_OK);
	}
	snprintf(who.sensor, sizeof(who.sensor), "new");
	assert_false(qw_accounts_counts(accounts, &who, at(0)));
	qw_accounts_free(accounts);
	qw_candidates_close(candidates);
}

static void one_of_several_uses_up_half_of_the_tenants_hour(void **state)
{
	const struct qw_identity greedy = {"a", "greedy"}, honest = {"a", "honest"};
	const struct qw_budget budget = {10, 10, QW_OBS_IP};
	const struct qw_accounts_roll of_six = {six, NULL};
	struct qw_candidates *candidates = start(*state);
	struct qw_accounts *accounts;
	enum qw_offer offer;
	unsigned taken = 0;

	assert_int_equal(qw_accounts_new(&accounts, candidates, &of_six), QW_OK);
	for (int i = 0; i < 40; i++) {
		assert_int_equal(qw_accounts_offer(accounts, &greedy, &budget, at(0), &offer), QW_OK);
		taken += offer == QW_OFFER_TAKEN;
	}
	assert_int_equal(taken, 5);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(qw_accounts_offer(accounts, &honest, &budget, at(0), &offer), QW_OK);
		assert_int_equal(offer, QW_OFFER_TAKEN);
	}
	qw_accounts_free(accounts);
	qw_candidates_close(candidates);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(who_says_it_again_renews_what_was_said, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_tenant_that_fills_its_bound_does_not_hinder_others, kit_folder,
					    kit_clear),
	    cmocka_unit_test_setup_teardown(what_is_not_renewed_goes, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(quarantine_and_credit_survive_a_restart, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_type_has_a_budget_within_the_tenants, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_bad_sensor_is_muted_before_its_tenant, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(all_sensors_together_mute_their_tenant, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(one_of_several_uses_up_half_of_the_tenants_hour, kit_folder, kit_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
