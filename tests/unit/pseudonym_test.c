/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/pseudonym.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "quaywatch/file.h"

/* The key of the original implementation's sample. */
static const uint8_t sample_key[QW_PSEUDONYM_KEY_BYTES] = {
	21, 34, 23, 141, 51, 164, 207, 128, 19, 10, 91, 22, 73, 144, 125, 16,
	216, 152, 143, 131, 121, 121, 101, 39, 98, 87, 76, 45, 42, 132, 34, 2,
};

/* IPv4: sample_trace_raw and sample_trace_sanitized of the original; IPv6: what its descendants agree on. */
static const struct {
	const char *real, *stand_in;
} vectors[] = {
	{"128.11.68.132", "135.242.180.132"},   {"129.118.74.4", "134.136.186.123"},
	{"130.132.252.244", "133.68.164.234"},  {"141.223.7.43", "141.167.8.160"},
	{"141.233.145.108", "141.129.237.235"}, {"152.163.225.39", "151.140.114.167"},
	{"156.29.3.236", "147.225.12.42"},      {"165.247.96.84", "162.9.99.234"},
	{"166.107.77.190", "160.132.178.185"},  {"192.102.249.13", "252.138.62.131"},
	{"192.215.32.125", "252.43.47.189"},    {"192.233.80.103", "252.25.108.8"},
	{"192.41.57.43", "252.222.221.184"},    {"193.150.244.223", "253.169.52.216"},
	{"195.205.63.100", "255.186.223.5"},    {"198.200.171.101", "249.199.68.213"},
	{"63.97.7.140", "95.97.9.123"},         {"64.14.118.196", "0.255.183.58"},
	{"64.34.154.117", "0.221.154.117"},     {"64.39.15.238", "0.219.7.41"},
	{"::1", "78ff:f001:9fc0:20df:8380:b1f1:704:ed"},
	{"::2", "78ff:f001:9fc0:20df:8380:b1f1:704:ef"},
	{"::ffff", "78ff:f001:9fc0:20df:8380:b1f1:704:f838"},
	{"2001:db8::1", "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1e"},
	{"2001:db8::2", "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1c"},
};

static int enter(void **state)
{
	return qw_pseudonym_new((struct qw_pseudonym **)state, sample_key) != QW_OK;
}

static int leave(void **state)
{
	qw_pseudonym_free(*state);
	return 0;
}

static struct qw_address address(const char *text)
{
	struct qw_address out;
	assert_true(qw_address_parse(text, strlen(text), &out));
	return out;
}

static unsigned shared_bits(const struct qw_address *a, const struct qw_address *b)
{
	unsigned bits = 0;

	while (bits < 128 && !((a->bytes[bits / 8] ^ b->bytes[bits / 8]) & 0x80 >> bits % 8))
		bits++;
	return bits;
}

static void addresses_get_the_stand_ins_that_were_published(void **state)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct qw_address real = address(vectors[i].real), want = address(vectors[i].stand_in);
		struct qw_address got = qw_pseudonym_address(*state, &real);
		if (!qw_address_equal(&got, &want))
			fail_msg("%s is not %s", vectors[i].real, vectors[i].stand_in);
	}
}

static void what_two_addresses_share_their_stand_ins_share(void **state)
{
	struct qw_address base = address("10.1.4.20"), base6 = address("fd00:1::20");
	struct qw_address stand_in = qw_pseudonym_address(*state, &base), stand_in6 = qw_pseudonym_address(*state, &base6);

	for (unsigned bit = 0; bit < 128; bit++) {
		struct qw_address near = base, near6 = base6;
		near.bytes[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
		near6.bytes[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
		struct qw_address got = qw_pseudonym_address(*state, &near), got6 = qw_pseudonym_address(*state, &near6);
		if (bit >= 96)
			assert_int_equal(shared_bits(&stand_in, &got), bit);
		assert_int_equal(shared_bits(&stand_in6, &got6), bit);
	}
}

static void names_differ_by_key_and_not_by_case(void **state)
{
	uint8_t other_key[QW_PSEUDONYM_KEY_BYTES] = {1};
	struct qw_pseudonym *other;
	char a[QW_PSEUDONYM_NAME_DIGITS + 1], b[QW_PSEUDONYM_NAME_DIGITS + 1];
	char two[160], same[160];

	assert_int_equal(qw_pseudonym_new(&other, other_key), QW_OK);
	qw_pseudonym_name(*state, qw_slice_text("hmi1.berth-100.example"), a);
	assert_int_equal(strspn(a, "0123456789abcdef"), QW_PSEUDONYM_NAME_DIGITS);
	assert_int_equal(strlen(a), QW_PSEUDONYM_NAME_DIGITS);
	qw_pseudonym_name(*state, qw_slice_text("HMI1.Berth-100.example"), b);
	assert_string_equal(a, b);
	qw_pseudonym_name(*state, qw_slice_text("hmi2.berth-100.example"), b);
	assert_string_not_equal(a, b);
	qw_pseudonym_name(other, qw_slice_text("hmi1.berth-100.example"), b);
	assert_string_not_equal(a, b);
	memset(two, 'x', sizeof(two));
	memcpy(same, two, sizeof(two));
	same[3] = 'y'; /* in what is hashed first of a long name */
	qw_pseudonym_name(*state, qw_slice(two, sizeof(two)), a);
	qw_pseudonym_name(*state, qw_slice(same, sizeof(same)), b);
	assert_string_not_equal(a, b);
	qw_pseudonym_free(other);
}

static void a_mac_becomes_one_that_nobody_sold(void **state)
{
	static const uint8_t mac[6] = {0x00, 0x1b, 0x1b, 0x11, 0x22, 0x33}, next[6] = {0x00, 0x1b, 0x1b, 0x11, 0x22, 0x34};
	uint8_t a[6], b[6];

	qw_pseudonym_mac(*state, mac, a);
	assert_int_equal(a[0] & 3, 2);
	assert_memory_not_equal(a, mac, sizeof(a));
	qw_pseudonym_mac(*state, next, b);
	assert_memory_not_equal(a, b, sizeof(a));
	qw_pseudonym_mac(*state, mac, b);
	assert_memory_equal(a, b, sizeof(a));
}

static void the_key_is_made_once_and_for_its_owner_alone(void **state)
{
	char path[] = "qw-pseudonym-XXXXXX";
	struct qw_address real = address("10.1.4.20"), first, second;
	struct qw_pseudonym *made;
	struct stat st;

	close(mkstemp(path));
	unlink(path);
	assert_int_equal(qw_pseudonym_open(&made, path), QW_OK);
	first = qw_pseudonym_address(made, &real);
	qw_pseudonym_free(made);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(qw_pseudonym_open(&made, path), QW_OK);
	second = qw_pseudonym_address(made, &real);
	qw_pseudonym_free(made);
	assert_true(qw_address_equal(&first, &second));
	unlink(path);
	assert_int_equal(qw_pseudonym_open(&made, path), QW_OK);
	second = qw_pseudonym_address(made, &real);
	qw_pseudonym_free(made);
	unlink(path);
	assert_false(qw_address_equal(&first, &second));
}

static void a_file_that_is_no_key_is_kept_and_refused(void **state)
{
	static const char *const wrong[] = {"", "abc\n", "zz341782", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff00"};
	char path[] = "qw-pseudonym-XXXXXX";
	struct qw_pseudonym *made;

	close(mkstemp(path));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(qw_file_replace(path, wrong[i], strlen(wrong[i]), 0600), QW_OK);
		assert_int_equal(qw_pseudonym_open(&made, path), QW_EFORMAT);
	}
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_get_the_stand_ins_that_were_published),
		cmocka_unit_test(what_two_addresses_share_their_stand_ins_share),
		cmocka_unit_test(names_differ_by_key_and_not_by_case),
		cmocka_unit_test(a_mac_becomes_one_that_nobody_sold),
		cmocka_unit_test(the_key_is_made_once_and_for_its_owner_alone),
		cmocka_unit_test(a_file_that_is_no_key_is_kept_and_refused),
	};
	return cmocka_run_group_tests(tests, enter, leave);
}
