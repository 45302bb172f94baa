/* SPDX-License-Identifier: Apache-2.0 */
/* fanout_parts - what fanout.c and fanout_sets.c share. */
#pragma once

#include "collector/fanout.h"
#include "collector/frozen.h"

struct qw_fanout {
	struct qw_fanout_parts parts;
	struct qw_frozen *frozen;
	struct qw_fanout_stats stats;
	uint64_t hellos;
};

/* Sends the first part of a snapshot; buckets: of these alone; NULL: of all. */
enum qw_err qw_fanout_snapshot(struct qw_fanout *fanout, struct qw_peer *peer, struct qw_follower *follower,
			       const struct qw_channel *channel, const struct qw_buckets *buckets) QW_MUSTCHECK;

/*
 * Its set is another than ours, and deltas will not do: the sums, so that it
 * finds what differs, or a snapshot.  Once in ten seconds at most.
 */
enum qw_err qw_fanout_level(struct qw_fanout *fanout, struct qw_peer *peer, struct qw_follower *follower,
			    const struct qw_channel *channel) QW_MUSTCHECK;

/* Sends stored deltas until the peer is level, its window is full or its queue is. */
enum qw_err qw_fanout_replay(struct qw_fanout *fanout, struct qw_peer *peer, struct qw_follower *follower,
			     const struct qw_channel *channel) QW_MUSTCHECK;

/* It holds another set under our order: what differs is sent anew.  digest: of its set, NULL: not known. */
enum qw_err qw_fanout_mend(struct qw_fanout *fanout, struct qw_peer *peer, struct qw_follower *follower,
			   const struct qw_channel *channel, const ProtobufCBinaryData *digest) QW_MUSTCHECK;

/* Writes a receipt for where the follower stands; of `said` only the times and figures count. */
enum qw_err qw_fanout_record(struct qw_fanout *fanout, const struct qw_peer *peer, const char *channel,
			     const struct qw_follower *follower, const struct qw_receipt_row *said) QW_MUSTCHECK;

bool qw_fanout_is_digest(const ProtobufCBinaryData *said, struct qw_digest digest);

/* Whether it answers the nonce that this peer got last. */
bool qw_fanout_is_fresh(const struct qw_peer *peer, const Quaywatch__Wire__Receipt *receipt);

/* ---- fanout_ahead.c */

/* The follower, which stands no higher than we do, gets what it lacks.  digest: of its set, NULL: not known. */
enum qw_err qw_fanout_join(struct qw_fanout *fanout, struct qw_peer *peer, struct qw_follower *follower,
			   const struct qw_channel *channel, const ProtobufCBinaryData *digest) QW_MUSTCHECK;

/* It stands above us: nothing that we could send. */
void qw_fanout_ahead(struct qw_fanout *fanout, struct qw_peer *peer, struct qw_follower *follower,
		     const struct qw_channel *channel);

/* One that was above us joins, if we have come there. */
enum qw_err qw_fanout_rejoin(struct qw_fanout *fanout, struct qw_peer *peer, unsigned index,
			     const struct qw_channel *channel) QW_MUSTCHECK;

/* A receipt for what we do not hold yet: kept in its claim until we do. */
void qw_fanout_claim(struct qw_peer *peer, const Quaywatch__Wire__Receipt *receipt);

/* Sends a further part. */
enum qw_err qw_fanout_part(struct qw_fanout *fanout, struct qw_peer *peer, const struct qw_channel *channel,
			   const struct qw_buckets *buckets, struct qw_order order, uint32_t part) QW_MUSTCHECK;
