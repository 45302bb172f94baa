/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine - the whole way of a packet, for one worker.
 *
 *	frames ─► decode ─► (defrag) ─► flow ─► classify ─► stream ─► parser ─► inspector ─► events
 *
 * The same code runs in a live worker, reading files, in tests and fuzzers.
 * One thread; no allocation after qw_engine_new but inside libhtp and nDPI.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/config.h"
#include "quaywatch/err.h"
#include "quaywatch/event.h"
#include "quaywatch/frame.h"
#include "sensor/decode/decode.h"
#include "sensor/detect/inspector.h"

struct qw_engine;

struct qw_engine_options {
	const struct qw_config *config; /* of settings.h */
	uint32_t types;                 /* event types besides alerts, bits */
	bool watch;                     /* there is a watch: it is told what it needs (sensor/detect/told.h) */
	bool live;
	struct qw_time (*now)(void *ctx); /* live: the clock of expiry */
	void *now_ctx;
	const char *(*interface)(void *ctx, uint16_t number);
	void *interface_ctx;
	void (*emit)(void *ctx, const struct qw_event *event, size_t size);
	void *emit_ctx;
	void *states; /* what rules remember, shared by all workers (qw_shared_states); NULL: of this engine alone */
	size_t states_bytes;
};

enum qw_err qw_engine_new(struct qw_engine **out, const struct qw_engine_options *options) QW_MUSTCHECK;

/* Ends all flows, which may emit events, then frees. */
void qw_engine_free(struct qw_engine *engine);

/* Between two batches: what is in force from now on. */
void qw_engine_adopt(struct qw_engine *engine, const struct qw_ruleset *ruleset);

enum { QW_ENGINE_BATCH = 64 };

/* At most QW_ENGINE_BATCH frames. */
void qw_engine_frames(struct qw_engine *engine, const struct qw_frame *frames, size_t count);

/* Ends what is due; live also when no packet comes. */
void qw_engine_tick(struct qw_engine *engine, struct qw_time now);

/* Ends all flows: their events and folded counts are out when it returns. */
void qw_engine_finish(struct qw_engine *engine);

/* Plain numbers, fit to lie in shared memory. */
struct qw_engine_stats {
	uint64_t packets, bytes, inspected;
	uint64_t drops[QW_DROP_COUNT];
	uint64_t anomalies[QW_ANOMALY_COUNT];
	uint64_t malformed[QW_DROP_COUNT]; /* by reason: inspected as far as they could be read */
	uint64_t flows, flows_evicted, flow_bytes;
	uint64_t flows_turned; /* their data said that client and server were confounded */
	uint64_t alerts, events;
	uint64_t watch_told, watch_missed, watch_kept_back, watch_shed, watch_pushed; /* of what the watch is to know (told.h) */
	uint64_t skipped_encrypted, skipped_depth, skipped_parser;
	uint64_t scanned_bytes, candidates, candidates_shed;
	uint64_t stream_gaps, stream_no_room, stream_invalid;
	uint64_t stream_differs; /* data that contradicts what came in its place before */
	uint64_t stream_uncompared, stream_urgent, stream_held_peak, history_taken;
	uint64_t fragments_no_room, fragments_differ, fragments_late;
	uint64_t parsers_cut, parser_bytes;
	uint64_t ndpi_packets, ndpi_guarded;
	uint64_t parsers_no_room, windows_taken, waiting_full;
	uint64_t link_talks, link_talks_taken, link_unread; /* of protocols right above Ethernet */
	uint64_t ot_unanswered; /* requests of industrial protocols that nothing answered */
	uint64_t ot_repeats;    /* frames that said what others had: they were counted, not read */
	uint64_t alerts_limited, alerts_suppressed; /* matches that did not alert */
	uint64_t states_given_up, states_taken_over, states_busy; /* of what rules remember */
	int64_t last_packet_ns;
};
void qw_engine_stats(const struct qw_engine *engine, struct qw_engine_stats *out);
