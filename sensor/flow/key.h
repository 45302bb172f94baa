/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key - what makes packets one flow, and its keyed hash.
 *
 * Inline: it runs for every packet.  Any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "quaywatch/bytes.h"
#include "quaywatch/flow.h"
#include "quaywatch/hash.h"
#include "quaywatch/packet.h"

_Static_assert(sizeof(struct qw_flow_key) == 40 && offsetof(struct qw_flow_key, low_port) == 32, "five words, no padding");

static inline uint64_t qw_flow_key_word(const void *at)
{
	uint64_t word;
	memcpy(&word, at, sizeof(word));
	return word;
}

static inline bool qw_flow_key_equal(const struct qw_flow_key *a, const struct qw_flow_key *b)
{
	const char *x = (const char *)a, *y = (const char *)b;
	uint64_t differ = 0;
	for (int at = 0; at < 40; at += 8)
		differ |= qw_flow_key_word(x + at) ^ qw_flow_key_word(y + at);
	return differ == 0;
}

struct qw_flow_sip {
	uint64_t a, b, c, d;
};

static inline uint64_t qw_flow_rotate(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void qw_flow_sip_round(struct qw_flow_sip *s)
{
	s->a += s->b, s->b = qw_flow_rotate(s->b, 13) ^ s->a, s->a = qw_flow_rotate(s->a, 32);
	s->c += s->d, s->d = qw_flow_rotate(s->d, 16) ^ s->c;
	s->a += s->d, s->d = qw_flow_rotate(s->d, 21) ^ s->a;
	s->c += s->b, s->b = qw_flow_rotate(s->b, 17) ^ s->c, s->c = qw_flow_rotate(s->c, 32);
}

static inline void qw_flow_sip_word(struct qw_flow_sip *s, uint64_t word)
{
	s->d ^= word;
	qw_flow_sip_round(s);
	s->a ^= word;
}

/* The table's own secret; fresh for every table. */
struct qw_flow_secret {
	uint64_t word[8];
};

static inline bool qw_flow_key_is_v4(const struct qw_flow_key *key)
{
	return qw_address_is_v4(&key->low) && qw_address_is_v4(&key->high);
}

static inline uint64_t qw_flow_key_v4_pair(const struct qw_flow_key *key)
{
	uint32_t low, high;
	memcpy(&low, key->low.bytes + 12, 4);
	memcpy(&high, key->high.bytes + 12, 4);
	return (uint64_t)high << 32 | low;
}

static inline unsigned __int128 qw_flow_times(uint64_t a, uint64_t b)
{
	return (unsigned __int128)a * b;
}

/*
 * The place in the table: NH (Black, Halevi, Krawczyk, Krovetz, Rogaway: UMAC,
 * CRYPTO 1999), twice.  For who does not know the secret, and sees no result,
 * two keys meet with a probability of 2^-64 before the second round; a
 * SipHash-1-3 of the same words is three times as long, for every packet.
 */
static inline uint64_t qw_flow_key_place(const struct qw_flow_secret *secret, const struct qw_flow_key *key)
{
	const uint64_t *k = secret->word;
	uint64_t rest = qw_flow_key_word((const char *)key + offsetof(struct qw_flow_key, low_port));
	unsigned __int128 sum;
	if (__builtin_expect(qw_flow_key_is_v4(key), 1))
		sum = qw_flow_times(qw_flow_key_v4_pair(key) + k[0], rest + k[1]);
	else
		sum = qw_flow_times(qw_flow_key_word(key->low.bytes) + k[2], qw_flow_key_word(key->low.bytes + 8) + k[3]) +
		      qw_flow_times(qw_flow_key_word(key->high.bytes) + k[4], qw_flow_key_word(key->high.bytes + 8) + k[5]) +
		      qw_flow_times(rest + k[0], k[1]);
	return (uint64_t)(qw_flow_times((uint64_t)sum + k[6], (uint64_t)(sum >> 64) + k[7]) >> 32);
}

/*
 * A name that does not change: SipHash-1-3.  Two IPv4 addresses are one word, so that most packets hash two
 * words and not five; the length word keeps the two forms apart.
 */
static inline uint64_t qw_flow_key_hash(struct qw_hash_key secret, const struct qw_flow_key *key)
{
	struct qw_flow_sip s = {
	    secret.k0 ^ UINT64_C(0x736F6D6570736575),
	    secret.k1 ^ UINT64_C(0x646F72616E646F6D),
	    secret.k0 ^ UINT64_C(0x6C7967656E657261),
	    secret.k1 ^ UINT64_C(0x7465646279746573),
	};
	uint64_t length = UINT64_C(16) << 56;
	if (__builtin_expect(qw_flow_key_is_v4(key), 1)) {
		qw_flow_sip_word(&s, qw_flow_key_v4_pair(key));
	} else {
		length = UINT64_C(40) << 56;
		qw_flow_sip_word(&s, qw_flow_key_word(key->low.bytes));
		qw_flow_sip_word(&s, qw_flow_key_word(key->low.bytes + 8));
		qw_flow_sip_word(&s, qw_flow_key_word(key->high.bytes));
		qw_flow_sip_word(&s, qw_flow_key_word(key->high.bytes + 8));
	}
	qw_flow_sip_word(&s, qw_flow_key_word((const char *)key + offsetof(struct qw_flow_key, low_port)));
	qw_flow_sip_word(&s, length);
	s.c ^= 0xff;
	qw_flow_sip_round(&s);
	qw_flow_sip_round(&s);
	qw_flow_sip_round(&s);
	return s.a ^ s.b ^ s.c ^ s.d;
}

/* Questions and answers of ICMP that carry an identifier. */
static inline bool qw_flow_key_icmp_has_id(const struct qw_packet *packet)
{
	const uint64_t four = 1 << 0 | 1 << 8 | 1 << 13 | 1 << 14 | 1 << 15 | 1 << 16 | 1 << 17 | 1 << 18;
	if (packet->proto == QW_PROTO_ICMP)
		return packet->icmp_type < 64 && (four >> packet->icmp_type & 1);
	return packet->icmp_type == 128 || packet->icmp_type == 129;
}

/* Negative, 0, positive, as memcmp, which would be a call for each packet. */
static inline int qw_flow_key_order(const struct qw_address *a, const struct qw_address *b)
{
	uint64_t a_high = qw_be64(a->bytes), b_high = qw_be64(b->bytes);
	uint64_t a_low = qw_be64(a->bytes + 8), b_low = qw_be64(b->bytes + 8);
	int high = (a_high > b_high) - (a_high < b_high), low = (a_low > b_low) - (a_low < b_low);
	return high ? high : low;
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "ports, tag, protocol and layer are put as one word");

/* All that follows the addresses.  One store: the hash reads it as one word, and would wait for five. */
static inline void qw_flow_key_put_rest(struct qw_flow_key *key, uint16_t low_port, uint16_t high_port, uint16_t vlan,
					const struct qw_packet *packet)
{
	uint64_t layer = (packet->flags & QW_PACKET_TUNNELED) != 0;
	uint64_t rest = low_port | (uint64_t)high_port << 16 | (uint64_t)vlan << 32 | (uint64_t)packet->proto << 48 |
			layer << 56;
	memcpy((char *)key + offsetof(struct qw_flow_key, low_port), &rest, sizeof(rest));
}

static inline void qw_flow_key_of(const struct qw_packet *packet, bool with_vlan, struct qw_flow_key *key)
{
	int order = qw_flow_key_order(&packet->src, &packet->dst);
	bool src_is_low = order < 0 || (order == 0 && packet->sport <= packet->dport);
	/* Either end comes first about as often as the other: chosen, not branched for. */
	const struct qw_address *low = src_is_low ? &packet->src : &packet->dst;
	const struct qw_address *high = src_is_low ? &packet->dst : &packet->src;
	uint16_t low_port = src_is_low ? packet->sport : packet->dport;
	uint16_t high_port = src_is_low ? packet->dport : packet->sport;
	uint16_t vlan = with_vlan && packet->vlan_count ? packet->vlan[0] : 0;
	key->low = *low;
	key->high = *high;
	if (__builtin_expect(packet->proto == QW_PROTO_ICMP || packet->proto == QW_PROTO_ICMPV6, 0)) {
		bool has_id = (packet->flags & QW_PACKET_TRANSPORT) && qw_flow_key_icmp_has_id(packet);
		low_port = has_id ? qw_be16(packet->transport + 4) : 0;
		high_port = 0;
	}
	qw_flow_key_put_rest(key, low_port, high_port, vlan, packet);
}

static inline bool qw_flow_key_sender_is_low(const struct qw_packet *packet, const struct qw_flow_key *key)
{
	if (!qw_address_equal(&key->low, &key->high))
		return qw_address_equal(&packet->src, &key->low);
	return packet->sport <= packet->dport;
}
