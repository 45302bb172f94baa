/* SPDX-License-Identifier: Apache-2.0 */
/*
 * smb1 - SMB 1: a message is one command, or a chain of them ("AndX").
 *
 *	head (32) | words: count, 2 each | bytes: count (2), … | words of the next …
 *
 * Offsets count from the head.  A message is gathered whole; only the data of
 * a single large read or write go on to their file as they come.
 */
#include "sensor/protocol/smb1.h"

enum {
	HEAD = 32,
	WORDS_AT = HEAD + 1,
	FLAG_REPLY = 0x80,
	FLAG2_UNICODE = 0x8000,
	CHAIN_MAX = 16,
	CHAIN_END = 0xff,
	WHOLE_MAX = 8 * 1024, /* what is larger is read as it comes, if it can */
};

static void read_head(const uint8_t *at, struct qw_smb1_head *head)
{
	uint16_t flags2 = qw_le16(at + 10);
	*head = (struct qw_smb1_head){
		.command = at[4],
		.status = qw_le32(at + 5),
		.request = !(at[9] & FLAG_REPLY),
		.unicode = flags2 & FLAG2_UNICODE,
		.tree = qw_le16(at + 24),
		.id = (uint64_t)qw_le16(at + 26) << 16 | qw_le16(at + 30),
	};
}

/* The words and bytes of the command at `offset`.  False: they do not lie in the message. */
static bool read_part(struct qw_smb1_part *part, size_t offset)
{
	struct qw_bytes in = qw_bytes(part->message.data, part->message.len), words;
	uint8_t count;
	uint16_t bytes;
	if (!qw_bytes_skip(&in, offset) || !qw_bytes_u8(&in, &count) || !qw_bytes_take(&in, (size_t)count * 2, &words))
		return false;
	part->words = words;
	if (!qw_bytes_le16(&in, &bytes))
		in.left = 0;
	/* The count may be less than what there is: it has 16 bits, and writers pad. */
	part->bytes = in;
	return true;
}

static bool has_next(uint8_t command)
{
	static const uint8_t chained[] = {0x24, 0x2d, 0x2e, 0x2f, 0x73, 0x74, 0x75, 0xa2};
	return memchr(chained, command, sizeof(chained)) != NULL;
}

static void read_chain(const struct qw_smb_call *call, struct qw_smb1_head *head, struct qw_slice message)
{
	struct qw_smb1_part part = {.call = call, .head = head, .message = message};
	size_t offset = HEAD;
	for (int i = 0; i < CHAIN_MAX && read_part(&part, offset); i++) {
		part.chained = i > 0;
		qw_smb1_command(&part);
		if (!has_next(head->command) || part.words.left < 4 || part.words.at[0] == CHAIN_END)
			return;
		uint16_t next = qw_le16(part.words.at + 2);
		if (next <= offset)
			return;
		head->command = part.words.at[0];
		offset = next;
	}
}

/* Words of a large message: enough to know where its data are?  True: it is dealt with, or waited for. */
static bool read_large(const struct qw_smb_call *call, struct qw_bytes *in, struct qw_smb1_head *head, uint8_t words)
{
	struct qw_smb_side *side = qw_smb_side(call);
	uint32_t here = WORDS_AT + 2u * words + 2, left = side->netbios.left;
	const uint8_t *at = qw_netbios_peek(call->smb, &side->netbios, in, here);
	if (!at)
		return true;
	struct qw_smb1_part part = {.call = call, .head = head, .message = qw_slice(at, here)};
	if (!read_part(&part, HEAD) || part.words.left < 4 || part.words.at[0] != CHAIN_END ||
	    !qw_smb1_large(&part, left))
		return false;
	qw_netbios_drop(call->smb, &side->netbios, in, here);
	return true;
}

void qw_smb1_read(const struct qw_smb_call *call, struct qw_bytes *in)
{
	struct qw_smb *smb = call->smb;
	struct qw_smb_side *side = qw_smb_side(call);
	struct qw_smb1_head head;
	uint32_t left = side->netbios.left, want = left < QW_SMB_GATHER_MAX ? left : QW_SMB_GATHER_MAX;
	if (left < WORDS_AT + 2) {
		side->data.after = left; /* nothing of it can be read */
		return;
	}
	const uint8_t *at = qw_netbios_peek(smb, &side->netbios, in, WORDS_AT);
	if (!at)
		return;
	read_head(at, &head);
	if (left > WHOLE_MAX && qw_smb1_may_be_large(&head) && read_large(call, in, &head, at[HEAD]))
		return;
	at = qw_netbios_peek(smb, &side->netbios, in, want);
	if (!at)
		return;
	side->data = (struct qw_smb_data){.after = left - want};
	if (want < left)
		qw_parser_cut(smb);
	read_chain(call, &head, qw_slice(at, want));
	qw_netbios_drop(smb, &side->netbios, in, want);
}
