/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flows - what the flow table, the streams and the classification cost, by leaving them out in turn.
 *
 *	flows CAPTURE...            ns a packet of each stage, best of three passes
 *	flows --names CAPTURE       one JSON line per flow, with what it was called (for classify_agreement.py)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "quaywatch/text.h"
#include "sensor/capture/source.h"
#include "sensor/decode/decode.h"
#include "sensor/flow/classify.h"
#include "sensor/flow/defrag.h"
#include "sensor/flow/stream.h"
#include "sensor/flow/table.h"

enum { BATCH = 64, FLOWS = 1 << 18, PASSES = 3 };

enum stage { STAGE_DECODE, STAGE_HASH, STAGE_TABLE, STAGE_STREAM, STAGE_CLASSIFY, STAGE_COUNT };

static const char *const stage_name[STAGE_COUNT] = {"decode", "hash", "table", "stream", "classify"};

struct slot {
	struct qw_decoded decoded;
	struct qw_flow_key key[QW_LAYERS_MAX];
	uint64_t hash[QW_LAYERS_MAX];
};

struct bench {
	enum stage stage;
	bool names;
	struct qw_flow_table *table;
	struct qw_streams *streams;
	struct qw_classifier *classifier;
	struct qw_defrag *defrag;
	struct qw_stream_sink sink;
	struct qw_decode_options decode;
	struct qw_frame frame[BATCH];
	struct slot slot[BATCH];
	uint64_t packets, handed;
};

static void must(enum qw_err err, const char *what)
{
	if (err == QW_OK)
		return;
	fprintf(stderr, "%s: %s\n", what, qw_strerror(err));
	exit(1);
}

static double now_ns(void)
{
	struct timespec at;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
	return (double)at.tv_sec * 1e9 + (double)at.tv_nsec;
}

static void on_data(void *ctx, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, uint32_t len,
		    bool in_packet)
{
	((struct bench *)ctx)->handed += len;
}

static void on_gap(void *ctx, struct qw_flow *flow, enum qw_direction direction, uint32_t missing)
{
}

static void on_closed(void *ctx, struct qw_flow *flow, enum qw_direction direction)
{
}

static const char *address_text(const struct qw_address *address, char out[QW_ADDRESS_TEXT_MAX])
{
	struct qw_text text;
	qw_text_init(&text, out, QW_ADDRESS_TEXT_MAX);
	qw_text_address(&text, address);
	return qw_text_string(&text);
}

static void print_flow(const struct bench *bench, const struct qw_flow *flow)
{
	char client[QW_ADDRESS_TEXT_MAX], server[QW_ADDRESS_TEXT_MAX], name[QW_CLASS_NAME_MAX];
	qw_class_name(bench->classifier, flow, name);
	printf("{\"event_type\":\"flow\",\"src_ip\":\"%s\",\"src_port\":%u,\"dest_ip\":\"%s\",\"dest_port\":%u,"
	       "\"proto\":\"%u\",\"vlan\":[%u],\"quaywatch\":{\"ndpi\":\"%s\"}}\n",
	       address_text(qw_flow_client(flow), client), qw_flow_client_port(flow),
	       address_text(qw_flow_server(flow), server), qw_flow_server_port(flow), flow->key.proto, flow->key.vlan,
	       name);
}

static void on_end(void *ctx, struct qw_flow *flow, enum qw_flow_end why)
{
	struct bench *bench = ctx;
	if (bench->stage >= STAGE_STREAM)
		qw_stream_end(bench->streams, flow, &bench->sink);
	if (bench->stage >= STAGE_CLASSIFY)
		qw_classify_end(bench->classifier, flow);
	if (bench->names)
		print_flow(bench, flow);
}

static void inspect(struct bench *bench, const struct qw_packet *packet, uint64_t hash, const struct qw_flow_key *key)
{
	enum qw_direction direction;
	struct qw_flow *flow = qw_flow_find(bench->table, packet, hash, key, &direction);
	if (bench->stage >= STAGE_CLASSIFY && !(flow->flags & QW_FLOW_CLASSIFIED))
		qw_classify(bench->classifier, flow, direction, packet);
	if (bench->stage < STAGE_STREAM || packet->proto != QW_PROTO_TCP || !(packet->flags & QW_PACKET_TRANSPORT))
		return;
	if (qw_stream_push(bench->streams, flow, direction, packet, &bench->sink) == QW_STREAM_AGAIN) {
		qw_flow_end(bench->table, flow, QW_FLOW_END_CLOSED);
		flow = qw_flow_find(bench->table, packet, hash, key, &direction);
		qw_stream_push(bench->streams, flow, direction, packet, &bench->sink);
	}
	qw_flow_settle(bench->table, flow);
}

static bool has_flow(const struct qw_packet *view)
{
	return (view->flags & QW_PACKET_IP) && !(view->flags & QW_PACKET_FRAGMENT);
}

static void reassemble(struct bench *bench, const struct qw_packet *fragment)
{
	struct qw_decoded whole;
	struct qw_flow_key key;
	const uint8_t *data;
	uint32_t len;
	if (qw_defrag_add(bench->defrag, fragment, &data, &len) != QW_DEFRAG_WHOLE)
		return;
	qw_decode_reassembled(&whole, data, len, fragment, &bench->decode);
	for (uint32_t at = 0; !whole.drop && at < whole.count; at++)
		if (has_flow(&whole.view[at]))
			inspect(bench, &whole.view[at], qw_flow_hash(bench->table, &whole.view[at], &key), &key);
}

static void prepare(struct bench *bench, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct slot *slot = &bench->slot[i];
		qw_decode(&slot->decoded, &bench->frame[i], &bench->decode);
		if (slot->decoded.drop)
			slot->decoded.count = 0;
		for (uint32_t at = 0; bench->stage >= STAGE_HASH && at < slot->decoded.count; at++) {
			slot->hash[at] = qw_flow_hash(bench->table, &slot->decoded.view[at], &slot->key[at]);
			qw_flow_prefetch(bench->table, slot->hash[at]);
		}
	}
	for (size_t i = 0; bench->stage >= STAGE_TABLE && i < count; i++)
		for (uint32_t at = 0; at < bench->slot[i].decoded.count; at++)
			qw_flow_prefetch_entry(bench->table, bench->slot[i].hash[at]);
}

static void play_batch(struct bench *bench, size_t count)
{
	prepare(bench, count);
	bench->packets += count;
	for (size_t i = 0; bench->stage >= STAGE_TABLE && i < count; i++) {
		struct slot *slot = &bench->slot[i];
		for (uint32_t at = 0; at < slot->decoded.count; at++) {
			if (has_flow(&slot->decoded.view[at]))
				inspect(bench, &slot->decoded.view[at], slot->hash[at], &slot->key[at]);
			else if (slot->decoded.view[at].flags & QW_PACKET_FRAGMENT)
				reassemble(bench, &slot->decoded.view[at]);
		}
	}
	if (count && bench->stage >= STAGE_TABLE)
		qw_flow_expire(bench->table, bench->frame[count - 1].time, BATCH);
}

static void open_parts(struct bench *bench)
{
	const struct qw_flow_table_options table = {
	    .flows = FLOWS,
	    .vlan_in_key = true,
	    .midstream = true,
	    .timeouts =
		{{60 * QW_NS_PER_S}, {3600 * QW_NS_PER_S}, {10 * QW_NS_PER_S}, {300 * QW_NS_PER_S}, {60 * QW_NS_PER_S}},
	    .ended = on_end,
	    .ctx = bench,
	};
	const struct qw_stream_options streams = {.bytes = 64 << 20, .flow_bytes = 1 << 20};
	const struct qw_defrag_options defrag = {.datagrams = 1024, .bytes = 16 << 20, .wait = {60 * QW_NS_PER_S}};
	must(qw_flow_table_new(&bench->table, &table), "flow table");
	must(qw_streams_new(&bench->streams, &streams), "streams");
	must(qw_classifier_new(&bench->classifier), "classifier");
	must(qw_defrag_new(&bench->defrag, &defrag), "defrag");
	bench->sink = (struct qw_stream_sink){.ctx = bench, .data = on_data, .gap = on_gap, .closed = on_closed};
}

static void close_parts(struct bench *bench)
{
	qw_flow_table_free(bench->table);
	qw_streams_free(bench->streams);
	qw_classifier_free(bench->classifier);
	qw_defrag_free(bench->defrag);
}

static void play_file(struct bench *bench, const char *path)
{
	const struct qw_source_ops *ops = &qw_source_file;
	struct qw_source *source;
	struct qw_diags diags = {0};
	const struct qw_source_spec spec = {.paths = &path, .path_count = 1, .snap_bytes = 262144, .diags = &diags};
	size_t count;
	must(ops->open(&source, &spec), path);
	while (ops->receive(source, bench->frame, BATCH, (struct qw_wait){0, -1}, &count) == QW_OK) {
		play_batch(bench, count);
		ops->release(source);
	}
	ops->close(source);
}

static double pass(enum stage stage, const char *path)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	if (!bench)
		exit(1);
	bench->stage = stage;
	open_parts(bench);
	double from = now_ns();
	play_file(bench, path);
	double each = (now_ns() - from) / (double)bench->packets;
	close_parts(bench);
	free(bench);
	return each;
}

static void measure(const char *path)
{
	double before = 0;
	for (int stage = 0; stage < STAGE_COUNT; stage++) {
		double best = pass((enum stage)stage, path);
		for (int again = 1; again < PASSES; again++) {
			double each = pass((enum stage)stage, path);
			best = each < best ? each : best;
		}
		printf("flows capture=%s stage=%s ns_packet=%.1f ns_stage=%.1f\n", path, stage_name[stage], best,
		       best - before);
		before = best;
	}
}

static void name_flows(const char *path)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	if (!bench)
		exit(1);
	bench->stage = STAGE_CLASSIFY;
	bench->names = true;
	open_parts(bench);
	play_file(bench, path);
	close_parts(bench);
	free(bench);
}

int main(int argc, char **argv)
{
	bool names = argc > 1 && strcmp(argv[1], "--names") == 0;
	if (argc < 2 + names) {
		fprintf(stderr, "usage: %s [--names] CAPTURE...\n", argv[0]);
		return 64;
	}
	for (int at = 1 + names; at < argc; at++)
		(names ? name_flows : measure)(argv[at]);
	return 0;
}
