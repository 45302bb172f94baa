/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/ot_kit.h"

enum { PORT = 5084, ELSEWHERE = 14150, ALL = QW_OT_WANT_FIELDS | QW_OT_WANT_EVENTS };

#define MESSAGE(type, len, id) "\x04" type "\0\0\0" len "\0\0\0" id
#define GOOD		       "\x01\x1f\0\x08\0\0\0\0"
#define TIME		       "\0\x80\0\x0c\0\x05\xc0\x01\x02\x03\x04\x05"
#define GREETING	       MESSAGE("\x3f", "\x20", "\0") "\0\xf6\0\x16" TIME "\x01\0\0\x06\0\0"
#define ASKS		       MESSAGE("\x01", "\x0b", "\x05") "\0"
#define CAPABILITIES                                                                                                   \
	MESSAGE("\x0b", "\x2a", "\x05") GOOD "\0\x89\0\x18\0\x04\x40\0\0\0\x65\x1a\0\x1e\x88\x6a\0\x06" "5.12.0"
#define CONFIG	 MESSAGE("\x0c", "\x1f", "\x06") GOOD "\0\xda\0\x0d\0\0\x06\0\x16\x25\x01\x02\x03"
#define ADD	 MESSAGE("\x14", "\x14", "\x07") "\0\xb1\0\x0a\0\0\0\x7b\0\0"
#define ADDED	 MESSAGE("\x1e", "\x12", "\x07") GOOD
#define START	 MESSAGE("\x16", "\x0e", "\x08") "\0\0\0\x7b"
#define REFUSED	 MESSAGE("\x20", "\x19", "\x08") "\x01\x1f\0\x0f\0\x6d\0\x07" "no spec"
#define TAG	 "\0\xf0\0\x11\x8d\x30\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b"
#define REPORT	 MESSAGE("\x3d", "\x2c", "\0") TAG TAG
#define RESETS	 MESSAGE("\x03", "\x0b", "\x09") "\x80"

static void a_conversation_is_told_however_it_is_cut(void **state)
{
	static const char up[] = ASKS ADD START RESETS, down[] = GREETING CAPABILITIES ADDED REFUSED REPORT;
	const struct kit_piece pieces[] = {KIT_SEND(up), KIT_REPLY(down), {0, NULL, 0}};
	struct ot_kit *kit = ot_play_all_ways(QW_PROTO_TCP, PORT, pieces);
	assert_int_equal(kit->flow.app, QW_APP_LLRP);
	assert_ot_says(kit, "> llrp.type=1 \"ot\":{\"protocol\":\"llrp\",\"kind\":\"get_reader_capabilities\",\"direction\":\"request\","
			    "\"sequence\":5,\"command\":1}\n");
	assert_ot_says(kit, "< llrp.type=11 llrp.status=0 \"ot\":{\"protocol\":\"llrp\",\"kind\":\"get_reader_capabilities_response\","
			    "\"direction\":\"response\",\"status\":\"ok\",\"sequence\":5,\"command\":11,\"vendor\":\"25882\","
			    "\"product_code\":\"2001002\",\"revision\":\"5.12.0\"}\n");
	assert_ot_says(kit, "\"kind\":\"reader_event_notification\",\"direction\":\"request\",\"sequence\":0,\"command\":63,"
			    "\"service_name\":\"connection_attempt\",\"cause\":0,\"cause_name\":\"success\"}\n");
	assert_ot_says(kit, "\"kind\":\"add_rospec\",\"direction\":\"request\",\"sequence\":7,\"command\":20,\"instance\":123}\n");
	assert_ot_says(kit, "\"kind\":\"start_rospec\",\"direction\":\"request\",\"sequence\":8,\"command\":22,\"instance\":123}\n");
	assert_ot_says(kit, "\"kind\":\"start_rospec_response\",\"direction\":\"response\",\"status\":\"error\",\"error\":109,"
			    "\"error_name\":\"unsupported_message\",\"sequence\":8,\"command\":32,\"indications\":\"no spec\"}\n");
	assert_ot_says(kit, "\"kind\":\"ro_access_report\",\"direction\":\"request\",\"sequence\":0,\"command\":61,\"quantity\":2}\n");
	assert_ot_says(kit, "\"kind\":\"set_reader_config\",\"direction\":\"request\",\"sequence\":9,\"command\":3,"
			    "\"indications\":\"factory_reset\"}\n");
	assert_int_equal(ot_end(kit), 1);
	ot_close(kit);
}

static void it_is_the_same_cut_at_any_byte_and_a_beginning_says_no_more(void **state)
{
	static const char down[] = GREETING CAPABILITIES CONFIG REFUSED REPORT, up[] = ASKS ADD START;
	ot_close(ot_play_everywhere(PORT, QW_TO_CLIENT, down, sizeof(down) - 1));
	ot_close(ot_play_everywhere(PORT, QW_TO_SERVER, up, sizeof(up) - 1));
}

static void messages_are_told_by_their_types(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *told;
	} rows[] = {
#define ROW(bytes, told) {bytes, sizeof(bytes) - 1, told}
		ROW(CONFIG, "\"kind\":\"get_reader_config_response\",\"direction\":\"response\",\"status\":\"ok\",\"sequence\":6,"
			    "\"command\":12,\"serial_number\":\"001625010203\"}"),
		ROW("\x07\xff\0\0\0\x0f\0\0\0\x01\0\0\x65\x1a\x15", "\"kind\":\"custom_message\",\"direction\":\"request\",\"sequence\":1,"
								     "\"command\":1023,\"subfunction\":21,\"vendor\":\"25882\"}"),
		ROW("\x08\x2e\0\0\0\x0a\0\0\0\x01", "\"kind\":\"get_supported_version\""),
		ROW("\x08\x38\0\0\0\x14\0\0\0\x01\x02\x02\x01\x1f\0\x08\0\x6e\0\0", "\"kind\":\"get_supported_version_response\","
									      "\"direction\":\"response\",\"status\":\"error\",\"error\":110"),
		ROW(MESSAGE("\x0e", "\x0a", "\x03"), "\"kind\":\"close_connection\",\"direction\":\"request\""),
		ROW(MESSAGE("\x2a", "\x0e", "\x03") "\0\0\0\x02", "\"kind\":\"enable_accessspec\",\"direction\":\"request\",\"sequence\":3,"
								 "\"command\":42,\"instance\":2}"),
		ROW(MESSAGE("\x3f", "\x22", "\0") "\0\xf6\0\x18" TIME "\0\xff\0\x08\0\0\0\x02",
		    "\"service_name\":\"antenna\"}"),
		ROW(MESSAGE("\x64", "\x12", "\0") "\x01\x1f\0\x08\0\x64\0\0", "\"kind\":\"error_message\",\"direction\":\"response\","
									      "\"status\":\"error\",\"error\":100,\"error_name\":\"parameter_error\""),
		ROW(MESSAGE("\x48", "\x0a", "\0"), "\"kind\":\"keepalive_ack\""),
#undef ROW
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
		ot_feed(kit, QW_TO_SERVER, rows[i].bytes, rows[i].len);
		if (!strstr(qw_text_string(&kit->log), rows[i].told))
			fail_msg("%zu: no %s in %s", i, rows[i].told, qw_text_string(&kit->log));
		ot_close(kit);
	}
}

/* In a message whose length says what is left of it: a parameter that is cut is none. */
static void every_truncation_is_survived(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} rows[] = {{CAPABILITIES, sizeof(CAPABILITIES) - 1}, {CONFIG, sizeof(CONFIG) - 1}, {GREETING, sizeof(GREETING) - 1},
		    {REFUSED, sizeof(REFUSED) - 1}, {START, sizeof(START) - 1}, {REPORT, sizeof(REPORT) - 1}};
	static const char *const details[] = {"vendor", "serial", "cause", "error\":", "instance", "quantity\":2"};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (size_t len = 0; len < rows[i].len; len++) {
			char frame[128];
			memcpy(frame, rows[i].bytes, len);
			if (len >= 10)
				frame[5] = (char)len;
			struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
			ot_feed(kit, QW_TO_CLIENT, frame, len);
			assert_int_equal(strstr(qw_text_string(&kit->log), "llrp.type") != NULL, len >= 10);
			assert_ot_silent(kit, details[i]);
			ot_close(kit);
		}
}

static void a_report_that_is_too_long_is_told_and_passed_over(void **state)
{
	enum { TAGS = 2000, TAG_BYTES = 17, LEN = 10 + TAGS * TAG_BYTES };
	static char report[LEN + sizeof(REPORT) - 1] = "\x04\x3d\0\0";
	report[4] = (char)(LEN >> 8);
	report[5] = (char)(LEN & 0xff);
	for (size_t i = 0; i < TAGS; i++)
		memcpy(report + 10 + i * TAG_BYTES, TAG, TAG_BYTES);
	memcpy(report + LEN, REPORT, sizeof(REPORT) - 1);
	for (size_t step = 900; step <= sizeof(report); step += 7001) {
		struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
		for (size_t at = 0; at < sizeof(report); at += step)
			ot_feed(kit, QW_TO_CLIENT, report + at, step < sizeof(report) - at ? step : sizeof(report) - at);
		assert_ot_says(kit, "\"quantity\":963}\n");
		assert_ot_says(kit, "\"quantity\":2}\n");
		ot_close(kit);
	}
}

static void other_ports_need_a_reader_that_greets(void **state)
{
	static const struct {
		uint16_t port;
		const char *bytes;
		size_t len;
		bool ours;
	} rows[] = {
#define ROW(port, bytes, ours) {port, bytes, sizeof(bytes) - 1, ours}
		ROW(ELSEWHERE, GREETING, true),
		ROW(ELSEWHERE, ASKS, false),
		ROW(PORT, ASKS, true),
		ROW(PORT, MESSAGE("\x05", "\x0a", "\0"), false),
		ROW(PORT, "\x24\x01\0\0\0\x0b\0\0\0\x05\0", false),
		ROW(PORT, "\x04\x01\0\0\0\x09\0\0\0\x05\0", false),
		ROW(PORT, "\x04\x01\xff\0\0\x0b\0\0\0\x05\0", false),
		ROW(PORT, "\x16\x03\x01\0\x2e\x01\0\0\x2a\x03\x03", false),
#undef ROW
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ot_kit *kit = ot_open(QW_PROTO_TCP, rows[i].port, ALL);
		ot_feed(kit, QW_TO_CLIENT, rows[i].bytes, rows[i].len);
		if ((kit->flow.app == QW_APP_LLRP) != rows[i].ours)
			fail_msg("%zu: should %sbe ours", i, rows[i].ours ? "" : "not ");
		ot_close(kit);
	}
}

static void nobody_who_asks_costs_nothing(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, 0);
	OT_REPLY(kit, GREETING);
	assert_int_equal(kit->flow.app, QW_APP_LLRP);
	assert_null(kit->flow.parser);
	ot_close(kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_conversation_is_told_however_it_is_cut),
		cmocka_unit_test(it_is_the_same_cut_at_any_byte_and_a_beginning_says_no_more),
		cmocka_unit_test(messages_are_told_by_their_types),
		cmocka_unit_test(every_truncation_is_survived),
		cmocka_unit_test(a_report_that_is_too_long_is_told_and_passed_over),
		cmocka_unit_test(other_ports_need_a_reader_that_greets),
		cmocka_unit_test(nobody_who_asks_costs_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
