/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/channel/digest.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "quaywatch/hash.h"

enum { LANES_BYTES = QW_CHANNEL_LANES * sizeof(uint16_t), ALIGNMENT = 64, WORD_BITS = 64 };

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "lanes are little-endian on the wire and added in place");

/* BLAKE2b personalisations: what is hashed for one purpose never fits another. */
static const unsigned char FOR_ELEMENT[crypto_generichash_blake2b_PERSONALBYTES + 1] = "quaywatch elem 1";
static const unsigned char FOR_BUCKET[crypto_generichash_blake2b_PERSONALBYTES + 1] = "quaywatch bckt 1";
static const unsigned char FOR_SET[crypto_generichash_blake2b_PERSONALBYTES + 1] = "quaywatch  set 1";
static const unsigned char FOR_ANSWER[crypto_generichash_blake2b_PERSONALBYTES + 1] = "quaywatch answ 1";

/* Public: both ends must agree on an entry's bucket, and nothing but balance hangs on it. */
static const struct qw_hash_key BUCKET_KEY = {UINT64_C(0x7175617977617463), UINT64_C(0x6275636B65747331)};

struct qw_lanes {
	_Alignas(ALIGNMENT) uint16_t lanes[QW_CHANNEL_BUCKETS][QW_CHANNEL_LANES];
	uint8_t buckets[QW_CHANNEL_BUCKETS][QW_DIGEST_BYTES]; /* of the lanes, when last settled */
	uint64_t dirty[QW_CHANNEL_BUCKETS / WORD_BITS];
	struct qw_digest digest; /* of the buckets, when last settled */
};

static void hash(struct qw_digest *out, const unsigned char *purpose, const void *data, size_t len)
{
	crypto_generichash_blake2b_salt_personal(out->bytes, sizeof(out->bytes), data, len, NULL, 0, NULL, purpose);
}

void qw_lanes_clear(struct qw_lanes *lanes)
{
	memset(lanes, 0, sizeof(*lanes));
	/* Empty buckets are all alike: one is hashed. */
	struct qw_digest empty;
	hash(&empty, FOR_BUCKET, lanes->lanes[0], LANES_BYTES);
	for (unsigned bucket = 0; bucket < QW_CHANNEL_BUCKETS; bucket++)
		memcpy(lanes->buckets[bucket], empty.bytes, sizeof(empty.bytes));
	qw_lanes_settle(lanes);
}

enum qw_err qw_lanes_new(struct qw_lanes **out)
{
	struct qw_lanes *lanes = aligned_alloc(ALIGNMENT, sizeof(*lanes));
	if (!lanes)
		return QW_ENOMEM;
	qw_lanes_clear(lanes);
	*out = lanes;
	return QW_OK;
}

void qw_lanes_free(struct qw_lanes *lanes)
{
	free(lanes);
}

static void expand(uint16_t out[QW_CHANNEL_LANES], const uint8_t *body, size_t len)
{
	static const unsigned char nonce[crypto_stream_chacha20_NONCEBYTES] = {0};
	static_assert(crypto_stream_chacha20_KEYBYTES == QW_DIGEST_BYTES, "a seed is a key");
	struct qw_digest seed;
	hash(&seed, FOR_ELEMENT, body, len);
	crypto_stream_chacha20((unsigned char *)out, LANES_BYTES, nonce, seed.bytes);
}

unsigned qw_lanes_bucket(const struct qw_entry_key *key)
{
	return qw_siphash(BUCKET_KEY, key->bytes, key->len) % QW_CHANNEL_BUCKETS;
}

const uint8_t *qw_lanes_sum(const struct qw_lanes *lanes, unsigned bucket)
{
	return lanes->buckets[bucket];
}

/* The lanes of the key's bucket, which is dirty from now on. */
static uint16_t *touch(struct qw_lanes *lanes, const struct qw_entry_key *key)
{
	unsigned bucket = qw_lanes_bucket(key);
	lanes->dirty[bucket / WORD_BITS] |= UINT64_C(1) << bucket % WORD_BITS;
	return lanes->lanes[bucket];
}

void qw_lanes_add(struct qw_lanes *lanes, const struct qw_entry_key *key, const uint8_t *body, size_t len)
{
	_Alignas(ALIGNMENT) uint16_t element[QW_CHANNEL_LANES];
	expand(element, body, len);
	uint16_t *sum = touch(lanes, key);
	for (size_t lane = 0; lane < QW_CHANNEL_LANES; lane++)
		sum[lane] = (uint16_t)(sum[lane] + element[lane]);
}

void qw_lanes_subtract(struct qw_lanes *lanes, const struct qw_entry_key *key, const uint8_t *body, size_t len)
{
	_Alignas(ALIGNMENT) uint16_t element[QW_CHANNEL_LANES];
	expand(element, body, len);
	uint16_t *sum = touch(lanes, key);
	for (size_t lane = 0; lane < QW_CHANNEL_LANES; lane++)
		sum[lane] = (uint16_t)(sum[lane] - element[lane]);
}

void qw_lanes_settle(struct qw_lanes *lanes)
{
	for (unsigned bucket = 0; bucket < QW_CHANNEL_BUCKETS; bucket++) {
		if (!(lanes->dirty[bucket / WORD_BITS] >> bucket % WORD_BITS & 1))
			continue;
		struct qw_digest digest;
		hash(&digest, FOR_BUCKET, lanes->lanes[bucket], LANES_BYTES);
		memcpy(lanes->buckets[bucket], digest.bytes, sizeof(digest.bytes));
	}
	memset(lanes->dirty, 0, sizeof(lanes->dirty));
	hash(&lanes->digest, FOR_SET, lanes->buckets, sizeof(lanes->buckets));
}

struct qw_digest qw_lanes_digest(const struct qw_lanes *lanes)
{
	return lanes->digest;
}

struct qw_digest qw_lanes_answer(const struct qw_lanes *lanes, const uint8_t nonce[16])
{
	struct qw_digest out;
	crypto_generichash_blake2b_state state;
	crypto_generichash_blake2b_init_salt_personal(&state, NULL, 0, sizeof(out.bytes), NULL, FOR_ANSWER);
	crypto_generichash_blake2b_update(&state, nonce, 16);
	crypto_generichash_blake2b_update(&state, (const uint8_t *)lanes->buckets, sizeof(lanes->buckets));
	crypto_generichash_blake2b_final(&state, out.bytes, sizeof(out.bytes));
	return out;
}

bool qw_digest_equal(const struct qw_digest *a, const struct qw_digest *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}
