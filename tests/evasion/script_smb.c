/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script_smb - a file over SMB 1 and 2, read and written, and what is looked for cut in all
 * the places that the protocol allows: over writes, messages, compounds, chains, in any order.
 */
#include "tests/evasion/script.h"

#include <string.h>

#include "tests/forge/bytes.h"
#include "tests/forge/smb.h"

enum { TREE = 5, DISK = 1, FILE_1 = 9, FILE_2 = 11, BEFORE = 20, CUT = 26, ECHO = 13 };

/* The file's bytes: 20, what is looked for, 7 more. */
struct content {
	char bytes[64];
	uint16_t len;
};

static struct content content_of(const struct goods *goods)
{
	struct content content = {"the quay is asleep, EVIL-CRANE-17 asleep", 40};

	if (!goods->planted)
		content.bytes[27] = 'O';
	return content;
}

/* ---- messages */

static struct forge_blob blob; /* too large for the stack */

static void begin(void)
{
	forge_smb_begin(&blob);
}

static void end(struct text *text)
{
	forge_smb_end(&blob);
	text_put(text, blob.at, blob.len);
}

static void send(struct text *text)
{
	end(text);
	text_turn(text);
}

static struct forge_smb2 ask(uint64_t message)
{
	return (struct forge_smb2){.message = message, .tree = TREE};
}

static struct forge_smb2 answer(uint64_t message)
{
	return (struct forge_smb2){.message = message, .tree = TREE, .response = true};
}

static void open_tree(struct script *script)
{
	begin();
	forge_smb2_tree(&blob, &(struct forge_smb2){.message = 1}, "\\\\srv\\yard");
	send(&script->client);
	begin();
	forge_smb2_tree_answer(&blob, &(struct forge_smb2){.message = 1, .tree = TREE, .response = true}, DISK);
	send(&script->server);
}

static void open_file(struct script *script, uint16_t file)
{
	const struct forge_smb2 request = ask(100 + file), reply = answer(100 + file);

	begin();
	forge_smb2_create(&blob, &request, file == FILE_1 ? "moves.txt" : "other.txt");
	send(&script->client);
	begin();
	forge_smb2_create_answer(&blob, &reply, file, 40);
	send(&script->server);
}

static void close_file(struct script *script)
{
	const struct forge_smb2 request = ask(900);

	begin();
	forge_smb2_close(&blob, &request, FILE_1);
	send(&script->client);
}

static void put_write(const struct content *content, uint16_t file, uint64_t message, uint32_t from, uint32_t until)
{
	const struct forge_smb2 request = ask(message);

	forge_smb2_write(&blob, &request, file, from, content->bytes + from, until - from);
}

static void write_part(struct script *script, const struct content *content, uint64_t message, uint32_t from,
		       uint32_t until)
{
	begin();
	put_write(content, FILE_1, message, from, until);
	end(&script->client);
}

/* ---- SMB 2, written */

static void one_write(struct script *script, const struct content *content)
{
	write_part(script, content, 10, 0, content->len);
}

static void two_writes(struct script *script, const struct content *content)
{
	write_part(script, content, 10, 0, CUT);
	write_part(script, content, 11, CUT, content->len);
}

static void two_writes_backwards(struct script *script, const struct content *content)
{
	write_part(script, content, 10, CUT, content->len);
	write_part(script, content, 11, 0, CUT);
}

static void tiny_writes(struct script *script, const struct content *content)
{
	for (uint32_t at = 0; at < content->len; at += 2)
		write_part(script, content, 10 + at, at, at + 2);
}

/* 20 to 33 in eights, the last first. */
static void shuffled_writes(struct script *script, const struct content *content)
{
	write_part(script, content, 10, 32, content->len);
	write_part(script, content, 11, 16, 24);
	write_part(script, content, 12, 0, 16);
	write_part(script, content, 13, 24, 32);
}

/* Its middle is another's at first. */
static void written_over(struct script *script, const struct content *content)
{
	struct content lie = *content;

	memset(lie.bytes + BEFORE, 'z', 8);
	write_part(script, &lie, 10, 0, content->len);
	write_part(script, content, 11, BEFORE, BEFORE + 4);
	write_part(script, content, 12, BEFORE + 4, BEFORE + 8);
}

static void writes_that_overlap(struct script *script, const struct content *content)
{
	write_part(script, content, 10, 0, CUT + 4);
	write_part(script, content, 11, CUT - 2, content->len);
}

static void two_writes_in_a_compound(struct script *script, const struct content *content)
{
	begin();
	put_write(content, FILE_1, 10, 0, CUT);
	put_write(content, FILE_1, 11, CUT, content->len);
	end(&script->client);
}

static void related_writes(struct script *script, const struct content *content)
{
	struct forge_smb2 related = ask(11);

	related.related = true;
	begin();
	put_write(content, FILE_1, 10, 0, CUT);
	forge_smb2_write(&blob, &related, FORGE_SMB_ALL_ONES, CUT, content->bytes + CUT, content->len - CUT);
	forge_smb2(&blob, &related, ECHO, "\4\0\0\0", 4);
	end(&script->client);
}

/* A file of its own: opened, written and closed in one message. */
static void all_in_a_compound(struct script *script, const struct content *content)
{
	struct forge_smb2 request = ask(30), related = ask(31);

	related.related = true;
	begin();
	forge_smb2_create(&blob, &request, "third.txt");
	forge_smb2_write(&blob, &related, FORGE_SMB_ALL_ONES, 0, content->bytes, CUT);
	forge_smb2_write(&blob, &related, FORGE_SMB_ALL_ONES, CUT, content->bytes + CUT, content->len - CUT);
	forge_smb2_close(&blob, &related, FORGE_SMB_ALL_ONES);
	end(&script->client);
}

/* Another file's writes stand between, at the same offsets. */
static void two_files(struct script *script, const struct content *content)
{
	const struct content other = {"what another file says, nothing at all.", 40};

	for (uint32_t at = 0; at < content->len; at += 10) {
		write_part(script, content, 40 + at, at, at + 10);
		begin();
		put_write(&other, FILE_2, 41 + at, at, at + 10);
		end(&script->client);
	}
}

/* Session requests and keep-alives of NetBIOS, and messages that cannot be read, between. */
static void among_others(struct script *script, const struct content *content)
{
	const struct forge_smb2 request = ask(50);

	write_part(script, content, 10, 0, CUT);
	text_put(&script->client, "\x85\0\0\0\0\0\0\0", 8);
	begin();
	forge_smb2(&blob, &request, ECHO, "\4\0\0\0", 4);
	end(&script->client);
	begin();
	forge_smb2(&blob, &request, 77, "nonsense", 8);
	end(&script->client);
	begin();
	forge_blob_put(&blob, "\xfdSMBsealed, as far as anybody can tell, to its end.", 52);
	end(&script->client);
	write_part(script, content, 11, CUT, content->len);
}

/* The data stand further back than they need. */
static void padded_write(struct script *script, const struct content *content)
{
	const struct forge_smb2 request = ask(10);
	uint8_t body[48 + 30 + 64] = {49};

	forge_put16(body + 2, (64 + 48 + 30) << 8);
	body[4] = (uint8_t)content->len;
	body[16] = body[24] = FILE_1;
	memcpy(body + 48 + 30, content->bytes, content->len);
	begin();
	forge_smb2(&blob, &request, 9, body, 48 + 30 + content->len);
	end(&script->client);
}

/* ---- SMB 2, read */

static void ask_for(struct script *script, uint64_t message, uint32_t from, uint32_t until)
{
	const struct forge_smb2 request = ask(message);

	begin();
	forge_smb2_read(&blob, &request, FILE_1, from, until - from);
	end(&script->client);
}

static void give(struct script *script, const struct content *content, uint64_t message, uint32_t from, uint32_t until)
{
	const struct forge_smb2 reply = answer(message);

	begin();
	forge_smb2_read_answer(&blob, &reply, content->bytes + from, until - from);
	end(&script->server);
}

static void two_reads(struct script *script, const struct content *content)
{
	ask_for(script, 10, 0, CUT);
	ask_for(script, 11, CUT, content->len);
	text_turn(&script->client);
	give(script, content, 10, 0, CUT);
	give(script, content, 11, CUT, content->len);
	text_turn(&script->server);
}

static void answers_overtake(struct script *script, const struct content *content)
{
	ask_for(script, 10, 0, CUT);
	ask_for(script, 11, CUT, content->len);
	text_turn(&script->client);
	give(script, content, 11, CUT, content->len);
	give(script, content, 10, 0, CUT);
	text_turn(&script->server);
}

/* At first an answer that it will take longer. */
static void pending_read(struct script *script, const struct content *content)
{
	struct forge_smb2 reply = answer(10);

	ask_for(script, 10, 0, content->len);
	text_turn(&script->client);
	reply.status = 0x103;
	begin();
	forge_smb2(&blob, &reply, 8, "\x09\0\0\0\0\0\0\0\0", 9);
	end(&script->server);
	give(script, content, 10, 0, content->len);
	text_turn(&script->server);
}

/* Both in one message. */
static void compound_answer(struct script *script, const struct content *content)
{
	const struct forge_smb2 first = answer(10), second = answer(11);

	ask_for(script, 10, 0, CUT);
	ask_for(script, 11, CUT, content->len);
	text_turn(&script->client);
	begin();
	forge_smb2_read_answer(&blob, &first, content->bytes, CUT);
	forge_smb2_read_answer(&blob, &second, content->bytes + CUT, content->len - CUT);
	send(&script->server);
}

/* ---- SMB 1 */

enum { FID = 0x4001, WRITE = 0x0b, WRITE_ANDX = 0x2f, READ_ANDX = 0x2e, ANDX_HEAD = 32 + 1 + 28 + 2 };

static void andx_words(uint8_t words[28], uint32_t place, uint32_t len, uint32_t data_at, uint32_t next_at)
{
	memset(words, 0, 28);
	words[0] = next_at ? WRITE_ANDX : 0xff;
	words[2] = (uint8_t)next_at;
	words[4] = FID & 255;
	words[5] = FID >> 8;
	words[6] = (uint8_t)place;
	words[20] = (uint8_t)len;
	words[22] = (uint8_t)data_at;
}

static void write_andx(struct script *script, const struct content *content, uint32_t from, uint32_t until)
{
	uint8_t words[28];

	andx_words(words, from, until - from, ANDX_HEAD, 0);
	begin();
	forge_smb1(&blob, WRITE_ANDX, false, 3, TREE, words, sizeof(words), content->bytes + from, until - from);
	end(&script->client);
}

static void andx(struct script *script, const struct content *content)
{
	write_andx(script, content, 0, content->len);
}

static void two_andx(struct script *script, const struct content *content)
{
	write_andx(script, content, 0, CUT);
	write_andx(script, content, CUT, content->len);
}

static void two_andx_backwards(struct script *script, const struct content *content)
{
	write_andx(script, content, CUT, content->len);
	write_andx(script, content, 0, CUT);
}

/* One write, and behind its data another one's words. */
static void chained_andx(struct script *script, const struct content *content)
{
	uint32_t next = ANDX_HEAD + CUT, rest = content->len - CUT;
	uint8_t words[28], bytes[128];

	andx_words(words, CUT, rest, next + 1 + 28 + 2, 0);
	memcpy(bytes, content->bytes, CUT);
	bytes[CUT] = 14;
	memcpy(bytes + CUT + 1, words, 28);
	bytes[CUT + 29] = (uint8_t)rest;
	bytes[CUT + 30] = 0;
	memcpy(bytes + CUT + 31, content->bytes + CUT, rest);
	andx_words(words, 0, CUT, ANDX_HEAD, next);
	begin();
	forge_smb1(&blob, WRITE_ANDX, false, 3, TREE, words, sizeof(words), bytes, CUT + 31 + rest);
	end(&script->client);
}

/* The oldest way to write. */
static void old_write(struct script *script, const struct content *content, uint32_t from, uint32_t until)
{
	const uint8_t words[10] = {FID & 255, FID >> 8, (uint8_t)(until - from), 0, (uint8_t)from};
	uint8_t bytes[3 + 64] = {1, (uint8_t)(until - from)};

	memcpy(bytes + 3, content->bytes + from, until - from);
	begin();
	forge_smb1(&blob, WRITE, false, 3, TREE, words, sizeof(words), bytes, 3 + until - from);
	end(&script->client);
}

static void old_writes(struct script *script, const struct content *content)
{
	old_write(script, content, 0, CUT);
	old_write(script, content, CUT, content->len);
}

static void mixed_writes(struct script *script, const struct content *content)
{
	old_write(script, content, 24, 32);
	write_andx(script, content, 0, 24);
	write_andx(script, content, 32, content->len);
}

static void read_andx(struct script *script, const struct content *content)
{
	for (uint32_t at = 0; at < content->len; at += 20) {
		const uint8_t asks[20] = {0xff, 0, 0, 0, FID & 255, FID >> 8, (uint8_t)at, 0, 0, 0, 20};
		const uint8_t answers[24] = {0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 0, 32 + 1 + 24 + 2};
		begin();
		forge_smb1(&blob, READ_ANDX, false, 3, TREE, asks, sizeof(asks), "", 0);
		send(&script->client);
		begin();
		forge_smb1(&blob, READ_ANDX, true, 3, TREE, answers, sizeof(answers), content->bytes + at, 20);
		send(&script->server);
	}
}

/* ---- the table */

static const struct {
	void (*say)(struct script *script, const struct content *content);
	bool old; /* SMB 1 */
} rows[] = {
    {one_write, false},	      {two_writes, false},	   {two_writes_backwards, false},
    {tiny_writes, false},     {shuffled_writes, false},	   {written_over, false},
    {writes_that_overlap, false}, {two_writes_in_a_compound, false}, {related_writes, false},
    {all_in_a_compound, false}, {two_files, false},	   {among_others, false},
    {padded_write, false},    {two_reads, false},	   {answers_overtake, false},
    {pending_read, false},    {compound_answer, false},	   {andx, true},
    {two_andx, true},	      {two_andx_backwards, true},  {chained_andx, true},
    {old_writes, true},	      {mixed_writes, true},	   {read_andx, true},
};

bool script_smb(struct script *script, const struct goods *goods, unsigned form)
{
	const struct content content = content_of(goods);

	if (form >= sizeof(rows) / sizeof(rows[0]))
		return false;
	if (!rows[form].old) {
		open_tree(script);
		open_file(script, FILE_1);
		open_file(script, FILE_2);
	}
	rows[form].say(script, &content);
	if (!rows[form].old)
		close_file(script);
	return true;
}
