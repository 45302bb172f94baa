/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/engine.h"

#include <string.h>

#include "sensor/detect/alarm.h"
#include "sensor/flow/side.h"
#include "sensor/run/engine_parts.h"

enum { EXPIRE_MAX = 64 };

/* ---- what streams and parsers hand back */

static void on_message(void *ctx, struct qw_flow *flow, const struct qw_message *message)
{
	struct qw_engine *engine = ctx;

	struct qw_outcome outcome = qw_inspect_message(engine->inspector, flow, message);
	if (outcome.quiet)
		qw_repeat_quiet(engine->repeat, outcome.print, outcome.until.ns);
	else
		qw_repeat_none(engine->repeat);
}

bool qw_engine_again(void *ctx, const struct qw_flow *flow, const uint64_t *prints, unsigned count)
{
	struct qw_engine *engine = ctx;

	return qw_report_repeats(engine->reporter, prints, count, flow->last);
}

static void on_link_message(void *ctx, const struct qw_packet *packet, const struct qw_message *message)
{
	struct qw_engine *engine = ctx;

	qw_inspect_link_message(engine->inspector, packet, message);
}

static bool any_event(const struct qw_packet_events *events)
{
	static const struct qw_packet_events none;

	return memcmp(events, &none, sizeof(none)) != 0;
}

/* What the first data of each direction looks like, whoever parses it. */
static void look_at_side(struct qw_engine *engine, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			 size_t len)
{
	struct qw_packet_events events = {0};

	if (!qw_parser_look(engine->parsers, flow, direction, data, len, &events))
		return;
	qw_inspect_settled(engine->inspector);
	if (any_event(&events))
		qw_inspect_events(engine->inspector, &events);
}

static void choose(struct qw_engine *engine, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	if (__builtin_expect(qw_parser_is_looking(flow, direction), 0))
		look_at_side(engine, flow, direction, data, len);
	qw_parser_choose(engine->parsers, flow, direction, data, len);
}

static void on_data(void *ctx, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, uint32_t len,
		    bool in_packet)
{
	struct qw_engine *engine = ctx;

	/* As in Suricata, rules on payload come before rules on what parsers make of it: they may set what those ask. */
	choose(engine, flow, direction, data, len);
	qw_inspect_data(engine->inspector, flow, direction, data, len, in_packet);
	qw_parser_feed(flow, direction, data, len, &engine->message_sink);
}

static void on_gap(void *ctx, struct qw_flow *flow, enum qw_direction direction, uint32_t missing)
{
	struct qw_engine *engine = ctx;

	qw_parser_gap(engine->parsers, flow, direction, missing, &engine->message_sink);
	qw_inspect_gap(engine->inspector, flow, direction, missing);
}

static void on_differs(void *ctx, struct qw_flow *flow, enum qw_direction direction, const struct qw_conflict *conflict)
{
	struct qw_engine *engine = ctx;

	qw_inspect_differs(engine->inspector, flow, direction, conflict);
}

void qw_engine_ambiguous(void *ctx, const struct qw_packet *fragment, struct qw_slice taken, struct qw_slice other)
{
	struct qw_engine *engine = ctx;
	struct qw_scene scene = {.packet = fragment};

	qw_alarm(engine->reporter, &scene, QW_ALARM_FRAGMENT_OVERLAP, taken, other);
}

static void on_closed(void *ctx, struct qw_flow *flow, enum qw_direction direction)
{
	struct qw_engine *engine = ctx;

	qw_parser_close(engine->parsers, flow, direction, &engine->message_sink);
	if (flow->tcp[QW_TO_SERVER].told && flow->tcp[QW_TO_CLIENT].told) {
		qw_parser_end(engine->parsers, flow); /* its memory is warm, and the flow lingers for long */
		flow->flags |= QW_FLOW_NO_PARSER;
	}
}

/* A flow ends: first what it still holds, then what it was. */
void qw_engine_ended(void *ctx, struct qw_flow *flow, enum qw_flow_end why)
{
	struct qw_engine *engine = ctx;

	if (flow->key.proto == QW_PROTO_TCP) {
		qw_stream_end(engine->streams, flow, &engine->stream_sink);
	} else {
		qw_parser_close(engine->parsers, flow, QW_TO_SERVER, &engine->message_sink);
		qw_parser_close(engine->parsers, flow, QW_TO_CLIENT, &engine->message_sink);
	}
	qw_classify_end(engine->classifier, flow);
	qw_report_flow(engine->reporter, flow, why);
	qw_inspect_forget(engine->inspector, flow);
	qw_parser_end(engine->parsers, flow);
}

void qw_engine_sinks(struct qw_engine *engine)
{
	engine->stream_sink = (struct qw_stream_sink){
		.ctx = engine, .data = on_data, .gap = on_gap, .differs = on_differs, .closed = on_closed};
	engine->message_sink = (struct qw_message_sink){engine, on_message, engine->repeat};
	engine->link_sink = (struct qw_link_sink){engine, on_link_message};
}

/* ---- one packet view */

/* True: the payload is the stream's business, now or later. */
static bool push_stream(struct qw_engine *engine, struct qw_flow **flow, enum qw_direction *direction,
			const struct qw_packet *packet, uint64_t hash, const struct qw_flow_key *key)
{
	enum qw_stream_result result = qw_stream_push(engine->streams, *flow, *direction, packet, &engine->stream_sink);

	if (result == QW_STREAM_AGAIN) {
		qw_flow_end(engine->table, *flow, QW_FLOW_END_CLOSED);
		*flow = qw_flow_find(engine->table, packet, hash, key, direction);
		if (!*flow)
			return false;
		qw_inspect_begin(engine->inspector, *flow, QW_APP_UNKNOWN, *direction, packet);
		result = qw_stream_push(engine->streams, *flow, *direction, packet, &engine->stream_sink);
	}
	if (result == QW_STREAM_INVALID)
		return false;
	qw_flow_settle(engine->table, *flow);
	if (!((*flow)->flags & QW_FLOW_STREAM_OFF) || packet->payload_len == 0)
		return true;
	if ((*flow)->tcp_state == QW_TCP_NONE) /* it began before the capture: looked at packet by packet */
		return false;
	engine->stats.skipped_depth++;
	return true;
}

static bool push_tcp(struct qw_engine *engine, struct qw_flow **flow, enum qw_direction *direction,
		     const struct qw_packet *packet, uint64_t hash, const struct qw_flow_key *key)
{
	bool streamed = push_stream(engine, flow, direction, packet, hash, key);
	const struct qw_packet_events *events = qw_stream_events(engine->streams);

	if (__builtin_expect(events != NULL, 0))
		qw_inspect_events(engine->inspector, events);
	return streamed;
}

/* The first data of a direction, where the handshake was not seen: it may say that client and server were confounded. */
static enum qw_direction find_client(struct qw_engine *engine, struct qw_flow *flow, enum qw_direction direction,
				     const struct qw_packet *packet)
{
	bool datagram = packet->proto == QW_PROTO_UDP;

	if (!(flow->flags & (uint32_t)QW_FLOW_GUESS << direction) || packet->payload_len == 0)
		return direction;
	flow->flags &= ~((uint32_t)QW_FLOW_GUESS << direction);
	/* What begins with a datagram is begun by its sender, unless its ports are an answer's, too. */
	if (datagram && !qw_side_sender_serves(flow, direction))
		return direction;
	enum qw_speaker speaker = qw_parser_speaker(flow, packet->payload, packet->payload_len);
	if (speaker == QW_SPEAKER_UNKNOWN)
		return direction;
	bool wrong = (speaker == QW_SPEAKER_CLIENT) != (direction == QW_TO_SERVER);
	bool turned = wrong && !qw_side_is_sure(flow);
	flow->flags &= ~(uint32_t)QW_FLOW_GUESSES;
	if (turned) {
		qw_side_turn(flow);
		qw_inspect_turn(engine->inspector, flow);
		engine->stats.flows_turned++;
	}
	qw_parser_turn(flow, turned);
	return turned ? qw_direction_other(direction) : direction;
}

/* Right above Ethernet: no flow, and protocols of its own. */
static void inspect_link(struct qw_engine *engine, const struct qw_packet *packet, const struct qw_packet_events *events)
{
	qw_inspect_begin(engine->inspector, NULL, QW_APP_UNKNOWN, QW_TO_SERVER, packet);
	if (events)
		qw_inspect_events(engine->inspector, events);
	qw_inspect_packet(engine->inspector, false);
	if (engine->ot)
		qw_links_feed(engine->links, packet, &engine->link_sink);
	qw_inspect_end(engine->inspector);
}

/* events: of the packet's decoding; NULL: none. */
static void inspect_view(struct qw_engine *engine, const struct qw_packet *packet, uint64_t hash, const struct qw_flow_key *key,
			 const struct qw_packet_events *events)
{
	enum qw_direction direction = QW_TO_SERVER;
	bool streamed = false;

	if (!(packet->flags & QW_PACKET_IP)) {
		inspect_link(engine, packet, events);
		return;
	}
	struct qw_flow *flow = qw_flow_find(engine->table, packet, hash, key, &direction);
	enum qw_app known = flow ? (enum qw_app)flow->app : QW_APP_UNKNOWN;
	if (flow && __builtin_expect(flow->flags & QW_FLOW_GUESSES, 0))
		direction = find_client(engine, flow, direction, packet);
	if (flow && !(flow->flags & QW_FLOW_CLASSIFIED))
		qw_classify(engine->classifier, flow, direction, packet);
	qw_inspect_begin(engine->inspector, flow, known, direction, packet);
	if (events)
		qw_inspect_events(engine->inspector, events);
	if (flow && packet->flags & QW_PACKET_TRANSPORT) {
		if (packet->proto == QW_PROTO_TCP)
			streamed = push_tcp(engine, &flow, &direction, packet, hash, key);
		else
			choose(engine, flow, direction, packet->payload, packet->payload_len);
	}
	qw_inspect_packet(engine->inspector, streamed);
	if (flow && packet->flags & QW_PACKET_TRANSPORT && packet->proto != QW_PROTO_TCP)
		qw_parser_feed(flow, direction, packet->payload, packet->payload_len, &engine->message_sink);
	if (engine->options.watch && flow && !(flow->flags & QW_FLOW_WATCHED))
		qw_report_begin(engine->reporter, flow, direction, packet);
	qw_inspect_end(engine->inspector);
}

/* A fragment, or a packet that its endpoint would throw away, has no flow; its addresses and header are looked at. */
static void inspect_remains(struct qw_engine *engine, const struct qw_packet *view, const struct qw_packet_events *events)
{
	qw_inspect_begin(engine->inspector, NULL, QW_APP_UNKNOWN, QW_TO_SERVER, view);
	if (events)
		qw_inspect_events(engine->inspector, events);
	qw_inspect_packet(engine->inspector, true);
	qw_inspect_end(engine->inspector);
}

static void alarm_layers(struct qw_engine *engine, const struct qw_packet *deepest)
{
	struct qw_scene scene = {.packet = deepest};

	qw_alarm_scene(engine->reporter, &scene, QW_ALARM_LAYERS);
}

static void count_anomalies(struct qw_engine *engine, const struct qw_decoded *decoded)
{
	for (uint32_t left = decoded->anomalies; left; left &= left - 1)
		engine->stats.anomalies[__builtin_ctz(left)]++;
	if (__builtin_expect(decoded->anomalies >> QW_ANOMALY_LAYER_DEPTH & 1, 0) && decoded->count)
		alarm_layers(engine, &decoded->view[decoded->count - 1]);
}

/* depth: wholes, made of fragments, that it lies in. */
static enum qw_drop inspect_fragment(struct qw_engine *engine, const struct qw_packet *fragment,
				     const struct qw_packet_events *decoded, unsigned depth);

/*
 * A packet that only carries another (GRE, IP in IP) has no payload of its
 * own: it would be looked at twice, and alert twice.  A UDP tunnel's is, as in
 * Suricata: who reads it as a tunnel's by its port may be wrong.
 */
static void inspect_carrier(struct qw_engine *engine, const struct qw_packet *view, uint64_t hash, const struct qw_flow_key *key,
			    const struct qw_packet_events *events)
{
	struct qw_packet bare = *view;

	bare.payload_len = 0;
	inspect_view(engine, &bare, hash, key, events);
}

static const struct qw_packet_events *events_of(const struct qw_decoded *decoded, uint32_t view)
{
	return decoded->eventful >> view & 1 ? &decoded->events[view] : NULL;
}

/* All views of one decoded frame (or reassembled packet), hashed already. */
static enum qw_drop inspect_views(struct qw_engine *engine, const struct qw_engine_slot *slot, unsigned depth)
{
	enum qw_drop drop = QW_DROP_NONE;

	for (uint32_t i = 0; i < slot->decoded.count; i++) {
		const struct qw_packet *view = &slot->decoded.view[i];
		const struct qw_packet_events *events = events_of(&slot->decoded, i);
		if (view->flags & QW_PACKET_FRAGMENT) {
			enum qw_drop verdict = inspect_fragment(engine, view, events, depth);
			if (i == 0)
				drop = verdict;
			else if (verdict != QW_DROP_NONE)
				engine->stats.malformed[verdict]++; /* the outer packet was inspected whatever is inside */
		} else if (i + 1 < slot->decoded.count && view->proto != QW_PROTO_UDP) {
			inspect_carrier(engine, view, slot->hash[i], &slot->key[i], events);
		} else {
			inspect_view(engine, view, slot->hash[i], &slot->key[i], events);
		}
	}
	return drop;
}

static void hash_views(struct qw_engine *engine, struct qw_engine_slot *slot)
{
	for (uint32_t i = 0; i < slot->decoded.count; i++) {
		const struct qw_packet *view = &slot->decoded.view[i];
		if (!(view->flags & QW_PACKET_IP) || view->flags & QW_PACKET_FRAGMENT)
			continue;
		slot->hash[i] = qw_flow_hash(engine->table, view, &slot->key[i]);
		qw_flow_prefetch(engine->table, slot->hash[i]);
	}
}

/* Gives a fragment to its datagram; its own events and those of that are the fragment's. */
static enum qw_defrag_result collect(struct qw_engine *engine, const struct qw_packet *fragment,
				     struct qw_packet_events *events, const uint8_t **data, uint32_t *len)
{
	bool four = fragment->version == 4;
	struct qw_defrag_counters before, after;

	qw_defrag_counters(engine->defrag, &before);
	enum qw_defrag_result result = qw_defrag_add(engine->defrag, fragment, data, len);
	qw_defrag_counters(engine->defrag, &after);
	if (after.overlaps != before.overlaps)
		qw_packet_events_add(events, four ? QW_PE_IPV4_FRAG_OVERLAP : QW_PE_IPV6_FRAG_OVERLAP);
	return result;
}

/* What fragments made, as a packet that came so. */
static enum qw_drop inspect_whole(struct qw_engine *engine, const struct qw_packet *fragment, const uint8_t *data, uint32_t len,
				  unsigned depth)
{
	struct qw_engine_slot slot;

	qw_decode_reassembled(&slot.decoded, data, len, fragment, &engine->decode);
	count_anomalies(engine, &slot.decoded);
	if (slot.decoded.drop != QW_DROP_NONE) {
		if (slot.decoded.eventful)
			inspect_remains(engine, &slot.decoded.view[0], events_of(&slot.decoded, 0));
		return slot.decoded.drop;
	}
	hash_views(engine, &slot);
	return inspect_views(engine, &slot, depth);
}

static enum qw_drop inspect_fragment(struct qw_engine *engine, const struct qw_packet *fragment,
				     const struct qw_packet_events *decoded, unsigned depth)
{
	struct qw_packet_events events = decoded ? *decoded : (struct qw_packet_events){0};
	const uint8_t *data;
	uint32_t len;

	if (depth == QW_DEFRAG_WHOLES) {
		engine->stats.anomalies[QW_ANOMALY_LAYER_DEPTH]++;
		alarm_layers(engine, fragment);
		inspect_remains(engine, fragment, &events);
		return QW_DROP_NONE;
	}
	enum qw_defrag_result result = collect(engine, fragment, &events, &data, &len);

	/* Its payload is looked at when the packet is whole; that which makes it so only says what is odd. */
	if (result != QW_DEFRAG_WHOLE || any_event(&events))
		inspect_remains(engine, fragment, &events);
	switch (result) {
	case QW_DEFRAG_WAITS: return QW_DROP_NONE;
	case QW_DEFRAG_BAD: return QW_DROP_FRAGMENT_BAD;
	case QW_DEFRAG_NO_ROOM: return QW_DROP_FRAGMENT_LIMIT;
	case QW_DEFRAG_WHOLE: break;
	}
	return inspect_whole(engine, fragment, data, len, depth + 1);
}

/* ---- batches */

static void first_pass(struct qw_engine *engine, const struct qw_frame *frame, struct qw_engine_slot *slot)
{
	struct qw_engine_stats *stats = &engine->stats;

	stats->packets++;
	stats->bytes += frame->wire_len;
	if (engine->duplicates && qw_duplicates_is(engine->duplicates, frame)) {
		slot->decoded.drop = QW_DROP_DUPLICATE;
		slot->decoded.anomalies = 0;
		slot->decoded.count = 0;
		slot->decoded.eventful = 0;
		return;
	}
	qw_decode(&slot->decoded, frame, &engine->decode);
	if (slot->decoded.drop != QW_DROP_NONE)
		slot->decoded.count = 0;
	hash_views(engine, slot);
}

/* Slots are on their way since the first pass; now what they name. */
static void prefetch_entries(const struct qw_engine *engine, const struct qw_engine_slot *slot)
{
	for (uint32_t i = 0; i < slot->decoded.count; i++) {
		if ((slot->decoded.view[i].flags & (QW_PACKET_IP | QW_PACKET_FRAGMENT)) != QW_PACKET_IP)
			continue;
		size_t place = qw_flow_prefetch_entry(engine->table, slot->hash[i]);
		if (place != SIZE_MAX)
			qw_inspector_prefetch(engine->inspector, place);
	}
}

static void second_pass(struct qw_engine *engine, struct qw_engine_slot *slot)
{
	struct qw_engine_stats *stats = &engine->stats;
	enum qw_drop drop = slot->decoded.drop;

	count_anomalies(engine, &slot->decoded);
	if (drop == QW_DROP_NONE)
		drop = inspect_views(engine, slot, 0);
	else if (qw_drop_is_malformed(drop) || slot->decoded.eventful) /* its endpoint would throw it away: no flow */
		inspect_remains(engine, &slot->decoded.view[0], events_of(&slot->decoded, 0));
	if (qw_drop_is_malformed(drop)) {
		stats->malformed[drop]++;
		stats->inspected++;
	} else if (drop == QW_DROP_NONE) {
		stats->inspected++;
	} else {
		stats->drops[drop]++;
	}
}

void qw_engine_frames(struct qw_engine *engine, const struct qw_frame *frames, size_t count)
{
	for (size_t i = 0; i < count; i++)
		first_pass(engine, &frames[i], &engine->slot[i]);
	for (size_t i = 0; i < count; i++)
		prefetch_entries(engine, &engine->slot[i]);
	for (size_t i = 0; i < count; i++)
		second_pass(engine, &engine->slot[i]);
	if (count == 0)
		return;
	engine->last = frames[count - 1].time;
	qw_engine_tick(engine, engine->last);
}

void qw_engine_tick(struct qw_engine *engine, struct qw_time now)
{
	qw_defrag_expire(engine->defrag, now);
	qw_flow_expire(engine->table, now, EXPIRE_MAX);
	qw_report_tick(engine->reporter, now);
	if (engine->ot)
		qw_links_tick(engine->links, now, &engine->link_sink);
	qw_engine_alarms(engine, now, false);
}
