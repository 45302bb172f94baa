/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/worker.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "quaywatch/log.h"
#include "sensor/run/child.h"
#include "sensor/run/loader.h"
#include "sensor/run/settings.h"

enum { WAIT_MS = 20, ASK_ROUNDS = 64 };

struct worker {
	const struct qw_worker_options *options;
	struct qw_desk *desk;
	struct qw_ring *ring;
	struct qw_engine *engine;
	struct qw_loader *loader;
	uint32_t generation; /* in use; 0: none */
	uint64_t kernel_drops, filtered; /* when the source was last asked */
	bool committed; /* an event since the exporter was last woken */
};

static void emit(void *ctx, const struct qw_event *event, size_t size)
{
	struct worker *worker = ctx;
	void *room = qw_ring_reserve(worker->ring, size);

	if (!room) {
		atomic_fetch_add_explicit(&worker->desk->events_lost, 1, memory_order_relaxed);
		return;
	}
	memcpy(room, event, size);
	qw_ring_commit(worker->ring, size);
	worker->committed = true;
}

static const char *interface_name(void *ctx, uint16_t number)
{
	struct worker *worker = ctx;

	return worker->options->ops->interface(worker->options->source, number);
}

static struct qw_time now(void *ctx)
{
	struct worker *worker = ctx;

	return qw_clock_now(&qw_shared_board(worker->options->shared)->clock);
}

/* ---- the ruleset */

static int64_t own_cpu_ns(void)
{
	struct timespec now;

	return clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0 ? now.tv_sec * QW_NS_PER_S + now.tv_nsec : 0;
}

static void note_longest(atomic_ullong *longest, int64_t ns)
{
	if ((unsigned long long)ns > atomic_load_explicit(longest, memory_order_relaxed))
		atomic_store_explicit(longest, (unsigned long long)ns, memory_order_relaxed);
}

/*
 * What packets wait for is measured: by the clock, in which others may have had
 * the processor, and by our own work.  The first ruleset does not count: before
 * it nothing is looked at.
 */
static void adopt(struct worker *worker, const struct qw_ruleset *fresh)
{
	uint32_t generation = fresh->generation;
	int64_t began = qw_time_monotonic().ns, cpu = own_cpu_ns();

	qw_engine_adopt(worker->engine, fresh);
	qw_loader_adopted(worker->loader);
	if (worker->generation) {
		note_longest(&worker->desk->stall_ns, qw_time_monotonic().ns - began);
		note_longest(&worker->desk->stall_cpu_ns, own_cpu_ns() - cpu);
	}
	worker->generation = generation;
	atomic_store_explicit(&worker->desk->adopted, generation, memory_order_release);
	qw_shared_wake(worker->options->shared);
}

static void look_for_ruleset(struct worker *worker)
{
	const struct qw_ruleset *fresh = qw_loader_waiting(worker->loader);

	if (fresh)
		adopt(worker, fresh);
}

/* ---- rounds */

/* After every round: what the supervisor would not know of a worker that dies is lost to the accounts. */
static void publish(struct worker *worker)
{
	struct qw_engine_stats stats;

	qw_engine_stats(worker->engine, &stats);
	stats.packets += worker->kernel_drops + worker->filtered;
	stats.drops[QW_DROP_FILTER] += worker->filtered;
	stats.drops[QW_DROP_CAPTURE] += worker->kernel_drops;
	qw_desk_publish(worker->desk, &stats);
	atomic_store_explicit(&worker->desk->beat_ns, (unsigned long long)qw_time_monotonic().ns, memory_order_relaxed);
}

/* The kernel's side of the accounts costs system calls: now and then. */
static void ask_source(struct worker *worker)
{
	struct qw_source_counters source;

	worker->options->ops->counters(worker->options->source, &source);
	worker->kernel_drops = source.kernel_drops;
	worker->filtered = source.filtered;
	atomic_store_explicit(&worker->desk->received, source.received, memory_order_relaxed);
	atomic_store_explicit(&worker->desk->kernel_drops, source.kernel_drops, memory_order_relaxed);
	atomic_store_explicit(&worker->desk->lag_ns, source.lag_ns, memory_order_relaxed);
}

static enum qw_err round_of_packets(struct worker *worker, size_t *count)
{
	struct qw_frame frames[QW_ENGINE_BATCH];
	const struct qw_wait wait = {WAIT_MS, qw_loader_wake_fd(worker->loader)};
	enum qw_err err = worker->options->ops->receive(worker->options->source, frames, QW_ENGINE_BATCH, wait, count);

	if (err != QW_OK)
		return err;
	qw_engine_frames(worker->engine, frames, *count);
	worker->options->ops->release(worker->options->source);
	if (*count == 0 && worker->options->live)
		qw_engine_tick(worker->engine, qw_time_wall());
	if (worker->committed) {
		worker->committed = false;
		qw_shared_wake(worker->options->shared);
	}
	return QW_OK;
}

static enum qw_exit run_rounds(struct worker *worker)
{
	unsigned rounds = 0;

	while (!qw_loader_ended(worker->loader)) {
		size_t count;
		enum qw_err err = round_of_packets(worker, &count);
		if (err == QW_ENOENT)
			break; /* a capture's end */
		if (err != QW_OK) {
			qw_log(QW_LOG_ERROR, "CAPTURE-LOST", "capture failed: %s", qw_strerror(err));
			return QW_EXIT_IO;
		}
		publish(worker);
		if (count == 0 || ++rounds >= ASK_ROUNDS) {
			rounds = 0;
			ask_source(worker);
		}
		look_for_ruleset(worker);
	}
	qw_engine_finish(worker->engine);
	ask_source(worker);
	publish(worker);
	qw_shared_wake(worker->options->shared);
	return QW_EXIT_OK;
}

/* The supervisor alone hears the operator; a worker ends when the supervisor's end of the post is closed. */
static void ignore_signals(void)
{
	static const int ignored[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGPIPE};

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
}

static enum qw_err start(struct worker *worker)
{
	const struct qw_worker_options *options = worker->options;
	struct qw_loader_options loader = {options->post, options->images, options->generation};
	struct qw_engine_options engine = {
		.config = options->config, .types = options->types, .watch = options->watch, .live = options->live, .now = options->live ? now : NULL, .now_ctx = worker,
		.interface = interface_name, .interface_ctx = worker, .emit = emit, .emit_ctx = worker,
	};
	engine.states = qw_shared_states(options->shared, &engine.states_bytes);
	enum qw_err err = qw_loader_new(&worker->loader, &loader);
	if (err == QW_OK)
		err = qw_engine_new(&worker->engine, &engine);
	if (err == QW_OK)
		look_for_ruleset(worker);
	return err;
}

enum qw_exit qw_worker_run(const struct qw_worker_options *options)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	char who[32];

	if (!worker)
		return QW_EXIT_INTERNAL;
	snprintf(who, sizeof(who), "worker %u", options->number);
	qw_child_name(who);
	ignore_signals();
	if (qw_child_settle(qw_config_text(options->config, QW_CFG_USER)) != QW_OK) {
		free(worker);
		return QW_EXIT_PERMISSION;
	}
	worker->options = options;
	worker->desk = qw_shared_desk(options->shared, options->number);
	worker->ring = qw_shared_ring(options->shared, options->number);
	enum qw_exit status = start(worker) == QW_OK ? run_rounds(worker) : QW_EXIT_INTERNAL;
	qw_engine_free(worker->engine);
	qw_loader_free(worker->loader);
	free(worker);
	return status;
}
