/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/protocol_kit.h"

#include "quaywatch/digest.h"

static void a_request_and_its_answer_are_the_same_however_they_are_cut(void **state)
{
	static const struct kit_piece pieces[] = {
		KIT_SEND("GET /a/%2e%2e/B%20c?q=%41 HTTP/1.1\r\nHost: Www.Example.COM:8080\r\nUser-Agent: crane/1\r\n"
			 "Cookie: k=v\r\nReferer: r\r\nAccept: */*\r\n\r\n"),
		KIT_REPLY("HTTP/1.1 200 Fine\r\nServer: quay\r\nContent-Type: text/plain\r\nSet-Cookie: s=1\r\n"
			  "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"),
		KIT_SEND("POST /in HTTP/1.1\r\nHost: b\r\nContent-Length: 4\r\n\r\nbody"),
		KIT_REPLY("HTTP/1.1 302 Moved\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"),
		{0}};
	struct kit kit;
	kit_play_all_ways(&kit, QW_PROTO_TCP, 8080, pieces);
	assert_int_equal(kit.flow.app, QW_APP_HTTP);
	assert_string_equal(kit_text(&kit, QW_BUFFER_HTTP_METHOD), "GET");
	assert_string_equal(kit_text(&kit, QW_BUFFER_HTTP_URI), "/B c?q=A");
	assert_string_equal(kit_text(&kit, QW_BUFFER_HTTP_URI_RAW), "/a/%2e%2e/B%20c?q=%41");
	assert_string_equal(kit_text(&kit, QW_BUFFER_HTTP_HOST), "www.example.com");
	assert_string_equal(kit_text(&kit, QW_BUFFER_HTTP_HOST_RAW), "Www.Example.COM:8080");
	assert_string_equal(kit_text(&kit, QW_BUFFER_HTTP_COOKIE), "k=v");
	assert_string_equal(kit_text(&kit, QW_BUFFER_HTTP_HEADER),
			    "Host: Www.Example.COM:8080\r\nUser-Agent: crane/1\r\nReferer: r\r\nAccept: */*\r\n");
	assert_string_equal(kit_text(&kit, QW_BUFFER_HTTP_HEADER_NAMES),
			    "\r\nHost\r\nUser-Agent\r\nCookie\r\nReferer\r\nAccept\r\n\r\n");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_HTTP_REQUEST_HEADER, 2), "Cookie: k=v");
	assert_string_equal(kit_text(&kit, QW_BUFFER_HTTP_REQUEST_LINE), "GET /a/%2e%2e/B%20c?q=%41 HTTP/1.1");
	assert_string_equal(kit_text(&kit, QW_BUFFER_HTTP_STAT_MSG), "Fine");
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_DATA), "hello world");
	assert_string_equal(kit_text(&kit, QW_BUFFER_HTTP_REQUEST_BODY), "body");
	assert_string_equal(kit_text(&kit, QW_BUFFER_HTTP_LOCATION), "/there");
	assert_sighted(&kit, QW_SIGHT_NAME, "www.example.com");
	assert_sighted(&kit, QW_SIGHT_URL, "/a/%2e%2e/B%20c?q=%41");
	assert_sighted(&kit, QW_SIGHT_URL, "/B c?q=A");
	assert_sighted(&kit, QW_SIGHT_USER_AGENT, "crane/1");
	assert_int_equal(kit.last, 4);
	kit_close(&kit);
}

static void a_compressed_answer_is_unpacked(void **state)
{
	static const struct kit_piece pieces[] = {
		KIT_SEND("GET / HTTP/1.0\r\n\r\n"),
		KIT_REPLY("HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
			  "\x1f\x8b\x08\0\0\0\0\0\x02\xff\x4b\x2e\x4a\xcc\x4b\x05\0\x7e\xe0\x35\x56\x05\0\0\0"),
		{0}};
	struct kit kit;
	kit_open(&kit, QW_PROTO_TCP, 80);
	kit_play(&kit, pieces, 0);
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_DATA), "crane");
	kit_close(&kit);
}

static void a_request_to_a_proxy_shows_host_and_path_apart(void **state)
{
	static const struct kit_piece pieces[] = {
		KIT_SEND("GET http://bad.example/x?y HTTP/1.1\r\nHost: good.example\r\n\r\n"), {0}};
	struct kit kit;
	kit_play_all_ways(&kit, QW_PROTO_TCP, 3128, pieces);
	assert_sighted(&kit, QW_SIGHT_NAME, "bad.example");
	assert_sighted(&kit, QW_SIGHT_URL, "/x?y");
	kit_close(&kit);
}

static void a_body_is_kept_up_to_its_bound_and_the_rest_counted(void **state)
{
	struct kit kit;
	struct qw_parser_counters counters;
	uint8_t block[4096];
	memset(block, 'x', sizeof(block));
	kit_open(&kit, QW_PROTO_TCP, 80);
	kit_feed(&kit, QW_TO_SERVER, "GET / HTTP/1.0\r\n\r\n", 18);
	kit_feed(&kit, QW_TO_CLIENT, "HTTP/1.0 200 OK\r\n\r\n", 19);
	for (int i = 0; i < 40; i++)
		kit_feed(&kit, QW_TO_CLIENT, block, sizeof(block));
	kit_end(&kit);
	qw_parser_counters(kit.pool, &counters);
	assert_int_equal(counters.cut, 1);
	assert_int_equal(strlen(kit_text(&kit, QW_BUFFER_FILE_DATA)), 100 * 1024);
	/* a body that grows is not published for every piece */
	assert_true(kit.messages < 40);
	kit_close(&kit);
}

/* SHA-256 of "hello", in pieces, and only because it is asked for. */
static void a_whole_file_is_digested_where_somebody_asks(void **state)
{
	static const uint8_t sha256[] = {0x2c, 0xf2, 0x4d, 0xba, 0x5f, 0xb0, 0xa3, 0x0e, 0x26, 0xe8, 0x3b,
					 0x2a, 0xc5, 0xb9, 0xe2, 0x9e, 0x1b, 0x16, 0x1e, 0x5c, 0x1f, 0xa7,
					 0x42, 0x5e, 0x73, 0x04, 0x33, 0x62, 0x93, 0x8b, 0x98, 0x24};
	for (int asked = 0; asked < 2; asked++) {
		struct kit kit;
		kit_open(&kit, QW_PROTO_TCP, 80);
		qw_parser_pool_want(kit.pool, asked ? QW_DIGEST_SHA256 : QW_DIGEST_MD5);
		kit_feed(&kit, QW_TO_SERVER, "GET / HTTP/1.0\r\n\r\n", 18);
		kit_feed(&kit, QW_TO_CLIENT, "HTTP/1.0 200 OK\r\n\r\nhel", 22);
		kit_feed(&kit, QW_TO_CLIENT, "lo", 2);
		kit_end(&kit);
		assert_int_equal(kit_sighted(&kit, QW_SIGHT_SHA256, sha256, sizeof(sha256)), asked);
		kit_close(&kit);
	}
}

static void requests_that_nobody_answers_stay_bounded(void **state)
{
	struct kit *kit = malloc(sizeof(*kit));
	struct qw_parser_counters counters;
	static const char request[] = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n";
	const struct qw_message_sink sink = {kit, kit_publish};
	uint64_t peak = 0;
	assert_non_null(kit);
	kit_open(kit, QW_PROTO_TCP, 80);
	for (int i = 0; i < 1000; i++) {
		qw_parser_choose(kit->pool, &kit->flow, QW_TO_SERVER, (const uint8_t *)request, sizeof(request) - 1);
		qw_parser_feed(&kit->flow, QW_TO_SERVER, (const uint8_t *)request, sizeof(request) - 1, &sink);
		qw_parser_counters(kit->pool, &counters);
		peak = counters.bytes > peak ? counters.bytes : peak;
		for (size_t k = 0; k < kit->fields; k++)
			free(kit->field[k].value);
		kit->fields = 0;
	}
	assert_true(peak < 500000);
	assert_true(counters.cut > 0);
	assert_true(kit->details > 900);
	kit_close(kit);
	free(kit);
}

static void what_follows_connect_is_looked_at_anew(void **state)
{
	struct kit kit;
	static const char query[] = "\0\x1d\x12\x34\1\0\0\1\0\0\0\0\0\0\x07" "example\x03" "com\0\0\1\0\1";
	kit_open(&kit, QW_PROTO_TCP, 3128);
	kit_feed(&kit, QW_TO_SERVER, "CONNECT a.example:53 HTTP/1.1\r\nHost: a.example\r\n\r\n", 50);
	kit_feed(&kit, QW_TO_CLIENT, "HTTP/1.1 200 Go\r\n\r\n", 19);
	kit_feed(&kit, QW_TO_SERVER, query, sizeof(query) - 1);
	assert_sighted(&kit, QW_SIGHT_NAME, "a.example");
	assert_string_equal(kit_text(&kit, QW_BUFFER_DNS_QUERY), "example.com");
	assert_int_equal(kit.flow.app, QW_APP_DNS);
	kit_close(&kit);
}

static void an_answer_without_its_request_has_no_address(void **state)
{
	static const struct kit_piece pieces[] = {
		KIT_REPLY("HTTP/1.1 200 OK\r\nServer: quay\r\nContent-Length: 5\r\n\r\nhello"),
		KIT_SEND("GET /seen HTTP/1.1\r\nHost: h\r\n\r\n"),
		{0}};
	struct kit kit;
	kit_open(&kit, QW_PROTO_TCP, 80);
	kit_play(&kit, pieces, 0);
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_DATA), "hello");
	for (size_t i = 0; i < kit.fields; i++)
		assert_null(memmem(kit.field[i].value, kit.field[i].len, "libhtp", 6));
	kit_close(&kit);
}

static void what_is_not_http_gets_no_parser(void **state)
{
	struct kit kit;
	kit_open(&kit, QW_PROTO_TCP, 80);
	kit_feed(&kit, QW_TO_SERVER, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
	assert_true(kit.flow.flags & QW_FLOW_NO_PARSER);
	kit_close(&kit);
}

static void a_body_that_is_not_packed_as_announced_is_seen_whole(void **state)
{
	static const struct kit_piece plain[] = {
		KIT_SEND("GET / HTTP/1.0\r\n\r\n"),
		KIT_REPLY("HTTP/1.0 200 OK\r\nContent-Encoding: deflate\r\n\r\nX5 is no deflate, and no gzip either"), {0}};
	static const struct kit_piece flagged[] = { /* a flag that gzip does not know: 0x20 */
		KIT_SEND("GET / HTTP/1.0\r\n\r\n"),
		KIT_REPLY("HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
			  "\x1f\x8b\x08\x20\0\0\0\0\x02\xff\x4b\x2e\x4a\xcc\x4b\x05\0\x7e\xe0\x35\x56\x05\0\0\0"), {0}};
	struct kit kit;
	kit_play_all_ways(&kit, QW_PROTO_TCP, 80, plain);
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_DATA), "X5 is no deflate, and no gzip either");
	kit_close(&kit);
	kit_play_all_ways(&kit, QW_PROTO_TCP, 80, flagged);
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_DATA), "crane");
	kit_close(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_and_its_answer_are_the_same_however_they_are_cut),
		cmocka_unit_test(a_body_that_is_not_packed_as_announced_is_seen_whole),
		cmocka_unit_test(a_compressed_answer_is_unpacked),
		cmocka_unit_test(a_request_to_a_proxy_shows_host_and_path_apart),
		cmocka_unit_test(a_body_is_kept_up_to_its_bound_and_the_rest_counted),
		cmocka_unit_test(a_whole_file_is_digested_where_somebody_asks),
		cmocka_unit_test(requests_that_nobody_answers_stay_bounded),
		cmocka_unit_test(what_follows_connect_is_looked_at_anew),
		cmocka_unit_test(an_answer_without_its_request_has_no_address),
		cmocka_unit_test(what_is_not_http_gets_no_parser),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
