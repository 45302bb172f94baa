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
	QW_CANDIDATES_MAX = 1024,
	QW_JOINED_MAX = QW_PREFILTER_TAIL_MAX + 65536, /* tail and one piece of stream */
	QW_VERSION_MAX = 65536 + 2 * QW_WINDOW_BYTES, /* a packet's, and what stands before and after it */
	QW_FIRED_MAX = 64,
	QW_REMEMBERED = 4096, /* a power of two */
};

/*
 * The last bytes of a direction that the prefilter saw: a pattern may go on in
 * the next segment, and the rules may change meanwhile.  They stand apart from
 * the flow, which most packets touch.
 */
struct qw_tail {
	_Alignas(64) uint8_t len; /* one cache line, which the engine asks for before it is needed */
	uint8_t stream_age, message_age; /* of the rules that its stream and its messages were last held against */
	uint8_t ends_age;                /* … and that ends are about */
	uint8_t byte[QW_PREFILTER_TAIL_MAX];
	struct qw_window_handle window;
	struct qw_ends ends;
};

_Static_assert(sizeof(struct qw_tail) == 64, "a tail is one cache line");

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
	bool tagged;    /* a rule that alerted before wants it reported */
	uint32_t fired[QW_FIRED_MAX]; /* rules that alerted on this packet already */
	unsigned fired_count;
	bool settled;  /* by it the protocol of its direction was known */
	bool eventful; /* events says something */
	struct qw_packet_events events;
	struct qw_facts facts;
};

/* Of the rules that a message brings up. */
struct qw_limited {
	unsigned count;       /* matched, and were kept from alerting: as they will be, … */
	struct qw_time until; /* … before then */
};

struct qw_inspector {
	struct qw_inspector_options options;
	struct qw_ruleset ruleset;
	bool want_payload; /* some rule looks into payload */
	const uint8_t *naming; /* of the signatures, by buffer: 0 where no field names a rule */
	bool want_packets; /* some rule is tried on every packet … */
	struct qw_packet_wants packet_wants; /* … like these, of TCP */
	bool may_pass;     /* some rule lets traffic pass */
	bool need_window;
	bool want_segments; /* some rule is tried on single TCP segments */
	bool want_history; /* there are rules of any kind: what a stream said is kept, to be compared with what is said again */
	bool has_history;  /* there were once, so that some may be kept */
	size_t tail_max;
	uint8_t age; /* of the rules: counted up by each change; no tail's while it is new, and never 0 */
	struct qw_tail (*tails)[2]; /* by place of the flow and direction */
	size_t tails_bytes;
	struct qw_windows *windows;
	struct qw_waiting *waiting;
	struct qw_inspector_counters counters;
	struct qw_current current;
	struct qw_limited limited; /* of the message at hand */
	uint64_t remembered[QW_REMEMBERED]; /* that a rule fired on a stream, whatever its number; a later one takes the place */
	uint32_t candidate[QW_CANDIDATES_MAX]; /* of messages: and rules that wait in the transaction */
	uint8_t joined[QW_JOINED_MAX];
	uint8_t version[QW_VERSION_MAX]; /* what a receiver may have read in a stream's place */
};

/* What a rule is confirmed against. */
struct qw_view {
	const struct qw_facts *facts;
	const struct qw_message *message; /* NULL: no application fields */
	struct qw_slice payload;
	bool has_payload;
};

bool qw_view_confirm(struct qw_inspector *inspector, uint32_t rule, struct qw_view *view);
bool qw_view_confirm_rest(struct qw_inspector *inspector, uint32_t rule, struct qw_view *view, uint16_t *held);

/*
 * A rule that was not confirmed may wait for more data, but not for what it
 * wants remembered: that must be so when its pattern comes.
 */
bool qw_view_may_wait(struct qw_inspector *inspector, uint32_t rule, struct qw_view *view);

/* A rule has matched: passes, stays silent, or is reported. */
void qw_inspection_fire(struct qw_inspector *inspector, uint32_t rule, const struct qw_scene *scene);

/* Of the packet between begin and end, which there is. */
const struct qw_facts *qw_inspection_facts(struct qw_inspector *inspector);
struct qw_scene qw_inspection_scene(const struct qw_inspector *inspector);

/* Tries a rule on the packet's own header and payload. */
void qw_inspection_try_packet(struct qw_inspector *inspector, uint32_t rule);

/* The moment that indicators are asked for. */
struct qw_moment qw_inspection_moment(const struct qw_inspector *inspector, struct qw_time packet_time);

/* Is there a packet, and is it this direction's?  Data of another flow comes out where room is made. */
static inline bool qw_inspection_is_of_packet(const struct qw_inspector *inspector, const struct qw_flow *flow,
					      enum qw_direction direction)
{
	const struct qw_current *current = &inspector->current;

	return current->packet && current->flow == flow && current->direction == direction;
}

struct qw_tail *qw_inspection_tail(const struct qw_inspector *inspector, const struct qw_flow *flow, enum qw_direction direction);

/* What rules' headers said to the direction; NULL: it is not kept of such a flow. */
struct qw_ends *qw_inspection_ends(const struct qw_inspector *inspector, const struct qw_flow *flow, enum qw_direction direction);

/* The direction's window; NULL: there is none. */
struct qw_window *qw_inspection_window(const struct qw_inspector *inspector, const struct qw_flow *flow,
				       enum qw_direction direction);

/* Rules on streams are tried on data as if it had come in the stream's place; what fired there does not fire again. */
void qw_inspection_scan_version(struct qw_inspector *inspector, struct qw_flow *flow, enum qw_direction direction,
				struct qw_slice data);

/*
 * The packet's end: where its stream has taken another version of its payload,
 * or may have, or a receiver may read it otherwise, that is looked at too.
 */
void qw_inspection_versions(struct qw_inspector *inspector, bool streamed);
