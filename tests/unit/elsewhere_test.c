/* SPDX-License-Identifier: Apache-2.0 */
/* Industrial protocols at ports that are nobody's: known by what is said, however TCP cuts it. */
#include "tests/unit/ot_kit.h"

enum { NOBODYS = 10000 };

#define ENIP_HEAD(command, length) command "\0" length "\0\0\0\0\0\0\0\0\0context1\0\0\0\0"
#define S7_CONNECT "\x03\0\0\x16\x11\xe0\0\0\0\x01\0\xc0\1\x0a\xc1\2\1\0\xc2\2\1\2"
#define MMS_CONNECT "\x03\0\0\x16\x11\xe0\0\0\0\x01\0\xc0\1\x0a\xc1\2\0\1\xc2\2\0\1"
#define ADS_INFO                                                                                                         \
	"\0\0\x20\0\0\0\x05\x0d\x75\x60\x01\x01\x53\x03\xc0\xa8\x01\x63\x01\x01\x01\x80\1\0\4\0\0\0\0\0\0\0\0\0\3\0\0\0"
#define HELLO "HELF\x20\0\0\0\0\0\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

static const struct row {
	const char *bytes;
	size_t len;
	const char *told;
} rows[] = {
#define ROW(bytes, told) {bytes, sizeof(bytes) - 1, told}
    ROW("\0\1\0\0\0\6\1\3\0\x6b\0\3", "\"modbus\",\"function\":3,"),
    ROW("\0\1\0\0\0\6\1\3\0\x6b\0\3\0\2\0\0\0\6\1\3\0\x6c\0\3", "\"sequence\":2,"),
    ROW(ENIP_HEAD("\x63", "\0"), "\"enip\",\"function\":99,"),
    ROW(ENIP_HEAD("\x65", "\4") "\1\0\0\0" ENIP_HEAD("\x04", "\0"), "\"function\":4,"),
    ROW("\x68\x04\x07\0\0\0", "\"startdt_act\""),
    ROW("\x68\x04\x01\0\2\0\x68\x04\x43\0\0\0", "\"testfr_act\""),
    ROW(S7_CONNECT, "\"0100 > 0102\""),
    ROW(MMS_CONNECT, "\"0001 > 0001\""),
    ROW("\x03\0\0\x1d\2\xf0\x80\x32\1\0\0\0\1\0\x0c\0\0\x04\1\x12\x0a\x10\2\0\1\0\0\x83\0", "\"s7comm\",\"function\":4,"),
    ROW(HELLO, "\"opcua\",\"kind\":\"hello\""),
    ROW(ADS_INFO, "\"read_device_info\""),
    ROW("\x05\x64\x08\xc4\x01\x00\x00\x04\xa4\xcf\xc0\xc1\x17\x8c\x0c", "\"dnp3\",\"function\":23,"),
    ROW("FINS\0\0\0\x0c\0\0\0\0\0\0\0\0\0\0\0\0", "\"omron-fins\""),
    ROW("\1\0\0\0\0\2\0\x0d\1\0\0\x75\x30", "\"hart-ip\",\"function\":0,"),
#undef ROW
};

static void what_is_said_there_is_told_in_whatever_pieces_it_comes(void **state)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ot_kit *kit = ot_play_everywhere(NOBODYS, QW_TO_SERVER, rows[i].bytes, rows[i].len);
		const struct kit_piece pieces[] = {{QW_TO_SERVER, rows[i].bytes, rows[i].len}, {0, NULL, 0}};
		if (!strstr(qw_text_string(&kit->log), rows[i].told))
			fail_msg("%s is not in: %s", rows[i].told, qw_text_string(&kit->log));
		ot_close(kit);
		ot_close(ot_play_all_ways(QW_PROTO_TCP, NOBODYS, pieces));
	}
}

/* The beginnings of other protocols, and of ours that go on as nothing of theirs does. */
static void what_goes_on_as_none_of_them_is_nobodys(void **state)
{
	static const struct row others[] = {
#define ROW(bytes) {bytes, sizeof(bytes) - 1, NULL}
	    ROW("\0\1\0\0\0\6\1\3\0\x6b\0\3\xde\xad\xbe\xef\xde\xad\xbe\xef"),
	    ROW("\0\1\0\0\0\6\1\x7f\0\x6b\0\3"),
	    ROW(ENIP_HEAD("\x63", "\0") "GET / HTTP/1.0\r\n"),
	    ROW("\x68\x04\x01\0\2\0GET / HTTP/1.0\r\n"),
	    ROW("\x03\0\0\x13\x0e\xe0\0\0\0\0\0\1\0\x08\0\3\0\0\0"),
	    ROW("HELLO world, how are you today?\r\n"),
#undef ROW
	};
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		struct ot_kit *kit = ot_open(QW_PROTO_TCP, NOBODYS, QW_OT_WANT_FIELDS);
		ot_feed(kit, QW_TO_SERVER, others[i].bytes, others[i].len);
		assert_int_equal(kit->log.len, 0);
		ot_close(kit);
	}
}

/* Function 0 is none; it is said in this protocol all the same. */
static void at_modbus_own_port_any_function_is_told(void **state)
{
	static const char bytes[] = "\0\1\0\0\0\2\1\0";
	struct ot_kit *kit = ot_play_everywhere(502, QW_TO_SERVER, bytes, sizeof(bytes) - 1);
	assert_ot_says(kit, "\"function\":0,");
	ot_close(kit);
}

/* A capture that begins in the middle knows neither client nor server; a service says which it is. */
static void a_service_says_itself_whether_it_answers(void **state)
{
	static const char bytes[] = ENIP_HEAD("\x70", "\x1e") "\0\0\0\0\0\0\2\0\xa1\0\4\0\1\2\3\4\xb1\0\x0a\0\5\0"
								"\x0e\3\x20\1\x24\1\x30\7";
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, NOBODYS, QW_OT_WANT_EVENTS);
	OT_REPLY(kit, bytes);
	assert_ot_says(kit, "\"name\":\"send_unit_data\",\"direction\":\"request\"");
	ot_close(kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_said_there_is_told_in_whatever_pieces_it_comes),
	    cmocka_unit_test(what_goes_on_as_none_of_them_is_nobodys),
	    cmocka_unit_test(at_modbus_own_port_any_function_is_told),
	    cmocka_unit_test(a_service_says_itself_whether_it_answers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
