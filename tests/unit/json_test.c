/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/json.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool is_object(const char *text)
{
	return qw_json_is_object(text, strlen(text), 4, NULL);
}

static void an_object_is_written_with_its_commas(void **state)
{
	char memory[512];
	struct qw_text text;
	struct qw_address address;
	qw_text_init(&text, memory, sizeof(memory));
	struct qw_json json = qw_json(&text);
	assert_true(qw_address_parse("192.0.2.1", 9, &address));
	qw_json_open(&json, NULL, '{');
	qw_json_text(&json, "a", "b");
	qw_json_text(&json, "left out", NULL);
	qw_json_open(&json, "list", '[');
	qw_json_u64(&json, NULL, 1);
	qw_json_i64(&json, NULL, -2);
	qw_json_open(&json, NULL, '{');
	qw_json_close(&json, '}');
	qw_json_close(&json, ']');
	qw_json_bool(&json, "yes", true);
	qw_json_bool(&json, "no", false);
	qw_json_address(&json, "ip", &address);
	qw_json_text(&json, "k\"ey", "");
	qw_json_close(&json, '}');
	assert_string_equal(qw_text_string(&text), "{\"a\":\"b\",\"list\":[1,-2,{}],\"yes\":true,\"no\":false,"
						   "\"ip\":\"192.0.2.1\",\"k\\\"ey\":\"\"}");
}

static void decimals_are_rounded_without_a_locale(void **state)
{
	static const struct {
		double value;
		int decimals;
		const char *text;
	} rows[] = {
		{1.005, 1, "1.0"},
		{-0.05, 2, "-0.05"},
		{2.5, 0, "3"},
		{0, 3, "0.000"},
		{1e15, 2, "1000000000000000.00"},
		{NAN, 2, "null"},
		{-INFINITY, 2, "null"},
		{12.3456789, 9, "12.345678900"},
		{1e20, 2, "100000000000000000000"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char memory[64];
		struct qw_text text;
		qw_text_init(&text, memory, sizeof(memory));
		struct qw_json json = qw_json(&text);
		qw_json_fixed(&json, NULL, rows[i].value, rows[i].decimals);
		assert_string_equal(qw_text_string(&text), rows[i].text);
	}
}

static void whole_numbers_are_written_with_their_point(void **state)
{
	static const struct {
		int64_t value;
		unsigned decimals;
		const char *text;
	} rows[] = {
		{519485001, 7, "51.9485001"}, {-41205000, 7, "-4.1205"}, {-5, 7, "-0.0000005"}, {0, 7, "0"}, {500, 2, "5"},
		{5, 0, "5"}, {100, 0, "100"}, {INT64_MIN, 18, "-9.223372036854775808"}, {INT64_MAX, 99, "9.223372036854775807"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char memory[64];
		struct qw_text text;
		qw_text_init(&text, memory, sizeof(memory));
		struct qw_json json = qw_json(&text);
		qw_json_decimal(&json, NULL, rows[i].value, rows[i].decimals);
		assert_string_equal(qw_text_string(&text), rows[i].text);
	}
}

static const char *escaped(const char *data, size_t len)
{
	static char memory[4096];
	struct qw_text text;
	qw_text_init(&text, memory, sizeof(memory));
	qw_json_escape(&text, data, len);
	return qw_text_string(&text);
}

static void strings_are_escaped_and_never_invalid_utf8(void **state)
{
	assert_string_equal(escaped("plain ASCII of some length ~", 28), "plain ASCII of some length ~");
	assert_string_equal(escaped("a\"b\\c/d", 7), "a\\\"b\\\\c/d");
	assert_string_equal(escaped("\b\t\n\f\r\x00\x1f\x7f", 8), "\\b\\t\\n\\f\\r\\u0000\\u001f\x7f");
	assert_string_equal(escaped("\xc3\xa9\xe2\x82\xac\xf0\x9f\x9a\xa2", 9), "\xc3\xa9\xe2\x82\xac\xf0\x9f\x9a\xa2");
	assert_string_equal(escaped("\xff\xc3", 2), "\\u00ff\\u00c3");
	assert_string_equal(escaped("\xc0\x80", 2), "\\u00c0\\u0080");
	assert_string_equal(escaped("\xed\xa0\x80", 3), "\\u00ed\\u00a0\\u0080");
	assert_string_equal(escaped("\xe0\x80\xaf", 3), "\\u00e0\\u0080\\u00af");
	assert_string_equal(escaped("\xf0\x8f\xbf\xbf", 4), "\\u00f0\\u008f\\u00bf\\u00bf");
	assert_string_equal(escaped("\xf4\x90\x80\x80", 4), "\\u00f4\\u0090\\u0080\\u0080");
}

/* One odd byte at each place of words of all lengths: the fast scan must find it. */
static void an_odd_byte_is_found_wherever_it_stands(void **state)
{
	for (size_t len = 1; len < 40; len++) {
		for (size_t place = 0; place < len; place++) {
			for (unsigned c = 0; c < 256; c++) {
				char data[40];
				memset(data, 'x', sizeof(data));
				data[place] = (char)c;
				bool plain = c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
				const char *out = escaped(data, len);
				if (plain)
					assert_memory_equal(out, data, len);
				else
					assert_true(out[place] == '\\' && strlen(out) > len);
			}
		}
	}
}

static void any_bytes_become_an_object_that_the_check_accepts(void **state)
{
	srand(11);
	for (int i = 0; i < 20000; i++) {
		uint8_t data[64];
		char memory[1024];
		struct qw_text text;
		size_t len = (size_t)rand() % sizeof(data);
		for (size_t j = 0; j < len; j++)
			data[j] = rand() % 2 ? (uint8_t)rand() : "\xc3\xa9\xf0\x9f\"\\\xed"[rand() % 7];
		qw_text_init(&text, memory, sizeof(memory));
		struct qw_json json = qw_json(&text);
		qw_json_open(&json, NULL, '{');
		qw_json_string(&json, "s", data, len);
		qw_json_close(&json, '}');
		assert_false(text.cut);
		assert_true(qw_json_is_object(text.at, text.len, 1, NULL));
	}
}

static void objects_are_accepted(void **state)
{
	static const char *const rows[] = {
		"{}", " {\t} ", "{\"a\":1}", "{\"a\":[],\"b\":{}}", "{\"a\":[1,-2.5e+3,0,-0,1E9,0.1]}",
		"{\"a\" : [ true , false , null ] }", "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u0000\"}",
		"{\"a\":\"\\ud83d\\udea2\"}", "{\"a\":\"\xc3\xa9\"}", "{\"a\":{\"x\":1,\"x\":2}}", "{\"a\":[[{}]]}",
		"{\"\":0}", "{\"a\":{\"\\u0061\":1}}",
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!is_object(rows[i]))
			fail_msg("refused: %s", rows[i]);
	}
}

static void what_is_not_one_object_on_one_line_is_refused(void **state)
{
	static const char *const rows[] = {
		"", " ", "1", "[]", "\"a\"", "{", "}", "{}}", "{}{}", "{} x", "{,}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
		"{a:1}", "{'a':1}", "{\"a\":1 \"b\":2}", "{\"a\":[1,]}", "{\"a\":[,1]}", "{\"a\":[1}", "{\"a\":{]}",
		"{\"a\":01}", "{\"a\":+1}", "{\"a\":1.}", "{\"a\":.5}", "{\"a\":1e}", "{\"a\":-}", "{\"a\":tru}",
		"{\"a\":True}", "{\"a\":nan}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12g4\"}", "{\"a\":\"\\ud800\"}",
		"{\"a\":\"\\udc00\"}", "{\"a\":\"\\ud800\\u0041\"}", "{\"a\":\"\\ud800\\ud800\"}", "{\"a\":\"\xff\"}", "{\"a\":\"\xc3\"}", "{\"a\":\"\t\"}",
		"{\"a\":1\n}", "{\"a\":\r1}", "{}\n", "{\"a\":\"\n\"}", "{\"a\":1,\"a\":2}", "{\"\\u0061\":1}",
		"{\"a\":[[[[]]]]}", "{\"a\":\"unended", "{\"a\":\"\\", "{/**/}",
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (is_object(rows[i]))
			fail_msg("accepted: %s", rows[i]);
	}
	assert_false(qw_json_is_object("{\"a\0\":1}", 8, 4, NULL));
}

static void forbidden_keys_are_refused_at_the_top_only(void **state)
{
	static const char *const forbidden[] = {"quaywatch", "seq", NULL};
	assert_false(qw_json_is_object("{\"quaywatch\":{}}", 16, 4, forbidden));
	assert_false(qw_json_is_object("{\"a\":1,\"seq\":1}", 15, 4, forbidden));
	assert_true(qw_json_is_object("{\"a\":{\"seq\":1}}", 15, 4, forbidden));
	assert_true(qw_json_is_object("{\"sequence\":1}", 14, 4, forbidden));
}

static void nesting_ends_at_the_bound(void **state)
{
	char text[512];
	for (unsigned depth = 1; depth < 80; depth++) {
		memcpy(text, "{\"a\":", 5);
		memset(text + 5, '[', depth - 1);
		memset(text + 4 + depth, ']', depth - 1);
		size_t len = 5 + 2 * (depth - 1);
		if (depth == 1)
			text[len++] = '1';
		text[len++] = '}';
		assert_true(qw_json_is_object(text, len, depth, NULL) == (depth <= 64));
		assert_false(depth > 1 && qw_json_is_object(text, len, depth - 1, NULL));
	}
	assert_false(qw_json_is_object("{}", 2, 0, NULL));
}

static void too_many_keys_are_refused(void **state)
{
	for (unsigned keys = 256; keys <= 257; keys++) {
		char memory[8192];
		struct qw_text text;
		qw_text_init(&text, memory, sizeof(memory));
		struct qw_json json = qw_json(&text);
		qw_json_open(&json, NULL, '{');
		for (unsigned i = 0; i < keys; i++) {
			char key[8];
			snprintf(key, sizeof(key), "k%u", i);
			qw_json_u64(&json, key, i);
		}
		qw_json_close(&json, '}');
		assert_true(qw_json_is_object(text.at, text.len, 2, NULL) == (keys == 256));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_object_is_written_with_its_commas),
		cmocka_unit_test(decimals_are_rounded_without_a_locale),
		cmocka_unit_test(whole_numbers_are_written_with_their_point),
		cmocka_unit_test(strings_are_escaped_and_never_invalid_utf8),
		cmocka_unit_test(an_odd_byte_is_found_wherever_it_stands),
		cmocka_unit_test(any_bytes_become_an_object_that_the_check_accepts),
		cmocka_unit_test(objects_are_accepted),
		cmocka_unit_test(what_is_not_one_object_on_one_line_is_refused),
		cmocka_unit_test(forbidden_keys_are_refused_at_the_top_only),
		cmocka_unit_test(nesting_ends_at_the_bound),
		cmocka_unit_test(too_many_keys_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
