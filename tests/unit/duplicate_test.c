/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/capture/duplicate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sensor/decode/decode.h"
#include "tests/forge/samples.h"

static struct forge_packet packet;
static struct qw_duplicates duplicates;

static int begin(void **state)
{
	qw_duplicates_init(&duplicates);
	return 0;
}

/* Shows the packet as it is now, that many microseconds after the epoch. */
static bool seen_at(int64_t us)
{
	static const struct qw_decode_options ignore = {0};
	struct qw_frame frame = {.data = packet.data,
				 .len = (uint32_t)packet.len,
				 .wire_len = (uint32_t)packet.len,
				 .link = 1,
				 .time = {us * QW_NS_PER_US}};
	struct qw_decoded decoded;

	qw_decode(&decoded, &frame, &ignore);
	assert_int_equal(decoded.drop, QW_DROP_NONE);
	return qw_duplicates_seen(&duplicates, &decoded.view[0]);
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
	static const char *const names[] = {"tcp", "ipv6 tcp"};

	for (unsigned i = 0; i < 2; i++) {
		build(names[i]);
		for (size_t at = 14 + (i ? 1 : 1); at < packet.len; at++) {
			bool changed = i ? at == 14 + 7 : at == 14 + 8 || at == 14 + 10 || at == 14 + 11;
			bool length = i ? at == 18 || at == 19 || at == 20 : at == 16 || at == 17 || at == 23;
			if (changed || length || at == 14 + (i ? 40 : 20) + 12)
				continue; /* what then cannot be decoded is another test's */
			qw_duplicates_init(&duplicates);
			assert_false(seen_at(1000));
			packet.data[at] ^= 1;
			assert_false(seen_at(1001));
			packet.data[at] ^= 1;
			assert_true(seen_at(1002));
		}
	}
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
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(the_same_packet_shortly_after_is_a_duplicate, begin),
	    cmocka_unit_test_setup(what_a_router_changes_does_not_matter, begin),
	    cmocka_unit_test_setup(any_other_byte_makes_another_packet, begin),
	    cmocka_unit_test_setup(a_packet_that_comes_much_later_is_a_new_one, begin),
	    cmocka_unit_test_setup(only_the_last_few_packets_are_remembered, begin),
	    cmocka_unit_test_setup(what_is_not_ip_has_no_twins, begin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
