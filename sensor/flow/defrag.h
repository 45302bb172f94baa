/* SPDX-License-Identifier: Apache-2.0 */
/*
 * defrag - IPv4 and IPv6 packets from their fragments (RFC 791, RFC 8200, RFC 5722).
 *
 * Where fragments of IPv4 overlap, the earlier bytes stay, unless a later
 * fragment begins before an earlier one and covers it whole: as BSD does, and
 * Suricata by default.  Overlaps of IPv6 discard the datagram.
 *
 * Bounded in packets waiting and in bytes; a datagram that waits longer than
 * its time (packet time) or is crowded out gives its fragments up under a drop
 * reason.  One worker; no allocation after qw_defrag_new.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "quaywatch/packet.h"

struct qw_defrag;

struct qw_defrag_options {
	size_t datagrams;    /* waiting at once */
	size_t bytes;        /* of memory to hold their fragments */
	struct qw_time wait; /* for the rest of one */
};

enum qw_err qw_defrag_new(struct qw_defrag **out, const struct qw_defrag_options *options) QW_MUSTCHECK;
void qw_defrag_free(struct qw_defrag *defrag);

enum qw_defrag_result {
	QW_DEFRAG_WAITS,   /* kept; the fragment counts as inspected */
	QW_DEFRAG_WHOLE,   /* *data is the packet from its IP header on, valid until the next call */
	QW_DEFRAG_BAD,     /* it contradicts the others: drop it */
	QW_DEFRAG_NO_ROOM, /* drop it */
};

enum qw_defrag_result qw_defrag_add(struct qw_defrag *defrag, const struct qw_packet *fragment, const uint8_t **data,
				    uint32_t *len);

/*
 * bad and no_room count what was answered so.  timed_out, crowded_out and
 * discarded count fragments that were answered QW_DEFRAG_WAITS, and thus
 * inspected, and were given up later: timed_out under
 * QW_DROP_FRAGMENT_TIMEOUT, crowded_out under QW_DROP_FRAGMENT_LIMIT,
 * discarded under QW_DROP_FRAGMENT_BAD.
 */
struct qw_defrag_counters {
	uint64_t whole, bad, no_room;
	uint64_t timed_out, crowded_out, discarded;
	uint64_t overlaps;
	uint64_t waiting_fragments; /* in datagrams that are not whole yet */
};
void qw_defrag_counters(const struct qw_defrag *defrag, struct qw_defrag_counters *out);
