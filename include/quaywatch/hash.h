/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hash - keyed hashes of short inputs.
 *
 * SipHash-1-3 (Aumasson and Bernstein, 2012) where an attacker chooses the
 * input and the result picks a place in a table: flows, folded alerts.
 * qw_hash_bytes, three times as fast and of less study, where the keys are long
 * and nobody sees what comes out: rows of the watch, frames that repeat.
 * qw_mix64 (the finisher of splitmix64, Steele et al. 2014) for words that are
 * random already.  Long inputs, digests and signatures: libsodium.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "quaywatch/bytes.h"

struct qw_hash_key {
	uint64_t k0, k1;
};

/* A fresh random key, from the system. */
struct qw_hash_key qw_hash_key_random(void);

struct qw_siphash_state {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t qw_rotate_left(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static inline struct qw_siphash_state qw_siphash_round(struct qw_siphash_state s)
{
	s.v0 += s.v1;
	s.v1 = qw_rotate_left(s.v1, 13) ^ s.v0;
	s.v0 = qw_rotate_left(s.v0, 32);
	s.v2 += s.v3;
	s.v3 = qw_rotate_left(s.v3, 16) ^ s.v2;
	s.v0 += s.v3;
	s.v3 = qw_rotate_left(s.v3, 21) ^ s.v0;
	s.v2 += s.v1;
	s.v1 = qw_rotate_left(s.v1, 17) ^ s.v2;
	s.v2 = qw_rotate_left(s.v2, 32);
	return s;
}

/* One round for each word of input. */
static inline struct qw_siphash_state qw_siphash_word(struct qw_siphash_state s, uint64_t word)
{
	s.v3 ^= word;
	s = qw_siphash_round(s);
	s.v0 ^= word;
	return s;
}

/* SipHash-1-3 of any bytes.  Inline, so that a length known to the compiler unrolls. */
static inline uint64_t qw_siphash(struct qw_hash_key key, const void *data, size_t len)
{
	struct qw_siphash_state s = {
		key.k0 ^ UINT64_C(0x736f6d6570736575),
		key.k1 ^ UINT64_C(0x646f72616e646f6d),
		key.k0 ^ UINT64_C(0x6c7967656e657261),
		key.k1 ^ UINT64_C(0x7465646279746573),
	};
	const uint8_t *at = (const uint8_t *)data;
	uint64_t last = (uint64_t)len << 56;

	for (size_t words = len / 8; words > 0; words--, at += 8)
		s = qw_siphash_word(s, qw_le64(at));
	for (size_t i = 0; i < len % 8; i++)
		last |= (uint64_t)at[i] << 8 * i;
	s = qw_siphash_word(s, last);
	s.v2 ^= 0xff;
	s = qw_siphash_round(qw_siphash_round(qw_siphash_round(s)));
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

/* A product of 64 by 64 bits whose halves are joined (Wang, "wyhash"): with secrets xored in, a step of a keyed hash. */
static inline uint64_t qw_hash_step(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Goes on with a sum by some more bytes; none are nothing. */
static inline uint64_t qw_hash_add(struct qw_hash_key key, uint64_t sum, const uint8_t *at, size_t len)
{
	uint64_t word[2];

	for (; len >= sizeof(word); at += sizeof(word), len -= sizeof(word)) {
		memcpy(word, at, sizeof(word));
		sum = qw_hash_step(word[0] ^ sum, word[1] ^ key.k1);
	}
	if (len == 0)
		return sum;
	word[0] = word[1] = 0;
	memcpy(word, at, len);
	return qw_hash_step(word[0] ^ sum, word[1] ^ key.k0 ^ len);
}

static inline uint64_t qw_hash_bytes(struct qw_hash_key key, const void *data, size_t len)
{
	return qw_hash_step(qw_hash_add(key, key.k0, data, len) ^ key.k1, key.k0 ^ len);
}

static inline uint64_t qw_mix64(uint64_t x)
{
	x ^= x >> 30;
	x *= UINT64_C(0xBF58476D1CE4E5B9);
	x ^= x >> 27;
	x *= UINT64_C(0x94D049BB133111EB);
	return x ^ x >> 31;
}
