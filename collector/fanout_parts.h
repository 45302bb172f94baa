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

/* Sends a further part. */
enum qw_err qw_fanout_part(struct qw_fanout *fanout, struct qw_peer *peer, const struct qw_channel *channel,
			   const struct qw_buckets *buckets, struct qw_order order, uint32_t part) QW_MUSTCHECK;
