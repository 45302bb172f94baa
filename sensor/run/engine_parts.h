/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_parts - what engine.c (the way of a packet), engine_make.c and engine_stats.c have in common.
 *
 * Internal to the engine.  One worker.
 */
#pragma once

#include "sensor/capture/duplicate.h"
#include "sensor/detect/alarm.h"
#include "sensor/flow/classify.h"
#include "sensor/flow/defrag.h"
#include "sensor/flow/stream.h"
#include "sensor/flow/table.h"
#include "sensor/protocol/link.h"
#include "sensor/protocol/parser.h"
#include "sensor/protocol/repeat.h"
#include "sensor/run/engine.h"

/* What the first pass over a batch leaves for the second. */
struct qw_engine_slot {
	struct qw_decoded decoded;
	uint64_t hash[QW_LAYERS_MAX];
	struct qw_flow_key key[QW_LAYERS_MAX];
};

struct qw_engine {
	struct qw_engine_options options;
	struct qw_decode_options decode;
	struct qw_flow_table *table;
	struct qw_defrag *defrag;
	struct qw_streams *streams;
	struct qw_classifier *classifier;
	struct qw_parser_pool *parsers;
	struct qw_repeat *repeat;
	struct qw_links *links;
	struct qw_reporter *reporter;
	struct qw_inspector *inspector;
	struct qw_states *flow_states, *shared_states; /* what rules remember */
	struct qw_duplicates *duplicates; /* NULL: not looked for */
	struct qw_stream_sink stream_sink;
	struct qw_message_sink message_sink;
	struct qw_link_sink link_sink;
	struct qw_engine_stats stats;
	bool ot_enabled, ot_values, ot_read_all;
	uint32_t ot; /* who looks at messages of industrial protocols */
	struct qw_time last;
	struct qw_alarm_watch alarms; /* what was told of memory given up */
	struct qw_time alarmed;       /* when that was looked at last */
	struct qw_engine_slot slot[QW_ENGINE_BATCH];
};


/* Whom the parts call back: the sinks of streams and messages, the end of a flow, a fragment that contradicts. */
void qw_engine_sinks(struct qw_engine *engine);
bool qw_engine_again(void *ctx, const struct qw_flow *flow, const uint64_t *prints, unsigned count);
void qw_engine_ended(void *ctx, struct qw_flow *flow, enum qw_flow_end why);
void qw_engine_ambiguous(void *ctx, const struct qw_packet *fragment, struct qw_slice taken, struct qw_slice other);

/* Tells what memory was given up; last_call: all of it, whatever the time. */
void qw_engine_alarms(struct qw_engine *engine, struct qw_time now, bool last_call);
