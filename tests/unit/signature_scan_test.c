/* SPDX-License-Identifier: Apache-2.0 */
#include "signature_kit.h"

#include <dirent.h>

#include "quaywatch/file.h"

static size_t scan(struct kit *kit, const struct scene *scene, const char *data, size_t len, size_t old, uint32_t *out)
{
	return qw_signatures_scan(kit->set, QW_BUFFER_PAYLOAD, &scene->facts, (const uint8_t *)data, len, old, out, 16);
}

/* A stream in two pieces, the second with the tail of the first before it: found once, wherever it is cut. */
static void a_pattern_cut_anywhere_is_found_exactly_once(void **state)
{
	static const char *const patterns[] = {"abcd", "0123456789abcdefghijklmnopqrstuv", "aaaaaa"};
	for (size_t p = 0; p < sizeof(patterns) / sizeof(patterns[0]); p++) {
		struct kit kit;
		char rule[128], stream[128];
		struct scene scene = scene_tcp();
		uint32_t out[16];
		snprintf(rule, sizeof(rule), "alert tcp any any -> any any (content:\"%s\"; sid:1;)", patterns[p]);
		kit_one(&kit, rule);
		size_t len = (size_t)snprintf(stream, sizeof(stream), "........%s........", patterns[p]),
		       tail = qw_signatures_tail(kit.set);
		assert_true(tail + 1 == strlen(patterns[p]) || tail + 1 == 16); /* a piece of it stands for a longer one */
		for (size_t cut = 0; cut <= len; cut++) {
			size_t keep = cut < tail ? cut : tail;
			size_t found = scan(&kit, &scene, stream, cut, 0, out) +
				       scan(&kit, &scene, stream + cut - keep, len - cut + keep, keep, out);
			assert_int_equal(found, 1);
		}
		kit_end(&kit);
	}
}

static void a_hit_in_the_tail_does_not_hide_a_new_one(void **state)
{
	struct kit kit;
	struct scene scene = scene_tcp();
	uint32_t out[16];
	kit_one(&kit, "alert tcp any any -> any any (content:\"abc\"; sid:1;)");
	assert_int_equal(scan(&kit, &scene, "abcxxabc", 8, 5, out), 1);
	assert_int_equal(scan(&kit, &scene, "abcxx", 5, 3, out), 0);
	assert_int_equal(scan(&kit, &scene, "abcxx", 5, 2, out), 1);
	kit_end(&kit);
}

static void a_rule_is_named_once_and_what_has_no_room_is_counted(void **state)
{
	struct kit kit;
	struct scene scene = scene_tcp();
	uint32_t out[16];
	kit_begin(&kit);
	kit_read(&kit, "alert tcp any any -> any any (content:\"abc\"; content:\"abd\"; sid:1;)\n"
		       "alert tcp any any -> any any (content:\"abc\"; nocase; sid:2;)\n"
		       "alert tcp any any -> any any (content:\"abc\"; sid:3;)\n"
		       "alert udp any any -> any any (content:\"abc\"; sid:4;)\n");
	kit_open(&kit);
	assert_int_equal(scan(&kit, &scene, "abcabcabdabdABC", 15, 0, out), 3);
	size_t count =
	    qw_signatures_scan(kit.set, QW_BUFFER_PAYLOAD, &scene.facts, (const uint8_t *)"abcabd", 6, 0, out, 2);
	assert_int_equal(count, 2);
	assert_int_equal(qw_signatures_counters(kit.set)->candidates_shed, 1);
	kit_end(&kit);
}

static void pass_rules_come_first(void **state)
{
	struct kit kit;
	struct scene scene = scene_tcp();
	uint32_t out[16];
	kit_begin(&kit);
	kit_read(&kit, "alert tcp any any -> any any (content:\"abc\"; sid:1;)\n"
		       "alert tcp any any -> any any (content:\"abc\"; sid:2;)\n"
		       "pass tcp any any -> any any (content:\"def\"; sid:3;)\n");
	kit_open(&kit);
	assert_int_equal(scan(&kit, &scene, "abcdef", 6, 0, out), 3);
	for (uint32_t i = 0; i < 3; i++) { /* candidates come by number, and the number says when it is their turn */
		struct qw_signature signature;
		qw_signatures_info(kit.set, out[i], &signature);
		assert_int_equal(out[i], i);
		assert_int_equal(signature.sid, i == 0 ? 3 : i);
	}
	kit_end(&kit);
}

/* A list of addresses is asked once for each direction of a flow, and finds every rule that holds the address. */
static void address_lists_are_asked_once_a_direction(void **state)
{
	struct kit kit;
	struct scene scene = scene_tcp();
	uint32_t out[16];
	kit_begin(&kit);
	kit_read(&kit, "alert ip [198.51.100.0/24,203.0.113.9] any -> $HOME_NET any (sid:1;)\n"
		       "alert ip [198.51.100.7,203.0.113.0/24] any -> $HOME_NET any (sid:2;)\n"
		       "alert ip $HOME_NET any -> [198.51.100.6-198.51.100.8] any (sid:3;)\n"
		       "alert ip ![192.168.0.0/16] any -> any any (sid:4;)\n");
	kit_open(&kit);
	assert_int_equal(qw_signatures_of_packet(kit.set, &scene.facts, out, 16), 0);
	scene.facts.flags |= QW_FACT_FIRST;
	assert_int_equal(qw_signatures_of_packet(kit.set, &scene.facts, out, 16), 1);
	assert_int_equal(out[0], 2);
	struct qw_address client = scene.facts.src;
	scene.facts.src = scene.facts.dst;
	scene.facts.dst = client;
	assert_int_equal(qw_signatures_of_packet(kit.set, &scene.facts, out, 16), 3);
	scene.facts.flags &= ~(uint32_t)(QW_FACT_FIRST | QW_FACT_FLOW); /* no flow: every packet is the first */
	assert_int_equal(qw_signatures_of_packet(kit.set, &scene.facts, out, 16), 3);
	kit_end(&kit);
}

/* Lists that mark the flow are the most of those that are published: as many as they are, no later packet asks them. */
static void address_lists_that_set_a_flow_bit_are_asked_once_a_direction_too(void **state)
{
	struct kit kit;
	struct scene scene = scene_tcp();
	uint32_t out[16];
	kit_begin(&kit);
	kit_read(&kit, "alert ip any any -> [198.51.100.0/24,203.0.113.9] any (flowbits:set,evil; sid:1;)\n"
		       "alert ip any any -> [198.51.100.0/24,203.0.113.9] any (flowbits:isset,evil; sid:2;)\n");
	kit_open(&kit);
	assert_int_equal(qw_signatures_of_packet(kit.set, &scene.facts, out, 16), 1);
	struct qw_signature asks;
	qw_signatures_info(kit.set, out[0], &asks);
	assert_int_equal(asks.sid, 2); /* what asks for a bit is asked each time */
	scene.facts.flags |= QW_FACT_FIRST;
	assert_int_equal(qw_signatures_of_packet(kit.set, &scene.facts, out, 16), 2);
	scene.facts.flags &= ~(uint32_t)QW_FACT_FLOW;
	assert_int_equal(qw_signatures_of_packet(kit.set, &scene.facts, out, 16), 0);
	kit_end(&kit);
}

static void rules_of_an_application_wait_for_it(void **state)
{
	struct kit kit;
	struct scene scene = scene_tcp();
	uint32_t out[16];
	kit_one(&kit, "alert http any any -> any any (flow:to_server; sid:1;)");
	assert_int_equal(qw_signatures_of_packet(kit.set, &scene.facts, out, 16), 0);
	scene.facts.app = QW_APP_HTTP;
	assert_int_equal(qw_signatures_of_packet(kit.set, &scene.facts, out, 16), 1);
	scene.facts.app = QW_APP_HTTP2;
	assert_int_equal(qw_signatures_of_packet(kit.set, &scene.facts, out, 16), 1);
	scene.facts.app = QW_APP_DNS;
	assert_int_equal(qw_signatures_of_packet(kit.set, &scene.facts, out, 16), 0);
	kit_end(&kit);
}

/* The stream names packet rules too: the caller tries them on the packet that brought the data. */
static void a_stream_scan_names_packet_rules_and_confirm_decides(void **state)
{
	struct kit kit;
	struct scene scene = scene_payload("abcdef", 0);
	uint32_t out[16];
	kit_begin(&kit);
	kit_read(&kit, "alert tcp-pkt any any -> any any (content:\"abc\"; sid:1;)\n"
		       "alert tcp-stream any any -> any any (content:\"abc\"; sid:2;)\n"
		       "alert tcp any any -> any any (content:\"abc\"; sid:3;)\n");
	kit_open(&kit);
	struct scene stream = scene;
	stream.facts.flags = (stream.facts.flags & ~(uint32_t)QW_FACT_PACKET) | QW_FACT_STREAM;
	assert_int_equal(scan(&kit, &stream, "abcdef", 6, 0, out), 3);
	assert_true(scene_confirms(&kit, &scene, 0));
	assert_false(scene_confirms(&kit, &scene, 1));
	assert_true(scene_confirms(&kit, &scene, 2));
	assert_false(scene_confirms(&kit, &stream, 0));
	assert_true(scene_confirms(&kit, &stream, 1));
	assert_true(scene_confirms(&kit, &stream, 2));
	kit_end(&kit);
}

static void wanted_buffers_and_windows_are_known(void **state)
{
	struct kit kit;
	kit_one(&kit, "alert tcp any any -> any any (http.uri; content:\"abc\"; http.host; content:\"x\"; sid:1;)");
	assert_true(qw_signatures_want(kit.set, QW_BUFFER_HTTP_URI));
	assert_true(qw_signatures_want(kit.set, QW_BUFFER_HTTP_HOST));
	assert_false(qw_signatures_want(kit.set, QW_BUFFER_PAYLOAD));
	assert_false(qw_signatures_need_window(kit.set));
	kit_end(&kit);
	kit_one(&kit, "alert tcp any any -> any any (content:\"abc\"; sid:1;)");
	assert_true(qw_signatures_want(kit.set, QW_BUFFER_PAYLOAD));
	assert_false(qw_signatures_need_window(kit.set));
	kit_end(&kit);
	kit_one(&kit, "alert tcp any any -> any any (content:\"abc\"; content:\"def\"; sid:1;)");
	assert_true(qw_signatures_need_window(kit.set));
	kit_end(&kit);
}

/* ---- the cache */

static char folder[] = "/tmp/qw-cache-XXXXXX";

static size_t cached_file(char *path, size_t room)
{
	DIR *dir = opendir(folder);
	size_t count = 0;
	assert_non_null(dir);
	for (const struct dirent *entry; (entry = readdir(dir));) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, room, "%s/%s", folder, entry->d_name);
		count++;
	}
	closedir(dir);
	return count;
}

static void load_with_cache(const char *rules)
{
	struct kit kit;
	struct scene scene = scene_tcp();
	uint32_t out[16];
	kit_begin(&kit);
	kit.options.cache = folder;
	kit_read(&kit, rules);
	kit_open(&kit);
	assert_int_equal(kit.diags.count, 0);
	assert_int_equal(scan(&kit, &scene, "xabcx", 5, 0, out), 1);
	kit_end(&kit);
}

static void compiled_databases_are_kept_and_damage_is_noticed(void **state)
{
	static const char rules[] = "alert tcp any any -> any any (content:\"abc\"; sid:1;)";
	char path[512], *data, *again;
	size_t len, len_again;
	assert_non_null(mkdtemp(folder));
	load_with_cache(rules);
	assert_int_equal(cached_file(path, sizeof(path)), 1);
	load_with_cache(rules);
	assert_int_equal(cached_file(path, sizeof(path)), 1);
	assert_int_equal(qw_file_read(path, 1 << 20, &data, &len), QW_OK);
	for (size_t cut = 0; cut < 3; cut++) { /* short, changed, empty */
		size_t keep = cut == 0 ? len / 2 : cut == 1 ? len : 0;
		char *bad = malloc(len);
		memcpy(bad, data, len);
		bad[len / 2] ^= 1;
		assert_int_equal(qw_file_replace(path, bad, keep, 0600), QW_OK);
		free(bad);
		load_with_cache(rules);
		assert_int_equal(qw_file_read(path, 1 << 20, &again, &len_again), QW_OK);
		assert_int_equal(len_again, len);
		assert_memory_equal(again, data, len);
		free(again);
	}
	load_with_cache("alert tcp any any -> any any (content:\"abc\"; nocase; sid:1;)");
	assert_int_equal(cached_file(path, sizeof(path)), 2);
	while (cached_file(path, sizeof(path)))
		unlink(path);
	rmdir(folder);
	free(data);
}

static void a_cache_that_cannot_be_written_is_a_warning(void **state)
{
	struct kit kit;
	kit_begin(&kit);
	kit.options.cache = "/proc/no/such/folder";
	kit_read(&kit, "alert tcp any any -> any any (content:\"abc\"; sid:1;)");
	kit_open(&kit);
	assert_int_equal(kit.diags.errors, 0);
	assert_int_equal(kit.diags.warnings, 1);
	kit_end(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pattern_cut_anywhere_is_found_exactly_once),
		cmocka_unit_test(a_hit_in_the_tail_does_not_hide_a_new_one),
		cmocka_unit_test(a_rule_is_named_once_and_what_has_no_room_is_counted),
		cmocka_unit_test(pass_rules_come_first),
		cmocka_unit_test(address_lists_are_asked_once_a_direction),
		cmocka_unit_test(address_lists_that_set_a_flow_bit_are_asked_once_a_direction_too),
		cmocka_unit_test(rules_of_an_application_wait_for_it),
		cmocka_unit_test(a_stream_scan_names_packet_rules_and_confirm_decides),
		cmocka_unit_test(wanted_buffers_and_windows_are_known),
		cmocka_unit_test(compiled_databases_are_kept_and_damage_is_noticed),
		cmocka_unit_test(a_cache_that_cannot_be_written_is_a_warning),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
