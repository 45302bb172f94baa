/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script_smb - a file over SMB 2, read and written, and what is looked for cut in all the
 * places that the protocol allows: over writes, messages, compounds, in any order.
 */
#include "tests/evasion/script_smb.h"

#include <string.h>

#include "tests/forge/bytes.h"
#include "tests/forge/smb.h"

enum { DISK = 1, FILE_1 = 9, FILE_2 = 11, BEFORE = 20, CUT = SMB_CUT, ECHO = 13 };

static struct smb_content content_of(const struct goods *goods)
{
	struct smb_content content = {"the quay is asleep, EVIL-CRANE-17 asleep", 40};

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
	return (struct forge_smb2){.message = message, .tree = SMB_TREE};
}

static struct forge_smb2 answer(uint64_t message)
{
	return (struct forge_smb2){.message = message, .tree = SMB_TREE, .response = true};
}

static void open_tree(struct script *script)
{
	begin();
	forge_smb2_tree(&blob, &(struct forge_smb2){.message = 1}, "\\\\srv\\yard");
	send(&script->client);
	begin();
	forge_smb2_tree_answer(&blob, &(struct forge_smb2){.message = 1, .tree = SMB_TREE, .response = true}, DISK);
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

static void put_write(const struct smb_content *content, uint16_t file, uint64_t message, uint32_t from, uint32_t until)
{
	const struct forge_smb2 request = ask(message);

	forge_smb2_write(&blob, &request, file, from, content->bytes + from, until - from);
}

static void write_part(struct script *script, const struct smb_content *content, uint64_t message, uint32_t from,
		       uint32_t until)
{
	begin();
	put_write(content, FILE_1, message, from, until);
	end(&script->client);
}

/* ---- SMB 2, written */

static void one_write(struct script *script, const struct smb_content *content)
{
	write_part(script, content, 10, 0, content->len);
}

static void two_writes(struct script *script, const struct smb_content *content)
{
	write_part(script, content, 10, 0, CUT);
	write_part(script, content, 11, CUT, content->len);
}

static void two_writes_backwards(struct script *script, const struct smb_content *content)
{
	write_part(script, content, 10, CUT, content->len);
	write_part(script, content, 11, 0, CUT);
}

static void tiny_writes(struct script *script, const struct smb_content *content)
{
	for (uint32_t at = 0; at < content->len; at += 2)
		write_part(script, content, 10 + at, at, at + 2);
}

/* 20 to 33 in eights, the last first. */
static void shuffled_writes(struct script *script, const struct smb_content *content)
{
	write_part(script, content, 10, 32, content->len);
	write_part(script, content, 11, 16, 24);
	write_part(script, content, 12, 0, 16);
	write_part(script, content, 13, 24, 32);
}

/* Its middle is another's at first. */
static void written_over(struct script *script, const struct smb_content *content)
{
	struct smb_content lie = *content;

	memset(lie.bytes + BEFORE, 'z', 8);
	write_part(script, &lie, 10, 0, content->len);
	write_part(script, content, 11, BEFORE, BEFORE + 4);
	write_part(script, content, 12, BEFORE + 4, BEFORE + 8);
}

static void writes_that_overlap(struct script *script, const struct smb_content *content)
{
	write_part(script, content, 10, 0, CUT + 4);
	write_part(script, content, 11, CUT - 2, content->len);
}

static void two_writes_in_a_compound(struct script *script, const struct smb_content *content)
{
	begin();
	put_write(content, FILE_1, 10, 0, CUT);
	put_write(content, FILE_1, 11, CUT, content->len);
	end(&script->client);
}

static void related_writes(struct script *script, const struct smb_content *content)
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
static void all_in_a_compound(struct script *script, const struct smb_content *content)
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
static void two_files(struct script *script, const struct smb_content *content)
{
	const struct smb_content other = {"what another file says, nothing at all.", 40};

	for (uint32_t at = 0; at < content->len; at += 10) {
		write_part(script, content, 40 + at, at, at + 10);
		begin();
		put_write(&other, FILE_2, 41 + at, at, at + 10);
		end(&script->client);
	}
}

/* Session requests and keep-alives of NetBIOS, and messages that cannot be read, between. */
static void among_others(struct script *script, const struct smb_content *content)
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
static void padded_write(struct script *script, const struct smb_content *content)
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

/* A file whose tree and opening were not seen, and that begins as a call through a pipe would. */
static void like_the_begin_of_a_call(struct script *script, const struct smb_content *content)
{
	struct smb_content file = *content;

	file.bytes[0] = 5;
	text_clear(&script->client);
	text_clear(&script->server);
	two_writes(script, &file);
}

/* ---- SMB 2, read */

static void ask_for(struct script *script, uint64_t message, uint32_t from, uint32_t until)
{
	const struct forge_smb2 request = ask(message);

	begin();
	forge_smb2_read(&blob, &request, FILE_1, from, until - from);
	end(&script->client);
}

static void give(struct script *script, const struct smb_content *content, uint64_t message, uint32_t from, uint32_t until)
{
	const struct forge_smb2 reply = answer(message);

	begin();
	forge_smb2_read_answer(&blob, &reply, content->bytes + from, until - from);
	end(&script->server);
}

static void two_reads(struct script *script, const struct smb_content *content)
{
	ask_for(script, 10, 0, CUT);
	ask_for(script, 11, CUT, content->len);
	text_turn(&script->client);
	give(script, content, 10, 0, CUT);
	give(script, content, 11, CUT, content->len);
	text_turn(&script->server);
}

static void answers_overtake(struct script *script, const struct smb_content *content)
{
	ask_for(script, 10, 0, CUT);
	ask_for(script, 11, CUT, content->len);
	text_turn(&script->client);
	give(script, content, 11, CUT, content->len);
	give(script, content, 10, 0, CUT);
	text_turn(&script->server);
}

/* At first an answer that it will take longer. */
static void pending_read(struct script *script, const struct smb_content *content)
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
static void compound_answer(struct script *script, const struct smb_content *content)
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

/* ---- the table */

static void (*const rows[])(struct script *script, const struct smb_content *content) = {
    one_write,		 two_writes,	       two_writes_backwards, tiny_writes,	shuffled_writes,
    written_over,	 writes_that_overlap,  two_writes_in_a_compound, related_writes, all_in_a_compound,
    two_files,		 among_others,	       padded_write,	     two_reads,		answers_overtake,
    pending_read,	 compound_answer,      like_the_begin_of_a_call,
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

bool script_smb(struct script *script, const struct goods *goods, unsigned form)
{
	const struct smb_content content = content_of(goods);

	if (form >= ROWS + SMB_OLD_FORMS)
		return false;
	if (form >= ROWS) {
		script_smb1(script, &content, form - ROWS);
		return true;
	}
	open_tree(script);
	open_file(script, FILE_1);
	open_file(script, FILE_2);
	rows[form](script, &content);
	close_file(script);
	return true;
}
