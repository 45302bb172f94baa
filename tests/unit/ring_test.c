/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/ring.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BYTES = 4096, RECORDS = 200000, TAIL_AT = 64, RECORDS_AT = 192 };

static struct qw_ring *new_ring(struct qw_ring_reader *reader)
{
	struct qw_ring *ring = aligned_alloc(64, (qw_ring_size(BYTES) + 63) & ~(size_t)63);
	assert_non_null(ring);
	memset(ring, 0, qw_ring_size(BYTES));
	assert_int_equal(qw_ring_init(ring, BYTES), QW_OK);
	assert_int_equal(qw_ring_reader_init(reader, ring, BYTES), QW_OK);
	return ring;
}

static bool push(struct qw_ring *ring, const void *data, size_t len)
{
	void *room = qw_ring_reserve(ring, len);
	if (!room)
		return false;
	assert_int_equal((uintptr_t)room % 8, 0);
	memcpy(room, data, len);
	qw_ring_commit(ring, len);
	return true;
}

static void records_come_out_in_the_order_they_went_in(void **state)
{
	struct qw_ring_reader reader;
	struct qw_ring *ring = new_ring(&reader);
	const void *data;
	size_t len;
	assert_int_equal(qw_ring_peek(&reader, &data, &len), QW_EAGAIN);
	assert_true(push(ring, "one", 3));
	assert_true(push(ring, "", 0));
	assert_true(push(ring, "three", 5));
	assert_int_equal(qw_ring_peek(&reader, &data, &len), QW_OK);
	assert_int_equal(qw_ring_peek(&reader, &data, &len), QW_OK);
	assert_true(len == 3 && memcmp(data, "one", 3) == 0);
	qw_ring_release(&reader);
	assert_int_equal(qw_ring_peek(&reader, &data, &len), QW_OK);
	assert_int_equal(len, 0);
	qw_ring_release(&reader);
	assert_int_equal(qw_ring_peek(&reader, &data, &len), QW_OK);
	assert_true(len == 5 && memcmp(data, "three", 5) == 0);
	qw_ring_release(&reader);
	assert_int_equal(qw_ring_peek(&reader, &data, &len), QW_EAGAIN);
	free(ring);
}

/* 56 and 8 bytes each: 64 of them are the ring. */
static void a_full_ring_refuses_until_something_is_released(void **state)
{
	struct qw_ring_reader reader;
	struct qw_ring *ring = new_ring(&reader);
	char record[56] = "";
	const void *data;
	size_t len;
	for (int i = 0; i < BYTES / 64; i++)
		assert_true(push(ring, record, sizeof(record)));
	assert_false(push(ring, record, 0));
	assert_int_equal(qw_ring_peek(&reader, &data, &len), QW_OK);
	assert_false(push(ring, record, 0));
	qw_ring_release(&reader);
	assert_true(push(ring, record, sizeof(record)));
	assert_false(push(ring, record, 0));
	free(ring);
}

static void a_record_of_half_the_ring_always_finds_room_in_an_empty_one(void **state)
{
	struct qw_ring_reader reader;
	struct qw_ring *ring = new_ring(&reader);
	static char record[BYTES];
	const void *data;
	size_t len;
	for (size_t size = 0; size <= BYTES / 2 - 8; size += 8) {
		assert_true(push(ring, record, size));
		assert_int_equal(qw_ring_peek(&reader, &data, &len), QW_OK);
		qw_ring_release(&reader);
		assert_true(push(ring, record, BYTES / 2 - 8));
		assert_int_equal(qw_ring_peek(&reader, &data, &len), QW_OK);
		assert_int_equal(len, BYTES / 2 - 8);
		qw_ring_release(&reader);
	}
	assert_int_equal(qw_ring_init(ring, BYTES), QW_OK);
	assert_false(push(ring, record, BYTES / 2 - 7));
	assert_null(qw_ring_reserve(ring, SIZE_MAX));
	free(ring);
}

static void less_may_be_committed_than_was_reserved_and_nothing_is_lost_of_it(void **state)
{
	struct qw_ring_reader reader;
	struct qw_ring *ring = new_ring(&reader);
	const void *data;
	size_t len;
	for (int i = 0; i < 1000; i++) {
		char *room = qw_ring_reserve(ring, 1500); /* abandoned: as if its producer had died */
		assert_non_null(room);
		memset(room, 0xee, 1500);
		room = qw_ring_reserve(ring, 1500);
		memcpy(room, &i, sizeof(i));
		qw_ring_commit(ring, sizeof(i));
		assert_int_equal(qw_ring_peek(&reader, &data, &len), QW_OK);
		assert_true(len == sizeof(i) && memcmp(data, &i, sizeof(i)) == 0);
		qw_ring_release(&reader);
	}
	free(ring);
}

static void a_new_consumer_goes_on_where_the_last_one_released(void **state)
{
	struct qw_ring_reader reader, next;
	struct qw_ring *ring = new_ring(&reader);
	const void *data;
	size_t len;
	assert_true(push(ring, "a", 1) && push(ring, "bb", 2));
	assert_int_equal(qw_ring_peek(&reader, &data, &len), QW_OK);
	qw_ring_release(&reader);
	assert_int_equal(qw_ring_peek(&reader, &data, &len), QW_OK);
	assert_int_equal(qw_ring_reader_init(&next, ring, BYTES), QW_OK);
	assert_int_equal(qw_ring_peek(&next, &data, &len), QW_OK);
	assert_int_equal(len, 2);
	free(ring);
}

static void odd_sizes_are_refused(void **state)
{
	struct qw_ring_reader reader;
	struct qw_ring *ring = new_ring(&reader);
	assert_int_equal(qw_ring_init(ring, 4095), QW_EINVAL);
	assert_int_equal(qw_ring_init(ring, 2048), QW_EINVAL);
	assert_int_equal(qw_ring_init(ring, 0), QW_EINVAL);
	assert_int_equal(qw_ring_reader_init(&reader, ring, 6000), QW_EINVAL);
	free(ring);
}

static void set_u64(struct qw_ring *ring, size_t at, uint64_t value)
{
	memcpy((char *)ring + at, &value, sizeof(value));
}

/* A hostile producer: it may write anything anywhere in the shared memory. */
static void lengths_that_cannot_be_close_the_ring_for_reading(void **state)
{
	static const struct {
		uint64_t head;
		uint64_t first, second; /* words of the records */
	} rows[] = {
		{8192, 0, 0},		       /* more than there is memory */
		{UINT64_MAX, 0, 0},	       /* less than was read */
		{12, 0, 0},		       /* not on a boundary */
		{16, 9, 0},		       /* longer than what is committed */
		{16, 4089, 0},		       /* longer than the ring */
		{16, UINT32_MAX - 1, 0},       /* wraps round when padded */
		{16, UINT32_MAX, 0},	       /* a skip at the very beginning */
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct qw_ring_reader reader;
		struct qw_ring *ring = new_ring(&reader);
		const void *data;
		size_t len;
		set_u64(ring, RECORDS_AT, rows[i].first);
		set_u64(ring, RECORDS_AT + 8, rows[i].second);
		set_u64(ring, 0, rows[i].head);
		assert_int_equal(qw_ring_peek(&reader, &data, &len), QW_EFORMAT);
		set_u64(ring, 0, 0);
		assert_int_equal(qw_ring_peek(&reader, &data, &len), QW_EFORMAT);
		free(ring);
	}
}

static void a_record_that_runs_over_the_memorys_end_is_not_handed_out(void **state)
{
	struct qw_ring_reader reader;
	struct qw_ring *ring = new_ring(&reader);
	char record[56] = "";
	const void *data;
	size_t len;
	for (int i = 0; i < BYTES / 64 - 1; i++) {
		assert_true(push(ring, record, sizeof(record)));
		assert_int_equal(qw_ring_peek(&reader, &data, &len), QW_OK);
		qw_ring_release(&reader);
	}
	set_u64(ring, RECORDS_AT + BYTES - 64, 57); /* 64 bytes are left to the end, with the head */
	set_u64(ring, 0, BYTES + 64);
	assert_int_equal(qw_ring_peek(&reader, &data, &len), QW_EFORMAT);
	free(ring);
}

static void what_the_producer_does_to_the_header_does_not_move_the_consumer(void **state)
{
	struct qw_ring_reader reader;
	struct qw_ring *ring = new_ring(&reader);
	const void *data;
	size_t len;
	assert_true(push(ring, "a", 1) && push(ring, "bb", 2));
	set_u64(ring, TAIL_AT, 4000);
	set_u64(ring, 128, UINT64_C(1) << 40);
	assert_int_equal(qw_ring_peek(&reader, &data, &len), QW_OK);
	assert_int_equal(len, 1);
	qw_ring_release(&reader);
	assert_int_equal(qw_ring_peek(&reader, &data, &len), QW_OK);
	assert_int_equal(len, 2);
	free(ring);
}

struct record {
	uint32_t number;
	uint8_t bytes[200];
};

static size_t record_len(uint32_t number)
{
	return sizeof(uint32_t) + number * 7 % 200;
}

static void *produce(void *ctx)
{
	struct record record;
	for (uint32_t i = 0; i < RECORDS; i++) {
		record.number = i;
		memset(record.bytes, (int)i, sizeof(record.bytes));
		while (!push(ctx, &record, record_len(i)))
			sched_yield();
	}
	return NULL;
}

static void two_threads_lose_and_mix_nothing(void **state)
{
	struct qw_ring_reader reader;
	struct qw_ring *ring = new_ring(&reader);
	pthread_t producer;
	assert_int_equal(pthread_create(&producer, NULL, produce, ring), 0);
	for (uint32_t i = 0; i < RECORDS; i++) {
		const void *data;
		size_t len;
		enum qw_err err;
		while ((err = qw_ring_peek(&reader, &data, &len)) == QW_EAGAIN)
			sched_yield();
		const struct record *record = data;
		if (err || len != record_len(i) || record->number != i ||
		    (len > 4 && (record->bytes[0] != (uint8_t)i || record->bytes[len - 5] != (uint8_t)i)))
			fail_msg("record %u is not what was put in", i);
		qw_ring_release(&reader);
	}
	pthread_join(producer, NULL);
	free(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_out_in_the_order_they_went_in),
		cmocka_unit_test(a_full_ring_refuses_until_something_is_released),
		cmocka_unit_test(a_record_of_half_the_ring_always_finds_room_in_an_empty_one),
		cmocka_unit_test(less_may_be_committed_than_was_reserved_and_nothing_is_lost_of_it),
		cmocka_unit_test(a_new_consumer_goes_on_where_the_last_one_released),
		cmocka_unit_test(odd_sizes_are_refused),
		cmocka_unit_test(lengths_that_cannot_be_close_the_ring_for_reading),
		cmocka_unit_test(a_record_that_runs_over_the_memorys_end_is_not_handed_out),
		cmocka_unit_test(what_the_producer_does_to_the_header_does_not_move_the_consumer),
		cmocka_unit_test(two_threads_lose_and_mix_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
