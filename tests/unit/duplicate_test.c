/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/capture/duplicate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/forge/samples.h"

static struct forge_packet packet;
static struct qw_duplicates *duplicates;

static int begin(void **state)
{
	return qw_duplicates_new(&duplicates);
}

static int end(void **state)
{
	qw_duplicates_free(duplicates);
	return 0;
}

/* Shows the frame as it is now, that many microseconds after the epoch. */
static bool seen_at(int64_t us)
{
	struct qw_frame frame = {.data = packet.data,
				 .len = (uint32_t)packet.len,
				 .wire_len = (uint32_t)packet.len,
				 .link = 1,
				 .time = {us * QW_NS_PER_US}};

	return qw_duplicates_is(duplicates, &frame);
}

static void build(const char *name)
{
	forge_sample_build(&packet, forge_sample_find(name));
}

static void the_same_packet_shortly_after_is_a_duplicate(void **state)
{
	build("tcp");
	assert_false(seen_at(1000));
	assert_true(seen_at(1005));
	assert_true(seen_at(1009));
}

static void what_a_router_changes_does_not_matter(void **state)
{
	build("tcp");
	assert_false(seen_at(1000));
	packet.data[14 + 8]--;     /* time to live */
	packet.data[14 + 10] ^= 1; /* header checksum */
	packet.data[3] ^= 1;       /* Ethernet address */
	assert_true(seen_at(1005));

	build("ipv6 tcp");
	assert_false(seen_at(2000));
	packet.data[14 + 7]--;
	assert_true(seen_at(2005));
}

static void any_other_byte_makes_another_packet(void **state)
{
	static const struct {
		const char *name;
		size_t free[3];    /* what routers change */
		size_t lengths[2]; /* what would make it another frame's test */
	} cases[] = {{"tcp", {22, 24, 25}, {16, 17}}, {"ipv6 tcp", {21, 21, 21}, {18, 19}}};

	for (unsigned i = 0; i < 2; i++) {
		build(cases[i].name);
		for (size_t at = 15; at < packet.len; at++) {
			const size_t *free_at = cases[i].free, *length = cases[i].lengths;
			if (at == length[0] || at == length[1])
				continue;
			bool ignored = at == free_at[0] || at == free_at[1] || at == free_at[2];
			packet.data[at] ^= 1;
			bool first = seen_at((int64_t)at * 1000000);
			packet.data[at] ^= 1;
			assert_false(first);
			assert_int_equal(seen_at((int64_t)at * 1000000 + 1), ignored);
		}
	}
}

static void tags_and_padding_do_not_matter(void **state)
{
	build("two vlans");
	assert_false(seen_at(1000));
	size_t len = packet.len;
	forge_pad(&packet, 6);
	assert_true(seen_at(1001));
	packet.data[15] ^= 1; /* an identifier */
	assert_true(seen_at(1002));
	packet.len = len - 1; /* not all of it */
	assert_false(seen_at(1003));
}

static void a_packet_that_comes_much_later_is_a_new_one(void **state)
{
	build("udp");
	assert_false(seen_at(1000));
	assert_false(seen_at(1000 + QW_DUPLICATE_NS / 1000 + 1));
	assert_true(seen_at(1000 + QW_DUPLICATE_NS / 1000 + 2));
}

static void only_the_last_few_packets_are_remembered(void **state)
{
	build("udp");
	for (uint8_t i = 0; i < QW_DUPLICATE_WINDOW; i++) {
		packet.data[packet.len - 1] = i;
		assert_false(seen_at(1000));
	}
	packet.data[packet.len - 1] = 0;
	assert_true(seen_at(1001));
	packet.data[packet.len - 1] = QW_DUPLICATE_WINDOW;
	assert_false(seen_at(1001));
	packet.data[packet.len - 1] = 0;
	assert_false(seen_at(1001));
}

static void what_is_not_ip_has_no_twins(void **state)
{
	build("arp");
	assert_false(seen_at(1000));
	assert_false(seen_at(1000));
	packet.len = 13;
	assert_false(seen_at(1000));
}

/* GOOSE of a ring: the way and the size, a sequence number, the type; then what it says. */
static void what_goes_round_a_ring_both_ways_has_a_twin(void **state)
{
	forge_begin(&packet);
	forge_link(&packet, 0x892f, "\0\x2a\0\x07\x88\xb8\0\3\0\x10hoist stops", 20);
	forge_end(&packet);
	assert_false(seen_at(1000));
	packet.data[14] = 0x10;
	assert_true(seen_at(1003));
	packet.data[17]++; /* the next */
	assert_false(seen_at(1004));
	packet.data[15] ^= 1; /* another size */
	assert_false(seen_at(1005));
}

static void what_goes_through_two_networks_has_a_twin(void **state)
{
	forge_begin(&packet);
	forge_link(&packet, 0x88b8, "\0\3\0\x10hoist stops\0\x07\xa0\x15\x88\xfb", 21);
	forge_end(&packet);
	uint8_t *trailer = packet.data + packet.len - 6;
	assert_false(seen_at(1000));
	trailer[2] = 0xb0;
	assert_true(seen_at(1003));
	trailer[1]++; /* the next */
	assert_false(seen_at(1004));
	trailer[2] = 0xc0; /* no network's */
	assert_false(seen_at(1005));
	assert_false(seen_at(1006));
}

static void every_byte_of_a_marked_frame_counts(void **state)
{
	forge_begin(&packet);
	forge_link(&packet, 0x88b8, "\0\3\0\x10hoist stops\0\x07\xa0\x15\x88\xfb", 21);
	forge_end(&packet);
	size_t mark = packet.len - 4;
	for (size_t at = 0; at < packet.len; at++) {
		if (at == 12 || at == 13 || at >= mark)
			continue;
		assert_false(seen_at((int64_t)at * 1000000));
		packet.data[at] ^= 1;
		assert_false(seen_at((int64_t)at * 1000000 + 1));
		packet.data[at] ^= 1;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(the_same_packet_shortly_after_is_a_duplicate, begin, end),
	    cmocka_unit_test_setup_teardown(what_a_router_changes_does_not_matter, begin, end),
	    cmocka_unit_test_setup_teardown(any_other_byte_makes_another_packet, begin, end),
	    cmocka_unit_test_setup_teardown(tags_and_padding_do_not_matter, begin, end),
	    cmocka_unit_test_setup_teardown(a_packet_that_comes_much_later_is_a_new_one, begin, end),
	    cmocka_unit_test_setup_teardown(only_the_last_few_packets_are_remembered, begin, end),
	    cmocka_unit_test_setup_teardown(what_is_not_ip_has_no_twins, begin, end),
	    cmocka_unit_test_setup_teardown(what_goes_round_a_ring_both_ways_has_a_twin, begin, end),
	    cmocka_unit_test_setup_teardown(what_goes_through_two_networks_has_a_twin, begin, end),
	    cmocka_unit_test_setup_teardown(every_byte_of_a_marked_frame_counts, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
