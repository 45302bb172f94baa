/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/detect/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/flow_kit.h"

static void a_packet_alone_says_what_its_headers_say(void **state)
{
	static const uint8_t net[20] = {0x45, 0, 0, 40, 0xbe, 0xef};
	struct qw_packet packet = kit_tcp(true, QW_TCP_SYN, 1, 0, "data");
	struct qw_facts facts;

	packet.net = net;
	packet.net_header_len = sizeof(net);
	packet.ttl = 63;
	packet.vlan[0] = 10;
	packet.vlan[1] = 20;
	packet.vlan_count = 2;
	qw_facts_of_packet(&facts, NULL, QW_TO_SERVER, &packet);
	assert_int_equal(facts.sport, KIT_CLIENT_PORT);
	assert_int_equal(facts.dport, KIT_SERVER_PORT);
	assert_int_equal(facts.tcp_flags, QW_TCP_SYN);
	assert_int_equal(facts.ttl, 63);
	assert_int_equal(facts.ip_id, 0xbeef);
	assert_int_equal(facts.network_header.len, sizeof(net));
	assert_int_equal(facts.vlan_count, 2);
	assert_int_equal(facts.vlan[1], 20);
	assert_int_equal(facts.payload_len, 4);
	assert_int_equal(facts.flags, QW_FACT_PACKET | QW_FACT_FIRST);
	assert_int_equal(facts.app, QW_APP_UNKNOWN);
}

static void a_flow_says_the_direction_and_whether_it_is_established(void **state)
{
	struct qw_flow_table_options options = kit_table_options(16, false);
	struct qw_packet packet = kit_packet(QW_PROTO_UDP, true, 1);
	enum qw_direction direction;
	struct qw_flow_table *table;
	struct qw_facts facts;

	assert_int_equal(qw_flow_table_new(&table, &options), QW_OK);
	struct qw_flow *flow = kit_find(table, &packet, &direction);
	assert_non_null(flow);
	qw_facts_of_packet(&facts, flow, direction, &packet);
	assert_int_equal(facts.flags, QW_FACT_PACKET | QW_FACT_FLOW | QW_FACT_TO_SERVER | QW_FACT_FIRST);
	packet = kit_packet(QW_PROTO_UDP, false, 2);
	flow = kit_find(table, &packet, &direction);
	assert_int_equal(direction, QW_TO_CLIENT);
	qw_facts_of_packet(&facts, flow, direction, &packet);
	assert_int_equal(facts.flags,
			 QW_FACT_PACKET | QW_FACT_FLOW | QW_FACT_TO_CLIENT | QW_FACT_ESTABLISHED | QW_FACT_FIRST);
	flow = kit_find(table, &packet, &direction);
	qw_facts_of_packet(&facts, flow, direction, &packet);
	assert_false(facts.flags & QW_FACT_FIRST);
	qw_flow_table_free(table);
}

static void a_flow_without_a_packet_knows_who_speaks(void **state)
{
	struct qw_flow_table_options options = kit_table_options(16, false);
	struct qw_packet packet = kit_packet(QW_PROTO_UDP, true, 1);
	struct qw_address client = kit_host(KIT_CLIENT);
	enum qw_direction direction;
	struct qw_flow_table *table;
	struct qw_facts facts;

	assert_int_equal(qw_flow_table_new(&table, &options), QW_OK);
	struct qw_flow *flow = kit_find(table, &packet, &direction);
	flow->app = QW_APP_MODBUS;
	qw_facts_of_flow(&facts, flow, QW_TO_SERVER);
	assert_true(qw_address_equal(&facts.src, &client));
	assert_int_equal(facts.sport, KIT_CLIENT_PORT);
	assert_int_equal(facts.app, QW_APP_MODBUS);
	qw_facts_of_flow(&facts, flow, QW_TO_CLIENT);
	assert_true(qw_address_equal(&facts.dst, &client));
	assert_int_equal(facts.dport, KIT_CLIENT_PORT);
	assert_false(facts.flags & (QW_FACT_PACKET | QW_FACT_FIRST));
	qw_flow_table_free(table);
}

static void a_fragment_is_said_to_be_one(void **state)
{
	struct qw_packet packet = kit_packet(QW_PROTO_UDP, true, 1);
	struct qw_facts facts;

	packet.flags |= QW_PACKET_FRAGMENT;
	qw_facts_of_packet(&facts, NULL, QW_TO_SERVER, &packet);
	assert_true(facts.flags & QW_FACT_FRAGMENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet_alone_says_what_its_headers_say),
		cmocka_unit_test(a_flow_says_the_direction_and_whether_it_is_established),
		cmocka_unit_test(a_flow_without_a_packet_knows_who_speaks),
		cmocka_unit_test(a_fragment_is_said_to_be_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
