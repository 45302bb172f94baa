/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/smb_kit.h"

#include "quaywatch/digest.h"
#include "sensor/protocol/smb_text.h"

/* ---- what is found */

static void logons_trees_and_files_are_found(void **unused)
{
	struct talk *talk = talk_new();
	struct forge_smb2 request = ask(1);
	struct kit kit;

	begin(talk);
	forge_smb2_session(&talk->blob, &request, "PORT", "crane");
	send_request(talk);
	connect_tree(talk, "\\\\srv\\yard", DISK, 0);
	open_file(talk, "plans\\new.txt", FILE_1, 0);
	write_file(talk, FILE_1, 0, "first, ");
	write_file(talk, FILE_1, 7, "second");
	close_file(talk, FILE_1);
	kit_play_all_ways(&kit, QW_PROTO_TCP, PORT, talk->piece);
	assert_int_equal(kit.flow.app, QW_APP_SMB);
	assert_string_equal(kit_text(&kit, QW_BUFFER_SMB_NTLMSSP_USER), "crane");
	assert_string_equal(kit_text(&kit, QW_BUFFER_SMB_NTLMSSP_DOMAIN), "PORT");
	assert_string_equal(kit_text(&kit, QW_BUFFER_SMB_SHARE), "\\\\srv\\yard");
	assert_null(kit_text(&kit, QW_BUFFER_SMB_NAMED_PIPE));
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_NAME), "plans\\new.txt");
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_DATA), "first, second");
	assert_null(kit_nth(&kit, QW_BUFFER_FILE_DATA, 1));
	assert_int_equal(number_of(&kit, QW_BUFFER_SMB_VERSION, 0), 2);
	kit_close(&kit);
	talk_free(talk);
}

static void a_pipe_is_what_the_server_calls_one(void **unused)
{
	struct talk *talk = talk_new();
	struct kit kit;

	connect_tree(talk, "\\\\srv\\strange", PIPE, 0);
	kit_play_all_ways(&kit, QW_PROTO_TCP, PORT, talk->piece);
	assert_string_equal(kit_text(&kit, QW_BUFFER_SMB_NAMED_PIPE), "\\\\srv\\strange");
	assert_null(kit_text(&kit, QW_BUFFER_SMB_SHARE));
	kit_close(&kit);
	talk_free(talk);

	talk = talk_new();
	connect_tree(talk, "\\\\srv\\secret", DISK, REFUSED);
	kit_play_all_ways(&kit, QW_PROTO_TCP, PORT, talk->piece);
	assert_string_equal(kit_text(&kit, QW_BUFFER_SMB_SHARE), "\\\\srv\\secret");
	kit_close(&kit);
	talk_free(talk);

	/* Nobody answers: its name tells. */
	talk = talk_new();
	begin(talk);
	forge_smb2_tree(&talk->blob, &(struct forge_smb2){.message = 1}, "\\\\srv\\ipc$");
	send_request(talk);
	kit_play_all_ways(&kit, QW_PROTO_TCP, PORT, talk->piece);
	assert_string_equal(kit_text(&kit, QW_BUFFER_SMB_NAMED_PIPE), "\\\\srv\\ipc$");
	kit_close(&kit);
	talk_free(talk);
}

static void a_file_that_is_read_ends_with_its_size(void **unused)
{
	struct talk *talk = talk_new();
	uint8_t digest[QW_SHA256_BYTES];
	struct kit kit;

	connect_tree(talk, "\\\\srv\\yard", DISK, 0);
	open_file(talk, "a", FILE_1, 11);
	ask_read(talk, FILE_1, 0, 6);
	ask_read(talk, FILE_1, 6, 6);
	answer_read(talk, 0, "hello ");
	answer_read(talk, 6, "world");
	kit_open(&kit, QW_PROTO_TCP, PORT);
	qw_parser_pool_want(kit.pool, QW_DIGEST_SHA256);
	kit_play(&kit, talk->piece, 0);
	qw_sha256("hello world", 11, digest);
	assert_true(kit_sighted(&kit, QW_SIGHT_SHA256, digest, sizeof(digest)));
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_DATA), "hello world");
	kit_close(&kit);
	talk_free(talk);
}

static void answers_that_overtake_one_another_are_put_in_order(void **unused)
{
	struct talk *talk = talk_new();
	uint8_t digest[QW_MD5_BYTES];
	struct kit kit;

	connect_tree(talk, "\\\\srv\\yard", DISK, 0);
	open_file(talk, "a", FILE_1, 12);
	for (uint64_t at = 0; at < 12; at += 4)
		ask_read(talk, FILE_1, at, 4);
	answer_read(talk, 8, "efgh");
	answer_read(talk, 4, "abcd");
	answer_read(talk, 0, "0123");
	kit_open(&kit, QW_PROTO_TCP, PORT);
	qw_parser_pool_want(kit.pool, QW_DIGEST_MD5);
	kit_play(&kit, talk->piece, 0);
	qw_md5("0123abcdefgh", 12, digest);
	assert_true(kit_sighted(&kit, QW_SIGHT_MD5, digest, sizeof(digest)));
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_DATA), "0123abcdefgh");
	kit_close(&kit);
	talk_free(talk);
}

static void what_is_written_over_is_seen_in_both_versions(void **unused)
{
	struct talk *talk = talk_new();
	struct kit kit;

	connect_tree(talk, "\\\\srv\\yard", DISK, 0);
	open_file(talk, "a", FILE_1, 0);
	write_file(talk, FILE_1, 0, "a harmless thing");
	write_file(talk, FILE_1, 2, "harmful  ");
	write_file(talk, FILE_1, 2, "harmful  "); /* nothing new */
	close_file(talk, FILE_1);
	kit_play_all_ways(&kit, QW_PROTO_TCP, PORT, talk->piece);
	assert_string_equal(kit_nth(&kit, QW_BUFFER_FILE_DATA, 0), "a harmless thing");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_FILE_DATA, 1), "a harmful  thing");
	assert_null(kit_nth(&kit, QW_BUFFER_FILE_DATA, 2));
	kit_close(&kit);
	talk_free(talk);
}

static void data_behind_a_hole_are_seen_apart(void **unused)
{
	struct talk *talk = talk_new();
	uint8_t digest[QW_MD5_BYTES];
	struct kit kit;

	connect_tree(talk, "\\\\srv\\yard", DISK, 0);
	open_file(talk, "log", FILE_1, 0);
	write_file(talk, FILE_1, 0, "begin");
	write_file(talk, FILE_1, 900, "far ");
	write_file(talk, FILE_1, 904, "away");
	close_file(talk, FILE_1);
	kit_open(&kit, QW_PROTO_TCP, PORT);
	qw_parser_pool_want(kit.pool, QW_DIGEST_MD5);
	kit_play(&kit, talk->piece, 0);
	assert_string_equal(kit_nth(&kit, QW_BUFFER_FILE_DATA, 0), "begin");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_FILE_DATA, 1), "far away");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_FILE_NAME, 1), "log");
	qw_md5("far away", 8, digest); /* no file's */
	assert_false(kit_sighted(&kit, QW_SIGHT_MD5, digest, sizeof(digest)));
	kit_close(&kit);
	talk_free(talk);
}

static void data_of_a_write_stand_where_their_offset_says(void **unused)
{
	struct talk *talk = talk_new();
	struct kit kit;

	connect_tree(talk, "\\\\srv\\yard", DISK, 0);
	open_file(talk, "a", FILE_1, 0);
	begin(talk);
	forge_smb2_write(&talk->blob, &(struct forge_smb2){.message = 9, .tree = TREE}, FILE_1, 0, "....infected!!", 14);
	talk->blob.at[4 + 64 + 2] += 4; /* offset */
	talk->blob.at[4 + 64 + 4] = 8;  /* length */
	send_request(talk);
	write_file(talk, FILE_1, 8, " twice");
	kit_play_all_ways(&kit, QW_PROTO_TCP, PORT, talk->piece);
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_DATA), "infected twice");
	kit_close(&kit);
	talk_free(talk);
}

static void a_compound_names_its_file_once(void **unused)
{
	struct talk *talk = talk_new();
	struct forge_smb2 first = ask(10), second = ask(11), third = ask(12);
	struct kit kit;

	connect_tree(talk, "\\\\srv\\yard", DISK, 0);
	second.related = third.related = true;
	begin(talk);
	forge_smb2_create(&talk->blob, &first, "drop.exe");
	forge_smb2_write(&talk->blob, &second, FORGE_SMB_ALL_ONES, 0, "MZ payload", 10);
	forge_smb2_close(&talk->blob, &third, FORGE_SMB_ALL_ONES);
	send_request(talk);
	kit_play_all_ways(&kit, QW_PROTO_TCP, PORT, talk->piece);
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_NAME), "drop.exe");
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_DATA), "MZ payload");
	kit_close(&kit);
	talk_free(talk);
}

/* ---- named pipes */

static const uint8_t IFACE[1][16] = {
	{0x36, 0x7a, 0xbb, 0x81, 0x98, 0x44, 0x35, 0xf1, 0xad, 0x32, 0x98, 0xf0, 0x38, 0x00, 0x10, 0x03}};

static struct forge_blob pdu; /* too large for the stack */

static void bind_pipe(struct talk *talk)
{
	const struct forge_pdu head = {.flags = FORGE_PDU_WHOLE, .call = 1};
	struct forge_smb2 asks = ask(20), reads = ask(21), replies = answer(21, 0);
	const uint16_t accepted = 0;

	pdu.len = 0;
	forge_pdu_bind(&pdu, &head, IFACE, 2, 1);
	begin(talk);
	forge_smb2_write(&talk->blob, &asks, FILE_1, 0, pdu.at, pdu.len);
	send_request(talk);
	begin(talk);
	forge_smb2_read(&talk->blob, &reads, FILE_1, 0, 1024);
	send_request(talk);
	pdu.len = 0;
	forge_pdu_bind_answer(&pdu, &head, &accepted, 1);
	begin(talk);
	forge_smb2_read_answer(&talk->blob, &replies, pdu.at, pdu.len);
	send_answer(talk);
}

static void transceive(struct talk *talk)
{
	const struct forge_pdu head = {.flags = FORGE_PDU_WHOLE, .call = 2};
	struct forge_smb2 asks = ask(22), replies = answer(22, 0);

	pdu.len = 0;
	forge_pdu_request(&pdu, &head, 0, 12, "create", 6);
	begin(talk);
	forge_smb2_transceive(&talk->blob, &asks, FILE_1, pdu.at, pdu.len);
	send_request(talk);
	pdu.len = 0;
	forge_pdu_response(&pdu, &head, 0, "handle", 6);
	begin(talk);
	forge_smb2_transceive(&talk->blob, &replies, FILE_1, pdu.at, pdu.len);
	send_answer(talk);
}

static void calls_through_a_pipe_are_found(void **unused)
{
	struct talk *talk = talk_new();
	struct kit kit;

	connect_tree(talk, "\\\\srv\\IPC$", PIPE, 0);
	open_file(talk, "svcctl", FILE_1, 0);
	bind_pipe(talk);
	transceive(talk);
	close_file(talk, FILE_1);
	kit_play_all_ways(&kit, QW_PROTO_TCP, PORT, talk->piece);
	assert_memory_equal(kit_text(&kit, QW_BUFFER_DCE_IFACE), IFACE[0], 16);
	assert_int_equal(number_of(&kit, QW_BUFFER_DCE_OPNUM, 0), 12);
	assert_int_equal(number_of(&kit, QW_BUFFER_DCE_OPNUM, 1), 12);
	assert_string_equal(kit_nth(&kit, QW_BUFFER_DCE_STUB_DATA, 0), "create");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_DCE_STUB_DATA, 1), "handle");
	assert_null(kit_text(&kit, QW_BUFFER_FILE_DATA));
	kit_close(&kit);
	talk_free(talk);
}

static void a_pipe_whose_tree_was_not_seen_is_known_by_its_data(void **unused)
{
	struct talk *talk = talk_new();
	struct kit kit;

	bind_pipe(talk);
	transceive(talk);
	kit_play_all_ways(&kit, QW_PROTO_TCP, PORT, talk->piece);
	assert_string_equal(kit_nth(&kit, QW_BUFFER_DCE_STUB_DATA, 1), "handle");
	assert_null(kit_text(&kit, QW_BUFFER_FILE_DATA));
	kit_close(&kit);
	talk_free(talk);
}

/* ---- SMB 1 */

static void smb1(struct talk *talk, bool response, uint8_t command, uint16_t message, const void *words,
		 size_t words_len, const void *bytes, size_t bytes_len)
{
	begin(talk);
	forge_smb1(&talk->blob, command, response, message, TREE, words, words_len, bytes, bytes_len);
	forge_smb_end(&talk->blob);
	say(talk, response ? QW_TO_CLIENT : QW_TO_SERVER);
}

#define SMB1(talk, response, command, message, words, bytes) \
	smb1(talk, response, command, message, words, sizeof(words) - 1, bytes, sizeof(bytes) - 1)

/* Words of a tree connect, an NT create, its answer (FID 0x4001, a disk file of 8 bytes), a write of 8 bytes at 0. */
#define TREE_WORDS "\xff\0\0\0\0\0\1\0"
#define CREATE_WORDS \
	"\xff\0\0\0\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define CREATED_WORDS                                                                     \
	"\xff\0\0\0\0\1\x40\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" \
	"\0\0\0\0\0\0\0\0\0\0\0\0\x08\0\0\0\0\0\0\0\0\0\0\0\0"
#define WRITE_WORDS(after_offset, offset) \
	after_offset "\1\x40\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x08\0" offset "\0\0\0\0"

static void smb1_files_are_found_wherever_the_data_stand(void **unused)
{
	struct talk *talk = talk_new();
	struct kit kit;

	SMB1(talk, false, 0x75, 1, TREE_WORDS, "\0\\\0\\\0s\0\\\0y\0\0\0?????\0");
	SMB1(talk, true, 0x75, 1, "\xff\0\0\0\0\0", "A:\0N\0T\0");
	SMB1(talk, false, 0xa2, 2, CREATE_WORDS, "\0\\\0a\0.\0b\0\0\0");
	SMB1(talk, true, 0xa2, 2, CREATED_WORDS, "");
	/* The data stand where their offset says, behind padding of any length: 32 + 1 + 28 + 2 + 5 = 68. */
	SMB1(talk, false, 0x2f, 3, WRITE_WORDS("\xff\0\0\0", "\x44\0"), "12345infected");
	SMB1(talk, false, 0x04, 4, "\1\x40\0\0\0\0", "");
	kit_play_all_ways(&kit, QW_PROTO_TCP, 139, talk->piece);
	assert_string_equal(kit_text(&kit, QW_BUFFER_SMB_SHARE), "\\\\s\\y");
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_NAME), "\\a.b");
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_DATA), "infected");
	assert_int_equal(number_of(&kit, QW_BUFFER_SMB_VERSION, 0), 1);
	kit_close(&kit);
	talk_free(talk);
}

static void a_chain_of_commands_is_followed(void **unused)
{
	struct talk *talk = talk_new();
	struct kit kit;
	/* A write, and behind its data, at 32 + 1 + 28 + 2 + 8 = 71, a write of four more at 8. */
	static const char bytes[] = "infected"
				    "\x0e\xff\0\0\0\1\x40\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\4\0\x66\0\0\0\0\0"
				    "\4\0more";

	SMB1(talk, false, 0x2f, 3, WRITE_WORDS("\x2f\0\x47\0", "\x3f\0"), bytes);
	SMB1(talk, false, 0x04, 4, "\1\x40\0\0\0\0", "");
	kit_play_all_ways(&kit, QW_PROTO_TCP, PORT, talk->piece);
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_DATA), "infectedmore");
	kit_close(&kit);
	talk_free(talk);
}

static void the_first_answer_in_smb2_is_of_what_began_in_smb1(void **unused)
{
	struct talk *talk = talk_new();
	struct forge_smb2 reply = answer(0, 0), asks = ask(1);
	struct kit kit;

	SMB1(talk, false, 0x72, 1, "", "\2NT LM 0.12\0\2SMB 2.???\0");
	begin(talk);
	forge_smb2(&talk->blob, &reply, 0, "A\0", 2);
	send_answer(talk);
	begin(talk);
	forge_smb2(&talk->blob, &asks, 0, "$\0", 2);
	send_request(talk);
	kit_play_all_ways(&kit, QW_PROTO_TCP, PORT, talk->piece);
	assert_int_equal(number_of(&kit, QW_BUFFER_SMB_VERSION, 0), 1);
	assert_int_equal(number_of(&kit, QW_BUFFER_SMB_VERSION, 1), 1);
	assert_int_equal(number_of(&kit, QW_BUFFER_SMB_VERSION, 2), 2);
	kit_close(&kit);
	talk_free(talk);
}

static void names_become_utf8(void **unused)
{
	static const uint8_t name[] = {'a', 0, 0xfc, 0, 0x16, 4, 0x3d, 0xd8, 0xa2, 0xde, 0, 0, 'x', 0};
	char memory[32], tiny[3];
	struct qw_text text;

	qw_text_init(&text, memory, sizeof(memory));
	qw_smb_text(&text, qw_slice(name, sizeof(name)), true);
	assert_string_equal(qw_text_string(&text), "aü\xd0\x96🚢");
	qw_text_init(&text, tiny, sizeof(tiny));
	qw_smb_text(&text, qw_slice("abcd\0e", 6), false);
	assert_true(text.cut && text.len == 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logons_trees_and_files_are_found),
		cmocka_unit_test(a_pipe_is_what_the_server_calls_one),
		cmocka_unit_test(a_file_that_is_read_ends_with_its_size),
		cmocka_unit_test(answers_that_overtake_one_another_are_put_in_order),
		cmocka_unit_test(what_is_written_over_is_seen_in_both_versions),
		cmocka_unit_test(data_behind_a_hole_are_seen_apart),
		cmocka_unit_test(data_of_a_write_stand_where_their_offset_says),
		cmocka_unit_test(a_compound_names_its_file_once),
		cmocka_unit_test(calls_through_a_pipe_are_found),
		cmocka_unit_test(a_pipe_whose_tree_was_not_seen_is_known_by_its_data),
		cmocka_unit_test(smb1_files_are_found_wherever_the_data_stand),
		cmocka_unit_test(a_chain_of_commands_is_followed),
		cmocka_unit_test(the_first_answer_in_smb2_is_of_what_began_in_smb1),
		cmocka_unit_test(names_become_utf8),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
