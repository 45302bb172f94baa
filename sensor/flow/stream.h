/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream - TCP connections: their state, and their data in order.
 *
 * Data in order goes straight through without a copy; data beyond a gap waits
 * in bounded memory until the gap fills, is acknowledged past (the capture
 * lost it), or room runs out (then a gap is told and reading goes on behind it).
 *
 * One worker; no allocation after qw_streams_new.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "quaywatch/flow.h"
#include "quaywatch/packet.h"
#include "quaywatch/rule_event.h"
#include "sensor/flow/conflict.h"

struct qw_streams;

struct qw_stream_options {
	size_t bytes;        /* of memory to hold data of all flows together */
	uint32_t flow_bytes; /* of it, for one direction */
	uint64_t depth;      /* bytes of one direction that are looked at; 0: all */
};

/* What comes out.  data is the packet's or the stream's own, valid during the call. */
struct qw_stream_sink {
	void *ctx;
	/* The next bytes of one direction.  in_packet: they are this packet's payload, or, at the depth, its beginning. */
	void (*data)(void *ctx, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, uint32_t len,
		     bool in_packet);
	/* `missing` bytes will never come. */
	void (*gap)(void *ctx, struct qw_flow *flow, enum qw_direction direction, uint32_t missing);
	/*
	 * Some bytes contradict what takes their place; a receiver may have
	 * believed either.  The piece that lost is a part of the packet's
	 * payload, or one that waited.  May be NULL.
	 */
	void (*differs)(void *ctx, struct qw_flow *flow, enum qw_direction direction,
			const struct qw_conflict *conflict);
	/*
	 * This direction is closed: FIN in order, RST, or the flow ended.  Told
	 * once; data may still follow where the ends did not believe the FIN or RST.
	 */
	void (*closed)(void *ctx, struct qw_flow *flow, enum qw_direction direction);
};

enum qw_err qw_streams_new(struct qw_streams **out, const struct qw_stream_options *options) QW_MUSTCHECK;
void qw_streams_free(struct qw_streams *streams);

/* What a packet was to its connection. */
enum qw_stream_result {
	QW_STREAM_TAKEN,   /* its data went on, or waits, or there is none */
	QW_STREAM_OLD,     /* retransmission of what was seen */
	QW_STREAM_INVALID, /* outside the window or the state: not the endpoint's to believe */
	QW_STREAM_AGAIN,   /* a new connection of the same ends begins: end the flow, find it anew, push again */
};

/*
 * One TCP packet of the flow: tracks state (flow->tcp, tcp_state, flags) and
 * hands data on.  A flow stays where it is until it ends.  Where room is
 * needed, data of the flow that waits for the longest comes out, behind a gap.
 */
enum qw_stream_result qw_stream_push(struct qw_streams *streams, struct qw_flow *flow, enum qw_direction direction,
				     const struct qw_packet *packet, const struct qw_stream_sink *sink);

/* What was odd about the packet pushed last; NULL: nothing. */
const struct qw_packet_events *qw_stream_events(const struct qw_streams *streams);

/* The flow ends: what waits is handed on behind a gap, both directions are closed, memory is given back. */
void qw_stream_end(struct qw_streams *streams, struct qw_flow *flow, const struct qw_stream_sink *sink);

struct qw_stream_counters {
	uint64_t gaps, gap_bytes, reordered, retransmitted, overlaps_differ, no_room, invalid, depth_reached;
	uint64_t held_bytes, held_peak; /* memory in use now, and at most */
};
void qw_stream_counters(const struct qw_streams *streams, struct qw_stream_counters *out);
