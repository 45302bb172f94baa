/* SPDX-License-Identifier: Apache-2.0 */
/* report_watch - events that nobody asked for but the watch: no more fields than it reads, and only of what is new. */
#include "sensor/detect/record.h"
#include "sensor/detect/report_parts.h"

void qw_report_again(struct qw_event_writer *writer, const struct qw_told_again *again)
{
	if (again->print)
		qw_event_put_u64(writer, QW_KEY_WATCH_PRINT, again->print);
	if (again->count == 0)
		return;
	qw_event_put_u64(writer, QW_KEY_WATCH_COUNT, again->count);
	qw_event_put_u64(writer, QW_KEY_WATCH_SHORTEST, (uint64_t)again->shortest.ns);
	qw_event_put_u64(writer, QW_KEY_WATCH_LONGEST, (uint64_t)again->longest.ns);
	qw_event_put_u64(writer, QW_KEY_WATCH_SINCE, (uint64_t)again->since.ns);
}

static void put_again(struct qw_event_writer *writer, const struct qw_told_again *again)
{
	qw_event_put_u64(writer, QW_KEY_WATCH_ONLY, 1);
	qw_report_again(writer, again);
}

static void begin(struct qw_reporter *reporter, struct qw_event_writer *writer, const struct qw_scene *scene,
		  enum qw_event_type type)
{
	struct qw_time time = scene->packet ? scene->packet->time : scene->flow->last;

	qw_event_begin(writer, reporter->memory, sizeof(reporter->memory), type, time);
	if (scene->flow)
		qw_event_put_u64(writer, QW_KEY_FLOW_ID, qw_flow_id(reporter->options.table, scene->flow));
}

static void put_ends(struct qw_reporter *reporter, struct qw_event_writer *writer, const struct qw_scene *scene)
{
	if (scene->packet) {
		qw_report_link(reporter, writer, scene->packet);
		qw_report_packet_ends(writer, scene->packet);
	} else {
		qw_report_flow_vlan(writer, scene->flow);
		qw_report_flow_ends(writer, scene->flow, scene->direction);
	}
}

bool qw_report_watch_message(struct qw_reporter *reporter, const struct qw_scene *scene, enum qw_event_type type, uint64_t *print)
{
	struct qw_time time = scene->packet ? scene->packet->time : scene->flow->last;
	struct qw_told_again again;
	struct qw_event_writer writer;

	bool told = qw_told_message(reporter->told, scene, type, time, &again);
	*print = again.print;
	if (!told)
		return !again.always;
	begin(reporter, &writer, scene, type);
	put_ends(reporter, &writer, scene);
	if (scene->flow) {
		qw_report_app(reporter, &writer, scene->flow);
		qw_event_put_text(&writer, QW_KEY_DIRECTION, scene->direction == QW_TO_SERVER ? "to_server" : "to_client");
	} else {
		qw_report_app_without_flow(&writer, scene);
	}
	qw_record_message(&writer, scene->message);
	put_again(&writer, &again);
	qw_report_emit(reporter, &writer);
	return !again.always;
}

void qw_report_silence(struct qw_reporter *reporter, struct qw_time now)
{
	struct qw_event_writer writer;
	struct qw_time silent;
	uint64_t print;

	while (qw_told_next_silent(reporter->told, now, &print, &silent)) {
		qw_event_begin(&writer, reporter->memory, sizeof(reporter->memory), QW_EVENT_OT, now);
		qw_event_put_u64(&writer, QW_KEY_WATCH_ONLY, 1);
		qw_event_put_u64(&writer, QW_KEY_WATCH_PRINT, print);
		qw_event_put_u64(&writer, QW_KEY_WATCH_SILENT, (uint64_t)silent.ns);
		qw_report_emit(reporter, &writer);
	}
}

/* ---- flows */

/* As flows are told: from client to server, whoever sent the packet. */
static void put_macs(struct qw_event_writer *writer, enum qw_direction direction, const struct qw_packet *packet)
{
	if (!packet || !packet->mac)
		return;
	const uint8_t *source = packet->mac + 6, *destination = packet->mac;
	qw_event_put(writer, QW_KEY_ETHER_SRC, direction == QW_TO_SERVER ? source : destination, 6);
	qw_event_put(writer, QW_KEY_ETHER_DEST, direction == QW_TO_SERVER ? destination : source, 6);
}

static void put_flow(struct qw_reporter *reporter, struct qw_event_writer *writer, const struct qw_scene *scene,
		     const struct qw_told_again *again)
{
	begin(reporter, writer, scene, QW_EVENT_FLOW);
	if (scene->packet)
		qw_report_link(reporter, writer, scene->packet);
	else
		qw_report_flow_vlan(writer, scene->flow);
	qw_report_flow_ends(writer, scene->flow, QW_TO_SERVER);
	put_macs(writer, scene->direction, scene->packet);
	qw_report_app(reporter, writer, scene->flow);
	qw_report_flow_course(writer, scene->flow, again);
}

void qw_report_begin(struct qw_reporter *reporter, struct qw_flow *flow, enum qw_direction direction,
		     const struct qw_packet *packet)
{
	struct qw_scene scene = {.flow = flow, .packet = packet, .direction = direction};
	struct qw_told_again again;
	struct qw_event_writer writer;

	if (!qw_told_is_time(flow) || !qw_told_begins(reporter->told, flow, packet->time, &again))
		return;
	put_flow(reporter, &writer, &scene, NULL);
	qw_event_put_u64(&writer, QW_KEY_WATCH_BEGINS, 1);
	put_again(&writer, &again);
	qw_report_emit(reporter, &writer);
}

void qw_report_watch_end(struct qw_reporter *reporter, struct qw_flow *flow, enum qw_flow_end why)
{
	struct qw_scene scene = {.flow = flow};
	struct qw_told_again begun = {0}, again;
	struct qw_event_writer writer;
	bool begins = !(flow->flags & QW_FLOW_WATCHED) && qw_told_begins(reporter->told, flow, flow->last, &begun);

	if (!qw_told_ends(reporter->told, flow, &again))
		return;
	put_flow(reporter, &writer, &scene, &again);
	qw_report_flow_reason(&writer, why);
	if (begins)
		qw_event_put_u64(&writer, QW_KEY_WATCH_BEGINS, 1);
	put_again(&writer, &begun);
	qw_report_emit(reporter, &writer);
}
