/* SPDX-License-Identifier: Apache-2.0 */
/* exporter_parts - what exporter.c (the loop) and exporter_open.c (before and after it) have in common.  One thread. */
#pragma once

#include <stdalign.h>

#include "quaywatch/control.h"
#include "sensor/export/local.h"
#include "sensor/run/clock_file.h"
#include "sensor/run/exporter.h"
#include "sensor/run/leaving.h"
#include "sensor/run/post.h"
#include "sensor/run/releasing.h"
#include "sensor/run/uplink.h"
#include "sensor/run/watching.h"

struct qw_exporter {
	const struct qw_exporter_options *options;
	struct qw_local *local;   /* NULL: no EVE file */
	struct qw_uplink *uplink; /* NULL: no collector */
	struct qw_releasing releasing; /* what may go there */
	struct qw_leaving *leaving;    /* with the uplink */
	struct qw_recent *recent; /* with the uplink */
	struct qw_watch *watch;   /* NULL: it is not on */
	struct qw_control *control; /* NULL: nobody is to ask */
	struct qw_clock_file clock; /* by which indicators end */
	struct qw_time ticked;    /* the watch, monotonic */
	bool live, payload, told_local, told_ring, stop;
	int signals;
	struct qw_ring_reader reader[QW_WORKERS_MAX];
	alignas(8) uint8_t event[QW_EVENT_MAX]; /* our own copy: a worker cannot change it under us */
	struct qw_post post;
};

/* Where the parts bring what they have; ctx is the exporter. */
struct qw_exporter_calls {
	void (*write)(void *ctx, const struct qw_event *event, size_t size); /* an event, the watch's own too */
	void (*remember)(void *ctx, const struct qw_seen *seen);             /* what the watch read of one */
	qw_control_run *answer;                                              /* what people ask */
};

/* All but the control socket; options and live are set.  What is wrong is logged; close all the same. */
enum qw_err qw_exporter_open(struct qw_exporter *exporter, const struct qw_exporter_calls *calls) QW_MUSTCHECK;

/* A name without a folder lies in state.folder.  If it cannot be, nobody can ask, but alerts go on: it is told, no more. */
void qw_exporter_open_control(struct qw_exporter *exporter, const struct qw_exporter_calls *calls);

/* But the local file, whose end can fail. */
void qw_exporter_close(struct qw_exporter *exporter);
