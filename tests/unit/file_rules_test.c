/* SPDX-License-Identifier: Apache-2.0 */
/* Rules on files that SMB 1, SMB 2 and TFTP carry, read and written, through the whole engine; each with a near miss. */
#include "tests/unit/engine_kit.h"

#include <stdio.h>

#include "tests/forge/smb.h"

enum { SIDS = 11, RULES_MAX = 4096, BLOCK = 512, TFTP = 69, OF_CLIENT = 3000, OF_SERVER = 4000, BIG = 130 * 1024 };

static struct forge_blob blob; /* too large for the stack */

#define RULE(options, sid) "alert %s any any -> any any (" options "; sid:" #sid ";)\n"

/* What fits a file of this size and name, and what nearly does. */
static void open_rules(struct room *room, const char *app, unsigned size, const char *name, const char *extension)
{
	char rules[RULES_MAX];
	snprintf(rules, sizeof(rules),
		 RULE("filesize:>%u", 1) RULE("filesize:>%u", 2) RULE("filesize:%u", 3) RULE("filesize:<%u", 4) RULE("filestore", 5)
		 RULE("filename:\"%s\"; filesize:%u", 6) RULE("filename:\"%sx\"; filesize:%u", 7)
		 RULE("fileext:\"%s\"; filestore", 8) RULE("fileext:\"%sx\"; filestore", 9)
		 RULE("file.data; content:\"crane\"; filesize:%u", 10),
		 app, size - 1, app, size, app, size, app, size, app, app, name, size, app, name, size, app, extension, app,
		 extension, app, size);
	room_open(room, rules);
	room_begin(room);
}

static void close_rules(struct room *room, const uint64_t want[SIDS])
{
	room_run(room);
	for (size_t sid = 1; sid < SIDS; sid++)
		if (room->alerts[sid] != want[sid])
			fail_msg("sid %zu: %llu alerts, not %llu", sid, (unsigned long long)room->alerts[sid],
				 (unsigned long long)want[sid]);
	room_close(room);
}

static const uint64_t WHOLE[SIDS] = {0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1};
/* Something of it is missing: it is as large as it was seen at least, and no more is known. */
static const uint64_t BROKEN[SIDS] = {0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0};

/* ---- SMB 2 */

static void say(struct forge_talk *talk, enum forge_side side)
{
	forge_smb_end(&blob);
	forge_talk_say(talk, side, blob.at, blob.len, 0);
	forge_smb_begin(&blob);
}

static struct forge_smb2 head(bool response, uint64_t message)
{
	return (struct forge_smb2){.response = response, .message = message, .tree = 5};
}

static struct forge_talk open_smb2(struct room *room, const char *name, uint64_t size)
{
	struct forge_talk talk = room_talk(room);
	struct forge_smb2 ask = head(false, 1), reply = head(true, 1);

	forge_smb_begin(&blob);
	forge_smb2_tree(&blob, &ask, "\\\\srv\\yard");
	say(&talk, FORGE_CLIENT);
	forge_smb2_tree_answer(&blob, &reply, 1);
	say(&talk, FORGE_SERVER);
	ask.message = reply.message = 2;
	forge_smb2_create(&blob, &ask, name);
	say(&talk, FORGE_CLIENT);
	forge_smb2_create_answer(&blob, &reply, 9, size);
	say(&talk, FORGE_SERVER);
	return talk;
}

static void write_smb2(struct forge_talk *talk, uint64_t at, const void *data, size_t len)
{
	struct forge_smb2 ask = head(false, 10 + at);
	forge_smb2_write(&blob, &ask, 9, at, data, len);
	say(talk, FORGE_CLIENT);
}

static void close_smb2(struct forge_talk *talk)
{
	struct forge_smb2 ask = head(false, 3);
	forge_smb2_close(&blob, &ask, 9);
	say(talk, FORGE_CLIENT);
	forge_talk_close(talk);
}

static void a_file_written_over_smb2_has_name_and_size(void **state)
{
	struct room room;
	open_rules(&room, "smb", 17, "load.plan", "plan");
	struct forge_talk talk = open_smb2(&room, "bay\\load.plan", 0);
	write_smb2(&talk, 0, "the crane ", 10);
	write_smb2(&talk, 10, "is here", 7);
	close_smb2(&talk);
	close_rules(&room, WHOLE);
}

static void a_file_written_over_smb2_with_a_hole_has_no_size(void **state)
{
	struct room room;
	open_rules(&room, "smb", 17, "load.plan", "plan");
	struct forge_talk talk = open_smb2(&room, "bay\\load.plan", 0);
	write_smb2(&talk, 0, "the crane ", 10);
	write_smb2(&talk, 12, " here", 5);
	close_smb2(&talk);
	/* Its parts are two: each is a file that a rule may store. */
	static const uint64_t want[SIDS] = {0, 1, 0, 0, 0, 2, 0, 0, 2, 0, 0};
	close_rules(&room, want);
}

static void a_file_that_is_not_closed_has_no_size(void **state)
{
	struct room room;
	open_rules(&room, "smb", 17, "load.plan", "plan");
	struct forge_talk talk = open_smb2(&room, "bay\\load.plan", 0);
	write_smb2(&talk, 0, "the crane is here", 17);
	forge_talk_close(&talk);
	close_rules(&room, BROKEN);
}

static void a_file_read_over_smb2_is_as_large_as_the_server_says(void **state)
{
	struct room room;
	open_rules(&room, "smb", 17, "load.plan", "plan");
	struct forge_talk talk = open_smb2(&room, "bay\\load.plan", 17);
	for (uint64_t at = 0; at < 20; at += 10) {
		struct forge_smb2 ask = head(false, 10 + at), reply = head(true, 10 + at);
		forge_smb2_read(&blob, &ask, 9, at, 10);
		say(&talk, FORGE_CLIENT);
		forge_smb2_read_answer(&blob, &reply, at ? "is here" : "the crane ", at ? 7 : 10);
		say(&talk, FORGE_SERVER);
	}
	forge_talk_close(&talk);
	close_rules(&room, WHOLE);
}

/* Beyond what is kept of it nobody waits for pieces: its size is right all the same. */
static void a_large_file_has_its_size_whatever_order_it_comes_in(void **state)
{
	enum { PIECE = 10 * 1024, PIECES = BIG / PIECE };
	static char data[PIECE];
	struct room room;
	memset(data, 'x', sizeof(data));
	memcpy(data, "crane", 5);
	open_rules(&room, "smb", BIG, "load.plan", "plan");
	struct forge_talk talk = open_smb2(&room, "bay\\load.plan", 0);
	for (unsigned i = 0; i < PIECES - 2; i++)
		write_smb2(&talk, i * (uint64_t)PIECE, data, PIECE);
	write_smb2(&talk, (PIECES - 1) * (uint64_t)PIECE, data, PIECE);
	write_smb2(&talk, (PIECES - 2) * (uint64_t)PIECE, data, PIECE);
	close_smb2(&talk);
	close_rules(&room, WHOLE);
}

/* ---- SMB 1 */

#define TREE_WORDS "\xff\0\0\0\0\0\1\0"
#define CREATE_WORDS                                                                                                   \
	"\xff\0\0\0\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define CREATED_WORDS                                                                                                  \
	"\xff\0\0\0\0\1\x40\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"                   \
	"\0\0\0\0\0\0\0\0\0\0\0\0\x08\0\0\0\0\0\0\0\0\0\0\0\0"
#define WRITE_WORDS "\xff\0\0\0\1\x40\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x08\0\x40\0\0\0\0\0"
#define READ_WORDS "\xff\0\0\0\1\x40\0\0\0\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0"
/* Eight bytes, behind 32 + 1 + 24 + 2 + 1. */
#define ANSWER_WORDS "\xff\0\0\0\0\0\0\0\0\0\x08\0\x3c\0\0\0\0\0\0\0\0\0\0\0"

static void smb1(struct forge_talk *talk, bool response, uint8_t command, uint16_t message, const void *words, size_t words_len,
		 const void *bytes, size_t bytes_len)
{
	forge_smb_begin(&blob);
	forge_smb1(&blob, command, response, message, 5, words, words_len, bytes, bytes_len);
	forge_smb_end(&blob);
	forge_talk_say(talk, response ? FORGE_SERVER : FORGE_CLIENT, blob.at, blob.len, 0);
}

#define SMB1(talk, response, command, message, words, bytes)                                                           \
	smb1(talk, response, command, message, words, sizeof(words) - 1, bytes, sizeof(bytes) - 1)

static struct forge_talk open_smb1(struct room *room)
{
	struct forge_talk talk = room_talk(room);
	SMB1(&talk, false, 0x75, 1, TREE_WORDS, "\0\\\0\\\0s\0\\\0y\0\0\0?????\0");
	SMB1(&talk, true, 0x75, 1, "\xff\0\0\0\0\0", "A:\0N\0T\0");
	SMB1(&talk, false, 0xa2, 2, CREATE_WORDS, "\0\\\0a\0.\0b\0\0\0");
	SMB1(&talk, true, 0xa2, 2, CREATED_WORDS, "");
	return talk;
}

static void a_file_written_over_smb1_has_name_and_size(void **state)
{
	struct room room;
	open_rules(&room, "smb", 8, "a.b", "b");
	struct forge_talk talk = open_smb1(&room);
	SMB1(&talk, false, 0x2f, 3, WRITE_WORDS, "?a crane!");
	SMB1(&talk, false, 0x04, 4, "\1\x40\0\0\0\0", "");
	forge_talk_close(&talk);
	close_rules(&room, WHOLE);
}

static void a_file_read_over_smb1_is_as_large_as_the_server_says(void **state)
{
	struct room room;
	open_rules(&room, "smb", 8, "a.b", "b");
	struct forge_talk talk = open_smb1(&room);
	SMB1(&talk, false, 0x2e, 3, READ_WORDS, "");
	SMB1(&talk, true, 0x2e, 3, ANSWER_WORDS, "?a crane!");
	forge_talk_close(&talk);
	close_rules(&room, WHOLE);
}

static void a_file_read_in_part_over_smb1_has_no_size(void **state)
{
	struct room room;
	open_rules(&room, "smb", 5, "a.b", "b");
	struct forge_talk talk = open_smb1(&room);
	SMB1(&talk, false, 0x2e, 3, READ_WORDS, "");
	SMB1(&talk, true, 0x2e, 3, "\xff\0\0\0\0\0\0\0\0\0\5\0\x3c\0\0\0\0\0\0\0\0\0\0\0", "?crane");
	forge_talk_close(&talk);
	close_rules(&room, BROKEN);
}

/* ---- TFTP */

static void from_client(struct room *room, uint16_t to, const void *data, size_t len)
{
	forge_datagram(&room->capture, ROOM_CLIENT, OF_CLIENT, ROOM_SERVER, to, data, len);
}

static void from_server(struct room *room, uint16_t from, const void *data, size_t len)
{
	forge_datagram(&room->capture, ROOM_SERVER, from, ROOM_CLIENT, OF_CLIENT, data, len);
}

#define REQUEST(kind, options) "\0" kind "bay/load.plan\0octet\0" options
#define ACK(number) "\0\4\0" number
#define ASK(room, text) from_client(room, TFTP, text, sizeof(text) - 1)

/* A block of the file, of `len` bytes, whoever sends it. */
static void block(struct room *room, bool read, uint16_t number, size_t len, uint16_t server_port)
{
	static uint8_t data[4 + 2 * BLOCK];
	memset(data, 'x', sizeof(data));
	data[0] = 0, data[1] = 3, data[2] = (uint8_t)(number >> 8), data[3] = (uint8_t)number;
	memcpy(data + 4, "crane", len < 5 ? len : 5);
	if (read)
		from_server(room, server_port, data, 4 + len);
	else
		from_client(room, server_port, data, 4 + len);
}

static void a_file_read_over_tftp_has_its_name_in_the_flow_of_its_blocks(void **state)
{
	struct room room;
	open_rules(&room, "tftp", BLOCK + 5, "load.plan", "plan");
	ASK(&room, REQUEST("\1", ""));
	block(&room, true, 1, BLOCK, OF_SERVER);
	from_client(&room, OF_SERVER, ACK("\1"), 4);
	block(&room, true, 1, BLOCK, OF_SERVER); /* once more */
	block(&room, true, 2, 5, OF_SERVER);
	from_client(&room, OF_SERVER, ACK("\2"), 4);
	close_rules(&room, WHOLE);
}

static void a_file_written_over_tftp_begins_with_an_acknowledgement(void **state)
{
	struct room room;
	open_rules(&room, "tftp", BLOCK + 5, "load.plan", "plan");
	ASK(&room, REQUEST("\2", ""));
	from_server(&room, OF_SERVER, ACK("\0"), 4);
	block(&room, false, 1, BLOCK, OF_SERVER);
	from_server(&room, OF_SERVER, ACK("\1"), 4);
	block(&room, false, 2, 5, OF_SERVER);
	close_rules(&room, WHOLE);
}

static void blocks_of_another_size_are_as_agreed(void **state)
{
	static const char agreed[] = "\0\6blksize\0" "1024";
	struct room room;
	open_rules(&room, "tftp", BLOCK + 88, "load.plan", "plan"); /* less than one block */
	ASK(&room, REQUEST("\1", "blksize\0" "1428\0"));
	from_server(&room, OF_SERVER, agreed, sizeof(agreed));
	from_client(&room, OF_SERVER, ACK("\0"), 4);
	block(&room, true, 1, BLOCK + 88, OF_SERVER);
	close_rules(&room, WHOLE);
}

static void a_server_that_answers_from_its_own_port_is_followed_too(void **state)
{
	struct room room;
	open_rules(&room, "tftp", BLOCK + 5, "load.plan", "plan");
	ASK(&room, REQUEST("\1", ""));
	block(&room, true, 1, BLOCK, TFTP);
	block(&room, true, 2, 5, TFTP);
	close_rules(&room, WHOLE);
}

static void a_request_and_its_file_in_one_flow_are_one_transaction(void **state)
{
	struct room room;
	room_open(&room, "alert tftp any any -> any any (filename:\"load.plan\"; sid:1;)\n");
	room_begin(&room);
	ASK(&room, REQUEST("\1", ""));
	block(&room, true, 1, BLOCK, TFTP);
	block(&room, true, 2, 5, TFTP);
	ASK(&room, REQUEST("\1", "")); /* once more: another one */
	block(&room, true, 1, 5, TFTP);
	room_run(&room);
	assert_int_equal(room.alerts[1], 2);
	room_close(&room);
}

static void a_file_with_a_block_missing_has_no_size(void **state)
{
	struct room room;
	open_rules(&room, "tftp", BLOCK + 5, "load.plan", "plan");
	ASK(&room, REQUEST("\1", ""));
	block(&room, true, 1, BLOCK, OF_SERVER);
	block(&room, true, 3, 5, OF_SERVER);
	close_rules(&room, BROKEN);
}

static void a_file_that_breaks_off_is_told_as_far_as_it_came(void **state)
{
	struct room room;
	open_rules(&room, "tftp", 2 * BLOCK, "load.plan", "plan");
	ASK(&room, REQUEST("\1", ""));
	block(&room, true, 1, BLOCK, OF_SERVER);
	block(&room, true, 2, BLOCK, OF_SERVER);
	close_rules(&room, BROKEN);
}

static void the_last_block_before_a_silence_is_looked_into(void **state)
{
	enum { BLOCKS = 7 };
	uint8_t last[4 + BLOCK] = {0, 3, 0, BLOCKS + 1, 'l', 'i', 'f', 't', 'e', 'd'};
	struct room room;
	room_open(&room, "alert tftp any any -> any any (file.data; content:\"lifted\"; sid:1;)\n");
	room_begin(&room);
	ASK(&room, REQUEST("\1", ""));
	for (uint16_t number = 1; number <= BLOCKS; number++)
		block(&room, true, number, BLOCK, OF_SERVER);
	from_server(&room, OF_SERVER, last, sizeof(last));
	room_run(&room);
	assert_int_equal(room.alerts[1], 1);
	room_close(&room);
}

/* Whoever forges a request does not hide what comes to its port. */
static void what_is_no_tftp_is_not_taken_for_what_was_announced(void **state)
{
	static const char question[] = "\x12\x34\1\0\0\1\0\0\0\0\0\0\5crane\7example\0\0\1\0\1";
	struct room room;
	room_open(&room, "alert dns any any -> any any (dns.query; content:\"crane\"; sid:1;)\n"
			 "alert http any any -> any any (http.uri; content:\"/crane\"; sid:2;)\n");
	room_begin(&room);
	ASK(&room, REQUEST("\1", ""));
	from_server(&room, OF_SERVER, question, sizeof(question) - 1);
	struct forge_talk talk;
	forge_talk_init(&talk, &room.capture, ROOM_SERVER, 40000, ROOM_CLIENT, OF_CLIENT);
	forge_talk_open(&talk);
	forge_talk_text(&talk, FORGE_CLIENT, "GET /crane HTTP/1.1\r\nHost: a\r\n\r\n");
	forge_talk_close(&talk);
	room_run(&room);
	assert_int_equal(room.alerts[1], 1);
	assert_int_equal(room.alerts[2], 1);
	room_close(&room);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_written_over_smb2_has_name_and_size),
		cmocka_unit_test(a_file_written_over_smb2_with_a_hole_has_no_size),
		cmocka_unit_test(a_file_that_is_not_closed_has_no_size),
		cmocka_unit_test(a_file_read_over_smb2_is_as_large_as_the_server_says),
		cmocka_unit_test(a_large_file_has_its_size_whatever_order_it_comes_in),
		cmocka_unit_test(a_file_written_over_smb1_has_name_and_size),
		cmocka_unit_test(a_file_read_over_smb1_is_as_large_as_the_server_says),
		cmocka_unit_test(a_file_read_in_part_over_smb1_has_no_size),
		cmocka_unit_test(a_file_read_over_tftp_has_its_name_in_the_flow_of_its_blocks),
		cmocka_unit_test(a_file_written_over_tftp_begins_with_an_acknowledgement),
		cmocka_unit_test(blocks_of_another_size_are_as_agreed),
		cmocka_unit_test(a_server_that_answers_from_its_own_port_is_followed_too),
		cmocka_unit_test(a_request_and_its_file_in_one_flow_are_one_transaction),
		cmocka_unit_test(a_file_with_a_block_missing_has_no_size),
		cmocka_unit_test(a_file_that_breaks_off_is_told_as_far_as_it_came),
		cmocka_unit_test(the_last_block_before_a_silence_is_looked_into),
		cmocka_unit_test(what_is_no_tftp_is_not_taken_for_what_was_announced),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
