/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mix - keyed 64-bit hashes of indicator keys, and the filter they feed.
 *
 * Attackers choose the names and addresses that are looked up, so each image
 * has its own random seed.  A collision costs time and never a false match:
 * keys are always compared in full.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "quaywatch/address.h"
#include "quaywatch/bytes.h"
#include "rules/indicator/layout.h"

/* The folded 128-bit product. */
static inline uint64_t qw_fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t qw_load64(const uint8_t *at)
{
	uint64_t word;
	memcpy(&word, at, 8);
	return word;
}

static inline uint64_t qw_mix_v4(const struct qw_seed *seed, const uint8_t *four)
{
	return qw_fold(qw_be32(four) ^ seed->word[0], seed->word[1]);
}

static inline uint64_t qw_mix_v6(const struct qw_seed *seed, const uint8_t *sixteen)
{
	uint64_t high = qw_fold(qw_load64(sixteen) ^ seed->word[0], seed->word[1]);
	return qw_fold(high ^ qw_load64(sixteen + 8), seed->word[2]);
}

static inline uint64_t qw_mix_address(const struct qw_seed *seed, const struct qw_address *address)
{
	return qw_address_is_v4(address) ? qw_mix_v4(seed, address->bytes + 12) : qw_mix_v6(seed, address->bytes);
}

/* Goes on from hash with all of the bytes. */
static inline uint64_t qw_mix_bytes(const struct qw_seed *seed, uint64_t hash, const uint8_t *at, size_t len)
{
	hash ^= len * seed->word[2];
	for (; len >= 8; at += 8, len -= 8)
		hash = qw_fold(hash ^ qw_load64(at), seed->word[1]);
	uint64_t tail = 0;
	for (size_t i = 0; i < len; i++)
		tail |= (uint64_t)at[i] << 8 * i;
	return qw_fold(hash ^ tail, seed->word[1]);
}

/*
 * Goes on from the parent's hash with one label, whose bytes and the seven
 * after them may be read: one multiplication for each eight characters.
 */
static inline uint64_t qw_mix_label(const struct qw_seed *seed, uint64_t hash, const uint8_t *at, size_t len)
{
	for (; len > 8; at += 8, len -= 8)
		hash = qw_fold(hash ^ qw_load64(at), seed->word[1]);
	uint64_t word = qw_load64(at);
	if (len < 8)
		word &= (UINT64_C(1) << 8 * len) - 1;
	return qw_fold(hash ^ word, seed->word[1]);
}

/* ---- places */

static inline unsigned qw_part(uint64_t hash)
{
	return (unsigned)hash & (QW_INDICATOR_PARTS - 1);
}

static inline uint32_t qw_scale(uint32_t fraction, uint32_t size)
{
	return (uint32_t)((uint64_t)fraction * size >> 32);
}

static inline uint32_t qw_bucket(uint64_t hash, uint32_t buckets)
{
	return qw_scale((uint32_t)(hash >> 32), buckets);
}

/* A blocked Bloom filter: four bits of one word, 16 bits a key; wrong for about one absent key in 200. */
static inline uint64_t qw_filter_bits(uint64_t hash)
{
	return UINT64_C(1) << (hash >> 58) | UINT64_C(1) << (hash >> 52 & 63) | UINT64_C(1) << (hash >> 46 & 63) |
	       UINT64_C(1) << (hash >> 40 & 63);
}

static inline bool qw_filter_maybe(const uint64_t *words, uint32_t count, uint64_t hash)
{
	uint64_t bits = qw_filter_bits(hash);
	return (words[qw_scale((uint32_t)hash, count)] & bits) == bits;
}

static inline void qw_filter_set(uint64_t *words, uint32_t count, uint64_t hash)
{
	words[qw_scale((uint32_t)hash, count)] |= qw_filter_bits(hash);
}
