/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/content.h"

enum { STEP = 512 };

static void begin(void *state, struct qw_content *content)
{
	uint32_t kinds = content->plain ? 0 : qw_parser_digests(state);
	content->begun = true;
	if (kinds && (content->digests = qw_parser_take(state, sizeof(*content->digests))))
		qw_digests_init(content->digests, kinds);
}

void qw_content_put(void *state, struct qw_content *content, const void *data, size_t len)
{
	size_t room = QW_CONTENT_MAX - content->kept.len, part = len < room ? len : room;
	if (!content->begun)
		begin(state, content);
	if (content->digests)
		qw_digests_update(content->digests, data, len);
	content->bytes += len;
	if (content->cut)
		return;
	if (!qw_store_put(state, &content->kept, data, part, QW_CONTENT_MAX)) {
		content->cut = true; /* no room in the pool, and counted there */
	} else if (part < len) {
		content->cut = true;
		qw_parser_cut(state);
	}
}

/* How many bits a number takes. */
static unsigned bits_of(uint64_t number)
{
	return number ? 64 - (unsigned)__builtin_clzll(number) : 0;
}

bool qw_content_is_due(const struct qw_content *content)
{
	uint32_t step = content->told / 4 > STEP ? content->told / 4 : content->told ? STEP : 1;
	return content->kept.len - content->told >= step ||
	       (content->cut && bits_of(content->bytes) > content->told_bits); /* that it has grown may be all that is asked */
}

void qw_content_add(const struct qw_content *content, struct qw_message *message, enum qw_buffer buffer)
{
	uint16_t place = message->count;
	if (content->kept.len == 0)
		return;
	qw_message_add(message, buffer, QW_SIGHT_NONE, qw_store_slice(&content->kept), qw_content_is_fresh(content));
	if (message->count > place)
		message->field[place].old = content->told;
}

void qw_content_tell(struct qw_content *content, struct qw_message *message, struct qw_slice name)
{
	qw_content_tell_piece(content, 0, message, name);
}

void qw_content_tell_piece(struct qw_content *content, uint64_t before, struct qw_message *message, struct qw_slice name)
{
	if (name.len)
		qw_message_add(message, QW_BUFFER_FILE_NAME, QW_SIGHT_NONE, name, !content->named);
	qw_content_add(content, message, QW_BUFFER_FILE_DATA);
	qw_message_number(message, QW_BUFFER_FILE_SEEN, before + content->bytes, true);
	content->named = true;
	content->told = content->kept.len;
	content->told_bits = (uint8_t)bits_of(content->bytes);
}

void qw_content_tell_whole(struct qw_content *content, struct qw_message *message, struct qw_slice name,
			   struct qw_content_digests *memory)
{
	qw_content_tell(content, message, name);
	qw_content_add_digests(content, message, memory);
}

void qw_content_add_digests(struct qw_content *content, struct qw_message *message, struct qw_content_digests *memory)
{
	const struct {
		enum qw_digest_kind kind;
		enum qw_buffer buffer;
		enum qw_sight sight;
		uint8_t *at;
		size_t len;
	} rows[] = {
		{QW_DIGEST_MD5, QW_BUFFER_FILE_MD5, QW_SIGHT_MD5, memory->md5, sizeof(memory->md5)},
		{QW_DIGEST_SHA1, QW_BUFFER_FILE_SHA1, QW_SIGHT_SHA1, memory->sha1, sizeof(memory->sha1)},
		{QW_DIGEST_SHA256, QW_BUFFER_FILE_SHA256, QW_SIGHT_SHA256, memory->sha256,
		 sizeof(memory->sha256)},
	};
	if (content->broken)
		return;
	qw_message_number(message, QW_BUFFER_FILE_SIZE, content->bytes, true);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (!content->digests || !(content->digests->kinds & rows[i].kind))
			continue;
		qw_digests_finish(content->digests, rows[i].kind, rows[i].at);
		qw_message_add(message, rows[i].buffer, rows[i].sight, qw_slice(rows[i].at, rows[i].len), true);
	}
}

void qw_content_free(void *state, struct qw_content *content)
{
	qw_store_free(state, &content->kept);
	qw_parser_give(state, content->digests);
	*content = (struct qw_content){0};
}
