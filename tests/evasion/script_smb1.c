/* SPDX-License-Identifier: Apache-2.0 */
/* script_smb1 - a file over SMB 1: its ways to write, chains of commands, and reading. */
#include "tests/evasion/script_smb.h"

#include <string.h>

#include "tests/forge/smb.h"

enum { FID = 0x4001, WRITE = 0x0b, WRITE_ANDX = 0x2f, READ_ANDX = 0x2e, ANDX_HEAD = 32 + 1 + 28 + 2 };

static struct forge_blob blob; /* too large for the stack */

static void say(struct text *text)
{
	forge_smb_end(&blob);
	text_put(text, blob.at, blob.len);
}

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

static void write_andx(struct script *script, const struct smb_content *content, uint32_t from, uint32_t until)
{
	uint8_t words[28];

	andx_words(words, from, until - from, ANDX_HEAD, 0);
	forge_smb_begin(&blob);
	forge_smb1(&blob, WRITE_ANDX, false, 3, SMB_TREE, words, sizeof(words), content->bytes + from, until - from);
	say(&script->client);
}

static void andx(struct script *script, const struct smb_content *content)
{
	write_andx(script, content, 0, content->len);
}

static void two_andx(struct script *script, const struct smb_content *content)
{
	write_andx(script, content, 0, SMB_CUT);
	write_andx(script, content, SMB_CUT, content->len);
}

static void two_andx_backwards(struct script *script, const struct smb_content *content)
{
	write_andx(script, content, SMB_CUT, content->len);
	write_andx(script, content, 0, SMB_CUT);
}

/* One write, and behind its data another one's words. */
static void chained_andx(struct script *script, const struct smb_content *content)
{
	uint32_t next = ANDX_HEAD + SMB_CUT, rest = content->len - SMB_CUT;
	uint8_t words[28], bytes[128];

	andx_words(words, SMB_CUT, rest, next + 1 + 28 + 2, 0);
	memcpy(bytes, content->bytes, SMB_CUT);
	bytes[SMB_CUT] = 14;
	memcpy(bytes + SMB_CUT + 1, words, 28);
	bytes[SMB_CUT + 29] = (uint8_t)rest;
	bytes[SMB_CUT + 30] = 0;
	memcpy(bytes + SMB_CUT + 31, content->bytes + SMB_CUT, rest);
	andx_words(words, 0, SMB_CUT, ANDX_HEAD, next);
	forge_smb_begin(&blob);
	forge_smb1(&blob, WRITE_ANDX, false, 3, SMB_TREE, words, sizeof(words), bytes, SMB_CUT + 31 + rest);
	say(&script->client);
}

/* The oldest way to write. */
static void old_write(struct script *script, const struct smb_content *content, uint32_t from, uint32_t until)
{
	const uint8_t words[10] = {FID & 255, FID >> 8, (uint8_t)(until - from), 0, (uint8_t)from};
	uint8_t bytes[3 + 64] = {1, (uint8_t)(until - from)};

	memcpy(bytes + 3, content->bytes + from, until - from);
	forge_smb_begin(&blob);
	forge_smb1(&blob, WRITE, false, 3, SMB_TREE, words, sizeof(words), bytes, 3 + until - from);
	say(&script->client);
}

static void old_writes(struct script *script, const struct smb_content *content)
{
	old_write(script, content, 0, SMB_CUT);
	old_write(script, content, SMB_CUT, content->len);
}

static void mixed_writes(struct script *script, const struct smb_content *content)
{
	old_write(script, content, 24, 32);
	write_andx(script, content, 0, 24);
	write_andx(script, content, 32, content->len);
}

static void read_andx(struct script *script, const struct smb_content *content)
{
	for (uint32_t at = 0; at < content->len; at += 20) {
		const uint8_t asks[20] = {0xff, 0, 0, 0, FID & 255, FID >> 8, (uint8_t)at, 0, 0, 0, 20};
		const uint8_t answers[24] = {0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 0, 32 + 1 + 24 + 2};
		forge_smb_begin(&blob);
		forge_smb1(&blob, READ_ANDX, false, 3, SMB_TREE, asks, sizeof(asks), "", 0);
		say(&script->client);
		text_turn(&script->client);
		forge_smb_begin(&blob);
		forge_smb1(&blob, READ_ANDX, true, 3, SMB_TREE, answers, sizeof(answers), content->bytes + at, 20);
		say(&script->server);
		text_turn(&script->server);
	}
}

void script_smb1(struct script *script, const struct smb_content *content, unsigned form)
{
	static void (*const rows[SMB_OLD_FORMS])(struct script *, const struct smb_content *) = {
	    andx, two_andx, two_andx_backwards, chained_andx, old_writes, mixed_writes, read_andx};

	rows[form](script, content);
}
