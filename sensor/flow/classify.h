/* SPDX-License-Identifier: Apache-2.0 */
/*
 * classify - what a flow is, in nDPI's words and in ours.
 *
 * The only home of nDPI (4.2; see quaywatch's notes in the .c for later
 * versions).  Well-known protocols are recognised first by port and magic,
 * with the same name nDPI gives them, so that nDPI sees few packets.  nDPI is
 * given a packet only with the flow's own transport protocol and a complete
 * transport header: anything else can crash it.
 *
 * One per worker: modules are not thread-safe; make them one after another.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "quaywatch/flow.h"
#include "quaywatch/packet.h"

struct qw_classifier;

enum qw_err qw_classifier_new(struct qw_classifier **out) QW_MUSTCHECK;
void qw_classifier_free(struct qw_classifier *classifier);

/* A packet of a flow that has not QW_FLOW_CLASSIFIED yet.  Sets app, ndpi_* and the flag when it is known or given up.
 */
void qw_classify(struct qw_classifier *classifier, struct qw_flow *flow, enum qw_direction direction,
		 const struct qw_packet *packet);

/* The flow ends: what nDPI would guess is settled, its memory freed. */
void qw_classify_end(struct qw_classifier *classifier, struct qw_flow *flow);

/* nDPI's name: "TLS.Google", "Modbus", "Unknown"; written into out, NUL-terminated. */
enum { QW_CLASS_NAME_MAX = 64 };
void qw_class_name(const struct qw_classifier *classifier, const struct qw_flow *flow, char out[QW_CLASS_NAME_MAX]);

struct qw_classifier_counters {
	uint64_t recognised; /* flows known without nDPI */
	uint64_t given;      /* packets given to nDPI */
	uint64_t guarded;    /* packets kept from it */
	uint64_t flows;      /* nDPI structures in use */
};
void qw_classifier_counters(const struct qw_classifier *classifier, struct qw_classifier_counters *out);
