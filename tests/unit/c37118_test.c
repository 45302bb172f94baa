/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/ot_kit.h"

enum { PORT = 4712, FRAME_MAX = 1024 };

/* A frame as it goes over the wire. */
struct frame {
	uint8_t at[FRAME_MAX];
	size_t len;
};

static void put(struct frame *frame, const void *data, size_t len)
{
	assert_true(frame->len + len <= sizeof(frame->at));
	memcpy(frame->at + frame->len, data, len);
	frame->len += len;
}

#define PUT(frame, bytes) put(frame, bytes, sizeof(bytes) - 1)

static void put_u16(struct frame *frame, unsigned value)
{
	put(frame, (const uint8_t[]){(uint8_t)(value >> 8), (uint8_t)value}, 2);
}

static unsigned checksum(const uint8_t *at, size_t len)
{
	unsigned crc = 0xffff;
	for (size_t i = 0; i < len * 8; i++) {
		unsigned bit = at[i / 8] >> (7 - i % 8) & 1, top = crc >> 15;
		crc = (crc << 1 & 0xffff) ^ (top != bit ? 0x1021 : 0);
	}
	return crc;
}

/* Station 241 at some time; its body follows. */
static struct frame begun(uint8_t type, uint8_t quality)
{
	struct frame frame = {.len = 0};
	put(&frame, (const uint8_t[]){0xaa, type | 1}, 2);
	PUT(&frame, "\0\0\0\xf1\x48\x99\x33\x44");
	put(&frame, (const uint8_t[]){quality, 0, 0, 1}, 4);
	return frame;
}

static void end(struct frame *frame)
{
	frame->at[2] = (uint8_t)((frame->len + 2) >> 8);
	frame->at[3] = (uint8_t)(frame->len + 2);
	put_u16(frame, checksum(frame->at, frame->len));
}

static struct frame command(unsigned number)
{
	struct frame frame = begun(0x40, 0x1f);
	put_u16(&frame, number);
	end(&frame);
	return frame;
}

static void put_station(struct frame *frame, const char *name, unsigned phasors)
{
	put(frame, name, 16);
	put_u16(frame, 241);
	put_u16(frame, 6);
	put_u16(frame, phasors);
	put_u16(frame, 0);
	put_u16(frame, 1);
	for (unsigned i = 0; i < phasors + 16; i++)
		PUT(frame, "a channel's name");
	for (unsigned i = 0; i < phasors + 2; i++)
		PUT(frame, "\0\0\0\0");
}

static struct frame configuration(void)
{
	struct frame frame = begun(0x30, 0);
	PUT(&frame, "\0\xff\xff\xff\0\x02");
	put_station(&frame, "Blue PMU        ", 1);
	put_station(&frame, "Red PMU         ", 2);
	put_u16(&frame, 50);
	end(&frame);
	return frame;
}

static void commands_have_names(void **state)
{
	struct frame talk = command(1), on = command(2);
	put(&talk, on.at, on.len);
	struct ot_kit *kit = ot_play_everywhere(PORT, QW_TO_SERVER, talk.at, talk.len);
	assert_int_equal(kit->flow.app, QW_APP_C37_118);
	assert_ot_says(kit, "> c37118.frame_type=4 c37118.command=1 \"ot\":{\"protocol\":\"c37.118\",\"function\":4,"
			    "\"name\":\"command\",\"direction\":\"request\",\"unit\":241,\"service\":1,\"service_name\":\"turn_off\"}\n");
	assert_ot_says(kit, "\"service\":2,\"service_name\":\"turn_on\"}");
	ot_close(kit);
}

static void a_configuration_names_the_stations(void **state)
{
	struct frame frame = configuration();
	struct ot_kit *kit = ot_play_everywhere(PORT, QW_TO_CLIENT, frame.at, frame.len);
	assert_ot_says(kit, "< c37118.frame_type=3 \"ot\":{\"protocol\":\"c37.118\",\"function\":3,\"name\":\"configuration_2\","
			    "\"direction\":\"response\",\"status\":\"ok\",\"unit\":241,\"quantity\":2,"
			    "\"objects\":\"Blue PMU, Red PMU\",\"device_name\":\"Blue PMU\"}\n");
	ot_close(kit);
	frame = begun(0x50, 0);
	PUT(&frame, "\0\0\0\0\0\x01\0\x01\x05Green and more");
	end(&frame);
	kit = ot_open(QW_PROTO_UDP, 4713, QW_OT_WANT_EVENTS);
	ot_feed(kit, QW_TO_CLIENT, frame.at, frame.len);
	assert_ot_says(kit, "\"name\":\"configuration_3\",\"direction\":\"response\",\"status\":\"ok\",\"unit\":241,\"quantity\":1,"
			    "\"device_name\":\"Green\"}");
	ot_close(kit);
}

static void what_is_wrong_with_a_clock_is_told(void **state)
{
	struct frame frame = begun(0, 0x3f), unlocked = begun(0, 0x04);
	struct ot_kit *kit = ot_open(QW_PROTO_UDP, 4713, QW_OT_WANT_EVENTS);
	end(&frame);
	end(&unlocked);
	ot_feed(kit, QW_TO_CLIENT, frame.at, frame.len);
	assert_ot_says(kit, "\"indications\":\"clock_failed, leap_second_pending, leap_second_occurred\"}");
	ot_feed(kit, QW_TO_CLIENT, unlocked.at, unlocked.len);
	assert_ot_says(kit, "\"indications\":\"clock_unlocked\"}");
	ot_close(kit);
}

static void a_damaged_frame_is_told_and_not_read(void **state)
{
	struct frame frame = configuration(), order = command(1);
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_FIELDS);
	frame.at[60] ^= 1;
	order.at[order.len - 1] ^= 1;
	ot_feed(kit, QW_TO_CLIENT, frame.at, frame.len);
	assert_ot_says(kit, "\"unit\":241,\"indications\":\"bad_checksum\"}");
	assert_ot_silent(kit, "Blue");
	ot_feed(kit, QW_TO_SERVER, order.at, order.len);
	assert_ot_silent(kit, "c37118.command");
	ot_close(kit);
}

/* Each with a checksum that is right, whatever the length says. */
static void every_truncation_is_survived(void **state)
{
	const struct frame whole = configuration();
	for (size_t len = 1; len < whole.len - 2; len++) {
		struct frame cut = whole;
		struct ot_kit *kit = ot_open(QW_PROTO_UDP, PORT, QW_OT_WANT_FIELDS);
		ot_feed(kit, QW_TO_CLIENT, whole.at, len);
		assert_int_equal(kit->log.len, 0);
		cut.len = len;
		if (len >= 14) {
			end(&cut);
			ot_feed(kit, QW_TO_CLIENT, cut.at, cut.len);
		}
		assert_int_equal(strstr(qw_text_string(&kit->log), "c37.118") != NULL, len >= 14);
		assert_int_equal(strstr(qw_text_string(&kit->log), "\"Blue PMU\"") != NULL, len >= 14 + 6 + 26);
		ot_close(kit);
	}
}

static void on_other_ports_the_checksum_decides(void **state)
{
	struct frame good = command(2), bad = command(2);
	bad.at[15] ^= 1;
	for (unsigned i = 0; i < 4; i++) {
		struct ot_kit *kit = ot_open(i & 1 ? QW_PROTO_TCP : QW_PROTO_UDP, 7000, QW_OT_WANT_EVENTS);
		ot_feed(kit, QW_TO_SERVER, i & 2 ? bad.at : good.at, good.len);
		assert_int_equal(kit->flow.app == QW_APP_C37_118, i < 2);
		ot_close(kit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_have_names),
		cmocka_unit_test(a_configuration_names_the_stations),
		cmocka_unit_test(what_is_wrong_with_a_clock_is_told),
		cmocka_unit_test(a_damaged_frame_is_told_and_not_read),
		cmocka_unit_test(every_truncation_is_survived),
		cmocka_unit_test(on_other_ports_the_checksum_decides),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
