/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report - what was found, written as events.
 *
 * One place decides which fields an event carries.  Alerts go through the
 * fold; other events are written only if their type was asked for.
 *
 * One worker.  No allocation after qw_reporter_new.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "quaywatch/event.h"
#include "quaywatch/flow.h"
#include "quaywatch/indicators.h"
#include "quaywatch/message.h"
#include "quaywatch/packet.h"
#include "quaywatch/signatures.h"
#include "sensor/detect/told.h"
#include "sensor/flow/classify.h"
#include "sensor/flow/table.h"

struct qw_reporter;

struct qw_reporter_options {
	const struct qw_flow_table *table;
	const struct qw_classifier *classifier;
	const char *(*interface)(void *ctx, uint16_t number); /* never NULL */
	void *interface_ctx;
	/* Takes a whole event; it is valid during the call. */
	void (*emit)(void *ctx, const struct qw_event *event, size_t size);
	void *emit_ctx;
	/* What rules remember of a flow; its count. */
	size_t (*marks)(void *ctx, const struct qw_flow *flow, struct qw_mark *out, size_t max);
	void *marks_ctx;
	struct qw_time fold;   /* span; 0: every alert is a record of its own */
	bool watch;            /* there is a watch: it is told what is new (told.h) */
	uint32_t types;        /* bits 1 << enum qw_event_type that are written besides alerts */
	uint32_t payload_max;  /* bytes of payload an alert carries; 0: none */
};

enum qw_err qw_reporter_new(struct qw_reporter **out, const struct qw_reporter_options *options) QW_MUSTCHECK;
void qw_reporter_free(struct qw_reporter *reporter);

/* Where something was found.  packet, flow and message may be NULL, not packet and flow both. */
struct qw_scene {
	const struct qw_packet *packet;
	const struct qw_flow *flow;
	enum qw_direction direction;
	const struct qw_message *message;
	struct qw_slice payload; /* excerpt for the alert */
};

void qw_report_signature(struct qw_reporter *reporter, const struct qw_scene *scene, const struct qw_signature *signature);
void qw_report_indicator(struct qw_reporter *reporter, const struct qw_scene *scene, const struct qw_hit *hit);
/*
 * From hold to release alerts of signatures are kept back; passed: they are
 * thrown away instead.  For a packet's sake, where rules may let it pass.
 */
void qw_report_hold(struct qw_reporter *reporter);
void qw_report_release(struct qw_reporter *reporter, bool passed);

/* A packet that a tag asked for. */
void qw_report_packet(struct qw_reporter *reporter, const struct qw_scene *scene);
/* What the sensor says of itself (gid 4); the table is in alarm.c. */
struct qw_engine_alert {
	uint32_t sid;
	uint8_t severity;
	const char *text;
	uint64_t count; /* of what happened */
};

/* At a scene. */
void qw_report_engine(struct qw_reporter *reporter, const struct qw_scene *scene, const struct qw_engine_alert *alert);

/* Of the sensor as a whole: without ends, and not folded. */
void qw_report_engine_count(struct qw_reporter *reporter, struct qw_time now, const struct qw_engine_alert *alert);

/*
 * True: nobody but the watch wants it, and the same again would only be told
 * once more, under this *print (0: not at all).
 */
bool qw_report_message(struct qw_reporter *reporter, const struct qw_scene *scene, uint64_t *print);

/* What was told under these prints came once more.  False: one is to be told now, and none was counted. */
bool qw_report_repeats(struct qw_reporter *reporter, const uint64_t *prints, unsigned count, struct qw_time now);
void qw_report_flow(struct qw_reporter *reporter, struct qw_flow *flow, enum qw_flow_end why);

/*
 * Where there is a watch: after each packet of a flow that lacks
 * QW_FLOW_WATCHED, until it is time to tell its begin.
 */
void qw_report_begin(struct qw_reporter *reporter, struct qw_flow *flow, enum qw_direction direction,
		     const struct qw_packet *packet);

/* Packet time went on: folded counts that are due are written. */
void qw_report_tick(struct qw_reporter *reporter, struct qw_time now);

/* Writes all folded counts. */
void qw_reporter_flush(struct qw_reporter *reporter);

struct qw_reporter_counters {
	uint64_t alerts; /* matches, folded ones included */
	uint64_t events; /* records emitted */
	uint64_t cut;    /* events in which a field did not fit */
	struct qw_told_counters watch;
};
struct qw_reporter_counters qw_reporter_counters(const struct qw_reporter *reporter);
