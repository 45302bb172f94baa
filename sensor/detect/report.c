/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/detect/report_parts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/detect/marks.h"
#include "sensor/detect/record.h"

void qw_report_emit_folded(void *ctx, const struct qw_event *event, size_t size)
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
	struct qw_fold_options fold = {.span = options->fold, .emit = qw_report_emit_folded, .ctx = reporter};
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

struct qw_time qw_report_time(const struct qw_scene *scene)
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

bool qw_report_has_ports(uint8_t proto)
{
	return proto == QW_PROTO_TCP || proto == QW_PROTO_UDP || proto == QW_PROTO_SCTP;
}

static void put_ends(struct qw_event_writer *writer, const struct qw_address *src, uint16_t sport,
		     const struct qw_address *dst, uint16_t dport, uint8_t proto)
{
	qw_event_put(writer, QW_KEY_SRC_IP, src, sizeof(*src));
	if (qw_report_has_ports(proto))
		qw_event_put_u64(writer, QW_KEY_SRC_PORT, sport);
	qw_event_put(writer, QW_KEY_DEST_IP, dst, sizeof(*dst));
	if (qw_report_has_ports(proto))
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

void qw_report_head(const struct qw_reporter *reporter, struct qw_event_writer *writer, const struct qw_scene *scene)
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

void qw_report_middle(const struct qw_reporter *reporter, struct qw_event_writer *writer, const struct qw_scene *scene)
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

void qw_report_ndpi(const struct qw_reporter *reporter, struct qw_event_writer *writer, const struct qw_flow *flow)
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
	bool told = reporter->told && qw_told_message(reporter->told, scene, type, qw_report_time(scene), &again);
	qw_event_begin(&writer, reporter->memory, sizeof(reporter->memory), type, qw_report_time(scene));
	qw_report_head(reporter, &writer, scene);
	qw_report_middle(reporter, &writer, scene);
	qw_report_ndpi(reporter, &writer, scene->flow);
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
	qw_event_begin(&writer, reporter->memory, sizeof(reporter->memory), QW_EVENT_PACKET, qw_report_time(scene));
	qw_report_head(reporter, &writer, scene);
	qw_report_middle(reporter, &writer, &whole);
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
	qw_report_head(reporter, &writer, &scene);
	qw_report_app(reporter, &writer, flow);
	put_marks(reporter, &writer, flow);
	qw_report_flow_course(&writer, flow, NULL);
	qw_report_flow_reason(&writer, why);
	qw_report_ndpi(reporter, &writer, flow);
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
