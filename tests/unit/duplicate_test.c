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
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
