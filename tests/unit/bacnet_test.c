/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/bacnet_service.h"

#include "tests/unit/ot_kit.h"

enum { PORT = 47808 };

/* An APDU; play() puts in how long the datagram is. */
#define UNICAST(apdu)   "\x81\x0a\0\0" "\x01\x04" apdu
#define BROADCAST(apdu) "\x81\x0b\0\0" "\x01\x20\xff\xff\0\xff" apdu

#define I_AM BROADCAST("\x10\0\xc4\x02\0\x04\xd2\x22\x05\xc4\x91\x03\x21\x18")

/* Write 21.5 to the present value of analog value 7, priority 8. */
#define WRITE UNICAST("\0\x05\x01\x0f\x0c\x00\x80\0\x07\x19\x55\x3e\x44\x41\xac\0\0\x3f\x49\x08")

static struct ot_kit *opened(uint32_t wants)
{
	return ot_open(QW_PROTO_UDP, PORT, wants);
}

static void play(struct ot_kit *kit, enum qw_direction direction, const void *data, size_t len)
{
	uint8_t datagram[256];
	assert_true(len <= sizeof(datagram));
	memcpy(datagram, data, len);
	datagram[2] = 0;
	datagram[3] = (uint8_t)len;
	ot_feed(kit, direction, datagram, len);
}

#define SEND(kit, bytes)  play(kit, QW_TO_SERVER, bytes, sizeof(bytes) - 1)
#define REPLY(kit, bytes) play(kit, QW_TO_CLIENT, bytes, sizeof(bytes) - 1)

static void a_device_says_who_it_is(void **state)
{
	struct ot_kit *kit = opened(QW_OT_WANT_FIELDS);
	SEND(kit, BROADCAST("\x10\x08\x09\x05\x19\x09"));
	SEND(kit, I_AM);
	assert_ot_says(kit, "> bacnet.bvlc_function=11 bacnet.apdu_type=1 bacnet.unconfirmed_service=8 bacnet.data=09051909 "
			    "\"ot\":{\"protocol\":\"bacnet\",\"function\":1,\"name\":\"unconfirmed-request\",\"direction\":\"request\","
			    "\"destination\":65535,\"hops\":255,\"command\":11,\"service\":8,\"service_name\":\"who-Is\","
			    "\"objects\":\"device:5 to 9\"}\n");
	assert_ot_says(kit, " bacnet.device=1234 bacnet.vendor_id=24 ");
	assert_ot_says(kit, "\"service_name\":\"i-Am\",\"vendor\":\"24\",\"device\":1234}");
	ot_close(kit);
}

static void a_write_names_what_is_written(void **state)
{
	static const struct qw_bacnet_item item = {.instance = 7, .property = 85, .object = 2, .priority = 8, .has = 0x0b};
	char hex[128];
	struct qw_text text;
	struct ot_kit *kit = opened(QW_OT_WANT_FIELDS | QW_OT_WANT_VALUES);
	SEND(kit, WRITE);
	qw_text_init(&text, hex, sizeof(hex));
	qw_text_literal(&text, " bacnet.object=");
	qw_text_hex(&text, (const uint8_t *)&item, sizeof(item));
	assert_ot_says(kit, qw_text_string(&text));
	assert_ot_says(kit, "\"sequence\":1,\"command\":10,\"service\":15,\"service_name\":\"writeProperty\",\"class\":2,\"instance\":7,"
			    "\"attribute\":85,\"values\":\"21.5\",\"priority\":8,\"objects\":\"analog-value:7.present-value\"}");
	REPLY(kit, UNICAST("\x20\x01\x0f"));
	assert_ot_says(kit, "\"name\":\"simple-ack\",\"direction\":\"response\",\"status\":\"ok\",\"sequence\":1,\"command\":10,"
			    "\"service\":15,\"service_name\":\"writeProperty\",\"class\":2,\"instance\":7}");
	assert_int_equal(ot_end(kit), 0);
	ot_close(kit);
	kit = opened(QW_OT_WANT_EVENTS);
	SEND(kit, WRITE);
	assert_ot_silent(kit, "21.5");
	assert_int_equal(ot_end(kit), 1);
	ot_close(kit);
}

static void several_properties_are_several_items(void **state)
{
	struct ot_kit *kit = opened(QW_OT_WANT_FIELDS);
	/* Device 1: model and object list, the third of it; analog input 2: all. */
	SEND(kit, UNICAST("\0\x05\x02\x0e\x0c\x02\0\0\x01\x1e\x09\x46\x09\x4c\x19\x03\x1f\x0c\0\0\0\x02\x1e\x09\x08\x1f"));
	assert_ot_says(kit, "\"quantity\":3,\"objects\":\"device:1.model-name, device:1.object-list[3], analog-input:2.all\"}");
	assert_int_equal(ot_raised(kit, QW_AE_BACNET_MALFORMED), 0);
	/* The model is "X1"; the second is an error. */
	REPLY(kit, UNICAST("\x30\x02\x0e\x0c\x02\0\0\x01\x1e\x29\x46\x4e\x73\0X1\x4f\x29\x4c\x39\x03\x5e\x91\x02\x91\x2a\x5f\x1f"));
	assert_ot_says(kit, " bacnet.text=5831 ");
	assert_ot_says(kit, "\"objects\":\"device:1.model-name, device:1.object-list[3]\",\"product\":\"X1\"}");
	assert_int_equal(ot_raised(kit, QW_AE_BACNET_MALFORMED), 0);
	ot_close(kit);
}

static void a_device_that_is_read_says_what_it_is(void **state)
{
	struct ot_kit *kit = opened(QW_OT_WANT_EVENTS);
	/* Vendor "V", model "M", firmware "F", serial number "S", name "N" of device 1. */
	REPLY(kit, UNICAST("\x30\x02\x0e\x0c\x02\0\0\x01\x1e" "\x29\x79\x4e\x72\0V\x4f" "\x29\x46\x4e\x72\0M\x4f"
			   "\x29\x2c\x4e\x72\0F\x4f" "\x2a\x01\x74\x4e\x72\0S\x4f" "\x29\x4d\x4e\x72\0N\x4f" "\x1f"));
	assert_ot_says(kit, "\"vendor\":\"V\",\"product\":\"M\",\"revision\":\"F\",\"serial_number\":\"S\",\"device_name\":\"N\"}");
	/* The same texts of another kind of object are nobody's. */
	kit->log.len = 0;
	REPLY(kit, UNICAST("\x30\x02\x0c\x0c\x00\x80\0\x07\x19\x4d\x3e\x72\0N\x3f"));
	assert_ot_says(kit, "analog-value:7.object-name");
	assert_ot_silent(kit, "device_name");
	ot_close(kit);
}

static void what_fails_says_why(void **state)
{
	struct ot_kit *kit = opened(QW_OT_WANT_FIELDS);
	SEND(kit, UNICAST("\0\x05\x01\x0c\x0c\0\x80\0\x07\x19\x55"));
	REPLY(kit, UNICAST("\x50\x01\x0c\x91\x02\x91\x20"));
	assert_ot_says(kit, " bacnet.error=32 ");
	assert_ot_says(kit, "\"status\":\"error\",\"error\":32,\"error_name\":\"unknown-property\",\"extended_status\":2,\"sequence\":1,");
	assert_ot_says(kit, "\"service_name\":\"readProperty\",\"class\":2,\"instance\":7}");
	REPLY(kit, UNICAST("\x60\x02\x09"));
	assert_ot_says(kit, "\"name\":\"reject\",\"direction\":\"response\",\"status\":\"error\",\"error\":9,\"error_name\":\"unrecognized-service\"");
	REPLY(kit, UNICAST("\x71\x03\x04"));
	assert_ot_says(kit, "\"name\":\"abort\",\"direction\":\"response\",\"status\":\"error\",\"error\":4,\"error_name\":\"segmentation-not-supported\"");
	ot_close(kit);
}

static void commands_to_a_device_tell_its_state_and_password(void **state)
{
	struct ot_kit *kit = opened(QW_OT_WANT_FIELDS);
	SEND(kit, UNICAST("\0\x05\x01\x14\x09\0\x1d\x05\0abcd"));
	assert_ot_says(kit, " bacnet.text=61626364 ");
	assert_ot_says(kit, "\"service_name\":\"reinitializeDevice\",\"value\":0}");
	assert_ot_silent(kit, "abcd\"");
	SEND(kit, UNICAST("\0\x05\x02\x11\x09\x0a\x19\x01"));
	assert_ot_says(kit, "\"service_name\":\"deviceCommunicationControl\",\"value\":1}");
	ot_close(kit);
}

/* Read range of trend log 1, in three segments, the second of them twice. */
static void segments_are_told_each_and_read_with_the_last(void **state)
{
	struct ot_kit *kit = opened(QW_OT_WANT_FIELDS);
	REPLY(kit, UNICAST("\x3c\x05\0\x10\x1a\x0c\x05"));
	REPLY(kit, UNICAST("\x3c\x05\x01\x10\x1a\0\0"));
	REPLY(kit, UNICAST("\x3c\x05\x01\x10\x1a\0\0"));
	assert_ot_silent(kit, "trend");
	REPLY(kit, UNICAST("\x38\x05\x02\x10\x1a\x01\x19\x83"));
	assert_ot_says(kit, "\"subfunction\":0,\"service\":26,\"service_name\":\"readRange\",\"indications\":\"segment, more\"}");
	assert_ot_says(kit, "\"subfunction\":2,\"service\":26,\"service_name\":\"readRange\",\"class\":20,\"instance\":1,\"attribute\":131,"
			    "\"objects\":\"trend-log:1.log-buffer\",\"indications\":\"segment\"}");
	assert_int_equal(ot_raised(kit, QW_AE_BACNET_MALFORMED), 0);
	SEND(kit, UNICAST("\x40\x05\x02\x10"));
	assert_ot_says(kit, "\"name\":\"segment-ack\",\"direction\":\"response\",\"status\":\"ok\",\"sequence\":5,\"command\":10,\"subfunction\":2}");
	(void)ot_end(kit);
	ot_close(kit);
}

static void a_segment_that_is_missing_leaves_the_message_unread(void **state)
{
	struct ot_kit *kit = opened(QW_OT_WANT_FIELDS);
	REPLY(kit, UNICAST("\x3c\x05\0\x10\x1a\x0c\x05"));
	REPLY(kit, UNICAST("\x38\x05\x02\x10\x1a\x01\x19\x83"));
	assert_ot_silent(kit, "trend");
	(void)ot_end(kit);
	ot_close(kit);
}

static void a_message_that_is_too_large_is_told_and_forgotten(void **state)
{
	static uint8_t datagram[1400] = {0x81, 0x0a, 1400 >> 8, 1400 & 0xff, 1, 4, 0x3c, 5, 0, 16, 26};
	struct ot_kit *kit = opened(QW_OT_WANT_FIELDS);
	unsigned raised = 0;
	for (unsigned i = 0; i < 64; i++) {
		datagram[8] = (uint8_t)i;
		kit->log.len = 0;
		ot_feed(kit, QW_TO_CLIENT, datagram, sizeof(datagram));
		raised += ot_raised(kit, QW_AE_BACNET_TOO_LARGE);
	}
	assert_int_equal(raised, 1);
	(void)ot_end(kit);
	ot_close(kit);
}

static void routers_are_told_and_answers_come_from_behind_them(void **state)
{
	struct ot_kit *kit = opened(QW_OT_WANT_EVENTS);
	/* To network 7, station 3; the answer comes from there; and the same invoke id of station 4. */
	SEND(kit, "\x81\x0a\0\x16\x01\x24\0\x07\x01\x03\xff" "\0\x05\x09\x0c\x0c\0\0\0\x01\x19\x55");
	SEND(kit, "\x81\x0a\0\x16\x01\x24\0\x07\x01\x04\xff" "\0\x05\x09\x0c\x0c\0\0\0\x02\x19\x55");
	REPLY(kit, "\x81\x0a\0\x11\x01\x08\0\x07\x01\x04" "\x50\x09\x0c\x91\x02\x91\x20");
	assert_ot_says(kit, "\"source\":7,\"command\":10,\"service\":12,\"service_name\":\"readProperty\",\"class\":0,\"instance\":2}");
	assert_int_equal(ot_end(kit), 1);
	ot_close(kit);
}

static void the_link_and_the_network_have_kinds(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *told;
	} rows[] = {
#define ROW(bytes, told) {bytes, sizeof(bytes) - 1, told}
		ROW("\x81\x05\0\x06\0\x3c", "\"kind\":\"register-foreign-device\",\"direction\":\"request\",\"command\":5,\"value\":60}"),
		ROW("\x81\0\0\x06\0\x30", "\"kind\":\"bvlc-result\",\"direction\":\"response\",\"status\":\"error\",\"error\":48,"
					  "\"error_name\":\"register-foreign-device-nak\""),
		ROW("\x81\x08\0\x0a\x0a\0\0\x09\xba\xc0", "\"kind\":\"delete-foreign-device-table-entry\",\"direction\":\"request\""),
		ROW("\x81\x02\0\x04", "\"kind\":\"read-broadcast-distribution-table\""),
		ROW("\x81\x0b\0\x0b\x01\x80\x01\0\x05\0\x06", "\"kind\":\"i-am-router-to-network\",\"direction\":\"response\",\"status\":\"ok\","
							      "\"command\":11,\"address\":5}"),
		ROW("\x81\x0b\0\x0a\x01\x80\x03\x01\0\x05", "\"kind\":\"reject-message-to-network\",\"direction\":\"response\",\"status\":\"ok\","
							    "\"command\":11,\"address\":5}"),
		ROW("\x81\x0b\0\x09\x01\x80\x90\x01\x02", "\"kind\":\"network-message\""),
		ROW("\x81\x04\0\x12\x0a\0\0\x09\xba\xc0\x01\x20\xff\xff\0\xff\x10\x08", "\"destination\":65535,\"forwarded_for\":\"10.0.0.9:47808\",\"hops\":255,"
								    "\"command\":4,\"service\":8,\"service_name\":\"who-Is\""),
#undef ROW
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ot_kit *kit = opened(QW_OT_WANT_EVENTS);
		ot_feed(kit, QW_TO_SERVER, rows[i].bytes, rows[i].len);
		assert_ot_says(kit, rows[i].told);
		ot_close(kit);
	}
}

/* A real device sends this: the length counts four bytes that are not there.  What is there is read. */
static void a_length_beyond_the_datagram_is_odd_but_no_reason_to_be_blind(void **state)
{
	struct ot_kit *kit = opened(QW_OT_WANT_FIELDS);
	OT_SEND(kit, "\x81\x0a\0\x11\x01\x04\x50\x01\x14\x91\x05\x91\x1a");
	assert_ot_says(kit, "\"error\":26,\"error_name\":\"password-failure\"");
	assert_int_equal(ot_raised(kit, QW_AE_BACNET_MALFORMED), 1);
	ot_close(kit);
}

static void every_truncation_is_survived(void **state)
{
	static const char *const whole[] = {I_AM, WRITE};
	static const size_t lens[] = {sizeof(I_AM) - 1, sizeof(WRITE) - 1};
	for (unsigned i = 0; i < 2; i++)
		for (size_t len = 1; len < lens[i]; len++) {
			uint8_t cut[64];
			struct ot_kit *kit = opened(QW_OT_WANT_FIELDS | QW_OT_WANT_VALUES);
			memcpy(cut, whole[i], len);
			cut[3] = (uint8_t)lens[i];
			ot_feed(kit, QW_TO_SERVER, cut, len);
			cut[3] = (uint8_t)len;
			ot_feed(kit, QW_TO_SERVER, cut, len);
			assert_int_equal(strstr(qw_text_string(&kit->log), "bacnet.apdu_type") != NULL, len > (i ? 6u : 10u));
			(void)ot_end(kit);
			ot_close(kit);
		}
}

static void a_body_with_more_items_than_have_room_is_cut(void **state)
{
	static uint8_t body[5 * 60];
	struct qw_bacnet_service service;
	for (unsigned i = 0; i < 60; i++) {
		body[5 * i] = 0x0c;
		body[5 * i + 4] = (uint8_t)i;
	}
	qw_bacnet_service_parse(&service, QW_BACNET_CONFIRMED, 14, qw_bytes(body, sizeof(body)));
	assert_true(service.cut);
	assert_int_equal(service.items, QW_BACNET_ITEMS_MAX);
	assert_int_equal(service.item[39].instance, 39);
}

static void values_are_written_as_their_tags_say(void **state)
{
	static const struct {
		struct qw_bacnet_value value;
		const char *text;
	} rows[] = {
#define ROW(tag, lvt, bytes, text) {{tag, lvt, {(const uint8_t *)(bytes), sizeof(bytes) - 1}}, text}
		ROW(0, 0, "", "null"), ROW(1, 1, "", "1"), ROW(2, 2, "\x01\0", "256"), ROW(3, 1, "\xfe", "-2"),
		ROW(4, 4, "\xc1\xac\0\0", "-21.5"), ROW(5, 5, "\x40\x09\x21\xfb\x54\x44\x2d\x18", "3.141593"),
		ROW(7, 3, "\0ab", "ab"), ROW(9, 1, "\x01", "1"), ROW(10, 4, "\x78\1\1\1", ""), ROW(2, 0, "", ""),
		ROW(4, 4, "\x7f\xc0\0\0", "nan"), ROW(4, 4, "\xff\x80\0\0", "-inf"), ROW(4, 4, "\x71\0\0\0", "huge"),
#undef ROW
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char memory[32];
		struct qw_text text;
		qw_text_init(&text, memory, sizeof(memory));
		qw_bacnet_put_value(&text, &rows[i].value);
		assert_string_equal(qw_text_string(&text), rows[i].text);
	}
}

/* Virtual addresses of three bytes stand where BACnet/IP has none. */
static void over_another_ip_it_is_told_as_over_the_first(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *told;
	} rows[] = {
#define ROW(bytes, told) {bytes, sizeof(bytes) - 1, told}
		ROW("\x82\1\0\x0f\0\0\1\0\0\2\1\4\x20\1\x0f", "\"name\":\"simple-ack\",\"direction\":\"response\",\"status\":\"ok\","
							      "\"sequence\":1,\"command\":10,"),
		ROW("\x82\2\0\x0b\0\0\1\1\0\x10\x08", "\"command\":11,\"service\":8,\"service_name\":\"who-Is\""),
		ROW("\x82\x0c\0\x0b\0\0\1\1\0\x10\x08", "\"command\":9,\"service\":8,"),
		ROW("\x82\x08\0\x1d\0\0\1\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\1\xba\xc0\1\0\x10\x08", "\"command\":4,\"service\":8,"),
		ROW("\x82\x09\0\x09\0\0\1\0\x3c", "\"kind\":\"register-foreign-device\",\"direction\":\"request\",\"command\":5,\"value\":60}"),
		ROW("\x82\0\0\x09\0\0\1\0\x90", "\"kind\":\"bvlc-result\",\"direction\":\"response\",\"status\":\"error\",\"error\":144,\"command\":0}"),
		ROW("\x82\3\0\x0a\0\0\1\0\0\2", "\"kind\":\"address-resolution\",\"direction\":\"request\"}"),
		ROW("\x82\1\0\x09\0\0\1\0\0", "\"kind\":\"malformed\""),
#undef ROW
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ot_kit *kit = opened(QW_OT_WANT_EVENTS);
		ot_feed(kit, QW_TO_SERVER, rows[i].bytes, rows[i].len);
		assert_ot_says(kit, rows[i].told);
		assert_ot_silent(kit, "forwarded_for");
		ot_close(kit);
	}
}

static void on_other_ports_all_must_fit(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		bool taken;
	} rows[] = {
#define ROW(bytes, taken) {bytes, sizeof(bytes) - 1, taken}
		ROW("\x81\x0b\0\x18\x01\x20\xff\xff\0\xff\x10\0\xc4\x02\0\x04\xd2\x22\x05\xc4\x91\x03\x21\x18", true),
		 ROW("\x81\x0a\0\x09\x02\x04\x20\x01\x0f", false), ROW("\x81\x0a\0\x0a\x01\x04\x20\x01\x0f", false),
		ROW("\x81\x0a\0\x09\x01\x04\xf0\x01\x0f", false), ROW("\x82\x0a\0\x09\x01\x04\x20\x01\x0f", false),
#undef ROW
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ot_kit *kit = ot_open(QW_PROTO_UDP, 47809, QW_OT_WANT_EVENTS);
		ot_feed(kit, QW_TO_SERVER, rows[i].bytes, rows[i].len);
		assert_int_equal(kit->flow.app == QW_APP_BACNET, rows[i].taken);
		ot_close(kit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_says_who_it_is),
		cmocka_unit_test(a_write_names_what_is_written),
		cmocka_unit_test(several_properties_are_several_items),
		cmocka_unit_test(a_device_that_is_read_says_what_it_is),
		cmocka_unit_test(what_fails_says_why),
		cmocka_unit_test(commands_to_a_device_tell_its_state_and_password),
		cmocka_unit_test(segments_are_told_each_and_read_with_the_last),
		cmocka_unit_test(a_segment_that_is_missing_leaves_the_message_unread),
		cmocka_unit_test(a_message_that_is_too_large_is_told_and_forgotten),
		cmocka_unit_test(routers_are_told_and_answers_come_from_behind_them),
		cmocka_unit_test(the_link_and_the_network_have_kinds),
		cmocka_unit_test(a_length_beyond_the_datagram_is_odd_but_no_reason_to_be_blind),
		cmocka_unit_test(every_truncation_is_survived),
		cmocka_unit_test(a_body_with_more_items_than_have_room_is_cut),
		cmocka_unit_test(values_are_written_as_their_tags_say),
		cmocka_unit_test(over_another_ip_it_is_told_as_over_the_first),
		cmocka_unit_test(on_other_ports_all_must_fit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
