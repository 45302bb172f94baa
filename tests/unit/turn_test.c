/* SPDX-License-Identifier: Apache-2.0 */
/* Conversations whose beginning was not seen: who is the client, and what changes places when the data tells. */
#include "tests/unit/engine_kit.h"

#include "quaywatch/packet.h"
#include "sensor/flow/segments.h"
#include "sensor/flow/side.h"
#include "sensor/protocol/parser.h"

/* Neither port is a service's, and the server's is the higher one: by its ports the client is the server. */
enum { CLIENT_PORT = 8872, SERVER_PORT = 31600 };

#define RULES                                                                                                          \
	"alert http any any -> any any (flow:established,to_server; http.uri; content:\"/crane\"; sid:1;)\n"            \
	"alert http any any -> any any (flow:established,to_client; http.stat_code; content:\"404\"; sid:2;)\n"         \
	"alert tcp any any -> any any (flow:to_server,only_stream; content:\"swing\"; content:\"spreader\"; distance:0; sid:3;)\n" \
	"alert tcp any any -> any 8872 (flow:to_server; content:\"a\"; sid:4;)\n"
#define REQUEST "GET /crane HTTP/1.1\r\nHost: gate\r\n\r\n"
#define ANSWER  "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"

static struct forge_talk midway(struct room *room, uint16_t client_port, uint16_t server_port)
{
	struct forge_talk talk;

	room_set(room, "stream.midstream=true");
	room_begin(room);
	forge_talk_init(&talk, &room->capture, ROOM_CLIENT, client_port, ROOM_SERVER, server_port);
	return talk;
}

static void a_servers_answer_that_comes_first_is_a_servers(void **state)
{
	struct room room;
	room_open(&room, RULES);
	struct forge_talk talk = midway(&room, SERVER_PORT, CLIENT_PORT); /* by its ports the server is the client */
	forge_talk_text(&talk, FORGE_SERVER, ANSWER);
	forge_talk_text(&talk, FORGE_CLIENT, REQUEST);
	forge_talk_text(&talk, FORGE_SERVER, ANSWER);
	room_run(&room);
	assert_int_equal(room.stats.flows_turned, 0); /* the ports were right */
	assert_int_equal(room.alerts[1], 1);
	assert_true(room.alerts[2] >= 1);

	talk = midway(&room, CLIENT_PORT, SERVER_PORT);
	forge_talk_text(&talk, FORGE_SERVER, ANSWER);
	forge_talk_text(&talk, FORGE_CLIENT, REQUEST);
	forge_talk_text(&talk, FORGE_SERVER, ANSWER);
	room_run(&room);
	assert_int_equal(room.stats.flows_turned, 1);
	assert_int_equal(room.alerts[1], 1);
	assert_true(room.alerts[2] >= 1);
	assert_int_equal(room.alerts[4], 0);
	room_close(&room);
}

static void a_clients_request_from_a_port_like_a_servers_is_a_clients(void **state)
{
	struct room room;
	room_open(&room, RULES);
	struct forge_talk talk = midway(&room, CLIENT_PORT, SERVER_PORT);
	forge_talk_text(&talk, FORGE_CLIENT, REQUEST);
	forge_talk_text(&talk, FORGE_SERVER, ANSWER);
	room_run(&room);
	assert_int_equal(room.stats.flows_turned, 1);
	assert_int_equal(room.alerts[1], 1);
	assert_int_equal(room.alerts[2], 1);
	assert_int_equal(room.alerts[4], 0);
	room_close(&room);
}

static void what_a_direction_said_before_the_turn_is_joined_with_what_it_says_after_it(void **state)
{
	struct room room;
	room_open(&room, RULES);
	struct forge_talk talk = midway(&room, CLIENT_PORT, SERVER_PORT);
	forge_talk_text(&talk, FORGE_CLIENT, "the end of a body: swi");
	forge_talk_text(&talk, FORGE_SERVER, ANSWER);
	forge_talk_text(&talk, FORGE_CLIENT, "ng the sprea");
	forge_talk_text(&talk, FORGE_CLIENT, "der");
	room_run(&room);
	assert_int_equal(room.stats.flows_turned, 1);
	assert_int_equal(room.alerts[3], 1);
	room_close(&room);
}

static void data_that_waits_behind_a_hole_stays_with_its_sender(void **state)
{
	struct room room;
	room_open(&room, RULES);
	struct forge_talk talk = midway(&room, CLIENT_PORT, SERVER_PORT);
	forge_talk_text(&talk, FORGE_CLIENT, "the end of a body");
	forge_talk_at(&talk, FORGE_CLIENT, 6, "spreader", 8); /* waits for "swing " */
	forge_talk_text(&talk, FORGE_SERVER, ANSWER);
	forge_talk_at(&talk, FORGE_CLIENT, 0, "swing ", 6);
	room_run(&room);
	assert_int_equal(room.stats.flows_turned, 1);
	assert_int_equal(room.alerts[3], 1);
	room_close(&room);
}

static void what_waits_for_its_parser_changes_places_too(void **state)
{
	struct room room;
	room_open(&room, RULES);
	struct forge_talk talk = midway(&room, CLIENT_PORT, SERVER_PORT);
	forge_talk_text(&talk, FORGE_CLIENT, "GE"); /* no answer of HTTP */
	forge_talk_text(&talk, FORGE_SERVER, ANSWER);
	forge_talk_text(&talk, FORGE_CLIENT, "T /crane HTTP/1.1\r\nHost: gate\r\n\r\n");
	room_run(&room);
	assert_int_equal(room.stats.flows_turned, 1);
	assert_int_equal(room.alerts[1], 1);
	room_close(&room);
}

static void a_connection_that_was_seen_to_begin_never_turns(void **state)
{
	struct room room;
	room_open(&room, RULES);
	struct forge_talk talk = midway(&room, CLIENT_PORT, SERVER_PORT);
	forge_talk_open(&talk);
	forge_talk_text(&talk, FORGE_CLIENT, ANSWER);
	forge_talk_text(&talk, FORGE_SERVER, REQUEST);
	room_run(&room);
	assert_int_equal(room.stats.flows_turned, 0);
	assert_int_equal(room.alerts[1], 0);
	room_close(&room);
}

/* Else whoever attacks a server would be taken for one by what he says first. */
static void a_privileged_port_is_believed_before_the_data(void **state)
{
	struct room room;
	room_open(&room, RULES);
	struct forge_talk talk = midway(&room, 40000, 80);
	forge_talk_text(&talk, FORGE_CLIENT, ANSWER REQUEST);
	forge_talk_text(&talk, FORGE_SERVER, ANSWER);
	room_run(&room);
	assert_int_equal(room.stats.flows_turned, 0);
	room_close(&room);
}

static void without_midstream_ports_decide(void **state)
{
	struct room room;
	room_open(&room, RULES);
	struct forge_talk talk = midway(&room, CLIENT_PORT, SERVER_PORT);
	room_set(&room, "stream.midstream=false");
	forge_talk_text(&talk, FORGE_CLIENT, REQUEST);
	room_run(&room);
	assert_int_equal(room.stats.flows_turned, 0);
	room_close(&room);
}

#define DNS_NAME "\5crane\7example\0"
#define DNS_QUESTION "\x12\x34\1\0\0\1\0\0\0\0\0\0" DNS_NAME "\0\1\0\1"
#define DNS_ANSWER "\x12\x34\x81\x80\0\1\0\1\0\0\0\0" DNS_NAME "\0\1\0\1\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\1"
#define DNS_RULES                                                                                                      \
	"alert dns any any -> any any (flow:to_client; dns.answers.rrname; content:\"crane\"; sid:1;)\n"               \
	"alert udp any any -> any 53 (flow:to_server; content:\"crane\"; sid:2;)\n"

static void datagram(struct room *room, bool answer, uint16_t client_port, uint16_t server_port)
{
	if (answer)
		forge_datagram(&room->capture, ROOM_SERVER, server_port, ROOM_CLIENT, client_port, DNS_ANSWER, sizeof(DNS_ANSWER) - 1);
	else
		forge_datagram(&room->capture, ROOM_CLIENT, client_port, ROOM_SERVER, server_port, DNS_QUESTION,
			       sizeof(DNS_QUESTION) - 1);
}

static void an_answer_of_dns_whose_question_was_not_seen_is_a_servers(void **state)
{
	struct room room;
	room_open(&room, DNS_RULES);
	room_begin(&room);
	datagram(&room, true, 40000, 53);
	datagram(&room, false, 40000, 53);
	room_run(&room);
	assert_int_equal(room.stats.flows, 1);
	assert_int_equal(room.stats.flows_turned, 1);
	assert_int_equal(room.alerts[1], 1);
	assert_int_equal(room.alerts[2], 1);
	room_close(&room);
}

static void an_answer_of_dns_between_ports_that_are_alike_begins_a_flow(void **state)
{
	struct room room;
	room_open(&room, DNS_RULES);
	room_begin(&room);
	datagram(&room, true, 5353, 5353);
	room_run(&room);
	assert_int_equal(room.stats.flows_turned, 0);
	room_close(&room);
}

/* ---- who says it */

static void messages_tell_who_says_them(void **state)
{
#define ROW(proto, speaker, text) {proto, speaker, text, sizeof(text) - 1}
#define SMB2(flag) "\0\0\0\x44\xfeSMB\x40\0\0\0\0\0\0\0\3\0\1\0" flag "\0\0\0" "\0\0\0\0\0\0\0\0"
#define SMB1(flag) "\0\0\0\x24\xffSMB\x72\0\0\0\0" flag "\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define ENIP(command, length, session) command length "\0" session "\0\0\0\0\0\0\0" "01234567" "\0\0\0\0"
#define HELLO(type) "\x16\3\1\0\x50" type "\0\0\x4c\3\3"
	static const struct {
		uint8_t proto, speaker;
		const char *data;
		size_t len;
	} rows[] = {
		ROW(QW_PROTO_TCP, QW_SPEAKER_CLIENT, "POST /a HTTP/1.1\r\n"),
		ROW(QW_PROTO_TCP, QW_SPEAKER_UNKNOWN, "POST office\r\n"),
		ROW(QW_PROTO_TCP, QW_SPEAKER_SERVER, "HTTP/1.0 200 OK\r\n"),
		ROW(QW_PROTO_TCP, QW_SPEAKER_UNKNOWN, "HTTP/one 200 OK\r\n"),
		ROW(QW_PROTO_TCP, QW_SPEAKER_CLIENT, HELLO("\1")),
		ROW(QW_PROTO_TCP, QW_SPEAKER_SERVER, HELLO("\2")),
		ROW(QW_PROTO_TCP, QW_SPEAKER_UNKNOWN, HELLO("\x0b")),
		ROW(QW_PROTO_TCP, QW_SPEAKER_SERVER, "220 mail.example ESMTP\r\n"),
		ROW(QW_PROTO_TCP, QW_SPEAKER_SERVER, "150-Opening\r\n"),
		ROW(QW_PROTO_TCP, QW_SPEAKER_UNKNOWN, "220 no end"),
		ROW(QW_PROTO_TCP, QW_SPEAKER_CLIENT, "EHLO gate\r\n"),
		ROW(QW_PROTO_TCP, QW_SPEAKER_CLIENT, "RETR plan.dwg\r\n"),
		ROW(QW_PROTO_TCP, QW_SPEAKER_UNKNOWN, "SSH-2.0-OpenSSH_9.2\r\n"),
		ROW(QW_PROTO_TCP, QW_SPEAKER_CLIENT, SMB2("\0")),
		ROW(QW_PROTO_TCP, QW_SPEAKER_SERVER, SMB2("\1")),
		ROW(QW_PROTO_TCP, QW_SPEAKER_CLIENT, SMB1("\x18")),
		ROW(QW_PROTO_TCP, QW_SPEAKER_SERVER, SMB1("\x98")),
		ROW(QW_PROTO_TCP, QW_SPEAKER_CLIENT, "\5\0\x0b\3\x10\0\0\0\x48\0\0\0\1\0\0\0"),
		ROW(QW_PROTO_TCP, QW_SPEAKER_SERVER, "\5\0\x0c\3\x10\0\0\0\x48\0\0\0\1\0\0\0"),
		ROW(QW_PROTO_TCP, QW_SPEAKER_CLIENT, "\0\1\0\0\0\6\1\3\0\0\0\x0a"),
		ROW(QW_PROTO_TCP, QW_SPEAKER_SERVER, "\0\1\0\0\0\7\1\3\4\0\1\0\2"),
		ROW(QW_PROTO_TCP, QW_SPEAKER_SERVER, "\0\1\0\0\0\3\1\x83\2"),
		ROW(QW_PROTO_TCP, QW_SPEAKER_UNKNOWN, "\0\1\0\0\0\6\1\6\0\1\0\3"), /* an echo */
		ROW(QW_PROTO_TCP, QW_SPEAKER_CLIENT, "\5\x64\5\xc0\1\0\0\4\xe9\x21"),
		ROW(QW_PROTO_TCP, QW_SPEAKER_UNKNOWN, "\5\x64\5\xc0\1\0\0\4\0\0"), /* its sum is wrong */
		ROW(QW_PROTO_TCP, QW_SPEAKER_CLIENT, ENIP("\x65\0", "\4", "\0") "\1\0\0\0"),
		ROW(QW_PROTO_TCP, QW_SPEAKER_SERVER, ENIP("\x65\0", "\4", "\7") "\1\0\0\0"),
		ROW(QW_PROTO_UDP, QW_SPEAKER_SERVER, ENIP("\x63\0", "\2", "\0") "\0\0"),
		ROW(QW_PROTO_UDP, QW_SPEAKER_UNKNOWN, ENIP("\x63\0", "\0", "\0")),
		ROW(QW_PROTO_TCP, QW_SPEAKER_UNKNOWN, "\x65\0\4\0\0\0\0\0\0\0\0\0" "01234567" "\1\0\0\0" "\1\0\0\0"), /* options are always 0 */
		ROW(QW_PROTO_TCP, QW_SPEAKER_CLIENT, "\0\x1f" DNS_QUESTION),
		ROW(QW_PROTO_TCP, QW_SPEAKER_SERVER, "\0\x2f" DNS_ANSWER),
		ROW(QW_PROTO_UDP, QW_SPEAKER_CLIENT, DNS_QUESTION),
		ROW(QW_PROTO_UDP, QW_SPEAKER_SERVER, DNS_ANSWER),
		ROW(QW_PROTO_UDP, QW_SPEAKER_UNKNOWN, "HTTP/1.0 200 OK\r\n"),
		ROW(QW_PROTO_UDP, QW_SPEAKER_CLIENT, "\x6a\x81\x87\x30\x81\x84\xa1\3\2\1\5\xa2\3\2\1\x0a\xa4\x78\x30\x76\xa0\7\3\5"),
		ROW(QW_PROTO_UDP, QW_SPEAKER_SERVER, "\x6b\x81\x87\x30\x81\x84\xa0\3\2\1\5\xa1\3\2\1\x0b\xa4\x78\x30\x76\xa0\7\3\5"),
		ROW(QW_PROTO_TCP, QW_SPEAKER_CLIENT, "\x10\x13\0\4MQTT\4\2\0\x3c\0\7crane-1"),
		ROW(QW_PROTO_UDP, QW_SPEAKER_CLIENT, "\0\0\0\1\0\0\0\0\0\0\0\2\0\1\x86\xa3\0\0\0\3\0\0\0\1"
						     "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
		ROW(QW_PROTO_UDP, QW_SPEAKER_SERVER, "\x30\x1d\2\1\1\4\6public\xa2\x10\2\1\1\2\1\0\2\1\0\x30\5\x30\3\6\1\x2b"),
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct qw_flow flow = {.key.proto = rows[i].proto};
		enum qw_speaker speaker = qw_parser_speaker(&flow, (const uint8_t *)rows[i].data, rows[i].len);
		if (speaker != rows[i].speaker)
			fail_msg("row %zu is said by %d", i, (int)speaker);
	}
}

static void a_message_cut_anywhere_is_never_said_by_the_other_side(void **state)
{
	static const char *const texts[] = {ANSWER, "HTTP/1.1 200 OK\r\nServer: 220 x\r\n\r\n", "220-x\r\n220 y\r\n"};
	struct qw_flow flow = {.key.proto = QW_PROTO_TCP};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (size_t len = 0; len <= strlen(texts[i]); len++)
			assert_int_not_equal(qw_parser_speaker(&flow, (const uint8_t *)texts[i], len), QW_SPEAKER_CLIENT);
}

static void a_turn_turned_back_leaves_the_flow_as_it_was(void **state)
{
	struct qw_flow flow = {.flags = QW_FLOW_CLIENT_IS_LOW | QW_FLOW_SEEN_TO_CLIENT | QW_FLOW_GUESS | QW_FLOW_MIDSTREAM,
			       .packets = {1, 2},
			       .bytes = {3, 4},
			       .side_app = {QW_APP_HTTP, QW_APP_FAILED},
			       .side_looked = QW_LOOK_DONE | QW_LOOK_NEWS << 1 | QW_LOOK_TRY};
	struct qw_segments held = {.direction = QW_TO_SERVER};
	flow.segments[QW_TO_SERVER] = &held;
	struct qw_flow before = flow;
	qw_side_turn(&flow);
	assert_ptr_equal(flow.segments[QW_TO_CLIENT], &held);
	assert_int_equal(held.direction, QW_TO_CLIENT);
	assert_int_equal(flow.flags, QW_FLOW_SEEN_TO_SERVER | QW_FLOW_GUESS << 1 | QW_FLOW_MIDSTREAM);
	assert_int_equal(flow.packets[0], 2);
	assert_int_equal(flow.bytes[1], 3);
	assert_int_equal(flow.side_app[1], QW_APP_HTTP);
	assert_int_equal(flow.side_looked, QW_LOOK_DONE << 1 | QW_LOOK_NEWS | QW_LOOK_TRY);
	qw_side_turn(&flow);
	assert_memory_equal(&flow, &before, sizeof(flow));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_servers_answer_that_comes_first_is_a_servers),
		cmocka_unit_test(a_clients_request_from_a_port_like_a_servers_is_a_clients),
		cmocka_unit_test(what_a_direction_said_before_the_turn_is_joined_with_what_it_says_after_it),
		cmocka_unit_test(data_that_waits_behind_a_hole_stays_with_its_sender),
		cmocka_unit_test(what_waits_for_its_parser_changes_places_too),
		cmocka_unit_test(a_connection_that_was_seen_to_begin_never_turns),
		cmocka_unit_test(a_privileged_port_is_believed_before_the_data),
		cmocka_unit_test(without_midstream_ports_decide),
		cmocka_unit_test(an_answer_of_dns_whose_question_was_not_seen_is_a_servers),
		cmocka_unit_test(an_answer_of_dns_between_ports_that_are_alike_begins_a_flow),
		cmocka_unit_test(messages_tell_who_says_them),
		cmocka_unit_test(a_message_cut_anywhere_is_never_said_by_the_other_side),
		cmocka_unit_test(a_turn_turned_back_leaves_the_flow_as_it_was),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
