/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/shared.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "quaywatch/states.h"
#include "sensor/run/summary.h"

enum { LINE = 64, READ_TRIES = 64 };

struct qw_shared {
	unsigned workers;
	int wake_fd;
	size_t bytes;
	uint8_t *memory;
	void *states;
	size_t states_bytes;
};

static size_t rounded(size_t bytes)
{
	return (bytes + LINE - 1) / LINE * LINE;
}

static size_t worker_bytes(void)
{
	return rounded(sizeof(struct qw_desk)) + rounded(qw_ring_size(QW_RING_BYTES));
}

static enum qw_err make_memory(struct qw_shared *shared)
{
	shared->bytes = rounded(sizeof(struct qw_board)) + shared->workers * worker_bytes();
	shared->memory = mmap(NULL, shared->bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared->memory == MAP_FAILED) {
		shared->memory = NULL;
		return QW_ENOMEM;
	}
	qw_clock_follow(&qw_shared_board(shared)->clock);
	for (unsigned i = 0; i < shared->workers; i++) {
		enum qw_err err = qw_ring_init(qw_shared_ring(shared, i), QW_RING_BYTES);
		if (err != QW_OK)
			return err;
	}
	shared->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return shared->wake_fd < 0 ? qw_err_from_errno(errno) : QW_OK;
}

enum qw_err qw_shared_new(struct qw_shared **out, unsigned workers)
{
	struct qw_shared *shared = calloc(1, sizeof(*shared));

	if (!shared)
		return QW_ENOMEM;
	shared->workers = workers;
	shared->wake_fd = -1;
	enum qw_err err = make_memory(shared);
	if (err != QW_OK) {
		qw_shared_free(shared);
		return err;
	}
	*out = shared;
	return QW_OK;
}

void qw_shared_free(struct qw_shared *shared)
{
	if (!shared)
		return;
	if (shared->memory)
		munmap(shared->memory, shared->bytes);
	if (shared->states)
		munmap(shared->states, shared->states_bytes);
	if (shared->wake_fd >= 0)
		close(shared->wake_fd);
	free(shared);
}

enum qw_err qw_shared_states_new(struct qw_shared *shared, size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct qw_states *states;

	if (memory == MAP_FAILED)
		return QW_ENOMEM;
	shared->states = memory;
	shared->states_bytes = bytes;
	/* Opened once here: the secret is in it before anybody else is. */
	enum qw_err err = qw_states_new(&states, &(struct qw_states_options){.memory = memory, .bytes = bytes});
	if (err == QW_OK)
		qw_states_free(states);
	return err;
}

void *qw_shared_states(const struct qw_shared *shared, size_t *bytes)
{
	*bytes = shared->states_bytes;
	return shared->states;
}

unsigned qw_shared_workers(const struct qw_shared *shared)
{
	return shared->workers;
}

struct qw_board *qw_shared_board(struct qw_shared *shared)
{
	return (struct qw_board *)(void *)shared->memory;
}

static uint8_t *worker_memory(struct qw_shared *shared, unsigned worker)
{
	return shared->memory + rounded(sizeof(struct qw_board)) + worker * worker_bytes();
}

struct qw_desk *qw_shared_desk(struct qw_shared *shared, unsigned worker)
{
	return (struct qw_desk *)(void *)worker_memory(shared, worker);
}

struct qw_ring *qw_shared_ring(struct qw_shared *shared, unsigned worker)
{
	return (struct qw_ring *)(void *)(worker_memory(shared, worker) + rounded(sizeof(struct qw_desk)));
}

void qw_shared_wake(struct qw_shared *shared)
{
	struct qw_board *board = qw_shared_board(shared);
	const uint64_t one = 1;

	/* Full barrier against qw_shared_sleep: either we see the flag, or it sees our record. */
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load_explicit(&board->exporter_sleeps, memory_order_relaxed) &&
	    atomic_exchange(&board->exporter_sleeps, 0))
		(void)!write(shared->wake_fd, &one, sizeof(one));
}

int qw_shared_wake_fd(const struct qw_shared *shared)
{
	return shared->wake_fd;
}

void qw_shared_awake(struct qw_shared *shared)
{
	uint64_t count;

	atomic_store(&qw_shared_board(shared)->exporter_sleeps, 0);
	(void)!read(shared->wake_fd, &count, sizeof(count));
}

bool qw_shared_sleep(struct qw_shared *shared, struct qw_ring_reader *readers)
{
	const void *data;
	size_t len;

	atomic_store(&qw_shared_board(shared)->exporter_sleeps, 1);
	atomic_thread_fence(memory_order_seq_cst);
	for (unsigned i = 0; i < shared->workers; i++)
		if (qw_ring_peek(&readers[i], &data, &len) == QW_OK)
			return false;
	return true;
}

/* Into the one that nobody reads: a worker may die at any store, and what it said last stays whole. */
void qw_desk_publish(struct qw_desk *desk, const struct qw_engine_stats *stats)
{
	unsigned sequence = atomic_load_explicit(&desk->stats_sequence, memory_order_relaxed);

	/* The number of the round before is out before its other half is written over. */
	atomic_thread_fence(memory_order_seq_cst);
	desk->stats[(sequence + 1) % 2] = *stats;
	atomic_store_explicit(&desk->stats_sequence, sequence + 1, memory_order_release);
}

static void read_life(const struct qw_desk *desk, struct qw_engine_stats *out)
{
	/* Written over while we read only if the worker went through a whole round meanwhile. */
	for (int i = 0; i < READ_TRIES; i++) {
		unsigned before = atomic_load_explicit(&desk->stats_sequence, memory_order_acquire);
		*out = desk->stats[before % 2];
		atomic_thread_fence(memory_order_acquire);
		if (atomic_load_explicit(&desk->stats_sequence, memory_order_relaxed) == before)
			break;
	}
}

void qw_desk_read(const struct qw_desk *desk, struct qw_engine_stats *out)
{
	read_life(desk, out);
	qw_engine_stats_add(out, &desk->past);
}

void qw_desk_settle(struct qw_desk *desk, uint64_t unasked, uint64_t unasked_drops)
{
	struct qw_engine_stats life;
	uint64_t received = atomic_load(&desk->received) + unasked;

	read_life(desk, &life);
	if (received > life.packets) {
		life.drops[QW_DROP_CAPTURE] += received - life.packets;
		life.packets = received;
	}
	qw_engine_stats_add(&desk->past, &life);
	desk->past_received += received;
	desk->past_kernel_drops += atomic_load(&desk->kernel_drops) + unasked_drops;
	memset(desk->stats, 0, sizeof(desk->stats));
	atomic_store(&desk->received, 0);
	atomic_store(&desk->kernel_drops, 0);
	atomic_store(&desk->lag_ns, 0);
	atomic_store(&desk->adopted, 0);
}

/* Each number is whole; that they are of the same moment nobody needs. */
void qw_board_publish_watch(struct qw_board *board, const struct qw_watch_counters *counters)
{
	uint64_t words[QW_WATCH_WORDS];

	memcpy(words, counters, sizeof(words));
	for (int i = 0; i < QW_WATCH_WORDS; i++)
		atomic_store_explicit(&board->watch[i], words[i], memory_order_relaxed);
	atomic_store_explicit(&board->watched, 1, memory_order_relaxed);
}

bool qw_board_read_watch(struct qw_board *board, struct qw_watch_counters *out)
{
	uint64_t words[QW_WATCH_WORDS];

	for (int i = 0; i < QW_WATCH_WORDS; i++)
		words[i] = atomic_load_explicit(&board->watch[i], memory_order_relaxed);
	memcpy(out, words, sizeof(words));
	return atomic_load_explicit(&board->watched, memory_order_relaxed);
}

void qw_board_publish_stays(struct qw_board *board, const struct qw_stays *stays)
{
	uint64_t words[QW_STAYS_WORDS];

	memcpy(words, stays, sizeof(words));
	for (int i = 0; i < QW_STAYS_WORDS; i++)
		atomic_store_explicit(&board->stays[i], words[i], memory_order_relaxed);
}

void qw_board_read_stays(struct qw_board *board, struct qw_stays *out)
{
	uint64_t words[QW_STAYS_WORDS];

	for (int i = 0; i < QW_STAYS_WORDS; i++)
		words[i] = atomic_load_explicit(&board->stays[i], memory_order_relaxed);
	memcpy(out, words, sizeof(words));
}
