/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/link_kit.h"

enum { FRAME_802_2 = 4 };

#define SAP  "\x82\x82\x03"
#define MSTP "\xaa\xaa\x03\0\x10\x90\0\1\0\0\x80"

/* Read the present value of analog input 3, invoke id 9; and refuse to. */
#define READ    "\1\4\0\5\x09\x0c\x0c\0\0\0\3\x19\x55"
#define REFUSED "\1\0\x50\x09\x0c\x91\2\x91\x20"

/* Behind a length field the frame is filled up to the smallest that Ethernet has; decode leaves that out. */
static void a_device_right_above_ethernet_says_who_it_is(void **state)
{
	struct link_kit *kit = link_open(FRAME_802_2);
	LINK_SEND(kit, SAP "\1\x20\xff\xff\0\xff\x10\0\xc4\x02\0\x04\xd2\x22\x05\xc4\x91\x03\x21\x18");
	assert_string_equal(link_log(kit),
			    " bacnet.apdu_type=1 bacnet.unconfirmed_service=0 bacnet.data=c4020004d22205c49103"
			    "2118 bacnet.device=1234 bacnet.vendor_id=24 \"ot\":{\"protocol\":\"bacnet\",\"function\":1,\"name\":\"unconfirmed-request\","
			    "\"direction\":\"request\",\"destination\":65535,\"hops\":255,\"service\":0,\"service_name\":\"i-Am\","
			    "\"vendor\":\"24\",\"device\":1234}\n");
	link_close(kit);
}

static void answer(struct link_kit *kit)
{
	uint8_t client[6];
	memcpy(client, kit->header + 6, 6);
	memcpy(kit->header + 6, kit->header, 6);
	memcpy(kit->header, client, 6);
}

static void an_answer_is_about_what_was_asked(void **state)
{
	struct link_kit *kit = link_open(FRAME_802_2);
	LINK_SEND(kit, SAP READ);
	assert_link_says(kit, "\"objects\":\"analog-input:3.present-value\"");
	link_clear(kit);
	LINK_SEND(kit, SAP REFUSED); /* by who asked, not by who was */
	assert_link_says(kit, "\"name\":\"error\"");
	assert_link_silent(kit, "\"instance\":3");
	link_clear(kit);
	answer(kit);
	LINK_SEND(kit, SAP REFUSED);
	assert_link_says(kit, "\"error_name\":\"unknown-property\"");
	assert_link_says(kit, "\"class\":0,\"instance\":3");
	link_clear(kit);
	LINK_SEND(kit, SAP REFUSED); /* once */
	assert_link_silent(kit, "\"instance\":3");
	link_close(kit);
}

static void a_bridge_of_a_serial_line_is_read(void **state)
{
	struct link_kit *kit = link_open(FRAME_802_2);
	LINK_SEND(kit, MSTP "\5\x62\1\0\x0d\x99" READ "\x12\x34");
	assert_link_says(kit, "\"sequence\":9,\"service\":12,");
	assert_int_equal(kit->messages, 1);
	LINK_SEND(kit, MSTP "\0\x62\1\0\0\x99");           /* the token */
	LINK_SEND(kit, MSTP "\x80\x62\1\0\x0d\x99" READ);  /* data of a vendor's own */
	LINK_SEND(kit, "\xaa\xaa\x03\0\x10\x90\0\2\0\0\x80\5\x62\1\0\x0d\x99" READ);
	LINK_SEND(kit, "\x42\x42\x03\0\0\0\0\0");          /* a spanning tree */
	assert_int_equal(kit->messages, 1);
	link_close(kit);
}

static void each_segment_is_told_without_what_they_make_together(void **state)
{
	struct link_kit *kit = link_open(FRAME_802_2);
	LINK_SEND(kit, SAP "\1\0\x3c\x09\0\4\x0c\x0c\0\0\0\3\x19");
	assert_link_says(kit, "\"name\":\"complex-ack\"");
	assert_link_says(kit, "\"indications\":\"segment, more\"");
	assert_link_silent(kit, "objects");
	link_close(kit);
}

static void what_is_broken_is_told(void **state)
{
	struct link_kit *kit = link_open(FRAME_802_2);
	LINK_SEND(kit, SAP "\2\0\x10\x08");
	assert_int_equal(link_raised(kit, QW_AE_BACNET_MALFORMED), 1);
	assert_link_says(kit, "\"kind\":\"malformed\"");
	link_truncate(FRAME_802_2, SAP READ, sizeof(SAP READ) - 1);
	link_truncate(FRAME_802_2, MSTP "\6\x62\1\0\x0d\x99" READ, sizeof(MSTP "\6\x62\1\0\x0d\x99" READ) - 1);
	link_close(kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_device_right_above_ethernet_says_who_it_is),
	    cmocka_unit_test(an_answer_is_about_what_was_asked),
	    cmocka_unit_test(a_bridge_of_a_serial_line_is_read),
	    cmocka_unit_test(each_segment_is_told_without_what_they_make_together),
	    cmocka_unit_test(what_is_broken_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
