/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alarm - alerts of the sensor's own (gid 4): where it could not look, or could not be sure.
 *
 * One row an alarm: number, severity, what happened and what to do next.  Those
 * with a scene go through the fold as other alerts do; what counts memory given
 * up is told at most once in QW_ALARM_SECONDS.
 *
 * One worker.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/bytes.h"
#include "quaywatch/time.h"
#include "sensor/detect/report.h"

enum { QW_ALARM_SECONDS = 60 };

enum qw_alarm {
	QW_ALARM_STREAM_OVERLAP,   /* two versions of the same TCP bytes */
	QW_ALARM_FRAGMENT_OVERLAP, /* … of the same bytes of a fragmented packet */
	/* told by qw_alarm_count: memory was given up */
	QW_ALARM_STREAM_MEMORY,
	QW_ALARM_FRAGMENT_MEMORY,
	QW_ALARM_FLOW_MEMORY,
	QW_ALARM_PARSER_MEMORY,
	QW_ALARM_BODY_MEMORY, /* bodies, names, files: a bound of a parser was reached */
	QW_ALARM_STATE_MEMORY, /* windows of streams, rules that wait in transactions */
	QW_ALARM_CANDIDATES,  /* more rules at once than are tried */
	QW_ALARM_URGENT, /* TCP urgent data, which receivers read in different ways */
	QW_ALARM_LAYERS, /* tunnels in tunnels, or fragments in fragments, deeper than is looked */
	QW_ALARM_FLOW_STATES, /* memory again: what rules remember of flows */
	QW_ALARM_HOST_STATES, /* … of hosts, pairs and rules */
	QW_ALARM_COUNT
};

/* sid of the row is 1 + enum qw_alarm: numbers stay, new rows are added before QW_ALARM_COUNT. */
uint32_t qw_alarm_sid(enum qw_alarm alarm);

/*
 * Two versions of the same bytes, at the scene.  The alert's payload shows
 * the beginnings of both in the notation of content: GET|20|/.  Either may be
 * empty.  At most once per fold span between the same two ends.
 */
void qw_alarm(struct qw_reporter *reporter, const struct qw_scene *scene, enum qw_alarm alarm, struct qw_slice taken,
	      struct qw_slice other);

/* What the scene shows speaks for itself: its payload is the packet's. */
void qw_alarm_scene(struct qw_reporter *reporter, const struct qw_scene *scene, enum qw_alarm alarm);

/* What has been told of counters that grow. */
struct qw_alarm_watch {
	uint64_t told[QW_ALARM_COUNT];
	struct qw_time last[QW_ALARM_COUNT];
};

/*
 * The counter behind an alarm stands at `count` now.  What it grew by since it
 * was told last is told, QW_ALARM_SECONDS after that at the earliest; last_call: at once.
 */
void qw_alarm_count(struct qw_reporter *reporter, struct qw_alarm_watch *watch, enum qw_alarm alarm, uint64_t count,
		    struct qw_time now, bool last_call);
