/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/dnp3_message.h"

#include "sensor/protocol/dnp3_link.h"
#include "sensor/protocol/dnp3_object.h"
#include "tests/unit/ot_kit.h"

enum { CONTROL_REQUEST = 0xc4, CONTROL_RESPONSE = 0x44, MASTER = 3, OUTSTATION = 4, TALK_MAX = 1 << 16 };

/* Frames one behind the other, as a link carries them. */
struct talk {
	uint8_t bytes[TALK_MAX];
	size_t len;
};

static void put_checked(struct talk *talk, const uint8_t *data, size_t len)
{
	uint16_t sum = qw_dnp3_checksum(data, len);
	memcpy(talk->bytes + talk->len, data, len);
	talk->len += len;
	talk->bytes[talk->len++] = (uint8_t)sum;
	talk->bytes[talk->len++] = (uint8_t)(sum >> 8);
}

static void put_frame(struct talk *talk, uint8_t control, const uint8_t *user, size_t len)
{
	bool up = control & 0x80;
	const uint8_t head[] = {0x05, 0x64, (uint8_t)(5 + len), control, up ? OUTSTATION : MASTER, 0, up ? MASTER : OUTSTATION, 0};
	put_checked(talk, head, sizeof(head));
	for (size_t at = 0; at < len; at += 16)
		put_checked(talk, user + at, len - at < 16 ? len - at : 16);
}

/* A whole fragment, in segments of at most `part` bytes. */
static void put_fragment(struct talk *talk, uint8_t control, const void *data, size_t len, size_t part)
{
	uint8_t user[250], sequence = 60;
	for (size_t at = 0; at < len; at += part, sequence = (sequence + 1) & 63) {
		size_t now = len - at < part ? len - at : part;
		user[0] = (uint8_t)(sequence | (at == 0 ? 0x40 : 0) | (at + now == len ? 0x80 : 0));
		memcpy(user + 1, (const uint8_t *)data + at, now);
		put_frame(talk, control, user, now + 1);
	}
}

#define REQUEST(talk, bytes, part)  put_fragment(talk, CONTROL_REQUEST, bytes, sizeof(bytes) - 1, part)
#define RESPONSE(talk, bytes, part) put_fragment(talk, CONTROL_RESPONSE, bytes, sizeof(bytes) - 1, part)

#define READ_CLASSES "\xc1\x01\x3c\x02\x06\x3c\x03\x06\x3c\x01\x06"
#define ANSWER       "\xe1\x81\x90\x00\x01\x02\x00\x00\x02\x81\x01\x81\x1e\x05\x00\x05\x05\x01\0\0\0\0"

static struct ot_kit *talked(const struct talk *up, const struct talk *down)
{
	const struct kit_piece pieces[] = {
		{QW_TO_SERVER, up->bytes, up->len},
		{QW_TO_CLIENT, down->len ? down->bytes : NULL, down->len},
		{0, NULL, 0},
	};
	return ot_play_all_ways(QW_PROTO_TCP, 20000, pieces);
}

static void fragments_are_put_together_however_they_are_cut(void **state)
{
	static struct talk up, down;
	up.len = down.len = 0;
	REQUEST(&up, READ_CLASSES, 4);
	RESPONSE(&down, ANSWER, 3);
	struct ot_kit *kit = talked(&up, &down);
	assert_ot_says(kit, "> dnp3_func=1 dnp3_data=c1013c02063c03063c0106 dnp3_obj=15362 dnp3_obj=15363 dnp3_obj=15361 "
			    "\"ot\":{\"protocol\":\"dnp3\",\"function\":1,\"name\":\"read\",\"direction\":\"request\",\"sequence\":1,"
			    "\"source\":3,\"destination\":4,\"objects\":\"60.2, 60.3, 60.1\"}\n");
	assert_ot_says(kit, "< dnp3_func=129 dnp3_ind=36864 ");
	assert_ot_says(kit, "\"status\":\"ok\",\"sequence\":1,\"source\":4,\"destination\":3,\"address\":0,\"quantity\":3,"
			    "\"objects\":\"1.2, 30.5\",\"indications\":\"need_time, device_restart\"}\n");
	assert_int_equal(ot_end(kit), 0);
	ot_close(kit);
}

static void a_damaged_block_loses_its_fragment_alone(void **state)
{
	static struct talk up, none;
	up.len = none.len = 0;
	REQUEST(&up, READ_CLASSES, 20);
	up.bytes[12] ^= 1;
	REQUEST(&up, "\xc2\x0d", 20);
	struct ot_kit *kit = talked(&up, &none);
	assert_ot_silent(kit, "\"name\":\"read\"");
	assert_ot_says(kit, "\"name\":\"cold_restart\"");
	assert_int_equal(ot_raised(kit, QW_AE_DNP3_BAD_TRANSPORT_CRC), 1);
	assert_int_equal(ot_end(kit), 1);
	ot_close(kit);
}

static void behind_a_damaged_header_the_next_frame_is_found(void **state)
{
	static struct talk up, none;
	up.len = none.len = 0;
	REQUEST(&up, "\xc0\x17", 20);
	size_t second = up.len;
	REQUEST(&up, READ_CLASSES, 20);
	up.bytes[second + 2] ^= 0x10;
	memcpy(up.bytes + up.len, "\5\5noise\5", 8);
	up.len += 8;
	REQUEST(&up, "\xc2\x0d", 20);
	struct ot_kit *kit = talked(&up, &none);
	assert_ot_says(kit, "\"name\":\"delay_measure\"");
	assert_ot_silent(kit, "\"name\":\"read\"");
	assert_ot_says(kit, "\"name\":\"cold_restart\"");
	assert_int_equal(ot_raised(kit, QW_AE_DNP3_BAD_LINK_CRC), 1);
	ot_close(kit);
}

static void a_segment_out_of_turn_ends_its_fragment(void **state)
{
	static struct talk whole, up, none;
	whole.len = up.len = none.len = 0;
	REQUEST(&whole, READ_CLASSES, 4);
	/* The middle one of three is missing. */
	size_t frame = 10 + 5 + 2;
	memcpy(up.bytes, whole.bytes, frame);
	memcpy(up.bytes + frame, whole.bytes + 2 * frame, whole.len - 2 * frame);
	up.len = whole.len - frame;
	struct ot_kit *kit = talked(&up, &none);
	assert_int_equal(kit->log.len, 0);
	ot_close(kit);
}

static void an_outstation_that_calls_is_still_an_outstation(void **state)
{
	static struct talk up, none;
	up.len = none.len = 0;
	put_fragment(&up, CONTROL_RESPONSE, "\xf0\x82\x00\x02\x02\x03\x28\x01\x00\x05\x00\x81\x10\x00", 14, 100);
	struct ot_kit *kit = talked(&up, &none);
	assert_ot_says(kit, "\"function\":130,\"name\":\"unsolicited_response\",\"direction\":\"response\",\"status\":\"error\",\"error\":2,"
			    "\"error_name\":\"object_unknown\"");
	assert_ot_says(kit, "\"objects\":\"2.3\"");
	ot_close(kit);
}

static void states_of_the_link_have_a_kind_and_no_function(void **state)
{
	static struct talk up, none;
	up.len = none.len = 0;
	put_frame(&up, 0xc9, (const uint8_t *)"", 0);
	struct ot_kit *kit = talked(&up, &none);
	assert_string_equal(qw_text_string(&kit->log), "> \"ot\":{\"protocol\":\"dnp3\",\"kind\":\"link\",\"direction\":\"request\","
						       "\"source\":3,\"destination\":4,\"subfunction\":9}\n");
	ot_close(kit);
}

static void datagrams_are_read_one_by_one(void **state)
{
	static struct talk up;
	up.len = 0;
	REQUEST(&up, READ_CLASSES, 20);
	struct ot_kit *kit = ot_open(QW_PROTO_UDP, 20000, QW_OT_WANT_EVENTS);
	ot_feed(kit, QW_TO_SERVER, up.bytes, up.len - 3);
	assert_int_equal(kit->log.len, 0);
	ot_feed(kit, QW_TO_SERVER, up.bytes, up.len);
	assert_ot_says(kit, "\"name\":\"read\"");
	ot_close(kit);
}

static void a_fragment_longer_than_the_bound_is_given_up(void **state)
{
	static struct talk up, none;
	static uint8_t huge[16000];
	up.len = none.len = 0;
	memset(huge, 0, sizeof(huge));
	huge[0] = 0xc0;
	huge[1] = 2;
	put_fragment(&up, CONTROL_REQUEST, huge, sizeof(huge), 249);
	REQUEST(&up, "\xc2\x0d", 20);
	struct ot_kit *kit = talked(&up, &none);
	assert_ot_silent(kit, "\"function\":2,");
	assert_ot_says(kit, "\"name\":\"cold_restart\"");
	assert_int_equal(ot_raised(kit, QW_AE_DNP3_TOO_LONG_REASSEMBLY), 1);
	ot_close(kit);
}

static void requests_that_nobody_answers_are_a_flood(void **state)
{
	static struct talk up, none;
	up.len = none.len = 0;
	for (int i = 0; i < 32; i++)
		REQUEST(&up, READ_CLASSES, 20);
	struct ot_kit *kit = talked(&up, &none);
	assert_int_equal(ot_raised(kit, QW_AE_DNP3_FLOODED), 0);
	ot_close(kit);
	for (int i = 0; i < 3; i++)
		REQUEST(&up, READ_CLASSES, 20);
	kit = talked(&up, &none);
	assert_int_equal(ot_raised(kit, QW_AE_DNP3_FLOODED), 1);
	ot_close(kit);
}

static void lengths_too_small_are_told(void **state)
{
	static struct talk up, none;
	static const uint8_t head[] = {0x05, 0x64, 4, CONTROL_REQUEST, OUTSTATION, 0, MASTER, 0};
	up.len = none.len = 0;
	put_checked(&up, head, sizeof(head));
	put_frame(&up, CONTROL_REQUEST, (const uint8_t *)"\xc0\xc1", 2);
	struct ot_kit *kit = talked(&up, &none);
	assert_int_equal(ot_raised(kit, QW_AE_DNP3_LEN_TOO_SMALL), 2);
	ot_close(kit);
}

/* ---- objects */

static struct qw_dnp3_message parsed(const char *bytes, size_t len)
{
	struct qw_dnp3_message message;
	assert_true(qw_dnp3_message_parse(&message, (const uint8_t *)bytes, len));
	return message;
}

#define PARSED(bytes) parsed(bytes, sizeof(bytes) - 1)

static void objects_are_walked_by_their_sizes(void **state)
{
	/* A write of packed bits 0 to 8 (two bytes), then a command with an index of one byte. */
	struct qw_dnp3_message message = PARSED("\xc0\x02\x50\x01\x00\x00\x08\xff\x01\x0c\x01\x17\x01\x05\x03\x01\0\0\0\0\0\0\0\0\0");
	assert_int_equal(message.flaws, 0);
	assert_int_equal(message.objects, 2);
	assert_int_equal(message.object[0], 0x5001);
	assert_int_equal(message.object[1], 0x0c01);
	/* A file command says its own size. */
	message = PARSED("\xc0\x19\x46\x03\x5b\x01\x02\x00\xaa\xbb\x3c\x01\x06");
	assert_int_equal(message.flaws, 0);
	assert_int_equal(message.objects, 2);
	/* A string's length is its variation. */
	message = PARSED("\xc0\x81\0\0\x6e\x03\x00\x00\x01" "abcdef" "\x3c\x01\x06");
	assert_int_equal(message.flaws, 0);
	assert_int_equal(message.objects, 2);
}

static void a_read_has_no_points(void **state)
{
	struct qw_dnp3_message message = PARSED("\xc0\x01\x1e\x01\x01\x00\x00\xff\x00\x63\x09\x06");
	assert_int_equal(message.flaws, 0);
	assert_int_equal(message.objects, 2);
	assert_int_equal(message.object[1], 0x6309);
}

static void what_is_wrong_with_a_fragment_is_said(void **state)
{
	assert_int_equal(PARSED("\xc0\x02\x63\x09\x00\x00\x00\x00").flaws, QW_DNP3_UNKNOWN_OBJECT);
	assert_int_equal(PARSED("\xc0\x02\x1e\x01\x00\x00\x00\x00").flaws, QW_DNP3_MALFORMED);
	assert_int_equal(PARSED("\xc0\x02\x1e\x01").flaws, QW_DNP3_MALFORMED);
	assert_int_equal(PARSED("\xc0\x02\x1e\x01\x00\x05\x04").flaws, QW_DNP3_MALFORMED);
	assert_int_equal(PARSED("\xc0\x02\x1e\x01\x0a\x05\x04").flaws, QW_DNP3_MALFORMED);
	assert_int_equal(PARSED("\xc0\x81\0").flaws, QW_DNP3_MALFORMED);
	assert_int_equal(PARSED("\xc0\x02\x1e\x01\x01\x00\x00\x00\x50").flaws, QW_DNP3_MANY_POINTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fragments_are_put_together_however_they_are_cut),
		cmocka_unit_test(a_damaged_block_loses_its_fragment_alone),
		cmocka_unit_test(behind_a_damaged_header_the_next_frame_is_found),
		cmocka_unit_test(a_segment_out_of_turn_ends_its_fragment),
		cmocka_unit_test(an_outstation_that_calls_is_still_an_outstation),
		cmocka_unit_test(states_of_the_link_have_a_kind_and_no_function),
		cmocka_unit_test(datagrams_are_read_one_by_one),
		cmocka_unit_test(a_fragment_longer_than_the_bound_is_given_up),
		cmocka_unit_test(requests_that_nobody_answers_are_a_flood),
		cmocka_unit_test(lengths_too_small_are_told),
		cmocka_unit_test(objects_are_walked_by_their_sizes),
		cmocka_unit_test(a_read_has_no_points),
		cmocka_unit_test(what_is_wrong_with_a_fragment_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
