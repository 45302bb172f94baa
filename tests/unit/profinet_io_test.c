/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/ot_kit.h"

enum { PORT = 34964, LITTLE_AT = 4, LENGTH_AT = 74, FRAGMENT_AT = 76, HEADER = 80 };

#define OBJECT "\xde\xa0\0\0\x6c\x97\x11\xd1\x82\x71\0\1\0\3\1\x5a"
#define DEVICE "\xde\xa0\0\1\x6c\x97\x11\xd1\x82\x71\0\xa0\x24\x42\xdf\x7d"
#define ZEROS  "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define HEAD(type, operation, len)                                                                                       \
	"\4" type "\x20\0\0\0\0\0" OBJECT DEVICE ZEROS "\0\0\0\0\0\0\0\1\0\0\0\7\0" operation "\xff\xff\xff\xff\0" len "\0\0\0\0"
#define LENGTHS(first, len) first "\0\0\0" len "\0\0\2\0\0\0\0\0\0\0\0" len
#define RELATION "\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff\0"
#define TOLD	 "\"connection\":\"11223344-5566-7788-99aa-bbccddeeff00\""

/* Type, relation, key, MAC, object, properties, timeout, port, name. */
#define CONNECT                                                                                                          \
	HEAD("\0", "\0", "\x53") LENGTHS("\0\0\2\0", "\x3f") "\1\1\0\x3b\1\0\0\1" RELATION "\0\1\x02\0\0\0\0\5" ZEROS          \
	"\0\0\0\x11\0\x64\x88\x92\0\5crane"
#define CONNECTED                                                                                                        \
	HEAD("\2", "\0", "\x36") LENGTHS("\0\0\0\0", "\x22") "\x81\1\0\x1e\1\0\0\1" RELATION "\0\1\x02\0\0\0\0\6\x88\x92"
#define WRITE                                                                                                            \
	HEAD("\0", "\3", "\x40") LENGTHS("\0\0\2\0", "\x2c") "\0\x08\0\x24\1\0\0\1" RELATION "\0\0\0\0\0\2\0\1\0\0\x80\x30\0\0\0\4"    \
	"\xff\xff\xff\xff"
#define CONTROL                                                                                                          \
	HEAD("\0", "\4", "\x34") LENGTHS("\0\0\2\0", "\x20") "\1\x10\0\x1c\1\0\0\0" RELATION "\0\1\0\0\0\1\0\0"
#define IDENTITY                                                                                                         \
	HEAD("\2", "\2", "\x78") LENGTHS("\0\0\0\0", "\x64") "\x80\x09\0\x24\1\0\0\1" RELATION "\0\0\0\0\0\0\0\1\0\0\xaf\xf0\0\0\0\x3c" \
	"\0\x20\0\x38\1\0\1\x5a" "IC200PNS001         " "SERIAL-7        " "\0\5V\2\1\3\0\0\0\0\0\0\0\0\0\0"

static void who_connects_is_told_with_its_name(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_UDP, PORT, QW_OT_WANT_FIELDS);
	OT_SEND(kit, CONNECT);
	OT_REPLY(kit, CONNECTED);
	assert_int_equal(kit->flow.app, QW_APP_PROFINET_IO);
	assert_string_equal(qw_text_string(&kit->log),
			    "> profinet.operation=0 profinet.station=6372616e65 \"ot\":{\"protocol\":\"profinet-io\",\"function\":0,\"name\":\"connect\",\"direction\":\"request\",\"sequence\":7,"
			    TOLD ",\"mac\":\"02:00:00:00:00:05\",\"device_name\":\"crane\"}\n"
			    "< profinet.operation=0 \"ot\":{\"protocol\":\"profinet-io\",\"function\":0,\"name\":\"connect\",\"direction\":\"response\",\"status\":\"ok\","
			    "\"sequence\":7," TOLD ",\"mac\":\"02:00:00:00:00:06\",\"vendor\":\"0x015a\",\"product_code\":\"0x0003\"}\n");
	ot_close(kit);
}

static void records_are_told_by_place(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_UDP, PORT, QW_OT_WANT_FIELDS);
	OT_SEND(kit, WRITE);
	assert_ot_says(kit, "> profinet.operation=3 profinet.record=32816 ");
	assert_ot_says(kit, "\"name\":\"write\",\"direction\":\"request\",\"sequence\":7," TOLD ",\"index\":32816,\"slot\":2,"
			    "\"subslot\":1,\"quantity\":4,\"objects\":\"isochronous_mode\"}");
	ot_close(kit);
}

static void control_is_told_by_command(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_UDP, PORT, QW_OT_WANT_FIELDS);
	OT_SEND(kit, CONTROL);
	assert_ot_says(kit, "> profinet.operation=4 profinet.control=1 ");
	assert_ot_says(kit, TOLD ",\"subfunction\":1,\"indications\":\"parameters_end\"}");
	ot_close(kit);
}

static void a_device_says_what_it_is(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_UDP, PORT, QW_OT_WANT_FIELDS);
	OT_REPLY(kit, IDENTITY);
	assert_ot_says(kit, "\"objects\":\"im0\",\"vendor\":\"0x015a\",\"product\":\"IC200PNS001\",\"product_code\":\"0x0003\","
			    "\"revision\":\"5, V2.1.3\",\"serial_number\":\"SERIAL-7\"}");
	ot_close(kit);
}

static void failures_are_told_with_their_status(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_UDP, PORT, QW_OT_WANT_FIELDS);
	OT_REPLY(kit, HEAD("\2", "\0", "\x14") LENGTHS("\xdb\x81\1\4", "\0"));
	assert_ot_says(kit, "\"status\":\"error\",\"error\":3682664708,");
	OT_REPLY(kit, HEAD("\6", "\0", "\4") "\x1c\0\0\x03");
	assert_ot_says(kit, "\"status\":\"error\",\"error\":469762051,");
	assert_int_equal(ot_raised(kit, QW_AE_PROFINET_IO_MALFORMED), 0);
	ot_close(kit);
}

/* Header and lengths are turned, blocks are not. */
static void the_little_end_may_come_first(void **state)
{
	static const uint8_t turned[][2] = {{8, 4}, {12, 2}, {14, 2}, {24, 4}, {28, 2}, {30, 2}, {60, 4}, {64, 4},
					    {68, 2}, {74, 2}, {80, 4}, {84, 4}, {88, 4}, {92, 4}, {96, 4}};
	uint8_t frame[sizeof(CONNECT) - 1];
	memcpy(frame, CONNECT, sizeof(frame));
	frame[LITTLE_AT] = 0x10;
	for (size_t i = 0; i < sizeof(turned) / sizeof(*turned); i++)
		for (uint8_t *low = frame + turned[i][0], *high = low + turned[i][1] - 1; low < high; low++, high--) {
			uint8_t byte = *low;
			*low = *high;
			*high = byte;
		}
	struct ot_kit *kit = ot_open(QW_PROTO_UDP, PORT, QW_OT_WANT_FIELDS);
	ot_feed(kit, QW_TO_SERVER, frame, sizeof(frame));
	assert_ot_says(kit, "\"sequence\":7," TOLD ",\"mac\":\"02:00:00:00:00:05\",\"device_name\":\"crane\"}");
	ot_close(kit);
}

static void later_fragments_and_pings_tell_nothing(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_UDP, PORT, QW_OT_WANT_FIELDS);
	uint8_t frame[sizeof(CONNECT) - 1];
	memcpy(frame, CONNECT, sizeof(frame));
	frame[FRAGMENT_AT + 1] = 1;
	ot_feed(kit, QW_TO_SERVER, frame, sizeof(frame));
	OT_SEND(kit, HEAD("\1", "\0", "\0"));
	assert_int_equal(kit->log.len, 0);
	assert_int_equal(kit->flow.app, QW_APP_PROFINET_IO);
	ot_close(kit);
}

static void blocks_that_do_not_fit_are_odd(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_UDP, PORT, QW_OT_WANT_FIELDS);
	OT_SEND(kit, HEAD("\0", "\0", "\x18") LENGTHS("\0\0\2\0", "\4") "\1\1\0\x3d");
	assert_int_equal(ot_raised(kit, QW_AE_PROFINET_IO_MALFORMED), 1);
	assert_ot_says(kit, "\"indications\":\"malformed\"");
	ot_close(kit);
	static const struct {
		const char *bytes;
		size_t len;
	} rows[] = {{CONNECT, sizeof(CONNECT) - 1}, {WRITE, sizeof(WRITE) - 1}, {IDENTITY, sizeof(IDENTITY) - 1}};
	for (size_t row = 0; row < sizeof(rows) / sizeof(*rows); row++)
		for (size_t len = 1; len < rows[row].len; len++) {
			kit = ot_open(QW_PROTO_UDP, PORT, QW_OT_WANT_FIELDS);
			ot_feed(kit, QW_TO_SERVER, rows[row].bytes, len);
			assert_int_equal(kit->log.len != 0, len >= HEADER);
			ot_close(kit);
		}
}

static void answers_come_from_any_port_and_other_interfaces_are_not_ours(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_UDP, 49152, QW_OT_WANT_FIELDS);
	OT_SEND(kit, CONNECTED);
	assert_int_equal(kit->flow.app, QW_APP_PROFINET_IO);
	ot_close(kit);
	uint8_t frame[sizeof(CONNECT) - 1];
	memcpy(frame, CONNECT, sizeof(frame));
	frame[24 + 3] = 5;
	kit = ot_open(QW_PROTO_UDP, PORT, QW_OT_WANT_FIELDS);
	ot_feed(kit, QW_TO_SERVER, frame, sizeof(frame));
	assert_int_not_equal(kit->flow.app, QW_APP_PROFINET_IO);
	ot_close(kit);
}

/* A device's identity, cut behind so many bytes of its body. */
static void send_fragment(struct ot_kit *kit, uint8_t number, size_t from, size_t to)
{
	enum { FLAGS_AT = 2, LAST = 2, FRAGMENTED = 4, BODY = sizeof(IDENTITY) - 1 - HEADER };
	uint8_t frame[sizeof(IDENTITY) - 1];
	memcpy(frame, IDENTITY, HEADER);
	memcpy(frame + HEADER, IDENTITY + HEADER + from, to - from);
	frame[FLAGS_AT] |= (uint8_t)(FRAGMENTED | (to == BODY ? LAST : 0));
	frame[LENGTH_AT + 1] = (uint8_t)(to - from);
	frame[FRAGMENT_AT + 1] = number;
	ot_feed(kit, QW_TO_CLIENT, frame, HEADER + to - from);
}

static void an_answer_in_fragments_is_told_once_and_whole(void **state)
{
	enum { BODY = sizeof(IDENTITY) - 1 - HEADER };
	struct ot_kit *whole = ot_open(QW_PROTO_UDP, PORT, QW_OT_WANT_FIELDS);
	OT_REPLY(whole, IDENTITY);
	assert_ot_says(whole, "\"serial_number\":\"SERIAL-7\"");
	struct ot_kit *kit = ot_open(QW_PROTO_UDP, PORT, QW_OT_WANT_FIELDS);
	send_fragment(kit, 0, 0, 30);
	send_fragment(kit, 0, 0, 30);
	send_fragment(kit, 1, 30, 90);
	assert_int_equal(kit->log.len, 0);
	send_fragment(kit, 1, 30, 90);
	send_fragment(kit, 2, 90, BODY);
	send_fragment(kit, 2, 90, BODY);
	assert_string_equal(qw_text_string(&kit->log), qw_text_string(&whole->log));
	assert_int_equal(ot_end(kit), 0);
	ot_close(kit);
	ot_close(whole);
}

static void where_a_fragment_is_missing_what_was_there_is_told(void **state)
{
	enum { BODY = sizeof(IDENTITY) - 1 - HEADER, RECORD = 20 + 40 };
	const struct qw_message_sink sink = {NULL, NULL};
	struct ot_kit *kit = ot_open(QW_PROTO_UDP, PORT, QW_OT_WANT_FIELDS);
	send_fragment(kit, 1, RECORD, BODY); /* its front was not seen */
	assert_int_equal(kit->log.len, 0);
	send_fragment(kit, 0, 0, RECORD);
	send_fragment(kit, 2, 90, BODY);
	assert_ot_says(kit, "\"index\":45040");
	assert_ot_silent(kit, "malformed");
	assert_ot_silent(kit, "serial_number");
	size_t len = kit->log.len;
	send_fragment(kit, 3, 90, BODY);
	assert_int_equal(kit->log.len, len);
	qw_parser_close(kit->pool, &kit->flow, QW_TO_CLIENT, &sink); /* nothing is left to be told */
	send_fragment(kit, 0, 0, RECORD);
	const struct qw_message_sink last = {kit, ot_publish};
	qw_parser_close(kit->pool, &kit->flow, QW_TO_CLIENT, &last);
	assert_int_equal(kit->log.len, 2 * len);
	ot_close(kit);
}

static void who_sends_the_same_call_without_end_is_bounded(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_UDP, PORT, QW_OT_WANT_FIELDS);
	uint8_t frame[HEADER + 1000] = HEAD("\0", "\3", "\0");
	frame[2] |= 4;
	frame[LENGTH_AT] = 1000 >> 8;
	frame[LENGTH_AT + 1] = 1000 & 0xff;
	for (unsigned i = 0; i < 200; i++) {
		frame[FRAGMENT_AT + 1] = (uint8_t)i;
		ot_feed(kit, QW_TO_SERVER, frame, sizeof(frame));
	}
	struct qw_parser_counters counters;
	qw_parser_counters(kit->pool, &counters);
	assert_in_range(counters.bytes, 1, 1 << 17);
	assert_int_equal(counters.cut, 1);
	ot_close(kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_connects_is_told_with_its_name),
		cmocka_unit_test(records_are_told_by_place),
		cmocka_unit_test(control_is_told_by_command),
		cmocka_unit_test(a_device_says_what_it_is),
		cmocka_unit_test(failures_are_told_with_their_status),
		cmocka_unit_test(the_little_end_may_come_first),
		cmocka_unit_test(later_fragments_and_pings_tell_nothing),
		cmocka_unit_test(blocks_that_do_not_fit_are_odd),
		cmocka_unit_test(answers_come_from_any_port_and_other_interfaces_are_not_ours),
		cmocka_unit_test(an_answer_in_fragments_is_told_once_and_whole),
		cmocka_unit_test(where_a_fragment_is_missing_what_was_there_is_told),
		cmocka_unit_test(who_sends_the_same_call_without_end_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
