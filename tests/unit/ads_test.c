/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/ot_kit.h"

enum { PORT = 48898, ELSEWHERE = 8016, ALL = QW_OT_WANT_FIELDS | QW_OT_WANT_EVENTS };

#define CONTROLLER "\x05\x0d\x75\x60\x01\x01"
#define STATION	   "\xc0\xa8\x01\x63\x01\x01"
/* len: of all behind the first head; data: of what stands behind the second. */
#define REQUEST_TO(port, len, command, data, invoke)                                                                   \
	"\0\0" len "\0\0\0" CONTROLLER port STATION "\x80\x80" command "\0\x04\0" data "\0\0\0\0\0\0\0" invoke "\0\0\0"
#define REQUEST(len, command, data, invoke) REQUEST_TO("\x53\x03", len, command, data, invoke)
#define ANSWER(len, command, data, error, invoke)                                                                      \
	"\0\0" len "\0\0\0" STATION "\x80\x80" CONTROLLER "\x53\x03" command "\0\x05\0" data "\0\0\0" error "\0\0" invoke "\0\0\0"

#define INFO	   REQUEST("\x20", "\x01", "\0", "\x03")
#define INFO_TOLD  ANSWER("\x38", "\x01", "\x18", "\0\0", "\x03") "\0\0\0\0\x03\x01\x39\x08TCatPlcCtrl\0\0\0\0\0"
#define STATE	   REQUEST("\x20", "\x04", "\0", "\x04")
#define STATE_TOLD ANSWER("\x28", "\x04", "\x08", "\0\0", "\x04") "\0\0\0\0\x05\0\0\0"
#define STOP	   REQUEST("\x28", "\x05", "\x08", "\x05") "\x06\0\0\0\0\0\0\0"
#define REFUSED	   ANSWER("\x24", "\x05", "\x04", "\0\0", "\x05") "\x12\x07\0\0"
#define HANDLE	   REQUEST("\x3b", "\x09", "\x1b", "\x06") "\x03\xf0\0\0\0\0\0\0\x04\0\0\0\x0b\0\0\0MAIN.hoist\0"
#define WRITE	   REQUEST("\x2e", "\x03", "\x0e", "\x07") "\x05\xf0\0\0\x07\0\0\0\x02\0\0\0\x05\0"

static void a_conversation_is_told_however_it_is_cut(void **state)
{
	static const char up[] = INFO STATE STOP WRITE, down[] = INFO_TOLD STATE_TOLD REFUSED;
	const struct kit_piece pieces[] = {KIT_SEND(up), KIT_REPLY(down), {0, NULL, 0}};
	struct ot_kit *kit = ot_play_all_ways(QW_PROTO_TCP, PORT, pieces);
	assert_int_equal(kit->flow.app, QW_APP_ADS);
	assert_ot_says(kit, "> ads.command=1 \"ot\":{\"protocol\":\"ads\",\"kind\":\"read_device_info\",\"direction\":\"request\","
			    "\"sequence\":3,\"source\":32896,\"source_net\":\"192.168.1.99.1.1\",\"destination\":851,"
			    "\"destination_net\":\"5.13.117.96.1.1\",\"command\":1}\n");
	assert_ot_says(kit, "\"kind\":\"read_device_info\",\"direction\":\"response\",\"status\":\"ok\",\"sequence\":3,\"source\":851,");
	assert_ot_says(kit, "\"command\":1,\"product\":\"TCatPlcCtrl\",\"revision\":\"3.1.2105\"}");
	assert_ot_says(kit, "\"kind\":\"read_state\",\"direction\":\"response\",\"status\":\"ok\",\"sequence\":4,");
	assert_ot_says(kit, "\"command\":4,\"value\":5,\"indications\":\"run\"}");
	assert_ot_says(kit, "\"kind\":\"write_control\",\"direction\":\"request\",\"sequence\":5,");
	assert_ot_says(kit, "\"command\":5,\"value\":6,\"indications\":\"stop\"}");
	assert_ot_says(kit, "\"kind\":\"write_control\",\"direction\":\"response\",\"status\":\"error\",\"error\":1810,"
			    "\"error_name\":\"invalid_state\",\"sequence\":5,");
	assert_ot_says(kit, "> ads.command=3 ads.index_group=61445 ");
	assert_ot_says(kit, "\"command\":3,\"service_name\":\"symbol_value_by_handle\",\"class\":61445,\"address\":7,\"quantity\":2}");
	assert_int_equal(ot_end(kit), 1);
	ot_close(kit);
}

static void it_is_the_same_cut_at_any_byte_and_a_beginning_says_no_more(void **state)
{
	static const char up[] = INFO STATE STOP HANDLE WRITE;
	ot_close(ot_play_everywhere(PORT, QW_TO_SERVER, up, sizeof(up) - 1));
}

struct row {
	const char *bytes;
	size_t len;
	const char *told;
};
#define ROW(bytes, told) {bytes, sizeof(bytes) - 1, told}

static const struct row requests[] = {
    ROW(HANDLE, "\"kind\":\"read_write\",\"direction\":\"request\",\"sequence\":6,\"source\":32896,"
		"\"source_net\":\"192.168.1.99.1.1\",\"destination\":851,\"destination_net\":\"5.13.117.96.1.1\",\"command\":9,"
		"\"service_name\":\"symbol_handle_by_name\",\"class\":61443,\"address\":0,\"quantity\":4,\"objects\":\"MAIN.hoist\"}"),
    ROW(WRITE, "\"quantity\":2,\"values\":\"0500\"}"),
    ROW(REQUEST("\x2c", "\x02", "\x0c", "\x08") "\x78\0\0\0\0\0\0\0\x04\0\0\0", "\"command\":2,\"class\":120,\"address\":0,\"quantity\":4}"),
    ROW(REQUEST_TO("\x10\x27", "\x2c", "\x02", "\x0c", "\x08") "\x21\x03\0\0\0\0\0\0\x04\0\0\0",
	"\"command\":2,\"service_name\":\"route_add\",\"class\":801,"),
    ROW(REQUEST("\x48", "\x06", "\x28", "\x09") "\x20\x40\0\0\0\0\0\0\x04\0\0\0\x03\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
	"\"kind\":\"add_notification\",\"direction\":\"request\",\"sequence\":9,"),
    ROW(REQUEST("\x24", "\x07", "\x04", "\x0a") "\x11\0\0\0", "\"command\":7,\"instance\":17}"),
    ROW(REQUEST("\x28", "\x08", "\x08", "\0") "\x04\0\0\0\x02\0\0\0", "\"kind\":\"notification\",\"direction\":\"request\""),
    ROW(REQUEST("\x20", "\0", "\0", "\x0b"), "\"kind\":\"invalid\""),
};

static void a_request_says_what_it_is_about(void **state)
{
	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL | QW_OT_WANT_VALUES);
		ot_feed(kit, QW_TO_SERVER, requests[i].bytes, requests[i].len);
		if (!strstr(qw_text_string(&kit->log), requests[i].told))
			fail_msg("%zu: no %s in %s", i, requests[i].told, qw_text_string(&kit->log));
		ot_close(kit);
	}
}

static void what_is_written_is_told_only_where_it_may_be(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
	OT_SEND(kit, WRITE);
	assert_ot_says(kit, "\"quantity\":2}");
	assert_ot_silent(kit, "values");
	ot_close(kit);
}

static void an_answer_fails_by_its_head_or_by_itself_and_names_the_group(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
	OT_SEND(kit, WRITE);
	OT_REPLY(kit, ANSWER("\x24", "\x03", "\x04", "\0\0", "\x07") "\x04\x07\0\0");
	assert_ot_says(kit, "\"status\":\"error\",\"error\":1796,\"error_name\":\"access_not_permitted\",\"sequence\":7,");
	assert_ot_says(kit, "\"command\":3,\"service_name\":\"symbol_value_by_handle\",\"class\":61445}\n");
	OT_REPLY(kit, ANSWER("\x20", "\x04", "\0", "\x06\0", "\x09"));
	assert_ot_says(kit, "\"status\":\"error\",\"error\":6,\"error_name\":\"target_port_not_found\",\"sequence\":9,");
	OT_REPLY(kit, ANSWER("\x24", "\x03", "\x04", "\0\0", "\x08") "\x02\0\0\0");
	assert_ot_says(kit, "\"error\":2,\"sequence\":8,");
	assert_int_equal(ot_end(kit), 0);
	ot_close(kit);
}

/* In a message whose two lengths say what is left of it. */
static void every_truncation_is_survived(void **state)
{
	enum { HEAD = 38 };
	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++)
		for (size_t len = 0; len <= requests[i].len; len++) {
			char frame[128];
			memcpy(frame, requests[i].bytes, len);
			if (len >= HEAD) {
				frame[2] = (char)(len - 6);
				frame[26] = (char)(len - HEAD);
			}
			struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
			ot_feed(kit, QW_TO_SERVER, frame, len);
			assert_int_equal(strstr(qw_text_string(&kit->log), "ads.command") != NULL, len >= HEAD);
			ot_close(kit);
		}
	for (size_t len = HEAD; len < sizeof(INFO_TOLD) - 1; len++) {
		char frame[] = INFO_TOLD;
		frame[2] = (char)(len - 6);
		frame[26] = (char)(len - HEAD);
		struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
		ot_feed(kit, QW_TO_CLIENT, frame, len);
		assert_ot_says(kit, "read_device_info");
		assert_ot_silent(kit, "product");
		ot_close(kit);
	}
}

static void two_lengths_that_agree_are_certain_anywhere(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		bool ours;
	} rows[] = {
#define ROW_OF(bytes, ours) {bytes, sizeof(bytes) - 1, ours}
	    ROW_OF(INFO, true),
	    ROW_OF(INFO_TOLD, true),
	    ROW_OF(REQUEST("\x21", "\x04", "\0", "\x04") "\0", false),
	    ROW_OF(REQUEST("\x20", "\x0a", "\0", "\x04"), false),
	    ROW_OF("\0\x01" "\x20\0\0\0" CONTROLLER "\x53\x03" STATION "\x80\x80\x04\0\x04\0\0\0\0\0\0\0\0\0\x04\0\0\0", false),
	    ROW_OF("\0\0" "\x20\0\0\0" CONTROLLER "\x53\x03" STATION "\x80\x80\x04\0\0\0\0\0\0\0\0\0\0\0\x04\0\0\0", false),
#undef ROW_OF
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ot_kit *kit = ot_open(QW_PROTO_TCP, ELSEWHERE, ALL);
		ot_feed(kit, QW_TO_SERVER, rows[i].bytes, rows[i].len);
		if ((kit->flow.app == QW_APP_ADS) != rows[i].ours)
			fail_msg("%zu: should %sbe ours", i, rows[i].ours ? "" : "not ");
		ot_close(kit);
	}
}

static void it_is_known_who_speaks(void **state)
{
	const struct qw_flow flow = {.key.proto = QW_PROTO_TCP};
	assert_int_equal(qw_parser_speaker(&flow, (const uint8_t *)INFO, sizeof(INFO) - 1), QW_SPEAKER_CLIENT);
	assert_int_equal(qw_parser_speaker(&flow, (const uint8_t *)INFO_TOLD, sizeof(INFO_TOLD) - 1), QW_SPEAKER_SERVER);
	assert_int_equal(qw_parser_speaker(&flow, (const uint8_t *)INFO, 37), QW_SPEAKER_UNKNOWN);
}

static void nobody_who_asks_costs_nothing(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, 0);
	OT_SEND(kit, INFO);
	assert_int_equal(kit->flow.app, QW_APP_ADS);
	assert_null(kit->flow.parser);
	ot_close(kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_conversation_is_told_however_it_is_cut),
		cmocka_unit_test(it_is_the_same_cut_at_any_byte_and_a_beginning_says_no_more),
		cmocka_unit_test(a_request_says_what_it_is_about),
		cmocka_unit_test(what_is_written_is_told_only_where_it_may_be),
		cmocka_unit_test(an_answer_fails_by_its_head_or_by_itself_and_names_the_group),
		cmocka_unit_test(every_truncation_is_survived),
		cmocka_unit_test(two_lengths_that_agree_are_certain_anywhere),
		cmocka_unit_test(it_is_known_who_speaks),
		cmocka_unit_test(nobody_who_asks_costs_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
