/* SPDX-License-Identifier: Apache-2.0 */
/* engine_stats - what an engine counted, as plain numbers, and as alarms where memory was given up. */
#include "sensor/run/engine_parts.h"

/*
 * Fragments that waited in vain were counted as inspected, and their headers
 * were.  Where the network lost the rest, that stays, with a reason; where it
 * was our room that did not suffice, they are drops.
 */
static void settle_fragments(const struct qw_engine *engine, struct qw_engine_stats *stats)
{
	struct qw_defrag_counters defrag;

	qw_defrag_counters(engine->defrag, &defrag);
	stats->malformed[QW_DROP_FRAGMENT_TIMEOUT] += defrag.timed_out;
	stats->malformed[QW_DROP_FRAGMENT_BAD] += defrag.discarded;
	stats->malformed[QW_DROP_FRAGMENT_LIMIT] += defrag.crowded_out_inner;
	stats->inspected -= defrag.crowded_out;
	stats->drops[QW_DROP_FRAGMENT_LIMIT] += defrag.crowded_out;
}

static void add_states(struct qw_engine_stats *stats, const struct qw_states *states)
{
	struct qw_states_counters counters = qw_states_counters(states);

	stats->states_given_up += counters.given_up;
	stats->states_taken_over += counters.taken_over;
	stats->states_busy += counters.busy;
}

static void add_fragments(struct qw_engine_stats *stats, const struct qw_defrag *defrag)
{
	struct qw_defrag_counters counters;

	qw_defrag_counters(defrag, &counters);
	stats->fragments_no_room = counters.no_room + counters.crowded_out + counters.crowded_out_inner;
	stats->fragments_differ = counters.overlaps;
	stats->fragments_late = counters.late;
}

static void add_links(struct qw_engine_stats *stats, const struct qw_links *links)
{
	struct qw_links_counters counters = qw_links_counters(links);

	stats->link_talks = counters.begun;
	stats->link_talks_taken = counters.evicted;
	stats->link_unread = counters.unread;
}

void qw_engine_stats(const struct qw_engine *engine, struct qw_engine_stats *out)
{
	struct qw_flow_table_counters table;
	struct qw_stream_counters streams;
	struct qw_classifier_counters classifier;
	struct qw_parser_counters parsers;
	struct qw_inspector_counters inspector;
	struct qw_reporter_counters reporter = qw_reporter_counters(engine->reporter);

	qw_flow_table_counters(engine->table, &table);
	qw_stream_counters(engine->streams, &streams);
	qw_classifier_counters(engine->classifier, &classifier);
	qw_parser_counters(engine->parsers, &parsers);
	qw_inspector_counters(engine->inspector, &inspector);
	*out = engine->stats;
	settle_fragments(engine, out);
	out->flows = table.created;
	out->flows_evicted = table.evicted;
	out->flow_bytes = qw_flow_table_bytes(engine->table);
	out->alerts = reporter.alerts;
	out->events = reporter.events;
	out->watch_told = reporter.watch.told;
	out->watch_missed = reporter.watch.missed;
	out->watch_kept_back = reporter.watch.kept_back;
	out->watch_shed = reporter.watch.shed;
	out->watch_pushed = reporter.watch.pushed;
	out->skipped_encrypted = inspector.encrypted;
	out->scanned_bytes = inspector.scanned_bytes;
	out->candidates = inspector.candidates;
	out->candidates_shed = inspector.candidates_shed;
	out->windows_taken = inspector.windows_taken;
	out->waiting_full = inspector.waiting_full + inspector.transactions_taken;
	out->alerts_limited = inspector.limited;
	out->alerts_suppressed = inspector.suppressed;
	add_states(out, engine->flow_states);
	add_states(out, engine->shared_states);
	out->stream_gaps = streams.gaps;
	out->stream_no_room = streams.no_room;
	out->stream_invalid = streams.invalid;
	out->stream_held_peak = streams.held_peak;
	out->stream_uncompared = inspector.uncompared;
	out->stream_urgent = inspector.urgent;
	out->history_taken = inspector.history_taken;
	add_fragments(out, engine->defrag);
	add_links(out, engine->links);
	out->parsers_cut = parsers.cut;
	out->parser_bytes = parsers.bytes;
	out->stream_differs = streams.overlaps_differ + inspector.rewritten;
	out->ndpi_packets = classifier.given;
	out->ndpi_guarded = classifier.guarded;
	out->parsers_no_room = parsers.no_room;
	out->ot_unanswered = parsers.unanswered;
	out->ot_repeats = qw_repeat_counters(engine->repeat).heard;
	out->last_packet_ns = engine->last.ns;
}

void qw_engine_alarms(struct qw_engine *engine, struct qw_time now, bool last_call)
{
	int64_t since = now.ns - engine->alarmed.ns;
	struct qw_engine_stats stats;
	struct qw_defrag_counters defrag;
	struct qw_inspector_counters inspector;
	struct qw_parser_counters parsers;

	if (!last_call && since >= 0 && since < QW_NS_PER_S)
		return;
	engine->alarmed = now;
	qw_engine_stats(engine, &stats);
	qw_defrag_counters(engine->defrag, &defrag);
	qw_inspector_counters(engine->inspector, &inspector);
	qw_parser_counters(engine->parsers, &parsers);
	const struct {
		enum qw_alarm alarm;
		uint64_t count;
	} rows[] = {
		{QW_ALARM_STREAM_MEMORY, stats.stream_no_room},
		{QW_ALARM_FRAGMENT_MEMORY, defrag.no_room + defrag.crowded_out + defrag.crowded_out_inner},
		{QW_ALARM_FLOW_MEMORY, stats.flows_evicted},
		{QW_ALARM_PARSER_MEMORY, parsers.no_room},
		{QW_ALARM_BODY_MEMORY, parsers.cut},
		{QW_ALARM_STATE_MEMORY, inspector.waiting_full},
		{QW_ALARM_CANDIDATES, stats.candidates_shed},
		{QW_ALARM_FLOW_STATES, qw_states_counters(engine->flow_states).given_up},
		{QW_ALARM_HOST_STATES, qw_states_counters(engine->shared_states).given_up},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		qw_alarm_count(engine->reporter, &engine->alarms, rows[i].alarm, rows[i].count, now, last_call);
}
