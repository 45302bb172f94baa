/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table - the flows of one worker.
 *
 * Preallocated; hashed with SipHash under a random key, linear probing.
 * Flows end by time-out per protocol and state (packet time), by closing, or,
 * when the table is full, by eviction of the least worth: those that were
 * never answered first, then closed ones, then the longest silent.
 *
 * One worker.  No allocation after qw_flow_table_new.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "quaywatch/flow.h"
#include "quaywatch/packet.h"

struct qw_flow_table;

/* Why a flow ended; EVE's words are "timeout", "closed", "forced", "shutdown". */
enum qw_flow_end { QW_FLOW_END_TIMEOUT, QW_FLOW_END_CLOSED, QW_FLOW_END_EVICTED, QW_FLOW_END_SHUTDOWN };

/* Packet-time spans without a packet after which a flow ends. */
struct qw_flow_timeouts {
	struct qw_time fresh;       /* one side only so far */
	struct qw_time established; /* TCP */
	struct qw_time closed;
	struct qw_time datagram; /* UDP and others, both sides seen */
	struct qw_time icmp;
};

struct qw_flow_table_options {
	size_t flows; /* entries at most */
	bool vlan_in_key;
	bool midstream; /* pick up TCP without its handshake */
	struct qw_flow_timeouts timeouts;
	/* Called once for each flow that ends, before its entry is used again. */
	void (*ended)(void *ctx, struct qw_flow *flow, enum qw_flow_end why);
	void *ctx;
};

struct qw_flow_table_counters {
	uint64_t created, evicted, timed_out;
	uint64_t in_use, peak;
};

enum qw_err qw_flow_table_new(struct qw_flow_table **out, const struct qw_flow_table_options *options) QW_MUSTCHECK;

/* Clears, then frees.  NULL is fine. */
void qw_flow_table_free(struct qw_flow_table *table);

/*
 * The symmetric hash of a packet's conversation, and the memory of its slot on
 * the way to the cache.  Packets without QW_PACKET_IP, and fragments, have no flow.
 */
uint64_t qw_flow_hash(const struct qw_flow_table *table, const struct qw_packet *packet, struct qw_flow_key *key);
void qw_flow_prefetch(const struct qw_flow_table *table, uint64_t hash);

/*
 * The entry that the slot names, on the way to the cache: a batch after
 * qw_flow_prefetch, a batch before qw_flow_find.  Returns the place of the flow
 * that this most likely is (see qw_flow_place), SIZE_MAX: of none.
 */
size_t qw_flow_prefetch_entry(const struct qw_flow_table *table, uint64_t hash);

/*
 * The packet's flow, made if it is new, never NULL; *direction says who sent
 * it.  Counts the packet and moves the flow's clock.  A TCP packet that starts
 * nothing (midstream off) makes a flow without reassembly (QW_FLOW_STREAM_OFF,
 * QW_TCP_NONE).  An entry that timed out is ended and made new.
 */
struct qw_flow *qw_flow_find(struct qw_flow_table *table, const struct qw_packet *packet, uint64_t hash,
			     const struct qw_flow_key *key, enum qw_direction *direction);

/*
 * The flow stands in the list that its flags ask for (established, closed):
 * call it when a stream's push changed them, or it waits for its next packet.
 */
void qw_flow_settle(struct qw_flow_table *table, struct qw_flow *flow);

/* Ends what is due at packet time `now`, at most `max` flows; up to a second late, as the lists are sorted that
 * coarsely. */
void qw_flow_expire(struct qw_flow_table *table, struct qw_time now, size_t max);

/* Shows all flows to `look`, which may change their flags, in no order. */
void qw_flow_table_each(struct qw_flow_table *table, void (*look)(struct qw_flow *flow));

/* Ends all flows (QW_FLOW_END_SHUTDOWN); the table stands empty. */
void qw_flow_table_clear(struct qw_flow_table *table);

/* Ends one flow at once (a closed 4-tuple that starts again). */
void qw_flow_end(struct qw_flow_table *table, struct qw_flow *flow, enum qw_flow_end why);

/*
 * The place of the flow in the table, below qw_flow_table_capacity: for what
 * others keep beside it, until the flow has ended.
 */
size_t qw_flow_place(const struct qw_flow_table *table, const struct qw_flow *flow);
size_t qw_flow_table_capacity(const struct qw_flow_table *table);

/* A stable number that names the flow in events: the same for the same flow and start. */
uint64_t qw_flow_id(const struct qw_flow_table *table, const struct qw_flow *flow);

/* Community ID 1.0 (Corelight's community-id-spec), seed 0: "1:…", 30 characters and a NUL. */
enum { QW_COMMUNITY_ID_LEN = 30 };
void qw_flow_community_id(const struct qw_flow *flow, char out[QW_COMMUNITY_ID_LEN + 1]);

void qw_flow_table_counters(const struct qw_flow_table *table, struct qw_flow_table_counters *out);
size_t qw_flow_table_bytes(const struct qw_flow_table *table);
