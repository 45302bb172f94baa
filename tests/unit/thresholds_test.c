/* SPDX-License-Identifier: Apache-2.0 */
/* Files of thresholds and suppressions: what they say is done, and mistakes are named with their line. */
#include "signature_kit.h"

static const char rules[] = "alert tcp any any -> any any (content:\"abc\"; sid:1;)\n"
			    "alert tcp any any -> any any (content:\"abc\"; gid:7; sid:2;)\n"
			    "alert tcp any any -> any any (content:\"abc\"; threshold:type limit, track by_src, "
			    "count 2, seconds 60; sid:3;)\n";

struct desk {
	struct kit kit;
	struct qw_states *states;
};

static void desk_open(struct desk *desk, const char *text)
{
	struct qw_states_options options = {NULL, 1 << 16, false};
	kit_begin(&desk->kit);
	kit_read(&desk->kit, rules);
	assert_int_equal(qw_signature_builder_thresholds(desk->kit.builder, "t.config", text, strlen(text), &desk->kit.diags),
			 QW_OK);
	kit_open(&desk->kit);
	assert_int_equal(qw_states_new(&desk->states, &options), QW_OK);
}

static void desk_close(struct desk *desk)
{
	kit_end(&desk->kit);
	qw_states_free(desk->states);
}

/* Of five matches of a rule in a second each: 'x' alerts, 'l' is limited, 's' suppressed. */
static void five(struct desk *desk, uint32_t sid, const char *src, const char *dst, char out[6])
{
	static const char letters[] = {[QW_VERDICT_ALERT] = 'x', [QW_VERDICT_LIMITED] = 'l', [QW_VERDICT_SUPPRESSED] = 's'};
	struct scene scene = scene_payload("abc", 3);
	struct qw_recall recall = {.shared = desk->states, .flow = 1, .has_flow = true};
	struct qw_subject subject = {&scene.facts, scene_buffer, &scene, &recall};
	struct qw_signature signature;
	assert_true(qw_address_parse(src, strlen(src), &scene.facts.src));
	assert_true(qw_address_parse(dst, strlen(dst), &scene.facts.dst));
	for (uint32_t number = 0; number < 3; number++) {
		qw_signatures_info(desk->kit.set, number, &signature);
		if (signature.sid != sid)
			continue;
		struct qw_time until = {0};
		for (int i = 0; i < 5; i++) {
			scene.facts.time = qw_time_seconds(1000 + i);
			bool quiet = qw_time_before(scene.facts.time, until); /* so it was said the last time */
			out[i] = letters[qw_signatures_limit(desk->kit.set, number, &subject, &until)];
			assert_true(!quiet || out[i] == 'l');
		}
	}
	out[5] = 0;
}

static const struct {
	const char *text;
	const char *of[3]; /* rules 1, 2, 3 from 192.168.1.1 to 203.0.113.1 */
} cases[] = {
    {"", {"xxxxx", "xxxxx", "xxlll"}},
    {"# nothing\n\n", {"xxxxx", "xxxxx", "xxlll"}},
    {"suppress gen_id 1, sig_id 1", {"sssss", "xxxxx", "xxlll"}},
    {"suppress gen_id 1, sig_id 0", {"sssss", "xxxxx", "sssss"}},
    {"suppress gen_id 0, sig_id 0", {"sssss", "sssss", "sssss"}},
    {"suppress gen_id 1, sig_id 1, track by_src, ip 192.168.1.1", {"sssss", "xxxxx", "xxlll"}},
    {"suppress gen_id 1, sig_id 1, track by_dst, ip 192.168.1.1", {"xxxxx", "xxxxx", "xxlll"}},
    {"suppress gen_id 1, sig_id 1, track by_either, ip 203.0.113.0/24", {"sssss", "xxxxx", "xxlll"}},
    {"suppress gen_id 1, sig_id 1, track by_src, ip [10.0.0.0/8, 192.168.0.0/16]", {"sssss", "xxxxx", "xxlll"}},
    {"suppress gen_id 1, sig_id 1, track by_src, ip [192.168.0.0/16,!192.168.1.1]", {"xxxxx", "xxxxx", "xxlll"}},
    {"suppress gen_id 1, sig_id 1, track by_src, ip $HOME_NET", {"sssss", "xxxxx", "xxlll"}},
    {"suppress gen_id 1, sig_id 1, track by_src, ip !$HOME_NET", {"xxxxx", "xxxxx", "xxlll"}},
    {"suppress gen_id 1, sig_id 1, track by_src, ip 10.0.0.1\nsuppress gen_id 1, sig_id 1, track by_dst, ip 203.0.113.1",
     {"sssss", "xxxxx", "xxlll"}},
    {"threshold gen_id 1, sig_id 1, type limit, track by_src, count 1, seconds 60", {"xllll", "xxxxx", "xxlll"}},
    {"event_filter gen_id 1, sig_id 1, type both, track by_rule, count 3, seconds 60", {"llxll", "xxxxx", "xxlll"}},
    {"threshold gen_id 1, sig_id 1, \\\n  type threshold, \\\n  track by_both, count 2, seconds 60", {"lxlxl", "xxxxx", "xxlll"}},
    /* of one rule: goes before what the rule says; of many: yields to it */
    {"threshold gen_id 1, sig_id 3, type limit, track by_src, count 4, seconds 60", {"xxxxx", "xxxxx", "xxxxl"}},
    {"threshold gen_id 1, sig_id 0, type limit, track by_src, count 4, seconds 60", {"xxxxl", "xxxxx", "xxlll"}},
    {"threshold gen_id 0, sig_id 0, type limit, track by_dst, count 1, seconds 60", {"xllll", "xllll", "xxlll"}},
    {"suppress gen_id 1, sig_id 3, track by_src, ip 10.0.0.1\n"
     "threshold gen_id 1, sig_id 3, type limit, track by_src, count 1, seconds 60\n"
     "threshold gen_id 1, sig_id 3, type limit, track by_src, count 3, seconds 60", {"xxxxx", "xxxxx", "xxxll"}},
    {"rate_filter gen_id 1, sig_id 1, track by_src, count 1, seconds 60, new_action drop, timeout 30",
     {"xxxxx", "xxxxx", "xxlll"}},
};

static void what_the_file_says_is_done(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct desk desk;
		desk_open(&desk, cases[i].text);
		assert_int_equal(desk.kit.diags.errors, 0);
		for (uint32_t sid = 1; sid <= 3; sid++) {
			char seen[6];
			five(&desk, sid, "192.168.1.1", "203.0.113.1", seen);
			if (strcmp(seen, cases[i].of[sid - 1]) != 0)
				print_message("of: %s\n", cases[i].text);
			assert_string_equal(seen, cases[i].of[sid - 1]);
		}
		desk_close(&desk);
	}
}

static const struct {
	const char *text, *complaint;
} mistakes[] = {
    {"\nsupress gen_id 1, sig_id 1", "2:1: a line begins with suppress, threshold, event_filter or rate_filter"},
    {"suppress sig_id 1", "1:1: gen_id and sig_id must be given: which rule is it about?"},
    {"suppress gen_id 1, sig_id x", "1:27: 'x' is not a number that sig_id can be"},
    {"suppress gen_id 1, gen_id 1", "1:27: gen_id is given twice"},
    {"suppress gen_id 0, sig_id 1", "1:1: gen_id 0 means all rules: then sig_id is 0 too"},
    {"suppress gen_id 1, sig_id 1, track by_src",
     "1:1: track and ip go together: suppress gen_id G, sig_id S, track by_src, ip ADDRESSES"},
    {"suppress gen_id 1, sig_id 1, track by_rule, ip 1.1.1.1",
     "1:36: a suppression tracks by_src, by_dst or by_either, not 'by_rule'"},
    {"suppress gen_id 1, sig_id 1, track by_src, ip 1.1.1", "1:47: '1.1.1' is not an address, block or range"},
    {"suppress gen_id 1, sig_id 1, track by_src, ip $NOBODY", "1:47: variable $NOBODY is not defined; set vars.NOBODY"},
    {"suppress gen_id 1, sig_id 1, color red", "1:30: 'color' is not known here"},
    {"threshold gen_id 1, sig_id 1, type limit, track by_src, count 1",
     "1:1: a threshold is gen_id G, sig_id S, type threshold|limit|both, track T, count N, seconds N"},
    {"threshold gen_id 1, sig_id 1, type never, track by_src, count 1, seconds 1",
     "1:31: type is threshold, limit, both or backoff, not 'never'"},
    {"threshold gen_id 1, sig_id 1, count 0", "1:31: count is a number from 1, not '0'"},
};

static void mistakes_are_named_with_their_line(void **state)
{
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		struct desk desk;
		char seen[300] = "";
		desk_open(&desk, mistakes[i].text);
		if (desk.kit.diags.count)
			snprintf(seen, sizeof(seen), "%u:%u: %s", desk.kit.diags.rows[0].line, desk.kit.diags.rows[0].column,
				 desk.kit.diags.rows[0].text);
		if (strcmp(seen, mistakes[i].complaint) != 0)
			print_message("of: %s\n", mistakes[i].text);
		assert_string_equal(seen, mistakes[i].complaint);
		assert_int_equal(desk.kit.diags.errors, 1);
		desk_close(&desk);
	}
}

static void what_has_no_effect_is_only_remarked(void **state)
{
	struct desk desk;
	desk_open(&desk, "suppress gen_id 1, sig_id 4711\nrate_filter gen_id 1, sig_id 1, track by_src, count 1, seconds 60, "
			 "new_action drop, timeout 30\n");
	assert_int_equal(desk.kit.diags.errors, 0);
	assert_int_equal(desk.kit.diags.warnings, 2);
	assert_string_equal(desk.kit.diags.rows[0].text, "1:4711 is not among the loaded signatures");
	assert_int_equal(desk.kit.diags.rows[1].line, 2);
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_the_file_says_is_done),
					   cmocka_unit_test(mistakes_are_named_with_their_line),
					   cmocka_unit_test(what_has_no_effect_is_only_remarked)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
