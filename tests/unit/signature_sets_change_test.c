/* SPDX-License-Identifier: Apache-2.0 */
/* Sets that rules add to and remove from. */
#include "signature_sets_kit.h"

#include "quaywatch/states.h"
#include "rules/signature/layout.h"

#define NUMBERED(sid, options) "alert tcp any any -> any any (" options " sid:" #sid ";)\n"

enum { MEMORY = 64 * 1024 };

static _Alignas(64) uint8_t shared_memory[MEMORY];

/* One worker: its rules, and its hold on what all remember. */
struct worker {
	struct kit kit;
	struct qw_states *states;
};

static void hire(struct worker *worker, const char *rules, void *memory)
{
	struct qw_states_options options = {.memory = memory, .bytes = MEMORY};
	open_rules(&worker->kit, rules);
	assert_int_equal(qw_states_new(&worker->states, &options), QW_OK);
}

static void dismiss(struct worker *worker)
{
	qw_states_free(worker->states);
	kit_end(&worker->kit);
}

/* New rules for a worker that remembers. */
static void change_rules(struct worker *worker, const char *rules)
{
	kit_end(&worker->kit);
	open_rules(&worker->kit, rules);
}

static bool scene_meets(struct worker *worker, uint32_t sid, struct scene *scene)
{
	struct qw_signature signature;
	struct qw_recall recall = {.shared = worker->states};
	struct qw_subject subject = {.facts = &scene->facts, .buffer = scene_buffer, .ctx = scene};
	uint32_t number = 0;
	for (;; number++) {
		assert_in_range(number, 0, qw_signatures_count(worker->kit.set) - 1);
		qw_signatures_info(worker->kit.set, number, &signature);
		if (signature.sid == sid)
			break;
	}
	/* As a sensor does: who needs no memory is given none. */
	if (qw_signatures_recalls(worker->kit.set, number))
		subject.recall = &recall;
	return qw_signatures_confirm(worker->kit.set, number, &subject);
}

/* Does the rule match a request for this host, at this path? */
static bool meets(struct worker *worker, uint32_t sid, const char *host, const char *path)
{
	struct scene scene = scene_tcp();
	scene.values[0] = (struct value){QW_BUFFER_HTTP_HOST, host, 0};
	scene.values[1] = (struct value){QW_BUFFER_HTTP_URI, path, 0};
	return scene_meets(worker, sid, &scene);
}

static void what_is_added_is_new_once(void **state)
{
	struct worker worker;
	hire(&worker, NUMBERED(1, "http.host; dataset:set,seen,type string;"), NULL);
	assert_true(meets(&worker, 1, "a.test", "/"));
	assert_false(meets(&worker, 1, "a.test", "/"));
	assert_true(meets(&worker, 1, "b.test", "/"));
	assert_false(meets(&worker, 1, "b.test", "/"));
	dismiss(&worker);
}

static void other_rules_see_what_was_added(void **state)
{
	struct worker worker;
	hire(&worker, NUMBERED(1, "http.host; dataset:isset,seen,type string;") NUMBERED(2, "http.host; dataset:set,seen;")
	     NUMBERED(3, "http.host; dataset:isnotset,seen;") NUMBERED(4, "http.host; dataset:set,other,type string;"), NULL);
	assert_false(meets(&worker, 1, "a.test", "/"));
	assert_true(meets(&worker, 3, "a.test", "/"));
	assert_true(meets(&worker, 4, "a.test", "/"));
	assert_true(meets(&worker, 3, "a.test", "/"));
	assert_true(meets(&worker, 2, "a.test", "/"));
	assert_true(meets(&worker, 1, "a.test", "/"));
	assert_false(meets(&worker, 3, "a.test", "/"));
	dismiss(&worker);
}

static void what_is_removed_is_gone_also_from_what_a_file_held(void **state)
{
	struct worker worker;
	put("hosts", "YS50ZXN0,7\n"); /* a.test */
	hire(&worker, NUMBERED(1, "http.host; dataset:unset,s,type string,load hosts;") NUMBERED(2, "http.host; dataset:isset,s;")
	     NUMBERED(3, "http.host; dataset:set,s;") NUMBERED(4, "http.host; datarep:s,=,7;"), NULL);
	assert_true(meets(&worker, 4, "a.test", "/"));
	assert_false(meets(&worker, 3, "a.test", "/"));
	assert_true(meets(&worker, 1, "a.test", "/"));
	assert_false(meets(&worker, 1, "a.test", "/"));
	assert_false(meets(&worker, 2, "a.test", "/"));
	assert_false(meets(&worker, 4, "a.test", "/"));
	assert_true(meets(&worker, 3, "a.test", "/"));
	assert_true(meets(&worker, 2, "a.test", "/"));
	assert_true(meets(&worker, 4, "a.test", "/"));
	assert_false(meets(&worker, 1, "b.test", "/"));
	assert_true(meets(&worker, 3, "b.test", "/"));
	assert_true(meets(&worker, 1, "b.test", "/"));
	assert_false(meets(&worker, 2, "b.test", "/"));
	dismiss(&worker);
}

static void a_set_changes_only_if_all_else_holds(void **state)
{
	struct worker worker;
	hire(&worker, NUMBERED(1, "http.host; dataset:set,s,type string; content:\"a\"; http.uri; content:\"/x\";")
	     NUMBERED(2, "http.host; dataset:isset,s;"), NULL);
	assert_false(meets(&worker, 1, "b.test.c", "/x"));
	assert_false(meets(&worker, 2, "b.test.c", "/x"));
	assert_false(meets(&worker, 1, "a.test", "/y"));
	assert_false(meets(&worker, 2, "a.test", "/y"));
	assert_true(meets(&worker, 1, "a.test", "/x"));
	assert_true(meets(&worker, 2, "a.test", "/x"));
	dismiss(&worker);
}

static void the_first_value_that_is_new_is_added(void **state)
{
	struct worker worker;
	struct scene scene = scene_tcp();
	hire(&worker, NUMBERED(1, "dns.query; dataset:set,s,type string;"), NULL);
	scene.values[0] = (struct value){QW_BUFFER_DNS_QUERY, "a.test", 0};
	scene.values[1] = (struct value){QW_BUFFER_DNS_QUERY, "b.test", 0};
	assert_true(scene_meets(&worker, 1, &scene));
	assert_true(scene_meets(&worker, 1, &scene));
	assert_false(scene_meets(&worker, 1, &scene));
	dismiss(&worker);
}

static void addresses_and_digests_are_added_too(void **state)
{
	struct worker worker;
	struct scene scene = scene_tcp();
	hire(&worker, NUMBERED(1, "ip.dst; dataset:set,ips,type ip;") NUMBERED(2, "ip.src; dataset:isset,ips;")
	     NUMBERED(3, "http.host; to_sha256; dataset:set,hashes,type sha256;"), NULL);
	assert_true(scene_meets(&worker, 1, &scene));
	assert_false(scene_meets(&worker, 1, &scene));
	assert_false(scene_meets(&worker, 2, &scene));
	scene.facts.src = scene.facts.dst;
	assert_true(scene_meets(&worker, 2, &scene));
	assert_true(meets(&worker, 3, "a.test", "/"));
	assert_false(meets(&worker, 3, "a.test", "/"));
	dismiss(&worker);
}

/* Does the rule match a packet from there? */
static bool comes_from(struct worker *worker, uint32_t sid, const char *source)
{
	struct scene scene = scene_tcp();
	assert_true(qw_address_parse(source, strlen(source), &scene.facts.src));
	return scene_meets(worker, sid, &scene);
}

static void blocks_are_added_and_removed(void **state)
{
	struct worker worker;
	put("blocks", "10.1.1.0/24\n10.1.2.0/24\n10.9.9.9\n");
	hire(&worker, NUMBERED(1, "ip.src; dataset:set,b,type cidr,load blocks,mask 0xffffff00;")
	     NUMBERED(2, "ip.src; dataset:isset,b;") NUMBERED(3, "ip.src; dataset:unset,b,mask 0x18;")
	     NUMBERED(4, "ip.src; dataset:unset,b;") NUMBERED(5, "ip.src; dataset:set,b;"), NULL);
	assert_true(comes_from(&worker, 2, "10.1.1.5"));
	assert_false(comes_from(&worker, 1, "10.1.1.5"));
	assert_true(comes_from(&worker, 1, "10.1.3.5"));
	assert_false(comes_from(&worker, 1, "10.1.3.6"));
	assert_true(comes_from(&worker, 2, "10.1.3.255"));
	assert_false(comes_from(&worker, 2, "10.1.4.0"));
	assert_false(comes_from(&worker, 4, "10.1.3.5"));
	assert_true(comes_from(&worker, 3, "10.1.2.77"));
	assert_false(comes_from(&worker, 3, "10.1.2.78"));
	assert_false(comes_from(&worker, 2, "10.1.2.1"));
	assert_true(comes_from(&worker, 5, "10.1.2.1"));
	assert_true(comes_from(&worker, 2, "10.1.2.1"));
	assert_false(comes_from(&worker, 2, "10.1.2.2"));
	assert_true(comes_from(&worker, 4, "10.9.9.9"));
	assert_false(comes_from(&worker, 2, "10.9.9.9"));
	assert_true(comes_from(&worker, 5, "fc00::1"));
	assert_false(comes_from(&worker, 5, "fc00::1"));
	assert_true(comes_from(&worker, 4, "fc00::1"));
	assert_false(comes_from(&worker, 2, "fc00::1"));
	dismiss(&worker);
}

static void what_was_added_outlives_the_rules(void **state)
{
	struct worker worker;
	hire(&worker, NUMBERED(1, "http.host; dataset:set,s,type string;"), NULL);
	assert_true(meets(&worker, 1, "a.test", "/"));
	change_rules(&worker, NUMBERED(7, "http.uri; content:\"never\";") NUMBERED(2, "http.host; dataset:set,s,type string;"));
	assert_false(meets(&worker, 2, "a.test", "/"));
	assert_true(meets(&worker, 2, "b.test", "/"));
	change_rules(&worker, NUMBERED(1, "http.host; dataset:set,t,type string;"));
	assert_true(meets(&worker, 1, "a.test", "/"));
	dismiss(&worker);
}

static void workers_share_what_was_added(void **state)
{
	struct worker one, other;
	memset(shared_memory, 0, sizeof(shared_memory));
	hire(&one, NUMBERED(1, "http.host; dataset:set,s,type string;"), shared_memory);
	hire(&other, NUMBERED(1, "http.host; dataset:set,s,type string;"), shared_memory);
	assert_true(meets(&one, 1, "a.test", "/"));
	assert_false(meets(&other, 1, "a.test", "/"));
	assert_true(meets(&other, 1, "b.test", "/"));
	assert_false(meets(&one, 1, "b.test", "/"));
	dismiss(&one);
	dismiss(&other);
}

static void only_rules_that_ask_what_changes_are_given_memory(void **state)
{
	struct kit kit;
	put("hosts", "YS50ZXN0\n");
	open_rules(&kit, NUMBERED(1, "http.host; dataset:isset,fixed,type string,load hosts;"));
	assert_false(qw_signatures_recalls(kit.set, 0));
	assert_true(fires_on(&kit, QW_BUFFER_HTTP_HOST, "a.test", 0));
	kit_end(&kit);
	open_rules(&kit, NUMBERED(1, "http.host; dataset:set,loose,type string;"));
	assert_true(qw_signatures_recalls(kit.set, 0));
	assert_false(fires_on(&kit, QW_BUFFER_HTTP_HOST, "a.test", 0)); /* nowhere to remember it */
	kit_end(&kit);
}

static void a_rule_changes_a_bounded_number_of_sets(void **state)
{
	struct kit kit;
	char rule[1024] = "alert tcp any any -> any any (http.host; ";
	for (unsigned i = 0; i <= QW_CHANGES_MAX; i++)
		snprintf(rule + strlen(rule), sizeof(rule) - strlen(rule), "dataset:set,s%u,type string; ", i);
	strcat(rule, "sid:1;)");
	begin(&kit);
	kit_read(&kit, rule);
	assert_int_equal(kit.diags.errors, 1);
	assert_string_equal(kit.diags.rows[0].text, "a rule changes 8 sets at most");
	kit_end(&kit);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)
	const struct CMUnitTest tests[] = {
		TEST(what_is_added_is_new_once),
		TEST(other_rules_see_what_was_added),
		TEST(what_is_removed_is_gone_also_from_what_a_file_held),
		TEST(a_set_changes_only_if_all_else_holds),
		TEST(the_first_value_that_is_new_is_added),
		TEST(addresses_and_digests_are_added_too),
		TEST(blocks_are_added_and_removed),
		TEST(what_was_added_outlives_the_rules),
		TEST(workers_share_what_was_added),
		TEST(only_rules_that_ask_what_changes_are_given_memory),
		TEST(a_rule_changes_a_bounded_number_of_sets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
