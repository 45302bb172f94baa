/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/ot_kit.h"

enum { PORT = 5007, ELSEWHERE = 1025, ALL = QW_OT_WANT_FIELDS | QW_OT_WANT_EVENTS };

#define REQUEST(len)  "\x50\0\0\xff\xff\x03\0" len "\0\x10\0"
#define RESPONSE(len) "\xd0\0\0\xff\xff\x03\0" len "\0"
#define NUMBERED(serial, len) "\x54\0" serial "\0\0\0\xff\xff\x03\0" len "\0\x10\0"
#define ANSWERED(serial, len) "\xd4\0" serial "\0\0\0\xff\xff\x03\0" len "\0"

#define READ	   REQUEST("\x0c") "\x01\x04\0\0\x64\0\0\xa8\x02\0"
#define READ_DONE  RESPONSE("\x06") "\0\0\x01\x02\x03\x04"
#define WRITE	   REQUEST("\x10") "\x01\x14\0\0\x1f\0\0\xb4\x02\0\x05\0\x06\0"
#define STOP	   REQUEST("\x08") "\x02\x10\0\0\x01\0"
#define REFUSED	   RESPONSE("\x0b") "\x01\xc2\0\xff\xff\x03\0\x02\x10\0\0"
#define TYPE_NAME  NUMBERED("\x07\0", "\x06") "\x01\x01\0\0"
#define TYPE_TOLD  ANSWERED("\x07\0", "\x14") "\0\0Q03UDECPU       \x68\x02"

static void a_conversation_is_told_however_it_is_cut(void **state)
{
	static const char up[] = READ TYPE_NAME STOP, down[] = READ_DONE TYPE_TOLD REFUSED;
	const struct kit_piece pieces[] = {KIT_SEND(up), KIT_REPLY(down), {0, NULL, 0}};
	struct ot_kit *kit = ot_play_all_ways(QW_PROTO_TCP, PORT, pieces);
	assert_int_equal(kit->flow.app, QW_APP_SLMP);
	assert_ot_says(kit, "> slmp.command=1025 \"ot\":{\"protocol\":\"slmp\",\"kind\":\"device_read\",\"direction\":\"request\","
			    "\"unit\":255,\"destination\":0,\"command\":1025,\"subfunction\":0,\"address\":100,\"quantity\":2,"
			    "\"objects\":\"D100\"}\n");
	assert_ot_says(kit, "< slmp.command=1025 slmp.end_code=0 \"ot\":{\"protocol\":\"slmp\",\"kind\":\"device_read\","
			    "\"direction\":\"response\",\"status\":\"ok\",\"unit\":255,\"destination\":0,\"command\":1025}\n");
	assert_ot_says(kit, "\"kind\":\"read_type_name\",\"direction\":\"request\",\"sequence\":7,");
	assert_ot_says(kit, "\"kind\":\"read_type_name\",\"direction\":\"response\",\"status\":\"ok\",\"sequence\":7,\"unit\":255,"
			    "\"destination\":0,\"command\":257,\"product\":\"Q03UDECPU\",\"device_type\":616}\n");
	assert_ot_says(kit, "\"kind\":\"remote_stop\",\"direction\":\"request\"");
	assert_ot_says(kit, "< slmp.command=4098 slmp.end_code=49665 \"ot\":{\"protocol\":\"slmp\",\"kind\":\"remote_stop\","
			    "\"direction\":\"response\",\"status\":\"error\",\"error\":49665,\"error_name\":\"locked\"");
	assert_int_equal(ot_end(kit), 0);
	ot_close(kit);
}

static void it_is_the_same_cut_at_any_byte_and_a_beginning_says_no_more(void **state)
{
	static const char up[] = READ TYPE_NAME WRITE STOP, ascii[] = "500000FF03FF000018001004010000D*0001000002" "540000070000"
								       "00FF03FF00" "000C" "0010" "01010000";
	ot_close(ot_play_everywhere(PORT, QW_TO_SERVER, up, sizeof(up) - 1));
	ot_close(ot_play_everywhere(ELSEWHERE, QW_TO_SERVER, up, sizeof(up) - 1));
	ot_close(ot_play_everywhere(PORT, QW_TO_SERVER, ascii, sizeof(ascii) - 1));
}

static void what_is_asked_for_is_told(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *told;
	} rows[] = {
#define ROW(bytes, told) {bytes, sizeof(bytes) - 1, told}
		ROW(WRITE, "\"kind\":\"device_write\",\"direction\":\"request\",\"unit\":255,\"destination\":0,\"command\":5121,"
			   "\"subfunction\":0,\"address\":31,\"quantity\":2,\"values\":\"05000600\",\"objects\":\"W1F\"}"),
		ROW(REQUEST("\x0e") "\x01\x14\x02\0\x64\0\0\0\xa8\0\x01\0", "\"subfunction\":2,\"address\":100,\"quantity\":1,"
									   "\"objects\":\"D100\"}"),
		ROW(REQUEST("\x10") "\x03\x04\0\0\x01\x01\x0a\0\0\xa8\x0b\0\0\x9c", "\"quantity\":2,\"objects\":\"D10, XB\"}"),
		ROW(REQUEST("\x0d") "\x02\x14\x01\0\x01\x0a\0\0\x90\x01\0", "\"quantity\":1,\"objects\":\"M10\"}"),
		ROW(REQUEST("\x18") "\x02\x14\0\0\x01\x01\x0a\0\0\xa8\x01\0\x0b\0\0\xa8\x01\0\0\0\0\0",
		    "\"address\":10,\"quantity\":2,\"objects\":\"D10, D11\"}"),
		ROW(REQUEST("\x18") "\x06\x14\0\0\x01\x01\0\0\0\xa8\x01\0\x05\0\0\0\0\x90\x01\0\x07\0", "\"quantity\":2,\"objects\":\"D0, M0\"}"),
		ROW(REQUEST("\x0c") "\x01\x04\0\0\x64\0\0\x7b\x02\0", "\"objects\":\"0x7B:100\"}"),
		ROW(REQUEST("\x0c") "\x01\x04\x80\0\0\0\x64\0\0\xa8", "\"command\":1025,\"subfunction\":128}"),
		ROW(REQUEST("\x0a") "\x01\x10\0\0\x03\0\x02\0", "\"kind\":\"remote_run\",\"direction\":\"request\",\"unit\":255,"
							       "\"destination\":0,\"command\":4097,\"subfunction\":0,"
							       "\"indications\":\"forced, clears\"}"),
		ROW(REQUEST("\x08") "\x06\x10\0\0\x01\0", "\"kind\":\"remote_reset\",\"direction\":\"request\""),
		ROW(REQUEST("\x08") "\x05\x10\0\0\x01\0", "\"kind\":\"remote_latch_clear\""),
		ROW(REQUEST("\x0c") "\x30\x16\0\0\x04\0pass", "\"kind\":\"password_unlock\",\"direction\":\"request\",\"unit\":255,"
							      "\"destination\":0,\"command\":5680,\"subfunction\":0}"),
		ROW(REQUEST("\x06") "\x34\x12\0\0", "\"kind\":\"command\",\"direction\":\"request\",\"unit\":255,\"destination\":0,\"command\":4660"),
		ROW("\x50\0\x02\x05\xe1\x03\0\x08\0\x10\0\x03\x10\0\0\x01\0", "\"unit\":5,\"destination\":2,\"command\":4099,\"subfunction\":0,"
									      "\"instance\":993}"),
		ROW(RESPONSE("\x02") "\0\0", "\"kind\":\"response\",\"direction\":\"response\",\"status\":\"ok\",\"unit\":255,\"destination\":0}"),
		ROW("500000FF03FF000018001004010000D*0001000002", "\"kind\":\"ascii_request\",\"direction\":\"request\",\"unit\":255,"
								   "\"destination\":0,\"command\":1025,\"subfunction\":0}"),
		ROW("D40012340000" "00FF03FF00" "0004" "C059", "\"kind\":\"ascii_response\",\"direction\":\"response\",\"status\":\"error\","
							     "\"error\":49241,\"error_name\":\"unknown_command\",\"sequence\":4660,"),
#undef ROW
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ot_kit *kit = ot_open(QW_PROTO_UDP, PORT, ALL | QW_OT_WANT_VALUES);
		ot_feed(kit, QW_TO_SERVER, rows[i].bytes, rows[i].len);
		if (!strstr(qw_text_string(&kit->log), rows[i].told))
			fail_msg("%zu: no %s in %s", i, rows[i].told, qw_text_string(&kit->log));
		ot_close(kit);
	}
}

static void what_is_written_is_told_only_where_it_may_be(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
	OT_SEND(kit, WRITE);
	assert_ot_says(kit, "\"objects\":\"W1F\"");
	assert_ot_silent(kit, "values");
	ot_close(kit);
}

static void answers_without_a_number_come_in_order(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
	OT_SEND(kit, STOP);
	OT_SEND(kit, READ);
	OT_REPLY(kit, RESPONSE("\x02") "\0\0");
	assert_ot_says(kit, "\"kind\":\"remote_stop\",\"direction\":\"response\"");
	assert_ot_silent(kit, "\"kind\":\"device_read\",\"direction\":\"response\"");
	assert_int_equal(ot_end(kit), 1);
	ot_close(kit);
}

/* In a datagram whose head says what is left of it. */
static void every_truncation_is_survived(void **state)
{
	static const char *const whole[] = {
		REQUEST("\x18") "\x02\x14\0\0\x01\x01\x0a\0\0\xa8\x01\0\x0b\0\0\xa8\x01\0\0\0\0\0",
		REQUEST("\x18") "\x06\x14\0\0\x01\x01\0\0\0\xa8\x01\0\x05\0\0\0\0\x90\x01\0\x07\0",
		REQUEST("\x18") "\x01\x14\x02\0\x64\0\0\0\xa8\0\x01\0\0\0\0\0\0\0\0\0\0\0",
	};
	enum { HEAD = 9, LEN = HEAD + 0x18 };
	for (size_t i = 0; i < sizeof(whole) / sizeof(*whole); i++)
		for (size_t len = 0; len <= LEN; len++) {
			char frame[LEN];
			memcpy(frame, whole[i], len);
			if (len >= HEAD)
				frame[7] = (char)(len - HEAD);
			struct ot_kit *kit = ot_open(QW_PROTO_UDP, PORT, ALL);
			ot_feed(kit, QW_TO_SERVER, frame, len);
			assert_int_equal(strstr(qw_text_string(&kit->log), "slmp.command") != NULL, len >= 15);
			ot_close(kit);
		}
}

/* What is kept of it is told, and the message behind it is found. */
static void a_message_that_is_too_long_is_passed_over(void **state)
{
	enum { LEN = 20000, HEAD = 9 };
	static char frame[HEAD + LEN + sizeof(STOP) - 1];
	struct qw_parser_counters counters;
	memcpy(frame, WRITE, sizeof(WRITE) - 1);
	frame[7] = (char)(LEN & 0xff);
	frame[8] = (char)(LEN >> 8);
	memcpy(frame + HEAD + LEN, STOP, sizeof(STOP) - 1);
	for (size_t step = 1000; step <= sizeof(frame); step += 9511) {
		struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
		for (size_t at = 0; at < sizeof(frame); at += step)
			ot_feed(kit, QW_TO_SERVER, frame + at, step < sizeof(frame) - at ? step : sizeof(frame) - at);
		assert_ot_says(kit, "\"objects\":\"W1F\"");
		assert_ot_says(kit, "\"kind\":\"remote_stop\"");
		qw_parser_counters(kit->pool, &counters);
		assert_int_equal(counters.cut, 1);
		ot_close(kit);
	}
}

static void a_gap_within_what_is_passed_over_loses_nothing(void **state)
{
	enum { LEN = 20000, HEAD = 9, SEEN = 9000 };
	static char frame[SEEN];
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
	const struct qw_message_sink sink = {kit, ot_publish};
	memcpy(frame, WRITE, sizeof(WRITE) - 1);
	frame[7] = (char)(LEN & 0xff);
	frame[8] = (char)(LEN >> 8);
	ot_feed(kit, QW_TO_SERVER, frame, SEEN);
	qw_parser_gap(kit->pool, &kit->flow, QW_TO_SERVER, HEAD + LEN - SEEN - 100, &sink);
	ot_feed(kit, QW_TO_SERVER, frame + 100, 100);
	OT_SEND(kit, STOP);
	assert_ot_says(kit, "\"kind\":\"remote_stop\"");
	ot_close(kit);
}

static void other_ports_need_a_request_that_is_certain(void **state)
{
	static const struct {
		uint16_t port;
		uint8_t proto;
		const char *bytes;
		size_t len;
		bool ours;
	} rows[] = {
#define ROW(port, proto, bytes, ours) {port, proto, bytes, sizeof(bytes) - 1, ours}
		ROW(ELSEWHERE, QW_PROTO_TCP, STOP, true),
		ROW(ELSEWHERE, QW_PROTO_UDP, STOP, true),
		ROW(ELSEWHERE, QW_PROTO_UDP, TYPE_NAME, true),
		ROW(ELSEWHERE, QW_PROTO_TCP, READ_DONE, false),
		ROW(ELSEWHERE, QW_PROTO_UDP, READ_DONE, false),
		ROW(PORT, QW_PROTO_UDP, READ_DONE, true),
		ROW(PORT, QW_PROTO_TCP, READ_DONE, true),
		ROW(ELSEWHERE, QW_PROTO_TCP, REQUEST("\x06") "\x34\x12\0\0", false),
		ROW(ELSEWHERE, QW_PROTO_UDP, STOP "x", false),
		ROW(ELSEWHERE, QW_PROTO_TCP, "500000FF03FF000018001004010000D*0001000002", false),
		ROW(PORT, QW_PROTO_TCP, "\x50\0\0\xff\xff\x04\0\x08\0\x10\0\x02\x10\0\0\x01\0", false),
		ROW(PORT, QW_PROTO_TCP, "\x50\0\0\xff\xff\x03\0\x05\0\x10\0\x02\x10\0\0\x01\0", false),
#undef ROW
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ot_kit *kit = ot_open(rows[i].proto, rows[i].port, ALL);
		ot_feed(kit, QW_TO_SERVER, rows[i].bytes, rows[i].len);
		if ((kit->flow.app == QW_APP_SLMP) != rows[i].ours)
			fail_msg("%zu: should %sbe ours", i, rows[i].ours ? "" : "not ");
		ot_close(kit);
	}
}

static void nobody_who_asks_costs_nothing(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, 0);
	OT_SEND(kit, READ);
	assert_int_equal(kit->flow.app, QW_APP_SLMP);
	assert_null(kit->flow.parser);
	ot_close(kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_conversation_is_told_however_it_is_cut),
		cmocka_unit_test(it_is_the_same_cut_at_any_byte_and_a_beginning_says_no_more),
		cmocka_unit_test(what_is_asked_for_is_told),
		cmocka_unit_test(what_is_written_is_told_only_where_it_may_be),
		cmocka_unit_test(answers_without_a_number_come_in_order),
		cmocka_unit_test(every_truncation_is_survived),
		cmocka_unit_test(a_message_that_is_too_long_is_passed_over),
		cmocka_unit_test(a_gap_within_what_is_passed_over_loses_nothing),
		cmocka_unit_test(other_ports_need_a_request_that_is_certain),
		cmocka_unit_test(nobody_who_asks_costs_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
