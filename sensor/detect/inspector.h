/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspector - holds a worker's traffic against the ruleset.
 *
 *	packet ──► addresses, once per flow ──► rules without a pattern
 *	       └─► payload that no stream takes ─► prefilter ─► confirm
 *	stream ──► prefilter over tail + new bytes ─► confirm (packet, then window)
 *	message ─► names, addresses, digests in fields ─► prefilter per field ─► confirm
 *
 * One worker.  No allocation after qw_inspector_new, but in adopt.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "quaywatch/indicators.h"
#include "quaywatch/signatures.h"
#include "sensor/detect/report.h"
#include "sensor/flow/conflict.h"

struct qw_inspector;

/* What is in force.  Either may be NULL.  Borrowed until the next adopt or free. */
struct qw_ruleset {
	struct qw_signatures *signatures;
	struct qw_indicators *indicators;
	uint32_t generation; /* never 0 */
};

struct qw_inspector_options {
	const struct qw_flow_table *table;
	struct qw_reporter *reporter;
	enum qw_clock_mode clock;
	struct qw_time (*now)(void *ctx); /* live: the clock of expiry; offline: NULL, packet time */
	void *now_ctx;
	size_t windows; /* stream windows */
	struct qw_states *flow_states;   /* of this worker, by owner; NULL: rules that remember never match */
	struct qw_states *shared_states; /* of all workers; likewise */
};

enum qw_err qw_inspector_new(struct qw_inspector **out, const struct qw_inspector_options *options) QW_MUSTCHECK;
void qw_inspector_free(struct qw_inspector *inspector);

/* What is kept beside the flow in this place of the table, on the way to the cache. */
void qw_inspector_prefetch(const struct qw_inspector *inspector, size_t place);

/* Between two batches.  The ruleset in force so far is still open.  True: there are other signatures now. */
bool qw_inspector_adopt(struct qw_inspector *inspector, const struct qw_ruleset *ruleset);

/*
 * In this order for each packet view: begin; data, gap and the messages made
 * of it as they come out of the stream; packet; messages made of a datagram;
 * end.  flow NULL: none.  direction is the packet's.
 * known: what the flow was known to carry before this packet came.
 */
void qw_inspect_begin(struct qw_inspector *inspector, struct qw_flow *flow, enum qw_app known, enum qw_direction direction,
		      const struct qw_packet *packet);

/* By this packet the protocol of its direction was settled. */
void qw_inspect_settled(struct qw_inspector *inspector);

/* What was odd about the packet: rules on events are asked at its end. */
void qw_inspect_events(struct qw_inspector *inspector, const struct qw_packet_events *events);

/* The packet itself.  streamed: its payload went, or will go, to qw_inspect_data. */
void qw_inspect_packet(struct qw_inspector *inspector, bool streamed);
void qw_inspect_end(struct qw_inspector *inspector);

/* Next bytes of a direction, in order. */
void qw_inspect_data(struct qw_inspector *inspector, struct qw_flow *flow, enum qw_direction direction,
		     const uint8_t *data, uint32_t len, bool in_packet);
void qw_inspect_gap(struct qw_inspector *inspector, struct qw_flow *flow, enum qw_direction direction, uint32_t missing);

/*
 * Bytes that lost their place in the stream to others, in the current packet's
 * payload or from an earlier one: a receiver may have believed them.  Rules that
 * ask neither for packets alone nor for the stream alone see the piece; and
 * since that may be read together with what it never was together with here,
 * the ambiguity alerts by itself.
 */
void qw_inspect_differs(struct qw_inspector *inspector, struct qw_flow *flow, enum qw_direction direction,
			const struct qw_conflict *conflict);

/* What came of a message. */
struct qw_outcome {
	bool quiet;            /* nothing but that it was told, and the same again would lead to nothing else … */
	struct qw_time until;  /* … before then; 0: whenever */
	uint64_t print;        /* under which the watch was told (told.h); 0: it is not told */
};

/* A parser's message; inside or outside of a packet. */
struct qw_outcome qw_inspect_message(struct qw_inspector *inspector, struct qw_flow *flow, const struct qw_message *message);

/* … of what stands right above Ethernet: it has no flow, is the whole transaction, and nothing is remembered of it. */
void qw_inspect_link_message(struct qw_inspector *inspector, const struct qw_packet *packet, const struct qw_message *message);

/* The flow's client and server have changed places (sensor/flow/side.h). */
void qw_inspect_turn(struct qw_inspector *inspector, const struct qw_flow *flow);

/* What rules remember of a flow, for events about it.  Its count. */
size_t qw_inspect_marks(const struct qw_inspector *inspector, const struct qw_flow *flow, struct qw_mark *out, size_t max);

/* The flow is over. */
void qw_inspect_forget(struct qw_inspector *inspector, struct qw_flow *flow);

struct qw_inspector_counters {
	uint64_t scanned_bytes, candidates, matches, candidates_shed;
	uint64_t encrypted; /* packets of flows whose payload is not scanned */
	uint64_t rewritten; /* retransmissions seen to say otherwise than what went through */
	uint64_t uncompared; /* … of bytes not acknowledged that were kept no longer */
	uint64_t urgent;     /* packets with urgent data */
	uint64_t history_taken; /* of streams that may still be contradicted */
	uint64_t windows_taken, waiting_full, transactions_taken;
	uint64_t limited;    /* matches that a threshold kept from alerting */
	uint64_t suppressed; /* … that a suppression did */
};
void qw_inspector_counters(const struct qw_inspector *inspector, struct qw_inspector_counters *out);
