/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "quaywatch/indicator.h"

struct row {
	enum qw_observable_type asked;
	const char *written;
	enum qw_observable_type type;
	const char *canonical;
};

static const struct row GOOD[] = {
	{QW_OBS_COUNT, "192.0.2.1", QW_OBS_IP, "192.0.2.1"},
	{QW_OBS_COUNT, " 192[.]0[.]2[.]1 \r", QW_OBS_IP, "192.0.2.1"},
	{QW_OBS_COUNT, "::ffff:192.0.2.1", QW_OBS_IP, "192.0.2.1"},
	{QW_OBS_COUNT, "2001:DB8:0:0:0:0:0:1", QW_OBS_IP, "2001:db8::1"},
	{QW_OBS_COUNT, "192.0.2.1:443", QW_OBS_IP_PORT, "192.0.2.1:443"},
	{QW_OBS_COUNT, "192.0.2.1[:]443", QW_OBS_IP_PORT, "192.0.2.1:443"},
	{QW_OBS_COUNT, "[2001:db8::1]:443", QW_OBS_IP_PORT, "[2001:db8::1]:443"},
	{QW_OBS_COUNT, "192.0.2.0/24", QW_OBS_CIDR, "192.0.2.0/24"},
	{QW_OBS_COUNT, "192.0.2.1/32", QW_OBS_IP, "192.0.2.1"},
	{QW_OBS_COUNT, "2001:db8::/32", QW_OBS_CIDR, "2001:db8::/32"},
	{QW_OBS_IP, "192.0.2.77/24", QW_OBS_CIDR, "192.0.2.0/24"},
	{QW_OBS_COUNT, "Evil.Example.", QW_OBS_DOMAIN, "evil.example"},
	{QW_OBS_COUNT, "evil[.]example", QW_OBS_DOMAIN, "evil.example"},
	{QW_OBS_COUNT, "evil(dot)example", QW_OBS_DOMAIN, "evil.example"},
	{QW_OBS_COUNT, "evil{.}example", QW_OBS_DOMAIN, "evil.example"},
	{QW_OBS_COUNT, "evil[DOT]example", QW_OBS_DOMAIN, "evil.example"},
	{QW_OBS_COUNT, "evil.example:8080", QW_OBS_DOMAIN, "evil.example"},
	{QW_OBS_COUNT, ".onion.example", QW_OBS_DOMAIN, "onion.example"},
	{QW_OBS_COUNT, "*.evil.example", QW_OBS_DOMAIN, "evil.example"},
	{QW_OBS_COUNT,
     "b\xc3\xbc"
     "cher.example",
     QW_OBS_DOMAIN, "xn--bcher-kva.example"},
	{QW_OBS_COUNT, "_dmarc.evil.example", QW_OBS_DOMAIN, "_dmarc.evil.example"},
	{QW_OBS_COUNT, "evil[[.]]example", QW_OBS_DOMAIN, "evil.example"},
	{QW_OBS_COUNT, "fxp.example", QW_OBS_DOMAIN, "fxp.example"},
	{QW_OBS_HOST, "WWW.evil.example", QW_OBS_HOST, "www.evil.example"},
	{QW_OBS_HOST, ".evil.example", QW_OBS_DOMAIN, "evil.example"},
	{QW_OBS_DOMAIN, "onion", QW_OBS_DOMAIN, "onion"},
	{QW_OBS_DOMAIN, "198.51.100.7", QW_OBS_IP, "198.51.100.7"},
	{QW_OBS_DOMAIN, "http://evil.example/", QW_OBS_DOMAIN, "evil.example"},
	{QW_OBS_DOMAIN, "https://code.example/me/tool", QW_OBS_URL, "code.example/me/tool"},
	{QW_OBS_COUNT, "hxxps://Evil[.]example/Path?Q=1#top", QW_OBS_URL, "evil.example/Path?Q=1"},
	{QW_OBS_COUNT, "hXXp[://]evil[.]example/", QW_OBS_URL, "evil.example/"},
	{QW_OBS_COUNT, "http://evil.example", QW_OBS_URL, "evil.example/"},
	{QW_OBS_COUNT, "http://evil.example?x=1", QW_OBS_URL, "evil.example/?x=1"},
	{QW_OBS_COUNT, "http://user:secret@evil.example:80/x", QW_OBS_URL, "evil.example/x"},
	{QW_OBS_COUNT, "https://evil.example:8443/x", QW_OBS_URL, "evil.example:8443/x"},
	{QW_OBS_COUNT, "https://evil.example:80/x", QW_OBS_URL, "evil.example/x"},
	{QW_OBS_COUNT, "fxp://evil.example/a", QW_OBS_URL, "evil.example/a"},
	{QW_OBS_COUNT, "evil.example/a/b.exe", QW_OBS_URL, "evil.example/a/b.exe"},
	{QW_OBS_COUNT, "192.0.2.1:8080/x.sh", QW_OBS_URL, "192.0.2.1:8080/x.sh"},
	{QW_OBS_COUNT, "http://[2001:DB8::1]/x", QW_OBS_URL, "[2001:db8::1]/x"},
	{QW_OBS_COUNT, "http://host7./x", QW_OBS_URL, "host7/x"},
	{QW_OBS_COUNT, "/bins/bad.arm7", QW_OBS_URL, "/bins/bad.arm7"},
	{QW_OBS_URL, "http://evil.example/a b", QW_OBS_URL, "evil.example/a%20b"},
	{QW_OBS_URL, "evil.example", QW_OBS_URL, "evil.example/"},
	{QW_OBS_COUNT, "D41D8CD98F00B204E9800998ECF8427E", QW_OBS_MD5, "d41d8cd98f00b204e9800998ecf8427e"},
	{QW_OBS_JA3, "D41D8CD98F00B204E9800998ECF8427E", QW_OBS_JA3, "d41d8cd98f00b204e9800998ecf8427e"},
	{QW_OBS_COUNT, "da39a3ee5e6b4b0d3255bfef95601890afd80709", QW_OBS_SHA1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
	{QW_OBS_CERT_SHA1, "DA:39:A3:EE:5E:6B:4B:0D:32:55:BF:EF:95:60:18:90:AF:D8:07:09", QW_OBS_CERT_SHA1,
     "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
	{QW_OBS_COUNT, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", QW_OBS_SHA256,
     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	{QW_OBS_COUNT, "t13d1516h2_8daaf6152771_E5627efa2ab1", QW_OBS_JA4, "t13d1516h2_8daaf6152771_e5627efa2ab1"},
	{QW_OBS_USER_AGENT, "Mozilla/4.0 (bad)", QW_OBS_USER_AGENT, "Mozilla/4.0 (bad)"},
	{QW_OBS_COUNT, "00-1B-1b-12-34-56", QW_OBS_MAC, "00:1b:1b:12:34:56"},
	{QW_OBS_MAC, "001b.1b12.3456", QW_OBS_MAC, "00:1b:1b:12:34:56"},
	{QW_OBS_MAC, "001B1B", QW_OBS_MAC, "00:1b:1b"},
	{QW_OBS_COUNT, "00:1b:1b", QW_OBS_MAC, "00:1b:1b"},
	{QW_OBS_COUNT, "face.cf", QW_OBS_DOMAIN, "face.cf"},
};

static const struct {
	enum qw_observable_type asked;
	const char *written;
} BAD[] = {
	{QW_OBS_COUNT, ""},
	{QW_OBS_COUNT, "   "},
	{QW_OBS_COUNT, "word"},
	{QW_OBS_COUNT, "two words.example"},
	{QW_OBS_COUNT, "192.0.2.999"},
	{QW_OBS_COUNT, "192.0.2"},
	{QW_OBS_COUNT, "0.0.0.0/0"},
	{QW_OBS_COUNT, "::/0"},
	{QW_OBS_COUNT, "me@evil.example"},
	{QW_OBS_COUNT, "me[at]evil[.]example"},
	{QW_OBS_COUNT, "bad[0-9]{1,2}\\.(com|net)"},
	{QW_OBS_COUNT, "evil..example"},
	{QW_OBS_COUNT, "folder/file"},
	{QW_OBS_COUNT, "/"},
	{QW_OBS_COUNT, "/#top"},
	{QW_OBS_COUNT, "evil[[[[[[.]]]]]]example"},
	{QW_OBS_COUNT, "http:///path"},
	{QW_OBS_COUNT, "d41d8cd98f00b204e9800998ecf8427"},
	{QW_OBS_SHA256, "d41d8cd98f00b204e9800998ecf8427e"},
	{QW_OBS_IP, "evil.example"},
	{QW_OBS_IP_PORT, "192.0.2.1:0"},
	{QW_OBS_IP_PORT, "192.0.2.1:65536"},
	{QW_OBS_MAC, "00:1b:1b:12:34"},
	{QW_OBS_MAC, "00:1b:1b:12:34:56:"},
	{QW_OBS_JA4, "t13d1516h2_8daaf6152771"},
	{QW_OBS_JA3, "xyz"},
};

static void every_notation_comes_out_in_one_form(void **state)
{
	struct qw_observable out;
	for (size_t i = 0; i < sizeof(GOOD) / sizeof(*GOOD); i++) {
		const char *why = "";
		enum qw_err err =
			qw_observable_parse(&out, GOOD[i].asked, GOOD[i].written, strlen(GOOD[i].written), &why);
		if (err != QW_OK)
			fail_msg("\"%s\" refused: %s", GOOD[i].written, why);
		assert_string_equal(out.text, GOOD[i].canonical);
		assert_int_equal(out.type, GOOD[i].type);
		assert_int_equal(out.len, strlen(out.text));
	}
}

static void the_canonical_form_is_its_own_canonical_form(void **state)
{
	struct qw_observable once, twice;
	for (size_t i = 0; i < sizeof(GOOD) / sizeof(*GOOD); i++) {
		assert_int_equal(
			qw_observable_parse(&once, GOOD[i].asked, GOOD[i].written, strlen(GOOD[i].written), NULL), QW_OK);
		assert_int_equal(qw_observable_parse(&twice, once.type, once.text, once.len, NULL), QW_OK);
		assert_string_equal(once.text, twice.text);
		assert_int_equal(once.type, twice.type);
	}
}

static void what_is_no_value_is_refused_with_a_reason(void **state)
{
	struct qw_observable out;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(*BAD); i++) {
		const char *why = NULL;
		if (qw_observable_parse(&out, BAD[i].asked, BAD[i].written, strlen(BAD[i].written), &why) != QW_EFORMAT)
			fail_msg("\"%s\" taken as %s", BAD[i].written, out.text);
		assert_non_null(why);
	}
}

static void a_value_longer_than_the_limit_is_refused(void **state)
{
	static char text[QW_OBSERVABLE_TEXT_MAX + 64];
	struct qw_observable out;
	const char *why = NULL;
	memset(text, 'a', sizeof(text));
	text[0] = '/';
	assert_int_equal(qw_observable_parse(&out, QW_OBS_COUNT, text, QW_OBSERVABLE_TEXT_MAX, &why), QW_OK);
	assert_int_equal(qw_observable_parse(&out, QW_OBS_COUNT, text, sizeof(text), &why), QW_ELIMIT);
	assert_non_null(why);
}

static void types_are_known_by_the_names_that_feeds_use(void **state)
{
	static const struct {
		const char *name;
		enum qw_observable_type type;
	} ROWS[] = {
		{"ip", QW_OBS_IP},
		{"IPv4-Addr", QW_OBS_IP},
		{"ip-dst", QW_OBS_IP},
		{"ip:port", QW_OBS_IP_PORT},
		{"domain-name", QW_OBS_DOMAIN},
		{"hostname", QW_OBS_HOST},
		{"SHA-256", QW_OBS_SHA256},
		{"ja3-fingerprint-md5", QW_OBS_JA3},
		{"x509-fingerprint-sha1", QW_OBS_CERT_SHA1},
		{"User-Agent", QW_OBS_USER_AGENT},
		{"mac-address", QW_OBS_MAC},
		{"regkey", QW_OBS_COUNT},
		{"", QW_OBS_COUNT},
	};
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(*ROWS); i++)
		assert_int_equal(qw_observable_type_parse(ROWS[i].name, strlen(ROWS[i].name)), ROWS[i].type);
	for (unsigned type = 0; type < QW_OBS_COUNT; type++) {
		const char *name = qw_observable_type_name((enum qw_observable_type)type);
		assert_int_equal(qw_observable_type_parse(name, strlen(name)), type);
	}
}

static void an_id_is_64_bits_of_blake2b_over_type_and_text(void **state)
{
	/* hashlib.blake2b(b"domain\0evil.example", digest_size=8) */
	assert_true(qw_indicator_id(QW_OBS_DOMAIN, "evil.example", 12) == UINT64_C(0x39caff6419950e78));
	assert_true(qw_indicator_id(QW_OBS_HOST, "evil.example", 12) != UINT64_C(0x39caff6419950e78));
}

static void traffic_light_labels_are_read_in_all_spellings(void **state)
{
	assert_int_equal(qw_tlp_parse("tlp:white", 9), QW_TLP_CLEAR);
	assert_int_equal(qw_tlp_parse("TLP:CLEAR", 9), QW_TLP_CLEAR);
	assert_int_equal(qw_tlp_parse("amber+strict", 12), QW_TLP_AMBER_STRICT);
	assert_int_equal(qw_tlp_parse("pink", 4), QW_TLP_COUNT);
	assert_string_equal(qw_tlp_name(QW_TLP_AMBER_STRICT), "AMBER+STRICT");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_notation_comes_out_in_one_form),
		cmocka_unit_test(the_canonical_form_is_its_own_canonical_form),
		cmocka_unit_test(what_is_no_value_is_refused_with_a_reason),
		cmocka_unit_test(a_value_longer_than_the_limit_is_refused),
		cmocka_unit_test(types_are_known_by_the_names_that_feeds_use),
		cmocka_unit_test(an_id_is_64_bits_of_blake2b_over_type_and_text),
		cmocka_unit_test(traffic_light_labels_are_read_in_all_spellings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
