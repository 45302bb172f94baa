/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an event is read as it was written, and a damaged one is not. */
#include "event_kit.h"

#include "sensor/watch/seen.h"

static struct qw_seen read_whole(struct kit_event *event)
{
	struct qw_seen seen;
	assert_int_equal(qw_seen_read(&seen, event->memory, kit_size(event)), QW_OK);
	return seen;
}

static void assert_text(struct qw_slice slice, const char *text)
{
	assert_int_equal(slice.len, strlen(text));
	assert_memory_equal(slice.data, text, slice.len);
}

static void an_ot_answer_is_read_with_its_ends(void **state)
{
	static struct kit_event event;
	kit_begin(&event, QW_EVENT_OT);
	qw_event_put_u64(&event.writer, QW_KEY_FLOW_ID, 77);
	qw_event_put_u64(&event.writer, QW_KEY_VLAN, 12);
	qw_event_put_u64(&event.writer, QW_KEY_VLAN, 13);
	kit_put_address(&event, QW_KEY_SRC_IP, "10.0.0.2");
	qw_event_put_u64(&event.writer, QW_KEY_SRC_PORT, 502);
	kit_put_address(&event, QW_KEY_DEST_IP, "10.0.0.1");
	qw_event_put_u64(&event.writer, QW_KEY_DEST_PORT, 40000);
	qw_event_put_u64(&event.writer, QW_KEY_PROTO, 6);
	qw_event_put(&event.writer, QW_KEY_ETHER_SRC, "\2\0\0\0\0\1", 6);
	qw_event_put_text(&event.writer, QW_KEY_APP_PROTO, "modbus");
	qw_event_put_text(&event.writer, QW_KEY_DIRECTION, "to_client");
	qw_event_put_text(&event.writer, QW_KEY_OT_PROTOCOL, "modbus");
	qw_event_put_u64(&event.writer, QW_KEY_OT_FUNCTION, 3);
	qw_event_put_text(&event.writer, QW_KEY_OT_DIRECTION, "response");
	qw_event_put_text(&event.writer, QW_KEY_OT_STATUS, "error");
	qw_event_put_u64(&event.writer, QW_KEY_OT_UNIT, 9);
	qw_event_put_u64(&event.writer, QW_KEY_OT_SLOT, 4);
	qw_event_put_u64(&event.writer, QW_KEY_OT_ADDRESS, 0);
	qw_event_put_u64(&event.writer, QW_KEY_OT_QUANTITY, 8);
	qw_event_put_u64(&event.writer, QW_KEY_WATCH_COUNT, 600);
	qw_event_put_u64(&event.writer, QW_KEY_WATCH_SHORTEST, 90000000);
	struct qw_seen seen = read_whole(&event);
	assert_int_equal(seen.flow_id, 77);
	assert_int_equal(seen.vlan, 12);
	assert_int_equal(qw_seen_client(&seen)->port, 40000);
	assert_int_equal(qw_seen_server(&seen)->port, 502);
	assert_true(seen.src.known && seen.src.has_mac && !seen.dst.has_mac);
	assert_text(seen.app, "modbus");
	assert_int_equal(seen.ot.function, 3);
	assert_true(seen.ot.response && seen.ot.failed && seen.ot.has_unit && seen.ot.has_address);
	assert_int_equal(seen.ot.unit, 9);
	assert_int_equal(seen.ot.quantity, 8);
	assert_int_equal(seen.repeats, 600);
	assert_int_equal(seen.shortest.ns, 90000000);
	assert_false(seen.flow.begins || seen.flow.ends || seen.watch_only || seen.ot.has_position);
}

static void what_is_not_said_is_empty_or_none(void **state)
{
	static struct kit_event event;
	kit_begin(&event, QW_EVENT_OT);
	struct qw_seen seen = read_whole(&event);
	assert_false(seen.src.known || seen.dst.known);
	assert_true(seen.to_server);
	assert_int_equal(seen.ot.function, -1);
	assert_int_equal(seen.ot.speed, -1);
	assert_int_equal(seen.ot.satellites, -1);
	assert_int_equal(seen.app.len, 0);
}

static void a_flow_begins_and_ends_as_the_event_says(void **state)
{
	static struct kit_event event;
	kit_begin(&event, QW_EVENT_FLOW);
	qw_event_put_u64(&event.writer, QW_KEY_FLOW_START, 5);
	qw_event_put_u64(&event.writer, QW_KEY_FLOW_BYTES_TOCLIENT, 900);
	qw_event_put_u64(&event.writer, QW_KEY_WATCH_ONLY, 1);
	qw_event_put_u64(&event.writer, QW_KEY_WATCH_BEGINS, 1);
	struct qw_seen seen = read_whole(&event);
	assert_true(seen.flow.begins && !seen.flow.ends && seen.watch_only);
	assert_int_equal(seen.flow.bytes[1], 900);
	assert_int_equal(seen.flow.start.ns, 5);
	qw_event_put_text(&event.writer, QW_KEY_FLOW_REASON, "timeout");
	seen = read_whole(&event);
	assert_true(seen.flow.begins && seen.flow.ends);
	kit_begin(&event, QW_EVENT_FLOW);
	qw_event_put_text(&event.writer, QW_KEY_FLOW_REASON, "timeout");
	seen = read_whole(&event);
	assert_true(!seen.flow.begins && seen.flow.ends);
	event.writer.event->type = QW_EVENT_ALERT;
	seen = read_whole(&event);
	assert_true(!seen.flow.begins && !seen.flow.ends);
}

static void a_position_is_read_in_whole_numbers(void **state)
{
	static struct kit_event event;
	kit_begin(&event, QW_EVENT_OT);
	qw_event_put_decimal(&event.writer, QW_KEY_OT_LATITUDE, -519485001, 7);
	qw_event_put_decimal(&event.writer, QW_KEY_OT_LONGITUDE, 412, 2);
	qw_event_put_decimal(&event.writer, QW_KEY_OT_SPEED, 12399, 3);
	qw_event_put_decimal(&event.writer, QW_KEY_OT_COURSE, 35999, 2);
	qw_event_put_decimal(&event.writer, QW_KEY_OT_HDOP, 9, 1);
	qw_event_put_u64(&event.writer, QW_KEY_OT_QUALITY, 4);
	struct qw_seen seen = read_whole(&event);
	assert_true(seen.ot.has_position);
	assert_int_equal(seen.ot.latitude, -519485001);
	assert_int_equal(seen.ot.longitude, 41200000);
	assert_int_equal(seen.ot.speed, 123);
	assert_int_equal(seen.ot.course, 3599);
	assert_int_equal(seen.ot.hdop, 90);
	assert_int_equal(seen.ot.quality, 4);
	assert_int_equal(seen.ot.satellites, -1);
}

static void a_field_of_the_wrong_size_is_damage(void **state)
{
	static const struct {
		enum qw_event_key key;
		size_t len;
	} wrong[] = {
		{QW_KEY_SRC_IP, 4},        {QW_KEY_SRC_IP, 17},       {QW_KEY_ETHER_SRC, 5}, {QW_KEY_OT_LATITUDE, 8},
		{QW_KEY_OT_LATITUDE, 10},  {QW_KEY_OT_FUNCTION, 9},   {QW_KEY_FLOW_START, 12},
	};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		static struct kit_event event;
		struct qw_seen seen;
		kit_begin(&event, QW_EVENT_OT);
		qw_event_put(&event.writer, wrong[i].key, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", wrong[i].len);
		assert_int_equal(qw_seen_read(&seen, event.memory, kit_size(&event)), QW_EFORMAT);
	}
}

static void a_number_that_its_place_cannot_hold_is_damage(void **state)
{
	static struct kit_event event;
	struct qw_seen seen;
	kit_begin(&event, QW_EVENT_OT);
	qw_event_put_u64(&event.writer, QW_KEY_SRC_PORT, 65535);
	assert_int_equal(qw_seen_read(&seen, event.memory, kit_size(&event)), QW_OK);
	qw_event_put_u64(&event.writer, QW_KEY_SRC_PORT, 65536);
	assert_int_equal(qw_seen_read(&seen, event.memory, kit_size(&event)), QW_EFORMAT);
	kit_begin(&event, QW_EVENT_OT);
	qw_event_put_decimal(&event.writer, QW_KEY_OT_LATITUDE, INT64_MAX, 0);
	assert_int_equal(qw_seen_read(&seen, event.memory, kit_size(&event)), QW_EFORMAT);
	kit_begin(&event, QW_EVENT_OT);
	qw_event_put_decimal(&event.writer, QW_KEY_OT_LATITUDE, 215, 0); /* more than 32 bits hold */
	assert_int_equal(qw_seen_read(&seen, event.memory, kit_size(&event)), QW_EFORMAT);
}

static void an_event_cut_short_anywhere_is_damage(void **state)
{
	static struct kit_event event;
	struct qw_seen seen;
	kit_alert(&event);
	size_t whole = kit_size(&event);
	for (size_t size = 0; size < whole; size++)
		assert_int_equal(qw_seen_read(&seen, event.memory, size), QW_EFORMAT);
	assert_int_equal(qw_seen_read(&seen, event.memory, whole), QW_OK);
	assert_int_equal(seen.sid, 2100498);
	assert_text(seen.signature, "a \"quoted\" name");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ot_answer_is_read_with_its_ends),
		cmocka_unit_test(what_is_not_said_is_empty_or_none),
		cmocka_unit_test(a_flow_begins_and_ends_as_the_event_says),
		cmocka_unit_test(a_position_is_read_in_whole_numbers),
		cmocka_unit_test(a_field_of_the_wrong_size_is_damage),
		cmocka_unit_test(a_number_that_its_place_cannot_hold_is_damage),
		cmocka_unit_test(an_event_cut_short_anywhere_is_damage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
