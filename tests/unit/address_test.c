/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/address.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *written(const struct qw_address *address)
{
	static char memory[QW_ADDRESS_TEXT_MAX];
	struct qw_text text;
	qw_text_init(&text, memory, sizeof(memory));
	qw_text_address(&text, address);
	assert_false(text.cut);
	return qw_text_string(&text);
}

static void addresses_are_written_in_canonical_form(void **state)
{
	static const char *const rows[][2] = {
		{"192.0.2.1", "192.0.2.1"},
		{"0.0.0.0", "0.0.0.0"},
		{"255.100.10.9", "255.100.10.9"},
		{"::ffff:192.0.2.1", "192.0.2.1"},
		{"::", "::"},
		{"::1", "::1"},
		{"1::", "1::"},
		{"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
		{"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
		{"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
		{"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
		{"fe80::0123:4567:89ab:cdef", "fe80::123:4567:89ab:cdef"},
		{"1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"},
		{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct qw_address address;
		if (!qw_address_parse(rows[i][0], strlen(rows[i][0]), &address))
			fail_msg("\"%s\" was not read", rows[i][0]);
		assert_string_equal(written(&address), rows[i][1]);
	}
}

/* The system's own text of the same bytes, but for its mixed notation of ::a.b.c.d. */
static void written_addresses_agree_with_inet_ntop(void **state)
{
	srand(7);
	for (int i = 0; i < 20000; i++) {
		struct qw_address address;
		char theirs[INET6_ADDRSTRLEN];
		for (int j = 0; j < 16; j++)
			address.bytes[j] = rand() % 3 ? 0 : (uint8_t)rand();
		address.bytes[0] |= 0x20;
		assert_non_null(inet_ntop(AF_INET6, address.bytes, theirs, sizeof(theirs)));
		assert_string_equal(written(&address), theirs);
		struct qw_address back;
		assert_true(qw_address_parse(theirs, strlen(theirs), &back));
		assert_true(qw_address_equal(&address, &back));
	}
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const rows[] = {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4", ":",
					   ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "g::", "fe80::1%eth0",
					   "::1.2.3", "0x7f.1.1.1",
					   "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct qw_address address = {{1}}, before = address;
		if (qw_address_parse(rows[i], strlen(rows[i]), &address))
			fail_msg("\"%s\" was read", rows[i]);
		assert_true(qw_address_equal(&address, &before));
	}
	struct qw_address address;
	assert_false(qw_address_parse("1.2.3.4\0005", 9, &address));
}

static void prefixes_are_read_and_their_host_bits_cleared(void **state)
{
	static const struct {
		const char *text, *address;
		unsigned bits;
	} rows[] = {
		{"192.0.2.77/24", "192.0.2.0", 120},   {"10.1.2.3", "10.1.2.3", 128},	 {"0.0.0.0/0", "0.0.0.0", 96},
		{"10.255.255.255/9", "10.128.0.0", 105}, {"2001:db8:ffff::/33", "2001:db8:8000::", 33},
		{"::1", "::1", 128},			 {"::/0", "::", 0},	 {"::ffff:192.0.2.9/120", "192.0.2.0", 120},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct qw_prefix prefix;
		if (!qw_prefix_parse(rows[i].text, strlen(rows[i].text), &prefix))
			fail_msg("\"%s\" was not read", rows[i].text);
		assert_string_equal(written(&prefix.address), rows[i].address);
		assert_int_equal(prefix.bits, rows[i].bits);
	}
}

static void what_is_no_prefix_is_refused(void **state)
{
	static const char *const rows[] = {"", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/-1",
					   "10.0.0.0/8 ", "::/129", "10.0.0.0/8/8", "::/0128", "10.0.0.0/256"};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct qw_prefix prefix;
		if (qw_prefix_parse(rows[i], strlen(rows[i]), &prefix))
			fail_msg("\"%s\" was read", rows[i]);
	}
}

/* Bit by bit, the slow way. */
static bool holds_slowly(const struct qw_prefix *prefix, const struct qw_address *address)
{
	for (unsigned bit = 0; bit < prefix->bits; bit++) {
		uint8_t mask = (uint8_t)(0x80 >> bit % 8);
		if ((prefix->address.bytes[bit / 8] ^ address->bytes[bit / 8]) & mask)
			return false;
	}
	return true;
}

static void a_prefix_holds_exactly_the_addresses_that_begin_with_it(void **state)
{
	srand(3);
	for (unsigned bits = 0; bits <= 128; bits++) {
		for (unsigned flip = 0; flip < 128; flip++) {
			struct qw_prefix prefix = {.bits = (uint8_t)bits};
			for (int i = 0; i < 16; i++)
				prefix.address.bytes[i] = (uint8_t)rand();
			struct qw_address address = prefix.address;
			assert_true(qw_prefix_holds(&prefix, &address));
			address.bytes[flip / 8] ^= (uint8_t)(0x80 >> flip % 8);
			assert_int_equal(qw_prefix_holds(&prefix, &address), holds_slowly(&prefix, &address));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_written_in_canonical_form),
		cmocka_unit_test(written_addresses_agree_with_inet_ntop),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(prefixes_are_read_and_their_host_bits_cleared),
		cmocka_unit_test(what_is_no_prefix_is_refused),
		cmocka_unit_test(a_prefix_holds_exactly_the_addresses_that_begin_with_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
