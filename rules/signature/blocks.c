/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/blocks.h"

#include <stdlib.h>

#include "rules/signature/ranges.h"

enum qw_err qw_blocks_add(struct qw_vector *blocks, const struct qw_prefix *prefix, uint32_t category, uint32_t score)
{
	unsigned __int128 low = qw_range_address(&prefix->address), ones = ~(unsigned __int128)0;
	struct qw_block block = {.low = low, .high = prefix->bits < 128 ? low | ones >> prefix->bits : low,
				 .category = category, .score = score, .unused = blocks->count};
	return qw_vector_put(blocks, &block, 1) == UINT32_MAX ? QW_ENOMEM : QW_OK;
}

/* By category and begin; around before within; of equal ones the later line last. */
static int compare_blocks(const void *a, const void *b)
{
	const struct qw_block *one = a, *two = b;
	if (one->category != two->category)
		return one->category < two->category ? -1 : 1;
	if (one->low != two->low)
		return one->low < two->low ? -1 : 1;
	if (one->high != two->high)
		return one->high > two->high ? -1 : 1;
	return one->unused < two->unused ? -1 : one->unused > two->unused;
}

/* The blocks that an address lies in, the outermost first. */
struct nest {
	struct qw_block block[129]; /* prefixes of 0 to 128 bits */
	unsigned depth;
	unsigned __int128 at; /* up to here, without it, all is written */
	bool over;            /* … up to the last address there is */
	struct qw_vector *out;
};

/* Writes the innermost block up to an address. */
static enum qw_err write_until(struct nest *nest, unsigned __int128 last)
{
	const struct qw_block *inner = &nest->block[nest->depth - 1];
	if (nest->over || nest->at > last)
		return QW_OK;
	struct qw_block row = {.low = nest->at, .high = last, .category = inner->category, .score = inner->score};
	nest->over = last == ~(unsigned __int128)0;
	nest->at = last + 1;
	return qw_vector_put(nest->out, &row, 1) == UINT32_MAX ? QW_ENOMEM : QW_OK;
}

static enum qw_err leave(struct nest *nest)
{
	enum qw_err err = write_until(nest, nest->block[nest->depth - 1].high);
	nest->depth--;
	return err;
}

static enum qw_err enter(struct nest *nest, const struct qw_block *block)
{
	const struct qw_block *top;
	enum qw_err err = QW_OK;
	while (!err && nest->depth) {
		top = &nest->block[nest->depth - 1];
		if (top->category == block->category && top->high >= block->low)
			break;
		err = leave(nest);
	}
	top = nest->depth ? &nest->block[nest->depth - 1] : NULL;
	if (!err && top && top->low == block->low && top->high == block->high)
		nest->depth--; /* the later line counts */
	else if (!err && top && block->low > top->low)
		err = write_until(nest, block->low - 1);
	nest->block[nest->depth++] = *block;
	if (nest->depth == 1)
		nest->over = false;
	nest->at = block->low;
	return err;
}

enum qw_err qw_blocks_flatten(struct qw_vector *blocks, struct qw_vector *out)
{
	struct nest nest = {.out = out};
	enum qw_err err = QW_OK;
	if (blocks->count)
		qsort(blocks->rows, blocks->count, sizeof(struct qw_block), compare_blocks);
	for (size_t i = 0; i < blocks->count && !err; i++)
		err = enter(&nest, qw_vector_at(blocks, i));
	while (!err && nest.depth)
		err = leave(&nest);
	return err;
}

const struct qw_block *qw_blocks_find(const struct qw_signatures *set, uint32_t category, const struct qw_address *address)
{
	unsigned __int128 value = qw_range_address(address);
	size_t low = 0, high = set->block_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct qw_block *block = &set->blocks[middle];
		if (block->category < category || (block->category == category && block->high < value))
			low = middle + 1;
		else
			high = middle;
	}
	const struct qw_block *found = low < set->block_count ? &set->blocks[low] : NULL;
	return found && found->category == category && found->low <= value ? found : NULL;
}
