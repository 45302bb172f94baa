/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/keys.h"

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
#include <sodium.h>

#include "quaywatch/file.h"

static char folder[] = "qw-keys-XXXXXX";

static int enter(void **state)
{
	memcpy(folder, "qw-keys-XXXXXX", sizeof(folder));
	return qw_keys_start() != QW_OK || !mkdtemp(folder) || chdir(folder) != 0;
}

static int leave(void **state)
{
	char command[64];
	snprintf(command, sizeof(command), "rm -rf ./%s", folder);
	return chdir("..") != 0 || system(command) != 0;
}

static void put(const char *path, const char *text, mode_t mode)
{
	assert_int_equal(qw_file_replace(path, text, strlen(text), mode), QW_OK);
}

static mode_t mode_of(const char *path)
{
	struct stat status;
	assert_int_equal(stat(path, &status), 0);
	return status.st_mode & 0777;
}

static void curve_pairs_are_saved_and_loaded(void **state)
{
	struct qw_curve_pair pair, back;
	char public_key[QW_CURVE_Z85 + 1];
	qw_curve_generate(&pair);
	assert_int_equal(strlen(pair.public_z85), QW_CURVE_Z85);
	assert_int_equal(strlen(pair.secret_z85), QW_CURVE_Z85);
	assert_int_equal(qw_curve_save(&pair, "s", "p"), QW_OK);
	assert_int_equal(mode_of("s"), 0600);
	assert_int_equal(mode_of("p"), 0644);
	assert_int_equal(qw_curve_load(&back, "s"), QW_OK);
	assert_string_equal(back.secret_z85, pair.secret_z85);
	assert_string_equal(back.public_z85, pair.public_z85);
	assert_int_equal(qw_curve_load_public(public_key, "p"), QW_OK);
	assert_string_equal(public_key, pair.public_z85);
}

/* The pair of ZeroMQ's own specification, RFC 26's test vectors in Z85. */
static void the_public_half_follows_from_the_secret_one(void **state)
{
	struct qw_curve_pair pair;
	put("s", "curve secret D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs\n", 0600);
	assert_int_equal(qw_curve_load(&pair, "s"), QW_OK);
	assert_string_equal(pair.public_z85, "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID");
}

static void signing_pairs_are_saved_and_loaded_and_sign(void **state)
{
	struct qw_sign_pair pair, back;
	uint8_t public_key[QW_SIGN_PUBLIC_BYTES], signature[QW_SIGN_BYTES];
	qw_sign_generate(&pair);
	assert_int_equal(qw_sign_save(&pair, "s", "p"), QW_OK);
	assert_int_equal(mode_of("s"), 0600);
	assert_int_equal(qw_sign_load(&back, "s"), QW_OK);
	assert_memory_equal(&back, &pair, sizeof(pair));
	assert_int_equal(qw_sign_load_public(public_key, "p"), QW_OK);
	assert_int_equal(crypto_sign_detached(signature, NULL, (const uint8_t *)"delta", 5, back.secret_key), 0);
	assert_int_equal(crypto_sign_verify_detached(signature, (const uint8_t *)"delta", 5, public_key), 0);
}

static void a_key_that_is_there_is_kept(void **state)
{
	struct qw_sign_pair first, second, back;
	qw_sign_generate(&first);
	qw_sign_generate(&second);
	assert_int_equal(qw_sign_save(&first, "s", "p"), QW_OK);
	assert_int_equal(qw_sign_save(&second, "s", "p2"), QW_EEXIST);
	assert_int_equal(access("p2", F_OK), -1);
	assert_int_equal(qw_sign_save(&second, "s2", "p"), QW_EEXIST);
	assert_int_equal(access("s2", F_OK), -1);
	assert_int_equal(qw_sign_load(&back, "s"), QW_OK);
	assert_memory_equal(&back, &first, sizeof(first));
}

static void secrets_that_others_may_read_are_refused(void **state)
{
	struct qw_sign_pair pair;
	qw_sign_generate(&pair);
	assert_int_equal(qw_sign_save(&pair, "s", "p"), QW_OK);
	static const mode_t modes[] = {0640, 0604, 0620, 0601};
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		assert_int_equal(chmod("s", modes[i]), 0);
		assert_int_equal(qw_sign_load(&pair, "s"), QW_EACCES);
	}
	assert_int_equal(chmod("s", 0400), 0);
	assert_int_equal(qw_sign_load(&pair, "s"), QW_OK);
}

static void what_is_no_key_file_is_refused(void **state)
{
	static const char *const rows[] = {
		"",
		"curve secret \n",
		"curve public D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs\n",
		"curve secret D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%c\n",
		"curve secret D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%css\n",
		"curve secret D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%c~\n",
		"curvy secret D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs\n",
	};
	struct qw_curve_pair pair;
	struct qw_sign_pair sign;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		put("s", rows[i], 0600);
		if (qw_curve_load(&pair, "s") != QW_EFORMAT)
			fail_msg("accepted: %s", rows[i]);
		assert_int_equal(qw_sign_load(&sign, "s"), QW_EFORMAT);
	}
	assert_int_equal(qw_curve_load(&pair, "none"), QW_ENOENT);
}

static void a_signing_key_that_does_not_fit_its_seed_is_refused(void **state)
{
	char *text;
	size_t len;
	struct qw_sign_pair pair;
	qw_sign_generate(&pair);
	assert_int_equal(qw_sign_save(&pair, "s", "p"), QW_OK);
	assert_int_equal(qw_file_read("s", 1000, &text, &len), QW_OK);
	text[len - 2] = text[len - 2] == '0' ? '1' : '0';
	put("s", text, 0600);
	assert_int_equal(qw_sign_load(&pair, "s"), QW_EFORMAT);
	free(text);
}

static void wiped_memory_is_zero(void **state)
{
	char secret[8] = "secret";
	qw_wipe(secret, sizeof(secret));
	assert_memory_equal(secret, "\0\0\0\0\0\0\0\0", 8);
}

#define KEYS_TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KEYS_TEST(curve_pairs_are_saved_and_loaded),
		KEYS_TEST(the_public_half_follows_from_the_secret_one),
		KEYS_TEST(signing_pairs_are_saved_and_loaded_and_sign),
		KEYS_TEST(a_key_that_is_there_is_kept),
		KEYS_TEST(secrets_that_others_may_read_are_refused),
		KEYS_TEST(what_is_no_key_file_is_refused),
		KEYS_TEST(a_signing_key_that_does_not_fit_its_seed_is_refused),
		KEYS_TEST(wiped_memory_is_zero),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
