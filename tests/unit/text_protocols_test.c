/* SPDX-License-Identifier: Apache-2.0 */
/* SSH, SMTP and FTP, and what the pool does around them. */
#include "tests/unit/protocol_kit.h"

#define COOKIE "cccccccccccccccc"
#define LIST(text) "\0\0\0\x03" text
#define KEXINIT                                                                                                        \
	"\0\0\0\x5c\x05\x14" COOKIE LIST("kex") LIST("hst") LIST("c2s") LIST("s2c") LIST("mcs") LIST("msc") LIST("zcs")    \
	LIST("zsc") "\0\0\0\0" "\0\0\0\0" "\0\0\0\0\0" "ppppp"

static void ssh_is_the_same_however_it_is_cut(void **state)
{
	static const struct kit_piece pieces[] = {
		KIT_REPLY("welcome\r\nSSH-2.0-OpenSSH_9.2 Debian\r\n" KEXINIT),
		KIT_SEND("SSH-2.0-crane\r\n" KEXINIT),
		{0}};
	struct kit kit;
	kit_play_all_ways(&kit, QW_PROTO_TCP, 22, (const struct kit_piece[]){pieces[1], pieces[0], {0}});
	assert_string_equal(kit_nth(&kit, QW_BUFFER_SSH_SOFTWARE, 0), "crane");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_SSH_SOFTWARE, 1), "OpenSSH_9.2");
	assert_string_equal(kit_text(&kit, QW_BUFFER_SSH_PROTO), "2.0");
	assert_string_equal(kit_text(&kit, QW_BUFFER_SSH_HASSH_STRING), "kex;c2s;mcs;zcs");
	assert_string_equal(kit_text(&kit, QW_BUFFER_SSH_HASSH_SERVER_STRING), "kex;s2c;msc;zsc");
	assert_string_equal(kit_text(&kit, QW_BUFFER_SSH_HASSH), "5d8c5d71ec2ebaac0326d77cf60d147a");
	kit_close(&kit);
}

static void a_mail_is_the_same_however_it_is_cut(void **state)
{
	static const struct kit_piece pieces[] = {
		KIT_REPLY("220 mail.example ESMTP\r\n"),
		KIT_SEND("EHLO gate.example\r\n"),
		KIT_REPLY("250-mail\r\n250 OK\r\n"),
		KIT_SEND("MAIL FROM:<a@b.example> SIZE=10\r\nRCPT TO:<c@d.example>\r\nRCPT TO: <e@f.example>\r\nDATA\r\n"),
		KIT_REPLY("250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n"),
		KIT_SEND("Subject: x\r\nContent-Type: multipart/mixed;\r\n boundary=\"bb\"\r\n\r\npreamble\r\n"
			 "--bb\r\nContent-Type: text/plain; name=\"n.txt\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
			 "a=3Db=\r\nc\r\n..dot\r\n"
			 "--bb\r\nContent-Disposition: attachment; filename=m.bin\r\nContent-Transfer-Encoding: Base64\r\n\r\n"
			 "Y3Jh\r\nbmUh\r\n--bb--\r\nepilogue\r\n.\r\n"),
		KIT_REPLY("250 queued\r\n"),
		KIT_SEND("MAIL FROM:<g@h.example>\r\n"),
		{0}};
	struct kit kit;
	kit_play_all_ways(&kit, QW_PROTO_TCP, 25, pieces);
	assert_int_equal(kit.flow.app, QW_APP_SMTP);
	assert_string_equal(kit_text(&kit, QW_BUFFER_SMTP_HELO), "gate.example");
	assert_string_equal(kit_text(&kit, QW_BUFFER_SMTP_MAIL_FROM), "<a@b.example>");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_SMTP_RCPT_TO, 1), "<e@f.example>");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_FILE_NAME, 0), "n.txt");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_FILE_DATA, 0), "a=bc\r\n.dot");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_FILE_NAME, 1), "m.bin");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_FILE_DATA, 1), "crane!");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_SMTP_MAIL_FROM, 1), "<g@h.example>");
	assert_int_equal(kit.last, 1);
	kit_close(&kit);
}

static void chunked_mail_is_read_by_its_length(void **state)
{
	static const struct kit_piece pieces[] = {
		KIT_SEND("EHLO x\r\nMAIL FROM:<a@b>\r\nBDAT 14\r\nSubject: x\r\n\r\nBDAT 5 LAST\r\nQUIT\nMAIL FROM:<z@z>\r\n"),
		{0}};
	struct kit kit;
	kit_play_all_ways(&kit, QW_PROTO_TCP, 25, pieces);
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_DATA), "QUIT");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_SMTP_MAIL_FROM, 1), "<z@z>");
	kit_close(&kit);
}

static void refused_data_leaves_commands_commands(void **state)
{
	static const struct kit_piece pieces[] = {
		KIT_SEND("EHLO x\r\nMAIL FROM:<a@b>\r\nDATA\r\n"), KIT_REPLY("250 a\r\n250 b\r\n503 no\r\n"),
		KIT_SEND("MAIL FROM:<c@d>\r\n"), {0}};
	struct kit kit;
	kit_open(&kit, QW_PROTO_TCP, 25);
	kit_play(&kit, pieces, 0);
	assert_string_equal(kit_nth(&kit, QW_BUFFER_SMTP_MAIL_FROM, 1), "<c@d>");
	kit_close(&kit);
}

static void after_starttls_the_flow_is_looked_at_anew(void **state)
{
	struct kit kit;
	kit_open(&kit, QW_PROTO_TCP, 25);
	kit_feed(&kit, QW_TO_CLIENT, "220 x ESMTP\r\n", 13);
	kit_feed(&kit, QW_TO_SERVER, "EHLO a\r\nSTARTTLS\r\n", 18);
	kit_feed(&kit, QW_TO_CLIENT, "250 x\r\n", 7);
	kit_feed(&kit, QW_TO_CLIENT, "220 go\r\n", 8);
	assert_int_equal(kit.flow.app, QW_APP_SMTP);
	kit_feed(&kit, QW_TO_SERVER, "SSH-2.0-x\r\n", 11);
	assert_int_equal(kit.flow.app, QW_APP_SSH);
	kit_close(&kit);
}

static void ftp_is_the_same_however_it_is_cut(void **state)
{
	static const struct kit_piece pieces[] = {
		KIT_REPLY("220-Quay\r\n220 ready\r\n"), KIT_SEND("USER crane\r\n"), KIT_REPLY("331 Password?\r\n"),
		KIT_SEND("RETR\tload plan.txt\r\n"), {0}};
	struct kit kit;
	kit_play_all_ways(&kit, QW_PROTO_TCP, 21, pieces);
	assert_string_equal(kit_nth(&kit, QW_BUFFER_FTP_REPLY, 0), "Quay");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_FTP_REPLY, 2), "Password?");
	assert_string_equal(kit_text(&kit, QW_BUFFER_FTP_COMMAND), "USER");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_FTP_COMMAND_DATA, 1), "load plan.txt");
	kit_close(&kit);
}

static void a_banner_that_could_be_either_waits_for_the_client(void **state)
{
	struct kit kit;
	kit_open(&kit, QW_PROTO_TCP, 2121);
	kit_feed(&kit, QW_TO_CLIENT, "220 hello\r\n", 11);
	assert_int_equal(kit.flow.app, QW_APP_UNKNOWN);
	kit_feed(&kit, QW_TO_SERVER, "USER a\r\n", 8);
	kit_feed(&kit, QW_TO_CLIENT, "331 who\r\n", 9);
	assert_int_equal(kit.flow.app, QW_APP_FTP);
	/* what was held is read too */
	assert_string_equal(kit_text(&kit, QW_BUFFER_FTP_COMMAND), "USER");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_FTP_REPLY, 0), "hello");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_FTP_REPLY, 1), "who");
	kit_close(&kit);
}

static void a_pool_without_room_leaves_flows_without_parser(void **state)
{
	struct kit kit;
	struct qw_parser_pool *small;
	struct qw_parser_counters counters;
	const struct qw_message_sink sink = {&kit, kit_publish};
	kit_open(&kit, QW_PROTO_TCP, 21);
	struct qw_flow second = kit.flow;
	assert_int_equal(qw_parser_pool_new(&small, 2048), QW_OK);
	qw_parser_choose(small, &kit.flow, QW_TO_SERVER, (const uint8_t *)"USER a\r\n", 8);
	qw_parser_feed(&kit.flow, QW_TO_SERVER, (const uint8_t *)"USER a\r\n", 8, &sink);
	qw_parser_choose(small, &second, QW_TO_SERVER, (const uint8_t *)"USER a\r\n", 8);
	qw_parser_feed(&second, QW_TO_SERVER, (const uint8_t *)"USER a\r\n", 8, &sink);
	qw_parser_counters(small, &counters);
	assert_int_equal(counters.in_use, 1);
	assert_int_equal(counters.no_room, 1);
	assert_true(second.flags & QW_FLOW_NO_PARSER);
	qw_parser_end(small, &kit.flow);
	qw_parser_counters(small, &counters);
	assert_int_equal(counters.bytes, 0);
	qw_parser_pool_free(small);
	kit_close(&kit);
}

static void a_name_for_which_there_is_no_parser_settles_it(void **state)
{
	struct kit kit;
	kit_open(&kit, QW_PROTO_TCP, 102);
	kit.flow.app = QW_APP_S7COMM;
	kit_feed(&kit, QW_TO_SERVER, "GET / HTTP/1.0\r\n\r\n", 18);
	assert_true(kit.flow.flags & QW_FLOW_NO_PARSER);
	assert_int_equal(kit.flow.app, QW_APP_S7COMM);
	kit_close(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ssh_is_the_same_however_it_is_cut),
		cmocka_unit_test(a_mail_is_the_same_however_it_is_cut),
		cmocka_unit_test(chunked_mail_is_read_by_its_length),
		cmocka_unit_test(refused_data_leaves_commands_commands),
		cmocka_unit_test(after_starttls_the_flow_is_looked_at_anew),
		cmocka_unit_test(ftp_is_the_same_however_it_is_cut),
		cmocka_unit_test(a_banner_that_could_be_either_waits_for_the_client),
		cmocka_unit_test(a_pool_without_room_leaves_flows_without_parser),
		cmocka_unit_test(a_name_for_which_there_is_no_parser_settles_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
