/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/detect/waiting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>


static void a_rule_has_one_number_in_its_transaction(void **state)
{
	struct qw_waiting *waiting;
	struct qw_waiting_place *place, *again;

	assert_int_equal(qw_waiting_new(&waiting), QW_OK);
	assert_int_equal(qw_waiting_add(waiting, &place, 1, 1, 50), 0);
	assert_int_equal(qw_waiting_add(waiting, &place, 1, 1, 60), 1);
	assert_int_equal(qw_waiting_add(waiting, &again, 1, 1, 50), 0);
	assert_ptr_equal(place, again);
	assert_ptr_equal(qw_waiting_find(waiting, 1, 1), place);
	assert_int_equal(place->count, 2);
	qw_waiting_free(waiting);
}

static void other_transactions_are_not_there(void **state)
{
	struct qw_waiting *waiting;
	struct qw_waiting_place *place;

	assert_int_equal(qw_waiting_new(&waiting), QW_OK);
	assert_int_equal(qw_waiting_add(waiting, &place, 1, 1, 50), 0);
	assert_null(qw_waiting_find(waiting, 1, 2));
	assert_null(qw_waiting_find(waiting, 2, 1));
	qw_waiting_free(waiting);
}

static void more_rules_than_fit_are_counted(void **state)
{
	struct qw_waiting *waiting;
	struct qw_waiting_place *place;

	assert_int_equal(qw_waiting_new(&waiting), QW_OK);
	for (unsigned rule = 0; rule < QW_WAITING_RULES; rule++)
		assert_int_equal(qw_waiting_add(waiting, &place, 1, 1, rule), rule);
	assert_int_equal(qw_waiting_add(waiting, &place, 1, 1, 99), QW_WAITING_RULES);
	assert_int_equal(qw_waiting_counters(waiting).full, 1);
	assert_int_equal(qw_waiting_add(waiting, &place, 1, 1, 3), 3);
	qw_waiting_free(waiting);
}

static void a_taken_place_is_counted_and_begins_empty(void **state)
{
	struct qw_waiting *waiting;
	struct qw_waiting_place *place;
	uint64_t found = 0;

	assert_int_equal(qw_waiting_new(&waiting), QW_OK);
	for (uint64_t flow = 1; flow <= 20000; flow++) {
		assert_int_equal(qw_waiting_add(waiting, &place, flow, 1, 50), 0);
		assert_int_equal(place->fired, 0);
		place->fired = 1;
	}
	for (uint64_t flow = 1; flow <= 20000; flow++)
		found += qw_waiting_find(waiting, flow, 1) != NULL;
	assert_int_equal(found + qw_waiting_counters(waiting).taken_away, 20000);
	qw_waiting_free(waiting);
}

/* 50 is gone, others count from 100. */
static bool shift(void *ctx, uint32_t *rule)
{
	if (*rule == 50)
		return false;
	*rule += 100;
	return true;
}

static void what_fired_is_known_by_its_new_number(void **state)
{
	struct qw_waiting *waiting;
	struct qw_waiting_place *place;

	assert_int_equal(qw_waiting_new(&waiting), QW_OK);
	assert_int_equal(qw_waiting_add(waiting, &place, 1, 1, 50), 0);
	assert_int_equal(qw_waiting_add(waiting, &place, 1, 1, 7), 1);
	assert_int_equal(qw_waiting_add(waiting, &place, 1, 1, 8), 2);
	place->fired = 1u << 0 | 1u << 2;
	qw_waiting_renumber(waiting, shift, NULL);
	assert_int_equal(qw_waiting_add(waiting, &place, 1, 1, 107), 0);
	assert_int_equal(qw_waiting_add(waiting, &place, 1, 1, 108), 1);
	assert_int_equal(place->fired, 1u << 1);
	assert_int_equal(qw_waiting_add(waiting, &place, 1, 1, 50), 2);
	qw_waiting_free(waiting);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_has_one_number_in_its_transaction),
		cmocka_unit_test(other_transactions_are_not_there),
		cmocka_unit_test(more_rules_than_fit_are_counted),
		cmocka_unit_test(a_taken_place_is_counted_and_begins_empty),
		cmocka_unit_test(what_fired_is_known_by_its_new_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
