/* SPDX-License-Identifier: Apache-2.0 */
/*
 * smb_transfer - the data of one file, one way, put in order.
 *
 *	0        begin      next        ahead
 *	|........[ content ) . . . . . .[ chunk )   [ chunk )
 *
 * What comes ahead of its place waits, within bounds; then it is taken as it
 * is, and what went before ends there (the digests say nothing then).  What is
 * written over takes the place of what stood there, and all is told once more.
 */
#include "sensor/protocol/smb.h"

enum {
	CHUNKS_MAX = 8,
	AHEAD_MAX = 256 * 1024,
	JUMPS_MAX = 4,    /* then nothing is waited for: the file is not read in order */
	REWRITES_MAX = 16, /* then they are counted, and told when the file is closed */
};

struct qw_smb_chunk {
	struct qw_smb_chunk *next;
	uint64_t at;
	struct qw_store bytes;
};

struct transfer_call {
	const struct qw_smb_call *call;
	struct qw_smb_file *file;
	struct qw_smb_transfer *transfer;
	enum qw_direction way;
};

/* ---- publishing */

static void publish(const struct transfer_call *to, bool last, bool whole)
{
	struct qw_smb_transfer *transfer = to->transfer;
	struct qw_smb *smb = to->call->smb;
	const struct qw_smb_name *name = &to->file->name;
	struct qw_content_digests digests;
	struct qw_message message;
	qw_smb_message(&message, smb, to->way == qw_smb_way(smb, true), transfer->transaction, to->file->version);
	message.last = last;
	message.field[0].fresh = !transfer->content.named; /* the version */
	qw_content_tell_piece(&transfer->content, transfer->begin, &message, qw_slice(name->text, name->len));
	if (whole)
		qw_content_add_digests(&transfer->content, &message, &digests);
	qw_smb_publish(to->call, &message);
}

/* ---- data in order */

/* What went until now ends; what follows begins at `at`, under a number of its own. */
static void jump(const struct transfer_call *to, uint64_t at)
{
	struct qw_smb_transfer *transfer = to->transfer;
	if (transfer->content.begun) {
		publish(to, true, false);
		qw_content_free(to->call->smb, &transfer->content);
		transfer->transaction = ++to->call->smb->transactions;
	}
	transfer->content.broken = true;
	transfer->jumps += transfer->jumps < UINT8_MAX;
	transfer->begin = transfer->next = at;
}

/* Another version of what is kept begins: the earlier one is told as far as it came. */
static void renew(const struct transfer_call *to)
{
	struct qw_smb_transfer *transfer = to->transfer;
	if (transfer->rewrites == REWRITES_MAX) {
		qw_parser_cut(to->call->smb);
	} else {
		if (transfer->content.told)
			publish(to, true, false);
		transfer->rewrites++;
		transfer->transaction = ++to->call->smb->transactions;
		transfer->content.named = false;
	}
	transfer->content.broken = true;
	transfer->content.told = 0;
}

/* The same place once more: where it says otherwise, that counts. */
static void rewrite(const struct transfer_call *to, uint64_t at, struct qw_slice data)
{
	struct qw_smb_transfer *transfer = to->transfer;
	struct qw_content *content = &transfer->content;
	uint64_t from = at - transfer->begin;
	if (from >= content->kept.len)
		return;
	size_t len = data.len < content->kept.len - from ? data.len : content->kept.len - from;
	uint8_t *kept = content->kept.at + from;
	bool goes_on = transfer->rewrites && at == transfer->rewritten;
	if (goes_on)
		transfer->rewritten += len;
	if (memcmp(kept, data.data, len) == 0)
		return;
	if (!goes_on)
		renew(to);
	else if (content->told > from)
		content->told = (uint32_t)from;
	transfer->rewritten = at + len;
	transfer->rewriting = true;
	memcpy(kept, data.data, len);
}

/* Behind what was told as the end there was more. */
static void resume(const struct transfer_call *to)
{
	struct qw_smb_transfer *transfer = to->transfer;
	transfer->done = false;
	transfer->begin = transfer->next;
	transfer->content.broken = true;
	transfer->transaction = ++to->call->smb->transactions;
}

static void append(const struct transfer_call *to, struct qw_slice data)
{
	if (to->transfer->done)
		resume(to);
	qw_content_put(to->call->smb, &to->transfer->content, data.data, data.len);
	to->transfer->next += data.len;
}

/* Data that begins no further than what is next. */
static void put(const struct transfer_call *to, uint64_t at, struct qw_slice data)
{
	struct qw_smb_transfer *transfer = to->transfer;
	if (at < transfer->begin)
		jump(to, at);
	uint64_t behind = transfer->next - at;
	size_t old = behind < data.len ? (size_t)behind : data.len;
	if (old && !transfer->done)
		rewrite(to, at, qw_slice(data.data, old));
	if (data.len > old)
		append(to, qw_slice(data.data + old, data.len - old));
}

/* ---- data ahead */

static void free_chunk(struct qw_smb *smb, struct qw_smb_chunk *chunk)
{
	qw_store_free(smb, &chunk->bytes);
	qw_parser_give(smb, chunk);
}

/* Takes those that have come to their place. */
static void drain(const struct transfer_call *to)
{
	struct qw_smb_transfer *transfer = to->transfer;
	while (transfer->ahead && transfer->ahead->at <= transfer->next) {
		struct qw_smb_chunk *chunk = transfer->ahead;
		transfer->ahead = chunk->next;
		transfer->ahead_count--;
		transfer->ahead_bytes -= chunk->bytes.len;
		put(to, chunk->at, qw_store_slice(&chunk->bytes));
		free_chunk(to->call->smb, chunk);
	}
}

/* What is missing is not waited for any more. */
static void flush(const struct transfer_call *to)
{
	while (to->transfer->ahead) {
		jump(to, to->transfer->ahead->at);
		drain(to);
	}
}

/* The place in the list for data at `at`: the chunk that they continue, or a new one.  NULL: no room. */
static struct qw_smb_chunk *chunk_for(const struct transfer_call *to, uint64_t at)
{
	struct qw_smb_transfer *transfer = to->transfer;
	struct qw_smb_chunk **place = &transfer->ahead, *chunk;
	while (*place && (*place)->at + (*place)->bytes.len < at)
		place = &(*place)->next;
	if (*place && (*place)->at + (*place)->bytes.len == at)
		return *place;
	if (transfer->ahead_count == CHUNKS_MAX || !(chunk = qw_parser_take(to->call->smb, sizeof(*chunk))))
		return NULL;
	*chunk = (struct qw_smb_chunk){.next = *place, .at = at};
	*place = chunk;
	transfer->ahead_count++;
	return chunk;
}

static bool hold(const struct transfer_call *to, uint64_t at, struct qw_slice data)
{
	struct qw_smb_transfer *transfer = to->transfer;
	if (transfer->jumps >= JUMPS_MAX || data.len > AHEAD_MAX - transfer->ahead_bytes)
		return false;
	struct qw_smb_chunk *chunk = chunk_for(to, at);
	if (!chunk || !qw_store_put(to->call->smb, &chunk->bytes, data.data, data.len, AHEAD_MAX))
		return false;
	transfer->ahead_bytes += (uint32_t)data.len;
	return true;
}

/* Nobody asks for what comes behind the bytes that are kept. */
static bool is_past_interest(const struct qw_smb_transfer *transfer)
{
	return transfer->content.cut && !transfer->content.digests;
}

void qw_smb_transfer_put(const struct qw_smb_call *call, struct qw_smb_file *file, enum qw_direction way,
			 uint64_t offset, struct qw_slice data, bool last)
{
	const struct transfer_call to = {call, file, &file->transfer[way], way};
	struct qw_smb_transfer *transfer = to.transfer;
	if (offset > UINT64_MAX / 2)
		return; /* no file is as long */
	if (transfer->transaction == 0)
		transfer->transaction = ++call->smb->transactions;
	if (offset > transfer->next && is_past_interest(transfer)) {
		transfer->content.bytes += offset + data.len - transfer->next; /* a hole is as long as what fills it */
		transfer->next = offset + data.len;
		return;
	}
	if (offset > transfer->next && hold(&to, offset, data))
		return;
	if (offset > transfer->next) {
		flush(&to);
		if (offset > transfer->next)
			jump(&to, offset);
	}
	put(&to, offset, data);
	drain(&to);
	transfer->rewriting &= !last;
	bool end = file->has_size && way == qw_smb_way(call->smb, false) && transfer->next >= file->size &&
		   transfer->begin == 0 && !transfer->done;
	if (end)
		qw_smb_transfer_finish(call, file, way, transfer->jumps == 0);
	else if (!transfer->rewriting && transfer->rewrites < REWRITES_MAX && qw_content_is_due(&transfer->content))
		publish(&to, false, false);
}

void qw_smb_transfer_finish(const struct qw_smb_call *call, struct qw_smb_file *file, enum qw_direction way,
			    bool whole)
{
	const struct transfer_call to = {call, file, &file->transfer[way], way};
	struct qw_smb_transfer *transfer = to.transfer;
	flush(&to);
	if (transfer->content.begun)
		publish(&to, true, whole);
	qw_content_free(call->smb, &transfer->content);
	transfer->done = true;
}

void qw_smb_transfer_free(struct qw_smb *smb, struct qw_smb_transfer *transfer)
{
	while (transfer->ahead) {
		struct qw_smb_chunk *chunk = transfer->ahead;
		transfer->ahead = chunk->next;
		free_chunk(smb, chunk);
	}
	qw_content_free(smb, &transfer->content);
}
