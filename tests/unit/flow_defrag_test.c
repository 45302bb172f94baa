/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/flow_kit.h"

#include "quaywatch/bytes.h"
#include "sensor/flow/defrag.h"

enum { V4_HEADER = 20, V6_HEADER = 40, BUFFER = 4096 };

struct kit {
	struct qw_defrag *defrag;
	const uint8_t *data;
	uint32_t len;
	uint8_t frame[BUFFER];
};

static void open_with(struct kit *kit, size_t datagrams, size_t bytes)
{
	struct qw_defrag_options options = {.datagrams = datagrams, .bytes = bytes, .wait = qw_time_seconds(60)};
	*kit = (struct kit){0};
	assert_int_equal(qw_defrag_new(&kit->defrag, &options), QW_OK);
}

static struct qw_defrag_counters counters(const struct kit *kit)
{
	struct qw_defrag_counters out;
	qw_defrag_counters(kit->defrag, &out);
	return out;
}

static struct qw_packet fragment_of(struct kit *kit, uint8_t version, uint32_t id, unsigned offset, bool more,
				    size_t head, const char *payload)
{
	size_t len = strlen(payload);
	assert_true(head + len <= BUFFER);
	memcpy(kit->frame + head, payload, len);
	return (struct qw_packet){
	    .net = kit->frame,
	    .net_len = (uint32_t)(head + len),
	    .flags = QW_PACKET_IP | QW_PACKET_FRAGMENT,
	    .time = qw_time_seconds(1000),
	    .src = kit_host(1),
	    .dst = kit_host(2),
	    .version = version,
	    .fragment_id = id,
	    .fragment_offset = (uint16_t)offset,
	    .fragment_more = more,
	};
}

static enum qw_defrag_result add(struct kit *kit, const struct qw_packet *packet)
{
	return qw_defrag_add(kit->defrag, packet, &kit->data, &kit->len);
}

static struct qw_packet v4(struct kit *kit, uint32_t id, unsigned offset, bool more, const char *payload)
{
	memset(kit->frame, 0, V4_HEADER);
	kit->frame[0] = 0x45;
	kit->frame[6] = (uint8_t)((more ? 0x20 : 0) | offset / 8 >> 8);
	kit->frame[7] = (uint8_t)(offset / 8);
	kit->frame[8] = 64;
	kit->frame[9] = QW_PROTO_UDP;
	return fragment_of(kit, 4, id, offset, more, V4_HEADER, payload);
}

static enum qw_defrag_result add4(struct kit *kit, uint32_t id, unsigned offset, bool more, const char *payload)
{
	struct qw_packet packet = v4(kit, id, offset, more, payload);
	return add(kit, &packet);
}

/* A destination options header of eight bytes stands before the Fragment header. */
static enum qw_defrag_result add6(struct kit *kit, unsigned offset, bool more, const char *payload)
{
	uint8_t *frame = kit->frame;
	memset(frame, 0, V6_HEADER + 16);
	frame[0] = 0x60;
	frame[6] = 60;
	frame[V6_HEADER] = 44;
	frame[V6_HEADER + 8] = QW_PROTO_UDP;
	struct qw_packet packet = fragment_of(kit, 6, 7, offset, more, V6_HEADER + 16, payload);
	return add(kit, &packet);
}

static void assert_whole(const struct kit *kit, uint32_t head, const char *payload)
{
	assert_int_equal(kit->len, head + strlen(payload));
	assert_memory_equal(kit->data + head, payload, strlen(payload));
}

static void assert_v4_header(const struct kit *kit)
{
	uint32_t sum = 0;
	for (unsigned at = 0; at < V4_HEADER; at += 2)
		sum += qw_be16(kit->data + at);
	assert_int_equal((sum & 0xffff) + (sum >> 16), 0xffff);
	assert_int_equal(qw_be16(kit->data + 2), kit->len);
	assert_int_equal(qw_be16(kit->data + 6), 0);
}

static void fragments_make_the_packet_in_any_order(void **state)
{
	static const char *const part[3] = {"aaaaaaaa", "bbbbbbbb", "ccc"};
	static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
	struct kit kit;
	open_with(&kit, 8, 1 << 16);
	for (int i = 0; i < 6; i++) {
		const int *order = orders[i];
		for (int n = 0; n < 2; n++)
			assert_int_equal(add4(&kit, 9, (unsigned)order[n] * 8, order[n] != 2, part[order[n]]),
					 QW_DEFRAG_WAITS);
		assert_int_equal(counters(&kit).waiting_fragments, 2);
		assert_int_equal(add4(&kit, 9, (unsigned)order[2] * 8, order[2] != 2, part[order[2]]), QW_DEFRAG_WHOLE);
		assert_whole(&kit, V4_HEADER, "aaaaaaaabbbbbbbbccc");
		assert_v4_header(&kit);
		assert_int_equal(counters(&kit).waiting_fragments, 0);
	}
	assert_int_equal(counters(&kit).whole, 6);
	qw_defrag_free(kit.defrag);
}

static void datagrams_do_not_mix(void **state)
{
	struct kit kit;
	open_with(&kit, 8, 1 << 16);
	add4(&kit, 1, 0, true, "aaaaaaaa");
	add4(&kit, 2, 0, true, "bbbbbbbb");
	struct qw_packet icmp = v4(&kit, 1, 8, false, "x");
	kit.frame[9] = QW_PROTO_ICMP;
	assert_int_equal(add(&kit, &icmp), QW_DEFRAG_WAITS);
	struct qw_packet inner = v4(&kit, 1, 8, false, "x");
	inner.layer = 1;
	assert_int_equal(add(&kit, &inner), QW_DEFRAG_WAITS);
	assert_int_equal(add4(&kit, 1, 8, false, "1"), QW_DEFRAG_WHOLE);
	assert_whole(&kit, V4_HEADER, "aaaaaaaa1");
	assert_int_equal(add4(&kit, 2, 8, false, "2"), QW_DEFRAG_WHOLE);
	assert_whole(&kit, V4_HEADER, "bbbbbbbb2");
	qw_defrag_free(kit.defrag);
}

static void duplicates_change_nothing(void **state)
{
	struct kit kit;
	open_with(&kit, 8, 1 << 16);
	add4(&kit, 1, 0, true, "aaaaaaaa");
	assert_int_equal(add4(&kit, 1, 0, true, "aaaaaaaa"), QW_DEFRAG_WAITS);
	assert_int_equal(add6(&kit, 0, true, "aaaaaaaa"), QW_DEFRAG_WAITS);
	assert_int_equal(add6(&kit, 0, true, "aaaaaaaa"), QW_DEFRAG_WAITS);
	assert_int_equal(counters(&kit).overlaps, 0);
	assert_int_equal(add4(&kit, 1, 8, false, "b"), QW_DEFRAG_WHOLE);
	assert_int_equal(add6(&kit, 8, false, "b"), QW_DEFRAG_WHOLE);
	qw_defrag_free(kit.defrag);
}

static void the_first_bytes_stay_where_ipv4_fragments_overlap(void **state)
{
	struct kit kit;
	open_with(&kit, 8, 1 << 16);
	add4(&kit, 1, 8, true, "BBBBBBBB");
	add4(&kit, 1, 8, true, "xxxxxxxxCCCCCCCC"); /* begins alike */
	add4(&kit, 1, 24, false, "D");
	assert_int_equal(add4(&kit, 1, 0, true, "AAAAAAAAyyyyyyyy"), QW_DEFRAG_WHOLE); /* covers all of B's piece */
	assert_whole(&kit, V4_HEADER, "AAAAAAAAyyyyyyyyCCCCCCCCD");
	assert_int_equal(counters(&kit).overlaps, 2);
	qw_defrag_free(kit.defrag);
}

static void an_overlap_of_ipv6_discards_the_datagram_and_what_comes_later(void **state)
{
	struct kit kit;
	open_with(&kit, 8, 1 << 16);
	add6(&kit, 0, true, "aaaaaaaabbbbbbbb");
	assert_int_equal(add6(&kit, 8, true, "xxxxxxxx"), QW_DEFRAG_BAD);
	assert_int_equal(add6(&kit, 16, false, "c"), QW_DEFRAG_BAD);
	assert_int_equal(counters(&kit).discarded, 1);
	assert_int_equal(counters(&kit).bad, 2);
	assert_int_equal(counters(&kit).waiting_fragments, 0);
	qw_defrag_free(kit.defrag);
}

static void the_fragment_header_of_ipv6_is_taken_out(void **state)
{
	struct kit kit;
	open_with(&kit, 8, 1 << 16);
	add6(&kit, 8, false, "tail");
	assert_int_equal(add6(&kit, 0, true, "headhead"), QW_DEFRAG_WHOLE);
	assert_whole(&kit, V6_HEADER + 8, "headheadtail");
	assert_int_equal(kit.data[6], 60);
	assert_int_equal(kit.data[V6_HEADER], QW_PROTO_UDP);
	assert_int_equal(qw_be16(kit.data + 4), 8 + 12);
	qw_defrag_free(kit.defrag);
}

static void fragments_that_contradict_themselves_or_others_are_bad(void **state)
{
	struct kit kit;
	open_with(&kit, 8, 1 << 16);
	assert_int_equal(add4(&kit, 1, 65528, false, "0123456789"), QW_DEFRAG_BAD); /* longer than a packet can be */
	assert_int_equal(add4(&kit, 1, 0, true, "seven77"), QW_DEFRAG_BAD);
	assert_int_equal(add4(&kit, 1, 0, true, ""), QW_DEFRAG_BAD);
	add4(&kit, 1, 16, false, "end");
	assert_int_equal(add4(&kit, 1, 16, false, "another end"), QW_DEFRAG_BAD);
	assert_int_equal(add4(&kit, 1, 24, true, "beyond88"), QW_DEFRAG_BAD);
	assert_int_equal(counters(&kit).bad, 5);
	qw_defrag_free(kit.defrag);
}

static void fragments_wait_only_so_long(void **state)
{
	struct kit kit;
	open_with(&kit, 8, 1 << 16);
	add4(&kit, 1, 0, true, "aaaaaaaa");
	struct qw_packet late = v4(&kit, 1, 8, false, "b");
	late.time = qw_time_seconds(1061);
	assert_int_equal(add(&kit, &late), QW_DEFRAG_WAITS);
	assert_int_equal(counters(&kit).timed_out, 1);
	assert_int_equal(counters(&kit).waiting_fragments, 1);
	qw_defrag_free(kit.defrag);
}

static void the_oldest_is_crowded_out(void **state)
{
	struct kit kit;
	open_with(&kit, 2, 1 << 16);
	for (uint32_t id = 1; id <= 3; id++)
		add4(&kit, id, 0, true, "aaaaaaaa");
	assert_int_equal(counters(&kit).crowded_out, 1);
	assert_int_equal(add4(&kit, 3, 8, false, "b"), QW_DEFRAG_WHOLE);
	assert_int_equal(add4(&kit, 2, 8, false, "b"), QW_DEFRAG_WHOLE);
	assert_int_equal(add4(&kit, 1, 8, false, "b"), QW_DEFRAG_WAITS);
	qw_defrag_free(kit.defrag);
}

static void those_inside_of_other_packets_are_counted_apart(void **state)
{
	struct kit kit;
	open_with(&kit, 1, 1 << 16);
	struct qw_packet inner = v4(&kit, 1, 0, true, "aaaaaaaa");
	inner.layer = 1;
	assert_int_equal(add(&kit, &inner), QW_DEFRAG_WAITS);
	add4(&kit, 2, 0, true, "aaaaaaaa");
	assert_int_equal(counters(&kit).crowded_out_inner, 1);
	assert_int_equal(counters(&kit).crowded_out, 0);
	add4(&kit, 3, 0, true, "aaaaaaaa");
	assert_int_equal(counters(&kit).crowded_out, 1);
	qw_defrag_free(kit.defrag);
}

static void what_waits_at_the_end_came_too_late(void **state)
{
	struct kit kit;
	open_with(&kit, 8, 1 << 16);
	add4(&kit, 1, 0, true, "aaaaaaaa");
	add4(&kit, 1, 16, true, "aaaaaaaa");
	add4(&kit, 2, 0, true, "aaaaaaaa");
	qw_defrag_expire(kit.defrag, qw_time_seconds(1059));
	assert_int_equal(counters(&kit).timed_out, 0);
	qw_defrag_clear(kit.defrag);
	assert_int_equal(counters(&kit).timed_out, 3);
	assert_int_equal(counters(&kit).waiting_fragments, 0);
	qw_defrag_free(kit.defrag);
}

static void memory_is_bounded_and_every_fragment_accounted_for(void **state)
{
	struct kit kit;
	char text[2049] = {0};
	memset(text, 'a', 2048);
	open_with(&kit, 8, 2 * 1536);
	assert_int_equal(add4(&kit, 1, 0, true, "aaaaaaaa"), QW_DEFRAG_WAITS);
	assert_int_equal(add4(&kit, 2, 0, true, text), QW_DEFRAG_WAITS); /* takes both blocks */
	assert_int_equal(counters(&kit).crowded_out, 1);
	assert_int_equal(add4(&kit, 2, 4096, true, text), QW_DEFRAG_NO_ROOM);
	struct qw_defrag_counters now = counters(&kit);
	assert_int_equal(now.crowded_out, 2);
	assert_int_equal(now.no_room, 1);
	assert_int_equal(now.waiting_fragments, 0);
	assert_int_equal(add4(&kit, 3, 0, true, "aaaaaaaa"), QW_DEFRAG_WAITS);
	qw_defrag_free(kit.defrag);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fragments_make_the_packet_in_any_order),
	    cmocka_unit_test(datagrams_do_not_mix),
	    cmocka_unit_test(duplicates_change_nothing),
	    cmocka_unit_test(the_first_bytes_stay_where_ipv4_fragments_overlap),
	    cmocka_unit_test(an_overlap_of_ipv6_discards_the_datagram_and_what_comes_later),
	    cmocka_unit_test(the_fragment_header_of_ipv6_is_taken_out),
	    cmocka_unit_test(fragments_that_contradict_themselves_or_others_are_bad),
	    cmocka_unit_test(fragments_wait_only_so_long),
	    cmocka_unit_test(the_oldest_is_crowded_out),
	    cmocka_unit_test(those_inside_of_other_packets_are_counted_apart),
	    cmocka_unit_test(what_waits_at_the_end_came_too_late),
	    cmocka_unit_test(memory_is_bounded_and_every_fragment_accounted_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
