/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/link_kit.h"

enum { TYPE = 0x88ba, SAMPLE_AT = 23, CONFIGURATION_AT = 30, SYNCHRONISATION_AT = 33, COUNT_AT = 12 };

/* Stream "mu", sample 0x0100, configuration 1, globally synchronised. */
#define FRAME "\x40\0\0\x26\0\0\0\0\x60\x1c\x80\1\1\xa2\x17\x30\x15\x80\2mu\x82\2\1\0\x83\4\0\0\0\1\x85\1\2\x87\2\xaa\xbb"

static void send_sample(struct link_kit *kit, uint16_t sample, size_t at, uint8_t value)
{
	uint8_t frame[sizeof(FRAME) - 1];
	memcpy(frame, FRAME, sizeof(frame));
	frame[SAMPLE_AT] = (uint8_t)(sample >> 8);
	frame[SAMPLE_AT + 1] = (uint8_t)sample;
	if (at)
		frame[at] = value;
	link_send(kit, frame, sizeof(frame));
}

static void samples_that_follow_each_other_are_not_told(void **state)
{
	struct link_kit *kit = link_open(TYPE);
	for (int second = 0; second < 3; second++)
		for (uint16_t i = 0; i < 4000; i++)
			send_sample(kit, i, 0, 0);
	assert_string_equal(link_log(kit),
			    " \"ot\":{\"protocol\":\"sv\",\"kind\":\"stream_begins\",\"direction\":\"request\",\"sequence\":0,\"unit\":16384,"
			    "\"configuration\":1,\"synchronisation\":2,\"quantity\":1,\"stream\":\"mu\"}\n");
	link_close(kit);
}

static void missing_samples_are_told_once_a_second(void **state)
{
	struct link_kit *kit = link_open(TYPE);
	uint16_t sample = 0;
	for (int ms = 0; ms < 1900; ms++, sample += 2) {
		send_sample(kit, sample, 0, 0);
		link_pass(kit, 1);
	}
	assert_int_equal(link_raised(kit, QW_AE_SV_SEQUENCE_GAP), 2);
	assert_link_says(kit, "\"kind\":\"gap\",\"direction\":\"request\",\"sequence\":2,\"missing\":1,");
	assert_link_says(kit, "\"sequence\":2002,\"missing\":1000,");
	link_close(kit);
}

static void samples_lost_where_the_count_begins_anew_are_missing(void **state)
{
	struct link_kit *kit = link_open(TYPE);
	for (uint16_t i = 0; i < 100; i++)
		send_sample(kit, i, 0, 0);
	for (uint16_t i = 0; i < 97; i++)
		send_sample(kit, i, 0, 0);
	send_sample(kit, 2, 0, 0);
	assert_link_says(kit, "\"sequence\":2,\"missing\":5,");
	assert_int_equal(kit->messages, 2);
	link_close(kit);
}

static void samples_that_come_again_are_told(void **state)
{
	struct link_kit *kit = link_open(TYPE);
	send_sample(kit, 7, 0, 0);
	send_sample(kit, 8, 0, 0);
	send_sample(kit, 8, 0, 0);
	assert_int_equal(link_raised(kit, QW_AE_SV_SEQUENCE_GAP), 1);
	assert_link_silent(kit, "missing");
	link_close(kit);
}

static void what_a_stream_says_of_itself_is_told_when_it_changes(void **state)
{
	struct link_kit *kit = link_open(TYPE);
	send_sample(kit, 7, 0, 0);
	send_sample(kit, 8, SYNCHRONISATION_AT, 0);
	send_sample(kit, 9, SYNCHRONISATION_AT, 0);
	assert_int_equal(link_raised(kit, QW_AE_SV_SYNCHRONISATION_CHANGED), 1);
	assert_link_says(kit, "\"kind\":\"changed\"");
	assert_link_says(kit, "\"synchronisation\":0");
	send_sample(kit, 10, CONFIGURATION_AT, 3);
	assert_int_equal(link_raised(kit, QW_AE_SV_CONFIGURATION_CHANGED), 1);
	assert_link_says(kit, "\"indications\":\"configuration_changed, synchronisation_changed\"");
	link_close(kit);
}

static void a_stream_that_stops_is_told_and_that_it_goes_on(void **state)
{
	struct link_kit *kit = link_open(TYPE);
	send_sample(kit, 7, 0, 0);
	for (int i = 0; i < 12; i++)
		link_pass(kit, 500);
	assert_link_says(kit, "\"kind\":\"stream_stopped\",\"direction\":\"request\",\"sequence\":7,\"unit\":16384,");
	send_sample(kit, 9000, 0, 0);
	assert_int_equal(kit->messages, 3);
	assert_int_equal(link_raised(kit, QW_AE_SV_SEQUENCE_GAP), 0);
	link_close(kit);
}

static void broken_frames_are_told_once_a_second(void **state)
{
	static const size_t places[] = {8, 9, COUNT_AT, 13, 15, 16, SAMPLE_AT - 2, 17};
	struct link_kit *kit = link_open(TYPE);
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		unsigned before = link_raised(kit, QW_AE_SV_MALFORMED);
		link_pass(kit, 1100);
		send_sample(kit, 1, places[i], 0x7f);
		send_sample(kit, 1, places[i], 0x7f);
		assert_int_equal(link_raised(kit, QW_AE_SV_MALFORMED), before + 1);
	}
	link_close(kit);
	link_truncate(TYPE, FRAME, sizeof(FRAME) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_that_follow_each_other_are_not_told),
		cmocka_unit_test(missing_samples_are_told_once_a_second),
		cmocka_unit_test(samples_lost_where_the_count_begins_anew_are_missing),
		cmocka_unit_test(samples_that_come_again_are_told),
		cmocka_unit_test(what_a_stream_says_of_itself_is_told_when_it_changes),
		cmocka_unit_test(a_stream_that_stops_is_told_and_that_it_goes_on),
		cmocka_unit_test(broken_frames_are_told_once_a_second),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
