/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hash - keyed hashes of short inputs.
 *
 * SipHash-1-3 (Aumasson and Bernstein, 2012) where an attacker chooses the
 * input and the result picks a place in a table: flows, folded alerts.
 * qw_mix64 (the finisher of splitmix64, Steele et al. 2014) for words that are
 * random already.  Long inputs, digests and signatures: libsodium.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct qw_hash_key {
	uint64_t k0, k1;
};

/* A fresh random key, from the system. */
struct qw_hash_key qw_hash_key_random(void);

uint64_t qw_siphash(struct qw_hash_key key, const void *data, size_t len);

static inline uint64_t qw_mix64(uint64_t x)
{
	x ^= x >> 30;
	x *= UINT64_C(0xBF58476D1CE4E5B9);
	x ^= x >> 27;
	x *= UINT64_C(0x94D049BB133111EB);
	return x ^ x >> 31;
}
