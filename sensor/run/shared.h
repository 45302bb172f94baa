/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shared - the memory that supervisor, workers and exporter have in common.
 *
 * Made by the supervisor before it forks; each worker writes its own part and
 * no other, the exporter reads all and trusts none of it.
 *
 *	[ board ][ worker 0: desk | ring ][ worker 1: desk | ring ] …
 */
#pragma once

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "quaywatch/ring.h"
#include "sensor/run/clock.h"
#include "sensor/run/engine.h"
#include "sensor/watch/watch.h"

enum { QW_WORKERS_MAX = 64, QW_RING_BYTES = 1 << 20 };

/* What the exporter's watch counted, in the order of struct qw_watch_counters. */
enum { QW_WATCH_WORDS = sizeof(struct qw_watch_counters) / sizeof(uint64_t) };

/* What left and what stayed with the tenant, as the exporter counted it. */
struct qw_stays {
	uint64_t left, changed;
	uint64_t by_rule; /* release.stay, release.leave */
	uint64_t damaged; /* could not be changed */
	uint64_t payload;
	uint64_t waiting; /* a gauge: release.embargo */
	uint64_t shed;    /* of what waited: never leaves */
	/* beside alerts (sharing.h) */
	uint64_t proposals, dry_runs; /* that left */
	uint64_t unshared;            /* that stayed: release.proposals, release.dry_runs, or about what is ours */
	uint64_t unanswered;          /* dry runs beyond what is answered in a minute */
	uint64_t unremembered;        /* values met that found no place */
};

enum { QW_STAYS_WORDS = sizeof(struct qw_stays) / sizeof(uint64_t) };

/* Read by all; written by the supervisor, but for what is the exporter's. */
struct qw_board {
	atomic_uint exporter_sleeps; /* set by the exporter: a worker that commits an event wakes it */
	atomic_uint restarts;        /* of workers */
	atomic_uint exporter_came_up; /* once, and so its settings are good */
	struct qw_clock clock;       /* raised and kept by the exporter */
	atomic_uint watched;         /* by the exporter: there is a watch */
	atomic_ullong watch[QW_WATCH_WORDS];
	atomic_ullong stays[QW_STAYS_WORDS];
	atomic_uint drain;           /* before the exporter ends, the collector is to have everything */
};

/* What a worker says of itself; the statistics are of this life, `past` of earlier ones. */
struct qw_desk {
	alignas(64) atomic_uint adopted;   /* generation in use; 0: none yet */
	atomic_ullong beat_ns;             /* monotonic time of its last round */
	atomic_ullong lag_ns;              /* now minus the time of the last packet */
	atomic_ullong received;            /* by its socket in this life, the kernel's drops included */
	atomic_ullong kernel_drops;
	atomic_ullong events_lost;         /* the ring was full */
	atomic_ullong stall_ns;            /* the longest that packets waited for another ruleset, in all lives … */
	atomic_ullong stall_cpu_ns;        /* … and of that the worker's own work */
	atomic_uint stats_sequence;        /* its low bit: which of the two is whole; the other is being written */
	struct qw_engine_stats stats[2];
	struct qw_engine_stats past;       /* written by the supervisor when the worker is gone */
	uint64_t past_received, past_kernel_drops;
	unsigned lives;                    /* how often it was started; written by the supervisor */
};

struct qw_shared;

enum qw_err qw_shared_new(struct qw_shared **out, unsigned workers) QW_MUSTCHECK;
void qw_shared_free(struct qw_shared *shared);

unsigned qw_shared_workers(const struct qw_shared *shared);
struct qw_board *qw_shared_board(struct qw_shared *shared);
struct qw_desk *qw_shared_desk(struct qw_shared *shared, unsigned worker);
struct qw_ring *qw_shared_ring(struct qw_shared *shared, unsigned worker);

/* Exporter.  Publishes what its watch counted. */
void qw_board_publish_watch(struct qw_board *board, const struct qw_watch_counters *counters);

/* Anyone.  False: there is no watch. */
bool qw_board_read_watch(struct qw_board *board, struct qw_watch_counters *out);

/* Exporter, and anyone. */
void qw_board_publish_stays(struct qw_board *board, const struct qw_stays *stays);
void qw_board_read_stays(struct qw_board *board, struct qw_stays *out);

/*
 * Memory for what rules remember of hosts and pairs, shared by all workers.
 * Made by the supervisor before it forks; NULL before.
 */
enum qw_err qw_shared_states_new(struct qw_shared *shared, size_t bytes) QW_MUSTCHECK;
void *qw_shared_states(const struct qw_shared *shared, size_t *bytes);

/* Worker.  Wakes the exporter if it sleeps. */
void qw_shared_wake(struct qw_shared *shared);

/* Exporter.  The descriptor to poll, and what to do when it is readable or the sleep is over. */
int qw_shared_wake_fd(const struct qw_shared *shared);
void qw_shared_awake(struct qw_shared *shared);

/* Says that it will sleep; false: there is something in a ring, do not.  readers: one for each worker. */
bool qw_shared_sleep(struct qw_shared *shared, struct qw_ring_reader *readers);

/* Worker.  Publishes its statistics. */
void qw_desk_publish(struct qw_desk *desk, const struct qw_engine_stats *stats);

/* Anyone.  This life's and earlier ones' statistics together. */
void qw_desk_read(const struct qw_desk *desk, struct qw_engine_stats *out);

/*
 * Supervisor, when the worker is gone.  Its socket received `unasked` packets
 * after the worker last asked, `unasked_drops` of them in vain.  What it
 * received and the worker did not tell of is lost, and counted as such; then the
 * desk is clean for the next life.
 */
void qw_desk_settle(struct qw_desk *desk, uint64_t unasked, uint64_t unasked_drops);
