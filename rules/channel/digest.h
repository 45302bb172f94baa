/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digest - the additive multiset hash over a channel's entries.
 *
 * LtHash (Bellare and Micciancio, "A new paradigm for collision-free hashing",
 * 1997; lanes and their security level, 200 bits and more for 1 024 of 16:
 * Lewi, Kim, Maykov and Weis, "Securing update propagation with homomorphic
 * hashing", 2019).  Each entry is expanded to 1 024 lanes of 16 bits, and lanes
 * are added modulo 2^16 into the entry's bucket: adding and subtracting need
 * no order, and the sum says nothing of the way there.
 *
 * Expansion: seed = BLAKE2b-256 (RFC 7693, personalised), then 2 048 bytes of
 * ChaCha20 (RFC 8439's block function, 64-bit nonce 0) keyed by the seed; the
 * paper takes BLAKE2Xb, libsodium has no XOF, and each seed is used once, so
 * that the stream is as good a random oracle as its block function is.  All
 * hashes differ in their BLAKE2b personalisation.
 *
 * Each bucket's lanes are hashed to 32 bytes and these are kept: a change costs
 * its buckets (2 KB each) and one hash over 32 KB.  One thread.
 */
#pragma once

#include "rules/channel/key.h"

struct qw_lanes; /* 2 MB */

enum qw_err qw_lanes_new(struct qw_lanes **out) QW_MUSTCHECK;
void qw_lanes_free(struct qw_lanes *lanes); /* NULL is fine */

/* Of no entry, as new ones. */
void qw_lanes_clear(struct qw_lanes *lanes);

/* Adds or takes away one entry; the digest is old until qw_lanes_settle. */
void qw_lanes_add(struct qw_lanes *lanes, const struct qw_entry_key *key, const uint8_t *body, size_t len);
void qw_lanes_subtract(struct qw_lanes *lanes, const struct qw_entry_key *key, const uint8_t *body, size_t len);

/* Hashes the buckets that changed. */
void qw_lanes_settle(struct qw_lanes *lanes);

/* As of the last qw_lanes_settle. */
struct qw_digest qw_lanes_digest(const struct qw_lanes *lanes);
struct qw_digest qw_lanes_answer(const struct qw_lanes *lanes, const uint8_t nonce[16]);

/* The bucket of a key, below QW_CHANNEL_BUCKETS. */
unsigned qw_lanes_bucket(const struct qw_entry_key *key);

/* The hash of a bucket, QW_DIGEST_BYTES. */
const uint8_t *qw_lanes_sum(const struct qw_lanes *lanes, unsigned bucket);

bool qw_digest_equal(const struct qw_digest *a, const struct qw_digest *b);
