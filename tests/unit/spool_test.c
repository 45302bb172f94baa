/* SPDX-License-Identifier: Apache-2.0 */
#include "spool_kit.h"

#include "quaywatch/log.h"

static void records_are_read_in_order_and_once(void **state)
{
	struct bench *bench = *state;
	expect_none(bench->spool);
	append(bench->spool, FIRST_EPOCH, 1, 50);
	expect(bench->spool, FIRST_EPOCH, 1, 30);
	append(bench->spool, FIRST_EPOCH, 51, 20);
	expect(bench->spool, FIRST_EPOCH, 31, 40);
	expect_none(bench->spool);
	append(bench->spool, FIRST_EPOCH, 71, 1);
	expect(bench->spool, FIRST_EPOCH, 71, 1);
	expect_none(bench->spool);
}

static void a_rewind_begins_behind_what_is_acknowledged(void **state)
{
	struct bench *bench = *state;
	append(bench->spool, FIRST_EPOCH, 1, 50);
	expect(bench->spool, FIRST_EPOCH, 1, 40);
	assert_int_equal(qw_spool_acknowledge(bench->spool, FIRST_EPOCH, 23), QW_OK);
	assert_int_equal(qw_spool_stats(bench->spool).pending, 27);
	qw_spool_rewind(bench->spool);
	expect(bench->spool, FIRST_EPOCH, 24, 27);
	expect_none(bench->spool);
}

static void segments_go_when_all_in_them_is_acknowledged(void **state)
{
	struct bench *bench = *state;
	append(bench->spool, FIRST_EPOCH, 1, 100);
	uint64_t before = qw_spool_stats(bench->spool).segments;
	assert_in_range(before, 6, 12);
	assert_int_equal(qw_spool_acknowledge(bench->spool, FIRST_EPOCH, 50), QW_OK);
	assert_in_range(qw_spool_stats(bench->spool).segments, 3, before - 2);
	assert_int_equal(qw_spool_acknowledge(bench->spool, FIRST_EPOCH, 100), QW_OK);
	assert_int_equal(qw_spool_stats(bench->spool).pending, 0);
	assert_int_equal(qw_spool_stats(bench->spool).segments, 1);                   /* the open one */
	assert_int_equal(qw_spool_acknowledge(bench->spool, FIRST_EPOCH, 60), QW_OK); /* late: nothing happens */
	reopen(bench, 101);
	assert_int_equal(qw_spool_stats(bench->spool).segments, 0);
	assert_int_equal(qw_spool_acknowledge(bench->spool, FIRST_EPOCH, 100), QW_ENOENT);
}

static void a_sequence_that_was_not_given_is_not_acknowledged(void **state)
{
	struct bench *bench = *state;
	append(bench->spool, FIRST_EPOCH, 1, 5);
	assert_int_equal(qw_spool_acknowledge(bench->spool, FIRST_EPOCH, 6), QW_EORDER);
	assert_int_equal(qw_spool_stats(bench->spool).pending, 5);
	assert_int_equal(qw_spool_acknowledge(bench->spool, 999, 5), QW_ENOENT);
}

static void older_epochs_are_sent_before_the_new_one(void **state)
{
	struct bench *bench = *state;
	append(bench->spool, FIRST_EPOCH, 1, 40);
	reopen(bench, 5); /* epochs are random: a smaller one is no older */
	append(bench->spool, 5, 1, 3);
	reopen(bench, 70);
	append(bench->spool, 70, 1, 2);
	assert_int_equal(qw_spool_stats(bench->spool).pending, 45);
	expect(bench->spool, FIRST_EPOCH, 1, 40);
	expect(bench->spool, 5, 1, 3);
	expect(bench->spool, 70, 1, 2);
	expect_none(bench->spool);
	assert_int_equal(qw_spool_acknowledge(bench->spool, 5, 3), QW_OK);
	assert_int_equal(qw_spool_acknowledge(bench->spool, FIRST_EPOCH, 39), QW_OK);
	qw_spool_rewind(bench->spool);
	expect(bench->spool, FIRST_EPOCH, 40, 1);
	expect(bench->spool, 70, 1, 2);
	/* The collector may know more of an old epoch than we kept. */
	assert_int_equal(qw_spool_acknowledge(bench->spool, FIRST_EPOCH, 1000), QW_OK);
	assert_int_equal(qw_spool_stats(bench->spool).pending, 2);
}

static void one_process_has_the_folder(void **state)
{
	struct bench *bench = *state;
	struct qw_spool *other;
	struct qw_spool_options options = bench->options;
	options.epoch = 7;
	assert_int_equal(qw_spool_open(&other, &options), QW_EAGAIN);
	append(bench->spool, FIRST_EPOCH, 1, 1);
	qw_spool_close(bench->spool);
	bench->spool = NULL;
	options.epoch = FIRST_EPOCH;
	assert_int_equal(qw_spool_open(&other, &options), QW_EEXIST);
	options.epoch = 0;
	assert_int_equal(qw_spool_open(&other, &options), QW_EINVAL);
	options = (struct qw_spool_options){.folder = bench->folder, .epoch = 7, .bytes_max = 100};
	assert_int_equal(qw_spool_open(&other, &options), QW_EINVAL);
}

static void the_oldest_segments_are_shed_and_counted(void **state)
{
	struct bench *bench = *state;
	append(bench->spool, FIRST_EPOCH, 1, 20);
	expect(bench->spool, FIRST_EPOCH, 1, 5);
	assert_int_equal(qw_spool_acknowledge(bench->spool, FIRST_EPOCH, 5), QW_OK);
	append(bench->spool, FIRST_EPOCH, 21, 980);
	struct qw_spool_stats stats = qw_spool_stats(bench->spool);
	assert_in_range(stats.bytes, 60 * 1024, 64 * 1024);
	assert_int_equal(stats.appended, 1000);
	assert_int_equal(stats.shed + stats.pending + 5, 1000);
	assert_in_range(stats.shed, 400, 900);
	/* Reading goes on behind the gap, up to the end. */
	expect(bench->spool, FIRST_EPOCH, 6 + stats.shed, stats.pending);
	expect_none(bench->spool);
	reopen(bench, 9);
	assert_int_equal(qw_spool_stats(bench->spool).pending, stats.pending);
	expect(bench->spool, FIRST_EPOCH, 6 + stats.shed, stats.pending);
}

static void a_record_that_is_too_large_is_refused(void **state)
{
	struct bench *bench = *state;
	char *large = calloc(1, 4096);
	uint64_t sequence;
	assert_int_equal(qw_spool_append(bench->spool, qw_slice(large, 513), &sequence), QW_ELIMIT);
	assert_int_equal(qw_spool_append(bench->spool, qw_slice(large, 512), &sequence), QW_OK);
	assert_int_equal(sequence, 1);
	assert_int_equal(qw_spool_append(bench->spool, qw_slice(NULL, 0), &sequence), QW_OK);
	free(large);
	struct qw_spool_record record;
	assert_int_equal(qw_spool_read(bench->spool, &record), QW_OK);
	assert_int_equal(qw_spool_read(bench->spool, &record), QW_OK);
	assert_int_equal(record.data.len, 0);
}

static void a_file_that_is_no_segment_is_left_alone(void **state)
{
	struct bench *bench = *state;
	char path[96];
	snprintf(path, sizeof(path), "%s/README", bench->folder);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
	reopen(bench, 6);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(qw_spool_stats(bench->spool).segments, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	qw_log_setup("spool_test", QW_LOG_ERROR);
	const struct CMUnitTest tests[] = {
	    TEST(records_are_read_in_order_and_once),           TEST(a_rewind_begins_behind_what_is_acknowledged),
	    TEST(segments_go_when_all_in_them_is_acknowledged), TEST(a_sequence_that_was_not_given_is_not_acknowledged),
	    TEST(older_epochs_are_sent_before_the_new_one),     TEST(one_process_has_the_folder),
	    TEST(the_oldest_segments_are_shed_and_counted),     TEST(a_record_that_is_too_large_is_refused),
	    TEST(a_file_that_is_no_segment_is_left_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
