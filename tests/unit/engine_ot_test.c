/* SPDX-License-Identifier: Apache-2.0 */
/* When the engine reads industrial protocols, and when not. */
#include "tests/unit/engine_kit.h"

#define REQUEST "\0\1\0\0\0\6\12\3\0\x6b\0\3"
#define RULE	"alert modbus any any -> any any (modbus: function 3; sid:1;)\n"

static void put_talk(struct room *room, unsigned requests)
{
	struct forge_talk talk;
	room_begin(room);
	forge_talk_init(&talk, &room->capture, ROOM_CLIENT, 40000, ROOM_SERVER, 502);
	forge_talk_open(&talk);
	for (unsigned i = 0; i < requests; i++)
		forge_talk_say(&talk, FORGE_CLIENT, REQUEST, sizeof(REQUEST) - 1, 0);
}

static void each_request_is_a_transaction_of_its_own(void **state)
{
	struct room room;
	room_open(&room, RULE "alert modbus any any -> any any (modbus: function 4; sid:2;)\n");
	put_talk(&room, 5);
	room_run(&room);
	assert_int_equal(room.alerts[1], 5);
	assert_int_equal(room.alerts[2], 0);
	assert_int_equal(room.stats.ot_unanswered, 5);
	room_close(&room);
}

static void nothing_is_read_where_it_is_switched_off(void **state)
{
	struct room room;
	room_prepare(&room, RULE);
	room_set(&room, "ot.enabled=false");
	room_compile(&room);
	put_talk(&room, 5);
	room_run(&room);
	assert_int_equal(room.alerts[1], 0);
	assert_int_equal(room.stats.ot_unanswered, 0);
	room_close(&room);
}

/* Sessions last months: rules that come later must see those that began before. */
static void rules_that_come_later_see_a_connection_that_began_before(void **state)
{
	struct room room, without;
	room_open(&without, "alert tcp any any -> any any (content:\"nothing of this\"; sid:3;)\n");
	room_open(&room, RULE);
	put_talk(&room, 4);

	struct qw_engine_options options = {
	    .config = room.config, .interface = room_interface, .emit = room_emit, .emit_ctx = &room};
	struct qw_engine *engine;
	assert_int_equal(qw_engine_new(&engine, &options), QW_OK);
	qw_engine_adopt(engine, &without.ruleset);
	size_t all = room.capture.len;
	uint8_t *data = room.capture.data;
	size_t half = PCAP_HEAD;
	for (unsigned packets = 0; packets < room.capture.packets / 2 + 1; packets++)
		half += PCAP_RECORD + room_be32(data + half + 8);
	room.capture.len = half;
	room_feed(&room, engine);
	assert_int_equal(room.alerts[1], 0);

	room.ruleset.generation = 2;
	qw_engine_adopt(engine, &room.ruleset);
	room.capture.len = all;
	memmove(data + PCAP_HEAD, data + half, all - half);
	room.capture.len -= half - PCAP_HEAD;
	room_feed(&room, engine);
	qw_engine_finish(engine);
	qw_engine_free(engine);
	assert_in_range(room.alerts[1], 1, 3);
	room_close(&without);
	room_close(&room);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_request_is_a_transaction_of_its_own),
		cmocka_unit_test(nothing_is_read_where_it_is_switched_off),
		cmocka_unit_test(rules_that_come_later_see_a_connection_that_began_before),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
