/* SPDX-License-Identifier: Apache-2.0 */
/* Entries that wait on the disk until they are proved. */
#include "channel_kit.h"

#include "rules/channel/spill.h"

enum { LONGEST = QW_ENTRY_MAX };

struct sizes {
	const size_t *size;
	size_t count, at, stop;
};

static enum qw_err check_size(void *ctx, struct qw_slice body)
{
	struct sizes *sizes = ctx;
	assert_true(sizes->at < sizes->count);
	assert_int_equal(body.len, sizes->size[sizes->at]);
	for (size_t i = 0; i < body.len; i++)
		assert_int_equal(body.data[i], (uint8_t)(sizes->at + i));
	return ++sizes->at == sizes->stop ? QW_ELIMIT : QW_OK;
}

static void what_waits_comes_back_as_it_went_in(void **state)
{
	static const size_t size[] = {1, LONGEST, LONGEST - 1, 0, 40, LONGEST, LONGEST, 3, LONGEST, 65532};
	static uint8_t body[LONGEST];
	struct sizes sizes = {size, sizeof(size) / sizeof(size[0]), 0, 0};
	struct qw_spill spill;
	(void)state;
	assert_int_equal(qw_spill_open(&spill, NULL), QW_OK);
	for (size_t at = 0; at < sizes.count; at++) {
		for (size_t i = 0; i < size[at]; i++)
			body[i] = (uint8_t)(at + i);
		assert_int_equal(qw_spill_add(&spill, qw_slice(body, size[at])), QW_OK);
	}
	assert_int_equal(qw_spill_add(&spill, qw_slice(body, (size_t)LONGEST + 1)), QW_ELIMIT);
	for (int round = 0; round < 2; round++) {
		sizes.at = 0;
		assert_int_equal(qw_spill_each(&spill, check_size, &sizes), QW_OK);
		assert_int_equal(sizes.at, sizes.count);
	}
	sizes.at = 0;
	sizes.stop = 3;
	assert_int_equal(qw_spill_each(&spill, check_size, &sizes), QW_ELIMIT);
	assert_int_equal(sizes.at, 3);
	qw_spill_close(&spill);
	qw_spill_close(&spill);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_waits_comes_back_as_it_went_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
