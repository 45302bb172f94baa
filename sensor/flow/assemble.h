/* SPDX-License-Identifier: Apache-2.0 */
/*
 * assemble - one TCP direction's bytes in order: handed on, held, or told lost.
 *
 * The data half of stream.c; which packets may speak at all is decided there.
 *
 *	… handed on │ next │ hole │ held │ hole │ held …
 *	              ▲ acked by the other end beyond a hole: the capture lost it
 */
#pragma once

#include "sensor/flow/segments.h"
#include "sensor/flow/stream.h"

/*
 * A SYN where a connection stood that is not known to have ended.  It is
 * believed when its answer comes: then the hosts have forgotten the old one.
 */
struct qw_stream_call {
	const struct qw_flow *flow;
	uint32_t seq;
};

enum { QW_STREAM_CALLS = 256 };

struct qw_streams {
	struct qw_segment_pool *pool;
	bool answered; /* the last push was such an answer: what is pushed again begins a connection */
	struct qw_stream_call call[QW_STREAM_CALLS]; /* by flow; a later one takes the place */
	uint64_t depth;
	uint32_t flow_blocks; /* held for one direction */
	struct qw_stream_counters counters;
	bool eventful; /* events says something of the packet pushed last */
	struct qw_packet_events events;
};

static inline void qw_stream_event(struct qw_streams *streams, enum qw_packet_event event)
{
	if (!streams->eventful)
		streams->events = (struct qw_packet_events){0};
	streams->eventful = true;
	qw_packet_events_add(&streams->events, event);
}

/* A packet, or a flow's end, on its way through. */
struct qw_stream_push {
	struct qw_streams *streams;
	struct qw_flow *flow;
	const struct qw_stream_sink *sink;
	const struct qw_packet *packet; /* NULL: the flow ends */
	enum qw_direction direction;    /* the packet's */
	bool answered;                  /* it answers a call, and nothing else is known */
};

static inline bool qw_stream_both_seen(const struct qw_flow *flow)
{
	const uint32_t both = QW_FLOW_SEEN_TO_SERVER | QW_FLOW_SEEN_TO_CLIENT;
	return (flow->flags & both) == both;
}

/* The packet's payload, which begins at sequence number seq (a SYN's one later), and its FIN. */
enum qw_stream_result qw_assemble_packet(const struct qw_stream_push *push, uint32_t seq);

/* What waits in `direction` and can go on now, because holes are acknowledged past, goes on. */
void qw_assemble_drain(const struct qw_stream_push *push, enum qw_direction direction);

/* All that waits goes on, holes told. */
void qw_assemble_flush(const struct qw_stream_push *push, enum qw_direction direction);

/* Bytes up to sequence number `until` will never come. */
void qw_assemble_lose(const struct qw_stream_push *push, enum qw_direction direction, uint32_t until);

/* The direction's FIN was acknowledged, or nobody is seen who would: the sink learns that it is closed. */
void qw_assemble_believe_fin(const struct qw_stream_push *push, enum qw_direction direction);

/* The sink learns that the direction is closed, unless it did. */
void qw_assemble_close(const struct qw_stream_push *push, enum qw_direction direction);
