/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sensor/protocol/arena.h"

enum { BLOCKS = 64 };

static void what_comes_back_can_be_had_again_as_one_block(void **state)
{
	struct qw_arena *arena;
	void *block[BLOCKS];
	size_t size;
	assert_int_equal(qw_arena_new(&arena, (size_t)BLOCKS * QW_ARENA_BLOCK_MIN), QW_OK);
	for (int i = 0; i < BLOCKS; i++) {
		block[i] = qw_arena_take(arena, 100, &size);
		assert_non_null(block[i]);
		assert_int_equal(size, QW_ARENA_BLOCK_MIN);
	}
	assert_null(qw_arena_take(arena, 1, &size));
	for (int i = 0; i < BLOCKS; i++)
		qw_arena_give(arena, block[(i * 37) % BLOCKS]);
	assert_int_equal(qw_arena_used(arena), 0);
	void *all = qw_arena_take(arena, (size_t)BLOCKS * QW_ARENA_BLOCK_MIN, &size);
	assert_non_null(all);
	qw_arena_free(arena);
}

static void blocks_never_overlap(void **state)
{
	struct qw_arena *arena;
	struct {
		uint8_t *at;
		size_t size;
		uint8_t mark;
	} held[BLOCKS] = {0};
	assert_int_equal(qw_arena_new(&arena, 3 << 20), QW_OK);
	uint32_t seed = 1;
	for (unsigned round = 0; round < 20000; round++) {
		seed = seed * 1664525 + 1013904223;
		unsigned i = seed >> 16 & (BLOCKS - 1);
		for (size_t k = 0; held[i].at && k < held[i].size; k += 97)
			assert_int_equal(held[i].at[k], held[i].mark);
		qw_arena_give(arena, held[i].at);
		held[i].mark = (uint8_t)round;
		held[i].at = qw_arena_take(arena, seed % 100000, &held[i].size);
		if (held[i].at)
			memset(held[i].at, held[i].mark, held[i].size);
	}
	for (unsigned i = 0; i < BLOCKS; i++)
		qw_arena_give(arena, held[i].at);
	assert_int_equal(qw_arena_used(arena), 0);
	qw_arena_free(arena);
}

static void more_than_the_largest_block_is_refused(void **state)
{
	struct qw_arena *arena;
	size_t size;
	assert_int_equal(qw_arena_new(&arena, 4 << 20), QW_OK);
	assert_null(qw_arena_take(arena, QW_ARENA_BLOCK_MAX + 1, &size));
	assert_non_null(qw_arena_take(arena, QW_ARENA_BLOCK_MAX, &size));
	qw_arena_free(arena);
	assert_int_equal(qw_arena_new(&arena, 100), QW_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_comes_back_can_be_had_again_as_one_block),
		cmocka_unit_test(blocks_never_overlap),
		cmocka_unit_test(more_than_the_largest_block_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
