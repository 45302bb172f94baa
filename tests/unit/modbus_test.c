/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/modbus_message.h"

#include "quaywatch/ot_record.h"
#include "tests/unit/ot_kit.h"

#define READ_REQUEST  "\0\1\0\0\0\6\12\3\0\x6b\0\3"
#define READ_RESPONSE "\0\1\0\0\0\11\12\3\6\2\x2b\0\0\0\x64"
#define EXCEPTION     "\0\2\0\0\0\3\12\x83\2"

static void requests_and_responses_meet_however_they_are_cut(void **state)
{
	const struct kit_piece pieces[] = {
		KIT_SEND(READ_REQUEST "\0\2\0\0\0\6\12\3\xff\xff\0\1"),
		KIT_REPLY(READ_RESPONSE EXCEPTION),
		{0, NULL, 0},
	};
	struct ot_kit *kit = ot_play_all_ways(QW_PROTO_TCP, 502, pieces);
	assert_ot_says(kit, "\"ot\":{\"protocol\":\"modbus\",\"function\":3,\"name\":\"read_holding_registers\","
			    "\"direction\":\"request\",\"sequence\":1,\"unit\":10,\"address\":107,\"quantity\":3}\n");
	assert_ot_says(kit, "\"direction\":\"response\",\"status\":\"ok\",\"sequence\":1,\"unit\":10,\"address\":107,\"quantity\":3}\n");
	assert_ot_says(kit, "\"status\":\"error\",\"error\":2,\"error_name\":\"illegal_data_address\",\"sequence\":2,\"unit\":10,"
			    "\"address\":65535,\"quantity\":1}\n");
	assert_int_equal(ot_end(kit), 0);
	ot_close(kit);
}

static void what_nobody_answers_is_counted(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, 502, QW_OT_WANT_EVENTS);
	for (int i = 0; i < 20; i++)
		OT_SEND(kit, READ_REQUEST);
	OT_REPLY(kit, READ_RESPONSE);
	assert_int_equal(ot_end(kit), 19);
	ot_close(kit);
}

static void an_answer_without_a_request_is_told_all_the_same(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, 502, QW_OT_WANT_EVENTS);
	OT_REPLY(kit, READ_RESPONSE);
	assert_ot_says(kit, "\"direction\":\"response\",\"status\":\"ok\",\"sequence\":1,\"unit\":10}\n");
	ot_close(kit);
}

static void a_client_with_the_well_known_port_is_the_device(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, 40001, QW_OT_WANT_EVENTS);
	kit->flow.key.low_port = 502;
	OT_SEND(kit, READ_RESPONSE);
	assert_ot_says(kit, "> \"ot\":{\"protocol\":\"modbus\",\"function\":3,\"name\":\"read_holding_registers\",\"direction\":\"response\"");
	ot_close(kit);
}

static void identification_says_who_the_device_is(void **state)
{
	const struct kit_piece pieces[] = {
		KIT_SEND("\0\1\0\0\0\5\1\x2b\x0e\1\0"),
		KIT_REPLY("\0\1\0\0\0\x1b\1\x2b\x0e\1\1\0\0\3\0\4ACME\1\5CRANE\2\4v1.2"),
		{0, NULL, 0},
	};
	struct ot_kit *kit = ot_play_all_ways(QW_PROTO_TCP, 502, pieces);
	assert_ot_says(kit, "\"subfunction\":14,\"vendor\":\"ACME\",\"product\":\"CRANE\",\"revision\":\"v1.2\"}");
	ot_close(kit);
}

static void datagrams_carry_it_too(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_UDP, 502, QW_OT_WANT_EVENTS);
	OT_SEND(kit, READ_REQUEST);
	OT_REPLY(kit, READ_RESPONSE);
	OT_SEND(kit, "\0\1\0\0\0\6\12\3\0\x6b\0"); /* not all of it */
	assert_ot_says(kit, "> \"ot\":{\"protocol\":\"modbus\",\"function\":3,");
	assert_ot_says(kit, "< \"ot\":{\"protocol\":\"modbus\",\"function\":3,");
	assert_int_equal(ot_end(kit), 0);
	ot_close(kit);
	kit = ot_open(QW_PROTO_UDP, 5353, QW_OT_WANT_EVENTS);
	OT_SEND(kit, "\0\1\0\0\0\6\12\x63\0\x6b\0\3");
	assert_int_equal(kit->log.len, 0);
	ot_close(kit);
}

#define WRITE_ONE   "\0\1\0\0\0\6\12\6\0\x6b\1\2"
#define WRITE_MANY  "\0\2\0\0\0\13\12\20\0\x6b\0\2\4\1\2\3\4"
#define WRITE_COILS "\0\3\0\0\0\10\12\17\0\0\0\3\1\5"

static void what_is_written_is_told_where_it_may_be(void **state)
{
	struct ot_kit *told = ot_open(QW_PROTO_TCP, 502, QW_OT_WANT_EVENTS | QW_OT_WANT_VALUES);
	struct ot_kit *kept = ot_open(QW_PROTO_TCP, 502, QW_OT_WANT_EVENTS);
	OT_SEND(told, WRITE_ONE WRITE_MANY WRITE_COILS);
	OT_SEND(kept, WRITE_ONE WRITE_MANY WRITE_COILS);
	assert_ot_says(told, "\"address\":107,\"quantity\":1,\"value\":258}\n");
	assert_ot_says(told, "\"address\":107,\"quantity\":2,\"values\":\"258, 772\"}\n");
	assert_ot_says(told, "\"address\":0,\"quantity\":3,\"values\":\"1, 0, 1\"}\n");
	assert_ot_says(kept, "\"address\":107,\"quantity\":2}\n");
	assert_ot_silent(kept, "value");
	ot_close(told);
	ot_close(kept);
}

static void a_gap_loses_one_message_and_no_more(void **state)
{
	const uint32_t wants = QW_OT_WANT_EVENTS;
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, 502, wants);
	const struct qw_message_sink sink = {kit, ot_publish};
	OT_SEND(kit, "\0\1\0\0\0\6\12\3\0");
	qw_parser_gap(kit->pool, &kit->flow, QW_TO_SERVER, 3, &sink);
	OT_SEND(kit, "\0\7\0\0\0\6\12\3\0\1\0\1");
	assert_ot_says(kit, "\"sequence\":7");
	assert_ot_silent(kit, "\"sequence\":1,");
	ot_close(kit);
}

static void what_is_no_modbus_ends_it_after_a_while(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, 502, QW_OT_WANT_EVENTS);
	OT_SEND(kit, READ_REQUEST);
	for (int i = 0; i < 7; i++)
		OT_SEND(kit, "GET / HTTP/1.0\r\n\r\n");
	assert_false(kit->flow.flags & QW_FLOW_NO_PARSER);
	OT_SEND(kit, "GET / HTTP/1.0\r\n\r\n");
	assert_true(kit->flow.flags & QW_FLOW_NO_PARSER);
	ot_close(kit);
}

static void nobody_looks_nothing_is_read(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, 502, 0);
	OT_SEND(kit, READ_REQUEST);
	assert_int_equal(kit->log.len, 0);
	assert_int_equal(kit->flow.app, QW_APP_MODBUS);
	assert_true(kit->flow.flags & QW_FLOW_NO_PARSER);

	qw_parser_pool_want_ot(kit->pool, QW_OT_WANT_EVENTS);
	qw_parser_wake(&kit->flow);
	OT_SEND(kit, READ_REQUEST);
	assert_ot_says(kit, "\"sequence\":1");

	/* It stops again, in the middle of a message, and goes on at the next. */
	size_t len = kit->log.len;
	OT_SEND(kit, "\0\2\0\0\0\6");
	qw_parser_pool_want_ot(kit->pool, 0);
	OT_SEND(kit, "\12\3\0\x6b\0\3");
	assert_int_equal(kit->log.len, len);
	qw_parser_pool_want_ot(kit->pool, QW_OT_WANT_EVENTS);
	OT_SEND(kit, "\0\3\0\0\0\6\12\3\0\x6b\0\3");
	assert_ot_says(kit, "\"sequence\":3");
	ot_close(kit);
}

static void other_ports_are_known_by_what_is_said(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, 5020, QW_OT_WANT_EVENTS);
	OT_SEND(kit, READ_REQUEST);
	assert_int_equal(kit->flow.app, QW_APP_MODBUS);
	ot_close(kit);

	kit = ot_open(QW_PROTO_TCP, 5020, QW_OT_WANT_EVENTS);
	OT_SEND(kit, "\0\1\0\0\0\6\12\x41\0\x6b\0\3"); /* a user's function */
	assert_int_equal(kit->flow.app, QW_APP_UNKNOWN);
	ot_close(kit);
}

static void oddities_raise_events(void **state)
{
	static const struct {
		enum qw_app_event event;
		const char *request, *response;
		size_t request_len, response_len;
	} rows[] = {
#define ROW(event, up, down) {QW_AE_MODBUS_##event, up, down, sizeof(up) - 1, sizeof(down) - 1}
		ROW(INVALID_PROTOCOL_ID, "\0\1\0\7\0\6\1\3\0\0\0\1", ""),
		ROW(INVALID_FUNCTION_CODE, "\0\1\0\0\0\2\1\0", ""),
		ROW(INVALID_LENGTH, "\0\1\0\0\0\4\1\3\0\0", ""),
		ROW(INVALID_VALUE, "\0\1\0\0\0\6\1\3\0\0\0\0", ""),
		ROW(INVALID_EXCEPTION_CODE, READ_REQUEST, "\0\1\0\0\0\3\12\x83\x0c"),
		ROW(UNSOLICITED_RESPONSE, "", READ_RESPONSE),
		ROW(VALUE_MISMATCH, READ_REQUEST, "\0\1\0\0\0\7\12\3\4\2\x2b\0\0"),
		ROW(VALUE_MISMATCH, "\0\1\0\0\0\6\1\6\0\1\0\2", "\0\1\0\0\0\6\1\6\0\1\0\3"),
#undef ROW
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ot_kit *kit = ot_open(QW_PROTO_TCP, 502, QW_OT_WANT_FIELDS);
		kit->flow.app = QW_APP_MODBUS;
		ot_feed(kit, QW_TO_SERVER, rows[i].request, rows[i].request_len);
		ot_feed(kit, QW_TO_CLIENT, rows[i].response, rows[i].response_len);
		assert_int_equal(ot_raised(kit, rows[i].event), 1);
		ot_close(kit);
	}
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, 502, QW_OT_WANT_FIELDS);
	OT_SEND(kit, READ_REQUEST);
	OT_REPLY(kit, READ_RESPONSE);
	OT_SEND(kit, "\0\1\0\0\0\6\1\6\0\1\0\2");
	OT_REPLY(kit, "\0\1\0\0\0\6\1\6\0\1\0\2");
	assert_ot_silent(kit, "app-layer-event");
	ot_close(kit);
}

static void a_flood_is_told_once(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, 502, QW_OT_WANT_FIELDS);
	for (int i = 0; i < 500; i++) {
		OT_SEND(kit, "\0\1\0\0\0\2\1\7");
		kit->log.len = i ? 0 : kit->log.len;
	}
	assert_int_equal(ot_raised(kit, QW_AE_MODBUS_FLOODED), 0);
	for (int i = 0; i < 20; i++)
		OT_SEND(kit, "\0\1\0\0\0\2\1\7");
	assert_int_equal(ot_raised(kit, QW_AE_MODBUS_FLOODED), 1);
	ot_close(kit);
}

/* ---- messages */

static struct qw_modbus_message parsed(const char *bytes, size_t len, bool response)
{
	struct qw_modbus_message message;
	qw_modbus_parse(&message, qw_bytes(bytes, len), response);
	return message;
}

#define PARSED(bytes, response) parsed(bytes, sizeof(bytes) - 1, response)

static void functions_have_the_classes_of_the_specification(void **state)
{
	static const struct {
		uint8_t function, category;
	} rows[] = {
		{1, QW_MODBUS_ASSIGNED},   {9, QW_MODBUS_RESERVED},    {13, QW_MODBUS_RESERVED}, {18, QW_MODBUS_UNASSIGNED},
		{24, QW_MODBUS_ASSIGNED},  {41, QW_MODBUS_RESERVED},   {65, QW_MODBUS_USER},	 {72, QW_MODBUS_USER},
		{73, QW_MODBUS_UNASSIGNED}, {90, QW_MODBUS_RESERVED},  {100, QW_MODBUS_USER},	 {111, QW_MODBUS_UNASSIGNED},
		{127, QW_MODBUS_RESERVED},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char bytes[] = "\0\1\0\0\0\2\1?";
		bytes[7] = (char)rows[i].function;
		assert_int_equal(parsed(bytes, sizeof(bytes) - 1, false).category, rows[i].category);
	}
	assert_int_equal(PARSED("\0\1\0\0\0\6\1\x08\0\x04\0\0", false).category, QW_MODBUS_ASSIGNED);
	assert_int_equal(PARSED("\0\1\0\0\0\6\1\x08\0\x07\0\0", false).category, QW_MODBUS_RESERVED);
	assert_int_equal(PARSED("\0\1\0\0\0\3\1\x2b\x0e", false).category, QW_MODBUS_ASSIGNED);
	assert_int_equal(PARSED("\0\1\0\0\0\3\1\x2b\x01", false).category, QW_MODBUS_RESERVED);
}

static void what_is_wrong_with_a_message_is_said(void **state)
{
	assert_int_equal(PARSED(READ_REQUEST, false).flaws, 0);
	assert_int_equal(PARSED(READ_RESPONSE, true).flaws, 0);
	assert_int_equal(PARSED("\0\1\0\1\0\6\1\3\0\0\0\1", false).flaws, QW_MODBUS_BAD_PROTOCOL);
	assert_int_equal(PARSED("\0\1\0\0\0\2\1\0", false).flaws, QW_MODBUS_BAD_FUNCTION);
	assert_int_equal(PARSED("\0\1\0\0\0\2\1\x83", false).flaws, QW_MODBUS_BAD_FUNCTION | QW_MODBUS_BAD_LENGTH);
	assert_int_equal(PARSED("\0\1\0\0\0\4\1\3\0\0", false).flaws, QW_MODBUS_BAD_LENGTH);
	assert_int_equal(PARSED("\0\1\0\0\0\7\1\3\0\0\0\1\0", false).flaws, QW_MODBUS_BAD_LENGTH);
	assert_int_equal(PARSED("\0\1\0\0\0\6\1\3\0\0\0\0", false).flaws, QW_MODBUS_BAD_VALUE);
	assert_int_equal(PARSED("\0\1\0\0\0\6\1\3\0\0\0\x7e", false).flaws, QW_MODBUS_BAD_VALUE);
	assert_int_equal(PARSED("\0\1\0\0\0\6\1\5\0\0\1\0", false).flaws, QW_MODBUS_BAD_VALUE);
	assert_int_equal(PARSED("\0\1\0\0\0\x0b\1\x10\0\0\0\2\4\0\1\0\2", false).flaws, 0);
	assert_int_equal(PARSED("\0\1\0\0\0\x0b\1\x10\0\0\0\3\4\0\1\0\2", false).flaws, QW_MODBUS_BAD_VALUE);
	assert_int_equal(PARSED("\0\1\0\0\0\3\1\x83\x0c", true).flaws, QW_MODBUS_BAD_EXCEPTION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_and_responses_meet_however_they_are_cut),
		cmocka_unit_test(what_nobody_answers_is_counted),
		cmocka_unit_test(an_answer_without_a_request_is_told_all_the_same),
		cmocka_unit_test(a_client_with_the_well_known_port_is_the_device),
		cmocka_unit_test(identification_says_who_the_device_is),
		cmocka_unit_test(what_is_written_is_told_where_it_may_be),
		cmocka_unit_test(a_gap_loses_one_message_and_no_more),
		cmocka_unit_test(what_is_no_modbus_ends_it_after_a_while),
		cmocka_unit_test(nobody_looks_nothing_is_read),
		cmocka_unit_test(datagrams_carry_it_too),
		cmocka_unit_test(other_ports_are_known_by_what_is_said),
		cmocka_unit_test(oddities_raise_events),
		cmocka_unit_test(a_flood_is_told_once),
		cmocka_unit_test(functions_have_the_classes_of_the_specification),
		cmocka_unit_test(what_is_wrong_with_a_message_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
