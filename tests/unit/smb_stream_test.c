/* SPDX-License-Identifier: Apache-2.0 */
/* SMB in streams that are not as they should be. */
#include "tests/unit/smb_kit.h"

#include "quaywatch/digest.h"

static void a_session_of_netbios_may_go_before(void **unused)
{
	struct talk *talk = talk_new();
	struct kit kit;
	char request[73] = "\x81\0\0\x44 ";

	memset(request + 5, 'C', 32);
	request[38] = ' ';
	memset(request + 39, 'A', 32);
	forge_blob_put(&talk->blob, request, 72);
	say(talk, QW_TO_SERVER);
	forge_blob_put(&talk->blob, "\x82\0\0\0", 4);
	say(talk, QW_TO_CLIENT);
	connect_tree(talk, "\\\\srv\\yard", DISK, 0);
	forge_blob_put(&talk->blob, "\x85\0\0\0", 4);
	say(talk, QW_TO_SERVER);
	open_file(talk, "a", FILE_1, 0);
	write_file(talk, FILE_1, 0, "data");
	kit_play_all_ways(&kit, QW_PROTO_TCP, 139, talk->piece);
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_DATA), "data");
	kit_close(&kit);
	talk_free(talk);
}

static void strange_bytes_are_passed_over_up_to_the_next_message(void **unused)
{
	struct talk *talk = talk_new();
	struct kit kit;

	connect_tree(talk, "\\\\srv\\yard", DISK, 0);
	forge_blob_put(&talk->blob, "\0\0\0\x09 no SMB \0\0", 15);
	say(talk, QW_TO_SERVER);
	open_file(talk, "a", FILE_1, 0);
	write_file(talk, FILE_1, 0, "data");
	kit_play_all_ways(&kit, QW_PROTO_TCP, PORT, talk->piece);
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_DATA), "data");
	kit_close(&kit);
	talk_free(talk);
}

static void lost_bytes_cost_a_file_its_digest_and_no_more(void **unused)
{
	struct talk *talk = talk_new();
	const struct qw_message_sink sink = {NULL, NULL};
	uint8_t digest[QW_MD5_BYTES];
	struct kit kit;

	connect_tree(talk, "\\\\srv\\yard", DISK, 0);
	open_file(talk, "a", FILE_1, 0);
	write_file(talk, FILE_1, 0, "one two three");
	size_t cut = talk->piece[talk->pieces - 1].len - 9; /* behind "one " */
	kit_open(&kit, QW_PROTO_TCP, PORT);
	qw_parser_pool_want(kit.pool, QW_DIGEST_MD5);
	for (size_t i = 0; i + 1 < talk->pieces; i++)
		kit_feed(&kit, talk->piece[i].direction, talk->piece[i].data, talk->piece[i].len);
	const uint8_t *last = talk->piece[talk->pieces - 1].data;
	kit_feed(&kit, QW_TO_SERVER, last, cut);
	qw_parser_gap(kit.pool, &kit.flow, QW_TO_SERVER, 4, &sink);
	kit_feed(&kit, QW_TO_SERVER, last + cut + 4, 5);
	close_file(talk, FILE_1);
	kit_feed(&kit, QW_TO_SERVER, talk->piece[talk->pieces - 1].data, talk->piece[talk->pieces - 1].len);
	qw_md5("one two three", 13, digest);
	assert_false(kit_sighted(&kit, QW_SIGHT_MD5, digest, sizeof(digest)));
	assert_string_equal(kit_nth(&kit, QW_BUFFER_FILE_DATA, 0), "one ");
	assert_string_equal(kit_nth(&kit, QW_BUFFER_FILE_DATA, 1), "three");
	kit_close(&kit);
	talk_free(talk);
}

static void what_is_encrypted_is_passed_over_and_then_left_alone(void **unused)
{
	static const char sealed[] = "\0\0\0\x34\xfdSMB0123456789abcdefnonce-nonce-noncwhatever it is 1234";
	struct talk *talk = talk_new();
	struct kit kit;

	connect_tree(talk, "\\\\srv\\yard", DISK, 0);
	for (int i = 0; i < QW_SMB_ENCRYPTED_ROW - 1; i++) {
		forge_blob_put(&talk->blob, sealed, 56);
		say(talk, QW_TO_SERVER);
	}
	open_file(talk, "a", FILE_1, 0);
	write_file(talk, FILE_1, 0, "plain");
	kit_play_all_ways(&kit, QW_PROTO_TCP, PORT, talk->piece);
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_DATA), "plain");
	kit_close(&kit);
	for (int i = 0; i < 2 * QW_SMB_ENCRYPTED_ROW; i++) {
		forge_blob_put(&talk->blob, sealed, 56);
		say(talk, i % 2 ? QW_TO_SERVER : QW_TO_CLIENT);
	}
	kit_open(&kit, QW_PROTO_TCP, PORT);
	kit_play(&kit, talk->piece, 0);
	assert_true(kit.flow.flags & QW_FLOW_ENCRYPTED);
	kit_close(&kit);
	talk_free(talk);
}

static void files_and_trees_are_bounded_and_counted(void **unused)
{
	struct talk *talk = talk_new();
	struct qw_parser_counters counters;
	struct kit kit;

	for (int i = 0; i < QW_SMB_TREES + 1; i++)
		connect_tree(talk, "\\\\srv\\yard", DISK, 0);
	for (uint16_t i = 0; i < QW_SMB_FILES + 2; i++) {
		open_file(talk, "a", i, 0);
		if (i == 0)
			write_file(talk, i, 0, "of the oldest");
	}
	kit_open(&kit, QW_PROTO_TCP, PORT);
	kit_play(&kit, talk->piece, 0);
	qw_parser_counters(kit.pool, &counters);
	assert_int_equal(counters.cut, 1 + 2);
	assert_string_equal(kit_text(&kit, QW_BUFFER_FILE_DATA), "of the oldest");
	kit_close(&kit);
	talk_free(talk);
}

/* Larger than what is gathered, and in one message: it goes on to its file as it comes. */
static void large_writes_are_not_gathered(void **unused)
{
	enum { LARGE = 100000 };
	struct talk *talk = talk_new();
	struct qw_parser_counters counters;
	uint8_t digest[QW_MD5_BYTES];
	char *data = malloc(LARGE + 1);
	struct kit kit;

	assert_non_null(data);
	for (int i = 0; i < LARGE; i++)
		data[i] = (char)('a' + i % 23);
	data[LARGE] = 0;
	connect_tree(talk, "\\\\srv\\yard", DISK, 0);
	open_file(talk, "a", FILE_1, 0);
	write_file(talk, FILE_1, 0, data);
	close_file(talk, FILE_1);
	kit_open(&kit, QW_PROTO_TCP, PORT);
	qw_parser_pool_want(kit.pool, QW_DIGEST_MD5);
	kit_play(&kit, talk->piece, 1460);
	qw_md5(data, LARGE, digest);
	assert_true(kit_sighted(&kit, QW_SIGHT_MD5, digest, sizeof(digest)));
	qw_parser_counters(kit.pool, &counters);
	assert_int_equal(counters.cut, 0);
	kit_close(&kit);
	free(data);
	talk_free(talk);
}

static void only_smb_is_taken(void **unused)
{
	static const struct {
		const char *data;
		size_t len;
		int sure;
	} cases[] = {
		{"\0\0\0\x40\xfeSMB", 8, 1}, {"\0\0\0\x40\xffSMB", 8, 1}, {"\0\0\0\x40\xfdSMB", 8, 1},
		{"\0\0\0\x40\xfeSM", 7, -1}, {"\0\0\0\x40\xfbSMB", 8, 0}, {"\0\0\0\x40\xfeSMA", 8, 0},
		{"\0\0\0\x03\xfeSMB", 8, 0}, {"\x85\0\0\0", 4, -1},	  {"\x85\0\0\0\0\0\0\x40\xfeSMB", 12, 1},
		{"\x82\0\0\0GET ", 8, 0},    {"\x81\0\0\x45 CCCC", 9, 0},  {"\1\0\0\x40\xfeSMB", 8, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (qw_netbios_probe((const uint8_t *)cases[i].data, cases[i].len) != cases[i].sure)
			fail_msg("case %zu", i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_of_netbios_may_go_before),
		cmocka_unit_test(strange_bytes_are_passed_over_up_to_the_next_message),
		cmocka_unit_test(lost_bytes_cost_a_file_its_digest_and_no_more),
		cmocka_unit_test(what_is_encrypted_is_passed_over_and_then_left_alone),
		cmocka_unit_test(files_and_trees_are_bounded_and_counted),
		cmocka_unit_test(large_writes_are_not_gathered),
		cmocka_unit_test(only_smb_is_taken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
