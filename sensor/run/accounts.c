/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/accounts.h"

#include "sensor/run/summary.h"

static uint64_t ns_of(struct timeval time)
{
	return (uint64_t)time.tv_sec * QW_NS_PER_S + (uint64_t)time.tv_usec * QW_NS_PER_US;
}

void qw_costs_add(struct qw_costs *costs, unsigned worker, const struct rusage *usage)
{
	uint64_t peak = (uint64_t)usage->ru_maxrss * 1024;

	costs->cpu_ns += ns_of(usage->ru_utime) + ns_of(usage->ru_stime);
	if (peak > costs->peak_bytes[worker])
		costs->peak_bytes[worker] = peak;
}

static struct qw_worker_account account_of(struct qw_shared *shared, unsigned worker, struct qw_engine_stats *sum)
{
	struct qw_desk *desk = qw_shared_desk(shared, worker);
	struct qw_engine_stats stats;

	qw_desk_read(desk, &stats);
	struct qw_worker_account account = {
		.received = desk->past_received + atomic_load(&desk->received),
		.inspected = stats.inspected,
		.kernel_drops = desk->past_kernel_drops + atomic_load(&desk->kernel_drops),
		.events_lost = atomic_load(&desk->events_lost),
		.stall_us = (atomic_load(&desk->stall_ns) + QW_NS_PER_US - 1) / QW_NS_PER_US,
		.stall_cpu_us = (atomic_load(&desk->stall_cpu_ns) + QW_NS_PER_US - 1) / QW_NS_PER_US,
		.lives = desk->lives,
	};
	for (int i = QW_DROP_NONE + 1; i < QW_DROP_COUNT; i++)
		account.drops += stats.drops[i];
	qw_engine_stats_add(sum, &stats);
	return account;
}

enum qw_err qw_accounts_write(struct qw_shared *shared, const struct qw_costs *costs, const struct qw_rulebook_counts *rules,
			      const char *path)
{
	struct qw_worker_account workers[QW_WORKERS_MAX];
	struct qw_summary summary = {.rules = *rules, .workers = workers, .worker_count = qw_shared_workers(shared)};

	for (unsigned i = 0; i < summary.worker_count; i++) {
		workers[i] = account_of(shared, i, &summary.stats);
		summary.peak_rss_bytes += costs->peak_bytes[i];
	}
	summary.watched = qw_board_read_watch(qw_shared_board(shared), &summary.watch);
	qw_board_read_stays(qw_shared_board(shared), &summary.stays);
	int64_t span = summary.stats.last_packet_ns - costs->began.ns;
	summary.seconds = span > 0 ? (double)span / QW_NS_PER_S : 0;
	summary.cpu_seconds = (double)costs->cpu_ns / QW_NS_PER_S;
	return qw_summary_write(&summary, path);
}
