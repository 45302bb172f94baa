/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses: one filter for both kinds of exact entries, one bit per /16 for
 * blocks.  Nearly every address on a wire is done after these two.
 */
#include "rules/indicator/decide.h"

enum { BITS_V4 = 96 };

static inline bool is_near(const struct qw_table *table, const uint8_t *four)
{
	uint32_t at = qw_be16(four);
	return table->blocks && table->near[at >> 3] >> (at & 7) & 1;
}

/* Prefixes are in the first part. */
static inline bool maybe(const struct qw_table *first, const struct qw_filter *filter, uint64_t hash,
			 const struct qw_address *address)
{
	if (qw_filter_holds(filter, hash))
		return true;
	return qw_address_is_v4(address) ? is_near(first, address->bytes + 12) : first->blocks;
}

static inline bool maybe_base(const struct qw_indicators *set, const struct qw_address *address)
{
	uint64_t hash = qw_mix_address(&set->seed[QW_SIDE_BASE], address);

	return maybe(&set->base->table[0], &set->base->address[qw_base_part(set, hash)], hash, address);
}

static inline bool maybe_overlay(const struct qw_indicators *set, const struct qw_address *address)
{
	uint64_t hash = qw_mix_address(&set->seed[QW_SIDE_OVERLAY], address);

	return maybe(&set->overlay, &set->overlay.address, hash, address);
}

static void hash_probe(const struct qw_indicators *set, struct qw_probe *probe, struct qw_slice key)
{
	probe->head = key;
	for (unsigned side = 0; side <= set->layered; side++) {
		const struct qw_seed *seed = &set->seed[side];
		probe->hash[side] = probe->group == QW_GROUP_V4 ? qw_mix_v4(seed, key.data)
					: probe->group == QW_GROUP_V6
					? qw_mix_v6(seed, key.data)
					: qw_mix_bytes(seed, seed->word[0], key.data, key.len);
	}
}

/* The first `bits` bits of the address and their number. */
static void cut_prefix(uint8_t key[17], const struct qw_address *address, unsigned bits)
{
	memset(key, 0, 16);
	memcpy(key, address->bytes, bits / 8);
	if (bits % 8)
		key[bits / 8] = (uint8_t)(address->bytes[bits / 8] & 0xff00 >> bits % 8);
	key[16] = (uint8_t)bits;
}

/* The longest length in use below `bits`, and at least `least`; 0: none. */
static unsigned next_length(const struct qw_indicators *set, unsigned bits, unsigned least)
{
	while (bits-- > least) {
		uint64_t word = set->lengths[bits >> 6] & (UINT64_MAX >> (63 - (bits & 63)));
		if (word == 0) {
			bits &= ~63u;
			continue;
		}
		bits = (bits & ~63u) + 63 - (unsigned)__builtin_clzll(word);
		return bits >= least ? bits : 0;
	}
	return 0;
}

/* Lengths in use from the longest; IPv6 blocks do not hold IPv4 addresses. */
static enum qw_verdict decide_prefix(const struct qw_indicators *set, struct qw_moment at,
				     const struct qw_address *address, struct qw_decision *out)
{
	unsigned least = qw_address_is_v4(address) ? BITS_V4 + 1 : 1;
	struct qw_probe probe = {.group = QW_GROUP_PREFIX, .type = QW_OBS_CIDR};
	uint8_t key[17];

	for (unsigned bits = 129; (bits = next_length(set, bits, least));) {
		cut_prefix(key, address, bits);
		hash_probe(set, &probe, qw_slice(key, sizeof(key)));
		if (!qw_probe_maybe(set, &probe))
			continue;
		enum qw_verdict verdict = qw_decide(set, at, &probe, out);
		if (verdict != QW_VERDICT_NONE)
			return verdict;
	}
	return QW_VERDICT_NONE;
}

static unsigned part_of(const struct qw_indicators *set, const struct qw_address *address)
{
	return qw_base_part(set, qw_mix_address(&set->seed[QW_SIDE_BASE], address));
}

static enum qw_verdict decide_port(const struct qw_indicators *set, struct qw_moment at,
				   const struct qw_address *address, uint16_t port, struct qw_decision *out)
{
	struct qw_probe probe = {.group = QW_GROUP_PORT, .type = QW_OBS_IP_PORT, .part = part_of(set, address)};
	uint8_t key[18];

	memcpy(key, address->bytes, 16);
	key[16] = (uint8_t)(port >> 8);
	key[17] = (uint8_t)port;
	hash_probe(set, &probe, qw_slice(key, sizeof(key)));
	return qw_decide(set, at, &probe, out);
}

enum qw_verdict qw_decide_address(const struct qw_indicators *set, struct qw_moment at,
				  const struct qw_address *address, uint16_t port, struct qw_decision *out)
{
	bool v4 = qw_address_is_v4(address);
	struct qw_probe probe = {.group = v4 ? QW_GROUP_V4 : QW_GROUP_V6, .type = QW_OBS_IP};
	enum qw_verdict verdict = QW_VERDICT_NONE;

	if (port && set->ports)
		verdict = decide_port(set, at, address, port, out);
	if (verdict == QW_VERDICT_NONE) {
		hash_probe(set, &probe, v4 ? qw_slice(address->bytes + 12, 4) : qw_slice(address->bytes, 16));
		qw_probe_place(&probe, set);
		verdict = qw_decide(set, at, &probe, out);
	}
	return verdict == QW_VERDICT_NONE ? decide_prefix(set, at, address, out) : verdict;
}

/* Apart from the quick answer, which then needs no stack. */
static __attribute__((noinline)) bool answer(const struct qw_indicators *set, struct qw_moment at,
					     const struct qw_address *address, uint16_t port, struct qw_hit *out)
{
	struct qw_decision decision;
	if (qw_decide_address(set, at, address, port, &decision) != QW_VERDICT_BLOCKED)
		return false;
	qw_hit_fill(out, &decision);
	return true;
}

static __attribute__((noinline)) bool answer_layered(const struct qw_indicators *set, struct qw_moment at,
						     const struct qw_address *address, uint16_t port,
						     struct qw_hit *out)
{
	if (maybe_base(set, address) || maybe_overlay(set, address))
		return answer(set, at, address, port, out);
	return false;
}

bool qw_indicators_address(const struct qw_indicators *set, struct qw_moment at, const struct qw_address *address,
			   uint16_t port, struct qw_hit *out)
{
	if (set->layered)
		return answer_layered(set, at, address, port, out);
	return maybe_base(set, address) && answer(set, at, address, port, out);
}

void qw_indicators_prefetch(const struct qw_indicators *set, const struct qw_address *address)
{
	if (!set->prefetch)
		return;
	uint64_t hash = qw_mix_address(&set->seed[QW_SIDE_BASE], address);
	const struct qw_filter *filter = &set->base->address[qw_base_part(set, hash)];
	__builtin_prefetch(&filter->words[qw_scale((uint32_t)hash, filter->count)]);
}
