/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/enip_message.h"

#include "sensor/protocol/cip.h"
#include "tests/unit/ot_kit.h"

#define ZEROS_8  "\0\0\0\0\0\0\0\0"
#define CONTEXT  "context1"
#define HEAD(command, length, status) command "\0" length "\0" "\x44\x33\x22\x11" status "\0\0\0" CONTEXT "\0\0\0\0"
/* Interface, timeout, two items: no address, unconnected data. */
#define UNCONNECTED(length) "\0\0\0\0\0\0\2\0\0\0\0\0\xb2\0" length "\0"
/* … a connection, connected data with sequence 5. */
#define CONNECTED(length) "\0\0\0\0\0\0\2\0\xa1\0\4\0\1\2\3\4\xb1\0" length "\0\5\0"

#define GET_NAME   "\x0e\3\x20\1\x24\1\x30\7"
#define NAME       "\x8e\0\0\0\5CRANE"
#define GET_REFUSED "\x8e\0\x14\1\2\0"

static void a_service_and_its_answer_meet_however_they_are_cut(void **state)
{
	const struct kit_piece pieces[] = {
		KIT_SEND(HEAD("\x6f", "\x18", "\0") UNCONNECTED("\10") GET_NAME),
		KIT_REPLY(HEAD("\x6f", "\x16", "\0") UNCONNECTED("\6") GET_REFUSED),
		{0, NULL, 0},
	};
	struct ot_kit *kit = ot_play_all_ways(QW_PROTO_TCP, 44818, pieces);
	assert_ot_says(kit, "> \"ot\":{\"protocol\":\"enip\",\"function\":111,\"name\":\"send_rr_data\",\"direction\":\"request\","
			    "\"session\":287454020}\n");
	assert_ot_says(kit, "> enip_command=111 enip_status=0 cip_service=");
	assert_ot_says(kit, "\"ot\":{\"protocol\":\"cip\",\"function\":14,\"name\":\"get_attribute_single\",\"direction\":\"request\","
			    "\"session\":287454020,\"class\":1,\"instance\":1,\"attribute\":7}\n");
	assert_ot_says(kit, "\"direction\":\"response\",\"status\":\"error\",\"error\":20,\"error_name\":\"attribute_not_supported\","
			    "\"extended_status\":2,\"session\":287454020,\"class\":1,\"instance\":1}\n");
	assert_int_equal(ot_end(kit), 0);
	ot_close(kit);
}

/*
 * A client may talk from any port.  tshark (4.0) gives port 1102 to another
 * dissector and shows none of the conversation below; the bytes are ENIP's.
 */
static void a_client_port_that_is_another_protocols_hides_nothing(void **state)
{
	static const char request[] = HEAD("\x6f", "\x18", "\0") UNCONNECTED("\10") GET_NAME;
	static const char answer[] = HEAD("\x6f", "\x16", "\0") UNCONNECTED("\6") GET_REFUSED;
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, 44818, QW_OT_WANT_EVENTS);
	kit->flow.key.low_port = 1102;
	OT_SEND(kit, request);
	OT_REPLY(kit, answer);
	assert_ot_says(kit, "> \"ot\":{\"protocol\":\"enip\",\"function\":111,");
	assert_ot_says(kit, "> \"ot\":{\"protocol\":\"cip\",\"function\":14,");
	assert_ot_says(kit, "< \"ot\":{\"protocol\":\"cip\",\"function\":14,");
	ot_close(kit);
}

static void a_multiple_service_packet_is_unpacked(void **state)
{
	/* Path of the message router; two services at 6 and 14 of the list. */
	const struct kit_piece pieces[] = {
		KIT_SEND(HEAD("\x70", "\x32", "\0")
				 CONNECTED("\x1e") "\x0a\2\x20\2\x24\1\2\0\6\0\x0e\0" GET_NAME "\x4c\2\x20\x6b\x25\0\3\0"),
		{0, NULL, 0},
	};
	struct ot_kit *kit = ot_play_all_ways(QW_PROTO_TCP, 44818, pieces);
	assert_ot_says(kit, "\"function\":10,\"name\":\"multiple_service_packet\",\"direction\":\"request\",\"sequence\":5");
	assert_ot_says(kit, "\"function\":14,");
	assert_ot_says(kit, "\"function\":76,\"name\":\"read_tag\"");
	ot_close(kit);
}

static void an_unconnected_send_says_what_it_carries_and_to_which_slot(void **state)
{
	const struct kit_piece pieces[] = {
		KIT_SEND(HEAD("\x6f", "\x26", "\0") UNCONNECTED("\x16") "\x52\2\x20\6\x24\1\5\x9d\x08\0" GET_NAME "\1\0\1\3"),
		{0, NULL, 0},
	};
	struct ot_kit *kit = ot_play_all_ways(QW_PROTO_TCP, 44818, pieces);
	assert_ot_says(kit, "\"function\":82,\"name\":\"unconnected_send\",\"direction\":\"request\",\"unit\":3,");
	assert_ot_says(kit, "\"function\":14,");
	ot_close(kit);
}

static void pccc_inside_is_read(void **state)
{
	const struct kit_piece pieces[] = {
		KIT_SEND(HEAD("\x6f", "\x27", "\0")
				 UNCONNECTED("\x17") "\x4b\2\x20\x67\x24\1" "\7\x4d\0\1\2\3\4" "\x0f\0\x35\x12\xaa" "\2\7\x89\0\0"),
		{0, NULL, 0},
	};
	struct ot_kit *kit = ot_play_all_ways(QW_PROTO_TCP, 44818, pieces);
	assert_ot_says(kit, "\"name\":\"execute_pccc\",\"direction\":\"request\",\"session\":287454020,\"command\":15,"
			    "\"subfunction\":170,\"class\":103");
	ot_close(kit);
}

#define IDENTITY_ITEM                                                                                              \
	"\1\0" "\0\2\xaf\x12\xc0\xa8\1\x0a" ZEROS_8 "\1\0\x0e\0\x36\0\x14\x0b\x60\x31\x1a\x06\x6c\0\x0b" "1756-ENBT/A\3"

static void an_identity_says_who_the_device_is(void **state)
{
	const struct kit_piece pieces[] = {
		KIT_REPLY(HEAD("\x63", "\x33", "\0") "\1\0\x0c\0\x2d\0" IDENTITY_ITEM),
		{0, NULL, 0},
	};
	struct ot_kit *kit = ot_play_all_ways(QW_PROTO_UDP, 44818, pieces);
	assert_ot_says(kit, "\"name\":\"list_identity\",\"direction\":\"response\",\"status\":\"ok\",\"session\":287454020,\"vendor\":\"1\","
			    "\"product\":\"1756-ENBT/A\",\"product_code\":\"54\",\"revision\":\"20.11\",\"device_type\":14,"
			    "\"serial\":7079450}\n");
	assert_ot_says(kit, "enip.product_name=313735362d454e42542f41");
	assert_ot_says(kit, "enip.protocol_version=1");
	ot_close(kit);
}

static void list_services_names_them(void **state)
{
	const struct kit_piece pieces[] = {
		KIT_REPLY(HEAD("\x04", "\x1a", "\0") "\1\0\0\1\x14\0\1\0\x20\1" "Communications\0\0"),
		{0, NULL, 0},
	};
	struct ot_kit *kit = ot_play_all_ways(QW_PROTO_TCP, 44818, pieces);
	assert_ot_says(kit, "enip.capabilities=288 enip.service_name=436f6d6d756e69636174696f6e73 ");
	ot_close(kit);
}

static void an_answer_to_a_broadcast_is_an_answer(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_UDP, 40001, QW_OT_WANT_EVENTS);
	kit->flow.key.low_port = 44818;
	OT_SEND(kit, HEAD("\x63", "\x33", "\0") "\1\0\x0c\0\x2d\0" IDENTITY_ITEM);
	assert_ot_says(kit, "> \"ot\":{\"protocol\":\"enip\",\"function\":99,\"name\":\"list_identity\",\"direction\":\"response\"");
	ot_close(kit);
}

static void cyclic_data_is_told_once_a_direction(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_UDP, 2222, QW_OT_WANT_EVENTS);
	for (int i = 0; i < 3; i++) {
		OT_SEND(kit, "\2\0\2\x80\10\0\1\0\0\0\7\0\0\0\xb1\0\2\0\1\0");
		OT_REPLY(kit, "\2\0\2\x80\10\0\2\0\0\0\7\0\0\0\xb1\0\2\0\1\0");
	}
	assert_string_equal(qw_text_string(&kit->log),
			    "> \"ot\":{\"protocol\":\"enip\",\"kind\":\"io\",\"direction\":\"request\",\"session\":1}\n"
			    "< \"ot\":{\"protocol\":\"enip\",\"kind\":\"io\",\"direction\":\"response\",\"status\":\"ok\",\"session\":2}\n");
	ot_close(kit);
}

static void what_is_no_command_is_not_enip(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, 44818, QW_OT_WANT_EVENTS);
	OT_SEND(kit, HEAD("\x6e", "\0", "\0"));
	assert_int_equal(kit->flow.app, QW_APP_UNKNOWN);
	ot_close(kit);
}

/* Between others it is told as what it is. */
static void a_command_that_nobody_knows_is_told(void **state)
{
	const struct kit_piece pieces[] = {
		KIT_SEND(HEAD("\x63", "\0", "\0")),
		KIT_SEND(HEAD("\x6e", "\2", "\0") "??"),
		KIT_SEND(HEAD("\x04", "\0", "\0")),
		{0, NULL, 0},
	};
	ot_close(ot_play_all_ways(QW_PROTO_TCP, 44818, pieces));
	for (int udp = 0; udp < 2; udp++) {
		struct ot_kit *kit = ot_open(udp ? QW_PROTO_UDP : QW_PROTO_TCP, 44818, QW_OT_WANT_EVENTS);
		ot_play(kit, pieces, 0);
		assert_ot_says(kit, "\"function\":110,");
		assert_ot_says(kit, "\"function\":4,");
		ot_close(kit);
	}
}

/* ---- services */

static struct qw_cip *read_cip(const char *bytes, size_t len)
{
	static struct qw_cip cip;
	qw_cip_parse(&cip, qw_bytes(bytes, len));
	return &cip;
}

#define READ(bytes) read_cip(bytes, sizeof(bytes) - 1)

static void paths_have_numbers_of_three_widths(void **state)
{
	const struct qw_cip_path *path = &READ("\x0e\7\x21\0\x34\x12\x26\0\x78\x56\x34\x12\x31\0\2\1")->service[0].path;
	assert_int_equal(path->class, 0x1234);
	assert_int_equal(path->instance, 0x12345678);
	assert_int_equal(path->attribute, 0x0102);
	assert_int_equal(path->has, QW_CIP_HAS_CLASS | QW_CIP_HAS_INSTANCE | QW_CIP_HAS_ATTRIBUTE);
}

static void a_tag_has_a_name(void **state)
{
	const struct qw_cip *cip = READ("\x4c\4\x91\5Crane\0\1\0");
	assert_false(cip->malformed);
	assert_int_equal(cip->service[0].path.symbol.len, 5);
	assert_memory_equal(cip->service[0].path.symbol.data, "Crane", 5);
}

static void lists_of_attributes_are_read(void **state)
{
	const struct qw_cip_service *service = &READ("\3\2\x20\1\x24\1\2\0\1\0\7\0")->service[0];
	assert_int_equal(service->attributes, 2);
	assert_int_equal(service->attribute[1], 7);
	service = &READ("\4\2\x20\1\x24\1\2\0\1\0\7\0")->service[0];
	assert_int_equal(service->attributes, 1);
}

static void packets_inside_packets_end_somewhere(void **state)
{
	/* Each list holds itself. */
	const struct qw_cip *cip = READ("\x0a\2\x20\2\x24\1\1\0\x04\0\x0a\0\1\0\x04\0\x0a\0\1\0\x04\0\x0a\0");
	assert_true(cip->malformed);
	assert_in_range(cip->services, 2, 4);
}

static void so_many_services_have_room_and_no_more(void **state)
{
	static char bytes[4096] = "\x8a\0\0\0";
	enum { COUNT = 100, FIRST = 2 + 2 * COUNT };
	bytes[4] = COUNT;
	for (int i = 0; i < COUNT; i++) {
		int at = FIRST + 4 * i;
		bytes[6 + 2 * i] = (char)at;
		bytes[7 + 2 * i] = (char)(at >> 8);
		memcpy(bytes + 4 + at, "\x83\0\0\0", 4);
	}
	const struct qw_cip *cip = read_cip(bytes, 4 + FIRST + 4 * COUNT);
	assert_int_equal(cip->services, QW_CIP_SERVICES_MAX);
	assert_true(cip->cut);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_service_and_its_answer_meet_however_they_are_cut),
		cmocka_unit_test(a_client_port_that_is_another_protocols_hides_nothing),
		cmocka_unit_test(a_multiple_service_packet_is_unpacked),
		cmocka_unit_test(an_unconnected_send_says_what_it_carries_and_to_which_slot),
		cmocka_unit_test(pccc_inside_is_read),
		cmocka_unit_test(an_identity_says_who_the_device_is),
		cmocka_unit_test(list_services_names_them),
		cmocka_unit_test(an_answer_to_a_broadcast_is_an_answer),
		cmocka_unit_test(cyclic_data_is_told_once_a_direction),
		cmocka_unit_test(what_is_no_command_is_not_enip),
		cmocka_unit_test(a_command_that_nobody_knows_is_told),
		cmocka_unit_test(paths_have_numbers_of_three_widths),
		cmocka_unit_test(a_tag_has_a_name),
		cmocka_unit_test(lists_of_attributes_are_read),
		cmocka_unit_test(packets_inside_packets_end_somewhere),
		cmocka_unit_test(so_many_services_have_room_and_no_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
