/* SPDX-License-Identifier: Apache-2.0 */
/* The whole engine, on forged captures: what must alert, how often, and what must not. */
#include "tests/unit/engine_kit.h"

#define EVIL "the evil crane"
#define RULE "alert ip any any -> any any (msg:\"evil\"; content:\"the evil crane\"; sid:1;)\n"
#define STREAM_RULE "alert tcp any any -> any any (msg:\"evil\"; flow:only_stream; content:\"the evil crane\"; sid:2;)\n"

static void say(struct forge_talk *talk, const char *text)
{
	forge_talk_text(talk, FORGE_CLIENT, text);
}

static void a_pattern_in_one_segment_alerts_once(void **state)
{
	struct room room;
	room_open(&room, RULE STREAM_RULE);
	room_begin(&room);
	struct forge_talk talk = room_talk(&room);
	say(&talk, "swing " EVIL " around");
	say(&talk, "and nothing more");
	forge_talk_close(&talk);
	room_run(&room);
	assert_int_equal(room.alerts[1], 1);
	assert_int_equal(room.alerts[2], 1);
	room_close(&room);
}

static void a_pattern_alerts_once_wherever_segments_part_it(void **state)
{
	struct room room;
	room_open(&room, RULE STREAM_RULE);
	for (size_t at = 1; at < strlen(EVIL); at++) {
		room_begin(&room);
		struct forge_talk talk = room_talk(&room);
		forge_talk_say(&talk, FORGE_CLIENT, EVIL, at, 0);
		say(&talk, &EVIL[at]);
		say(&talk, "tail");
		forge_talk_close(&talk);
		room_run(&room);
		assert_int_equal(room.alerts[1], 1);
		assert_int_equal(room.alerts[2], 1);
	}
	room_close(&room);
}

static void segments_in_the_wrong_order_alert_alike(void **state)
{
	struct room room;
	room_open(&room, RULE STREAM_RULE);
	room_begin(&room);
	struct forge_talk talk = room_talk(&room);
	forge_talk_at(&talk, FORGE_CLIENT, 7, &EVIL[7], strlen(EVIL) - 7);
	forge_talk_at(&talk, FORGE_CLIENT, 0, EVIL, 7);
	forge_talk_skip(&talk, FORGE_CLIENT, (uint32_t)strlen(EVIL));
	forge_talk_close(&talk);
	room_run(&room);
	assert_int_equal(room.alerts[1], 1);
	assert_int_equal(room.alerts[2], 1);
	room_close(&room);
}

static void a_pattern_does_not_match_across_directions_or_connections(void **state)
{
	struct room room;
	room_open(&room, RULE STREAM_RULE);
	room_begin(&room);
	struct forge_talk talk = room_talk(&room), other;
	say(&talk, "the evil ");
	forge_talk_text(&talk, FORGE_SERVER, "crane");
	forge_talk_init(&other, &room.capture, ROOM_CLIENT, 40001, ROOM_SERVER, 9000);
	forge_talk_open(&other);
	say(&other, "crane");
	room_run(&room);
	assert_int_equal(room.stats.alerts, 0);
	room_close(&room);
}

/* ---- where receivers disagree */

static void overlap(struct room *room, const char *first, const char *second, bool held)
{
	room_begin(room);
	struct forge_talk talk = room_talk(room);
	if (!held)
		say(&talk, "crate ");
	forge_talk_at(&talk, FORGE_CLIENT, held ? 6 : 0, first, strlen(first));
	forge_talk_at(&talk, FORGE_CLIENT, held ? 6 : 0, second, strlen(second));
	if (held)
		say(&talk, "crate ");
	forge_talk_skip(&talk, FORGE_CLIENT, (uint32_t)strlen(first));
	say(&talk, " lifted, and a good deal more of what is said here");
	forge_talk_close(&talk);
	room_run(room);
}

static void the_losing_version_of_an_overlap_alerts_too(void **state)
{
	struct room room;
	room_open(&room, RULE STREAM_RULE);
	for (int held = 0; held <= 1; held++) {
		for (int evil_first = 0; evil_first <= 1; evil_first++) {
			overlap(&room, evil_first ? EVIL : "the good crane", evil_first ? "the good crane" : EVIL, held);
			assert_int_equal(room.alerts[1], 1);
			assert_int_equal(room.alerts[2], evil_first); /* asks for the stream alone: for what won */
			assert_int_equal(room.stats.stream_differs, 1);
		}
		overlap(&room, "the good crane", "the good crane", held);
		assert_int_equal(room.stats.alerts, 0);
		assert_int_equal(room.stats.stream_differs, 0);
		overlap(&room, "the good crane", "the blue crane", held);
		assert_int_equal(room.alerts[1], 0);
		assert_int_equal(room.alarms, 1);
		assert_int_equal(room.stats.stream_differs, 1);
	}
	room_close(&room);
}

static void a_pattern_that_only_the_second_version_completes_alerts(void **state)
{
	struct room room;
	room_open(&room, RULE STREAM_RULE);
	for (int longer = 0; longer <= 1; longer++) {
		room_begin(&room);
		struct forge_talk talk = room_talk(&room);
		say(&talk, "swing the evil ");
		forge_talk_at(&talk, FORGE_CLIENT, 0, "train", 5);
		forge_talk_at(&talk, FORGE_CLIENT, 0, "crane around", longer ? 12 : 5);
		room_run(&room);
		assert_int_equal(room.alerts[1], 1);
		assert_int_equal(room.alerts[2], 0);
	}
	room_close(&room);
}

/* Longer than what is kept to compare with, so that the second version is looked at on its own. */
static void a_long_second_version_alerts_and_an_honest_one_not_again(void **state)
{
	char good[600], evil[600];
	struct room room;
	room_open(&room, RULE);
	memset(good, '.', sizeof(good));
	memset(evil, '.', sizeof(evil));
	memcpy(evil + 100, EVIL, strlen(EVIL));
	for (int variant = 0; variant < 3; variant++) {
		const char *first = variant == 0 ? good : evil, *second = variant == 1 ? good : evil;
		room_begin(&room);
		struct forge_talk talk = room_talk(&room);
		forge_talk_say(&talk, FORGE_CLIENT, first, sizeof(good), 0);
		forge_talk_at(&talk, FORGE_CLIENT, -(int32_t)sizeof(good), second, sizeof(good));
		forge_talk_close(&talk);
		room_run(&room);
		assert_int_equal(room.alerts[1], 1);
	}
	room_close(&room);
}

static void a_pattern_in_a_packet_that_was_half_seen_alerts(void **state)
{
	struct room room;
	room_open(&room, RULE);
	room_begin(&room);
	struct forge_talk talk = room_talk(&room);
	say(&talk, "the good ");
	forge_talk_at(&talk, FORGE_CLIENT, -9, EVIL, strlen(EVIL));
	room_run(&room);
	assert_int_equal(room.alerts[1], 1);
	room_close(&room);
}

/* ---- other ways for a packet to come */

static void tunnelled(struct room *room, uint32_t seq, uint8_t flags, const char *text)
{
	struct forge_packet packet;
	forge_begin(&packet);
	forge_ethernet(&packet);
	forge_ipv4(&packet, "172.16.0.1", "172.16.0.2");
	forge_gre(&packet, FORGE_GRE_KEY);
	forge_ipv4(&packet, ROOM_CLIENT, ROOM_SERVER);
	forge_tcp(&packet, 40000, 9000, seq, flags & FORGE_ACK ? 1 : 0, flags);
	forge_text(&packet, text);
	forge_end(&packet);
	forge_capture_add(&room->capture, &packet);
}

static void a_pattern_alerts_in_a_tunnel_and_over_its_segments(void **state)
{
	struct room room;
	room_open(&room, RULE STREAM_RULE);
	for (int parted = 0; parted <= 1; parted++) {
		room_begin(&room);
		tunnelled(&room, 99, FORGE_SYN, "");
		tunnelled(&room, 100, FORGE_ACK, parted ? "the ev" : EVIL);
		if (parted)
			tunnelled(&room, 106, FORGE_ACK, &EVIL[6]);
		room_run(&room);
		assert_int_equal(room.alerts[1], 1);
		assert_int_equal(room.alerts[2], 1);
		assert_int_equal(room.stats.flows, 2); /* the tunnel's and what is in it */
	}
	room_close(&room);
}

static void whole_datagram(struct forge_packet *packet, bool v6)
{
	forge_begin(packet);
	forge_ethernet(packet);
	if (v6)
		forge_ipv6(packet, "2001:db8::1", "2001:db8::2");
	else
		forge_ipv4(packet, ROOM_CLIENT, ROOM_SERVER);
	forge_udp(packet, 40000, 9000);
	forge_text(packet, "swing " EVIL " around");
	forge_end(packet);
}

static void a_pattern_alerts_over_fragments_in_either_order(void **state)
{
	struct forge_packet whole, part;
	struct room room;
	room_open(&room, RULE);
	for (int variant = 0; variant < 4; variant++) {
		whole_datagram(&whole, variant & 1);
		room_begin(&room);
		for (int i = 0; i < 2; i++) {
			bool second = i != (variant >> 1);
			forge_fragment(&part, &whole, second ? 16 : 0, second ? 100 : 16, 77);
			forge_capture_add(&room.capture, &part);
		}
		room_run(&room);
		assert_int_equal(room.alerts[1], 1);
		assert_int_equal(room.stats.malformed[QW_DROP_FRAGMENT_TIMEOUT], 0);
	}
	room_close(&room);
}

static void a_pattern_alerts_in_udp_but_not_over_two_datagrams(void **state)
{
	struct room room;
	room_open(&room, RULE);
	room_begin(&room);
	forge_datagram(&room.capture, ROOM_CLIENT, 40000, ROOM_SERVER, 9000, EVIL, 6);
	forge_datagram(&room.capture, ROOM_CLIENT, 40000, ROOM_SERVER, 9000, &EVIL[6], strlen(EVIL) - 6);
	room_run(&room);
	assert_int_equal(room.alerts[1], 0);
	forge_datagram(&room.capture, ROOM_CLIENT, 40000, ROOM_SERVER, 9000, EVIL, strlen(EVIL));
	room_run(&room);
	assert_int_equal(room.alerts[1], 1);
	room_close(&room);
}

/* ---- rules of several parts */

static void two_contents_alert_over_two_segments_in_either_order(void **state)
{
	static const char *const orders[][2] = {{"spreader one", "hoist two"}, {"hoist two", "spreader one"}};
	struct room room;
	room_open(&room, "alert tcp any any -> any any (msg:\"both\"; content:\"spreader one\"; content:\"hoist two\"; sid:3;)\n"
			 "alert tcp any any -> any any (msg:\"order\"; content:\"spreader one\"; content:\"hoist two\"; "
			 "distance:0; sid:4;)\n");
	for (int order = 0; order < 2; order++) {
		room_begin(&room);
		struct forge_talk talk = room_talk(&room);
		say(&talk, orders[order][0]);
		say(&talk, "between");
		say(&talk, orders[order][1]);
		say(&talk, "after");
		forge_talk_close(&talk);
		room_run(&room);
		assert_int_equal(room.alerts[3], 1);
		assert_int_equal(room.alerts[4], order == 0);
	}
	room_close(&room);
}

static void one_of_two_contents_is_not_enough(void **state)
{
	struct room room;
	room_open(&room, "alert tcp any any -> any any (msg:\"both\"; content:\"spreader one\"; content:\"hoist two\"; sid:3;)\n");
	room_begin(&room);
	struct forge_talk talk = room_talk(&room);
	say(&talk, "spreader one");
	say(&talk, "hoist three");
	forge_talk_text(&talk, FORGE_SERVER, "hoist two");
	room_run(&room);
	assert_int_equal(room.stats.alerts, 0);
	room_close(&room);
}

/* The request is known to be HTTP once it is there; what alerts are the acknowledgement, the FIN and the last ACK. */
static void a_rule_on_a_protocol_alone_sees_the_packets_after_it_was_known(void **state)
{
	struct room room;
	room_open(&room, "alert http any any -> any any (msg:\"http\"; flow:to_server; sid:6;)\n"
			 "alert tcp any any -> any any (msg:\"tcp\"; flow:to_server; sid:7;)\n"
			 "alert http any any -> any any (msg:\"get\"; http.method; content:\"GET\"; sid:8;)\n");
	room_begin(&room);
	struct forge_talk talk = room_talk(&room);
	say(&talk, "GET /gate HTTP/1.0\r\n\r\n");
	forge_talk_text(&talk, FORGE_SERVER, "HTTP/1.0 200 OK\r\n\r\nopen");
	forge_talk_close(&talk);
	room_run(&room);
	assert_int_equal(room.alerts[6], 3);
	assert_int_equal(room.alerts[7], 6);
	assert_int_equal(room.alerts[8], 1);
	room_close(&room);
}

static void a_pass_rule_silences_what_it_matches_and_no_more(void **state)
{
	struct room room;
	room_open(&room, RULE "pass ip 192.168.1.10 any -> any any (msg:\"known\"; content:\"the evil crane\"; sid:5;)\n");
	room_begin(&room);
	forge_datagram(&room.capture, ROOM_CLIENT, 40000, ROOM_SERVER, 9000, EVIL, strlen(EVIL));
	room_run(&room);
	assert_int_equal(room.stats.alerts, 0);
	forge_datagram(&room.capture, "192.168.1.11", 40000, ROOM_SERVER, 9000, EVIL, strlen(EVIL));
	room_run(&room);
	assert_int_equal(room.alerts[1], 1);
	room_close(&room);
}

/* ---- indicators and counting */

static void a_listed_address_alerts_once_a_flow(void **state)
{
	struct room room;
	room_prepare(&room, RULE);
	room_set(&room, "alerts.fold=0");
	room_indicate(&room, QW_OBS_IP, ROOM_SERVER);
	room_compile(&room);
	room_begin(&room);
	for (uint16_t port = 40000; port < 40003; port++) {
		struct forge_talk talk;
		forge_talk_init(&talk, &room.capture, ROOM_CLIENT, port, ROOM_SERVER, 9000);
		forge_talk_open(&talk);
		say(&talk, "hello");
		forge_talk_text(&talk, FORGE_SERVER, "hello");
		forge_talk_close(&talk);
	}
	forge_datagram(&room.capture, ROOM_CLIENT, 40000, "10.1.1.2", 9000, "hello", 5);
	room_run(&room);
	assert_int_equal(room.alerts[ROOM_INDICATORS], 3);
	assert_int_equal(room.records[ROOM_INDICATORS], 3);
	room_close(&room);
}

static void folded_alerts_lose_no_count(void **state)
{
	enum { TIMES = 250 };
	struct room room;
	room_open(&room, RULE);
	room_begin(&room);
	room.capture.step_ns = 100 * INT64_C(1000000); /* 25 s in all, of spans of 10 */
	for (int i = 0; i < TIMES; i++)
		forge_datagram(&room.capture, ROOM_CLIENT, 40000, ROOM_SERVER, 9000, EVIL, strlen(EVIL));
	room_run(&room);
	assert_int_equal(room.alerts[1], TIMES);
	assert_int_equal(room.stats.alerts, TIMES);
	assert_in_range(room.records[1], 2, 6);
	room_set(&room, "alerts.fold=0");
	room_run(&room);
	assert_int_equal(room.alerts[1], TIMES);
	assert_int_equal(room.records[1], TIMES);
	room_close(&room);
}

/* ---- what is broken */

static void broken_packets_are_inspected_and_named(void **state)
{
	struct forge_packet packet, part;
	struct room room;
	room_open(&room, RULE);
	room_begin(&room);
	whole_datagram(&packet, false);
	uint32_t net = packet.layer[1].at, udp = packet.layer[2].at;
	forge_capture_frame(&room.capture, packet.data, net + 10, net + 10); /* ends in the IP header */
	forge_capture_frame(&room.capture, packet.data, 5, 5);               /* … in Ethernet's */
	forge_fragment(&part, &packet, 0, 16, 5);                            /* its rest never comes */
	forge_capture_add(&room.capture, &part);
	packet.data[udp + 4] = 0;
	packet.data[udp + 5] = 3; /* shorter than its own header */
	forge_capture_add(&room.capture, &packet);
	packet.data[net] = 0x75;
	forge_capture_add(&room.capture, &packet);
	room_run(&room);
	assert_int_equal(room.stats.packets, 5);
	assert_int_equal(room.stats.malformed[QW_DROP_NET_SHORT], 1);
	assert_int_equal(room.stats.malformed[QW_DROP_TRANSPORT_BAD], 1);
	assert_int_equal(room.stats.malformed[QW_DROP_NET_BAD], 1);
	assert_int_equal(room.stats.malformed[QW_DROP_FRAGMENT_TIMEOUT], 1);
	assert_int_equal(room.stats.drops[QW_DROP_LINK_SHORT], 1);
	assert_int_equal(room_dropped(&room), 1);
	room_close(&room);
}

static void only_fragments_without_room_are_drops(void **state)
{
	enum { DATAGRAMS = 20, ROOM_FOR = 16 };
	struct forge_packet packet, part;
	struct room room;
	room_open(&room, RULE);
	room_set(&room, "defrag.datagrams=16");
	room_begin(&room);
	whole_datagram(&packet, false);
	for (uint32_t id = 1; id <= DATAGRAMS; id++) {
		forge_fragment(&part, &packet, 0, 16, id);
		forge_capture_add(&room.capture, &part);
	}
	room_run(&room);
	assert_int_equal(room.stats.drops[QW_DROP_FRAGMENT_LIMIT], DATAGRAMS - ROOM_FOR);
	assert_int_equal(room.stats.malformed[QW_DROP_FRAGMENT_TIMEOUT], ROOM_FOR);
	room_close(&room);
}

static void a_wrong_checksum_of_tcp_is_a_drop_unless_they_are_ignored(void **state)
{
	struct forge_packet packet;
	struct room room;
	room_open(&room, RULE);
	room_begin(&room);
	forge_begin(&packet);
	forge_ethernet(&packet);
	forge_ipv4(&packet, ROOM_CLIENT, ROOM_SERVER);
	forge_tcp(&packet, 40000, 9000, 1, 1, FORGE_ACK);
	forge_last(&packet)->spoiled = true;
	forge_text(&packet, EVIL);
	forge_end(&packet);
	forge_capture_add(&room.capture, &packet);
	room_run(&room);
	assert_int_equal(room.alerts[1], 0);
	assert_int_equal(room.stats.drops[QW_DROP_TRANSPORT_CHECKSUM], 1);
	room_set(&room, "capture.checksums=\"ignore\"");
	room_run(&room);
	assert_int_equal(room.alerts[1], 1);
	assert_int_equal(room_dropped(&room), 0);
	room_close(&room);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_pattern_in_one_segment_alerts_once),
	    cmocka_unit_test(a_pattern_alerts_once_wherever_segments_part_it),
	    cmocka_unit_test(segments_in_the_wrong_order_alert_alike),
	    cmocka_unit_test(a_pattern_does_not_match_across_directions_or_connections),
	    cmocka_unit_test(the_losing_version_of_an_overlap_alerts_too),
	    cmocka_unit_test(a_pattern_that_only_the_second_version_completes_alerts),
	    cmocka_unit_test(a_long_second_version_alerts_and_an_honest_one_not_again),
	    cmocka_unit_test(a_pattern_in_a_packet_that_was_half_seen_alerts),
	    cmocka_unit_test(a_pattern_alerts_in_a_tunnel_and_over_its_segments),
	    cmocka_unit_test(a_pattern_alerts_over_fragments_in_either_order),
	    cmocka_unit_test(a_pattern_alerts_in_udp_but_not_over_two_datagrams),
	    cmocka_unit_test(two_contents_alert_over_two_segments_in_either_order),
	    cmocka_unit_test(one_of_two_contents_is_not_enough),
	    cmocka_unit_test(a_rule_on_a_protocol_alone_sees_the_packets_after_it_was_known),
	    cmocka_unit_test(a_pass_rule_silences_what_it_matches_and_no_more),
	    cmocka_unit_test(a_listed_address_alerts_once_a_flow),
	    cmocka_unit_test(folded_alerts_lose_no_count),
	    cmocka_unit_test(broken_packets_are_inspected_and_named),
	    cmocka_unit_test(only_fragments_without_room_are_drops),
	    cmocka_unit_test(a_wrong_checksum_of_tcp_is_a_drop_unless_they_are_ignored),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
