/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/iec104_message.h"

#include "tests/unit/ot_kit.h"

enum { PORT = 2404 };

#define STARTDT_ACT "\x68\x04\x07\0\0\0"
#define STARTDT_CON "\x68\x04\x0b\0\0\0"

/* Station 10, object 5000: what is measured is 21.5. */
#define MEASURED(sent) "\x68\x12" sent "\0\x02\0\x0d\x01\x03\x00\x0a\0\x88\x13\0\0\0\xac\x41\0"

/* Originator 3, station 10, object 6001: switch on, a short pulse; selected only. */
#define SELECT_ON "\x68\x0e\0\0\0\0\x2d\x01\x06\x03\x0a\0\x71\x17\0\x85"

static void a_conversation_is_told_however_it_is_cut(void **state)
{
	static const char up[] = STARTDT_ACT SELECT_ON "\x68\x04\x01\0\x04\0";
	static const char down[] = STARTDT_CON MEASURED("\0") MEASURED("\x02")
		"\x68\x0e\x04\0\x02\0\x2d\x01\x47\x03\x0a\0\x71\x17\0\x85";
	const struct kit_piece pieces[] = {KIT_SEND(up), KIT_REPLY(down), {0, NULL, 0}};
	struct ot_kit *kit = ot_play_all_ways(QW_PROTO_TCP, PORT, pieces);
	assert_ot_says(kit, "> iec104_apci_type=2 iec104.control=7 "
			    "\"ot\":{\"protocol\":\"iec104\",\"kind\":\"startdt_act\",\"direction\":\"request\"}\n");
	assert_ot_says(kit, "< iec104_apci_type=2 iec104.control=11 "
			    "\"ot\":{\"protocol\":\"iec104\",\"kind\":\"startdt_con\",\"direction\":\"response\",\"status\":\"ok\"}\n");
	assert_ot_says(kit, "> iec104_apci_type=0 iec104_asdu_func=45 iec104.cause=6 iec104.common_address=10 iec104.flags=4 "
			    "iec104.asdu=2d0106030a0071170085 iec104.ioa=6001 "
			    "\"ot\":{\"protocol\":\"iec104\",\"function\":45,\"name\":\"C_SC_NA_1\",\"direction\":\"request\",\"sequence\":0,"
			    "\"acknowledged\":0,\"unit\":10,\"source\":3,\"cause\":6,\"cause_name\":\"activation\",\"address\":6001,"
			    "\"quantity\":1,\"qualifier\":1,\"indications\":\"select\"}\n");
	assert_ot_says(kit, "\"name\":\"C_SC_NA_1\",\"direction\":\"response\",\"status\":\"error\",\"sequence\":2,\"acknowledged\":1,"
			    "\"unit\":10,\"source\":3,\"cause\":7,\"cause_name\":\"activation_confirmation\",\"address\":6001,"
			    "\"quantity\":1,\"qualifier\":1,\"indications\":\"negative, select\"}");
	assert_ot_says(kit, "\"kind\":\"supervisory\",\"direction\":\"response\",\"status\":\"ok\",\"acknowledged\":2}");
	assert_ot_silent(kit, "missing");
	assert_int_equal(ot_end(kit), 0);
	ot_close(kit);
}

static void it_is_the_same_cut_at_any_byte_and_a_beginning_says_no_more(void **state)
{
	static const char down[] = STARTDT_CON MEASURED("\0") MEASURED("\x02") "\x68\x04\x43\0\0\0" MEASURED("\x04");
	ot_close(ot_play_everywhere(PORT, QW_TO_CLIENT, down, sizeof(down) - 1));
}

static void objects_in_sequence_have_one_address(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_FIELDS);
	OT_REPLY(kit, "\x68\x10\0\0\0\0\x01\x83\x14\0\x01\0\x0a\0\0\1\0\1");
	assert_ot_says(kit, " iec104.ioa=10 iec104.ioa=11 iec104.ioa=12 ");
	assert_ot_says(kit, "\"cause_name\":\"interrogated_station\",\"address\":10,\"quantity\":3,\"objects\":\"10, 11, 12\"}");
	assert_int_equal(ot_raised(kit, QW_AE_IEC104_MALFORMED), 0);
	/* Three are announced, two are there; and one byte more than are announced. */
	OT_REPLY(kit, "\x68\x0f\x02\0\0\0\x01\x83\x14\0\x01\0\x0a\0\0\1\0");
	assert_int_equal(ot_raised(kit, QW_AE_IEC104_MALFORMED), 1);
	OT_REPLY(kit, "\x68\x11\x04\0\0\0\x01\x83\x14\0\x01\0\x0a\0\0\1\0\1\1");
	assert_int_equal(ot_raised(kit, QW_AE_IEC104_MALFORMED), 2);
	ot_close(kit);
}

/* An APDU carries no more than 253 bytes, so 127 objects only come in sequence. */
static void many_objects_come_in_several_messages_of_one_transaction(void **state)
{
	uint8_t frame[6 + 6 + 3 + 127] = {0x68, 4 + 6 + 3 + 127, 0, 0, 0, 0, 1, 0xff, 20, 0, 1, 0, 1, 0, 0};
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_FIELDS);
	unsigned seen = 0;
	ot_feed(kit, QW_TO_CLIENT, frame, sizeof(frame));
	for (const char *at = qw_text_string(&kit->log); (at = strstr(at, " iec104.ioa=")); at++)
		seen++;
	assert_int_equal(seen, 127);
	assert_ot_says(kit, " iec104.ioa=127 ");
	assert_ot_says(kit, " -iec104_asdu_func=1 ");
	ot_close(kit);
}

static void what_is_missing_is_told_with_the_next_message(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_FIELDS);
	OT_REPLY(kit, MEASURED("\xfc"));
	OT_REPLY(kit, MEASURED("\xfe"));
	assert_ot_silent(kit, "missing");
	OT_REPLY(kit, "\x68\x12\x06\x01\x02\0\x0d\x01\x03\x00\x0a\0\x88\x13\0\0\0\xac\x41\0");
	assert_ot_says(kit, "\"sequence\":131,\"acknowledged\":1,\"missing\":3,");
	assert_int_equal(ot_raised(kit, QW_AE_IEC104_SEQUENCE_GAP), 1);
	/* A count that begins anew misses nothing. */
	OT_REPLY(kit, MEASURED("\0"));
	assert_int_equal(ot_raised(kit, QW_AE_IEC104_SEQUENCE_GAP), 1);
	ot_close(kit);
}

static void sequence_numbers_go_round(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_FIELDS);
	OT_REPLY(kit, "\x68\x12\xfe\xff\x02\0\x0d\x01\x03\x00\x0a\0\x88\x13\0\0\0\xac\x41\0" MEASURED("\0"));
	assert_ot_says(kit, "\"sequence\":32767,");
	assert_ot_silent(kit, "missing");
	ot_close(kit);
}

static void values_are_told_only_where_they_may_be(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *told;
	} rows[] = {
#define ROW(bytes, told) {bytes, sizeof(bytes) - 1, told}
		ROW("\x68\x0e\0\0\0\0\x2e\x01\x06\0\1\0\1\0\0\x02", "\"values\":\"2\",\"qualifier\":0}"),
		ROW("\x68\x0e\0\0\0\0\x2f\x01\x06\0\1\0\1\0\0\x01", "\"values\":\"1\","),
		ROW("\x68\x10\0\0\0\0\x30\x01\x06\0\1\0\1\0\0\0\xc0\x80", "\"values\":\"-0.5\",\"qualifier\":0,\"indications\":\"select\"}"),
		ROW("\x68\x10\0\0\0\0\x31\x01\x06\0\1\0\1\0\0\xfe\xff\x05", "\"values\":\"-2\",\"qualifier\":5}"),
		ROW("\x68\x12\0\0\0\0\x32\x01\x06\0\1\0\1\0\0\0\0\xac\x41\0", "\"values\":\"21.5\","),
		ROW("\x68\x11\0\0\0\0\x33\x01\x06\0\1\0\1\0\0\1\0\0\x80", "\"values\":\"2147483649\"}"),
		ROW("\x68\x12\0\0\0\0\x70\x01\x06\0\1\0\1\0\0\0\0\x80\x3f\x01", "\"values\":\"1\",\"qualifier\":1}"),
#undef ROW
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ot_kit *open = ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_EVENTS | QW_OT_WANT_VALUES);
		struct ot_kit *shut = ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_EVENTS);
		ot_feed(open, QW_TO_SERVER, rows[i].bytes, rows[i].len);
		ot_feed(shut, QW_TO_SERVER, rows[i].bytes, rows[i].len);
		assert_ot_says(open, rows[i].told);
		assert_ot_silent(shut, "values");
		ot_close(open);
		ot_close(shut);
	}
}

static void a_clock_command_tells_its_time(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_EVENTS);
	OT_SEND(kit, "\x68\x14\0\0\0\0\x67\x01\x06\0\1\0\0\0\0\x39\x30\x1f\x10\x1e\x09\x13");
	assert_ot_says(kit, "\"name\":\"C_CS_NA_1\"");
	assert_ot_says(kit, "\"time\":\"2019-09-30T16:31:12.345\"");
	ot_close(kit);
}

static void files_have_names_and_sections(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_EVENTS);
	OT_SEND(kit, "\x68\x11\0\0\0\0\x7a\x01\x0d\0\1\0\x05\0\0\x02\x01\x07\x02");
	assert_ot_says(kit, "\"name\":\"F_SC_NA_1\"");
	assert_ot_says(kit, "\"instance\":258,\"attribute\":7,\"address\":5,\"quantity\":1,\"qualifier\":2}");
	OT_SEND(kit, "\x68\x15\2\0\0\0\x7d\x01\x0d\0\1\0\x05\0\0\x02\x01\x07\x04" "data");
	assert_ot_says(kit, "\"name\":\"F_SG_NA_1\"");
	assert_ot_silent(kit, "malformed");
	ot_close(kit);
}

static void an_answer_that_knows_nothing_of_it_has_failed(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_EVENTS);
	OT_SEND(kit, "\x68\x0e\0\0\0\0\x64\x01\x06\0\1\0\0\0\0\x14");
	OT_REPLY(kit, "\x68\x0e\0\0\2\0\x64\x01\x6e\0\1\0\0\0\0\x14");
	assert_ot_says(kit, "\"status\":\"error\",\"error\":46,\"error_name\":\"unknown_common_address\"");
	OT_SEND(kit, "\x68\x0e\2\0\0\0\x65\x01\x06\0\1\0\0\0\0\x05");
	assert_int_equal(ot_end(kit), 1);
	ot_close(kit);
}

static void a_type_of_somebodys_own_is_told_with_its_first_address(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_FIELDS);
	OT_REPLY(kit, "\x68\x10\0\0\0\0\xc8\x02\x03\0\1\0\x07\0\0\1\2\3");
	assert_ot_says(kit, "iec104_asdu_func=200 ");
	assert_ot_says(kit, "\"function\":200,\"direction\"");
	assert_ot_says(kit, "\"address\":7,\"quantity\":2}");
	assert_int_equal(ot_raised(kit, QW_AE_IEC104_MALFORMED), 0);
	ot_close(kit);
}

static void behind_noise_the_next_frame_is_found(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_EVENTS);
	OT_SEND(kit, "\0");
	OT_SEND(kit, "\x68\xff\x68\x04\x43\0\0\0" "noise\x68\x04\x43\x01\0\0" STARTDT_ACT);
	assert_ot_says(kit, "testfr_act");
	assert_ot_says(kit, "startdt_act");
	ot_close(kit);
}

static void elsewhere_only_what_is_whole_is_taken_for_it(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		bool taken;
	} rows[] = {
#define ROW(bytes, taken) {bytes, sizeof(bytes) - 1, taken}
		ROW(STARTDT_ACT, true),
		ROW("\x68\x04\x0f\0\0\0", false),
		ROW("\x68\x04\x03\0\0\0", false),
		ROW(MEASURED("\0"), true),
		ROW("\x68\x12\0\0\x02\0\x0d\x02\x03\x00\x0a\0\x88\x13\0\0\0\xac\x41\0", false),
		ROW("\x68\x12\0\0\x02\0\x0d\x01\x03\x00\x0a\0\x88\x13\0\0\0", false),
		ROW("hello", false),
#undef ROW
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ot_kit *kit = ot_open(QW_PROTO_TCP, 3000, QW_OT_WANT_EVENTS);
		ot_feed(kit, QW_TO_SERVER, rows[i].bytes, rows[i].len);
		assert_int_equal(kit->flow.app == QW_APP_IEC104, rows[i].taken);
		ot_close(kit);
	}
}

static void the_side_that_controls_is_the_client(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		enum qw_speaker speaker;
	} rows[] = {
#define ROW(bytes, speaker) {bytes, sizeof(bytes) - 1, QW_SPEAKER_##speaker}
		ROW(STARTDT_ACT, CLIENT), ROW(STARTDT_CON, SERVER), ROW("\x68\x04\x43\0\0\0", UNKNOWN),
		ROW(MEASURED("\0"), SERVER), ROW(SELECT_ON, CLIENT), ROW("\x68\x04\x01\0\x04\0", UNKNOWN),
		ROW("\x68\x0e\x04\0\x02\0\x2d\x01\x47\x03\x0a\0\x71\x17\0\x85", SERVER), ROW("\x68\x0e\0\0", UNKNOWN),
#undef ROW
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(qw_iec104_speaker((const uint8_t *)rows[i].bytes, rows[i].len), rows[i].speaker);
}

static void text_that_never_becomes_the_protocol_ends_it(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, QW_OT_WANT_EVENTS);
	OT_SEND(kit, STARTDT_ACT);
	for (unsigned i = 0; i < 8; i++) {
		assert_non_null(kit->flow.parser);
		OT_SEND(kit, "no frames in it");
	}
	assert_null(kit->flow.parser);
	ot_close(kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_conversation_is_told_however_it_is_cut),
		cmocka_unit_test(it_is_the_same_cut_at_any_byte_and_a_beginning_says_no_more),
		cmocka_unit_test(objects_in_sequence_have_one_address),
		cmocka_unit_test(many_objects_come_in_several_messages_of_one_transaction),
		cmocka_unit_test(what_is_missing_is_told_with_the_next_message),
		cmocka_unit_test(sequence_numbers_go_round),
		cmocka_unit_test(values_are_told_only_where_they_may_be),
		cmocka_unit_test(a_clock_command_tells_its_time),
		cmocka_unit_test(files_have_names_and_sections),
		cmocka_unit_test(an_answer_that_knows_nothing_of_it_has_failed),
		cmocka_unit_test(a_type_of_somebodys_own_is_told_with_its_first_address),
		cmocka_unit_test(behind_noise_the_next_frame_is_found),
		cmocka_unit_test(elsewhere_only_what_is_whole_is_taken_for_it),
		cmocka_unit_test(the_side_that_controls_is_the_client),
		cmocka_unit_test(text_that_never_becomes_the_protocol_ends_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
