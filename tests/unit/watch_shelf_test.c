/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sensor/watch/shelf.h"

struct row {
	uint64_t key;
	char *owned;
	unsigned value;
};

static void forget(void *ctx, void *row)
{
	(void)ctx;
	free(((struct row *)row)->owned);
}

static struct qw_shelf *make(size_t max)
{
	struct qw_shelf *shelf;
	struct qw_shelf_options options = {sizeof(uint64_t), sizeof(struct row), max, forget, NULL};

	assert_int_equal(qw_shelf_new(&shelf, &options), QW_OK);
	return shelf;
}

static struct row *get(struct qw_shelf *shelf, uint64_t key, bool *pushed)
{
	struct row *row = qw_shelf_get(shelf, &key, pushed);

	assert_non_null(row);
	if (!row->owned)
		row->owned = calloc(1, 8); /* the sanitizer tells if it is not let go */
	return row;
}

static struct row *find(struct qw_shelf *shelf, uint64_t key)
{
	return qw_shelf_find(shelf, &key);
}

static void a_row_is_found_by_its_key_with_what_was_kept_in_it(void **state)
{
	struct qw_shelf *shelf = make(1000);
	bool pushed;

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		get(shelf, i, &pushed)->value = i * 3;
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(find(shelf, i)->value, i * 3);
	assert_null(find(shelf, 1000));
	assert_int_equal(qw_shelf_count(shelf), 1000);
	assert_false(pushed);
	qw_shelf_free(shelf);
}

static void a_full_shelf_lets_go_of_the_row_that_was_longest_unseen(void **state)
{
	struct qw_shelf *shelf = make(3);
	bool pushed;

	(void)state;
	for (unsigned i = 1; i <= 3; i++)
		get(shelf, i, &pushed)->value = i;
	get(shelf, 1, &pushed);
	assert_false(pushed);
	assert_int_equal(get(shelf, 4, &pushed)->value, 0);
	assert_true(pushed);
	assert_null(find(shelf, 2));
	assert_int_equal(find(shelf, 1)->value, 1);
	assert_int_equal(find(shelf, 3)->value, 3);
	assert_int_equal(qw_shelf_count(shelf), 3);
	qw_shelf_free(shelf);
}

static void it_is_walked_from_the_longest_unseen_to_the_latest(void **state)
{
	static const uint64_t expected[] = {2, 3, 1};
	struct qw_shelf *shelf = make(8);
	bool pushed;
	size_t count = 0;

	(void)state;
	for (unsigned i = 1; i <= 3; i++)
		get(shelf, i, &pushed);
	get(shelf, 1, &pushed);
	for (struct row *row = qw_shelf_next(shelf, NULL); row; row = qw_shelf_next(shelf, row))
		assert_int_equal(row->key, expected[count++]);
	assert_int_equal(count, 3);
	qw_shelf_free(shelf);
}

static void sorted_rows_stand_in_the_order_of_their_keys(void **state)
{
	struct qw_shelf *shelf = make(8);
	bool pushed;

	(void)state;
	assert_null(qw_shelf_sorted(shelf));
	for (unsigned i = 5; i > 0; i--)
		get(shelf, i, &pushed);
	void **rows = qw_shelf_sorted(shelf);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(((struct row *)rows[i])->key, i + 1);
	free(rows);
	qw_shelf_free(shelf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_is_found_by_its_key_with_what_was_kept_in_it),
		cmocka_unit_test(a_full_shelf_lets_go_of_the_row_that_was_longest_unseen),
		cmocka_unit_test(it_is_walked_from_the_longest_unseen_to_the_latest),
		cmocka_unit_test(sorted_rows_stand_in_the_order_of_their_keys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
