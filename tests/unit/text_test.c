/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/text.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void numbers_are_written_as_printf_does(void **state)
{
	uint64_t value = 1;
	for (int i = 0; i < 400; i++) {
		char memory[32], theirs[32];
		struct qw_text text;
		uint64_t number = i < 200 ? (uint64_t)i : value;
		qw_text_init(&text, memory, sizeof(memory));
		qw_text_u64(&text, number);
		snprintf(theirs, sizeof(theirs), "%" PRIu64, number);
		assert_string_equal(qw_text_string(&text), theirs);
		qw_text_init(&text, memory, sizeof(memory));
		qw_text_i64(&text, (int64_t)number);
		snprintf(theirs, sizeof(theirs), "%" PRId64, (int64_t)number);
		assert_string_equal(qw_text_string(&text), theirs);
		value = value * 3 + 1;
	}
}

static void the_widest_numbers_fit(void **state)
{
	char memory[64];
	struct qw_text text;
	qw_text_init(&text, memory, sizeof(memory));
	qw_text_u64(&text, UINT64_MAX);
	qw_text_char(&text, ' ');
	qw_text_i64(&text, INT64_MIN);
	assert_string_equal(qw_text_string(&text), "18446744073709551615 -9223372036854775808");
}

static void what_does_not_fit_is_left_out_and_remembered(void **state)
{
	char memory[8];
	struct qw_text text;
	qw_text_init(&text, memory, sizeof(memory));
	qw_text_literal(&text, "abcde");
	qw_text_u64(&text, 12345);
	assert_true(text.cut);
	assert_int_equal(text.len, 5);
	qw_text_hex(&text, (const uint8_t *)"\xab\xcd", 2);
	qw_text_base64(&text, (const uint8_t *)"x", 1);
	assert_int_equal(text.len, 5);
	qw_text_format(&text, "%s", "fghij");
	assert_string_equal(qw_text_string(&text), "abcdefg");
}

static void a_full_text_gives_its_last_place_to_the_nul(void **state)
{
	char memory[4];
	struct qw_text text;
	qw_text_init(&text, memory, sizeof(memory));
	qw_text_literal(&text, "abcd");
	assert_false(text.cut);
	assert_string_equal(qw_text_string(&text), "abc");
	assert_true(text.cut);
}

static void hexadecimal_goes_both_ways(void **state)
{
	char memory[16];
	uint8_t bytes[4];
	struct qw_text text;
	qw_text_init(&text, memory, sizeof(memory));
	qw_text_hex(&text, (const uint8_t *)"\x00\x9f\xa0\xff", 4);
	assert_string_equal(qw_text_string(&text), "009fa0ff");
	assert_true(qw_hex_decode("009Fa0fF", 8, bytes));
	assert_memory_equal(bytes, "\x00\x9f\xa0\xff", 4);
	assert_false(qw_hex_decode("009", 3, bytes));
	assert_false(qw_hex_decode("0g", 2, bytes));
	assert_false(qw_hex_decode("0`", 2, bytes));
	assert_false(qw_hex_decode("@0", 2, bytes));
	assert_true(qw_hex_decode("", 0, bytes));
}

static void base64_is_that_of_rfc_4648(void **state)
{
	static const char *const rows[][2] = {{"", ""},		{"f", "Zg=="},	      {"fo", "Zm8="},	    {"foo", "Zm9v"},
					      {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"},
					      {"\xfb\xff\xfe", "+//+"}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char memory[16];
		struct qw_text text;
		qw_text_init(&text, memory, sizeof(memory));
		qw_text_base64(&text, (const uint8_t *)rows[i][0], strlen(rows[i][0]));
		assert_string_equal(qw_text_string(&text), rows[i][1]);
	}
}

static void the_nearest_name_is_found_and_far_ones_are_not(void **state)
{
	static const char *const names[] = {"capture.checksums", "capture.workers", "flow.memory", "content", "host"};
	size_t count = sizeof(names) / sizeof(names[0]);
	assert_string_equal(qw_nearest("capture.chekcsums", names, count), "capture.checksums");
	assert_string_equal(qw_nearest("contnet", names, count), "content");
	assert_string_equal(qw_nearest("hsot", names, count), "host"); /* one exchange, not two changes */
	assert_string_equal(qw_nearest("flow.memory", names, count), "flow.memory");
	assert_null(qw_nearest("ot.enabled", names, count));
	assert_null(qw_nearest("", names, count));
	assert_null(qw_nearest("xontxxt", names, count)); /* three of seven differ */
	assert_null(qw_nearest("x", names, 0));
	char longest[300];
	memset(longest, 'c', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = 0;
	assert_null(qw_nearest(longest, names, count));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_written_as_printf_does),
		cmocka_unit_test(the_widest_numbers_fit),
		cmocka_unit_test(what_does_not_fit_is_left_out_and_remembered),
		cmocka_unit_test(a_full_text_gives_its_last_place_to_the_nul),
		cmocka_unit_test(hexadecimal_goes_both_ways),
		cmocka_unit_test(base64_is_that_of_rfc_4648),
		cmocka_unit_test(the_nearest_name_is_found_and_far_ones_are_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
