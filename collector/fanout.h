/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fanout - brings every connected sensor to where the channels are.
 *
 *	hello ─► welcome ─┬─► same order, same digest: nothing to send
 *	                  ├─► behind, and we hold the deltas: those, in order
 *	                  ├─► else: our buckets' sums; it fetches those that differ (a repair)
 *	                  ├─► holds nothing, or cannot do that: the first part of a snapshot; it fetches the rest
 *	                  └─► ahead of us: nothing until we have come there (restoration.h)
 *
 * A sensor has at most QW_FANOUT_WINDOW deltas that it did not confirm by a
 * receipt: a slow one costs no memory.  A receipt is proof only if its answer
 * fits the set that we hold at that order.
 *
 * One thread.
 */
#pragma once

#include <stdint.h>

#include "collector/channels.h"
#include "collector/peers.h"
#include "collector/post.h"
#include "quaywatch/err.h"
#include "quaywatch/wire.h"

enum { QW_FANOUT_WINDOW = 64, QW_FANOUT_CREDIT = 65536 };

struct qw_fanout_stats {
	uint64_t deltas, bytes; /* sent, over all peers */
	uint64_t parts;         /* of snapshots */
	uint64_t sums;          /* sent to who holds another set */
	uint64_t receipts, unproven;
	uint64_t ahead;
};

struct qw_fanout_parts {
	struct qw_channels *channels;
	struct qw_store *store;
	struct qw_peers *peers;
	const struct qw_signer *signer;
	struct qw_post post;
};

struct qw_fanout;

enum qw_err qw_fanout_new(struct qw_fanout **out, const struct qw_fanout_parts *parts) QW_MUSTCHECK;
void qw_fanout_free(struct qw_fanout *fanout);

/* What a sensor says.  Errors are ours (memory, store); what is wrong with a message is counted, logged or refused. */
enum qw_err qw_fanout_hello(struct qw_fanout *fanout, struct qw_peer *peer, const Quaywatch__Wire__Hello *hello,
			    struct qw_time now) QW_MUSTCHECK;
enum qw_err qw_fanout_receipt(struct qw_fanout *fanout, struct qw_peer *peer, const Quaywatch__Wire__Receipt *receipt,
			      struct qw_time now) QW_MUSTCHECK;
enum qw_err qw_fanout_fetch(struct qw_fanout *fanout, struct qw_peer *peer, const Quaywatch__Wire__Fetch *fetch,
			    struct qw_time now) QW_MUSTCHECK;

/* What a sensor says that it holds (hello, heartbeat, receipt): kept in its claim where it is more than we do. */
enum qw_err qw_fanout_hear(struct qw_fanout *fanout, struct qw_peer *peer,
			   const Quaywatch__Wire__ChannelState *state) QW_MUSTCHECK;

/* A channel has a new delta, and it is durable: to everybody who stands right before it. */
void qw_fanout_publish(struct qw_fanout *fanout, const char *channel, const uint8_t *delta, size_t len);

/* Sends what fell behind: full queues, long replays.  Call it now and then. */
void qw_fanout_pump(struct qw_fanout *fanout);

struct qw_fanout_stats qw_fanout_stats(const struct qw_fanout *fanout);
