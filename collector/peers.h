/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peers - the sensors that are connected now.
 *
 * A peer is one connection, named by the routing id that ZeroMQ gave it: a
 * sensor that reconnects is a new peer.  The ROUTER does not hand over ids
 * (ZMQ_ROUTER_HANDOVER is off): else a sensor could take another's place by
 * calling itself by its id.
 *
 * Bounded: a sensor has at most QW_PEERS_PER_SENSOR connections, its oldest is
 * forgotten first; silent ones are forgotten by qw_peers_sweep.
 *
 * One thread.  Pointers are valid until the next add, drop or sweep.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/registry.h"
#include "quaywatch/channel.h"
#include "quaywatch/time.h"

enum { QW_ROUTING_MAX = 64, QW_PEERS_PER_SENSOR = 4, QW_NONCE_BYTES = 16, QW_SOFTWARE_MAX = 64 };

struct qw_routing {
	uint8_t len;
	uint8_t bytes[QW_ROUTING_MAX];
};

enum qw_follow {
	QW_FOLLOW_NOT,      /* before its hello */
	QW_FOLLOW_DELTAS,   /* gets what comes after `sent` */
	QW_FOLLOW_SNAPSHOT, /* pulls parts; deltas wait until it says that it has the set */
	QW_FOLLOW_AHEAD,    /* holds more than we do: nothing we could send */
};

/* One channel as this peer has it. */
struct qw_follower {
	enum qw_follow follow;
	struct qw_order sent;    /* it holds, or was sent, all up to here */
	struct qw_order receipt; /* it said that it holds this */
	bool proven;             /* and its answer fitted our set */
	struct qw_time mended;   /* when it last got sums or a snapshot because it did not fit */
};

/* What it says that it holds beyond what we do; of no use once we have come there. */
struct qw_claim {
	struct qw_order order; /* 0.0: nothing of the kind */
	bool digested; /* and that its set has this digest */
	struct qw_digest digest;
	bool receipted; /* and this is what it said of it: */
	struct qw_digest answer;
	struct qw_time applied;
	uint64_t entries, apply_us;
	uint32_t asked, silent; /* how often it was asked for what we lack, and did not answer in time */
	bool spent;             /* it cannot show it: not asked again on this connection */
};

enum qw_peer_channel { QW_PEER_COMMUNITY, QW_PEER_TENANT, QW_PEER_CHANNELS };

/* What its last heartbeat said. */
struct qw_peer_health {
	uint64_t packets, bytes, drops, flows, alerts, ring_lag_us, spool_alerts, spool_shed;
	uint32_t workers, restarts;
};

struct qw_peer {
	struct qw_routing routing;
	const struct qw_entrant *entrant;
	struct qw_time since, seen; /* monotonic */
	struct qw_time told;        /* when a line of the log was last spent on it */
	uint64_t hello; /* serial of its last hello, unique in this process; 0: none yet, or it has to say it again */
	char software[QW_SOFTWARE_MAX + 1];
	bool dry_runs; /* it answers them */
	bool repairs; /* it takes sums, and snapshots of some buckets */
	bool recalls; /* it keeps the latest deltas */
	uint8_t nonce[QW_NONCE_BYTES];
	struct qw_follower channel[QW_PEER_CHANNELS];
	struct qw_claim claim[QW_PEER_CHANNELS];
	struct qw_peer_health health;
	uint64_t alerts, duplicates, invalid, refused;
	uint64_t unbacked; /* claims that it could not show the changes for */
};

struct qw_peers;

enum qw_err qw_peers_new(struct qw_peers **out) QW_MUSTCHECK;
void qw_peers_free(struct qw_peers *peers);

/* NULL: not known. */
struct qw_peer *qw_peers_find(const struct qw_peers *peers, const struct qw_routing *routing);

/* QW_EEXIST: the id is taken.  QW_ENOMEM. */
enum qw_err qw_peers_add(struct qw_peer **out, struct qw_peers *peers, const struct qw_routing *routing,
			 const struct qw_entrant *entrant, struct qw_time now) QW_MUSTCHECK;
void qw_peers_drop(struct qw_peers *peers, struct qw_peer *peer);

/* The name of its i-th channel, and which one a name is; QW_PEER_CHANNELS: not this peer's to have. */
const char *qw_peer_channel_name(const struct qw_peer *peer, unsigned index);
unsigned qw_peer_channel_find(const struct qw_peer *peer, const char *name);

/* True at most once a minute for a peer: a sensor that repeats itself does not fill our log. */
bool qw_peer_may_tell(struct qw_peer *peer, struct qw_time now);

/* Forgets those not heard of since `before`, and those whose key is no longer admitted; returns how many. */
size_t qw_peers_sweep(struct qw_peers *peers, struct qw_time before);

size_t qw_peers_count(const struct qw_peers *peers);
struct qw_peer *qw_peers_at(const struct qw_peers *peers, size_t index); /* index < count */
