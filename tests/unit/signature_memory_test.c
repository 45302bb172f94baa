/* SPDX-License-Identifier: Apache-2.0 */
/* What rules remember and how often they alert: each verb, each kind of limit, each owner. */
#include "signature_kit.h"

enum { OFTEN_MAX = 40 };

struct desk {
	struct kit kit;
	struct qw_states *flows, *shared;
	struct qw_recall recall;
	struct scene scene;
};

static struct qw_states *states_of(bool by_owner)
{
	struct qw_states_options options = {NULL, 1 << 16, by_owner};
	struct qw_states *states;
	assert_int_equal(qw_states_new(&states, &options), QW_OK);
	return states;
}

static void desk_open(struct desk *desk, const char *rules)
{
	kit_begin(&desk->kit);
	kit_read(&desk->kit, rules);
	if (desk->kit.diags.errors)
		print_message("%u:%u: %s\n", desk->kit.diags.rows[0].line, desk->kit.diags.rows[0].column,
			      desk->kit.diags.rows[0].text);
	assert_int_equal(desk->kit.diags.errors, 0);
	kit_open(&desk->kit);
	desk->flows = states_of(true);
	desk->shared = states_of(false);
	desk->scene = scene_payload("abc", 3);
	desk->scene.facts.time = qw_time_seconds(1000);
	desk->recall = (struct qw_recall){
	    .flows = desk->flows, .shared = desk->shared, .flow = 1, .has_flow = true, .transaction = 1, .remembered = true, .packet_bytes = 100};
}

static void desk_close(struct desk *desk)
{
	kit_end(&desk->kit);
	qw_states_free(desk->flows);
	qw_states_free(desk->shared);
}

static uint32_t number_of(struct desk *desk, uint32_t sid)
{
	struct qw_signature signature;
	for (uint32_t i = 0; i < qw_signatures_count(desk->kit.set); i++) {
		qw_signatures_info(desk->kit.set, i, &signature);
		if (signature.sid == sid)
			return i;
	}
	fail_msg("no rule has sid %u", sid);
	return 0;
}

/* As the sensor does it: confirmed, effects, limits.  Does it alert? */
static bool fires(struct desk *desk, uint32_t sid)
{
	struct qw_subject subject = {&desk->scene.facts, scene_buffer, &desk->scene, &desk->recall};
	uint32_t number = number_of(desk, sid);
	if (!qw_signatures_confirm(desk->kit.set, number, &subject))
		return false;
	(void)qw_signatures_effects(desk->kit.set, number, &subject);
	struct qw_time until;
	return qw_signatures_limit(desk->kit.set, number, &subject, &until) == QW_VERDICT_ALERT;
}

#define RULE(options) "alert tcp any any -> any any (content:\"abc\"; " options ")\n"

/* ---- bits and numbers */

static void bits_of_a_flow_are_set_and_tested(void **state)
{
	struct desk desk;
	desk_open(&desk, RULE("flowbits:set,a; sid:1;") RULE("flowbits:isset,a; sid:2;") RULE("flowbits:isnotset, a ; sid:3;")
			     RULE("flowbits:unset,a; sid:4;") RULE("flowbits:toggle,a; sid:5;")
			     RULE("flowbits:set,b; sid:6;") RULE("flowbits:isset,a|b; sid:7;")
			     RULE("flowbits:isset,a&b; sid:8;") RULE("flowbits:isnotset,a|b; sid:9;")
			     RULE("flowbits:isset,A; sid:10;"));
	assert_false(fires(&desk, 2));
	assert_true(fires(&desk, 3));
	assert_false(fires(&desk, 7));
	assert_true(fires(&desk, 1));
	assert_true(fires(&desk, 2));
	assert_false(fires(&desk, 3));
	assert_true(fires(&desk, 7));
	assert_false(fires(&desk, 8));
	assert_true(fires(&desk, 9)); /* one of them is not set */
	assert_false(fires(&desk, 10));
	desk.recall.flow = 2;
	assert_false(fires(&desk, 2));
	desk.recall.flow = 1;
	assert_true(fires(&desk, 6));
	assert_true(fires(&desk, 8));
	assert_false(fires(&desk, 9));
	assert_true(fires(&desk, 4));
	assert_false(fires(&desk, 2));
	assert_true(fires(&desk, 5));
	assert_true(fires(&desk, 2));
	assert_true(fires(&desk, 5));
	assert_false(fires(&desk, 2));
	desk.recall.flow = 0;
	desk.recall.has_flow = false;
	assert_false(fires(&desk, 3)); /* without a flow nothing is not set either */
	desk_close(&desk);
}

static void numbers_of_a_flow_count(void **state)
{
	struct desk desk;
	desk_open(&desk, RULE("flowint:n,+,1; sid:1;") RULE("flowint:n,>,2; sid:2;") RULE("flowint:n,isset; sid:3;")
			     RULE("flowint:n,notset; sid:4;") RULE("flowint:m,=,3; sid:5;") RULE("flowint:n,==,m; sid:6;")
			     RULE("flowint:n,-,2; sid:7;") RULE("flowint:n,<=,1; sid:8;") RULE("flowint:x,-,1; sid:9;")
			     RULE("flowint:x,isnotset; sid:10;") RULE("flowint:n,!=,1; sid:11;"));
	assert_true(fires(&desk, 4));
	assert_false(fires(&desk, 2));
	assert_false(fires(&desk, 8)); /* what is not there is not small either */
	assert_true(fires(&desk, 1));
	assert_true(fires(&desk, 3));
	assert_true(fires(&desk, 8));
	assert_true(fires(&desk, 1));
	assert_false(fires(&desk, 2));
	assert_true(fires(&desk, 1));
	assert_true(fires(&desk, 2));
	assert_false(fires(&desk, 6)); /* a variable that is not there is 0 */
	assert_true(fires(&desk, 5));
	assert_true(fires(&desk, 6));
	assert_true(fires(&desk, 7));
	assert_true(fires(&desk, 8));
	assert_false(fires(&desk, 11));
	assert_true(fires(&desk, 9));
	assert_true(fires(&desk, 10)); /* nothing is taken from what is not there */
	desk_close(&desk);
}

static void turn(struct desk *desk)
{
	struct qw_address src = desk->scene.facts.src;
	desk->scene.facts.src = desk->scene.facts.dst;
	desk->scene.facts.dst = src;
}

static void bits_of_hosts_pairs_and_transactions_are_theirs(void **state)
{
	struct desk desk;
	desk_open(&desk, RULE("xbits:set,h,track ip_src,expire 10; sid:1;") RULE("xbits:isset,h,track ip_src; sid:2;")
			     RULE("xbits:isset,h,track ip_dst; sid:3;") RULE("hostbits:isset,h,dst; sid:4;")
			     RULE("xbits:set,p,track ip_pair; sid:5;") RULE("xbits:isset,p, track ip_pair; sid:6;")
			     RULE("xbits:set,t,track tx; sid:7;") RULE("xbits:isset,t,track tx; sid:8;")
			     RULE("xbits:isnotset,h,track ip_src; sid:9;") RULE("xbits:unset,h,track ip_src; sid:10;")
			     RULE("xbits:toggle,h,track ip_src; sid:11;") RULE("hostbits:set,k; sid:12;")
			     RULE("xbits:isset,k,track ip_src; sid:13;"));
	assert_false(fires(&desk, 2));
	assert_true(fires(&desk, 9));
	assert_true(fires(&desk, 1));
	assert_true(fires(&desk, 2));
	assert_false(fires(&desk, 3));
	desk.recall.flow = 99; /* other flows of the host too */
	assert_true(fires(&desk, 2));
	turn(&desk);
	assert_false(fires(&desk, 2));
	assert_true(fires(&desk, 3));
	assert_true(fires(&desk, 4)); /* hostbits are the same bits */
	assert_true(fires(&desk, 5));
	turn(&desk);
	assert_true(fires(&desk, 6));
	assert_true(fires(&desk, 7));
	assert_true(fires(&desk, 8));
	desk.recall.transaction = 2;
	assert_false(fires(&desk, 8));
	desk.scene.facts.time = qw_time_seconds(1010);
	assert_true(fires(&desk, 2));
	desk.scene.facts.time = qw_time_seconds(1011);
	assert_false(fires(&desk, 2));
	assert_true(fires(&desk, 11));
	assert_true(fires(&desk, 2));
	assert_true(fires(&desk, 10));
	assert_false(fires(&desk, 2));
	assert_true(fires(&desk, 12));
	assert_true(fires(&desk, 13));
	desk_close(&desk);
}

static void counts_of_the_flow_are_compared(void **state)
{
	struct desk desk;
	desk_open(&desk, RULE("flow.age:>3600; sid:1;") RULE("flow.pkts:toserver,5; sid:2;")
			     RULE("flow.pkts_toclient:>7; sid:3;") RULE("flow.bytes:either,>=5000; sid:4;")
			     RULE("flow.bytes:both,>=5000; sid:5;") RULE("stream_size:server,<,3; sid:6;")
			     RULE("stream_size:client,>=,10; sid:7;") RULE("stream_size:both,!=,9; sid:8;")
			     RULE("stream_size:either,=,10; sid:9;") RULE("flow.bytes_toserver:100<>200; sid:10;"));
	desk.recall.age_s = 3601;
	desk.recall.packets[0] = 5;
	desk.recall.packets[1] = 7;
	desk.recall.bytes[0] = 150;
	desk.recall.bytes[1] = 5000;
	desk.recall.stream[0] = 10;
	desk.recall.stream[1] = 2;
	desk.recall.has_stream = true;
	static const bool wanted[] = {0, true, true, false, true, false, true, true, true, true, true};
	for (uint32_t sid = 1; sid < 11; sid++)
		if (fires(&desk, sid) != wanted[sid])
			fail_msg("sid %u", sid);
	desk.recall.has_stream = false;
	assert_false(fires(&desk, 6));
	desk.recall.age_s = 3600;
	assert_false(fires(&desk, 1));
	desk_close(&desk);
}

/* ---- limits */

/* Matches at these seconds; which of them alert: 'x', else '.'. */
static const struct {
	const char *limit;
	const char *alerts;
	uint32_t seconds[OFTEN_MAX];
} limits[] = {
    {"threshold:type limit, track by_src, count 2, seconds 60;", "xx..xx.", {0, 1, 2, 60, 61, 62, 63}},
    {"threshold:type threshold, track by_src, count 3, seconds 60;", "..x..x.", {0, 1, 2, 3, 4, 5, 6}},
    {"threshold:type threshold, track by_src, count 3, seconds 60;", "......x", {0, 1, 62, 63, 123, 124, 125}},
    {"threshold:type threshold, track by_src, count 1, seconds 60;", "xxx", {0, 1, 100}},
    {"threshold:type both, track by_src, count 3, seconds 60;", "..x...x", {0, 1, 2, 3, 61, 62, 63}},
    {"threshold:type both, track by_src, count 1, seconds 60;", "x..x", {0, 1, 60, 61}},
    {"detection_filter:track by_src, count 2, seconds 60;", "..xxx..x", {0, 1, 2, 3, 60, 61, 62, 63}},
    {"threshold:type backoff, track by_flow, count 1, multiplier 2;", "xx.x...x.......x", {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
    {"threshold:type backoff, track by_flow, count 3, multiplier 2;", "..x..x.....x", {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
};

static void each_kind_of_limit_alerts_in_its_way(void **state)
{
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct desk desk;
		char rule[256], seen[OFTEN_MAX + 1] = "";
		snprintf(rule, sizeof(rule), RULE("%s sid:1;"), limits[i].limit);
		desk_open(&desk, rule);
		for (size_t j = 0; j < strlen(limits[i].alerts); j++) {
			uint32_t second = j < 10 ? limits[i].seconds[j] : (uint32_t)j;
			desk.scene.facts.time = qw_time_seconds(5000 + second);
			seen[j] = fires(&desk, 1) ? 'x' : '.';
		}
		if (strcmp(seen, limits[i].alerts) != 0)
			print_message("of: %s\n", limits[i].limit);
		assert_string_equal(seen, limits[i].alerts);
		desk_close(&desk);
	}
}

/* Of two scenes that differ in one thing, whose counts are the same? */
static const struct {
	const char *track;
	bool other_src, other_dst, turned, other_flow; /* true: counted together all the same */
} tracks[] = {
    {"by_src", false, true, false, true},  {"by_dst", true, false, false, true},  {"by_both", false, false, true, true},
    {"by_rule", true, true, true, true},   {"by_flow", true, true, true, false},
};

static void change(struct desk *desk, int what)
{
	static const uint8_t other[4] = {203, 0, 113, 9};
	if (what == 0)
		desk->scene.facts.src = qw_address_v4(other);
	if (what == 1)
		desk->scene.facts.dst = qw_address_v4(other);
	if (what == 2)
		turn(desk);
	if (what == 3)
		desk->recall.flow = 2;
}

static void each_owner_has_a_count_of_its_own(void **state)
{
	static const char *const kinds[] = {"threshold:type threshold, count 2", "threshold:type both, count 2",
					    "detection_filter:count 1"};
	for (size_t i = 0; i < sizeof(tracks) / sizeof(tracks[0]); i++)
		for (size_t kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++)
			for (int what = 0; what < 4; what++) {
				const bool together[] = {tracks[i].other_src, tracks[i].other_dst, tracks[i].turned,
							 tracks[i].other_flow};
				struct desk desk;
				char rule[256];
				snprintf(rule, sizeof(rule), RULE("%s, seconds 60, track %s; sid:1;"), kinds[kind],
					 tracks[i].track);
				desk_open(&desk, rule);
				assert_false(fires(&desk, 1));
				change(&desk, what);
				if (fires(&desk, 1) != together[what])
					fail_msg("%s, change %d", rule, what);
				desk_close(&desk);
			}
}

static void two_rules_count_apart(void **state)
{
	struct desk desk;
	desk_open(&desk, RULE("threshold:type limit, track by_rule, count 1, seconds 9; sid:1;")
			     RULE("threshold:type limit, track by_rule, count 1, seconds 9; sid:2;"));
	assert_true(fires(&desk, 1));
	assert_true(fires(&desk, 2));
	assert_false(fires(&desk, 1));
	desk_close(&desk);
}

static void distinct_ports_are_counted_once_a_window(void **state)
{
	struct desk desk;
	desk_open(&desk, RULE("detection_filter:track by_src, count 2, seconds 60, unique_on dst_port; sid:1;")
			     RULE("detection_filter:track by_src, count 2, seconds 60, unique_on src_port; sid:2;"));
	static const uint16_t ports[] = {1, 2, 1, 2, 3, 1};
	static const bool wanted[] = {false, false, false, false, true, true};
	for (int i = 0; i < 6; i++) {
		desk.scene.facts.dport = ports[i];
		if (fires(&desk, 1) != wanted[i])
			fail_msg("at %d", i);
		assert_false(fires(&desk, 2)); /* one source port all the time */
	}
	desk.scene.facts.time = qw_time_seconds(1061);
	for (uint16_t port = 1; port <= 3; port++) { /* a new window knows none of them */
		desk.scene.facts.dport = port;
		assert_int_equal(fires(&desk, 1), port == 3);
	}
	desk_close(&desk);
}

static void changes_happen_whatever_the_limit_says(void **state)
{
	struct desk desk;
	desk_open(&desk, RULE("flowint:n,+,1; threshold:type limit, track by_src, count 1, seconds 60; sid:1;")
			     RULE("flowint:n,==,3; sid:2;"));
	assert_true(fires(&desk, 1));
	assert_false(fires(&desk, 1));
	assert_false(fires(&desk, 1));
	assert_true(fires(&desk, 2));
	desk_close(&desk);
}

/* ---- order, names, change of rules */

static void setters_are_tried_before_testers(void **state)
{
	struct desk desk;
	static const uint32_t wanted[] = {9, 8, 7, 5, 3, 4, 2, 6, 1};
	desk_open(&desk, RULE("sid:1;") RULE("flowbits:isset,a; sid:2;") RULE("flowbits:isset,a; flowint:n,+,1; sid:3;")
			     RULE("xbits:isset,x,track ip_src; priority:1; sid:4;") RULE("flowbits:set,a; sid:5;")
			     RULE("priority:1; sid:6;") RULE("xbits:set,x,track ip_src; priority:2; sid:7;")
			     "drop tcp any any -> any any (content:\"abc\"; sid:8;)\n"
			     "pass tcp any any -> any any (content:\"abc\"; flowbits:isset,a; sid:9;)\n");
	for (uint32_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		struct qw_signature signature;
		qw_signatures_info(desk.kit.set, i, &signature);
		assert_int_equal(signature.sid, wanted[i]);
	}
	assert_true(qw_signatures_may_pass(desk.kit.set));
	desk_close(&desk);
}

static void a_bit_that_nobody_sets_is_told_of(void **state)
{
	struct desk desk;
	desk_open(&desk, RULE("flowbits:isset,a; sid:1;") RULE("flowbits:isset,b; sid:2;") RULE("flowbits:set,b; sid:3;")
			     RULE("flowbits:isnotset,c; sid:4;") RULE("xbits:isset,b,track ip_src; sid:5;"));
	assert_int_equal(desk.kit.diags.warnings, 2);
	bool a = false, b = false;
	for (size_t i = 0; i < desk.kit.diags.count; i++) {
		a |= strstr(desk.kit.diags.rows[i].text, "sid 1 asks whether flowbits 'a' is set") != NULL;
		b |= strstr(desk.kit.diags.rows[i].text, "sid 5 asks whether xbits 'b' is set") != NULL;
	}
	assert_true(a && b);
	desk_close(&desk);
}

static void what_a_flow_remembers_has_names(void **state)
{
	struct desk desk;
	struct qw_mark marks[4];
	desk_open(&desk, RULE("flowbits:set,traffic/id/x; flowint:n,=,7; sid:1;") RULE("flowbits:set,b; sid:2;"));
	assert_true(fires(&desk, 1));
	size_t count = qw_signatures_marks(desk.kit.set, desk.flows, 1, qw_time_seconds(1000), marks, 4);
	assert_int_equal(count, 2);
	const struct qw_mark *number = marks[0].is_number ? &marks[0] : &marks[1];
	assert_string_equal(number->name, "n");
	assert_int_equal(number->number, 7);
	assert_int_equal(qw_signatures_marks(desk.kit.set, desk.flows, 2, qw_time_seconds(1000), marks, 4), 0);
	qw_forget_flow(desk.flows, 1);
	assert_int_equal(qw_signatures_marks(desk.kit.set, desk.flows, 1, qw_time_seconds(1000), marks, 4), 0);
	desk_close(&desk);
}

static void what_is_remembered_outlives_its_rules(void **state)
{
	struct desk desk;
	struct kit other;
	desk_open(&desk, RULE("flowbits:set,a; xbits:set,h,track ip_src; sid:1;")
			     RULE("threshold:type limit, track by_src, count 1, seconds 60; sid:7;"));
	assert_true(fires(&desk, 1));
	assert_true(fires(&desk, 7));
	kit_begin(&other); /* other rules, in another order, of other numbers */
	kit_read(&other, "pass udp any any -> any any (sid:99;)\n" RULE("sid:5;")
			     RULE("threshold:type limit, track by_src, count 1, seconds 60; sid:7; rev:2;")
				 RULE("flowbits:isset,a; xbits:isset,h,track ip_src; sid:2;") RULE("flowbits:set,z; sid:3;"));
	kit_open(&other);
	struct kit old = desk.kit;
	desk.kit = other;
	assert_true(fires(&desk, 2));
	assert_false(fires(&desk, 7));
	kit_end(&old);
	desk_close(&desk);
}

/* ---- tags */

static unsigned tagged(struct desk *desk, bool flow_tagged, unsigned times)
{
	unsigned seen = 0;
	for (unsigned i = 0; i < times; i++)
		seen += qw_tagged(&desk->scene.facts, &desk->recall, flow_tagged);
	return seen;
}

static bool tag(struct desk *desk, uint32_t sid)
{
	struct qw_subject subject = {&desk->scene.facts, scene_buffer, &desk->scene, &desk->recall};
	return qw_signatures_tag(desk->kit.set, number_of(desk, sid), &subject);
}

static void tags_last_as_long_as_they_say(void **state)
{
	struct desk desk;
	desk_open(&desk, RULE("tag:session,5,packets; sid:1;") RULE("tag:host,10,seconds,src; sid:2;")
			     RULE("tag:session,350,bytes; sid:3;") RULE("tag:host; sid:4;"));
	assert_int_equal(tagged(&desk, true, 3), 0);
	assert_true(tag(&desk, 1));
	assert_int_equal(tagged(&desk, true, 10), 4); /* the packet that alerted is the first */
	assert_true(tag(&desk, 3));
	assert_int_equal(tagged(&desk, true, 10), 2); /* of 100 bytes each */
	assert_false(tag(&desk, 2));
	desk.recall.flow = 7;
	assert_int_equal(tagged(&desk, false, 3), 3);
	turn(&desk); /* whether it sends or receives */
	assert_int_equal(tagged(&desk, false, 3), 3);
	desk.scene.facts.time = qw_time_seconds(1010);
	assert_int_equal(tagged(&desk, false, 1), 1);
	desk.scene.facts.time = qw_time_seconds(1011);
	assert_int_equal(tagged(&desk, false, 1), 0);
	assert_false(tag(&desk, 4)); /* the destination, 256 packets */
	assert_int_equal(tagged(&desk, false, 300), 255);
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bits_of_a_flow_are_set_and_tested),
	    cmocka_unit_test(numbers_of_a_flow_count),
	    cmocka_unit_test(bits_of_hosts_pairs_and_transactions_are_theirs),
	    cmocka_unit_test(counts_of_the_flow_are_compared),
	    cmocka_unit_test(each_kind_of_limit_alerts_in_its_way),
	    cmocka_unit_test(each_owner_has_a_count_of_its_own),
	    cmocka_unit_test(two_rules_count_apart),
	    cmocka_unit_test(distinct_ports_are_counted_once_a_window),
	    cmocka_unit_test(changes_happen_whatever_the_limit_says),
	    cmocka_unit_test(setters_are_tried_before_testers),
	    cmocka_unit_test(a_bit_that_nobody_sets_is_told_of),
	    cmocka_unit_test(what_a_flow_remembers_has_names),
	    cmocka_unit_test(what_is_remembered_outlives_its_rules),
	    cmocka_unit_test(tags_last_as_long_as_they_say),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
