/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters of headers, and where FTP says that its data goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sensor/protocol/ftp_address.h"
#include "sensor/protocol/parameter.h"

static const char *value_of(const char *header, const char *name)
{
	static char memory[64];
	struct qw_text text;
	qw_text_init(&text, memory, sizeof(memory));
	return qw_parameter(qw_slice_text(header), name, &text) ? qw_text_string(&text) : NULL;
}

static void quotes_and_backslashes_come_off(void **state)
{
	assert_string_equal(value_of("attachment; filename=a.exe", "filename"), "a.exe");
	assert_string_equal(value_of("attachment; filename=\"a; b.exe\"; size=3", "filename"), "a; b.exe");
	assert_string_equal(value_of("x; filename=\"a\\\"b.exe\"", "filename"), "a\"b.exe");
	assert_string_equal(value_of("x; filename=\"never closed", "filename"), "never closed");
	assert_string_equal(value_of("x ;\r\n\tFileName = a b.exe ;", "filename"), "a b.exe");
}

static void semicolons_may_be_missing_and_names_are_whole(void **state)
{
	assert_string_equal(value_of("attachment filename=a.exe", "filename"), "a.exe");
	assert_string_equal(value_of("x; xname=no; name=yes", "name"), "yes");
	assert_string_equal(value_of("x; note=\"name=no\"; name=yes", "name"), "yes");
	assert_null(value_of("x; filename=", "filename"));
	assert_null(value_of("x; filename", "filename"));
	assert_null(value_of("", "filename"));
}

static void pieces_and_percents_are_put_together(void **state)
{
	assert_string_equal(value_of("x; filename*0=\"in\"; filename*1=\"voice\"; filename*2=.exe", "filename"), "invoice.exe");
	assert_string_equal(value_of("x; filename*1=b; filename*0=a", "filename"), "ab");
	assert_string_equal(value_of("x; filename*0=a; filename*2=c", "filename"), "a");
	assert_string_equal(value_of("x; filename*=UTF-8'en'a%2Eexe%zz%", "filename"), "a.exe%zz%");
	assert_string_equal(value_of("x; filename*0*=''a%2; filename*1*=%2eexe", "filename"), "a%2.exe");
	/* What browsers take where both are given. */
	assert_string_equal(value_of("x; filename=a.txt; filename*=''a.exe", "filename"), "a.exe");
}

static void encoded_words_are_decoded(void **state)
{
	assert_string_equal(value_of("x; name=\"=?utf-8?B?aW52?= =?utf-8?q?oice=2Eexe?=\"", "name"), "invoice.exe");
	assert_string_equal(value_of("x; name=\"a =?utf-8?Q?b_c?= d\"", "name"), "a b c d");
	assert_string_equal(value_of("x; name=\"=?utf-8?x?no?=\"", "name"), "=?utf-8?x?no?=");
	assert_string_equal(value_of("x; name=\"=?utf-8?B?never closed\"", "name"), "=?utf-8?B?never closed");
}

static void what_does_not_fit_is_cut_and_says_so(void **state)
{
	char memory[4];
	struct qw_text text;
	qw_text_init(&text, memory, sizeof(memory));
	assert_true(qw_parameter(qw_slice_text("x; name=abcdefg"), "name", &text));
	assert_true(text.cut);
	assert_memory_equal(text.at, "abcd", 4);
}

/* ---- FTP */

static bool is_place(const struct qw_expected_place *place, const char *address, uint16_t port)
{
	struct qw_address wanted;
	assert_true(qw_address_parse(address, strlen(address), &wanted));
	return qw_address_equal(&place->address, &wanted) && place->port == port;
}

static void six_numbers_are_found_anywhere(void **state)
{
	struct qw_expected_place place;
	assert_true(qw_ftp_numbers(qw_slice_text("192,0,2,1,8,73"), &place));
	assert_true(is_place(&place, "192.0.2.1", 2121));
	assert_true(qw_ftp_numbers(qw_slice_text("Entering 1 Passive Mode (192,0,2,1, 8,73)."), &place));
	assert_true(is_place(&place, "192.0.2.1", 2121));
	assert_false(qw_ftp_numbers(qw_slice_text("192,0,2,256,8,73"), &place));
	assert_false(qw_ftp_numbers(qw_slice_text("192,0,2,1,8"), &place));
	assert_false(qw_ftp_numbers(qw_slice_text("192,0,2,1,0,0"), &place));
	assert_false(qw_ftp_numbers(qw_slice_text(""), &place));
}

static void extended_addresses_may_leave_the_address_out(void **state)
{
	struct qw_expected_place place = {.port = 1};
	assert_true(qw_ftp_extended(qw_slice_text("|2|2001:db8::1|2121|"), &place));
	assert_true(is_place(&place, "2001:db8::1", 2121));
	assert_true(qw_ftp_extended(qw_slice_text("Extended Passive Mode (|||2122|)"), &place));
	assert_true(is_place(&place, "2001:db8::1", 2122));
	assert_false(qw_ftp_extended(qw_slice_text("|||65536|"), &place));
	assert_false(qw_ftp_extended(qw_slice_text("|||0|"), &place));
	assert_false(qw_ftp_extended(qw_slice_text("|1|nowhere|21|"), &place));
	assert_false(qw_ftp_extended(qw_slice_text("|||"), &place));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotes_and_backslashes_come_off),
		cmocka_unit_test(semicolons_may_be_missing_and_names_are_whole),
		cmocka_unit_test(pieces_and_percents_are_put_together),
		cmocka_unit_test(encoded_words_are_decoded),
		cmocka_unit_test(what_does_not_fit_is_cut_and_says_so),
		cmocka_unit_test(six_numbers_are_found_anywhere),
		cmocka_unit_test(extended_addresses_may_leave_the_address_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
