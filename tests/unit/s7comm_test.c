/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/ot_kit.h"

enum { PORT = 102, ALL = QW_OT_WANT_FIELDS | QW_OT_WANT_EVENTS };

#define CONNECT "\x03\0\0\x16\x11\xe0\0\0\0\x01\0\xc0\x01\x0a\xc1\x02\x01\0\xc2\x02\x01\x22"
#define DT(len) "\x03\0\0" len "\x02\xf0\x80"

/* Four bytes of DB5 from byte 10 on. */
#define READ DT("\x1f") "\x32\x01\0\0\0\x07\0\x0e\0\0\x04\x01\x12\x0a\x10\x02\0\x04\0\x05\x84\0\0\x50"
#define READ_ANSWER DT("\x1d") "\x32\x03\0\0\0\x07\0\x02\0\x08\0\0\x04\x01\xff\x04\0\x20\x01\x02\x03\x04"
#define READ_REFUSED DT("\x19") "\x32\x03\0\0\0\x07\0\x02\0\x04\0\0\x04\x01\x0a\0\0\0"
#define STOP DT("\x21") "\x32\x01\0\0\0\x09\0\x10\0\0\x29\0\0\0\0\0\x09P_PROGRAM"
#define WRITE DT("\x24") "\x32\x01\0\0\0\x08\0\x0e\0\x05\x05\x01\x12\x0a\x10\x01\0\x01\0\0\x83\0\0\x0b\0\x03\0\x01\x01"

static void a_conversation_is_told_however_it_is_cut(void **state)
{
	static const char up[] = CONNECT READ STOP;
	static const char down[] = READ_ANSWER;
	const struct kit_piece pieces[] = {KIT_SEND(up), KIT_REPLY(down), {0, NULL, 0}};
	struct ot_kit *kit = ot_play_all_ways(QW_PROTO_TCP, PORT, pieces);
	assert_ot_says(kit, "\"kind\":\"connect_request\"");
	assert_ot_says(kit, "\"rack\":1,\"slot\":2,\"objects\":\"0100 > 0122\"");
	assert_ot_says(kit, "> s7comm.type=1 s7comm.func=4 s7comm.area=132 s7comm.db=5 ");
	assert_ot_says(kit, "\"function\":4,\"name\":\"read_var\",\"direction\":\"request\",\"sequence\":7,\"address\":10,"
			    "\"quantity\":1,\"objects\":\"DB5.10.0 byte 4\"");
	assert_ot_says(kit, "\"function\":4,\"name\":\"read_var\",\"direction\":\"response\",\"status\":\"ok\",\"sequence\":7,");
	assert_ot_says(kit, "\"name\":\"plc_stop\",\"direction\":\"request\",\"sequence\":9,\"service_name\":\"P_PROGRAM\"");
	assert_ot_silent(kit, "app-layer-event");
	assert_int_equal(ot_end(kit), 1);
	ot_close(kit);
}

static void it_is_the_same_cut_at_any_byte_and_a_beginning_says_no_more(void **state)
{
	static const char up[] = CONNECT READ WRITE STOP;
	ot_close(ot_play_everywhere(PORT, QW_TO_SERVER, up, sizeof(up) - 1));
}

static void an_item_that_is_not_there_fails_the_answer(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
	OT_SEND(kit, READ);
	OT_REPLY(kit, READ_REFUSED);
	assert_ot_says(kit, "\"status\":\"error\",\"error\":10,\"error_name\":\"object_does_not_exist\"");
	assert_int_equal(ot_end(kit), 0);
	ot_close(kit);
}

static void what_is_written_is_told_only_where_it_may_be(void **state)
{
	struct ot_kit *open = ot_open(QW_PROTO_TCP, PORT, ALL | QW_OT_WANT_VALUES), *shut = ot_open(QW_PROTO_TCP, PORT, ALL);
	OT_SEND(open, WRITE);
	OT_SEND(shut, WRITE);
	assert_ot_says(open, "\"values\":\"01\",\"objects\":\"M.1.3 bit 1\"");
	assert_ot_silent(shut, "values");
	ot_close(open);
	ot_close(shut);
}

static void a_message_in_several_parts_is_put_together(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
	OT_SEND(kit, "\x03\0\0\x0b\x02\xf0\0\x32\x01\0\0");
	assert_ot_silent(kit, "s7comm\",");
	OT_SEND(kit, "\x03\0\0\x1b\x02\xf0\x80\0\x07\0\x0e\0\0\x04\x01\x12\x0a\x10\x02\0\x04\0\x05\x84\0\0\x50");
	assert_ot_says(kit, "\"objects\":\"DB5.10.0 byte 4\"");
	ot_close(kit);
}

static void items_that_are_not_there_are_malformed(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
	OT_SEND(kit, DT("\x1f") "\x32\x01\0\0\0\x07\0\x0e\0\0\x04\x02\x12\x0a\x10\x02\0\x04\0\x05\x84\0\0\x50");
	assert_int_equal(ot_raised(kit, QW_AE_S7COMM_MALFORMED), 1);
	ot_close(kit);
}

static void a_list_says_who_the_device_is(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
	OT_REPLY(kit, DT("\x45") "\x32\x07\0\0\0\x03\0\x0c\0\x28\0\x01\x12\x08\x12\x84\x01\x01\0\0\0\0"
		      "\xff\x09\0\x24\0\x11\0\0\0\x1c\0\x01\0\x01" "6ES7 315-2EH14-0AB0 " "\0\xc0\0\x04\0\x01");
	assert_ot_says(kit, "\"kind\":\"cpu_functions\",\"direction\":\"response\",\"status\":\"ok\"");
	assert_ot_says(kit, "\"service_name\":\"read_szl\"");
	assert_ot_says(kit, "\"product_code\":\"6ES7 315-2EH14-0AB0\"");
	ot_close(kit);
}

static void a_plus_message_says_what_it_asks_for(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
	OT_SEND(kit, DT("\x1d") "\x72\x01\0\x0e\x31\0\0\x04\xca\0\0\0\x02\0\0\x01\x20\x36\x72\x01\0\0");
	assert_ot_says(kit, "> s7commplus_opcode=49 s7commplus_func=1226 ");
	assert_ot_says(kit, "\"protocol\":\"s7comm-plus\",\"kind\":\"createobject\",\"direction\":\"request\",\"sequence\":2,"
			    "\"session\":288,\"service\":1226");
	assert_int_equal(ot_end(kit), 1);
	ot_close(kit);
}

static void the_rest_of_a_plus_message_is_no_message(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
	OT_SEND(kit, DT("\x19") "\x72\x01\0\x0e\x31\0\0\x04\xca\0\0\0\x02\0\0\x01\x20\x36");
	OT_SEND(kit, DT("\x1d") "\x72\x01\0\x0e\x31\0\0\x04\xbb\0\0\0\x03\0\0\x01\x20\x36\x72\x01\0\0");
	assert_ot_silent(kit, "explore");
	ot_close(kit);
}

/* Each part has a digest of its own; what is between them belongs to nobody. */
static void a_plus_message_in_parts_is_told_whole(void **state)
{
	const struct kit_piece pieces[] = {
		KIT_SEND(DT("\x1e") "\x72\x03\0\x13\x04" "dig1" "\x31\0\0\x04\xca\0\0\0\x02\0\0\x01\x20\x36"),
		KIT_SEND(DT("\x15") "\x72\x03\0\x0a\x04" "dig2" "HELLO"),
		KIT_SEND(DT("\x19") "\x72\x03\0\x0a\x04" "dig3" "THERE" "\x72\x03\0\0"),
		{0, NULL, 0},
	};
	struct ot_kit *kit = ot_play_all_ways(QW_PROTO_TCP, PORT, pieces);
	assert_ot_says(kit, "s7commplus_content=00000002000001203648454c4c4f5448455245 \"ot\":{\"protocol\":\"s7comm-plus\","
			    "\"kind\":\"createobject\"");
	assert_int_equal(ot_end(kit), 1);
	ot_close(kit);
}

/* As much of it as there is room for is told; the rest of it, and no more, is passed over. */
static void a_plus_message_without_an_end_is_bounded(void **state)
{
	static uint8_t part[1024] = "\x03\0\x04\0\x02\xf0\x80\x72\x01\x03\xf5";
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_EVENTS);
	OT_SEND(kit, DT("\x19") "\x72\x01\0\x0e\x31\0\0\x04\xca\0\0\0\x02\0\0\x01\x20\x36");
	for (int i = 0; i < 100; i++)
		ot_feed(kit, QW_TO_SERVER, part, sizeof(part));
	assert_ot_says(kit, "\"kind\":\"createobject\"");
	OT_SEND(kit, DT("\x15") "\x72\x01\0\x06" "THEEND" "\x72\x01\0\0");
	OT_SEND(kit, DT("\x1d") "\x72\x01\0\x0e\x31\0\0\x04\xbb\0\0\0\x03\0\0\x01\x20\x36\x72\x01\0\0");
	assert_ot_says(kit, "\"kind\":\"explore\"");
	assert_int_equal(ot_end(kit), 2);
	ot_close(kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_conversation_is_told_however_it_is_cut),
		cmocka_unit_test(it_is_the_same_cut_at_any_byte_and_a_beginning_says_no_more),
		cmocka_unit_test(an_item_that_is_not_there_fails_the_answer),
		cmocka_unit_test(what_is_written_is_told_only_where_it_may_be),
		cmocka_unit_test(a_message_in_several_parts_is_put_together),
		cmocka_unit_test(items_that_are_not_there_are_malformed),
		cmocka_unit_test(a_list_says_who_the_device_is),
		cmocka_unit_test(a_plus_message_says_what_it_asks_for),
		cmocka_unit_test(the_rest_of_a_plus_message_is_no_message),
		cmocka_unit_test(a_plus_message_in_parts_is_told_whole),
		cmocka_unit_test(a_plus_message_without_an_end_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
