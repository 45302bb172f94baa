/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parser_state - what parsers take their memory from (sensor/protocol/store.h), without a pool.
 *
 * For tests of one part of a parser: include it in one file of the program,
 * and hand &state on as `state`.  Memory comes from the heap, block by block,
 * so that a sanitizer sees its ends; up to `room` bytes at once.
 */
#pragma once

#include <stdlib.h>

#include "sensor/protocol/store.h"

struct parser_state {
	size_t room; /* 0: as much as there is */
	size_t used;
	unsigned blocks, refused, cuts;
};

union parser_block {
	size_t bytes;
	max_align_t align;
};

void *qw_parser_take(void *state, size_t bytes)
{
	struct parser_state *here = state;

	if (here->room && bytes > here->room - here->used) {
		here->refused++;
		return NULL;
	}
	union parser_block *block = malloc(sizeof(*block) + bytes);
	if (!block)
		abort();
	block->bytes = bytes;
	here->used += bytes;
	here->blocks++;
	return block + 1;
}

void qw_parser_give(void *state, void *memory)
{
	struct parser_state *here = state;
	union parser_block *block = memory;

	if (!block)
		return;
	block--;
	here->used -= block->bytes;
	here->blocks--;
	free(block);
}

void qw_parser_cut(void *state)
{
	((struct parser_state *)state)->cuts++;
}
