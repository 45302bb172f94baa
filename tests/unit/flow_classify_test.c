/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/flow_kit.h"

#include "sensor/flow/classify.h"

enum { FRAME = 2048, IP_LEN = 20, UDP_LEN = 8, TCP_LEN = 20 };

struct kit {
	struct qw_classifier *classifier;
	struct qw_flow flow;
	char name[QW_CLASS_NAME_MAX];
	uint8_t frame[FRAME];
};

static int open_kit(void **state)
{
	struct kit *kit = calloc(1, sizeof(*kit));
	assert_non_null(kit);
	assert_int_equal(qw_classifier_new(&kit->classifier), QW_OK);
	*state = kit;
	return 0;
}

static int close_kit(void **state)
{
	struct kit *kit = *state;
	qw_classifier_free(kit->classifier);
	free(kit);
	return 0;
}

static struct qw_classifier_counters counters(const struct kit *kit)
{
	struct qw_classifier_counters out;
	qw_classifier_counters(kit->classifier, &out);
	return out;
}

static void put16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* A real packet, since nDPI reads from the IP header on. */
static struct qw_packet packet_of(struct kit *kit, uint8_t proto, uint16_t server_port, const void *payload, size_t len)
{
	struct qw_packet packet = kit_packet(proto, true, 1000);
	uint8_t *ip = kit->frame, *transport = ip + IP_LEN;
	uint32_t transport_len = proto == QW_PROTO_TCP ? TCP_LEN : UDP_LEN;
	memset(ip, 0, IP_LEN + transport_len);
	assert_true(IP_LEN + transport_len + len <= FRAME);
	memcpy(transport + transport_len, payload, len);
	ip[0] = 0x45;
	put16(ip + 2, IP_LEN + transport_len + len);
	ip[8] = 64;
	ip[9] = proto;
	memcpy(ip + 12, packet.src.bytes + 12, 4);
	memcpy(ip + 16, packet.dst.bytes + 12, 4);
	put16(transport, KIT_CLIENT_PORT);
	put16(transport + 2, server_port);
	if (proto == QW_PROTO_TCP) {
		transport[12] = 0x50;
		transport[13] = QW_TCP_ACK | QW_TCP_PSH;
	} else {
		put16(transport + 4, UDP_LEN + len);
	}
	packet.net = ip;
	packet.net_header_len = IP_LEN;
	packet.net_len = IP_LEN + transport_len + (uint32_t)len;
	packet.transport = transport;
	packet.transport_len = transport_len;
	packet.payload = transport + transport_len;
	packet.payload_len = (uint32_t)len;
	packet.dport = server_port;
	return packet;
}

static void begin(struct kit *kit, uint8_t proto, uint16_t server_port)
{
	kit->flow = (struct qw_flow){
	    .key = {.low = kit_host(KIT_CLIENT),
		    .high = kit_host(KIT_SERVER),
		    .low_port = KIT_CLIENT_PORT,
		    .high_port = server_port,
		    .proto = proto},
	    .flags = QW_FLOW_CLIENT_IS_LOW,
	};
}

static const char *finish(struct kit *kit)
{
	qw_classify_end(kit->classifier, &kit->flow);
	assert_null(kit->flow.ndpi);
	assert_true(kit->flow.flags & QW_FLOW_CLASSIFIED);
	assert_int_equal(counters(kit).flows, 0);
	qw_class_name(kit->classifier, &kit->flow, kit->name);
	return kit->name;
}

static const char *classify(struct kit *kit, uint8_t proto, uint16_t server_port, const void *payload, size_t len)
{
	begin(kit, proto, server_port);
	struct qw_packet packet = packet_of(kit, proto, server_port, payload, len);
	qw_classify(kit->classifier, &kit->flow, QW_TO_SERVER, &packet);
	return finish(kit);
}

#define CLASSIFY(kit, proto, port, text) classify(kit, proto, port, text, sizeof(text) - 1)

static void ot_protocols_are_recognised_without_ndpi(void **state)
{
	struct kit *kit = *state;
	assert_string_equal(CLASSIFY(kit, QW_PROTO_TCP, 502, "\0\1\0\0\0\6\1\3\0\0\0\1"), "Modbus");
	assert_int_equal(kit->flow.app, QW_APP_MODBUS);
	assert_string_equal(CLASSIFY(kit, QW_PROTO_TCP, 20000, "\5\x64\x05\xc0\1\0\0\x04\xe9\x21"), "DNP3");
	assert_string_equal(CLASSIFY(kit, QW_PROTO_TCP, 2404, "\x68\x04\x07\0\0\0"), "IEC60870");
	assert_int_equal(counters(kit).recognised, 3);
	assert_int_equal(counters(kit).given, 0);
}

static void a_name_says_which_service_it_is(void **state)
{
	struct kit *kit = *state;
	assert_string_equal(CLASSIFY(kit, QW_PROTO_TCP, 80, "GET / HTTP/1.1\r\nHost: www.GOOGLE.com\r\n\r\n"),
			    "HTTP.Google");
	assert_int_equal(kit->flow.app, QW_APP_HTTP);
	assert_string_equal(CLASSIFY(kit, QW_PROTO_TCP, 80, "GET / HTTP/1.1\r\nHost: berth.example\r\n\r\n"), "HTTP");
	assert_string_equal(CLASSIFY(kit, QW_PROTO_UDP, 53, "\1\1\1\0\0\1\0\0\0\0\0\0\3www\6google\3com\0\0\1\0\1"),
			    "DNS.Google");
	assert_int_equal(kit->flow.app, QW_APP_DNS);
}

static void the_rest_is_asked_of_ndpi(void **state)
{
	struct kit *kit = *state;
	static const char sip[] =
	    "REGISTER sip:crane.example SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1\r\nCSeq: 1 REGISTER\r\n\r\n";
	assert_string_equal(CLASSIFY(kit, QW_PROTO_UDP, 5060, sip), "SIP");
	assert_int_equal(counters(kit).recognised, 0);
	assert_int_equal(counters(kit).given, 1);
	assert_int_equal(kit->flow.app, QW_APP_SIP);
}

static void ports_are_guessed_from_where_nothing_else_tells(void **state)
{
	struct kit *kit = *state;
	begin(kit, QW_PROTO_TCP, 22);
	assert_string_equal(finish(kit), "SSH");
	begin(kit, QW_PROTO_TCP, 41234);
	assert_string_equal(finish(kit), "Unknown");
	assert_int_equal(kit->flow.app, QW_APP_UNKNOWN);
}

static void ndpi_never_sees_another_protocol_or_half_a_header(void **state)
{
	struct kit *kit = *state;
	begin(kit, QW_PROTO_TCP, 9999);
	struct qw_packet packet = packet_of(kit, QW_PROTO_UDP, 9999, "quoted", 6);
	qw_classify(kit->classifier, &kit->flow, QW_TO_SERVER, &packet);
	packet = packet_of(kit, QW_PROTO_TCP, 9999, "cut", 3);
	packet.flags &= ~(uint32_t)QW_PACKET_TRANSPORT;
	qw_classify(kit->classifier, &kit->flow, QW_TO_SERVER, &packet);
	assert_int_equal(counters(kit).given, 0);
	assert_int_equal(counters(kit).guarded, 2);
	finish(kit);
}

static void ndpi_is_asked_only_so_often(void **state)
{
	struct kit *kit = *state;
	begin(kit, QW_PROTO_UDP, 41234);
	for (int i = 0; i < 100 && !(kit->flow.flags & QW_FLOW_CLASSIFIED); i++) {
		struct qw_packet packet = packet_of(kit, QW_PROTO_UDP, 41234, "\xee\xdd\xcc\xbb", 4);
		qw_classify(kit->classifier, &kit->flow, QW_TO_SERVER, &packet);
	}
	assert_int_equal(counters(kit).given, 12);
	assert_null(kit->flow.ndpi);
	finish(kit);
}

static void what_a_parser_said_stays(void **state)
{
	struct kit *kit = *state;
	begin(kit, QW_PROTO_TCP, 502);
	kit->flow.app = QW_APP_HTTP;
	struct qw_packet packet = packet_of(kit, QW_PROTO_TCP, 502, "\0\1\0\0\0\6\1\3\0\0\0\1", 12);
	qw_classify(kit->classifier, &kit->flow, QW_TO_SERVER, &packet);
	assert_int_equal(kit->flow.app, QW_APP_HTTP);
	assert_string_equal(finish(kit), "Modbus");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(ot_protocols_are_recognised_without_ndpi, open_kit, close_kit),
	    cmocka_unit_test_setup_teardown(a_name_says_which_service_it_is, open_kit, close_kit),
	    cmocka_unit_test_setup_teardown(the_rest_is_asked_of_ndpi, open_kit, close_kit),
	    cmocka_unit_test_setup_teardown(ports_are_guessed_from_where_nothing_else_tells, open_kit, close_kit),
	    cmocka_unit_test_setup_teardown(ndpi_never_sees_another_protocol_or_half_a_header, open_kit, close_kit),
	    cmocka_unit_test_setup_teardown(ndpi_is_asked_only_so_often, open_kit, close_kit),
	    cmocka_unit_test_setup_teardown(what_a_parser_said_stays, open_kit, close_kit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
