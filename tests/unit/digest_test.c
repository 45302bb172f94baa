/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "quaywatch/digest.h"

static const char HEX[] = "0123456789abcdef";

static void assert_hex(const uint8_t *digest, size_t len, const char *expected)
{
	char text[65];
	for (size_t i = 0; i < len; i++) {
		text[2 * i] = HEX[digest[i] >> 4];
		text[2 * i + 1] = HEX[digest[i] & 15];
	}
	text[2 * len] = 0;
	assert_string_equal(text, expected);
}

static void md5_is_that_of_rfc_1321(void **state)
{
	uint8_t out[QW_MD5_BYTES];
	qw_md5("message digest", 14, out);
	assert_hex(out, sizeof(out), "f96b697d7cb7938d525a2f31aaf161d0");
}

static void sha1_is_that_of_rfc_3174(void **state)
{
	uint8_t out[QW_SHA1_BYTES];
	qw_sha1("abc", 3, out);
	assert_hex(out, sizeof(out), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

static void sha256_is_that_of_fips_180(void **state)
{
	uint8_t out[QW_SHA256_BYTES];
	qw_sha256("abc", 3, out);
	assert_hex(out, sizeof(out), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void pieces_have_the_digest_of_the_whole(void **state)
{
	struct qw_digests digests;
	uint8_t md5[QW_MD5_BYTES], sha1[QW_SHA1_BYTES], sha256[QW_SHA256_BYTES];
	qw_digests_init(&digests, QW_DIGEST_MD5 | QW_DIGEST_SHA1 | QW_DIGEST_SHA256);
	qw_digests_update(&digests, "a", 1);
	qw_digests_update(&digests, "bc", 2);
	qw_digests_finish(&digests, QW_DIGEST_MD5, md5);
	qw_digests_finish(&digests, QW_DIGEST_SHA1, sha1);
	qw_digests_finish(&digests, QW_DIGEST_SHA256, sha256);
	assert_hex(md5, sizeof(md5), "900150983cd24fb0d6963f7d28e17f72");
	assert_hex(sha1, sizeof(sha1), "a9993e364706816aba3e25717850c26c9cd0d89d");
	assert_hex(sha256, sizeof(sha256), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void nothing_has_a_digest_too(void **state)
{
	uint8_t out[QW_MD5_BYTES];
	qw_md5(NULL, 0, out);
	assert_hex(out, sizeof(out), "d41d8cd98f00b204e9800998ecf8427e");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(md5_is_that_of_rfc_1321),
		cmocka_unit_test(sha1_is_that_of_rfc_3174),
		cmocka_unit_test(sha256_is_that_of_fips_180),
		cmocka_unit_test(pieces_have_the_digest_of_the_whole),
		cmocka_unit_test(nothing_has_a_digest_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
