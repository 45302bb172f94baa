/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/promotion_kit.h"

#include "collector/admission.h"
#include "collector/refusals.h"
#include "collector/retire.h"

static void add(struct qw_guard *guard, enum qw_guard_kind kind, const char *text)
{
	const struct qw_guard_list list = {kind, "a list", NULL};

	assert_int_equal(qw_guard_add_text(guard, &list, text), QW_OK);
}

static struct qw_guard *make_guard(void)
{
	struct qw_guard *guard;

	assert_int_equal(qw_guard_new(&guard), QW_OK);
	assert_int_equal(qw_guard_add_special(guard), QW_OK);
	add(guard, QW_GUARD_JEWEL, "203.0.113.0/28");
	add(guard, QW_GUARD_JEWEL, "port.example");
	add(guard, QW_GUARD_ALLOW, "cdn.example");
	add(guard, QW_GUARD_ALLOW, "203.0.113.5");
	add(guard, QW_GUARD_WARNING, "9.9.9.9");
	qw_guard_finish(guard);
	return guard;
}

static void each_value_is_let_in_or_not(void **state)
{
	static const struct {
		enum qw_observable_type type;
		const char *value, *tenant;
		enum qw_admission plain, forced;
	} rows[] = {
	    {QW_OBS_DOMAIN, "evil.example", NULL, QW_ADMITTED, QW_ADMITTED},
	    {QW_OBS_IP, "203.0.113.5", NULL, QW_REFUSED_JEWEL, QW_REFUSED_JEWEL},
	    {QW_OBS_IP, "203.0.113.5", "a", QW_REFUSED_JEWEL, QW_REFUSED_JEWEL},
	    {QW_OBS_CIDR, "203.0.112.0/22", NULL, QW_REFUSED_JEWEL, QW_REFUSED_JEWEL},
	    {QW_OBS_URL, "www.port.example/x", NULL, QW_REFUSED_JEWEL, QW_REFUSED_JEWEL},
	    {QW_OBS_IP, "10.1.2.3", NULL, QW_REFUSED_SPECIAL, QW_REFUSED_SPECIAL},
	    {QW_OBS_IP, "10.1.2.3", "a", QW_REFUSED_SPECIAL, QW_ADMITTED_FORCED},
	    {QW_OBS_HOST, "x.cdn.example", NULL, QW_REFUSED_ALLOW, QW_ADMITTED_FORCED},
	    {QW_OBS_IP, "9.9.9.9", NULL, QW_REFUSED_WARNING, QW_ADMITTED_FORCED},
	    {QW_OBS_DOMAIN, "held.example", NULL, QW_REFUSED_ALLOW, QW_ADMITTED_FORCED},
	    {QW_OBS_CIDR, "198.51.100.0/24", NULL, QW_ADMITTED, QW_ADMITTED}, /* around an allow entry of the channel */
	    {QW_OBS_SHA256, "0000000000000000000000000000000000000000000000000000000000000000", NULL, QW_ADMITTED,
	     QW_ADMITTED},
	};
	struct qw_guard *policy = make_guard(), *exceptions;
	char why[QW_GUARD_SENTENCE_MAX];

	assert_int_equal(qw_guard_new(&exceptions), QW_OK);
	add(exceptions, QW_GUARD_ALLOW, "held.example");
	add(exceptions, QW_GUARD_ALLOW, "198.51.100.77");
	qw_guard_finish(exceptions);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct qw_indicator indicator = make_indicator(rows[i].type, rows[i].value);
		struct qw_admission_rules rules = {policy, exceptions, rows[i].tenant, false};
		enum qw_admission plain = qw_admission_judge(&rules, &indicator, why);
		rules.forced = true;
		enum qw_admission forced = qw_admission_judge(&rules, &indicator, NULL);
		if (plain != rows[i].plain || forced != rows[i].forced)
			fail_msg("%s: %s, forced %s", rows[i].value, qw_admission_name(plain),
				 qw_admission_name(forced));
		indicator.allow = true;
		assert_int_equal(qw_admission_judge(&rules, &indicator, NULL), QW_ADMITTED);
	}
	qw_guard_free(exceptions);
	qw_guard_free(policy);
}

static void what_is_not_taken_is_told_by_reason(void **state)
{
	struct qw_refusals refusals = {0};
	struct qw_reply reply;

	for (uint32_t i = 1; i <= 5; i++)
		qw_refusals_add(&refusals, QW_REFUSED_JEWEL, "feed.csv", i, "203.0.113.5");
	qw_refusals_add(&refusals, QW_REFUSED_SPECIAL, "feed.csv", 0, "10.1.2.3");
	assert_int_equal(qw_refusals_count(&refusals), 6);
	assert_false(qw_refusals_has_room(&refusals, QW_REFUSED_JEWEL));
	assert_string_equal(refusals.row[QW_REFUSED_JEWEL].example[2], "feed.csv:3: 203.0.113.5");
	assert_string_equal(refusals.row[QW_REFUSED_SPECIAL].example[0], "feed.csv: 10.1.2.3");
	qw_reply_init(&reply);
	qw_refusals_tell(&refusals, &reply);
	struct qw_json json = qw_reply_begin(&reply);
	qw_refusals_json(&refusals, &json);
	qw_reply_end(&reply, &json);
	assert_non_null(strstr(reply.data, "         5  a crown jewel"));
	assert_non_null(
	    strstr(reply.data, "{\"reason\":\"special\",\"count\":1,\"examples\":[\"feed.csv: 10.1.2.3\"]}"));
	qw_reply_fini(&reply);
}

static void a_line_is_found_from_the_last_one_on(void **state)
{
	static const char text[] = "1.2.3.45\nx,1.2.3.4,y\nEvil.example\n1.2.3.4\n";
	struct qw_line_finder finder = {.data = text, .len = sizeof(text) - 1};

	assert_int_equal(qw_line_find(&finder, "1.2.3.4"), 2);
	assert_int_equal(qw_line_find(&finder, "evil.example"), 3);
	assert_int_equal(qw_line_find(&finder, "1.2.3.4"), 4);
	assert_int_equal(qw_line_find(&finder, "1.2.3.45"), 1);
	assert_int_equal(qw_line_find(&finder, "vil.example"), 0);
	struct qw_line_finder nothing = {.data = NULL};
	assert_int_equal(qw_line_find(&nothing, "x"), 0);
}

static void what_was_forced_stays_when_the_same_list_is_read_again(void **state)
{
	struct qw_indicator forced = make_indicator(QW_OBS_DOMAIN, "a.cdn.example"),
			    plain = make_indicator(QW_OBS_DOMAIN, "b.cdn.example");
	const struct qw_reason by_force = {"uid 0", QW_FORCED_WHY "ours"}, by_hand = {"uid 0", "ours"};
	struct qw_guard *guard;
	struct rig rig;
	uint64_t retired;

	start(&rig, *state, 1, 1000);
	assert_int_equal(qw_publish_indicators(&rig.publication, QW_COMMUNITY, &forced, 1, &by_force, rig.now), QW_OK);
	assert_int_equal(qw_publish_indicators(&rig.publication, QW_COMMUNITY, &plain, 1, &by_hand, rig.now), QW_OK);
	guard = make_guard();
	unsigned kinds = 1u << QW_GUARD_JEWEL | 1u << QW_GUARD_ALLOW;
	assert_int_equal(qw_retire(&rig.publication, NULL, guard, kinds | QW_RETIRE_NOT_FORCED, rig.now, &retired),
			 QW_OK);
	assert_int_equal(retired, 1);
	assert_int_equal(count_community(&rig), 1);
	/* An allow entry that comes later is a later word. */
	assert_int_equal(qw_retire(&rig.publication, NULL, guard, kinds, rig.now, &retired), QW_OK);
	assert_int_equal(retired, 1);
	qw_guard_free(guard);
	stop(&rig);
}

/* All labels and both kinds of channel: by whichever way it comes, the publication refuses what the table refuses. */
static void a_label_says_how_far_an_indicator_goes(void **state)
{
	static const bool goes[QW_TLP_COUNT][2] = {
	    [QW_TLP_CLEAR] = {true, true},	  [QW_TLP_GREEN] = {true, true}, [QW_TLP_AMBER] = {true, true},
	    [QW_TLP_AMBER_STRICT] = {false, true}, [QW_TLP_RED] = {false, false},
	};
	const struct qw_reason reason = {"operator", "added by hand"};
	char why[QW_GUARD_SENTENCE_MAX];
	struct qw_guard *policy;
	struct rig rig;

	assert_int_equal(qw_guard_new(&policy), QW_OK);
	qw_guard_finish(policy);
	start(&rig, *state, 1, 1000);
	for (unsigned i = 0; i < QW_TLP_COUNT * 8; i++) {
		struct qw_indicator indicator = make_indicator(QW_OBS_DOMAIN, "label.example");
		bool own = i & 1, forced = i & 2;
		indicator.allow = i & 4;
		indicator.tlp = (enum qw_tlp)(i / 8);
		const struct qw_admission_rules rules = {policy, NULL, own ? "berth" : NULL, forced};
		bool fits = goes[indicator.tlp][own];
		assert_int_equal(qw_admission_judge(&rules, &indicator, why), fits ? QW_ADMITTED : QW_REFUSED_LABEL);
		if (!fits)
			assert_non_null(strstr(why, qw_tlp_name(indicator.tlp)));
		assert_int_equal(qw_publish_indicators(&rig.publication, own ? "berth" : QW_COMMUNITY, &indicator, 1, &reason,
						       rig.now),
				 fits ? QW_OK : QW_EACCES);
	}
	assert_true(qw_label_permits(QW_TLP_CLEAR, QW_PLACE_WORLD));
	for (unsigned tlp = QW_TLP_GREEN; tlp <= QW_TLP_COUNT; tlp++)
		assert_false(qw_label_permits((enum qw_tlp)tlp, QW_PLACE_WORLD));
	qw_guard_free(policy);
	stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_value_is_let_in_or_not),
	    cmocka_unit_test(what_is_not_taken_is_told_by_reason),
	    cmocka_unit_test(a_line_is_found_from_the_last_one_on),
	    cmocka_unit_test_setup_teardown(a_label_says_how_far_an_indicator_goes, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(what_was_forced_stays_when_the_same_list_is_read_again, kit_folder,
					    kit_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
