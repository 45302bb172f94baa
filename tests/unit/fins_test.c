/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/ot_kit.h"

enum { PORT = 9600 };

#define WRITE	 "\x80\0\x02\0\x0a\0\0\x01\0\x07\x01\x02\x82\0\x64\0\0\x02\x01\x02\x03\x04"
#define WRITTEN	 "\xc0\0\x02\0\x01\0\0\x0a\0\x07\x01\x02\0\0"
#define IDENTITY "\xc0\0\x02\0\x01\0\0\x0a\0\x08\x05\x01\0\0CJ2M-CPU33          02.01               "
#define FRAMED(len, frame) "FINS\0\0\0" len "\0\0\0\x02\0\0\0\0" frame

static void a_write_names_the_memory(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_UDP, PORT, QW_OT_WANT_FIELDS);
	OT_SEND(kit, WRITE);
	assert_string_equal(qw_text_string(&kit->log),
			    "> fins.command=258 \"ot\":{\"protocol\":\"omron-fins\",\"function\":258,\"name\":\"memory_area_write\","
			    "\"direction\":\"request\",\"sequence\":7,\"unit\":0,\"source\":256,\"destination\":2560,\"address\":100,"
			    "\"quantity\":2,\"objects\":\"D100\"}\n");
	OT_REPLY(kit, WRITTEN);
	assert_ot_says(kit, "< fins.command=258 fins.end_code=0 ");
	assert_ot_says(kit, "\"direction\":\"response\",\"status\":\"ok\",\"sequence\":7,\"unit\":0,\"source\":2560,\"destination\":256,"
			    "\"address\":100,\"quantity\":2}");
	assert_int_equal(ot_end(kit), 0);
	ot_close(kit);
}

static void a_controller_says_what_it_is(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_UDP, PORT, QW_OT_WANT_EVENTS);
	OT_REPLY(kit, IDENTITY);
	assert_ot_says(kit, "\"name\":\"controller_data_read\"");
	assert_ot_says(kit, "\"product\":\"CJ2M-CPU33\",\"revision\":\"02.01\"}");
	ot_close(kit);
}

static void streams_have_a_header_and_give_out_addresses(void **state)
{
	static const char talk[] = "FINS\0\0\0\x0c\0\0\0\0\0\0\0\0\0\0\0\0" FRAMED("\x1e", WRITE) FRAMED("\x1e", WRITE) "FINS\0\0\0\x08\0\0\0\x03\0\0\0\x20";
	struct ot_kit *kit = ot_play_everywhere(PORT, QW_TO_SERVER, talk, sizeof(talk) - 1);
	assert_int_equal(kit->flow.app, QW_APP_OMRON_FINS);
	assert_ot_says(kit, "\"kind\":\"node_address_request\",\"direction\":\"request\"}");
	assert_ot_says(kit, "\"objects\":\"D100\"");
	assert_ot_says(kit, "\"kind\":\"error\",\"direction\":\"response\",\"status\":\"error\",\"error\":32}");
	ot_close(kit);
}

static void what_runs_and_what_fails_is_told(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *told;
	} rows[] = {
#define ROW(bytes, told) {bytes, sizeof(bytes) - 1, told}
		ROW("\x80\0\x02\0\x0a\0\0\x01\0\x0a\x04\x01\xff\xff\x04", "\"name\":\"run\",\"direction\":\"request\",\"sequence\":10,\"unit\":0,"
										 "\"source\":256,\"destination\":2560,\"indications\":\"run\"}"),
		ROW("\xc0\0\x02\0\x01\0\0\x0a\0\x0a\x04\x02\x22\x01", "\"name\":\"stop\",\"direction\":\"response\",\"status\":\"error\",\"error\":8705,"
								     "\"error_name\":\"not_possible_during_execution\""),
		ROW("\xc0\0\x02\0\x01\0\0\x0a\0\x0a\x04\x02\x80\x40", "\"status\":\"ok\""),
		ROW("\x80\0\x02\0\x0a\0\0\x01\0\x0b\x01\x02\x30\0\x05\x03\0\x01\x01", "\"objects\":\"CIO5.03\""),
		ROW("\x80\0\x02\0\x0a\0\0\x01\0\x0b\x01\x01\xa2\0\x05\0\0\x01", "\"objects\":\"E2_5\""),
		ROW("\x80\0\x02\0\x0a\0\0\x01\0\x0b\x01\x01\xff\0\x05\0\0\x01", "\"objects\":\"255:5\""),
		ROW("\x80\0\x02\0\x0a\0\0\x01\0\x0b\x01\x05\x82\0\x05\0\x82\0\x09\0\0\x03", "\"address\":5,\"quantity\":3,\"objects\":\"D5\""),
#undef ROW
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ot_kit *kit = ot_open(QW_PROTO_UDP, PORT, QW_OT_WANT_FIELDS);
		ot_feed(kit, QW_TO_SERVER, rows[i].bytes, rows[i].len);
		assert_ot_says(kit, rows[i].told);
		ot_close(kit);
	}
}

static void every_truncation_is_survived(void **state)
{
	for (size_t len = 1; len < sizeof(IDENTITY) - 1; len++) {
		struct ot_kit *kit = ot_open(QW_PROTO_UDP, PORT, QW_OT_WANT_FIELDS);
		ot_feed(kit, QW_TO_CLIENT, IDENTITY, len);
		assert_int_equal(strstr(qw_text_string(&kit->log), "omron-fins") != NULL, len >= 12);
		assert_int_equal(strstr(qw_text_string(&kit->log), "end_code") != NULL, len >= 14);
		assert_int_equal(strstr(qw_text_string(&kit->log), "CJ2M") != NULL, len >= 34);
		ot_close(kit);
	}
}

static void other_ports_and_headers_are_somebody_elses(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_UDP, 9601, QW_OT_WANT_EVENTS);
	OT_SEND(kit, WRITE);
	assert_int_not_equal(kit->flow.app, QW_APP_OMRON_FINS);
	ot_close(kit);
	kit = ot_open(QW_PROTO_UDP, PORT, QW_OT_WANT_EVENTS);
	OT_SEND(kit, "\x80\x01\x02\0\x0a\0\0\x01\0\x07\x01\x02");
	assert_int_not_equal(kit->flow.app, QW_APP_OMRON_FINS);
	ot_close(kit);
	kit = ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_EVENTS);
	OT_SEND(kit, "FINS\0\x01\0\0\0\0\0\0");
	assert_int_not_equal(kit->flow.app, QW_APP_OMRON_FINS);
	ot_close(kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_write_names_the_memory),
		cmocka_unit_test(a_controller_says_what_it_is),
		cmocka_unit_test(streams_have_a_header_and_give_out_addresses),
		cmocka_unit_test(what_runs_and_what_fails_is_told),
		cmocka_unit_test(every_truncation_is_survived),
		cmocka_unit_test(other_ports_and_headers_are_somebody_elses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
