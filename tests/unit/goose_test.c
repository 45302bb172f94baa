/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/link_kit.h"

enum { TYPE = 0x88b8, LENGTH_AT = 3, SIMULATION_AT = 4, PDU_AT = 8, BLOCK_AT = 10, STATE_AT = 38, SEQUENCE_AT = 41, CONFIGURATION_AT = 47, ENTRIES_AT = 53 };

/* gcb "cb", lives for 1000 ms, state 5, sequence 7, configuration 1, two booleans and a string. */
#define FRAME                                                                                                            \
	"\0\3\0\x40\0\0\0\0\x61\x36"                                                                                     \
	"\x80\2cb\x81\2\x03\xe8\x82\2ds\x83\2id\x84\x08\0\0\0\1\x80\0\0\x0a"                                             \
	"\x85\1\5\x86\1\7\x87\1\0\x88\1\1\x89\1\0\x8a\1\3\xab\x08\x83\1\1\x83\1\0\x8a\0"

static void send_state(struct link_kit *kit, uint8_t state, uint8_t sequence)
{
	uint8_t frame[sizeof(FRAME) - 1];
	memcpy(frame, FRAME, sizeof(frame));
	frame[STATE_AT] = state;
	frame[SEQUENCE_AT] = sequence;
	link_send(kit, frame, sizeof(frame));
}

static void send_changed(struct link_kit *kit, size_t at, uint8_t value)
{
	uint8_t frame[sizeof(FRAME) - 1];
	memcpy(frame, FRAME, sizeof(frame));
	frame[at] = value;
	link_send(kit, frame, sizeof(frame));
}

static void a_frame_is_told_with_all_it_says(void **state)
{
	struct link_kit *kit = link_open(TYPE);
	LINK_SEND(kit, FRAME);
	assert_string_equal(link_log(kit),
			    " \"ot\":{\"protocol\":\"goose\",\"function\":3,\"direction\":\"request\",\"sequence\":7,\"state\":5,"
			    "\"lifetime_ms\":1000,\"configuration\":1,\"quantity\":3,\"time\":\"1970-01-01T00:00:01.500000+0000\","
			    "\"types\":\"boolean x2, string\",\"control_block\":\"cb\",\"data_set\":\"ds\",\"stream\":\"id\"}\n");
	link_close(kit);
}

/* A position and its quality, in a structure; a float, a number below zero, a time. */
#define VALUED                                                                                                           \
	"\0\3\0\x45\0\0\0\0\x61\x3b\x80\2cb\x81\2\x03\xe8\x85\1\5\x86\1\7\x8a\1\5\xab\x28"                                      \
	"\xa2\x0e\x84\2\6\x80\x84\3\3\0\0\x83\1\1\x8a\0\x87\5\x08\x42\x28\0\0\x85\1\xff\x91\x08\0\0\0\1\x80\0\0\x0a\x8a\2ok"

static void its_values_are_told_to_who_may_see_them(void **state)
{
	struct link_kit *kit = link_open(TYPE);
	LINK_SEND(kit, VALUED);
	assert_link_silent(kit, "malformed");
	assert_link_silent(kit, "\"values\"");
	qw_links_want(kit->links, QW_OT_WANT_FIELDS | QW_OT_WANT_EVENTS | QW_OT_WANT_VALUES);
	LINK_SEND(kit, VALUED);
	assert_link_says(kit, "\"values\":\"10, 0000000000000, true, , 42, -1, 1970-01-01T00:00:01.500000+0000, ok\"");
	link_close(kit);
}

static void numbers_that_follow_each_other_are_not_odd(void **state)
{
	static const uint8_t numbers[][2] = {{5, 7}, {5, 8}, {6, 0}, {6, 1}, {7, 0}};
	struct link_kit *kit = link_open(TYPE);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		send_state(kit, numbers[i][0], numbers[i][1]);
	assert_int_equal(kit->messages, 5);
	assert_link_silent(kit, "!");
	assert_link_silent(kit, "indications");
	link_close(kit);
}

#define LONG(sequence) "\0\3\0\x21\0\0\0\0\x61\x17\x80\2cb\x81\2\x03\xe8\x85\1\5\x86\5\0" sequence "\x8a\1\0\xab\0"

static void after_the_last_number_comes_one(void **state)
{
	struct link_kit *kit = link_open(TYPE);
	LINK_SEND(kit, LONG("\xff\xff\xff\xfe"));
	LINK_SEND(kit, LONG("\xff\xff\xff\xff"));
	LINK_SEND(kit, LONG("\0\0\0\1"));
	assert_int_equal(kit->messages, 3);
	assert_link_silent(kit, "!");
	LINK_SEND(kit, LONG("\xff\xff\xff\xff"));
	assert_int_equal(link_raised(kit, QW_AE_GOOSE_SEQUENCE_BACK), 1);
	LINK_SEND(kit, LONG("\0\0\0\2"));
	assert_int_equal(link_raised(kit, QW_AE_GOOSE_SEQUENCE_GAP), 1);
	assert_link_says(kit, "\"missing\":1,");
	link_close(kit);
}

static void numbers_that_go_back_or_jump_are(void **state)
{
	static const struct {
		uint8_t state, sequence;
		enum qw_app_event event;
		const char *told;
	} rows[] = {
		{5, 7, QW_AE_GOOSE_SEQUENCE_BACK, "\"indications\":\"sequence_back\""},
		{5, 6, QW_AE_GOOSE_SEQUENCE_BACK, "\"indications\":\"sequence_back\""},
		{5, 10, QW_AE_GOOSE_SEQUENCE_GAP, "\"missing\":2,"},
		{4, 0, QW_AE_GOOSE_STATE_BACK, "\"indications\":\"state_back\""},
		{7, 0, QW_AE_GOOSE_STATE_GAP, "\"indications\":\"state_gap\""},
		{6, 3, QW_AE_GOOSE_SEQUENCE_GAP, "\"missing\":3,"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct link_kit *kit = link_open(TYPE);
		LINK_SEND(kit, FRAME);
		link_clear(kit);
		send_state(kit, rows[i].state, rows[i].sequence);
		assert_int_equal(link_raised(kit, rows[i].event), 1);
		assert_link_says(kit, rows[i].told);
		link_close(kit);
	}
}

static void who_falls_silent_is_told_once(void **state)
{
	struct link_kit *kit = link_open(TYPE);
	LINK_SEND(kit, FRAME);
	link_pass(kit, 900);
	assert_int_equal(link_raised(kit, QW_AE_GOOSE_EXPIRED), 0);
	link_pass(kit, 1200);
	link_pass(kit, 1200);
	link_pass(kit, 1200);
	assert_int_equal(link_raised(kit, QW_AE_GOOSE_EXPIRED), 1);
	assert_link_says(kit, "\"kind\":\"expired\",\"direction\":\"request\",\"sequence\":7,\"state\":5,");
	send_state(kit, 5, 8);
	assert_int_equal(link_raised(kit, QW_AE_GOOSE_EXPIRED), 1);
	link_pass(kit, 2500);
	assert_int_equal(link_raised(kit, QW_AE_GOOSE_EXPIRED), 2);
	link_close(kit);
}

/* … by the frame that comes too late, if no time went by before it. */
static void a_frame_that_comes_too_late_says_so(void **state)
{
	struct link_kit *kit = link_open(TYPE);
	LINK_SEND(kit, FRAME);
	kit->packet.time.ns += 1500 * QW_NS_PER_MS;
	send_state(kit, 5, 8);
	assert_int_equal(link_raised(kit, QW_AE_GOOSE_EXPIRED), 1);
	assert_link_says(kit, "\"indications\":\"expired\"");
	link_close(kit);
}

static void a_second_publisher_of_a_control_block_is_noticed(void **state)
{
	struct link_kit *kit = link_open(TYPE);
	LINK_SEND(kit, FRAME);
	link_from(kit, 2);
	send_state(kit, 5, 8);
	assert_int_equal(link_raised(kit, QW_AE_GOOSE_SECOND_PUBLISHER), 1);
	send_state(kit, 5, 9);
	assert_int_equal(link_raised(kit, QW_AE_GOOSE_SECOND_PUBLISHER), 1);
	link_from(kit, 1);
	send_state(kit, 5, 8);
	assert_int_equal(link_raised(kit, QW_AE_GOOSE_SECOND_PUBLISHER), 2);
	link_close(kit);
}

static void test_sets_are_a_conversation_of_their_own(void **state)
{
	struct link_kit *kit = link_open(TYPE);
	LINK_SEND(kit, FRAME);
	send_changed(kit, SIMULATION_AT, 0x80);
	assert_link_says(kit, "\"indications\":\"simulation\"");
	assert_link_silent(kit, "!");
	link_close(kit);
}

static void another_configuration_is_told(void **state)
{
	struct link_kit *kit = link_open(TYPE);
	LINK_SEND(kit, FRAME);
	uint8_t frame[sizeof(FRAME) - 1];
	memcpy(frame, FRAME, sizeof(frame));
	frame[SEQUENCE_AT]++;
	frame[CONFIGURATION_AT] = 2;
	link_send(kit, frame, sizeof(frame));
	assert_int_equal(link_raised(kit, QW_AE_GOOSE_CONFIGURATION_CHANGED), 1);
	assert_link_says(kit, "\"configuration\":2,");
	link_close(kit);
}

static void what_is_broken_is_told_as_such(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} rows[] = {{PDU_AT, 0x60}, {PDU_AT + 1, 0x7f}, {LENGTH_AT, 0x20}, {STATE_AT - 2, 9}, {ENTRIES_AT, 9}, {BLOCK_AT, 0x9f}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct link_kit *kit = link_open(TYPE);
		send_changed(kit, rows[i].at, rows[i].value);
		assert_int_equal(link_raised(kit, QW_AE_GOOSE_MALFORMED), 1);
		assert_link_says(kit, "\"function\":3,");
		link_close(kit);
	}
}

static void every_truncation_is_survived(void **state)
{
	link_truncate(TYPE, FRAME, sizeof(FRAME) - 1);
	struct link_kit *kit = link_open(TYPE);
	link_send(kit, FRAME, 7);
	assert_int_equal(qw_links_counters(kit->links).unread, 1);
	assert_int_equal(kit->messages, 0);
	link_close(kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_is_told_with_all_it_says),
		cmocka_unit_test(its_values_are_told_to_who_may_see_them),
		cmocka_unit_test(numbers_that_follow_each_other_are_not_odd),
		cmocka_unit_test(after_the_last_number_comes_one),
		cmocka_unit_test(numbers_that_go_back_or_jump_are),
		cmocka_unit_test(who_falls_silent_is_told_once),
		cmocka_unit_test(a_frame_that_comes_too_late_says_so),
		cmocka_unit_test(a_second_publisher_of_a_control_block_is_noticed),
		cmocka_unit_test(test_sets_are_a_conversation_of_their_own),
		cmocka_unit_test(another_configuration_is_told),
		cmocka_unit_test(what_is_broken_is_told_as_such),
		cmocka_unit_test(every_truncation_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
