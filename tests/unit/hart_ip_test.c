/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/ot_kit.h"

enum { PORT = 5094 };

#define INITIATE "\x01\0\0\0\0\x01\0\x0d\x01\0\0\x75\x30"
#define IDENTITY                                                                                                       \
	"\x01\x01\x03\0\0\x02\0\x25\x06\0\0\x18\0\xd0\xfe\x26\x4e\x05\x07\x04\x01\x0e\x0c\0\0\xd2\x05\x02\0\x02\0\0\x26" \
	"\0\x26\x84\xde"
#define WRITE_TAG                                                                                                      \
	"\x01\0\x03\0\0\x03\0\x31\x82\x26\x4e\0\0\xd2\x16\x20PUMP\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x8c"
#define DENIED "\x01\x01\x03\0\0\x03\0\x13\x86\x26\x4e\0\0\xd2\x16\x02\x07\xd0\x8b"

static void a_session_begins_and_a_device_says_who_it_is(void **state)
{
	struct ot_kit *kit = ot_play_everywhere(PORT, QW_TO_SERVER, INITIATE IDENTITY, sizeof(INITIATE IDENTITY) - 1);
	assert_int_equal(kit->flow.app, QW_APP_HART_IP);
	assert_ot_says(kit, "> hart_ip.message_id=0 \"ot\":{\"protocol\":\"hart-ip\",\"function\":0,\"name\":\"session_initiate\","
			    "\"direction\":\"request\",\"sequence\":1,\"value\":30000}\n");
	assert_ot_says(kit, "> hart_ip.message_id=3 hart_ip.command=0 \"ot\":{\"protocol\":\"hart-ip\",\"function\":3,"
			    "\"name\":\"token_passing_pdu\",\"direction\":\"response\",\"status\":\"ok\",\"extended_status\":208,"
			    "\"sequence\":2,\"service\":0,\"service_name\":\"read_unique_identifier\",\"address\":0,"
			    "\"vendor\":\"38\",\"revision\":\"4.1\",\"device_type\":9806,\"serial\":210}\n");
	ot_close(kit);
}

static void a_write_is_named_and_its_refusal_says_why(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_FIELDS);
	OT_SEND(kit, WRITE_TAG);
	assert_ot_says(kit, " hart_ip.command=22 ");
	assert_ot_says(kit, "\"service_name\":\"write_long_tag\",\"address\":164517380306,\"device_name\":\"PUMP\"}");
	OT_REPLY(kit, DENIED);
	assert_ot_says(kit, "\"status\":\"error\",\"error\":7,\"error_name\":\"write_protected\",\"extended_status\":208,\"sequence\":3,");
	assert_int_equal(ot_end(kit), 0);
	ot_close(kit);
}

static void extended_commands_have_their_true_number(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_UDP, PORT, QW_OT_WANT_FIELDS);
	OT_SEND(kit, "\x01\0\x03\0\0\x05\0\x13\x82\x26\x4e\0\0\xd2\x1f\x02\x02\x01\0");
	assert_ot_says(kit, " hart_ip.command=513 ");
	assert_ot_says(kit, "\"service\":513,\"service_name\":\"write_country_code\"");
	assert_int_equal(ot_end(kit), 1);
	ot_close(kit);
}

static void every_truncation_is_survived(void **state)
{
	for (size_t len = 1; len < sizeof(IDENTITY) - 1; len++) {
		uint8_t cut[sizeof(IDENTITY)];
		struct ot_kit *kit = ot_open(QW_PROTO_UDP, PORT, QW_OT_WANT_FIELDS);
		memcpy(cut, IDENTITY, len);
		ot_feed(kit, QW_TO_CLIENT, cut, len);
		cut[7] = (uint8_t)len;
		ot_feed(kit, QW_TO_CLIENT, cut, len);
		assert_int_equal(strstr(qw_text_string(&kit->log), "hart-ip") != NULL, len >= 8);
		assert_int_equal(strstr(qw_text_string(&kit->log), "hart_ip.command") != NULL, len == sizeof(IDENTITY) - 2);
		ot_close(kit);
	}
}

static void on_other_ports_all_must_fit(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		uint8_t proto;
		bool taken;
	} rows[] = {
#define ROW(bytes, proto, taken) {bytes, sizeof(bytes) - 1, proto, taken}
		ROW(INITIATE, QW_PROTO_TCP, true), ROW(INITIATE, QW_PROTO_UDP, true),
		ROW("\x01\0\x03\0\0\x03\0\x11\x82\x26\x4e\0\0\xd2\0\0\x38", QW_PROTO_UDP, true),
		ROW("\x01\0\x03\0\0\x03\0\x11\x82\x26\x4e\0\0\xd2\0\0\x39", QW_PROTO_UDP, false),
		ROW("\x01\0\x02\0\0\x03\0\x08", QW_PROTO_UDP, false), ROW("\x01\0\0\0\0\x01\0\x0e\x01\0\0\x75\x30\0", QW_PROTO_UDP, false),
		ROW("\x03\0\0\0\0\x01\0\x0d\x01\0\0\x75\x30", QW_PROTO_TCP, false),
#undef ROW
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ot_kit *kit = ot_open(rows[i].proto, 7000, QW_OT_WANT_EVENTS);
		ot_feed(kit, QW_TO_SERVER, rows[i].bytes, rows[i].len);
		assert_int_equal(kit->flow.app == QW_APP_HART_IP, rows[i].taken);
		ot_close(kit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_begins_and_a_device_says_who_it_is),
		cmocka_unit_test(a_write_is_named_and_its_refusal_says_why),
		cmocka_unit_test(extended_commands_have_their_true_number),
		cmocka_unit_test(every_truncation_is_survived),
		cmocka_unit_test(on_other_ports_all_must_fit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
