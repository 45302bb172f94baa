/* SPDX-License-Identifier: Apache-2.0 */
/* Rules on events: every name is known, and what raises one fires once; its control does not. */
#include "tests/unit/engine_kit.h"

#include "quaywatch/rule_event.h"

enum { RULE_MAX = 512, LONG_LINE = 6000 };

/* ---- names */

static const char *const keywords[QW_EVENT_TABLES] = {"decode-event", "stream-event", "app-layer-event", "app-layer-event"};

static void each_name_loads_or_is_refused_as_not_raised(void **state)
{
	struct qw_signature_options options = {0};
	struct qw_signature_builder *builder;
	struct qw_diags diags;
	char rule[RULE_MAX];
	unsigned sid = 0, raised = 0;

	qw_diags_init(&diags);
	assert_int_equal(qw_signature_builder_new(&builder, &options), QW_OK);
	for (int table = 0; table < QW_EVENT_TABLES; table++) {
		const char *name;
		for (size_t i = 0; (name = qw_rule_event_name((enum qw_event_table)table, i)); i++) {
			int number = qw_rule_event_find((enum qw_event_table)table, name, strlen(name));
			int len = snprintf(rule, sizeof(rule), "alert pkthdr any any -> any any (msg:\"%s\"; %s:%s; sid:%u;)",
					   name, keywords[table], name, ++sid);
			size_t errors = diags.errors;
			raised += number >= 0;
			assert_int_equal(qw_signature_builder_read(builder, "events.rules", rule, (size_t)len, &diags), QW_OK);
			if (number < 0 ? diags.errors != errors + 1 || !strstr(diags.rows[diags.count - 1].text, "is not raised")
				       : diags.errors != errors)
				fail_msg("%s", rule);
		}
	}
	const struct qw_signature_counts *counts = qw_signature_builder_counts(builder);
	assert_int_equal(counts->accepted, raised);
	assert_int_equal(counts->rejected, sid - raised);
	print_message("%u events are raised, %u are known and not\n", raised, sid - raised);
	qw_signature_builder_free(builder);
	qw_diags_fini(&diags);
}

static void old_names_and_prefixes_are_read(void **state)
{
	struct room room;

	room_open(&room, "alert pkthdr any any -> any any (engine-event:decoder.ipv4.trunc_pkt; sid:1;)\n"
			 "alert tcp any any -> any any (decode-event:stream.fin_syn; sid:2;)\n"
			 "alert tcp any any -> any any (stream-event:stream.3whs_synack_resend_with_different_ack; sid:3;)\n");
	room_close(&room);
}

/* ---- events of packets */

#define ETH	"\xff\xff\xff\xff\xff\xff\x02\0\0\0\0\1\x08\0"
#define BAD_IP	ETH "\x44\0\0\x14\0\1\0\0\x40\xfd\0\0\x0a\0\0\1\x0a\0\0\2"
#define GOOD_IP ETH "\x45\0\0\x14\0\1\0\0\x40\xfd\0\0\x0a\0\0\1\x0a\0\0\2"
#define RUNT	"\xff\xff\xff\xff"

static void packets_that_are_dropped_are_asked_for_their_events(void **state)
{
	struct room room;

	room_open(&room, "alert pkthdr any any -> any any (decode-event:ipv4.hlen_too_small; sid:1;)\n"
			 "alert pkthdr any any -> any any (decode-event:ethernet.pkt_too_small; sid:2;)\n"
			 "alert pkthdr any any -> any any (decode-event:ipv4.hlen_too_small; decode-event:tcp.pkt_too_small; sid:3;)\n");
	room_begin(&room);
	forge_capture_frame(&room.capture, GOOD_IP, sizeof(GOOD_IP) - 1, sizeof(GOOD_IP) - 1);
	room_run(&room);
	assert_int_equal(room.alerts[1] + room.alerts[2] + room.alerts[3], 0);
	forge_capture_frame(&room.capture, BAD_IP, sizeof(BAD_IP) - 1, sizeof(BAD_IP) - 1);
	forge_capture_frame(&room.capture, RUNT, sizeof(RUNT) - 1, sizeof(RUNT) - 1);
	room_run(&room);
	assert_int_equal(room.alerts[1], 1);
	assert_int_equal(room.alerts[2], 1);
	assert_int_equal(room.alerts[3], 0);
	assert_int_equal(room.stats.drops[QW_DROP_LINK_SHORT], 1);
	room_close(&room);
}

/* Two fragments of a datagram; the second covers some of the first, with other bytes if they differ. */
static void overlapping(struct room *room, bool six, bool differs)
{
	static struct forge_packet whole, fragment;
	char text[] = "0123456789abcdef0123456789abcdef";

	for (int i = 0; i < 2; i++) {
		forge_begin(&whole);
		forge_ethernet(&whole);
		if (six)
			forge_ipv6(&whole, "fe80::1", "fe80::2");
		else
			forge_ipv4(&whole, ROOM_CLIENT, ROOM_SERVER);
		forge_udp(&whole, 40000, 9000);
		forge_text(&whole, text);
		forge_end(&whole);
		if (i == 0)
			forge_fragment(&fragment, &whole, 0, 24, 7);
		else
			forge_fragment(&fragment, &whole, 16, forge_fragment_total(&whole) - 16, 7);
		forge_capture_add(&room->capture, &fragment);
		if (differs)
			memset(text, 'X', sizeof(text) - 1);
	}
}

static void fragments_that_contradict_each_other_raise_an_event(void **state)
{
	for (int six = 0; six < 2; six++) {
		struct room room;

		room_open(&room, six ? "alert pkthdr any any -> any any (decode-event:ipv6.frag_overlap; sid:1;)"
				     : "alert pkthdr any any -> any any (decode-event:ipv4.frag_overlap; sid:1;)");
		room_begin(&room);
		overlapping(&room, six, false);
		room_run(&room);
		assert_int_equal(room.alerts[1], 0);
		room_begin(&room);
		overlapping(&room, six, true);
		room_run(&room);
		assert_int_equal(room.alerts[1], 1);
		room_close(&room);
	}
}

static void a_retransmission_is_seen_by_rules_and_a_segment_is_not(void **state)
{
	struct room room;

	room_open(&room, "alert tcp any any -> any any (stream-event:pkt_retransmission; sid:1;)\n"
			 "alert tcp any any -> any any (stream-event:pkt_retransmission; content:\"crane\"; sid:2;)\n"
			 "alert tcp any any -> any any (flow:to_client; stream-event:pkt_retransmission; sid:3;)\n");
	room_begin(&room);
	struct forge_talk talk = room_talk(&room);
	forge_talk_text(&talk, FORGE_CLIENT, "lift the crane");
	room_run(&room);
	assert_int_equal(room.alerts[1] + room.alerts[2] + room.alerts[3], 0);
	forge_talk_at(&talk, FORGE_CLIENT, -14, "lift the crane", 14);
	room_run(&room);
	assert_int_equal(room.alerts[1], 1);
	assert_int_equal(room.alerts[2], 1);
	assert_int_equal(room.alerts[3], 0);
	room_close(&room);
}

/* ---- events of applications: a conversation that raises one, and one that does not */

struct talk {
	const char *rule;
	uint16_t port;
	enum forge_side first;
	const char *odd[4], *orderly[4]; /* by turns, `first` begins */
};

#define HTTP(event) "alert http any any -> any any (app-layer-event:http." event "; sid:1;)"
#define SMTP(event) "alert smtp any any -> any any (app-layer-event:smtp." event "; sid:1;)"
#define GREETING    "220 quay ESMTP\r\n"
#define ENVELOPE    "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n"
#define ANSWERS	    "250 hello\r\n250 ok\r\n250 ok\r\n354 go on\r\n"

static const struct talk talks[] = {
    {HTTP("missing_host_header"), 80, FORGE_CLIENT, {"GET / HTTP/1.1\r\n\r\n"}, {"GET / HTTP/1.1\r\nHost: a\r\n\r\n"}},
    {HTTP("host_header_ambiguous"), 80, FORGE_CLIENT, {"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"},
     {"GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"}},
    {HTTP("request_field_missing_colon"), 80, FORGE_CLIENT, {"GET / HTTP/1.1\r\nHost: a\r\nBroken\r\n\r\n"},
     {"GET / HTTP/1.1\r\nHost: a\r\nWhole: x\r\n\r\n"}},
    {HTTP("response_field_missing_colon"), 80, FORGE_CLIENT,
     {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nBroken\r\nContent-Length: 0\r\n\r\n"},
     {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}},
    {HTTP("request_auth_unrecognized"), 80, FORGE_CLIENT, {"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Strange x\r\n\r\n"},
     {"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic YTpi\r\n\r\n"}},
    {HTTP("double_encoded_uri"), 80, FORGE_CLIENT, {"GET /%252e%252e/x HTTP/1.1\r\nHost: a\r\n\r\n"},
     {"GET /%2e%2e/x%25 HTTP/1.1\r\nHost: a\r\n\r\n"}},
    {HTTP("request_chunk_extension"), 80, FORGE_CLIENT,
     {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\n\r\n"},
     {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na;b\r\n0\r\n\r\n"}},
    {HTTP("invalid_request_chunk_len"), 80, FORGE_CLIENT,
     {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n"},
     {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"}},
    {HTTP("method_delim_non_compliant"), 80, FORGE_CLIENT, {"GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"},
     {"GET / HTTP/1.1\r\nHost: a\r\n\r\n"}},
    {HTTP("request_server_port_tcp_port_mismatch"), 80, FORGE_CLIENT, {"GET / HTTP/1.1\r\nHost: a:8080\r\n\r\n"},
     {"GET / HTTP/1.1\r\nHost: a:80\r\n\r\n"}},
    {HTTP("response_invalid_status"), 80, FORGE_CLIENT,
     {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n"},
     {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 OK\r\nContent-Length: 0\r\n\r\n"}},

    {SMTP("invalid_reply"), 25, FORGE_SERVER, {GREETING, "EHLO a\r\n", "what?\r\n"}, {GREETING, "EHLO a\r\n", "250 hello\r\n"}},
    {SMTP("unable_to_match_reply_with_request"), 25, FORGE_SERVER, {GREETING, "EHLO a\r\n", "250 hello\r\n250 again\r\n"},
     {GREETING, "EHLO a\r\n", "250-hello\r\n250 again\r\n"}},
    {SMTP("no_server_welcome_message"), 25, FORGE_CLIENT, {"EHLO a\r\n", GREETING}, {"", GREETING, "EHLO a\r\n"}},
    {SMTP("tls_rejected"), 25, FORGE_SERVER, {GREETING, "STARTTLS\r\n", "454 no\r\n"}, {GREETING, "STARTTLS\r\n", "220 go\r\n"}},
    {SMTP("data_command_rejected"), 25, FORGE_SERVER, {GREETING, "DATA\r\n", "503 no\r\n"}, {GREETING, "DATA\r\n", "354 go\r\n"}},
    {SMTP("duplicate_fields"), 25, FORGE_SERVER, {GREETING, "EHLO a\r\nEHLO b\r\n"}, {GREETING, "EHLO a\r\nNOOP\r\n"}},
    {SMTP("mime_invalid_base64"), 25, FORGE_SERVER,
     {GREETING, ENVELOPE, ANSWERS, "Content-Transfer-Encoding: base64\r\n\r\nYW*j\r\n.\r\n"},
     {GREETING, ENVELOPE, ANSWERS, "Content-Transfer-Encoding: base64\r\n\r\nYWJj\r\n.\r\n"}},
    {SMTP("mime_malformed_msg"), 25, FORGE_SERVER, {GREETING, ENVELOPE, ANSWERS, "Subject: x\r\nno header\r\n\r\nbody\r\n.\r\n"},
     {GREETING, ENVELOPE, ANSWERS, "Subject: x\r\n folded\r\n\r\nno header\r\n.\r\n"}},

    {"alert ssh any any -> any any (app-layer-event:ssh.invalid_banner; sid:1;)", 22, FORGE_CLIENT,
     {"SSH-nothing\r\n"}, {"SSH-2.0-crane\r\n"}},
    {"alert ssh any any -> any any (app-layer-event:ssh.invalid_record; sid:1;)", 22, FORGE_CLIENT,
     {"SSH-2.0-crane\r\n\xff\xff\xff\xff", NULL}, {"SSH-2.0-crane\r\n"}},

    {"alert tcp any any -> any any (app-layer-event:applayer_mismatch_protocol_both_directions; sid:1;)", 9000, FORGE_CLIENT,
     {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "SSH-2.0-crane\r\n"},
     {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}},
    {"alert tcp any any -> any any (app-layer-event:applayer_wrong_direction_first_data; sid:1;)", 9000, FORGE_SERVER,
     {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
     {"SSH-2.0-crane\r\n", "SSH-2.0-quay\r\n"}},
    {"alert tcp any any -> any any (app-layer-event:applayer_detect_protocol_only_one_direction; sid:1;)", 9000, FORGE_CLIENT,
     {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "\x01\x02\x03 no protocol at all, whatever it is taken for\r\n"},
     {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}},
    {"alert tcp any any -> any any (app-layer-event:applayer_no_tls_after_starttls; sid:1;)", 25, FORGE_SERVER,
     {GREETING, "STARTTLS\r\n", "220 go\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
     {GREETING, "STARTTLS\r\n", "220 go\r\n", "\x16\x03\x01\x01\0\x01"}},

    {"alert tcp any any -> any any (flow:to_client; app-layer-protocol:http,to_server; app-layer-protocol:ssh,to_client; sid:1;)", 9000,
     FORGE_CLIENT, {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "SSH-2.0-crane\r\n"},
     {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}},
    {"alert tcp any any -> any any (flow:to_client; app-layer-protocol:ssh|http,exact; sid:1;)", 9000, FORGE_CLIENT,
     {"SSH-2.0-quay\r\n", "SSH-2.0-crane\r\n"}, {"EHLO a\r\n", GREETING}},
    {"alert tcp any any -> any any (flow:to_server; app-layer-protocol:!http,both; sid:1;)", 9000, FORGE_CLIENT,
     {"SSH-2.0-quay\r\n", "SSH-2.0-crane\r\n"},
     {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}},

    {"alert http any any => any 80 (http.uri; content:\"/crane\"; http.stat_code; content:\"500\"; sid:1;)", 80, FORGE_CLIENT,
     {"GET /crane HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"},
     {"GET /crane HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n500"}},
    {"alert http any any => any any (http.method; content:\"POST\"; file.data: to_server; content:\"evil\"; "
     "file.data: to_client; content:\"done\"; sid:1;)",
     80, FORGE_CLIENT,
     {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nevil", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone"},
     {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\ndone", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"}},
    {"alert http any 80 => any any (http.method; content:\"GET\"; http.stat_code; content:\"200\"; sid:1;)", 80, FORGE_CLIENT,
     {NULL}, {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}},
};

static uint64_t alerts_of(struct room *room, const struct talk *row, const char *const turns[4])
{
	struct forge_talk talk;
	enum forge_side side = row->first;

	room_begin(room);
	forge_talk_init(&talk, &room->capture, ROOM_CLIENT, 40000, ROOM_SERVER, row->port);
	forge_talk_open(&talk);
	for (int i = 0; i < 4 && turns[i]; i++) {
		if (turns[i][0])
			forge_talk_text(&talk, side, turns[i]);
		side = side == FORGE_CLIENT ? FORGE_SERVER : FORGE_CLIENT;
	}
	forge_talk_close(&talk);
	room_run(room);
	return room->alerts[1];
}

static void what_is_odd_fires_once_and_what_is_orderly_never(void **state)
{
	for (size_t i = 0; i < sizeof(talks) / sizeof(talks[0]); i++) {
		struct room room;

		room_open(&room, talks[i].rule);
		uint64_t odd = talks[i].odd[0] ? alerts_of(&room, &talks[i], talks[i].odd) : 1;
		uint64_t orderly = alerts_of(&room, &talks[i], talks[i].orderly);
		if (odd != 1 || orderly != 0)
			fail_msg("%llu and %llu alerts of %s", (unsigned long long)odd, (unsigned long long)orderly, talks[i].rule);
		room_close(&room);
	}
}

/* Lines that are too long to be written down in a table. */
static void long_lines_are_events(void **state)
{
	static char line[LONG_LINE + 3];
	static const struct {
		const char *rule;
		uint16_t port;
		const char *greeting;
	} rows[] = {
	    {SMTP("max_command_line_len_exceeded"), 25, GREETING},
	    {"alert ftp any any -> any any (app-layer-event:ftp.request_command_too_long; sid:1;)", 21, "220 FTP\r\n"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (int len = 100; len <= LONG_LINE; len += LONG_LINE - 100) {
			struct room room;
			struct forge_talk talk;

			memset(line, 'x', (size_t)len);
			memcpy(line, "NOOP ", 5);
			memcpy(line + len, "\r\n", 3);
			room_open(&room, rows[i].rule);
			room_begin(&room);
			forge_talk_init(&talk, &room.capture, ROOM_CLIENT, 40000, ROOM_SERVER, rows[i].port);
			forge_talk_open(&talk);
			forge_talk_text(&talk, FORGE_SERVER, rows[i].greeting);
			forge_talk_text(&talk, FORGE_CLIENT, line);
			room_run(&room);
			assert_int_equal(room.alerts[1], len == LONG_LINE);
			room_close(&room);
		}
}

static void a_dns_message_that_breaks_off_is_an_event(void **state)
{
	static const char whole[] = "\0\7\1\0\0\1\0\0\0\0\0\0\1a\0\0\1\0\1";
	struct room room;

	room_open(&room, "alert dns any any -> any any (flow:to_server; app-layer-event:dns.malformed_data; sid:1;)\n"
			 "alert dns any any -> any any (app-layer-event:dns.z_flag_set; sid:2;)\n"
			 "alert dns any any -> any any (app-layer-event:dns.not_a_response; sid:3;)\n");
	room_begin(&room);
	forge_datagram(&room.capture, ROOM_CLIENT, 40000, ROOM_SERVER, 53, whole, sizeof(whole) - 1);
	room_run(&room);
	assert_int_equal(room.alerts[1] + room.alerts[2] + room.alerts[3], 0);
	forge_datagram(&room.capture, ROOM_CLIENT, 40000, ROOM_SERVER, 53, whole, sizeof(whole) - 4);
	forge_datagram(&room.capture, ROOM_SERVER, 53, ROOM_CLIENT, 40000, "\0\7\1\x40\0\1\0\0\0\0\0\0\1a\0\0\1\0\1", 19);
	room_run(&room);
	assert_int_equal(room.alerts[1], 1);
	assert_int_equal(room.alerts[2], 1);
	assert_int_equal(room.alerts[3], 1);
	room_close(&room);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_name_loads_or_is_refused_as_not_raised),
	    cmocka_unit_test(old_names_and_prefixes_are_read),
	    cmocka_unit_test(packets_that_are_dropped_are_asked_for_their_events),
	    cmocka_unit_test(fragments_that_contradict_each_other_raise_an_event),
	    cmocka_unit_test(a_retransmission_is_seen_by_rules_and_a_segment_is_not),
	    cmocka_unit_test(what_is_odd_fires_once_and_what_is_orderly_never),
	    cmocka_unit_test(long_lines_are_events),
	    cmocka_unit_test(a_dns_message_that_breaks_off_is_an_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
