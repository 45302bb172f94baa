/* SPDX-License-Identifier: Apache-2.0 */
/*
 * blob_kit - conversations of the messages that tests/forge/smb.h builds, for protocol_kit to play.
 *
 *	struct talk *talk = talk_new();
 *	forge_…(&talk->blob, …);
 *	say(talk, QW_TO_SERVER);
 *	kit_play_all_ways(&kit, QW_PROTO_TCP, 445, talk->piece);
 *	talk_free(talk);
 */
#pragma once

#include "tests/forge/smb.h"
#include "tests/unit/protocol_kit.h"

enum { TALK_PIECES = 256 };

struct talk {
	struct kit_piece piece[TALK_PIECES + 1];
	size_t pieces;
	struct forge_blob blob;
};

static inline struct talk *talk_new(void)
{
	struct talk *talk = calloc(1, sizeof(*talk));
	assert_non_null(talk);
	return talk;
}

static inline void talk_free(struct talk *talk)
{
	for (size_t i = 0; i < talk->pieces; i++)
		free((void *)(uintptr_t)talk->piece[i].data);
	free(talk);
}

/* What was built in the blob is said. */
static inline void say(struct talk *talk, enum qw_direction direction)
{
	uint8_t *copy = malloc(talk->blob.len);
	assert_non_null(copy);
	assert_true(talk->pieces < TALK_PIECES);
	memcpy(copy, talk->blob.at, talk->blob.len);
	talk->piece[talk->pieces++] = (struct kit_piece){direction, copy, talk->blob.len};
	talk->blob.len = 0;
}

/* The n-th fresh value of a buffer that is a number. */
static inline uint64_t number_of(const struct kit *kit, enum qw_buffer buffer, size_t n)
{
	uint64_t number;
	const char *value = kit_nth(kit, buffer, n);
	assert_non_null(value);
	memcpy(&number, value, sizeof(number));
	return number;
}
