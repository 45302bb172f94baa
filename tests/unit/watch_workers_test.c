/* SPDX-License-Identifier: Apache-2.0 */
/* What no worker sees whole is found all the same: two of them, each with half of a scan, and one finding. */
#include "watch_kit.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "quaywatch/ring.h"

enum { WORKERS = 2, HOSTS_EACH = 20, MANY = 30, RING = 4096 };

/* ---- a watcher that counts whom one host talks to */

static const struct qw_finding_row rows[] = {{3009901, "a host asked many others", "Network scan", 2, "T0846", NULL}};

struct counter {
	struct qw_world *world;
	bool known[WORKERS * HOSTS_EACH + 1];
	unsigned count;
};

static enum qw_err make(void **state, struct qw_world *world)
{
	struct counter *counter = calloc(1, sizeof(*counter));
	assert_non_null(counter);
	counter->world = world;
	*state = counter;
	return QW_OK;
}

static void see(void *state, const struct qw_seen *seen)
{
	struct counter *counter = state;
	uint8_t host = qw_seen_server(seen)->address.bytes[15];
	if (!seen->flow.begins || host >= sizeof(counter->known) || counter->known[host])
		return;
	counter->known[host] = true;
	if (++counter->count < MANY)
		return;
	struct qw_finding finding = {.row = rows, .src = seen->src, .time = seen->time, .detail = "it asked many"};
	qw_world_tell(counter->world, &finding);
}

static const struct qw_watcher_ops counting = {.name = "counting", .findings = rows, .finding_count = 1, .make = make, .free = free, .seen = see};
static const struct qw_watcher_ops *const watchers[] = {&counting, NULL};

/* ---- workers, each with a ring of its own */

struct worker {
	struct qw_ring *ring;
	struct qw_ring_reader reader;
	uint8_t first; /* host; every second one is this worker's */
	pthread_t thread;
	atomic_bool done;
};

static void put_flow(struct qw_event_writer *writer, uint8_t host)
{
	const uint8_t client[4] = {10, 0, 0, 200}, server[4] = {10, 0, 1, host};
	struct qw_address src = qw_address_v4(client), dst = qw_address_v4(server);
	qw_event_put(writer, QW_KEY_SRC_IP, &src, sizeof(src));
	qw_event_put(writer, QW_KEY_DEST_IP, &dst, sizeof(dst));
	qw_event_put_u64(writer, QW_KEY_PROTO, 6);
	qw_event_put_u64(writer, QW_KEY_WATCH_BEGINS, 1);
	qw_event_put_u64(writer, QW_KEY_WATCH_ONLY, 1);
}

static void *work(void *ctx)
{
	struct worker *worker = ctx;
	for (unsigned i = 0; i < HOSTS_EACH; i++) {
		alignas(8) uint8_t memory[1024];
		struct qw_event_writer writer;
		void *room;
		qw_event_begin(&writer, memory, sizeof(memory), QW_EVENT_FLOW, qw_time_seconds(WATCH_KIT_TIME_S));
		put_flow(&writer, (uint8_t)(worker->first + WORKERS * i));
		while (!(room = qw_ring_reserve(worker->ring, qw_event_size(writer.event))))
			sched_yield();
		memcpy(room, writer.event, qw_event_size(writer.event));
		qw_ring_commit(worker->ring, qw_event_size(writer.event));
	}
	atomic_store(&worker->done, true);
	return NULL;
}

static void start(struct worker *worker, uint8_t first)
{
	worker->first = first;
	atomic_init(&worker->done, false);
	worker->ring = aligned_alloc(64, qw_ring_size(RING));
	assert_non_null(worker->ring);
	memset(worker->ring, 0, qw_ring_size(RING));
	assert_int_equal(qw_ring_init(worker->ring, RING), QW_OK);
	assert_int_equal(qw_ring_reader_init(&worker->reader, worker->ring, RING), QW_OK);
	assert_int_equal(pthread_create(&worker->thread, NULL, work, worker), 0);
}

/* False: this worker is done, and all of it was shown. */
static bool drain(struct worker *worker, struct qw_watch *watch)
{
	bool done = atomic_load(&worker->done);
	const void *data;
	size_t len;
	while (qw_ring_peek(&worker->reader, &data, &len) == QW_OK) {
		assert_false(qw_watch_event(watch, data, len));
		qw_ring_release(&worker->reader);
	}
	return !done;
}

static void run(struct qw_watch *watch, unsigned workers)
{
	struct worker worker[WORKERS];
	for (unsigned i = 0; i < workers; i++)
		start(&worker[i], (uint8_t)(i + 1));
	for (bool more = true; more;) {
		more = false;
		for (unsigned i = 0; i < workers; i++)
			more |= drain(&worker[i], watch);
		sched_yield();
	}
	for (unsigned i = 0; i < workers; i++) {
		assert_int_equal(pthread_join(worker[i].thread, NULL), 0);
		free(worker[i].ring);
	}
}

static void found_by(struct watch_kit *kit, unsigned workers)
{
	struct qw_watch *watch;
	memset(kit, 0, sizeof(*kit));
	assert_int_equal(qw_config_new(&kit->config, qw_watch_settings, QW_WATCH_KEYS), QW_OK);
	struct qw_watch_options options = {.config = kit->config, .emit = watch_kit_emit, .ctx = kit, .watchers = watchers};
	assert_int_equal(qw_watch_new(&watch, &options), QW_OK);
	run(watch, workers);
	assert_int_equal(qw_watch_counters(watch).events, workers * HOSTS_EACH);
	qw_watch_free(watch);
	qw_config_free(kit->config);
}

static void two_halves_of_a_scan_are_one_finding(void **state)
{
	struct watch_kit kit;
	found_by(&kit, WORKERS);
	assert_int_equal(watch_kit_told(&kit, 3009901), 1);
	assert_string_equal(kit.told[0].text, "it asked many");
}

static void one_half_is_none(void **state)
{
	struct watch_kit kit;
	found_by(&kit, 1);
	assert_int_equal(kit.told_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_halves_of_a_scan_are_one_finding),
		cmocka_unit_test(one_half_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
