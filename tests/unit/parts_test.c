/* SPDX-License-Identifier: Apache-2.0 */
/* What parsers have in common, part by part. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sensor/protocol/ber.h"
#include "sensor/protocol/chunks.h"
#include "sensor/protocol/coding.h"
#include "sensor/protocol/netbios.h"
#include "sensor/protocol/ntlmssp.h"
#include "sensor/protocol/rpc.h"

#define BYTES(literal) qw_bytes((const uint8_t *)(literal), sizeof(literal) - 1)

static void expect(struct qw_bytes bytes, const char *text)
{
	assert_int_equal(bytes.left, strlen(text));
	assert_memory_equal(bytes.at, text, bytes.left);
}

/* ---- BER */

static void an_element_ends_within_what_it_stands_in(void **state)
{
	struct qw_bytes in = BYTES("\x04\3abc\x04\x81\2de\x04\5short"), body;
	struct qw_ber element;

	assert_true(qw_ber_next(&in, &element));
	expect(element.body, "abc");
	assert_true(qw_ber_take(&in, QW_BER_OCTETS, &body));
	expect(body, "de");
	in.left--;
	assert_false(qw_ber_next(&in, &element));
	assert_int_equal(in.left, 6); /* it stays */
}

static void lengths_that_cannot_be_are_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} rows[] = {{"\x04\x80\0\0", 4}, {"\x04\x85\0\0\0\0\1a", 8}, {"\x04\x84\xff\xff\xff\xff", 6}, {"\x04", 1}, {"\x1f\x81", 2},
		    {"\x04\x82\1", 3}};
	struct qw_ber element;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct qw_bytes in = qw_bytes((const uint8_t *)rows[i].bytes, rows[i].len);
		assert_false(qw_ber_next(&in, &element));
		assert_int_equal(in.left, rows[i].len);
	}
}

static void integers_are_signed_and_have_at_most_eight_bytes(void **state)
{
	struct qw_bytes in = BYTES("\2\1\xff\2\2\1\0\2\x08\x7f\xff\xff\xff\xff\xff\xff\xff\2\x09\0\0\0\0\0\0\0\0\1");
	int64_t number;

	assert_true(qw_ber_integer(&in, QW_BER_INTEGER, &number));
	assert_int_equal(number, -1);
	assert_true(qw_ber_integer(&in, QW_BER_INTEGER, &number));
	assert_int_equal(number, 256);
	assert_true(qw_ber_integer(&in, QW_BER_INTEGER, &number));
	assert_true(number == INT64_MAX);
	assert_false(qw_ber_integer(&in, QW_BER_INTEGER, &number));
}

static void an_object_identifier_is_text(void **state)
{
	char memory[64];
	struct qw_text text;

	qw_text_init(&text, memory, sizeof(memory));
	qw_ber_oid_text(&text, BYTES("\x2b\6\1\4\1\x82\x37\x15"));
	assert_string_equal(qw_text_string(&text), "1.3.6.1.4.1.311.21");
}

/* ---- RPC */

static void a_call_says_whom_it_asks(void **state)
{
	struct qw_rpc rpc;
	struct qw_bytes call = BYTES("\0\0\0\7\0\0\0\0\0\0\0\2\0\1\x86\xa3\0\0\0\3\0\0\0\6"
				     "\0\0\0\1\0\0\0\4cred\0\0\0\0\0\0\0\0args");

	assert_true(qw_rpc_parse(&rpc, call));
	assert_int_equal(rpc.xid, 7);
	assert_int_equal(rpc.program, 100003);
	assert_int_equal(rpc.version, 3);
	assert_int_equal(rpc.procedure, 6);
	expect(rpc.body, "args");
	for (size_t len = 0; len < call.left - 4; len++)
		assert_false(qw_rpc_parse(&rpc, qw_bytes(call.at, len)));
}

static void a_reply_is_what_follows_its_kind(void **state)
{
	struct qw_rpc rpc;

	assert_true(qw_rpc_parse(&rpc, BYTES("\0\0\0\7\0\0\0\1rest")));
	assert_true(rpc.is_reply);
	expect(rpc.body, "rest");
	assert_false(qw_rpc_parse(&rpc, BYTES("\0\0\0\7\0\0\0\2rest")));
}

static void opaque_bytes_are_filled_up(void **state)
{
	struct qw_bytes in = BYTES("\0\0\0\5hello\0\0\0\0\0\0\3abc"), out;

	assert_true(qw_xdr_opaque(&in, &out));
	expect(out, "hello");
	assert_false(qw_xdr_opaque(&in, &out)); /* its filling is not there */
	assert_int_equal(in.left, 7);
	assert_int_equal(qw_rpc_fragment((const uint8_t *)"\x80\0\1\0", 4), 260);
	assert_int_equal(qw_rpc_fragment((const uint8_t *)"\x80\0\1\0", 3), 0);
}

/* ---- NTLM */

/* Domain "AB" and user "c", at 64 and 68, behind whatever wraps it. */
#define LOGON                                                                              \
	"NTLMSSP\0\3\0\0\0"                                                                 \
	"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"                                                   \
	"\4\0\4\0\x40\0\0\0\2\0\2\0\x44\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0A\0B\0c\0"

static void a_log_on_is_found_in_what_wraps_it(void **state)
{
	static const char blob[] = "\x60\x44wrapped" LOGON;
	struct qw_ntlmssp logon;
	size_t len = sizeof(blob) - 1;

	assert_true(qw_ntlmssp_find(qw_slice(blob, len), &logon));
	assert_true(logon.unicode);
	assert_int_equal(logon.domain.len, 4);
	assert_memory_equal(logon.domain.data, "A\0B\0", 4);
	assert_int_equal(logon.user.len, 2);
	assert_memory_equal(logon.user.data, "c\0", 2);
	for (size_t cut = 0; cut < len; cut++)
		assert_false(qw_ntlmssp_find(qw_slice(blob, cut), &logon));
}

static void other_messages_of_ntlm_are_no_log_on(void **state)
{
	char blob[sizeof(LOGON)];
	struct qw_ntlmssp logon;

	memcpy(blob, LOGON, sizeof(blob));
	blob[8] = 1;
	assert_false(qw_ntlmssp_find(qw_slice(blob, sizeof(blob) - 1), &logon));
	blob[8] = 3;
	blob[32] = 0x7f; /* the domain lies beyond the message */
	assert_false(qw_ntlmssp_find(qw_slice(blob, sizeof(blob) - 1), &logon));
}

/* ---- NetBIOS */

static void first_bytes_tell_the_session_service(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		int sure;
	} rows[] = {
	    {"\0\0\0\x40\xffSMB", 8, 1}, {"\0\0\0\x40\xfeSMB", 8, 1}, {"\0\0\0\x40\xfeSM", 7, -1}, {"\0\0\0\x40GET ", 8, 0},
	    {"GET / HTTP", 10, 0},	 {"\x85\0\0\0", 4, -1},	      {"\x85\0\0\0\0\0\0\x40\xfeSMB", 12, 1}, {"", 0, -1},
	    {"\x81\0\0\x44\x20zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", 37, 0},
	    {"\x81\0\0\x44\x20" "CACACACACACACACACACACACACACACACA", 37, 1},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(qw_netbios_probe((const uint8_t *)rows[i].bytes, rows[i].len), rows[i].sure);
}

/* ---- codings */

static void base64_may_be_cut_anywhere_and_holds_what_is_no_digit(void **state)
{
	static const char coded[] = "RV\r\nZJTC1D\tUkFORS0xNw==", plain[] = "EVIL-CRANE-17";

	for (size_t cut = 0; cut + 1 < sizeof(coded); cut++) {
		struct qw_base64 decoder = {0};
		struct qw_slice parts[2] = {qw_slice(coded, cut), qw_slice(coded + cut, sizeof(coded) - 1 - cut)};
		uint8_t out[32];
		size_t len = qw_base64_take(&decoder, &parts[0], out, sizeof(out));
		len += qw_base64_take(&decoder, &parts[1], out + len, sizeof(out) - len);
		assert_int_equal(len, sizeof(plain) - 1);
		assert_memory_equal(out, plain, len);
	}
}

static void encoded_words_are_what_they_stand_for(void **state)
{
	char memory[32];
	struct qw_text text;

	qw_text_init(&text, memory, sizeof(memory));
	qw_quoted_text(qw_slice_text("a_=45=3dv=zz="), &text);
	assert_string_equal(qw_text_string(&text), "a E=v=zz=");
	qw_text_init(&text, memory, sizeof(memory));
	qw_base64_text(qw_slice_text("bW92ZXM="), &text);
	assert_string_equal(qw_text_string(&text), "moves");
}

/* ---- chunks */

static bool is_extended(const char *body, size_t cut)
{
	struct qw_chunks chunks = {0};

	qw_chunks_feed(&chunks, (const uint8_t *)body, cut);
	qw_chunks_feed(&chunks, (const uint8_t *)body + cut, strlen(body) - cut);
	return chunks.extended;
}

static void extensions_of_chunks_are_seen_wherever_they_are_cut(void **state)
{
	static const char plain[] = "5\r\nhe;lo\r\n3\r\na;b\r\n0\r\nTrailer: a;b\r\n\r\n";
	static const char extended[] = "5\r\nhello\r\n3;name=1\r\nabc\r\n0\r\n\r\n";

	for (size_t cut = 0; cut + 1 < sizeof(plain); cut++)
		assert_false(is_extended(plain, cut));
	for (size_t cut = 0; cut + 1 < sizeof(extended); cut++)
		assert_true(is_extended(extended, cut));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_element_ends_within_what_it_stands_in),
	    cmocka_unit_test(lengths_that_cannot_be_are_refused),
	    cmocka_unit_test(integers_are_signed_and_have_at_most_eight_bytes),
	    cmocka_unit_test(an_object_identifier_is_text),
	    cmocka_unit_test(a_call_says_whom_it_asks),
	    cmocka_unit_test(a_reply_is_what_follows_its_kind),
	    cmocka_unit_test(opaque_bytes_are_filled_up),
	    cmocka_unit_test(a_log_on_is_found_in_what_wraps_it),
	    cmocka_unit_test(other_messages_of_ntlm_are_no_log_on),
	    cmocka_unit_test(first_bytes_tell_the_session_service),
	    cmocka_unit_test(base64_may_be_cut_anywhere_and_holds_what_is_no_digit),
	    cmocka_unit_test(encoded_words_are_what_they_stand_for),
	    cmocka_unit_test(extensions_of_chunks_are_seen_wherever_they_are_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
