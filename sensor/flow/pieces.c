/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/flow/pieces.h"

#include <string.h>

#include "quaywatch/pages.h"

enum qw_err qw_piece_pool_init(struct qw_piece_pool *pool, size_t bytes)
{
	*pool = (struct qw_piece_pool){.count = bytes / QW_PIECE_BLOCK};
	pool->bytes = (pool->count ? pool->count : 1) * sizeof(*pool->block);
	pool->block = qw_pages_new(pool->bytes);
	return pool->block ? QW_OK : QW_ENOMEM;
}

void qw_piece_pool_fini(struct qw_piece_pool *pool)
{
	qw_pages_free(pool->block, pool->bytes);
}

/* Blocks that were never used come last, so that their memory stays untouched. */
static struct qw_piece *get(struct qw_piece_pool *pool)
{
	struct qw_piece *piece = pool->free_block;
	if (piece)
		pool->free_block = piece->next;
	else if (pool->fresh < pool->count)
		piece = &pool->block[pool->fresh++];
	return piece;
}

static void put(struct qw_piece_pool *pool, struct qw_piece *piece)
{
	piece->next = pool->free_block;
	pool->free_block = piece;
}

bool qw_pieces_differ(const struct qw_pieces *pieces, uint32_t at, const uint8_t *data, uint32_t len,
		      struct qw_conflict *conflict)
{
	for (const struct qw_piece *piece = pieces->first; piece && piece->at < at + len; piece = piece->next) {
		uint32_t from = piece->at > at ? piece->at : at;
		uint32_t until = piece->at + piece->len < at + len ? piece->at + piece->len : at + len;
		if (from >= until || memcmp(piece->data + (from - piece->at), data + (from - at), until - from) == 0)
			continue;
		*conflict = (struct qw_conflict){.taken = piece->data + (from - piece->at),
						 .other = data + (from - at),
						 .len = until - from,
						 .piece = data,
						 .piece_len = len};
		return true;
	}
	return false;
}

void qw_pieces_remove_covered(struct qw_piece_pool *pool, struct qw_pieces *pieces, uint32_t at, uint32_t len)
{
	for (struct qw_piece **link = &pieces->first; *link;) {
		struct qw_piece *piece = *link;
		if (at >= piece->at || piece->at + piece->len > at + len) {
			link = &piece->next;
			continue;
		}
		pieces->filled -= piece->len;
		*link = piece->next;
		put(pool, piece);
	}
}

/* A hole of len bytes, filled with blocks before *link. */
static struct qw_piece **insert(struct qw_piece_pool *pool, struct qw_pieces *pieces, struct qw_piece **link,
				uint32_t at, const uint8_t *data, uint32_t len)
{
	while (len > 0) {
		struct qw_piece *piece = get(pool);
		if (!piece)
			return NULL;
		uint32_t part = len < QW_PIECE_DATA ? len : QW_PIECE_DATA;
		piece->at = at;
		piece->len = part;
		memcpy(piece->data, data, part);
		piece->next = *link;
		*link = piece;
		link = &piece->next;
		pieces->filled += part;
		at += part, data += part, len -= part;
	}
	return link;
}

enum qw_err qw_pieces_fill(struct qw_piece_pool *pool, struct qw_pieces *pieces, uint32_t at, const uint8_t *data,
			   uint32_t len)
{
	struct qw_piece **link = &pieces->first;
	while (len > 0) {
		while (*link && (*link)->at + (*link)->len <= at)
			link = &(*link)->next;
		uint32_t part = len;
		if (*link && (*link)->at <= at) {
			uint32_t rest = (*link)->at + (*link)->len - at;
			part = rest < len ? rest : len;
		} else {
			if (*link && (*link)->at - at < len)
				part = (*link)->at - at;
			link = insert(pool, pieces, link, at, data, part);
			if (!link)
				return QW_ELIMIT;
		}
		at += part, data += part, len -= part;
	}
	return QW_OK;
}

void qw_pieces_clear(struct qw_piece_pool *pool, struct qw_pieces *pieces)
{
	while (pieces->first) {
		struct qw_piece *piece = pieces->first;
		pieces->first = piece->next;
		put(pool, piece);
	}
	pieces->filled = 0;
}
