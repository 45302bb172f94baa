/* SPDX-License-Identifier: Apache-2.0 */
/* Whether different things are counted: exactly while they are few, nearly when they are many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "quaywatch/hash.h"
#include "sensor/watch/paths/distinct.h"

static void add_many(struct qw_distinct *distinct, uint32_t count)
{
	for (uint32_t i = 1; i <= count; i++)
		qw_distinct_add(distinct, (uint32_t)qw_mix64(i * UINT64_C(0x9E3779B97F4A7C15)));
}

static void few_are_counted_exactly_however_often_they_come(void **state)
{
	struct qw_distinct distinct = {0};
	assert_int_equal(qw_distinct_count(&distinct), 0);
	for (int i = 0; i < 3; i++)
		add_many(&distinct, QW_DISTINCT_EXACT);
	assert_int_equal(qw_distinct_count(&distinct), QW_DISTINCT_EXACT);
	assert_false(distinct.sketched);
}

static void many_are_counted_to_a_fifth(void **state)
{
	static const uint32_t counts[] = {65, 100, 300, 600, 1000, 10000, 100000, 1000000};
	for (unsigned i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct qw_distinct distinct = {0};
		add_many(&distinct, counts[i]);
		uint32_t found = qw_distinct_count(&distinct);
		assert_in_range(found, counts[i] - counts[i] / 5, counts[i] + counts[i] / 5);
		add_many(&distinct, counts[i]);
		assert_int_equal(qw_distinct_count(&distinct), found);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_are_counted_exactly_however_often_they_come),
		cmocka_unit_test(many_are_counted_to_a_fifth),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
