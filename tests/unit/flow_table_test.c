/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/flow_kit.h"

enum { ENDS_MAX = 64 };

struct ends {
	unsigned count;
	enum qw_flow_end why[ENDS_MAX];
	uint16_t client_port[ENDS_MAX];
};

static void on_end(void *ctx, struct qw_flow *flow, enum qw_flow_end why)
{
	struct ends *ends = ctx;
	assert_true(ends->count < ENDS_MAX);
	ends->client_port[ends->count] = qw_flow_client_port(flow);
	ends->why[ends->count++] = why;
}

static struct qw_flow_table *open_table(struct ends *ends, size_t flows, bool midstream)
{
	struct qw_flow_table *table;
	struct qw_flow_table_options options = kit_table_options(flows, midstream);
	*ends = (struct ends){0};
	options.ended = on_end;
	options.ctx = ends;
	assert_int_equal(qw_flow_table_new(&table, &options), QW_OK);
	return table;
}

static struct qw_flow *udp(struct qw_flow_table *table, bool from_client, uint16_t client_port, int64_t seconds)
{
	enum qw_direction direction;
	struct qw_packet packet = kit_packet(QW_PROTO_UDP, from_client, seconds);
	*(from_client ? &packet.sport : &packet.dport) = client_port;
	return kit_find(table, &packet, &direction);
}

static void both_directions_are_one_flow_and_the_first_speaker_is_the_client(void **state)
{
	struct ends ends;
	struct qw_flow_table *table = open_table(&ends, 16, false);
	enum qw_direction direction;
	struct qw_packet question = kit_packet(QW_PROTO_UDP, true, 1), answer = kit_packet(QW_PROTO_UDP, false, 1);
	struct qw_flow *flow = kit_find(table, &question, &direction);
	assert_int_equal(direction, QW_TO_SERVER);
	assert_false(flow->flags & QW_FLOW_ESTABLISHED);
	assert_ptr_equal(kit_find(table, &answer, &direction), flow);
	assert_int_equal(direction, QW_TO_CLIENT);
	assert_true(flow->flags & QW_FLOW_ESTABLISHED);
	assert_int_equal(flow->packets[QW_TO_SERVER], 1);
	assert_int_equal(flow->bytes[QW_TO_CLIENT], 100);
	assert_int_equal(qw_flow_server_port(flow), KIT_SERVER_PORT);
	qw_flow_table_free(table);
	assert_int_equal(ends.count, 1);
	assert_int_equal(ends.why[0], QW_FLOW_END_SHUTDOWN);
}

static void the_server_may_have_the_lower_address(void **state)
{
	struct ends ends;
	struct qw_flow_table *table = open_table(&ends, 16, false);
	enum qw_direction direction;
	struct qw_packet from_high = kit_packet(QW_PROTO_UDP, false, 1), from_low = kit_packet(QW_PROTO_UDP, true, 1);
	struct qw_flow *flow = kit_find(table, &from_high, &direction);
	assert_int_equal(direction, QW_TO_SERVER);
	assert_int_equal(qw_flow_client_port(flow), KIT_SERVER_PORT);
	assert_ptr_equal(kit_find(table, &from_low, &direction), flow);
	assert_int_equal(direction, QW_TO_CLIENT);
	qw_flow_table_free(table);
}

static void ports_tell_the_ends_apart_on_one_address(void **state)
{
	struct ends ends;
	struct qw_flow_table *table = open_table(&ends, 16, false);
	enum qw_direction direction;
	struct qw_packet there = kit_packet(QW_PROTO_UDP, true, 1), back = kit_packet(QW_PROTO_UDP, false, 1);
	there.dst = there.src;
	back.src = back.dst;
	struct qw_flow *flow = kit_find(table, &there, &direction);
	assert_int_equal(direction, QW_TO_SERVER);
	assert_ptr_equal(kit_find(table, &back, &direction), flow);
	assert_int_equal(direction, QW_TO_CLIENT);
	qw_flow_table_free(table);
}

static void tunnelled_packets_do_not_meet_plain_ones(void **state)
{
	struct ends ends;
	struct qw_flow_table *table = open_table(&ends, 16, false);
	enum qw_direction direction;
	struct qw_packet plain = kit_packet(QW_PROTO_UDP, true, 1), inner = plain;
	inner.flags |= QW_PACKET_TUNNELED;
	assert_ptr_not_equal(kit_find(table, &plain, &direction), kit_find(table, &inner, &direction));
	qw_flow_table_free(table);
}

static void vlans_part_flows_only_where_the_option_says_so(void **state)
{
	for (int with = 0; with <= 1; with++) {
		struct qw_flow_table *table;
		struct qw_flow_table_options options = kit_table_options(16, false);
		options.vlan_in_key = with;
		assert_int_equal(qw_flow_table_new(&table, &options), QW_OK);
		enum qw_direction direction;
		struct qw_packet one = kit_packet(QW_PROTO_UDP, true, 1), two = one;
		one.vlan_count = two.vlan_count = 1;
		one.vlan[0] = 10;
		two.vlan[0] = 20;
		assert_int_equal(kit_find(table, &one, &direction) != kit_find(table, &two, &direction), with);
		qw_flow_table_free(table);
	}
}

static void an_echo_reply_meets_its_request_by_identifier(void **state)
{
	struct ends ends;
	struct qw_flow_table *table = open_table(&ends, 16, false);
	enum qw_direction direction;
	struct qw_packet ask = kit_icmp(true, (const uint8_t[8]){8, 0, 0, 0, 0x12, 0x34});
	struct qw_packet reply = kit_icmp(false, (const uint8_t[8]){0, 0, 0, 0, 0x12, 0x34});
	struct qw_packet other = kit_icmp(true, (const uint8_t[8]){8, 0, 0, 0, 0x12, 0x35});
	struct qw_flow *flow = kit_find(table, &ask, &direction);
	assert_int_equal(flow->key.low_port, 0x1234);
	assert_ptr_equal(kit_find(table, &reply, &direction), flow);
	assert_int_equal(direction, QW_TO_CLIENT);
	assert_ptr_not_equal(kit_find(table, &other, &direction), flow);
	qw_flow_table_free(table);
}

static void tcp_without_its_syn_has_no_reassembly_unless_midstream_is_on(void **state)
{
	for (int midstream = 0; midstream <= 1; midstream++) {
		struct ends ends;
		struct qw_flow_table *table = open_table(&ends, 16, midstream);
		enum qw_direction direction;
		struct qw_packet packet = kit_tcp(false, QW_TCP_ACK, 1, 1, "x");
		struct qw_flow *flow = kit_find(table, &packet, &direction);
		assert_int_equal((flow->flags & QW_FLOW_MIDSTREAM) != 0, midstream);
		assert_int_equal((flow->flags & QW_FLOW_STREAM_OFF) != 0, !midstream);
		assert_int_equal(direction, QW_TO_CLIENT); /* by the ports */
		qw_flow_table_free(table);
	}
}

static void the_client_of_tcp_in_midstream_is_the_side_that_serves_nothing(void **state)
{
	static const struct {
		uint16_t sport, dport;
		const char *payload;
		bool sender_is_client;
	} cases[] = {
	    {50000, 80, "x", true},    {80, 50000, "x", false}, {53, 80, "x", true},       {80, 53, "x", true},
	    {80, 53, "", true},        {53, 80, "", false},     {40000, 44818, "x", true}, {44818, 40000, "x", false},
	    {44818, 40000, "", false}, {502, 20000, "x", true}, {50000, 40000, "x", true}, {40000, 50000, "x", false},
	    {1022, 22, "x", true},     {22, 1022, "x", false},  {890, 2049, "", true},     {2049, 890, "x", false},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ends ends;
		struct qw_flow_table *table = open_table(&ends, 16, true);
		enum qw_direction direction;
		struct qw_packet packet = kit_tcp(true, QW_TCP_ACK, 1, 1, cases[i].payload);
		packet.sport = cases[i].sport;
		packet.dport = cases[i].dport;
		struct qw_flow *flow = kit_find(table, &packet, &direction);
		assert_int_equal(direction, cases[i].sender_is_client ? QW_TO_SERVER : QW_TO_CLIENT);
		assert_int_equal(qw_flow_client_port(flow),
				 cases[i].sender_is_client ? cases[i].sport : cases[i].dport);
		qw_flow_table_free(table);
	}
}

static void a_silent_flow_times_out_and_its_next_packet_begins_anew(void **state)
{
	struct ends ends;
	struct qw_flow_table *table = open_table(&ends, 16, false);
	struct qw_flow_table_counters counters;
	udp(table, true, 1000, 100);
	qw_flow_expire(table, qw_time_seconds(130), 10);
	assert_int_equal(ends.count, 0);
	qw_flow_expire(table, qw_time_seconds(132), 10);
	assert_int_equal(ends.count, 1);
	assert_int_equal(ends.why[0], QW_FLOW_END_TIMEOUT);
	struct qw_flow *flow = udp(table, true, 2000, 200);
	assert_ptr_equal(udp(table, true, 2000, 229), flow);
	assert_int_equal(flow->packets[QW_TO_SERVER], 2);
	flow = udp(table, true, 2000, 300);
	assert_int_equal(flow->packets[QW_TO_SERVER], 1);
	qw_flow_table_counters(table, &counters);
	assert_int_equal(counters.timed_out, 2);
	assert_int_equal(counters.created, 3);
	assert_int_equal(counters.in_use, 1);
	qw_flow_table_free(table);
}

static void an_answered_flow_waits_longer_than_an_unanswered_one(void **state)
{
	struct ends ends;
	struct qw_flow_table *table = open_table(&ends, 16, false);
	udp(table, true, 1000, 100);
	udp(table, true, 2000, 100);
	udp(table, false, 2000, 100);
	qw_flow_expire(table, qw_time_seconds(140), 10);
	assert_int_equal(ends.count, 1);
	assert_int_equal(ends.client_port[0], 1000);
	qw_flow_expire(table, qw_time_seconds(162), 10);
	assert_int_equal(ends.count, 2);
	qw_flow_table_free(table);
}

static void a_closed_connection_ends_soon_once_it_is_settled(void **state)
{
	struct ends ends;
	struct qw_flow_table *table = open_table(&ends, 16, false);
	enum qw_direction direction;
	struct qw_packet syn = kit_tcp(true, QW_TCP_SYN, 1, 0, "");
	struct qw_flow *flow = kit_find(table, &syn, &direction);
	flow->flags |= QW_FLOW_ESTABLISHED;
	qw_flow_settle(table, flow);
	qw_flow_expire(table, qw_time_seconds(1100), 10);
	assert_int_equal(ends.count, 0);
	flow->flags |= QW_FLOW_CLOSED;
	qw_flow_settle(table, flow);
	qw_flow_expire(table, qw_time_seconds(1012), 10);
	assert_int_equal(ends.count, 1);
	qw_flow_table_free(table);
}

static void expiry_stops_at_its_bound(void **state)
{
	struct ends ends;
	struct qw_flow_table *table = open_table(&ends, 16, false);
	for (uint16_t port = 1; port <= 8; port++)
		udp(table, true, port, 100);
	qw_flow_expire(table, qw_time_seconds(500), 3);
	assert_int_equal(ends.count, 3);
	qw_flow_table_free(table);
}

static void a_full_table_evicts_the_unanswered_first_and_then_the_longest_silent(void **state)
{
	struct ends ends;
	struct qw_flow_table *table = open_table(&ends, 4, false);
	struct qw_flow_table_counters counters;
	for (uint16_t port = 1; port <= 4; port++)
		udp(table, true, port, 100 + port);
	for (uint16_t port = 1; port <= 3; port++)
		udp(table, false, port, 104 + port);
	udp(table, true, 5, 110); /* flow 4 was never answered */
	assert_int_equal(ends.count, 1);
	assert_int_equal(ends.client_port[0], 4);
	assert_int_equal(ends.why[0], QW_FLOW_END_EVICTED);
	udp(table, false, 5, 111);
	udp(table, true, 1, 112); /* so 2 is the longest silent */
	udp(table, true, 6, 113);
	assert_int_equal(ends.client_port[1], 2);
	qw_flow_table_counters(table, &counters);
	assert_int_equal(counters.evicted, 2);
	assert_int_equal(counters.in_use, 4);
	assert_int_equal(counters.peak, 4);
	qw_flow_table_free(table);
}

static void chains_stay_whole_while_flows_come_and_go(void **state)
{
	enum { FLOWS = 4096, ROUNDS = 3 };
	struct qw_flow_table *table;
	struct qw_flow_table_options options = kit_table_options(FLOWS, false);
	assert_int_equal(qw_flow_table_new(&table, &options), QW_OK);
	for (int round = 0; round < ROUNDS; round++) {
		for (int port = 1; port <= FLOWS; port++)
			udp(table, true, (uint16_t)port, 100 + round);
		for (int port = 1 + round; port <= FLOWS; port += 3)
			qw_flow_end(table, udp(table, true, (uint16_t)port, 100 + round), QW_FLOW_END_CLOSED);
		for (int port = 1; port <= FLOWS; port++) {
			struct qw_flow *flow = udp(table, true, (uint16_t)port, 100 + round);
			assert_int_equal(flow->packets[QW_TO_SERVER] == 1, (port - 1 - round) % 3 == 0 && port > round);
		}
		qw_flow_table_clear(table);
	}
	qw_flow_table_free(table);
}

static void a_clock_that_leaps_back_ends_what_lies_in_the_future(void **state)
{
	struct ends ends;
	struct qw_flow_table *table = open_table(&ends, 16, false);
	udp(table, true, 1000, 100000);
	assert_int_equal(udp(table, true, 1000, 99990)->packets[QW_TO_SERVER], 2);
	assert_int_equal(udp(table, true, 1000, 500)->packets[QW_TO_SERVER], 1);
	assert_int_equal(ends.count, 1);
	qw_flow_table_free(table);
}

static void a_flow_id_names_the_flow_and_its_start_in_every_table(void **state)
{
	struct ends ends;
	struct qw_flow_table *one = open_table(&ends, 16, false), *two = open_table(&ends, 64, false);
	uint64_t id = qw_flow_id(one, udp(one, true, 1000, 100));
	assert_int_equal(id, qw_flow_id(two, udp(two, true, 1000, 100)));
	assert_int_not_equal(id, qw_flow_id(one, udp(one, true, 1001, 100)));
	assert_int_not_equal(id, qw_flow_id(one, udp(one, true, 1000, 500)));
	assert_true(id >> 53 == 0);
	qw_flow_table_free(one);
	qw_flow_table_free(two);
}

/* The baseline values of the specification. */
static void community_ids_are_those_of_the_specification(void **state)
{
	char id[QW_COMMUNITY_ID_LEN + 1];
	struct qw_flow flow = {
	    .key = {.low = qw_address_v4((const uint8_t[]){66, 35, 250, 204}),
		    .high = qw_address_v4((const uint8_t[]){128, 232, 110, 120}),
		    .low_port = 80,
		    .high_port = 34855,
		    .proto = QW_PROTO_TCP},
	};
	qw_flow_community_id(&flow, id);
	assert_string_equal(id, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
	flow = (struct qw_flow){
	    .key = {.low = qw_address_v4((const uint8_t[]){192, 168, 0, 1}),
		    .high = qw_address_v4((const uint8_t[]){192, 168, 0, 89}),
		    .low_port = 77,
		    .proto = QW_PROTO_ICMP},
	    .icmp_type = 8,
	};
	qw_flow_community_id(&flow, id);
	assert_string_equal(id, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=");
	/* The same conversation, of which only the answer's beginning was seen. */
	flow.icmp_type = 0;
	qw_flow_community_id(&flow, id);
	assert_string_equal(id, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(both_directions_are_one_flow_and_the_first_speaker_is_the_client),
	    cmocka_unit_test(the_server_may_have_the_lower_address),
	    cmocka_unit_test(ports_tell_the_ends_apart_on_one_address),
	    cmocka_unit_test(tunnelled_packets_do_not_meet_plain_ones),
	    cmocka_unit_test(vlans_part_flows_only_where_the_option_says_so),
	    cmocka_unit_test(an_echo_reply_meets_its_request_by_identifier),
	    cmocka_unit_test(tcp_without_its_syn_has_no_reassembly_unless_midstream_is_on),
	    cmocka_unit_test(the_client_of_tcp_in_midstream_is_the_side_that_serves_nothing),
	    cmocka_unit_test(a_silent_flow_times_out_and_its_next_packet_begins_anew),
	    cmocka_unit_test(an_answered_flow_waits_longer_than_an_unanswered_one),
	    cmocka_unit_test(a_closed_connection_ends_soon_once_it_is_settled),
	    cmocka_unit_test(expiry_stops_at_its_bound),
	    cmocka_unit_test(a_full_table_evicts_the_unanswered_first_and_then_the_longest_silent),
	    cmocka_unit_test(chains_stay_whole_while_flows_come_and_go),
	    cmocka_unit_test(a_clock_that_leaps_back_ends_what_lies_in_the_future),
	    cmocka_unit_test(a_flow_id_names_the_flow_and_its_start_in_every_table),
	    cmocka_unit_test(community_ids_are_those_of_the_specification),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
