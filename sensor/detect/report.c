/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/detect/report_parts.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/detect/facts.h"
#include "sensor/detect/marks.h"
#include "sensor/detect/record.h"

enum {
	GID_INDICATOR = 2,
	GID_ENGINE = 4,
	CONTEXT_MAX = QW_CONTEXT_KEY_MAX + 1 + QW_CONTEXT_JSON_MAX,
};

static void emit_folded(void *ctx, const struct qw_event *event, size_t size)
{
	struct qw_reporter *reporter = ctx;

	reporter->counters.events++;
	reporter->options.emit(reporter->options.emit_ctx, event, size);
}

enum qw_err qw_reporter_new(struct qw_reporter **out, const struct qw_reporter_options *options)
{
	struct qw_reporter *reporter = calloc(1, sizeof(*reporter));

	if (!reporter)
		return QW_ENOMEM;
	reporter->options = *options;
	struct qw_fold_options fold = {.span = options->fold, .emit = emit_folded, .ctx = reporter};
	enum qw_err err = qw_fold_new(&reporter->fold, &fold);
	if (err == QW_OK && options->watch)
		err = qw_told_new(&reporter->told);
	if (err != QW_OK) {
		qw_reporter_free(reporter);
		return err;
	}
	*out = reporter;
	return QW_OK;
}

void qw_reporter_free(struct qw_reporter *reporter)
{
	if (!reporter)
		return;
	qw_told_free(reporter->told);
	qw_fold_free(reporter->fold);
	free(reporter);
}

static struct qw_time time_of(const struct qw_scene *scene)
{
	return scene->packet ? scene->packet->time : scene->flow->last;
}

void qw_report_link(const struct qw_reporter *reporter, struct qw_event_writer *writer, const struct qw_packet *packet)
{
	const char *name = reporter->options.interface(reporter->options.interface_ctx, packet->interface);

	qw_event_put_text(writer, QW_KEY_IN_IFACE, name);
	for (unsigned i = 0; i < packet->vlan_count; i++)
		qw_event_put_u64(writer, QW_KEY_VLAN, packet->vlan[i]);
}

void qw_report_flow_vlan(struct qw_event_writer *writer, const struct qw_flow *flow)
{
	if (flow->key.vlan)
		qw_event_put_u64(writer, QW_KEY_VLAN, flow->key.vlan);
}

static bool has_ports(uint8_t proto)
{
	return proto == QW_PROTO_TCP || proto == QW_PROTO_UDP || proto == QW_PROTO_SCTP;
}

static void put_ends(struct qw_event_writer *writer, const struct qw_address *src, uint16_t sport,
		     const struct qw_address *dst, uint16_t dport, uint8_t proto)
{
	qw_event_put(writer, QW_KEY_SRC_IP, src, sizeof(*src));
	if (has_ports(proto))
		qw_event_put_u64(writer, QW_KEY_SRC_PORT, sport);
	qw_event_put(writer, QW_KEY_DEST_IP, dst, sizeof(*dst));
	if (has_ports(proto))
		qw_event_put_u64(writer, QW_KEY_DEST_PORT, dport);
	qw_event_put_u64(writer, QW_KEY_PROTO, proto);
}

void qw_report_packet_ends(struct qw_event_writer *writer, const struct qw_packet *packet)
{
	if (packet->flags & QW_PACKET_IP)
		put_ends(writer, &packet->src, packet->sport, &packet->dst, packet->dport, packet->proto);
	if (packet->mac) {
		qw_event_put(writer, QW_KEY_ETHER_SRC, packet->mac + 6, 6);
		qw_event_put(writer, QW_KEY_ETHER_DEST, packet->mac, 6);
	}
	if (!(packet->flags & QW_PACKET_IP) && packet->ether_type)
		qw_event_put_u64(writer, QW_KEY_ETHER_TYPE, packet->ether_type);
	if (packet->proto == QW_PROTO_ICMP || packet->proto == QW_PROTO_ICMPV6) {
		qw_event_put_u64(writer, QW_KEY_ICMP_TYPE, packet->icmp_type);
		qw_event_put_u64(writer, QW_KEY_ICMP_CODE, packet->icmp_code);
	}
}

void qw_report_flow_ends(struct qw_event_writer *writer, const struct qw_flow *flow, enum qw_direction direction)
{
	if (direction == QW_TO_SERVER)
		put_ends(writer, qw_flow_client(flow), qw_flow_client_port(flow), qw_flow_server(flow),
			 qw_flow_server_port(flow), flow->key.proto);
	else
		put_ends(writer, qw_flow_server(flow), qw_flow_server_port(flow), qw_flow_client(flow),
			 qw_flow_client_port(flow), flow->key.proto);
	if (flow->key.proto == QW_PROTO_ICMP || flow->key.proto == QW_PROTO_ICMPV6) {
		qw_event_put_u64(writer, QW_KEY_ICMP_TYPE, flow->icmp_type);
		qw_event_put_u64(writer, QW_KEY_ICMP_CODE, flow->icmp_code);
	}
}

/* What stands at the head of every event. */
static void put_head(const struct qw_reporter *reporter, struct qw_event_writer *writer, const struct qw_scene *scene)
{
	if (scene->flow)
		qw_event_put_u64(writer, QW_KEY_FLOW_ID, qw_flow_id(reporter->options.table, scene->flow));
	if (scene->packet) {
		qw_report_link(reporter, writer, scene->packet);
		qw_report_packet_ends(writer, scene->packet);
	} else {
		qw_report_flow_vlan(writer, scene->flow);
		qw_report_flow_ends(writer, scene->flow, scene->direction);
	}
	if (scene->flow) {
		char id[QW_COMMUNITY_ID_LEN + 1];
		qw_flow_community_id(scene->flow, id);
		qw_event_put_text(writer, QW_KEY_COMMUNITY_ID, id);
	}
	if (scene->message)
		qw_event_put_u64(writer, QW_KEY_TX_ID, scene->message->transaction - 1);
}

/*
 * Ours where we have a name for it; else nDPI's for the protocol on the wire
 * (the first part of "TLS.Google"), in lower case as EVE's are.
 */
void qw_report_app(const struct qw_reporter *reporter, struct qw_event_writer *writer, const struct qw_flow *flow)
{
	char name[QW_CLASS_NAME_MAX];

	if (flow->app > QW_APP_FAILED) {
		qw_event_put_text(writer, QW_KEY_APP_PROTO, qw_app_name((enum qw_app)flow->app));
		return;
	}
	qw_class_name(reporter->options.classifier, flow, name);
	name[strcspn(name, ".")] = 0;
	for (char *at = name; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	bool known = strcmp(name, "unknown") != 0;
	qw_event_put_text(writer, QW_KEY_APP_PROTO, known ? name : qw_app_name((enum qw_app)flow->app));
}

/* What rules remember of the flow. */
static void put_marks(const struct qw_reporter *reporter, struct qw_event_writer *writer, const struct qw_flow *flow)
{
	struct qw_mark marks[QW_MARKS_MAX];

	if (!(flow->flags & QW_FLOW_REMEMBERED) || !reporter->options.marks)
		return;
	size_t count = reporter->options.marks(reporter->options.marks_ctx, flow, marks, QW_MARKS_MAX);
	qw_record_marks(writer, marks, count);
}

/* What stands right above Ethernet says itself what it is. */
void qw_report_app_without_flow(struct qw_event_writer *writer, const struct qw_scene *scene)
{
	bool bare = scene->packet && !(scene->packet->flags & QW_PACKET_IP);
	enum qw_app app = scene->message ? scene->message->app : bare ? qw_app_of_ether_type(scene->packet->ether_type) : QW_APP_UNKNOWN;

	if (app > QW_APP_FAILED)
		qw_event_put_text(writer, QW_KEY_APP_PROTO, qw_app_name(app));
}

/* What stands between the alert and our own part. */
static void put_middle(const struct qw_reporter *reporter, struct qw_event_writer *writer, const struct qw_scene *scene)
{
	if (scene->flow) {
		qw_report_app(reporter, writer, scene->flow);
		qw_event_put_text(writer, QW_KEY_DIRECTION, scene->direction == QW_TO_SERVER ? "to_server" : "to_client");
		put_marks(reporter, writer, scene->flow);
	} else {
		qw_report_app_without_flow(writer, scene);
	}
	if (scene->message)
		qw_record_message(writer, scene->message);
	if (reporter->options.payload_max && scene->payload.len) {
		size_t len = scene->payload.len;
		if (len > reporter->options.payload_max)
			len = reporter->options.payload_max;
		qw_event_put(writer, QW_KEY_PAYLOAD, scene->payload.data, len);
	}
}

static void put_ndpi(const struct qw_reporter *reporter, struct qw_event_writer *writer, const struct qw_flow *flow)
{
	char name[QW_CLASS_NAME_MAX];

	if (!flow)
		return;
	qw_class_name(reporter->options.classifier, flow, name);
	qw_event_put_text(writer, QW_KEY_NDPI, name);
}

void qw_report_emit(struct qw_reporter *reporter, const struct qw_event_writer *writer)
{
	reporter->counters.events++;
	reporter->counters.cut += writer->cut;
	reporter->options.emit(reporter->options.emit_ctx, writer->event, qw_event_size(writer->event));
}

/* What makes two alerts the same. */
static uint64_t hash_of(const struct qw_reporter *reporter, const struct qw_scene *scene, uint64_t what)
{
	static const struct qw_address nobody;
	const struct qw_address *src = &nobody, *dst = &nobody;
	struct qw_address ends[2] = {0}; /* of what is not IP */

	if (scene->packet && !(scene->packet->flags & QW_PACKET_IP) && scene->packet->mac) {
		memcpy(ends[0].bytes, scene->packet->mac + 6, 6);
		memcpy(ends[1].bytes, scene->packet->mac, 6);
		src = &ends[0];
		dst = &ends[1];
	} else if (scene->packet) {
		src = &scene->packet->src;
		dst = &scene->packet->dst;
	} else {
		src = scene->direction == QW_TO_SERVER ? qw_flow_client(scene->flow) : qw_flow_server(scene->flow);
		dst = scene->direction == QW_TO_SERVER ? qw_flow_server(scene->flow) : qw_flow_client(scene->flow);
	}
	return qw_fold_hash(reporter->fold, what, src, dst);
}

/* Counts an alert; false: it was folded, there is nothing to write. */
static bool is_first(struct qw_reporter *reporter, struct qw_time time, uint64_t hash)
{
	reporter->counters.alerts++;
	return !qw_fold_count(reporter->fold, hash, time);
}

static void finish_alert(struct qw_reporter *reporter, struct qw_event_writer *writer, const struct qw_scene *scene,
			 uint64_t hash)
{
	qw_fold_begin(reporter->fold, hash, time_of(scene), writer->event, qw_event_size(writer->event));
	qw_report_emit(reporter, writer);
}

/* Who attacks whom, where the rule says which end is the target. */
static void put_target(struct qw_event_writer *writer, const struct qw_scene *scene, enum qw_signature_target target)
{
	struct qw_facts facts;

	if (target == QW_TARGET_UNSAID)
		return;
	if (scene->packet)
		qw_facts_of_packet(&facts, scene->flow, scene->direction, scene->packet);
	else
		qw_facts_of_flow(&facts, scene->flow, scene->direction);
	bool src = target == QW_TARGET_SRC, ports = has_ports(facts.proto);
	qw_event_put(writer, QW_KEY_ALERT_SOURCE_IP, src ? &facts.dst : &facts.src, sizeof(facts.src));
	if (ports)
		qw_event_put_u64(writer, QW_KEY_ALERT_SOURCE_PORT, src ? facts.dport : facts.sport);
	qw_event_put(writer, QW_KEY_ALERT_TARGET_IP, src ? &facts.src : &facts.dst, sizeof(facts.src));
	if (ports)
		qw_event_put_u64(writer, QW_KEY_ALERT_TARGET_PORT, src ? facts.sport : facts.dport);
}

static const char *action_text(enum qw_signature_action action)
{
	return action == QW_ACTION_PASS ? "pass" : "allowed"; /* a passive sensor blocks nothing */
}

/* What the sets say that the rule asked. */
static void put_contexts(struct qw_event_writer *writer, const struct qw_signature *signature)
{
	char memory[CONTEXT_MAX];
	struct qw_text text;

	for (uint32_t i = 0; i < signature->context_count; i++) {
		qw_text_init(&text, memory, sizeof(memory));
		qw_text_put(&text, signature->contexts[i].key, strlen(signature->contexts[i].key) + 1);
		qw_text_put(&text, signature->contexts[i].json, strlen(signature->contexts[i].json));
		writer->cut |= text.cut;
		if (!text.cut)
			qw_event_put(writer, QW_KEY_ALERT_CONTEXT, text.at, text.len);
	}
}

void qw_report_signature(struct qw_reporter *reporter, const struct qw_scene *scene, const struct qw_signature *signature)
{
	struct qw_event_writer writer;
	uint64_t hash = hash_of(reporter, scene, (uint64_t)signature->gid << 32 | signature->sid);

	if (!reporter->holding && !is_first(reporter, time_of(scene), hash))
		return;
	qw_event_begin(&writer, reporter->memory, sizeof(reporter->memory), QW_EVENT_ALERT, time_of(scene));
	put_head(reporter, &writer, scene);
	qw_event_put_text(&writer, QW_KEY_ALERT_ACTION, action_text(signature->action));
	qw_event_put_u64(&writer, QW_KEY_ALERT_GID, signature->gid);
	qw_event_put_u64(&writer, QW_KEY_ALERT_SIGNATURE_ID, signature->sid);
	qw_event_put_u64(&writer, QW_KEY_ALERT_REV, signature->rev);
	qw_event_put(&writer, QW_KEY_ALERT_SIGNATURE, signature->msg, strlen(signature->msg));
	qw_event_put(&writer, QW_KEY_ALERT_CATEGORY, signature->category, strlen(signature->category));
	qw_event_put_u64(&writer, QW_KEY_ALERT_SEVERITY, signature->priority);
	qw_event_put_text(&writer, QW_KEY_ALERT_METADATA, signature->metadata);
	qw_event_put_text(&writer, QW_KEY_ALERT_REFERENCES, signature->references);
	put_contexts(&writer, signature);
	put_target(&writer, scene, signature->target);
	put_middle(reporter, &writer, scene);
	qw_event_put_text(&writer, QW_KEY_ORIGIN, signature->gid == 3 ? "pack" : "signature");
	put_ndpi(reporter, &writer, scene->flow);
	qw_event_put_u64(&writer, QW_KEY_COUNT_ADDED, 1);
	if (signature->share)
		qw_event_put_u64(&writer, QW_KEY_SHARE, signature->share);
	if (reporter->holding && qw_hold_put(&reporter->hold, hash, writer.event))
		return;
	if (!reporter->holding || is_first(reporter, time_of(scene), hash))
		finish_alert(reporter, &writer, scene, hash);
}

void qw_report_hold(struct qw_reporter *reporter)
{
	reporter->holding = true;
}

void qw_report_release(struct qw_reporter *reporter, bool passed)
{
	const struct qw_event *event;
	size_t at = 0;
	uint64_t hash;

	while (!passed && (event = qw_hold_next(&reporter->hold, &at, &hash))) {
		if (!is_first(reporter, qw_time_ns(event->time_ns), hash))
			continue;
		qw_fold_begin(reporter->fold, hash, qw_time_ns(event->time_ns), event, qw_event_size(event));
		emit_folded(reporter, event, qw_event_size(event));
	}
	reporter->hold.used = 0;
	reporter->holding = false;
}

/* 1 for what is nearly certain, 3 for a hint. */
static uint64_t severity_of(uint8_t confidence)
{
	return confidence >= 75 ? 1 : confidence >= 40 ? 2 : 3;
}

void qw_report_indicator(struct qw_reporter *reporter, const struct qw_scene *scene, const struct qw_hit *hit)
{
	struct qw_event_writer writer;
	char text[QW_OBSERVABLE_TEXT_MAX + 64];
	const char *type = qw_observable_type_name(hit->type);
	uint64_t hash = hash_of(reporter, scene, hit->id);

	if (!is_first(reporter, time_of(scene), hash))
		return;
	int len = snprintf(text, sizeof(text), "indicator %s %s", type, hit->value);
	qw_event_begin(&writer, reporter->memory, sizeof(reporter->memory), QW_EVENT_ALERT, time_of(scene));
	put_head(reporter, &writer, scene);
	qw_event_put_text(&writer, QW_KEY_ALERT_ACTION, "allowed");
	qw_event_put_u64(&writer, QW_KEY_ALERT_GID, GID_INDICATOR);
	qw_event_put_u64(&writer, QW_KEY_ALERT_SIGNATURE_ID, (uint64_t)hit->type + 1);
	qw_event_put_u64(&writer, QW_KEY_ALERT_REV, 1);
	qw_event_put(&writer, QW_KEY_ALERT_SIGNATURE, text, (size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1);
	qw_event_put_text(&writer, QW_KEY_ALERT_CATEGORY, "Traffic with a listed indicator");
	qw_event_put_u64(&writer, QW_KEY_ALERT_SEVERITY, severity_of(hit->confidence));
	put_middle(reporter, &writer, scene);
	qw_event_put_text(&writer, QW_KEY_ORIGIN, "indicator");
	put_ndpi(reporter, &writer, scene->flow);
	qw_event_put_u64(&writer, QW_KEY_COUNT_ADDED, 1);
	qw_event_put_u64(&writer, QW_KEY_INDICATOR_ID, hit->id);
	qw_event_put_text(&writer, QW_KEY_INDICATOR_TYPE, type);
	qw_event_put_text(&writer, QW_KEY_INDICATOR_VALUE, hit->value);
	qw_event_put_text(&writer, QW_KEY_INDICATOR_SOURCE, hit->source);
	qw_event_put_u64(&writer, QW_KEY_INDICATOR_CONFIDENCE, hit->confidence);
	qw_event_put_text(&writer, QW_KEY_INDICATOR_TLP, qw_tlp_name(hit->tlp));
	if (hit->seen != QW_PREVALENCE_UNTOLD)
		qw_event_put_text(&writer, QW_KEY_INDICATOR_SEEN, qw_prevalence_name(hit->seen));
	finish_alert(reporter, &writer, scene, hash);
}

static void put_engine_alert(struct qw_event_writer *writer, const struct qw_engine_alert *alert)
{
	qw_event_put_text(writer, QW_KEY_ALERT_ACTION, "allowed");
	qw_event_put_u64(writer, QW_KEY_ALERT_GID, GID_ENGINE);
	qw_event_put_u64(writer, QW_KEY_ALERT_SIGNATURE_ID, alert->sid);
	qw_event_put_u64(writer, QW_KEY_ALERT_REV, 1);
	qw_event_put_text(writer, QW_KEY_ALERT_SIGNATURE, alert->text);
	qw_event_put_text(writer, QW_KEY_ALERT_CATEGORY, "Of the sensor itself");
	qw_event_put_u64(writer, QW_KEY_ALERT_SEVERITY, alert->severity);
}

void qw_report_engine(struct qw_reporter *reporter, const struct qw_scene *scene, const struct qw_engine_alert *alert)
{
	struct qw_event_writer writer;
	uint64_t hash = hash_of(reporter, scene, (uint64_t)GID_ENGINE << 32 | alert->sid);

	if (!is_first(reporter, time_of(scene), hash))
		return;
	qw_event_begin(&writer, reporter->memory, sizeof(reporter->memory), QW_EVENT_ALERT, time_of(scene));
	put_head(reporter, &writer, scene);
	put_engine_alert(&writer, alert);
	put_middle(reporter, &writer, scene);
	qw_event_put_text(&writer, QW_KEY_ORIGIN, "engine");
	put_ndpi(reporter, &writer, scene->flow);
	qw_event_put_u64(&writer, QW_KEY_COUNT_ADDED, alert->count);
	finish_alert(reporter, &writer, scene, hash);
}

void qw_report_engine_count(struct qw_reporter *reporter, struct qw_time now, const struct qw_engine_alert *alert)
{
	struct qw_event_writer writer;

	reporter->counters.alerts += alert->count;
	qw_event_begin(&writer, reporter->memory, sizeof(reporter->memory), QW_EVENT_ALERT, now);
	put_engine_alert(&writer, alert);
	qw_event_put_text(&writer, QW_KEY_ORIGIN, "engine");
	qw_event_put_u64(&writer, QW_KEY_COUNT_ADDED, alert->count);
	qw_report_emit(reporter, &writer);
}

static bool is_wanted(const struct qw_reporter *reporter, enum qw_event_type type)
{
	return reporter->options.types & 1u << type;
}

bool qw_report_message(struct qw_reporter *reporter, const struct qw_scene *scene, uint64_t *print)
{
	enum qw_event_type type = qw_record_type(scene->message);
	struct qw_told_again again;
	struct qw_event_writer writer;

	*print = 0;
	if (type == QW_EVENT_COUNT)
		return true;
	if (!is_wanted(reporter, type))
		return !reporter->told || qw_report_watch_message(reporter, scene, type, print);
	bool told = reporter->told && qw_told_message(reporter->told, scene, type, time_of(scene), &again);
	qw_event_begin(&writer, reporter->memory, sizeof(reporter->memory), type, time_of(scene));
	put_head(reporter, &writer, scene);
	put_middle(reporter, &writer, scene);
	put_ndpi(reporter, &writer, scene->flow);
	if (told)
		qw_report_again(&writer, &again);
	qw_report_emit(reporter, &writer);
	return false;
}

bool qw_report_repeats(struct qw_reporter *reporter, const uint64_t *prints, unsigned count, struct qw_time now)
{
	return !reporter->told || qw_told_repeats(reporter->told, prints, count, now);
}

void qw_report_packet(struct qw_reporter *reporter, const struct qw_scene *scene)
{
	struct qw_event_writer writer;
	struct qw_scene whole = *scene;

	whole.payload = qw_slice(scene->packet->payload, scene->packet->payload_len);
	qw_event_begin(&writer, reporter->memory, sizeof(reporter->memory), QW_EVENT_PACKET, time_of(scene));
	put_head(reporter, &writer, scene);
	put_middle(reporter, &writer, &whole);
	qw_report_emit(reporter, &writer);
}

void qw_report_flow_course(struct qw_event_writer *writer, const struct qw_flow *flow, const struct qw_told_again *more)
{
	static const struct qw_told_again nothing;

	if (!more)
		more = &nothing;
	qw_event_put_u64(writer, QW_KEY_FLOW_PKTS_TOSERVER, flow->packets[QW_TO_SERVER] + more->packets[QW_TO_SERVER]);
	qw_event_put_u64(writer, QW_KEY_FLOW_PKTS_TOCLIENT, flow->packets[QW_TO_CLIENT] + more->packets[QW_TO_CLIENT]);
	qw_event_put_u64(writer, QW_KEY_FLOW_BYTES_TOSERVER, flow->bytes[QW_TO_SERVER] + more->bytes[QW_TO_SERVER]);
	qw_event_put_u64(writer, QW_KEY_FLOW_BYTES_TOCLIENT, flow->bytes[QW_TO_CLIENT] + more->bytes[QW_TO_CLIENT]);
	qw_event_put_u64(writer, QW_KEY_FLOW_START, (uint64_t)flow->first.ns);
	qw_event_put_u64(writer, QW_KEY_FLOW_END, (uint64_t)flow->last.ns);
	qw_event_put_u64(writer, QW_KEY_FLOW_AGE, (uint64_t)((flow->last.ns - flow->first.ns) / QW_NS_PER_S));
	qw_event_put_text(writer, QW_KEY_FLOW_STATE,
			  flow->flags & QW_FLOW_CLOSED ? "closed" : flow->flags & QW_FLOW_ESTABLISHED ? "established" : "new");
}

void qw_report_flow_reason(struct qw_event_writer *writer, enum qw_flow_end why)
{
	static const char *const reasons[] = {"timeout", "tcp_closed", "forced", "shutdown"};

	qw_event_put_text(writer, QW_KEY_FLOW_REASON, reasons[why]);
}

/* People's, of every flow; one that the watch was not told of begins with it. */
static void report_end(struct qw_reporter *reporter, struct qw_flow *flow, enum qw_flow_end why)
{
	struct qw_scene scene = {.flow = flow, .direction = QW_TO_SERVER};
	struct qw_told_again again;
	struct qw_event_writer writer;
	bool begins = reporter->told && !(flow->flags & QW_FLOW_WATCHED) && qw_told_begins(reporter->told, flow, flow->last, &again);

	qw_event_begin(&writer, reporter->memory, sizeof(reporter->memory), QW_EVENT_FLOW, flow->last);
	put_head(reporter, &writer, &scene);
	qw_report_app(reporter, &writer, flow);
	put_marks(reporter, &writer, flow);
	qw_report_flow_course(&writer, flow, NULL);
	qw_report_flow_reason(&writer, why);
	put_ndpi(reporter, &writer, flow);
	if (begins)
		qw_event_put_u64(&writer, QW_KEY_WATCH_BEGINS, 1);
	qw_report_emit(reporter, &writer);
}

void qw_report_flow(struct qw_reporter *reporter, struct qw_flow *flow, enum qw_flow_end why)
{
	if (is_wanted(reporter, QW_EVENT_FLOW))
		report_end(reporter, flow, why);
	else if (reporter->told)
		qw_report_watch_end(reporter, flow, why);
}

void qw_report_tick(struct qw_reporter *reporter, struct qw_time now)
{
	qw_fold_tick(reporter->fold, now);
	if (reporter->told)
		qw_report_silence(reporter, now);
}

void qw_reporter_flush(struct qw_reporter *reporter)
{
	qw_fold_flush(reporter->fold);
}

struct qw_reporter_counters qw_reporter_counters(const struct qw_reporter *reporter)
{
	struct qw_reporter_counters counters = reporter->counters;

	if (reporter->told)
		counters.watch = qw_told_counters(reporter->told);
	return counters;
}
