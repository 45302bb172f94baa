/* SPDX-License-Identifier: Apache-2.0 */
/*
 * states - what rules remember: bits, counts and times under keyed names, in one bounded table.
 *
 *	[ head: secret ][ bucket: lock | 12 tags | 12 × { owner, item, value, since, expires, used } ] …
 *
 * The memory is a worker's own, or a mapping that several worker processes
 * share; zeroed memory is an empty table.  Who an entry belongs to (a flow, a
 * host, a pair) and what it is called are hashes, so that a table outlives the
 * ruleset whose rules filled it.  Owners are hashed under a secret in the
 * table: nobody aims at a bucket.  A full bucket gives up what has expired,
 * then what was used longest ago (counted).
 *
 * A process may be killed at any instruction: whoever finds a bucket locked
 * waits a bounded time and takes the lock over.  A holder that was only put
 * aside sees it before it writes, and begins anew; between its look and its
 * writing lie a few instructions, and so the worst, if it is put aside there,
 * is one entry with an old number: every word is atomic, and an entry becomes
 * visible last.
 *
 * One handle for each process, one thread for each handle.  Never allocates
 * after qw_states_new.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"

struct qw_states;

struct qw_states_options {
	void *memory;  /* shared, zeroed when it was made, aligned to 64; NULL: private memory is made */
	size_t bytes;  /* at least QW_STATES_BYTES_MIN */
	bool by_owner; /* entries of an owner stand together: each and forget find them, and he has 12 at most */
};

enum { QW_STATES_BYTES_MIN = 1024 };

/* Whoever makes shared memory opens it once before others can: the secret is made then.  QW_EINVAL: too small. */
enum qw_err qw_states_new(struct qw_states **out, const struct qw_states_options *options) QW_MUSTCHECK;
void qw_states_free(struct qw_states *states);

/* A name for whom entries belong to, never 0, under the table's secret. */
uint64_t qw_states_owner(const struct qw_states *states, const void *data, size_t len);

struct qw_state_key {
	uint64_t owner; /* of qw_states_owner */
	uint64_t item;  /* what it is called: any hash */
};

/* What an entry holds. */
struct qw_state {
	uint64_t value;
	int64_t since_ns;
	uint32_t expires; /* the last second (since 1970) in which it counts; 0: none */
	bool set;         /* it is there */
};

/* False: there is none, or it has expired. */
bool qw_states_get(struct qw_states *states, struct qw_state_key key, uint32_t now_s, struct qw_state *out);

/*
 * Changes an entry while nobody else can.  `change` is shown what is there
 * (set false: nothing) and leaves what is to be there; it must be short, and
 * may be called again with what another has made of it meanwhile: the last
 * call counts.  False: the bucket's lock could not be had or kept (counted);
 * nothing was changed.
 */
bool qw_states_change(struct qw_states *states, struct qw_state_key key, uint32_t now_s,
		      void (*change)(void *ctx, struct qw_state *state), void *ctx);

/* by_owner.  Shows every entry of an owner that has not expired; what was shown must not be changed meanwhile. */
void qw_states_each(struct qw_states *states, uint64_t owner, uint32_t now_s,
		    void (*visit)(void *ctx, uint64_t item, const struct qw_state *state), void *ctx);

/* by_owner.  Forgets all that belongs to an owner. */
void qw_states_forget(struct qw_states *states, uint64_t owner);

/*
 * One word that all processes see: until when something in the table concerns
 * every packet (hosts that are tagged).  Only ever raised.
 */
void qw_states_watch_until(struct qw_states *states, uint32_t until_s);
uint32_t qw_states_watched_until(const struct qw_states *states);

struct qw_states_counters {
	uint64_t given_up;   /* entries that others needed the place of */
	uint64_t taken_over; /* locks of processes that did not come back in time */
	uint64_t busy;       /* changes that were not made, because the lock could not be had */
};
struct qw_states_counters qw_states_counters(const struct qw_states *states);
