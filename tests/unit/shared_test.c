/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/shared.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "quaywatch/states.h"


static struct qw_shared *shared_of(unsigned workers)
{
	struct qw_shared *shared;

	assert_int_equal(qw_shared_new(&shared, workers), QW_OK);
	return shared;
}

static void every_worker_has_a_desk_and_a_ring_of_its_own(void **state)
{
	struct qw_shared *shared = shared_of(3);
	struct qw_ring_reader reader[3];
	const void *data;
	size_t len;

	assert_int_equal(qw_shared_workers(shared), 3);
	for (unsigned i = 0; i < 3; i++) {
		uint8_t *room = qw_ring_reserve(qw_shared_ring(shared, i), 8);
		memset(room, (int)i + 1, 8);
		qw_ring_commit(qw_shared_ring(shared, i), 8);
		atomic_store(&qw_shared_desk(shared, i)->adopted, i + 10);
	}
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(qw_ring_reader_init(&reader[i], qw_shared_ring(shared, i), QW_RING_BYTES), QW_OK);
		assert_int_equal(qw_ring_peek(&reader[i], &data, &len), QW_OK);
		assert_int_equal(len, 8);
		assert_int_equal(*(const uint8_t *)data, i + 1);
		assert_int_equal(atomic_load(&qw_shared_desk(shared, i)->adopted), i + 10);
	}
	qw_shared_free(shared);
}

static bool is_awake(struct qw_shared *shared)
{
	struct pollfd fd = {qw_shared_wake_fd(shared), POLLIN, 0};

	return poll(&fd, 1, 0) == 1;
}

static void a_sleeping_exporter_is_woken_once(void **state)
{
	struct qw_shared *shared = shared_of(1);
	struct qw_ring_reader reader;

	assert_int_equal(qw_ring_reader_init(&reader, qw_shared_ring(shared, 0), QW_RING_BYTES), QW_OK);
	qw_shared_wake(shared);
	assert_false(is_awake(shared)); /* it does not sleep */
	assert_true(qw_shared_sleep(shared, &reader));
	qw_shared_wake(shared);
	assert_true(is_awake(shared));
	qw_shared_awake(shared);
	assert_false(is_awake(shared));
	qw_shared_wake(shared);
	assert_false(is_awake(shared));
	qw_shared_free(shared);
}

static void nobody_sleeps_over_a_record(void **state)
{
	struct qw_shared *shared = shared_of(2);
	struct qw_ring_reader reader[2];

	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(qw_ring_reader_init(&reader[i], qw_shared_ring(shared, i), QW_RING_BYTES), QW_OK);
	assert_non_null(qw_ring_reserve(qw_shared_ring(shared, 1), 8));
	qw_ring_commit(qw_shared_ring(shared, 1), 8);
	assert_false(qw_shared_sleep(shared, reader));
	qw_shared_free(shared);
}

/* What a worker says after that many packets, all of them looked at. */
static void publish(struct qw_desk *desk, uint64_t packets)
{
	struct qw_engine_stats stats = {.packets = packets, .inspected = packets};

	qw_desk_publish(desk, &stats);
}

static void what_was_published_last_is_read(void **state)
{
	struct qw_shared *shared = shared_of(1);
	struct qw_desk *desk = qw_shared_desk(shared, 0);
	struct qw_engine_stats stats;

	qw_desk_read(desk, &stats);
	assert_int_equal(stats.packets, 0);
	for (uint64_t packets = 1; packets < 10; packets++) {
		publish(desk, packets);
		qw_desk_read(desk, &stats);
		assert_int_equal(stats.packets, packets);
		assert_int_equal(stats.inspected, packets);
	}
	qw_shared_free(shared);
}

static void a_worker_that_dies_while_it_writes_leaves_the_round_before(void **state)
{
	struct qw_shared *shared = shared_of(1);
	struct qw_desk *desk = qw_shared_desk(shared, 0);
	struct qw_engine_stats stats;

	publish(desk, 7);
	unsigned written = atomic_load(&desk->stats_sequence);
	desk->stats[(written + 1) % 2].packets = 99; /* and then it died */
	qw_desk_read(desk, &stats);
	assert_int_equal(stats.packets, 7);
	assert_int_equal(stats.inspected, 7);
	qw_shared_free(shared);
}

static void what_a_dead_worker_did_not_tell_of_is_a_loss(void **state)
{
	struct qw_shared *shared = shared_of(1);
	struct qw_desk *desk = qw_shared_desk(shared, 0);
	struct qw_engine_stats stats;

	publish(desk, 90);
	atomic_store(&desk->received, 95);
	atomic_store(&desk->adopted, 4);
	qw_desk_settle(desk, 5, 2);
	qw_desk_read(desk, &stats);
	assert_int_equal(stats.packets, 100);
	assert_int_equal(stats.inspected, 90);
	assert_int_equal(stats.drops[QW_DROP_CAPTURE], 10);
	assert_int_equal(desk->past_received, 100);
	assert_int_equal(desk->past_kernel_drops, 2);
	assert_int_equal(atomic_load(&desk->adopted), 0);

	publish(desk, 11); /* of the next life */
	qw_desk_read(desk, &stats);
	assert_int_equal(stats.packets, 111);
	assert_int_equal(stats.inspected, 101);
	qw_shared_free(shared);
}

static void a_worker_that_told_of_all_lost_nothing(void **state)
{
	struct qw_shared *shared = shared_of(1);
	struct qw_desk *desk = qw_shared_desk(shared, 0);
	struct qw_engine_stats stats;

	publish(desk, 90);
	atomic_store(&desk->received, 64); /* it asked its socket before the last batch */
	qw_desk_settle(desk, 26, 0);
	qw_desk_read(desk, &stats);
	assert_int_equal(stats.packets, 90);
	assert_int_equal(stats.drops[QW_DROP_CAPTURE], 0);
	qw_shared_free(shared);
}

static void set_value(void *ctx, struct qw_state *state)
{
	state->value = *(const uint64_t *)ctx;
	state->set = true;
}

static void what_rules_remember_is_every_worker_s(void **state)
{
	struct qw_shared *shared = shared_of(2);
	uint64_t said = 4711;
	size_t bytes;
	int status;

	assert_null(qw_shared_states(shared, &bytes));
	assert_int_equal(qw_shared_states_new(shared, 1 << 16), QW_OK);
	struct qw_states_options options = {.memory = qw_shared_states(shared, &bytes), .bytes = 1 << 16};
	assert_int_equal(bytes, 1 << 16);
	pid_t child = fork();
	struct qw_states *states;
	assert_int_equal(qw_states_new(&states, &options), QW_OK);
	struct qw_state_key key = {qw_states_owner(states, "host", 4), 1};
	if (child == 0)
		_exit(!qw_states_change(states, key, 1, set_value, &said));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	struct qw_state seen;
	assert_true(qw_states_get(states, key, 1, &seen)); /* the same secret makes the same key */
	assert_int_equal(seen.value, said);
	qw_states_free(states);
	qw_shared_free(shared);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_worker_has_a_desk_and_a_ring_of_its_own),
		cmocka_unit_test(a_sleeping_exporter_is_woken_once),
		cmocka_unit_test(nobody_sleeps_over_a_record),
		cmocka_unit_test(what_was_published_last_is_read),
		cmocka_unit_test(a_worker_that_dies_while_it_writes_leaves_the_round_before),
		cmocka_unit_test(what_a_dead_worker_did_not_tell_of_is_a_loss),
		cmocka_unit_test(a_worker_that_told_of_all_lost_nothing),
		cmocka_unit_test(what_rules_remember_is_every_worker_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
