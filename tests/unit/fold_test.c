/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/detect/fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdalign.h>


enum { SPAN_S = 10, SOURCES = 20000 };

/* What came out: how many records, and the sum of their counts. */
struct tally {
	unsigned records;
	uint64_t sum;
	int64_t last_ns;
};

static uint64_t count_of(const struct qw_event *event, size_t size)
{
	struct qw_event_reader reader;
	const struct qw_event *opened;
	enum qw_event_key key;
	const uint8_t *data;
	uint64_t count = 0;
	size_t len;

	assert_int_equal(qw_event_open(&reader, event, size, &opened), QW_OK);
	while (qw_event_next(&reader, &key, &data, &len))
		if (key == QW_KEY_COUNT_ADDED)
			memcpy(&count, data, sizeof(count));
	return count;
}

static void take(void *ctx, const struct qw_event *event, size_t size)
{
	struct tally *tally = ctx;

	tally->records++;
	tally->sum += count_of(event, size);
	tally->last_ns = event->time_ns;
}

static struct qw_fold *fold_of(struct tally *tally, int64_t seconds)
{
	struct qw_fold_options options = {.span = qw_time_seconds(seconds), .emit = take, .ctx = tally};
	struct qw_fold *fold;

	*tally = (struct tally){0};
	assert_int_equal(qw_fold_new(&fold, &options), QW_OK);
	return fold;
}

/* As the reporter does it: counted onto an earlier record, or written with a count of one. */
static void match(struct qw_fold *fold, struct tally *tally, uint32_t source, struct qw_time now)
{
	alignas(8) uint8_t memory[256];
	struct qw_event_writer writer;
	struct qw_address src = qw_address_v4((const uint8_t[]){10, (uint8_t)(source >> 16), (uint8_t)(source >> 8), (uint8_t)source});
	struct qw_address dst = qw_address_v4((const uint8_t[]){10, 0, 0, 1});
	uint64_t hash = qw_fold_hash(fold, 42, &src, &dst);

	if (qw_fold_count(fold, hash, now))
		return;
	qw_event_begin(&writer, memory, sizeof(memory), QW_EVENT_ALERT, now);
	qw_event_put(&writer, QW_KEY_SRC_IP, &src, sizeof(src));
	qw_event_put_u64(&writer, QW_KEY_COUNT_ADDED, 1);
	qw_fold_begin(fold, hash, now, writer.event, qw_event_size(writer.event));
	take(tally, writer.event, qw_event_size(writer.event));
}

static void a_flood_is_two_records_whose_counts_add_up(void **state)
{
	struct tally tally;
	struct qw_fold *fold = fold_of(&tally, SPAN_S);

	for (int i = 0; i < 1000; i++)
		match(fold, &tally, 1, qw_time_ns(QW_NS_PER_S + i));
	assert_int_equal(tally.records, 1);
	assert_int_equal(qw_fold_folded(fold), 999);
	qw_fold_flush(fold);
	assert_int_equal(tally.records, 2);
	assert_int_equal(tally.sum, 1000);
	assert_int_equal(tally.last_ns, QW_NS_PER_S + 999); /* the time of its last packet */
	qw_fold_flush(fold);
	assert_int_equal(tally.records, 2);
	qw_fold_free(fold);
}

static void after_the_span_a_match_goes_out_at_once_again(void **state)
{
	struct tally tally;
	struct qw_fold *fold = fold_of(&tally, SPAN_S);

	match(fold, &tally, 1, qw_time_seconds(1));
	match(fold, &tally, 1, qw_time_seconds(SPAN_S));
	assert_int_equal(tally.records, 1);
	match(fold, &tally, 1, qw_time_seconds(SPAN_S + 1));
	assert_int_equal(tally.records, 3); /* the one that waited, and this */
	assert_int_equal(tally.sum, 3);
	qw_fold_free(fold);
}

static void what_waits_goes_out_when_it_is_due_without_another_match(void **state)
{
	struct tally tally;
	struct qw_fold *fold = fold_of(&tally, SPAN_S);

	match(fold, &tally, 1, qw_time_seconds(1));
	match(fold, &tally, 1, qw_time_seconds(2));
	for (int i = 0; i < 4096; i++)
		qw_fold_tick(fold, qw_time_seconds(SPAN_S));
	assert_int_equal(tally.records, 1);
	for (int i = 0; i < 4096; i++)
		qw_fold_tick(fold, qw_time_seconds(SPAN_S + 1));
	assert_int_equal(tally.records, 2);
	assert_int_equal(tally.sum, 2);
	qw_fold_free(fold);
}

static void more_sources_than_places_lose_no_match(void **state)
{
	struct tally tally;
	struct qw_fold *fold = fold_of(&tally, SPAN_S);

	for (int round = 0; round < 3; round++)
		for (uint32_t source = 0; source < SOURCES; source++)
			match(fold, &tally, source, qw_time_seconds(1));
	qw_fold_flush(fold);
	assert_int_equal(tally.sum, 3 * SOURCES);
	qw_fold_free(fold);
}

static void a_span_of_zero_folds_nothing(void **state)
{
	struct tally tally;
	struct qw_fold *fold = fold_of(&tally, 0);

	for (int i = 0; i < 10; i++)
		match(fold, &tally, 1, qw_time_seconds(1));
	assert_int_equal(tally.records, 10);
	qw_fold_flush(fold);
	assert_int_equal(tally.records, 10);
	qw_fold_free(fold);
}

static void other_ends_or_another_rule_are_not_the_same(void **state)
{
	struct tally tally;
	struct qw_fold *fold = fold_of(&tally, SPAN_S);
	struct qw_address a = qw_address_v4((const uint8_t[]){10, 0, 0, 1}), b = qw_address_v4((const uint8_t[]){10, 0, 0, 2});
	uint64_t hash = qw_fold_hash(fold, 1, &a, &b);

	assert_true(hash != 0);
	assert_true(hash == qw_fold_hash(fold, 1, &a, &b));
	assert_true(hash != qw_fold_hash(fold, 2, &a, &b));
	assert_true(hash != qw_fold_hash(fold, 1, &b, &a));
	qw_fold_free(fold);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flood_is_two_records_whose_counts_add_up),
		cmocka_unit_test(after_the_span_a_match_goes_out_at_once_again),
		cmocka_unit_test(what_waits_goes_out_when_it_is_due_without_another_match),
		cmocka_unit_test(more_sources_than_places_lose_no_match),
		cmocka_unit_test(a_span_of_zero_folds_nothing),
		cmocka_unit_test(other_ends_or_another_rule_are_not_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
