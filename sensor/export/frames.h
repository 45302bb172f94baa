/* SPDX-License-Identifier: Apache-2.0 */
/* frames - the messages a sensor sends besides alerts. */
#pragma once

#include <stdint.h>

#include "quaywatch/bytes.h"
#include "quaywatch/channel.h"
#include "quaywatch/err.h"
#include "sensor/export/departures.h"
#include "sensor/export/session.h"

struct qw_channel_state {
	const char *name;
	struct qw_order order;
	struct qw_digest digest;
};

enum { QW_STATES_MAX = 4, QW_COUNTERS_MAX = 48 };

struct qw_named_counter {
	const char *name;
	uint64_t value;
};

struct qw_heartbeat {
	int64_t time_ns;
	uint64_t packets, bytes, drops, flows, alerts, ring_lag_us, spool_alerts, spool_shed;
	uint32_t workers, restarts;
	const struct qw_channel_state *states;
	size_t state_count;
	const struct qw_named_counter *counters;
	size_t counter_count;
};

struct qw_receipt {
	struct qw_channel_state state;
	uint8_t nonce[16];
	struct qw_digest answer;
	int64_t applied_ns;
	uint64_t entries, apply_us;
};

/* All: QW_EAGAIN: not connected, or the queue is full. */
/* dry_runs: this sensor answers them. */
enum qw_err qw_send_hello(struct qw_session *session, uint64_t epoch, const struct qw_channel_state *states, size_t count,
			  const char *const *interfaces, size_t interface_count, const char *filter, bool dry_runs) QW_MUSTCHECK;
enum qw_err qw_send_heartbeat(struct qw_session *session, const struct qw_heartbeat *heartbeat) QW_MUSTCHECK;
enum qw_err qw_send_receipt(struct qw_session *session, const struct qw_receipt *receipt) QW_MUSTCHECK;

/* Asks for the deltas after `after`. */
enum qw_err qw_send_fetch(struct qw_session *session, const char *channel, struct qw_order after) QW_MUSTCHECK;

/* Asks for a part of the snapshot of `of` (term 0: the newest), of some buckets or of all (NULL). */
enum qw_err qw_send_fetch_part(struct qw_session *session, const char *channel, const struct qw_buckets *buckets, uint32_t part,
			       struct qw_order of) QW_MUSTCHECK;

/* Answers a recall; no deltas: we do not have what follows `after`. */
enum qw_err qw_send_recalled(struct qw_session *session, const char *channel, struct qw_order after, const struct qw_slice *deltas,
			     size_t count) QW_MUSTCHECK;

struct qw_proposal {
	const char *type, *value, *tlp;
	uint32_t confidence, gid, sid; /* gid 0: a person's */
	int64_t time_ns;
	const char *reason; /* NULL: none */
	uint64_t ticket;    /* the answer names it; 0: none is wanted */
};
/* Both also as qw_departures_send. */
enum qw_err qw_send_proposal(struct qw_departures *departures, const struct qw_proposal *what) QW_MUSTCHECK;
/* known: this sensor would have met it; else `hosts` says nothing. */
enum qw_err qw_send_dry_run_result(struct qw_departures *departures, uint64_t ticket, bool known, uint64_t hosts) QW_MUSTCHECK;
