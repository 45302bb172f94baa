/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/worker.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "quaywatch/log.h"
#include "sensor/run/child.h"
#include "sensor/run/post.h"
#include "sensor/run/settings.h"

enum { WAIT_MS = 20, ASK_ROUNDS = 64 };

struct worker {
	const struct qw_worker_options *options;
	struct qw_desk *desk;
	struct qw_ring *ring;
	struct qw_engine *engine;
	struct qw_ruleset ruleset;
	int images[3];       /* of the ruleset in force; -1: none */
	struct qw_post post; /* large: not on the stack */
	uint64_t kernel_drops, filtered; /* when the source was last asked */
	bool committed;      /* an event since the exporter was last woken */
	bool stop;
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

/* Takes over what is new among three descriptors; -1 means that this part stays.  Returns bits of what is new. */
static unsigned take_images(struct worker *worker, const int images[3])
{
	unsigned fresh = 0;

	for (int i = 0; i < 3; i++) {
		if (images[i] < 0)
			continue;
		if (worker->images[i] >= 0)
			close(worker->images[i]);
		worker->images[i] = images[i];
		fresh |= 1u << i;
	}
	return fresh;
}

enum { FRESH_SIGNATURES = 1, FRESH_INDICATORS = 2, FRESH_OVERLAY = 4 };

/* Opens what is new; signatures keep their compiled form and the big indicator image its checks if they did not change. */
static enum qw_err open_ruleset(struct worker *worker, unsigned fresh, struct qw_ruleset *out)
{
	const struct qw_ruleset *now = &worker->ruleset;
	enum qw_err err = QW_OK;

	*out = *now;
	if (fresh & FRESH_SIGNATURES)
		err = qw_signatures_open(&out->signatures, worker->images[0]);
	if (err != QW_OK)
		return err;
	if (fresh & FRESH_INDICATORS || !now->indicators)
		err = qw_indicators_open(&out->indicators, worker->images[1], worker->images[2]);
	else
		err = qw_indicators_open_over(&out->indicators, now->indicators, worker->images[2]);
	if (err != QW_OK && fresh & FRESH_SIGNATURES)
		qw_signatures_close(out->signatures);
	return err;
}

static void adopt(struct worker *worker, unsigned what, uint32_t generation)
{
	struct qw_ruleset fresh, old = worker->ruleset;
	enum qw_err err = open_ruleset(worker, what, &fresh);

	if (err != QW_OK) {
		qw_log(QW_LOG_ERROR, "RULESET-OPEN", "ruleset %u cannot be opened: %s; the one before stays in force", generation,
		       qw_strerror(err));
		return;
	}
	fresh.generation = generation;
	worker->ruleset = fresh;
	qw_engine_adopt(worker->engine, &fresh);
	if (what & FRESH_SIGNATURES)
		qw_signatures_close(old.signatures);
	qw_indicators_close(old.indicators);
	atomic_store_explicit(&worker->desk->adopted, generation, memory_order_release);
	qw_shared_wake(worker->options->shared);
}

/* Takes what the supervisor sent; of several rulesets only the sum is opened. */
static void read_post(struct worker *worker)
{
	unsigned what = 0;
	uint32_t generation = 0;
	enum qw_err err;

	while ((err = qw_post_receive(worker->options->post, &worker->post)) == QW_OK) {
		if (worker->post.kind != QW_POST_RULESET) {
			qw_post_close(&worker->post);
			continue;
		}
		what |= take_images(worker, worker->post.fds);
		generation = worker->post.number;
	}
	if (generation)
		adopt(worker, what, generation);
	if (err != QW_EAGAIN)
		worker->stop = true; /* the supervisor is gone */
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
	enum qw_err err = worker->options->ops->receive(worker->options->source, frames, QW_ENGINE_BATCH, WAIT_MS, count);

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
	struct qw_board *board = qw_shared_board(worker->options->shared);
	unsigned rounds = 0;

	while (!worker->stop) {
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
			read_post(worker);
		} else if (atomic_load_explicit(&board->generation, memory_order_relaxed) != worker->ruleset.generation) {
			read_post(worker);
		}
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
	worker->images[0] = worker->images[1] = worker->images[2] = -1;
	worker->desk = qw_shared_desk(options->shared, options->number);
	worker->ring = qw_shared_ring(options->shared, options->number);
	struct qw_engine_options engine = {
		.config = options->config, .types = options->types, .watch = options->watch, .live = options->live, .now = options->live ? now : NULL, .now_ctx = worker,
		.interface = interface_name, .interface_ctx = worker, .emit = emit, .emit_ctx = worker,
	};
	engine.states = qw_shared_states(options->shared, &engine.states_bytes);
	enum qw_exit status = QW_EXIT_INTERNAL;
	if (qw_engine_new(&worker->engine, &engine) == QW_OK) {
		unsigned what = take_images(worker, options->images);
		if (options->generation)
			adopt(worker, what, options->generation);
		status = run_rounds(worker);
		qw_engine_free(worker->engine);
	}
	qw_signatures_close(worker->ruleset.signatures);
	qw_indicators_close(worker->ruleset.indicators);
	free(worker);
	return status;
}
