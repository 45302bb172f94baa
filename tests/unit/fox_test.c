/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/ot_kit.h"

enum { PORT = 1911, ELSEWHERE = 8080, ALL = QW_OT_WANT_FIELDS | QW_OT_WANT_EVENTS };

#define HELLO                                                                                                          \
	"fox a 1 -1 fox hello\n{\nfox.version=s:1.0\nid=i:1\nhostName=s:desk\nhostAddress=s:10.0.0.1\n"                    \
	"app.name=s:Workbench\napp.version=s:3.7.44\nlang=s:en\n};;\n"
#define STATION                                                                                                        \
	"fox a 0 -1 fox hello\n{\nhostName=s:10.0.0.9\nhostAddress=s:10.0.0.9\napp.name=s:Station\napp.version=s:3.5.41.1\n" \
	"vm.name=s:J9\nvm.version=s:2.3\nos.name=s:QNX\nos.version=s:6.3.2\nstation.name=s:Cranes\nhostId=s:Qnx-1490\n"      \
	"brandId=s:vykon\nsysInfo=o:bog 61[<bog version=\"1.0\">\n<p m=\"b=baja\"/>\n</bog>\n]\n};;\n"
#define CHALLENGE "fox a 1 0 fox challenge\r\n{\r\nmethod=s:digest-md5\r\nnonce=b:44[\x01\x02]\r\n};;\r\n"
#define LOGIN	  "fox s 2 -1 fox login\n{\nusername=s:operator\n};;\n"

static void a_conversation_is_told_however_it_is_cut(void **state)
{
	static const char up[] = HELLO LOGIN, down[] = STATION CHALLENGE;
	const struct kit_piece pieces[] = {KIT_SEND(up), KIT_REPLY(down), {0, NULL, 0}};
	struct ot_kit *kit = ot_play_all_ways(QW_PROTO_TCP, PORT, pieces);
	assert_int_equal(kit->flow.app, QW_APP_FOX);
	assert_ot_says(kit, "> fox.command=68656c6c6f \"ot\":{\"protocol\":\"fox\",\"kind\":\"hello\",\"direction\":\"request\","
			    "\"sequence\":1,\"service_name\":\"fox\",\"objects\":\"desk 10.0.0.1\",\"product\":\"Workbench\","
			    "\"revision\":\"3.7.44\"}\n");
	assert_ot_says(kit, "< fox.command=68656c6c6f \"ot\":{\"protocol\":\"fox\",\"kind\":\"hello\",\"direction\":\"response\","
			    "\"status\":\"ok\",\"sequence\":0,\"service_name\":\"fox\",\"objects\":\"10.0.0.9 10.0.0.9\","
			    "\"indications\":\"QNX 6.3.2, J9 2.3\",\"vendor\":\"vykon\",\"product\":\"Station\",\"revision\":\"3.5.41.1\","
			    "\"device_name\":\"Cranes\",\"serial_number\":\"Qnx-1490\"}\n");
	assert_ot_says(kit, "\"kind\":\"challenge\",\"direction\":\"response\",\"status\":\"ok\",\"sequence\":1,\"acknowledged\":0,"
			    "\"service_name\":\"fox\",\"policy\":\"digest-md5\"}\n");
	assert_ot_says(kit, "\"kind\":\"login\",\"direction\":\"request\",\"sequence\":2,\"service_name\":\"fox\",\"user\":\"operator\"}\n");
	ot_close(kit);
}

static void it_is_the_same_cut_at_any_byte_and_a_beginning_says_no_more(void **state)
{
	static const char up[] = HELLO LOGIN CHALLENGE;
	ot_close(ot_play_everywhere(PORT, QW_TO_SERVER, up, sizeof(up) - 1));
	ot_close(ot_play_everywhere(ELSEWHERE, QW_TO_SERVER, up, sizeof(up) - 1));
}

static void heads_are_read_as_far_as_they_go(void **state)
{
	static const struct {
		const char *text, *told;
	} rows[] = {
		{"fox a 1\n};;\n", "\"kind\":\"frame\",\"direction\":\"request\",\"sequence\":1}\n"},
		{"fox a -1 -1 sys\n};;\n", "\"kind\":\"frame\",\"direction\":\"request\",\"service_name\":\"sys\"}\n"},
		{"fox r 9999999999 7 sys ping\n};;\n", "\"kind\":\"ping\",\"direction\":\"response\",\"status\":\"ok\",\"acknowledged\":7,"
							"\"service_name\":\"sys\"}\n"},
		{"fox a 1 -1 sys p\\ng\n};;\n", "\"kind\":\"frame\""},
		{"fox a 1 -1 sys abcdefghijklmnopqrstuvwxyzabcdefghijklmn\n};;\n", "\"kind\":\"frame\""},
		{"fox a 1 -1 sys x\nhostName=i:5\nhostName=\nhostName\nhostName=s:\n=s:x\n};;\n", "\"service_name\":\"sys\"}\n"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
		ot_feed(kit, QW_TO_SERVER, rows[i].text, strlen(rows[i].text));
		if (!strstr(qw_text_string(&kit->log), rows[i].told))
			fail_msg("%zu: no %s in %s", i, rows[i].told, qw_text_string(&kit->log));
		ot_close(kit);
	}
}

static void a_frame_without_an_end_is_no_frame_and_the_next_is_found(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
	OT_SEND(kit, "fox a 1 -1 fox hello\n{\nhostName=s:desk\n");
	OT_SEND(kit, LOGIN);
	assert_ot_silent(kit, "hello");
	assert_ot_says(kit, "\"kind\":\"login\"");
	ot_close(kit);
}

static void a_gap_loses_the_frame_it_is_in(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
	const struct qw_message_sink sink = {kit, ot_publish};
	OT_SEND(kit, "fox a 1 -1 fox hello\n{\nhostName=s:desk\n");
	qw_parser_gap(kit->pool, &kit->flow, QW_TO_SERVER, 100, &sink);
	OT_SEND(kit, "Name=s:x\n};;\n" LOGIN);
	assert_ot_silent(kit, "hello");
	assert_ot_says(kit, "\"kind\":\"login\"");
	ot_close(kit);
}

static void a_frame_beyond_the_bound_is_told_as_far_as_it_was_kept(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
	struct qw_parser_counters counters;
	char filler[3001];
	memset(filler, 'x', sizeof(filler));
	filler[3000] = '\n';
	OT_SEND(kit, "fox a 1 -1 fox hello\n{\nhostName=s:desk\n");
	for (unsigned i = 0; i < 10; i++)
		ot_feed(kit, QW_TO_SERVER, filler, sizeof(filler));
	OT_SEND(kit, "app.name=s:Workbench\n};;\n");
	assert_ot_says(kit, "\"kind\":\"hello\",\"direction\":\"request\",\"sequence\":1,\"service_name\":\"fox\",\"objects\":\"desk\"}\n");
	qw_parser_counters(kit->pool, &counters);
	assert_int_equal(counters.cut, 1);
	ot_close(kit);
}

static void what_is_no_fox_for_long_ends_it(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
	OT_SEND(kit, LOGIN);
	for (unsigned i = 0; i < 15; i++)
		OT_SEND(kit, "something else\n\n\n");
	assert_non_null(kit->flow.parser);
	OT_SEND(kit, "something else\n");
	assert_null(kit->flow.parser);
	ot_close(kit);
}

static void others_are_not_taken(void **state)
{
	static const char *const rows[] = {"fox A 1 -1 fox hello\n", "fox aa 1 -1\n", "fox a x -1\n", "foxa 1 -1\n", "fax a 1 -1 fox\n"};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
		ot_feed(kit, QW_TO_SERVER, rows[i], strlen(rows[i]));
		assert_int_not_equal(kit->flow.app, QW_APP_FOX);
		ot_close(kit);
	}
}

static void nobody_who_asks_costs_nothing(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, 0);
	OT_SEND(kit, HELLO);
	assert_int_equal(kit->flow.app, QW_APP_FOX);
	assert_null(kit->flow.parser);
	ot_close(kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_conversation_is_told_however_it_is_cut),
		cmocka_unit_test(it_is_the_same_cut_at_any_byte_and_a_beginning_says_no_more),
		cmocka_unit_test(heads_are_read_as_far_as_they_go),
		cmocka_unit_test(a_frame_without_an_end_is_no_frame_and_the_next_is_found),
		cmocka_unit_test(a_gap_loses_the_frame_it_is_in),
		cmocka_unit_test(a_frame_beyond_the_bound_is_told_as_far_as_it_was_kept),
		cmocka_unit_test(what_is_no_fox_for_long_ends_it),
		cmocka_unit_test(others_are_not_taken),
		cmocka_unit_test(nobody_who_asks_costs_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
