/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspection - what the inspector's parts (packets, streams, messages) have in common.
 *
 * Internal to detect/.  One worker.
 */
#pragma once

#include "sensor/detect/inspector.h"
#include "sensor/detect/waiting.h"
#include "sensor/detect/window.h"

enum {
	QW_CANDIDATES_MAX = 256,
	QW_JOINED_MAX = QW_PREFILTER_TAIL_MAX + 65536, /* tail and one piece of stream */
	QW_FIRED_MAX = 64,
	QW_REMEMBERED = 4096, /* a power of two */
};

/*
 * The last bytes of a direction that the prefilter saw: a pattern may go on in
 * the next segment, and the rules may change meanwhile.  They stand apart from
 * the flow, which most packets touch.
 */
struct qw_tail {
	uint8_t len;
	uint8_t stream_age, message_age; /* of the rules that its stream and its messages were last held against */
	uint8_t byte[QW_PREFILTER_TAIL_MAX];
};

/* The packet between begin and end. */
struct qw_current {
	const struct qw_packet *packet; /* NULL: none */
	struct qw_flow *flow;
	enum qw_direction direction;
	bool facts_made;
	bool was_established; /* before this packet */
	enum qw_app known;    /* … and what it was known to carry */
	bool delivered; /* its payload went through qw_inspect_data */
	bool contradicts; /* what waits in the stream in its payload's place */
	bool passed;    /* a pass rule matched: no alerts from this packet */
	uint32_t fired[QW_FIRED_MAX]; /* rules that alerted on this packet already */
	unsigned fired_count;
	struct qw_facts facts;
};

struct qw_inspector {
	struct qw_inspector_options options;
	struct qw_ruleset ruleset;
	bool want_payload; /* some rule looks into payload */
	bool want_packets; /* some rule is tried on every packet */
	bool need_window;
	size_t tail_max;
	uint8_t age; /* of the rules: counted up by each change */
	struct qw_tail (*tails)[2]; /* by place of the flow and direction */
	struct qw_windows *windows;
	struct qw_waiting *waiting;
	struct qw_inspector_counters counters;
	struct qw_current current;
	uint64_t remembered[QW_REMEMBERED]; /* that a rule fired on a stream, whatever its number; a later one takes the place */
	uint32_t candidate[QW_CANDIDATES_MAX];
	uint8_t joined[QW_JOINED_MAX];
};

/* What a rule is confirmed against. */
struct qw_view {
	const struct qw_facts *facts;
	const struct qw_message *message; /* NULL: no application fields */
	struct qw_slice payload;
	bool has_payload;
};

bool qw_view_confirm(struct qw_inspector *inspector, uint32_t rule, struct qw_view *view);

/* A rule has matched: passes, stays silent, or is reported. */
void qw_inspection_fire(struct qw_inspector *inspector, uint32_t rule, const struct qw_scene *scene);

/* Of the packet between begin and end, which there is. */
const struct qw_facts *qw_inspection_facts(struct qw_inspector *inspector);
struct qw_scene qw_inspection_scene(const struct qw_inspector *inspector);

/* Tries a rule on the packet's own header and payload. */
void qw_inspection_try_packet(struct qw_inspector *inspector, uint32_t rule);

/* The moment that indicators are asked for. */
struct qw_moment qw_inspection_moment(const struct qw_inspector *inspector, struct qw_time packet_time);

struct qw_tail *qw_inspection_tail(const struct qw_inspector *inspector, const struct qw_flow *flow, enum qw_direction direction);

/* Tries rules on the packet's payload where its stream has taken another version of it, or may have. */
void qw_inspection_versions(struct qw_inspector *inspector);
