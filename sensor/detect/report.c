/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/detect/report.h"

#include <ctype.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/detect/fold.h"
#include "sensor/detect/record.h"

enum { GID_INDICATOR = 2, GID_ENGINE = 4 };

struct qw_reporter {
	struct qw_reporter_options options;
	struct qw_fold *fold;
	struct qw_reporter_counters counters;
	alignas(8) uint8_t memory[QW_EVENT_MAX];
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
	if (err != QW_OK) {
		free(reporter);
		return err;
	}
	*out = reporter;
	return QW_OK;
}

void qw_reporter_free(struct qw_reporter *reporter)
{
	if (!reporter)
		return;
	qw_fold_free(reporter->fold);
	free(reporter);
}

static struct qw_time time_of(const struct qw_scene *scene)
{
	return scene->packet ? scene->packet->time : scene->flow->last;
}

static void put_link(const struct qw_reporter *reporter, struct qw_event_writer *writer, const struct qw_packet *packet)
{
	const char *name = reporter->options.interface(reporter->options.interface_ctx, packet->interface);

	qw_event_put_text(writer, QW_KEY_IN_IFACE, name);
	for (unsigned i = 0; i < packet->vlan_count; i++)
		qw_event_put_u64(writer, QW_KEY_VLAN, packet->vlan[i]);
}

static void put_flow_vlan(struct qw_event_writer *writer, const struct qw_flow *flow)
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

static void put_packet_ends(struct qw_event_writer *writer, const struct qw_packet *packet)
{
	if (packet->flags & QW_PACKET_IP)
		put_ends(writer, &packet->src, packet->sport, &packet->dst, packet->dport, packet->proto);
	if (packet->mac) {
		qw_event_put(writer, QW_KEY_ETHER_SRC, packet->mac + 6, 6);
		qw_event_put(writer, QW_KEY_ETHER_DEST, packet->mac, 6);
	}
	if (packet->proto == QW_PROTO_ICMP || packet->proto == QW_PROTO_ICMPV6) {
		qw_event_put_u64(writer, QW_KEY_ICMP_TYPE, packet->icmp_type);
		qw_event_put_u64(writer, QW_KEY_ICMP_CODE, packet->icmp_code);
	}
}

static void put_flow_ends(struct qw_event_writer *writer, const struct qw_flow *flow, enum qw_direction direction)
{
	if (direction == QW_TO_SERVER)
		put_ends(writer, qw_flow_client(flow), qw_flow_client_port(flow), qw_flow_server(flow),
			 qw_flow_server_port(flow), flow->key.proto);
	else
		put_ends(writer, qw_flow_server(flow), qw_flow_server_port(flow), qw_flow_client(flow),
			 qw_flow_client_port(flow), flow->key.proto);
}

/* What stands at the head of every event. */
static void put_head(const struct qw_reporter *reporter, struct qw_event_writer *writer, const struct qw_scene *scene)
{
	if (scene->flow)
		qw_event_put_u64(writer, QW_KEY_FLOW_ID, qw_flow_id(reporter->options.table, scene->flow));
	if (scene->packet) {
		put_link(reporter, writer, scene->packet);
		put_packet_ends(writer, scene->packet);
	} else {
		put_flow_vlan(writer, scene->flow);
		put_flow_ends(writer, scene->flow, scene->direction);
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
static void put_app(const struct qw_reporter *reporter, struct qw_event_writer *writer, const struct qw_flow *flow)
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

/* What stands between the alert and our own part. */
static void put_middle(const struct qw_reporter *reporter, struct qw_event_writer *writer, const struct qw_scene *scene)
{
	if (scene->flow) {
		put_app(reporter, writer, scene->flow);
		qw_event_put_text(writer, QW_KEY_DIRECTION, scene->direction == QW_TO_SERVER ? "to_server" : "to_client");
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

static void emit(struct qw_reporter *reporter, const struct qw_event_writer *writer)
{
	reporter->counters.events++;
	reporter->counters.cut += writer->cut;
	reporter->options.emit(reporter->options.emit_ctx, writer->event, qw_event_size(writer->event));
}

/* Hashes what makes an alert the same; false: it was folded. */
static bool is_first(struct qw_reporter *reporter, const struct qw_scene *scene, uint64_t what, uint64_t *hash)
{
	static const struct qw_address nobody;
	const struct qw_address *src = &nobody, *dst = &nobody;

	if (scene->packet) {
		src = &scene->packet->src;
		dst = &scene->packet->dst;
	} else {
		src = scene->direction == QW_TO_SERVER ? qw_flow_client(scene->flow) : qw_flow_server(scene->flow);
		dst = scene->direction == QW_TO_SERVER ? qw_flow_server(scene->flow) : qw_flow_client(scene->flow);
	}
	*hash = qw_fold_hash(reporter->fold, what, src, dst);
	reporter->counters.alerts++;
	return !qw_fold_count(reporter->fold, *hash, time_of(scene));
}

static void finish_alert(struct qw_reporter *reporter, struct qw_event_writer *writer, const struct qw_scene *scene,
			 uint64_t hash)
{
	qw_fold_begin(reporter->fold, hash, time_of(scene), writer->event, qw_event_size(writer->event));
	emit(reporter, writer);
}

static const char *action_text(enum qw_signature_action action)
{
	return action == QW_ACTION_PASS ? "pass" : "allowed"; /* a passive sensor blocks nothing */
}

void qw_report_signature(struct qw_reporter *reporter, const struct qw_scene *scene, const struct qw_signature *signature)
{
	struct qw_event_writer writer;
	uint64_t hash;

	if (!is_first(reporter, scene, (uint64_t)signature->gid << 32 | signature->sid, &hash))
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
	put_middle(reporter, &writer, scene);
	qw_event_put_text(&writer, QW_KEY_ORIGIN, signature->gid == 3 ? "pack" : "signature");
	put_ndpi(reporter, &writer, scene->flow);
	qw_event_put_u64(&writer, QW_KEY_COUNT_ADDED, 1);
	if (signature->share)
		qw_event_put_u64(&writer, QW_KEY_SHARE, signature->share);
	finish_alert(reporter, &writer, scene, hash);
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
	uint64_t hash;

	if (!is_first(reporter, scene, hit->id, &hash))
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
	uint64_t hash;

	if (!is_first(reporter, scene, (uint64_t)GID_ENGINE << 32 | alert->sid, &hash))
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
	emit(reporter, &writer);
}

static bool is_wanted(const struct qw_reporter *reporter, enum qw_event_type type)
{
	return reporter->options.types & 1u << type;
}

void qw_report_message(struct qw_reporter *reporter, const struct qw_scene *scene)
{
	enum qw_event_type type = qw_record_type(scene->message);
	struct qw_event_writer writer;

	if (type == QW_EVENT_COUNT || !is_wanted(reporter, type))
		return;
	qw_event_begin(&writer, reporter->memory, sizeof(reporter->memory), type, time_of(scene));
	put_head(reporter, &writer, scene);
	put_middle(reporter, &writer, scene);
	put_ndpi(reporter, &writer, scene->flow);
	emit(reporter, &writer);
}

void qw_report_flow(struct qw_reporter *reporter, const struct qw_flow *flow, enum qw_flow_end why)
{
	static const char *const reasons[] = {"timeout", "tcp_closed", "forced", "shutdown"};
	struct qw_scene scene = {.flow = flow, .direction = QW_TO_SERVER};
	struct qw_event_writer writer;

	if (!is_wanted(reporter, QW_EVENT_FLOW))
		return;
	qw_event_begin(&writer, reporter->memory, sizeof(reporter->memory), QW_EVENT_FLOW, flow->last);
	put_head(reporter, &writer, &scene);
	put_app(reporter, &writer, flow);
	qw_event_put_u64(&writer, QW_KEY_FLOW_PKTS_TOSERVER, flow->packets[QW_TO_SERVER]);
	qw_event_put_u64(&writer, QW_KEY_FLOW_PKTS_TOCLIENT, flow->packets[QW_TO_CLIENT]);
	qw_event_put_u64(&writer, QW_KEY_FLOW_BYTES_TOSERVER, flow->bytes[QW_TO_SERVER]);
	qw_event_put_u64(&writer, QW_KEY_FLOW_BYTES_TOCLIENT, flow->bytes[QW_TO_CLIENT]);
	qw_event_put_u64(&writer, QW_KEY_FLOW_START, (uint64_t)flow->first.ns);
	qw_event_put_u64(&writer, QW_KEY_FLOW_END, (uint64_t)flow->last.ns);
	qw_event_put_u64(&writer, QW_KEY_FLOW_AGE, (uint64_t)((flow->last.ns - flow->first.ns) / QW_NS_PER_S));
	qw_event_put_text(&writer, QW_KEY_FLOW_STATE,
			  flow->flags & QW_FLOW_CLOSED ? "closed" : flow->flags & QW_FLOW_ESTABLISHED ? "established" : "new");
	qw_event_put_text(&writer, QW_KEY_FLOW_REASON, reasons[why]);
	put_ndpi(reporter, &writer, flow);
	emit(reporter, &writer);
}

void qw_report_tick(struct qw_reporter *reporter, struct qw_time now)
{
	qw_fold_tick(reporter->fold, now);
}

void qw_reporter_flush(struct qw_reporter *reporter)
{
	qw_fold_flush(reporter->fold);
}

struct qw_reporter_counters qw_reporter_counters(const struct qw_reporter *reporter)
{
	return reporter->counters;
}
