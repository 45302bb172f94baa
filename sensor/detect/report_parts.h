/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_parts - what report.c (events for people), report_alerts.c (alerts) and report_watch.c (events for the watch) have in common.
 *
 * Internal to detect/.  One worker.
 */
#pragma once

#include <stdalign.h>

#include "sensor/detect/fold.h"
#include "sensor/detect/hold.h"
#include "sensor/detect/report.h"
#include "sensor/detect/told.h"

struct qw_reporter {
	struct qw_reporter_options options;
	struct qw_fold *fold;
	struct qw_told *told; /* NULL: there is no watch */
	struct qw_reporter_counters counters;
	alignas(8) uint8_t memory[QW_EVENT_MAX];
	bool holding; /* rules' alerts of the current packet are kept back */
	struct qw_hold hold;
};

/* ---- fields of an event, in its order */

/* Of the packet, or of the flow's last one. */
struct qw_time qw_report_time(const struct qw_scene *scene);
/* What stands at the head of every event. */
void qw_report_head(const struct qw_reporter *reporter, struct qw_event_writer *writer, const struct qw_scene *scene);
/* What stands between the alert and our own part. */
void qw_report_middle(const struct qw_reporter *reporter, struct qw_event_writer *writer, const struct qw_scene *scene);
/* flow NULL: nothing. */
void qw_report_ndpi(const struct qw_reporter *reporter, struct qw_event_writer *writer, const struct qw_flow *flow);
bool qw_report_has_ports(uint8_t proto);
void qw_report_link(const struct qw_reporter *reporter, struct qw_event_writer *writer, const struct qw_packet *packet);
void qw_report_packet_ends(struct qw_event_writer *writer, const struct qw_packet *packet);
void qw_report_flow_vlan(struct qw_event_writer *writer, const struct qw_flow *flow);
void qw_report_flow_ends(struct qw_event_writer *writer, const struct qw_flow *flow, enum qw_direction direction);
void qw_report_app(const struct qw_reporter *reporter, struct qw_event_writer *writer, const struct qw_flow *flow);
void qw_report_app_without_flow(struct qw_event_writer *writer, const struct qw_scene *scene);

/* Packets, bytes, times and state; `more`: packets and bytes of others that it stands for, or NULL. */
void qw_report_flow_course(struct qw_event_writer *writer, const struct qw_flow *flow, const struct qw_told_again *more);
void qw_report_flow_reason(struct qw_event_writer *writer, enum qw_flow_end why);

void qw_report_emit(struct qw_reporter *reporter, const struct qw_event_writer *writer);
/* What the fold gives back; ctx is the reporter. */
void qw_report_emit_folded(void *ctx, const struct qw_event *event, size_t size);

/* How often it came before it was told this time; nothing of it is written for people. */
void qw_report_again(struct qw_event_writer *writer, const struct qw_told_again *again);

/* ---- what people did not ask for */

/* What came steadily, and stopped. */
void qw_report_silence(struct qw_reporter *reporter, struct qw_time now);

bool qw_report_watch_message(struct qw_reporter *reporter, const struct qw_scene *scene, enum qw_event_type type, uint64_t *print);
void qw_report_watch_end(struct qw_reporter *reporter, struct qw_flow *flow, enum qw_flow_end why);
