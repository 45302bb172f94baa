/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_parts - what an engine is made of.
 *
 * For the engine's own files: engine.c is the way of a packet, engine_stats.c the accounts.
 */
#pragma once

#include "sensor/capture/duplicate.h"
#include "sensor/flow/classify.h"
#include "sensor/flow/defrag.h"
#include "sensor/flow/stream.h"
#include "sensor/flow/table.h"
#include "sensor/protocol/parser.h"
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
	struct qw_reporter *reporter;
	struct qw_inspector *inspector;
	struct qw_states *flow_states, *shared_states; /* what rules remember */
	struct qw_duplicates *duplicates; /* NULL: not looked for */
	struct qw_stream_sink stream_sink;
	struct qw_message_sink message_sink;
	struct qw_engine_stats stats;
	bool ot_enabled;
	uint32_t ot; /* who looks at messages of industrial protocols */
	struct qw_time last;
	struct qw_engine_slot slot[QW_ENGINE_BATCH];
};
