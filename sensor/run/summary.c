/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/summary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "quaywatch/file.h"
#include "quaywatch/json.h"

enum { SUMMARY_BYTES = 32 * 1024 };

static void put_rules(struct qw_json *json, const struct qw_rulebook_counts *rules)
{
	qw_json_open(json, "rules", '{');
	qw_json_u64(json, "signatures", rules->signatures);
	qw_json_u64(json, "signatures_rejected", rules->signatures_rejected);
	qw_json_u64(json, "indicators", rules->indicators);
	qw_json_u64(json, "indicators_rejected", rules->indicators_rejected);
	qw_json_close(json, '}');
}

struct count {
	const char *name;
	uint64_t value;
};

static void put_counts(struct qw_json *json, const char *object, const struct count *rows, size_t count)
{
	qw_json_open(json, object, '{');
	for (size_t i = 0; i < count; i++)
		qw_json_u64(json, rows[i].name, rows[i].value);
	qw_json_close(json, '}');
}

static void put_packets(struct qw_json *json, const struct qw_engine_stats *stats)
{
	qw_json_open(json, "decode", '{');
	for (int i = 0; i < QW_ANOMALY_COUNT; i++)
		if (stats->anomalies[i])
			qw_json_u64(json, qw_anomaly_name((enum qw_anomaly)i), stats->anomalies[i]);
	for (int i = 0; i < QW_DROP_COUNT; i++)
		if (stats->malformed[i])
			qw_json_u64(json, qw_drop_name((enum qw_drop)i), stats->malformed[i]);
	qw_json_close(json, '}');
	qw_json_open(json, "drops", '{');
	for (int i = QW_DROP_NONE + 1; i < QW_DROP_COUNT; i++)
		if (stats->drops[i])
			qw_json_u64(json, qw_drop_name((enum qw_drop)i), stats->drops[i]);
	qw_json_close(json, '}');
	qw_json_open(json, "skipped", '{');
	qw_json_u64(json, "encrypted", stats->skipped_encrypted);
	qw_json_u64(json, "depth", stats->skipped_depth);
	qw_json_close(json, '}');
}

static void put_engine(struct qw_json *json, const struct qw_engine_stats *stats)
{
	const struct count rows[] = {
		{"scanned_bytes", stats->scanned_bytes},     {"candidates", stats->candidates},
		{"candidates_shed", stats->candidates_shed}, {"stream_gaps", stats->stream_gaps},
		{"stream_no_room", stats->stream_no_room},   {"stream_invalid", stats->stream_invalid},
		{"ndpi_packets", stats->ndpi_packets},       {"ndpi_guarded", stats->ndpi_guarded},
		{"parsers_no_room", stats->parsers_no_room}, {"windows_taken", stats->windows_taken},
		{"waiting_full", stats->waiting_full},       {"flows_evicted", stats->flows_evicted},
		{"flows_turned", stats->flows_turned},
		{"ot_unanswered", stats->ot_unanswered},
		{"ot_repeats", stats->ot_repeats},
		{"link_talks", stats->link_talks}, {"link_talks_taken", stats->link_talks_taken},
		{"link_unread", stats->link_unread},
		{"stream_differs", stats->stream_differs},
		{"stream_uncompared", stats->stream_uncompared},
		{"stream_urgent", stats->stream_urgent},
		{"history_taken", stats->history_taken},
		{"fragments_no_room", stats->fragments_no_room},
		{"fragments_differ", stats->fragments_differ},
		{"fragments_late", stats->fragments_late},
		{"parsers_cut", stats->parsers_cut},   {"alerts_limited", stats->alerts_limited},
		{"alerts_suppressed", stats->alerts_suppressed}, {"states_given_up", stats->states_given_up},
		{"watch_told", stats->watch_told}, {"watch_missed", stats->watch_missed}, {"watch_kept_back", stats->watch_kept_back},
		{"watch_shed", stats->watch_shed}, {"watch_pushed", stats->watch_pushed},
		{"states_taken_over", stats->states_taken_over}, {"states_busy", stats->states_busy},
	};

	put_counts(json, "engine", rows, sizeof(rows) / sizeof(rows[0]));
}

static void put_watch(struct qw_json *json, const struct qw_watch_counters *watch)
{
	const struct count rows[] = {
		{"events", watch->events}, {"damaged", watch->damaged},   {"assets", watch->assets},
		{"talks", watch->talks},   {"findings", watch->findings}, {"kept_back", watch->kept_back},
		{"no_room", watch->no_room},
	};

	put_counts(json, "watch", rows, sizeof(rows) / sizeof(rows[0]));
}

static void put_stays(struct qw_json *json, const struct qw_stays *stays)
{
	const struct count rows[] = {
		{"left", stays->left},
		{"changed", stays->changed},
		{"stayed", stays->by_rule},
		{"stayed_damaged", stays->damaged},
		{"stayed_payload", stays->payload},
		{"stayed_shed", stays->shed},
		{"embargo_waiting", stays->waiting},
		{"proposals", stays->proposals},
		{"dry_runs", stays->dry_runs},
		{"unshared", stays->unshared},
		{"dry_runs_unanswered", stays->unanswered},
		{"recent_no_room", stays->unremembered},
	};

	put_counts(json, "release", rows, sizeof(rows) / sizeof(rows[0]));
}

static void put_workers(struct qw_json *json, const struct qw_summary *summary)
{
	qw_json_open(json, "workers", '[');
	for (unsigned i = 0; i < summary->worker_count; i++) {
		const struct qw_worker_account *account = &summary->workers[i];
		qw_json_open(json, NULL, '{');
		qw_json_u64(json, "received", account->received);
		qw_json_u64(json, "inspected", account->inspected);
		qw_json_u64(json, "drops", account->drops);
		qw_json_u64(json, "kernel_drops", account->kernel_drops);
		qw_json_u64(json, "events_lost", account->events_lost);
		qw_json_u64(json, "rules_stall_us", account->stall_us);
		qw_json_u64(json, "rules_stall_cpu_us", account->stall_cpu_us);
		qw_json_u64(json, "restarts", account->lives ? account->lives - 1 : 0);
		qw_json_close(json, '}');
	}
	qw_json_close(json, ']');
}

static void render(struct qw_text *text, const struct qw_summary *summary)
{
	const struct qw_engine_stats *stats = &summary->stats;
	struct qw_json json = qw_json(text);

	qw_json_open(&json, NULL, '{');
	qw_json_u64(&json, "packets", stats->packets);
	qw_json_u64(&json, "bytes", stats->bytes);
	qw_json_u64(&json, "inspected", stats->inspected);
	qw_json_fixed(&json, "seconds", summary->seconds, 6);
	qw_json_fixed(&json, "cpu_seconds", summary->cpu_seconds, 6);
	qw_json_u64(&json, "flows", stats->flows);
	qw_json_u64(&json, "alerts", stats->alerts + summary->watch.findings + summary->watch.kept_back);
	put_rules(&json, &summary->rules);
	put_packets(&json, stats);
	qw_json_open(&json, "memory", '{');
	qw_json_u64(&json, "peak_rss_bytes", summary->peak_rss_bytes);
	qw_json_u64(&json, "flow_bytes", stats->flow_bytes);
	qw_json_u64(&json, "stream_peak_bytes", stats->stream_held_peak);
	qw_json_u64(&json, "parser_bytes", stats->parser_bytes);
	qw_json_close(&json, '}');
	qw_json_u64(&json, "damaged_captures", summary->damaged);
	put_engine(&json, stats);
	if (summary->watched)
		put_watch(&json, &summary->watch);
	if (summary->worker_count) {
		put_stays(&json, &summary->stays);
		put_workers(&json, summary);
	}
	qw_json_close(&json, '}');
	qw_text_char(text, '\n');
}

enum qw_err qw_summary_write(const struct qw_summary *summary, const char *path)
{
	char memory[SUMMARY_BYTES];
	struct qw_text text;
	int fd = STDOUT_FILENO;

	qw_text_init(&text, memory, sizeof(memory));
	render(&text, summary);
	if (text.cut)
		return QW_ELIMIT;
	if (strcmp(path, "-") != 0)
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return qw_err_from_errno(errno);
	enum qw_err err = qw_write_all(fd, text.at, text.len);
	if (fd != STDOUT_FILENO && close(fd) != 0 && err == QW_OK)
		err = qw_err_from_errno(errno);
	return err;
}

void qw_engine_stats_add(struct qw_engine_stats *a, const struct qw_engine_stats *b)
{
	/* All members are 64-bit counts, but for the time, of which the later counts. */
	uint64_t *to = (uint64_t *)a;
	const uint64_t *from = (const uint64_t *)b;
	int64_t last = a->last_packet_ns > b->last_packet_ns ? a->last_packet_ns : b->last_packet_ns;

	_Static_assert(sizeof(*a) % sizeof(uint64_t) == 0, "statistics are whole words");
	for (size_t i = 0; i < sizeof(*a) / sizeof(uint64_t); i++)
		to[i] += from[i];
	a->last_packet_ns = last;
}

uint64_t qw_peak_rss(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];
	unsigned long long peak = 0, mapped = 0;

	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file)) {
		(void)sscanf(line, "VmHWM: %llu", &peak);
		(void)sscanf(line, "RssFile: %llu", &mapped);
	}
	fclose(file);
	return (peak > mapped ? peak - mapped : peak) * 1024;
}
