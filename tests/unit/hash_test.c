/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/*
 * SipHash-c-d written for reading, one byte after the other: v[] as in the
 * paper's figure 2.1, rounds counted by arguments.
 */
static void slow_round(uint64_t v[4])
{
	static const struct {
		uint8_t to, from, turn, swing; /* to += from; from <<<= turn; from ^= to; to <<<= swing */
	} steps[] = {{0, 1, 13, 32}, {2, 3, 16, 0}, {0, 3, 21, 0}, {2, 1, 17, 32}};
	for (int i = 0; i < 4; i++) {
		uint64_t *to = &v[steps[i].to], *from = &v[steps[i].from];
		*to += *from;
		*from = *from << steps[i].turn | *from >> (64 - steps[i].turn);
		*from ^= *to;
		if (steps[i].swing)
			*to = *to << 32 | *to >> 32;
	}
}

static uint64_t slow_siphash(int compress, int finish, struct qw_hash_key key, const uint8_t *data, size_t len)
{
	static const char start[4][9] = {"somepseu", "dorandom", "lygenera", "tedbytes"};
	uint64_t v[4] = {0};
	for (int i = 0; i < 4; i++) {
		for (int j = 0; j < 8; j++)
			v[i] = v[i] << 8 | (uint8_t)start[i][j];
		v[i] ^= i % 2 ? key.k1 : key.k0;
	}
	for (size_t begin = 0; begin <= len; begin += 8) {
		uint64_t word = begin + 8 > len ? (uint64_t)(len & 255) << 56 : 0;
		for (size_t i = begin; i < begin + 8 && i < len; i++)
			word += (uint64_t)data[i] << 8 * (i - begin);
		v[3] ^= word;
		for (int i = 0; i < compress; i++)
			slow_round(v);
		v[0] ^= word;
	}
	v[2] ^= 0xff;
	for (int i = 0; i < finish; i++)
		slow_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static const struct qw_hash_key PAPER_KEY = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};

static void fill(uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)i;
}

/* The paper gives one value, in appendix A, for SipHash-2-4: it proves the slow one. */
static void the_slow_siphash_gives_the_papers_value(void **state)
{
	uint8_t data[15];
	fill(data, sizeof(data));
	assert_true(slow_siphash(2, 4, PAPER_KEY, data, sizeof(data)) == UINT64_C(0xa129ca6149be45e5));
}

static void siphash_agrees_with_the_slow_one_for_all_lengths_and_alignments(void **state)
{
	uint8_t data[320];
	fill(data, sizeof(data));
	for (size_t shift = 0; shift < 8; shift++) {
		for (size_t len = 0; len < 300; len++) {
			struct qw_hash_key key = {qw_mix64(len + 1), qw_mix64(len + 1000)};
			assert_true(qw_siphash(key, data + shift, len) == slow_siphash(1, 3, key, data + shift, len));
		}
	}
}

/* Keys that differ in one bit, in their length, or in zeroes at the end fill 64 buckets evenly enough. */
static void the_quick_hash_spreads_what_is_alike(void **state)
{
	enum { LEN = 160, BUCKETS = 64, EACH = LEN * 8 / BUCKETS };
	const struct qw_hash_key key = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
	unsigned count[BUCKETS] = {0};
	uint8_t data[LEN] = {0};

	(void)state;
	for (size_t bit = 0; bit < LEN * 8; bit++) {
		data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		uint64_t hash = qw_hash_bytes(key, data, LEN);
		data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_true(hash != qw_hash_bytes(key, data, LEN));
		count[hash % BUCKETS]++;
	}
	for (size_t i = 0; i < BUCKETS; i++)
		assert_in_range(count[i], 1, 3 * EACH);
	for (size_t len = 0; len < LEN; len++)
		assert_true(qw_hash_bytes(key, data, len) != qw_hash_bytes(key, data, len + 1));
	assert_true(qw_hash_bytes(key, data, LEN) != qw_hash_bytes((struct qw_hash_key){key.k0, key.k1 ^ 1}, data, LEN));
}

static void random_keys_differ(void **state)
{
	struct qw_hash_key a = qw_hash_key_random(), b = qw_hash_key_random();
	assert_true(a.k0 != b.k0 && a.k1 != b.k1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_slow_siphash_gives_the_papers_value),
		cmocka_unit_test(siphash_agrees_with_the_slow_one_for_all_lengths_and_alignments),
		cmocka_unit_test(the_quick_hash_spreads_what_is_alike),
		cmocka_unit_test(random_keys_differ),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
