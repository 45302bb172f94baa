/* SPDX-License-Identifier: Apache-2.0 */
/* What rules remember: found again, bounded, shared by processes, and proof against their death. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "quaywatch/states.h"

enum { BYTES = 1 << 20, NOW = 1000 };

static struct qw_states *table(void *memory, bool by_owner)
{
	struct qw_states_options options = {memory, BYTES, by_owner};
	struct qw_states *states;
	assert_int_equal(qw_states_new(&states, &options), QW_OK);
	return states;
}

static void *shared_memory(void)
{
	void *memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(memory, MAP_FAILED);
	return memory;
}

static struct qw_state_key key_of(const struct qw_states *states, uint64_t owner, uint64_t item)
{
	return (struct qw_state_key){qw_states_owner(states, &owner, sizeof(owner)), item};
}

static void add_one(void *ctx, struct qw_state *state)
{
	state->value++;
	state->set = true;
	state->expires = ctx ? *(const uint32_t *)ctx : 0;
}

static void drop(void *ctx, struct qw_state *state)
{
	state->set = false;
}

static uint64_t value_of(struct qw_states *states, struct qw_state_key key, uint32_t now)
{
	struct qw_state state;
	return qw_states_get(states, key, now, &state) ? state.value : 0;
}

static void what_was_put_is_found_until_it_is_dropped(void **state)
{
	struct qw_states *states = table(NULL, false);
	struct qw_state_key mine = key_of(states, 1, 7), other = key_of(states, 2, 7), second = key_of(states, 1, 8);

	assert_true(qw_states_change(states, mine, NOW, add_one, NULL));
	assert_true(qw_states_change(states, mine, NOW, add_one, NULL));
	assert_int_equal(value_of(states, mine, NOW), 2);
	assert_int_equal(value_of(states, other, NOW), 0);
	assert_int_equal(value_of(states, second, NOW), 0);
	assert_true(qw_states_change(states, mine, NOW, drop, NULL));
	assert_int_equal(value_of(states, mine, NOW), 0);
	qw_states_free(states);
}

static void what_has_expired_is_not_there(void **state)
{
	struct qw_states *states = table(NULL, false);
	struct qw_state_key key = key_of(states, 1, 1);
	uint32_t until = NOW + 5;

	assert_true(qw_states_change(states, key, NOW, add_one, &until));
	assert_int_equal(value_of(states, key, until), 1);
	assert_int_equal(value_of(states, key, until + 1), 0);
	until = NOW + 50;
	assert_true(qw_states_change(states, key, NOW + 6, add_one, &until));
	assert_int_equal(value_of(states, key, NOW + 6), 1); /* anew, not 2 */
	qw_states_free(states);
}

static void sum_up(void *ctx, uint64_t item, const struct qw_state *state)
{
	*(uint64_t *)ctx += item;
}

static void all_of_an_owner_is_shown_and_forgotten(void **state)
{
	struct qw_states *states = table(NULL, true);
	uint64_t sum = 0;

	for (uint64_t item = 1; item <= 5; item++) /* both owners may stand in one bucket: it has room for 12 */
		for (uint64_t owner = 1; owner <= 2; owner++)
			assert_true(qw_states_change(states, key_of(states, owner, item), NOW, add_one, NULL));
	qw_states_each(states, key_of(states, 1, 0).owner, NOW, sum_up, &sum);
	assert_int_equal(sum, 15);
	qw_states_forget(states, key_of(states, 1, 0).owner);
	assert_int_equal(value_of(states, key_of(states, 1, 3), NOW), 0);
	assert_int_equal(value_of(states, key_of(states, 2, 3), NOW), 1);
	qw_states_free(states);
}

/* A flood of new entries costs others theirs, but neither memory nor what is in use. */
static void a_flood_stays_within_the_table(void **state)
{
	struct qw_states *states = table(NULL, false);
	struct qw_state_key mine = key_of(states, 0, 1);

	for (uint64_t i = 1; i <= 200000; i++) {
		uint32_t now = NOW + (uint32_t)(i / 1000);
		assert_true(qw_states_change(states, key_of(states, i, 1), now, add_one, NULL));
		if (i % 500 == 0)
			assert_true(qw_states_change(states, mine, now, add_one, NULL));
	}
	assert_int_equal(value_of(states, mine, NOW + 200), 400);
	uint64_t left = 0, room = BYTES / 40;
	for (uint64_t i = 1; i <= 200000; i++)
		left += value_of(states, key_of(states, i, 1), NOW + 200);
	assert_true(left <= room);
	assert_int_equal(left + qw_states_counters(states).given_up, 200000);
	qw_states_free(states);
}

/* What is over gives way first, and is no loss. */
static void the_expired_give_way(void **state)
{
	struct qw_states *states = table(NULL, false);
	uint32_t until = NOW + 1;

	for (uint64_t i = 1; i <= 100000; i++)
		assert_true(qw_states_change(states, key_of(states, i, 1), NOW, add_one, &until));
	uint64_t before = qw_states_counters(states).given_up;
	for (uint64_t i = 1; i <= 500; i++) /* so few that no bucket gets more of these than it has room for */
		assert_true(qw_states_change(states, key_of(states, i, 2), NOW + 2, add_one, NULL));
	assert_int_equal(qw_states_counters(states).given_up, before);
	qw_states_free(states);
}

static void tables_have_secrets_of_their_own(void **state)
{
	struct qw_states *a = table(NULL, false), *b = table(NULL, false);
	assert_true(qw_states_owner(a, "x", 1) != qw_states_owner(b, "x", 1));
	qw_states_free(a);
	qw_states_free(b);
	struct qw_states *none;
	struct qw_states_options small = {NULL, QW_STATES_BYTES_MIN - 1, false};
	assert_int_equal(qw_states_new(&none, &small), QW_EINVAL);
}

/* ---- several processes */

static void processes_count_together(void **state)
{
	enum { PROCESSES = 4, TIMES = 20000, KEYS = 8 };
	void *memory = shared_memory();
	struct qw_states *mine = table(memory, false);

	for (int p = 0; p < PROCESSES; p++) {
		if (fork() != 0)
			continue;
		struct qw_states *states = table(memory, false);
		for (uint64_t i = 0; i < TIMES; i++)
			(void)qw_states_change(states, key_of(states, i % KEYS, 1), NOW, add_one, NULL);
		struct qw_states_counters counters = qw_states_counters(states);
		_exit(counters.busy != 0);
	}
	uint64_t sum = 0;
	for (int p = 0; p < PROCESSES; p++) {
		int status;
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	for (uint64_t key = 0; key < KEYS; key++)
		sum += value_of(mine, key_of(mine, key, 1), NOW);
	/* A count is lost only where a process is put aside between its last look at the lock and its writing. */
	assert_in_range(sum, PROCESSES * TIMES - 400, PROCESSES * TIMES);
	qw_states_free(mine);
	munmap(memory, BYTES);
}

static void die_inside(void *ctx, struct qw_state *state)
{
	state->value = 77;
	state->set = true;
	kill(getpid(), SIGKILL);
}

static void a_process_killed_inside_hinders_nobody(void **state)
{
	void *memory = shared_memory();
	struct qw_states *mine = table(memory, false);
	struct qw_state_key key = key_of(mine, 5, 5);

	assert_true(qw_states_change(mine, key, NOW, add_one, NULL));
	pid_t child = fork();
	if (child == 0) {
		struct qw_states *states = table(memory, false);
		(void)qw_states_change(states, key, NOW, die_inside, NULL);
		_exit(0);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_true(qw_states_change(mine, key, NOW, add_one, NULL));
	assert_int_equal(value_of(mine, key, NOW), 2); /* what the dead one had not finished is not there */
	assert_int_equal(qw_states_counters(mine).taken_over, 1);
	assert_int_equal(qw_states_counters(mine).busy, 0);
	qw_states_free(mine);
	munmap(memory, BYTES);
}

/* At whatever instruction a worker is killed, the next goes on with the table. */
static void killed_anywhere_it_goes_on(void **state)
{
	enum { ROUNDS = 40, KEYS = 3000 };
	void *memory = shared_memory();
	struct qw_states *mine = table(memory, false);

	for (int round = 0; round < ROUNDS; round++) {
		pid_t child = fork();
		if (child == 0) {
			struct qw_states *states = table(memory, false);
			for (uint64_t i = 0;; i++)
				(void)qw_states_change(states, key_of(states, i % KEYS, i % 7), NOW, i % 5 ? add_one : drop, NULL);
		}
		usleep(500 + (useconds_t)round * 37);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, NULL, 0), child);
		for (uint64_t i = 0; i < 200; i++)
			assert_true(qw_states_change(mine, key_of(mine, i, 1), NOW, add_one, NULL));
	}
	assert_int_equal(qw_states_counters(mine).busy, 0);
	qw_states_free(mine);
	munmap(memory, BYTES);
}

static void watching_is_only_prolonged(void **state)
{
	void *memory = shared_memory();
	struct qw_states *a = table(memory, false), *b = table(memory, false);

	qw_states_watch_until(a, 50);
	qw_states_watch_until(b, 40);
	assert_int_equal(qw_states_watched_until(b), 50);
	qw_states_watch_until(b, 60);
	assert_int_equal(qw_states_watched_until(a), 60);
	qw_states_free(a);
	qw_states_free(b);
	munmap(memory, BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_put_is_found_until_it_is_dropped),
	    cmocka_unit_test(what_has_expired_is_not_there),
	    cmocka_unit_test(all_of_an_owner_is_shown_and_forgotten),
	    cmocka_unit_test(a_flood_stays_within_the_table),
	    cmocka_unit_test(the_expired_give_way),
	    cmocka_unit_test(tables_have_secrets_of_their_own),
	    cmocka_unit_test(processes_count_together),
	    cmocka_unit_test(a_process_killed_inside_hinders_nobody),
	    cmocka_unit_test(killed_anywhere_it_goes_on),
	    cmocka_unit_test(watching_is_only_prolonged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
