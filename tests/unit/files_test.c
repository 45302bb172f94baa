/* SPDX-License-Identifier: Apache-2.0 */
/* Files whatever carries them: mail, forms, ranges, FTP's data; and what mail says of itself. */
#include "tests/unit/protocol_kit.h"

#include "quaywatch/digest.h"
#include "sensor/protocol/expect.h"

#define MAIL(text) KIT_SEND("EHLO x\r\nMAIL FROM:<a@b>\r\nDATA\r\n"), KIT_REPLY("250 a\r\n250 b\r\n354 go\r\n"), KIT_SEND(text ".\r\n")

static uint64_t number_of(const struct kit *kit, enum qw_buffer buffer)
{
	uint64_t number;
	const char *value = kit_text(kit, buffer);
	assert_non_null(value);
	memcpy(&number, value, sizeof(number));
	return number;
}

static void play_mail(struct kit *kit, const struct kit_piece *pieces)
{
	kit_play_all_ways(kit, QW_PROTO_TCP, 25, pieces);
}

static void headers_of_the_mail_itself_are_fields(void **state)
{
	static const struct kit_piece pieces[] = {
		MAIL("Received: from one\r\n\tby two\r\nreceived: from three\r\nFrom : a <a@b>\r\nTo:c@d\r\nCc: e@f\r\n"
		     "Subject: pay \r\n now\r\nDate: Fri\r\nMessage-ID: <1@b>\r\nX-Mailer: crane 5\r\n"
		     "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nSubject: of a part\r\n\r\ntext\r\n--b--\r\n"),
		{0}};
	struct kit kit;
	play_mail(&kit, pieces);
	assert_string_equal(kit_nth(&kit, QW_BUFFER_EMAIL_RECEIVED, 0), "from oneby two");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_EMAIL_RECEIVED, 1), "from three");
	assert_string_equal(kit_text(&kit, QW_BUFFER_EMAIL_FROM), "a <a@b>");
	assert_string_equal(kit_text(&kit, QW_BUFFER_EMAIL_TO), "c@d");
	assert_string_equal(kit_text(&kit, QW_BUFFER_EMAIL_CC), "e@f");
	assert_string_equal(kit_text(&kit, QW_BUFFER_EMAIL_SUBJECT), "pay now");
	assert_null(kit_nth(&kit, QW_BUFFER_EMAIL_SUBJECT, 1));
	assert_string_equal(kit_text(&kit, QW_BUFFER_EMAIL_DATE), "Fri");
	assert_string_equal(kit_text(&kit, QW_BUFFER_EMAIL_MESSAGE_ID), "<1@b>");
	assert_string_equal(kit_text(&kit, QW_BUFFER_EMAIL_X_MAILER), "crane 5");
	kit_close(&kit);
}

static void addresses_in_texts_are_found(void **state)
{
	static const struct kit_piece pieces[] = {
		MAIL("Subject: x\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
		     "See HTTP://bad.example/a=3Db=\r\nc, <https://two.example> or ftp://three.example/x\r\n"
		     "xhttp://four.example\r\nhttps:/no http:// mailto:a@b\r\n"),
		{0}};
	struct kit kit;
	play_mail(&kit, pieces);
	assert_string_equal(kit_nth(&kit, QW_BUFFER_EMAIL_URL, 0), "bad.example/a=bc,");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_EMAIL_URL, 1), "two.example");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_EMAIL_URL, 2), "three.example/x");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_EMAIL_URL, 3), "four.example");
	assert_null(kit_nth(&kit, QW_BUFFER_EMAIL_URL, 4));
	kit_close(&kit);
}

static void what_a_mail_says_is_no_file_but_looked_into(void **state)
{
	static const struct kit_piece pieces[] = {MAIL("Subject: x\r\n\r\nplain words\r\n"), {0}};
	struct kit kit;
	play_mail(&kit, pieces);
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_DATA), "plain words");
	assert_null(kit_text(&kit, QW_BUFFER_FILE_SIZE));
	assert_null(kit_text(&kit, QW_BUFFER_FILE_SEEN));
	kit_close(&kit);
}

static void an_attachment_without_a_name_and_an_empty_one_are_files(void **state)
{
	static const struct kit_piece unnamed[] = {
		MAIL("Content-Disposition: attachment\r\n\r\nfour\r\n"), {0}};
	static const struct kit_piece empty[] = {
		MAIL("Content-Disposition: attachment; filename=e.bin\r\n\r\n"), {0}};
	struct kit kit;
	play_mail(&kit, unnamed);
	assert_int_equal(number_of(&kit, QW_BUFFER_FILE_SIZE), 4);
	kit_close(&kit);
	play_mail(&kit, empty);
	assert_int_equal(number_of(&kit, QW_BUFFER_FILE_SIZE), 0);
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_NAME), "e.bin");
	kit_close(&kit);
}

static void what_is_forwarded_is_read_like_the_mail(void **state)
{
	static const struct kit_piece pieces[] = {
		MAIL("Content-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\nContent-Type: message/rfc822\r\n\r\n"
		     "Subject: inner\r\nContent-Type: multipart/mixed; boundary=inner\r\n\r\n--inner\r\n"
		     "Content-Disposition: attachment; filename=deep.bin\r\nContent-Transfer-Encoding: base64\r\n\r\nY3JhbmU=\r\n"
		     "--inner--\r\n--outer--\r\n"),
		{0}};
	struct kit kit;
	play_mail(&kit, pieces);
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_NAME), "deep.bin");
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_DATA), "crane");
	assert_null(kit_text(&kit, QW_BUFFER_EMAIL_SUBJECT)); /* it is not the mail's own */
	kit_close(&kit);
}

static void a_mail_that_breaks_off_has_no_size(void **state)
{
	static const struct kit_piece pieces[] = {
		KIT_SEND("EHLO x\r\nMAIL FROM:<a@b>\r\nDATA\r\n"), KIT_REPLY("250 a\r\n250 b\r\n354 go\r\n"),
		KIT_SEND("Content-Disposition: attachment; filename=a\r\n\r\nhalf a fi\r\n"), {0}};
	struct kit kit;
	play_mail(&kit, pieces);
	assert_int_equal(number_of(&kit, QW_BUFFER_FILE_SEEN), 9);
	assert_null(kit_text(&kit, QW_BUFFER_FILE_SIZE));
	kit_close(&kit);
}

/* ---- HTTP */

#define FORM_HEAD(length) "POST /up HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=\"--x\"\r\nContent-Length: " length "\r\n\r\n"
#define FORM                                                                                                           \
	"----x\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\nfield\r\n"                                           \
	"----x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.bin\"\r\n\r\none\ntwo\r\r\n"                  \
	"----x\r\nContent-Disposition: form-data; name=\"g\"; filename=\"b.bin\"\r\n\r\n\r\n----x--"

static void files_of_a_form_are_those_with_a_name(void **state)
{
	static const struct kit_piece pieces[] = {KIT_SEND(FORM_HEAD("215") FORM), {0}};
	struct kit kit;
	kit_play_all_ways(&kit, QW_PROTO_TCP, 80, pieces);
	assert_int_equal(strlen(FORM), 215);
	assert_string_equal(kit_text(&kit, QW_BUFFER_HTTP_REQUEST_BODY), FORM);
	assert_string_equal(kit_nth(&kit, QW_BUFFER_FILE_NAME, 0), "a.bin");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_FILE_DATA, 0), "one\ntwo\r");
	assert_int_equal(number_of(&kit, QW_BUFFER_FILE_SIZE), 8);
	assert_string_equal(kit_nth(&kit, QW_BUFFER_FILE_NAME, 1), "b.bin");
	assert_null(kit_nth(&kit, QW_BUFFER_FILE_DATA, 1));
	kit_close(&kit);
}

static void a_form_that_breaks_off_has_no_size(void **state)
{
	static const struct kit_piece pieces[] = {
		KIT_SEND(FORM_HEAD("300") "----x\r\nContent-Disposition: form-data; filename=\"a.bin\"\r\n\r\none\r\nt"), {0}};
	struct kit kit;
	kit_play_all_ways(&kit, QW_PROTO_TCP, 80, pieces);
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_DATA), "one\r\nt");
	assert_null(kit_text(&kit, QW_BUFFER_FILE_SIZE));
	kit_close(&kit);
}

static void an_answer_is_named_by_its_header_or_else_by_the_path(void **state)
{
	static const struct kit_piece pieces[] = {
		KIT_SEND("GET /in/a%2eexe?x HTTP/1.1\r\nHost: a\r\n\r\n"),
		KIT_REPLY("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nMZ"),
		KIT_SEND("GET /b HTTP/1.1\r\nHost: a\r\n\r\n"),
		KIT_REPLY("HTTP/1.1 200 OK\r\nContent-Disposition: inline; filename=\"c d.exe\"\r\nContent-Length: 1\r\n\r\nM"),
		KIT_SEND("GET /none HTTP/1.1\r\nHost: a\r\n\r\n"),
		KIT_REPLY("HTTP/1.1 304 Not Modified\r\n\r\n"),
		{0}};
	struct kit kit;
	kit_play_all_ways(&kit, QW_PROTO_TCP, 80, pieces);
	assert_string_equal(kit_nth(&kit, QW_BUFFER_FILE_NAME, 0), "/in/a.exe");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_FILE_NAME, 1), "c d.exe");
	assert_null(kit_nth(&kit, QW_BUFFER_FILE_NAME, 2)); /* no body, no file */
	kit_close(&kit);
}

static void an_answer_that_breaks_off_has_no_size(void **state)
{
	static const struct kit_piece pieces[] = {
		KIT_SEND("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), KIT_REPLY("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), {0}};
	struct kit kit;
	kit_play_all_ways(&kit, QW_PROTO_TCP, 80, pieces);
	assert_int_equal(number_of(&kit, QW_BUFFER_FILE_SEEN), 4);
	assert_null(kit_text(&kit, QW_BUFFER_FILE_SIZE));
	kit_close(&kit);
}

#define RANGE(piece, range)                                                                                            \
	KIT_SEND("GET /f HTTP/1.1\r\nHost: a\r\n\r\n"),                                                                 \
		KIT_REPLY("HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\nContent-Range: bytes " range "\r\n\r\n" piece)

static void pieces_that_follow_each_other_are_one_file(void **state)
{
	static const struct kit_piece pieces[] = {RANGE("abc", "0-2/9"), RANGE("def", "3-5/9"), RANGE("ghi", "6-8/9"), {0}};
	struct kit kit;
	uint8_t digest[QW_MD5_BYTES];
	kit_open(&kit, QW_PROTO_TCP, 80);
	qw_parser_pool_want(kit.pool, QW_DIGEST_MD5);
	kit_play(&kit, pieces, 0);
	qw_md5("abcdefghi", 9, digest);
	assert_true(kit_sighted(&kit, QW_SIGHT_MD5, digest, sizeof(digest)));
	assert_int_equal(number_of(&kit, QW_BUFFER_FILE_SIZE), 9);
	assert_string_equal(kit_nth(&kit, QW_BUFFER_HTTP_RESPONSE_BODY, 1), "def"); /* of this answer alone */
	assert_string_equal(kit_nth(&kit, QW_BUFFER_FILE_DATA, 2), "abcdefghi");
	kit_close(&kit);
}

static void pieces_that_do_not_fit_stay_pieces(void **state)
{
	static const struct kit_piece gap[] = {RANGE("abc", "0-2/9"), RANGE("ghi", "6-8/9"), {0}};
	static const struct kit_piece other[] = {RANGE("abc", "0-2/9"), RANGE("def", "3-5/6"), {0}};
	struct kit kit;
	kit_play_all_ways(&kit, QW_PROTO_TCP, 80, gap);
	assert_null(kit_text(&kit, QW_BUFFER_FILE_SIZE));
	assert_string_equal(kit_nth(&kit, QW_BUFFER_FILE_DATA, 1), "ghi");
	kit_close(&kit);
	kit_play_all_ways(&kit, QW_PROTO_TCP, 80, other);
	assert_null(kit_text(&kit, QW_BUFFER_FILE_SIZE));
	kit_close(&kit);
}

static void http_start_is_normalised(void **state)
{
	static const struct kit_piece pieces[] = {
		KIT_SEND("GET /  HTTP/1.1\r\nA:  b\r\n c\r\nCookie: d\r\n\r\n"), KIT_REPLY("HTTP/1.0 200 OK\r\n\r\n"), {0}};
	struct kit kit;
	kit_play_all_ways(&kit, QW_PROTO_TCP, 80, pieces);
	assert_string_equal(kit_nth(&kit, QW_BUFFER_HTTP_START, 0), "GET /  HTTP/1.1\r\nA: b c\r\nCookie: d\r\n\r\n");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_HTTP_START, 1), "HTTP/1.0 200 OK\r\n");
	kit_close(&kit);
}

/* ---- FTP */

/* A second connection of the same worker: from the client to the server's port, or back. */
static struct qw_flow data_flow(const struct kit *kit, uint16_t port)
{
	struct qw_flow flow = kit->flow;
	flow.app = QW_APP_UNKNOWN;
	flow.parser = NULL;
	flow.key.low_port = 40001;
	flow.key.high_port = port;
	return flow;
}

static void feed_flow(struct kit *kit, struct qw_flow *flow, enum qw_direction direction, const char *text)
{
	const struct qw_message_sink sink = {kit, kit_publish};
	qw_parser_choose(kit->pool, flow, direction, (const uint8_t *)text, strlen(text));
	qw_parser_feed(flow, direction, (const uint8_t *)text, strlen(text), &sink);
}

static void end_flow(struct kit *kit, struct qw_flow *flow)
{
	const struct qw_message_sink sink = {kit, kit_publish};
	qw_parser_close(kit->pool, flow, QW_TO_SERVER, &sink);
	qw_parser_close(kit->pool, flow, QW_TO_CLIENT, &sink);
	qw_parser_end(kit->pool, flow);
}

static void ask(struct kit *kit, const char *command, const char *reply)
{
	kit_feed(kit, QW_TO_SERVER, command, strlen(command));
	kit_feed(kit, QW_TO_CLIENT, reply, strlen(reply));
}

static void open_ftp(struct kit *kit)
{
	kit_open(kit, QW_PROTO_TCP, 21);
	ask(kit, "USER crane\r\n", "230 in\r\n");
}

static void announced_data_is_a_file_whatever_it_looks_like(void **state)
{
	struct kit kit;
	open_ftp(&kit);
	ask(&kit, "EPSV\r\n", "229 ok (|||2121|)\r\n");
	assert_int_equal(number_of(&kit, QW_BUFFER_FTP_DYNAMIC_PORT), 2121);
	assert_int_equal(number_of(&kit, QW_BUFFER_FTP_MODE), QW_FTP_PASSIVE);
	ask(&kit, "RETR in/a.exe\r\n", "150 coming\r\n");
	struct qw_flow data = data_flow(&kit, 2121), late = data_flow(&kit, 2121);
	feed_flow(&kit, &data, QW_TO_CLIENT, "GET / HTTP/1.1\r\n\r\n");
	assert_int_equal(data.app, QW_APP_FTP_DATA);
	end_flow(&kit, &data);
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_NAME), "in/a.exe");
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_DATA), "GET / HTTP/1.1\r\n\r\n");
	assert_int_equal(number_of(&kit, QW_BUFFER_FILE_SIZE), 18);
	assert_int_equal(number_of(&kit, QW_BUFFER_FTPDATA_COMMAND), QW_FTP_RETR);
	/* It was announced once. */
	feed_flow(&kit, &late, QW_TO_CLIENT, "GET / HTTP/1.1\r\n\r\n");
	assert_int_not_equal(late.app, QW_APP_FTP_DATA);
	end_flow(&kit, &late);
	kit_end(&kit);
	kit_close(&kit);
}

static void what_was_not_asked_for_is_not_expected(void **state)
{
	struct kit kit;
	open_ftp(&kit);
	ask(&kit, "EPSV\r\n", "229 ok (|||2121|)\r\n");
	ask(&kit, "LIST\r\n", "150 coming\r\n");
	struct qw_flow data = data_flow(&kit, 2121);
	feed_flow(&kit, &data, QW_TO_CLIENT, "-rw-r--r-- 1 a a 1 a.exe\r\n");
	assert_int_not_equal(data.app, QW_APP_FTP_DATA);
	end_flow(&kit, &data);
	kit_end(&kit);
	kit_close(&kit);
}

static void an_announcement_is_over_after_a_minute(void **state)
{
	struct kit kit;
	open_ftp(&kit);
	ask(&kit, "EPSV\r\n", "229 ok (|||2121|)\r\n");
	ask(&kit, "RETR a\r\n", "150 coming\r\n");
	struct qw_flow data = data_flow(&kit, 2121);
	data.last = qw_time_seconds(61);
	feed_flow(&kit, &data, QW_TO_CLIENT, "x");
	assert_int_not_equal(data.app, QW_APP_FTP_DATA);
	end_flow(&kit, &data);
	kit_end(&kit);
	kit_close(&kit);
}

static void a_restarted_file_has_no_size(void **state)
{
	struct kit kit;
	open_ftp(&kit);
	ask(&kit, "PASV\r\n", "227 ok (9,9,9,9,8,73)\r\n"); /* behind a translator: the server's own address counts, too */
	ask(&kit, "REST 100\r\n", "350 ok\r\n");
	ask(&kit, "RETR a\r\n", "150 coming\r\n");
	struct qw_flow data = data_flow(&kit, 2121);
	feed_flow(&kit, &data, QW_TO_CLIENT, "the rest");
	end_flow(&kit, &data);
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_DATA), "the rest");
	assert_null(kit_text(&kit, QW_BUFFER_FILE_SIZE));
	kit_end(&kit);
	kit_close(&kit);
}

static void a_port_elsewhere_is_a_bounce(void **state)
{
	struct kit kit;
	open_ftp(&kit);
	ask(&kit, "PORT 192,0,2,66,8,73\r\n", "200 ok\r\n");
	assert_int_equal(number_of(&kit, QW_BUFFER_FTP_BOUNCE), 1);
	assert_int_equal(number_of(&kit, QW_BUFFER_FTP_MODE), QW_FTP_ACTIVE);
	kit_end(&kit);
	kit_close(&kit);
}

static void replies_of_a_command_are_seen_together(void **state)
{
	struct kit kit;
	open_ftp(&kit);
	ask(&kit, "RETR a\r\n", "150-opening\r\n150 now\r\n226 done\r\n");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_FTP_COMPLETION_CODE, 1), "150");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_FTP_COMPLETION_CODE, 3), "226");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_FTP_REPLY, 3), "done");
	kit_end(&kit);
	kit_close(&kit);
}

static void ignore(void *ctx, struct qw_flow *flow, const struct qw_message *message)
{
}

static void announcements_of_two_transports_at_one_place_stand_beside_each_other(void **state)
{
	struct qw_expectations *expectations;
	struct qw_flow flow = {.key = {.low_port = 2121, .high_port = 40000}, .last = qw_time_seconds(100)};
	struct qw_expected_place place = {flow.key.low, 2121};
	static const uint8_t protos[] = {QW_PROTO_TCP, QW_PROTO_UDP};
	assert_int_equal(qw_expectations_new(&expectations), QW_OK);
	for (size_t i = 0; i < 2; i++) {
		const struct qw_expected what = {.app = (uint8_t)(QW_APP_FTP_DATA + i), .proto = protos[i]};
		qw_expect(expectations, &place, &what, flow.last);
	}
	for (size_t i = 0; i < 2; i++) {
		struct qw_expected what;
		flow.key.proto = protos[i];
		assert_true(qw_expected_take(expectations, &flow, &what));
		assert_int_equal(what.app, QW_APP_FTP_DATA + i);
		assert_false(qw_expected_take(expectations, &flow, &what));
	}
	qw_expectations_free(expectations);
}

static void announcements_are_bounded_and_counted(void **state)
{
	struct kit kit;
	const struct qw_message_sink sink = {NULL, ignore};
	struct qw_parser_counters counters;
	char command[64];
	open_ftp(&kit);
	for (unsigned port = 1024; port < 3024; port++) {
		snprintf(command, sizeof(command), "EPRT |1|192.0.2.9|%u|\r\nRETR a\r\n", port);
		qw_parser_feed(&kit.flow, QW_TO_SERVER, (const uint8_t *)command, strlen(command), &sink);
	}
	qw_parser_counters(kit.pool, &counters);
	assert_true(counters.cut >= 2000);
	kit_end(&kit);
	kit_close(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_of_the_mail_itself_are_fields),
		cmocka_unit_test(addresses_in_texts_are_found),
		cmocka_unit_test(what_a_mail_says_is_no_file_but_looked_into),
		cmocka_unit_test(an_attachment_without_a_name_and_an_empty_one_are_files),
		cmocka_unit_test(what_is_forwarded_is_read_like_the_mail),
		cmocka_unit_test(a_mail_that_breaks_off_has_no_size),
		cmocka_unit_test(files_of_a_form_are_those_with_a_name),
		cmocka_unit_test(a_form_that_breaks_off_has_no_size),
		cmocka_unit_test(an_answer_is_named_by_its_header_or_else_by_the_path),
		cmocka_unit_test(an_answer_that_breaks_off_has_no_size),
		cmocka_unit_test(pieces_that_follow_each_other_are_one_file),
		cmocka_unit_test(pieces_that_do_not_fit_stay_pieces),
		cmocka_unit_test(http_start_is_normalised),
		cmocka_unit_test(announced_data_is_a_file_whatever_it_looks_like),
		cmocka_unit_test(what_was_not_asked_for_is_not_expected),
		cmocka_unit_test(an_announcement_is_over_after_a_minute),
		cmocka_unit_test(a_restarted_file_has_no_size),
		cmocka_unit_test(a_port_elsewhere_is_a_bounce),
		cmocka_unit_test(replies_of_a_command_are_seen_together),
		cmocka_unit_test(announcements_of_two_transports_at_one_place_stand_beside_each_other),
		cmocka_unit_test(announcements_are_bounded_and_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
