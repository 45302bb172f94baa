/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/pulse.h"

#include "sensor/run/summary.h"

static size_t put(struct qw_named_counter *counters, size_t at, size_t max, const char *name, uint64_t value)
{
	if (value == 0 || at == max)
		return at;
	counters[at] = (struct qw_named_counter){name, value};
	return at + 1;
}

size_t qw_pulse_fill(struct qw_heartbeat *heartbeat, struct qw_shared *shared, struct qw_named_counter *counters, size_t max)
{
	struct qw_engine_stats sum = {0}, one;
	uint64_t lost = 0, lag = 0;
	size_t count = 0;
	struct qw_watch_counters watch = {0};
	struct qw_stays stays;

	heartbeat->workers = qw_shared_workers(shared);
	for (unsigned i = 0; i < heartbeat->workers; i++) {
		struct qw_desk *desk = qw_shared_desk(shared, i);
		uint64_t own = atomic_load(&desk->lag_ns);
		qw_desk_read(desk, &one);
		qw_engine_stats_add(&sum, &one);
		lost += atomic_load(&desk->events_lost);
		lag = own > lag ? own : lag;
	}
	heartbeat->restarts = atomic_load(&qw_shared_board(shared)->restarts);
	heartbeat->packets = sum.packets;
	heartbeat->bytes = sum.bytes;
	heartbeat->flows = sum.flows;
	(void)qw_board_read_watch(qw_shared_board(shared), &watch);
	heartbeat->alerts = sum.alerts + watch.findings + watch.kept_back;
	heartbeat->ring_lag_us = lag / 1000;
	for (int i = QW_DROP_NONE + 1; i < QW_DROP_COUNT; i++) {
		heartbeat->drops += sum.drops[i];
		count = put(counters, count, max, qw_drop_name((enum qw_drop)i), sum.drops[i]);
	}
	count = put(counters, count, max, "events_lost", lost);
	count = put(counters, count, max, "skipped_encrypted", sum.skipped_encrypted);
	count = put(counters, count, max, "stream_gaps", sum.stream_gaps);
	count = put(counters, count, max, "stream_no_room", sum.stream_no_room);
	count = put(counters, count, max, "flows_evicted", sum.flows_evicted);
	count = put(counters, count, max, "candidates_shed", sum.candidates_shed);
	count = put(counters, count, max, "ndpi_guarded", sum.ndpi_guarded);
	count = put(counters, count, max, "watch_events", watch.events);
	count = put(counters, count, max, "watch_damaged", watch.damaged);
	count = put(counters, count, max, "watch_assets", watch.assets);
	count = put(counters, count, max, "watch_findings", watch.findings);
	count = put(counters, count, max, "watch_no_room", watch.no_room);
	qw_board_read_stays(qw_shared_board(shared), &stays);
	count = put(counters, count, max, "stayed", stays.by_rule);
	count = put(counters, count, max, "stayed_damaged", stays.damaged);
	count = put(counters, count, max, "stayed_payload", stays.payload);
	count = put(counters, count, max, "stayed_shed", stays.shed);
	count = put(counters, count, max, "dry_runs_unanswered", stays.unanswered);
	count = put(counters, count, max, "recent_no_room", stays.unremembered);
	return put(counters, count, max, "embargo_waiting", stays.waiting);
}

uint64_t qw_pulse_lost(struct qw_shared *shared)
{
	struct qw_engine_stats one;
	uint64_t lost = 0;

	for (unsigned i = 0; i < qw_shared_workers(shared); i++) {
		struct qw_desk *desk = qw_shared_desk(shared, i);
		qw_desk_read(desk, &one);
		lost += one.drops[QW_DROP_CAPTURE] + one.watch_shed + atomic_load(&desk->events_lost);
	}
	return lost;
}
