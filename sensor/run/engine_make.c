/* SPDX-License-Identifier: Apache-2.0 */
/* engine_make - an engine's parts, made from the configuration, and what a ruleset asks of them. */
#include "sensor/run/engine_parts.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/digest.h"
#include "sensor/run/settings.h"

static struct qw_time seconds(const struct qw_config *config, size_t row)
{
	return qw_time_seconds(qw_config_int(config, row));
}

static enum qw_err make_flow_side(struct qw_engine *engine, const struct qw_config *config)
{
	struct qw_flow_table_options table = {
		.flows = (size_t)qw_config_int(config, QW_CFG_FLOWS),
		.vlan_in_key = qw_config_bool(config, QW_CFG_VLAN_IN_FLOW),
		.midstream = qw_config_bool(config, QW_CFG_MIDSTREAM),
		.timeouts = {.fresh = seconds(config, QW_CFG_TIMEOUT_NEW),
			     .established = seconds(config, QW_CFG_TIMEOUT_ESTABLISHED),
			     .closed = seconds(config, QW_CFG_TIMEOUT_CLOSED),
			     .datagram = seconds(config, QW_CFG_TIMEOUT_UDP),
			     .icmp = seconds(config, QW_CFG_TIMEOUT_ICMP)},
		.ended = qw_engine_ended,
		.ctx = engine,
	};
	struct qw_defrag_options defrag = {
		.datagrams = (size_t)qw_config_int(config, QW_CFG_DEFRAG_DATAGRAMS),
		.bytes = (size_t)qw_config_int(config, QW_CFG_DEFRAG_MB) << 20,
		.wait = seconds(config, QW_CFG_DEFRAG_SECONDS),
		.ambiguous = qw_engine_ambiguous,
		.ctx = engine,
	};
	struct qw_stream_options streams = {
		.bytes = (size_t)qw_config_int(config, QW_CFG_STREAM_MB) << 20,
		.flow_bytes = (uint32_t)qw_config_int(config, QW_CFG_STREAM_FLOW_KB) << 10,
		.depth = (uint64_t)qw_config_int(config, QW_CFG_STREAM_DEPTH_KB) << 10,
	};
	enum qw_err err = qw_flow_table_new(&engine->table, &table);

	if (err == QW_OK)
		err = qw_defrag_new(&engine->defrag, &defrag);
	if (err == QW_OK)
		err = qw_streams_new(&engine->streams, &streams);
	if (err == QW_OK)
		err = qw_classifier_new(&engine->classifier);
	if (err == QW_OK && qw_config_bool(config, QW_CFG_DEDUPLICATE))
		err = qw_duplicates_new(&engine->duplicates);
	return err;
}

static enum qw_err make_states(struct qw_engine *engine, const struct qw_config *config)
{
	struct qw_states_options own = {
		.bytes = (size_t)qw_config_int(config, QW_CFG_RULES_FLOW_STATE_MB) << 20, .by_owner = true};
	struct qw_states_options shared = {.memory = engine->options.states, .bytes = engine->options.states_bytes};

	if (!shared.memory)
		shared.bytes = (size_t)qw_config_int(config, QW_CFG_RULES_STATE_MB) << 20;
	enum qw_err err = qw_states_new(&engine->flow_states, &own);
	return err == QW_OK ? qw_states_new(&engine->shared_states, &shared) : err;
}

static size_t marks_of(void *ctx, const struct qw_flow *flow, struct qw_mark *out, size_t max)
{
	const struct qw_engine *engine = ctx;

	return qw_inspect_marks(engine->inspector, flow, out, max);
}

static enum qw_err make_detect_side(struct qw_engine *engine, const struct qw_config *config)
{
	struct qw_reporter_options reporter = {
		.table = engine->table,
		.classifier = engine->classifier,
		.interface = engine->options.interface,
		.interface_ctx = engine->options.interface_ctx,
		.emit = engine->options.emit,
		.emit_ctx = engine->options.emit_ctx,
		.marks = marks_of,
		.marks_ctx = engine,
		.fold = seconds(config, QW_CFG_FOLD),
		.watch = engine->options.watch,
		.types = engine->options.types,
		.payload_max = (uint32_t)qw_config_int(config, QW_CFG_PAYLOAD),
	};
	engine->ot_enabled = qw_config_bool(config, QW_CFG_OT);
	engine->ot_read_all = qw_config_bool(config, QW_CFG_OT_READ_ALL);
	engine->ot_values = qw_config_bool(config, QW_CFG_OT_VALUES);
	enum qw_err err = qw_parser_pool_new(&engine->parsers, (size_t)qw_config_int(config, QW_CFG_PROTOCOL_MB) << 20);

	if (err == QW_OK)
		err = qw_links_new(&engine->links);
	if (err == QW_OK)
		err = qw_reporter_new(&engine->reporter, &reporter);
	if (err == QW_OK)
		err = make_states(engine, config);
	struct qw_inspector_options inspector = {
		.table = engine->table,
		.reporter = engine->reporter,
		.clock = engine->options.live ? QW_CLOCK_LIVE : QW_CLOCK_OFFLINE,
		.now = engine->options.now,
		.now_ctx = engine->options.now_ctx,
		.windows = (size_t)qw_config_int(config, QW_CFG_STREAM_WINDOWS),
		.flow_states = engine->flow_states,
		.shared_states = engine->shared_states,
	};
	if (err == QW_OK)
		err = qw_inspector_new(&engine->inspector, &inspector);
	return err;
}

enum qw_err qw_engine_new(struct qw_engine **out, const struct qw_engine_options *options)
{
	struct qw_engine *engine = calloc(1, sizeof(*engine));

	if (!engine)
		return QW_ENOMEM;
	engine->options = *options;
	engine->decode.verify_checksums = strcmp(qw_config_text(options->config, QW_CFG_CHECKSUMS), "verify") == 0;
	engine->decode.partial_checksums = options->live; /* a virtual port leaves sums to a card that is not there */
	const struct qw_repeat_options repeat = {.again = qw_engine_again, .ctx = engine};
	enum qw_err err = qw_repeat_new(&engine->repeat, &repeat);
	if (err == QW_OK)
		err = make_flow_side(engine, options->config);
	if (err == QW_OK)
		err = make_detect_side(engine, options->config);
	if (err != QW_OK) {
		qw_engine_free(engine);
		return err;
	}
	qw_engine_sinks(engine);
	*out = engine;
	return QW_OK;
}

void qw_engine_finish(struct qw_engine *engine)
{
	qw_defrag_clear(engine->defrag);
	qw_flow_table_clear(engine->table);
	qw_engine_alarms(engine, engine->last, true);
	qw_reporter_flush(engine->reporter);
}

void qw_engine_free(struct qw_engine *engine)
{
	if (!engine)
		return;
	if (engine->inspector) /* made last: everything a flow's end needs is there */
		qw_engine_finish(engine);
	qw_flow_table_free(engine->table);
	qw_inspector_free(engine->inspector);
	qw_reporter_free(engine->reporter);
	qw_states_free(engine->flow_states);
	qw_states_free(engine->shared_states);
	qw_parser_pool_free(engine->parsers);
	qw_links_free(engine->links);
	qw_classifier_free(engine->classifier);
	qw_streams_free(engine->streams);
	qw_defrag_free(engine->defrag);
	qw_duplicates_free(engine->duplicates);
	qw_repeat_free(engine->repeat);
	free(engine);
}

/* Digests of files cost: only those are computed that some indicator or signature names. */
static uint32_t wanted_digests(const struct qw_ruleset *ruleset)
{
	static const struct {
		uint8_t observable, buffer, digest;
	} rows[] = {
		{QW_OBS_MD5, QW_BUFFER_FILE_MD5, QW_DIGEST_MD5},
		{QW_OBS_SHA1, QW_BUFFER_FILE_SHA1, QW_DIGEST_SHA1},
		{QW_OBS_SHA256, QW_BUFFER_FILE_SHA256, QW_DIGEST_SHA256},
	};
	uint32_t wanted = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (ruleset->indicators &&
		    qw_indicators_want(ruleset->indicators, (enum qw_observable_type)rows[i].observable))
			wanted |= rows[i].digest;
		if (ruleset->signatures && qw_signatures_want(ruleset->signatures, (enum qw_buffer)rows[i].buffer))
			wanted |= rows[i].digest;
	}
	return wanted;
}

/* Messages of industrial protocols are read only while somebody looks at them. */
static uint32_t wanted_ot(const struct qw_signatures *rules, const struct qw_engine_options *options)
{
	uint32_t wanted = options->types & 1u << QW_EVENT_OT ? QW_OT_WANT_EVENTS : 0;

	if (options->watch)
		wanted |= QW_OT_WANT_WATCH;

	for (int buffer = 0; rules && buffer < QW_BUFFER_COUNT; buffer++)
		if (qw_buffer_is_industrial((enum qw_buffer)buffer) && qw_signatures_want(rules, (enum qw_buffer)buffer))
			wanted |= QW_OT_WANT_FIELDS;
	if (rules && qw_signatures_want(rules, QW_BUFFER_APP_EVENT))
		wanted |= QW_OT_WANT_FIELDS;
	return wanted;
}

/* What messages led to is another matter under other rules. */
static void change_repeat(struct qw_engine *engine, const struct qw_signatures *rules)
{
	qw_repeat_forget(engine->repeat, engine->ot_read_all || engine->ot & QW_OT_WANT_EVENTS);
	for (int buffer = 0; buffer < QW_BUFFER_COUNT; buffer++)
		qw_repeat_looked_at(engine->repeat, (enum qw_buffer)buffer,
				    rules && qw_signatures_want(rules, (enum qw_buffer)buffer));
}

void qw_engine_adopt(struct qw_engine *engine, const struct qw_ruleset *ruleset)
{
	uint32_t before = engine->ot;
	bool changed = qw_inspector_adopt(engine->inspector, ruleset);
	uint32_t ot = engine->ot_enabled ? wanted_ot(ruleset->signatures, &engine->options) : 0;
	if (ot && engine->ot_values)
		ot |= QW_OT_WANT_VALUES;
	qw_parser_pool_want_ot(engine->parsers, ot);
	qw_links_want(engine->links, ot);
	if (ot && !engine->ot)
		qw_flow_table_each(engine->table, qw_parser_wake);
	engine->ot = ot;
	if (changed || ot != before)
		change_repeat(engine, ruleset->signatures);
	qw_parser_pool_want(engine->parsers, wanted_digests(ruleset));
}
