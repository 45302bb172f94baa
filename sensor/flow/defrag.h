/* SPDX-License-Identifier: Apache-2.0 */
/*
 * defrag - IPv4 and IPv6 packets from their fragments (RFC 791, RFC 8200, RFC 5722).
 *
 * Where fragments of IPv4 contradict each other, the earlier bytes stay, unless
 * a later fragment begins before an earlier one and covers it whole: as BSD
 * does, and Suricata by default.  Such fragments of IPv6 discard the datagram.
 * Receivers differ in what they believe, so each contradiction is told; as one
 * counts what becomes whole so late that some stacks had forgotten its beginning.
 *
 * Bounded in packets waiting and in bytes; a datagram that waits longer than
 * its time (packet time) or is crowded out gives its fragments up, counted.  One worker; no allocation after qw_defrag_new.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "quaywatch/bytes.h"
#include "quaywatch/err.h"
#include "quaywatch/packet.h"

struct qw_defrag;

struct qw_defrag_options {
	size_t datagrams;    /* waiting at once */
	size_t bytes;        /* of memory to hold their fragments */
	struct qw_time wait; /* for the rest of one */
	/* This fragment makes its datagram ambiguous; either version may be empty.  May be NULL. */
	void (*ambiguous)(void *ctx, const struct qw_packet *fragment, struct qw_slice taken, struct qw_slice other);
	void *ctx;
};

enum qw_err qw_defrag_new(struct qw_defrag **out, const struct qw_defrag_options *options) QW_MUSTCHECK;
void qw_defrag_free(struct qw_defrag *defrag);

/* So many wholes stand side by side: fragments inside of one whole may make another. */
enum { QW_DEFRAG_WHOLES = 2 };

enum qw_defrag_result {
	QW_DEFRAG_WAITS,   /* kept; the fragment counts as inspected */
	QW_DEFRAG_WHOLE,   /* *data is the packet from its IP header on, valid until QW_DEFRAG_WHOLES more are answered */
	QW_DEFRAG_BAD,     /* it contradicts the others: drop it */
	QW_DEFRAG_NO_ROOM, /* drop it */
};

enum qw_defrag_result qw_defrag_add(struct qw_defrag *defrag, const struct qw_packet *fragment, const uint8_t **data,
				    uint32_t *len);

/* Gives up what has waited longer than its time; live also when no fragment comes. */
void qw_defrag_expire(struct qw_defrag *defrag, struct qw_time now);

/* The capture is over: what still waits is given up, as timed out. */
void qw_defrag_clear(struct qw_defrag *defrag);

/*
 * bad and no_room count what was answered so.  The others count fragments that
 * were answered QW_DEFRAG_WAITS, and thus inspected as far as their header,
 * and whose datagram then never became whole: timed_out, because the rest did
 * not come; discarded, because the rest contradicted them; crowded_out,
 * because their room was needed, which is ours to answer for (of packets
 * inside of others crowded_out_inner: the outer packet was inspected).
 */
struct qw_defrag_counters {
	uint64_t whole, bad, no_room;
	uint64_t timed_out, discarded;
	uint64_t crowded_out, crowded_out_inner;
	uint64_t overlaps, late; /* told as ambiguous */
	uint64_t waiting_fragments; /* in datagrams that are not whole yet */
};
void qw_defrag_counters(const struct qw_defrag *defrag, struct qw_defrag_counters *out);
