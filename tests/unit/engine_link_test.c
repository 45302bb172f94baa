/* SPDX-License-Identifier: Apache-2.0 */
/* What stands right above Ethernet, on its whole way: rules, events, accounts. */
#include "tests/unit/engine_kit.h"

#include "quaywatch/text.h"
#include "sensor/export/eve.h"
#include "tests/forge/samples.h"

enum { GOOSE = 0x88b8, LLDP = 0x88cc };

/* Sequence 7, then 9. */
#define FIRST  "\0\3\0\x1d\0\0\0\0\x61\x13\x80\2cb\x81\2\x03\xe8\x85\1\5\x86\1\7\x8a\1\0\xab\0"
#define SECOND "\0\3\0\x1d\0\0\0\0\x61\x13\x80\2cb\x81\2\x03\xe8\x85\1\5\x86\1\x09\x8a\1\0\xab\0"

static void put_frame(struct room *room, uint16_t ether_type, const void *data, size_t len)
{
	static struct forge_packet packet;

	forge_begin(&packet);
	forge_link(&packet, ether_type, data, len);
	forge_end(&packet);
	forge_capture_add(&room->capture, &packet);
}

static void put_frames(struct room *room)
{
	room_begin(room);
	put_frame(room, GOOSE, FIRST, sizeof(FIRST) - 1);
	put_frame(room, GOOSE, SECOND, sizeof(SECOND) - 1);
}

static void a_rule_on_an_event_of_such_a_protocol_alerts(void **state)
{
	struct room room;

	room_open(&room, "alert goose any any -> any any (app-layer-event:goose.sequence_gap; sid:1;)\n"
			 "alert goose any any -> any any (app-layer-event:goose.state_back; sid:2;)\n"
			 "alert sv any any -> any any (app-layer-event:goose.sequence_gap; sid:3;)\n"
			 "alert udp any any -> any any (app-layer-event:goose.sequence_gap; sid:4;)\n");
	put_frames(&room);
	room_run(&room);
	assert_int_equal(room.alerts[1], 1);
	assert_int_equal(room.alerts[2] + room.alerts[3] + room.alerts[4], 0);
	assert_int_equal(room.stats.inspected, 2);
	assert_int_equal(room.stats.link_talks, 2);
	room_close(&room);
}

static void a_rule_on_the_protocol_sees_each_of_its_frames(void **state)
{
	struct room room;

	room_open(&room, "alert goose any any -> any any (content:\"cb\"; sid:1;)\n"
			 "alert goose any any -> any any (sid:2;)\n"
			 "alert lldp any any -> any any (sid:3;)\n"
			 "alert goose any any -> any any (content:\"nothing of this\"; sid:4;)\n");
	put_frames(&room);
	room_run(&room);
	assert_int_equal(room.alerts[1], 2);
	assert_int_equal(room.alerts[2], 2);
	assert_int_equal(room.alerts[3] + room.alerts[4], 0);
	assert_int_equal(room.stats.link_talks, 0); /* nobody asks for what they say */
	room_close(&room);
}

/* Floods are folded for each pair of stations: what another does is told, too. */
static void stations_are_folded_apart(void **state)
{
	static struct forge_packet packet;
	struct room room;

	room_open(&room, "alert goose any any -> any any (content:\"cb\"; sid:1;)\n");
	room_begin(&room);
	for (uint8_t i = 0; i < 6; i++) {
		forge_begin(&packet);
		forge_link(&packet, GOOSE, FIRST, sizeof(FIRST) - 1);
		packet.data[11] = i % 2;
		forge_end(&packet);
		forge_capture_add(&room.capture, &packet);
	}
	room_run(&room);
	assert_int_equal(room.alerts[1], 6);
	assert_in_range(room.records[1], 2, 4); /* two when it begins, and what was folded when it ends */
	room_close(&room);
}

/* ---- events, as they are written */

struct page {
	char memory[8192];
	struct qw_text text;
	unsigned lines;
};

static void write_line(void *ctx, const struct qw_event *event, size_t size)
{
	struct page *page = ctx;
	struct qw_eve_parts parts;
	char line[4096];
	struct qw_text text;

	qw_text_init(&text, line, sizeof(line));
	assert_int_equal(qw_eve_render(&text, event, size, false, &parts), QW_OK);
	assert_false(parts.has_src || parts.has_dst);
	qw_text_put(&page->text, text.at, text.len);
	qw_text_char(&page->text, '\n');
	page->lines++;
}

static void run_for_events(struct room *room, struct page *page, uint32_t types)
{
	struct qw_engine_options options = {
	    .config = room->config, .types = types, .interface = room_interface, .emit = write_line, .emit_ctx = page};
	struct qw_engine *engine;

	page->lines = 0;
	qw_text_init(&page->text, page->memory, sizeof(page->memory));
	assert_int_equal(qw_engine_new(&engine, &options), QW_OK);
	qw_engine_adopt(engine, &room->ruleset);
	room_feed(room, engine);
	qw_engine_finish(engine);
	qw_engine_stats(engine, &room->stats);
	qw_engine_free(engine);
}

/* Each frame is what the forge says it is. */
static void samples_are_read(void **state)
{
	static const struct {
		const char *sample, *told;
	} rows[] = {{"arp", "\"protocol\":\"arp\""},
		    {"goose", "\"protocol\":\"goose\",\"function\":3,"},
		    {"sampled values", "\"protocol\":\"sv\",\"kind\":\"stream_begins\""},
		    {"profinet dcp", "\"protocol\":\"profinet-dcp\",\"function\":5,"},
		    {"lldp", "\"protocol\":\"lldp\",\"kind\":\"neighbour\""}};
	static struct forge_packet packet;
	static struct page page;
	struct room room;

	room_open(&room, "alert tcp any any -> any any (content:\"nothing of this\"; sid:3;)\n");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		room_begin(&room);
		forge_sample_build(&packet, forge_sample_find(rows[i].sample));
		forge_capture_add(&room.capture, &packet);
		run_for_events(&room, &page, 1u << QW_EVENT_OT);
		assert_int_equal(page.lines, 1);
		assert_non_null(strstr(qw_text_string(&page.text), rows[i].told));
	}
	room_close(&room);
}

static void events_name_the_stations_and_no_addresses(void **state)
{
	static struct page page;
	struct room room;

	room_open(&room, "alert goose any any -> any any (msg:\"gap\"; app-layer-event:goose.sequence_gap; sid:1;)\n");
	put_frames(&room);
	run_for_events(&room, &page, 1u << QW_EVENT_OT);
	const char *text = qw_text_string(&page.text);
	assert_int_equal(page.lines, 3);
	assert_non_null(strstr(text, "\"event_type\":\"ot\",\"ether\":{\"src_mac\":\"02:00:00:00:00:01\",\"dest_mac\":"
				     "\"02:00:00:00:00:02\",\"ether_type\":35000},\"tx_id\":0,\"app_proto\":\"goose\",\"ot\":{"
				     "\"protocol\":\"goose\",\"function\":3,"));
	assert_non_null(strstr(text, "\"signature\":\"gap\""));
	assert_non_null(strstr(text, "\"missing\":1,"));
	assert_null(strstr(text, "src_ip"));
	assert_null(strstr(text, "community_id"));
	assert_null(strstr(text, "flow_id"));
	room_close(&room);
}

static void nothing_is_read_while_nobody_looks(void **state)
{
	static struct page page;
	struct room room;

	room_open(&room, "alert tcp any any -> any any (content:\"nothing of this\"; sid:3;)\n");
	put_frames(&room);
	put_frame(&room, LLDP, "\x02\x05\x07name\x04\x02\x07p\x06\x02\0\x14\0\0", 16);
	run_for_events(&room, &page, 1u << QW_EVENT_FLOW);
	assert_int_equal(page.lines, 0);
	assert_int_equal(room.stats.link_talks, 0);
	assert_int_equal(room.stats.inspected, 3);
	run_for_events(&room, &page, 1u << QW_EVENT_OT);
	assert_int_equal(page.lines, 3);
	room_close(&room);
}

static void a_silence_is_told_with_the_stations(void **state)
{
	static struct page page;
	struct room room;

	room_open(&room, "alert tcp any any -> any any (content:\"nothing of this\"; sid:3;)\n");
	room_begin(&room);
	put_frame(&room, GOOSE, FIRST, sizeof(FIRST) - 1);
	room.capture.ns += 3000000000u;
	put_frame(&room, LLDP, "\x02\x05\x07name\x04\x02\x07p\x06\x02\0\x14\0\0", 16);
	run_for_events(&room, &page, 1u << QW_EVENT_OT);
	assert_non_null(strstr(qw_text_string(&page.text),
			       "\"in_iface\":\"forge\",\"event_type\":\"ot\",\"ether\":{\"src_mac\":\"02:00:00:00:00:01\",\"dest_mac\":"
			       "\"02:00:00:00:00:02\",\"ether_type\":35000},\"tx_id\":1,\"app_proto\":\"goose\",\"ot\":{"
			       "\"protocol\":\"goose\",\"kind\":\"expired\","));
	room_close(&room);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_on_an_event_of_such_a_protocol_alerts),
		cmocka_unit_test(a_rule_on_the_protocol_sees_each_of_its_frames),
		cmocka_unit_test(stations_are_folded_apart),
		cmocka_unit_test(samples_are_read),
		cmocka_unit_test(events_name_the_stations_and_no_addresses),
		cmocka_unit_test(nothing_is_read_while_nobody_looks),
		cmocka_unit_test(a_silence_is_told_with_the_stations),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
