/* SPDX-License-Identifier: Apache-2.0 */
/* Keywords of files: what they read, refuse and match. */
#include "tests/unit/signature_kit.h"

#include <sys/stat.h>

#include "quaywatch/digest.h"
#include "quaywatch/file.h"

#define RULE(options) "alert ip any any -> any any (" options " sid:1;)"

static char folder[] = "qw-files-XXXXXX";

static int enter(void **state)
{
	memcpy(folder, "qw-files-XXXXXX", sizeof(folder));
	return !mkdtemp(folder) || chdir(folder) != 0;
}

static int leave(void **state)
{
	char command[64];
	snprintf(command, sizeof(command), "rm -rf ./%s", folder);
	return chdir("..") != 0 || system(command) != 0;
}

static void put(const char *path, const char *text)
{
	assert_int_equal(qw_file_replace(path, text, strlen(text), 0600), QW_OK);
}

static bool fires(const char *rule, enum qw_buffer buffer, const void *value, size_t len)
{
	struct kit kit;
	struct scene scene = scene_tcp();
	scene.values[0] = (struct value){buffer, value, len};
	kit_one(&kit, rule);
	bool fired = scene_fires(&kit, &scene, 0);
	kit_end(&kit);
	return fired;
}

static bool named(const char *rule, const char *name)
{
	return fires(rule, QW_BUFFER_FILE_NAME, name, strlen(name));
}

static bool sized(const char *rule, enum qw_buffer buffer, uint64_t size)
{
	return fires(rule, buffer, &size, sizeof(size));
}

/* How a rule is complained about. */
static void assert_refused(const char *rule, const char *why)
{
	struct kit kit;
	kit_begin(&kit);
	kit_read(&kit, rule);
	assert_int_equal(kit.diags.errors, 1);
	if (!strstr(kit.diags.rows[0].text, why))
		fail_msg("'%s' does not say '%s'", kit.diags.rows[0].text, why);
	kit_end(&kit);
}

static void names_are_looked_into_in_any_case(void **state)
{
	assert_true(named(RULE("filename:\"Voice\";"), "/in/INVOICE.com"));
	assert_false(named(RULE("filename:\"voicemail\";"), "/in/INVOICE.com"));
	assert_true(named(RULE("filename:!\"voicemail\";"), "invoice.com"));
	assert_false(named(RULE("filename:!\"Voice\";"), "invoice.com"));
	assert_true(named(RULE("filename:\"a|2e|b\";"), "a.b"));
	assert_true(named(RULE("filename:bare;"), "bare.txt"));
	assert_refused(RULE("filename:\"\";"), "is empty");
	assert_refused(RULE("filename;"), "needs a value");
}

static void an_extension_is_all_of_it(void **state)
{
	assert_true(named(RULE("fileext:\"EXE\";"), "a.exe"));
	assert_false(named(RULE("fileext:\"exe\";"), "a.exe.txt"));
	assert_false(named(RULE("fileext:\"exe\";"), "exe"));
	assert_false(named(RULE("fileext:\"xe\";"), "a.exe"));
	assert_true(named(RULE("fileext:!\"exe\";"), "a.txt"));
	assert_false(named(RULE("fileext:!\"exe\";"), "a.exe"));
}

static void sizes_have_units(void **state)
{
	const enum qw_buffer size = QW_BUFFER_FILE_SIZE, seen = QW_BUFFER_FILE_SEEN;
	assert_true(sized(RULE("filesize:10;"), size, 10));
	assert_false(sized(RULE("filesize:10;"), size, 11));
	assert_false(sized(RULE("filesize:10;"), seen, 10)); /* it may yet grow */
	assert_true(sized(RULE("filesize:1KB<>2KB;"), size, 1025));
	assert_false(sized(RULE("filesize:1KB<>2KB;"), size, 1024));
	assert_true(sized(RULE("filesize:<1 MB;"), size, 1048575));
	assert_false(sized(RULE("filesize:<1 MB;"), size, 1048576));
	assert_true(sized(RULE("filesize:>1gb;"), seen, 1073741825)); /* that can be said before its end */
	assert_false(sized(RULE("filesize:>1gb;"), seen, 1073741824));
	assert_true(sized(RULE("filesize:!5;"), size, 4));
	assert_refused(RULE("filesize:10XB;"), "not a size");
	assert_refused(RULE("filesize:99999999999GB;"), "not a size");
	assert_refused(RULE("filesize:large;"), "not a size");
}

static void a_rule_that_would_store_asks_for_a_file(void **state)
{
	assert_true(sized(RULE("filestore;"), QW_BUFFER_FILE_SEEN, 0));
	assert_true(sized(RULE("filestore:request,file;"), QW_BUFFER_FILE_SEEN, 7));
	assert_false(named(RULE("filestore;"), "a.exe"));
}

static void digests_are_found_in_their_list(void **state)
{
	uint8_t digest[QW_SHA256_BYTES];
	put("a.list", "# two\n\n"
		      "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD  abc\r\n"
		      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
		      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n");
	qw_sha256("abc", 3, digest);
	assert_true(fires(RULE("filesha256:a.list;"), QW_BUFFER_FILE_SHA256, digest, sizeof(digest)));
	assert_false(fires(RULE("filesha256:!a.list;"), QW_BUFFER_FILE_SHA256, digest, sizeof(digest)));
	qw_sha256("", 0, digest);
	assert_true(fires(RULE("filesha256:\"a.list\";"), QW_BUFFER_FILE_SHA256, digest, sizeof(digest)));
	qw_sha256("x", 1, digest);
	assert_false(fires(RULE("filesha256:a.list;"), QW_BUFFER_FILE_SHA256, digest, sizeof(digest)));
	assert_true(fires(RULE("filesha256:! a.list;"), QW_BUFFER_FILE_SHA256, digest, sizeof(digest)));
}

static void every_digest_of_a_long_list_is_found(void **state)
{
	enum { MANY = 999 };
	static char text[MANY * (2 * QW_MD5_BYTES + 1) + 1];
	struct kit kit;
	struct qw_text out;
	uint8_t digest[QW_MD5_BYTES];
	qw_text_init(&out, text, sizeof(text));
	for (int i = 0; i < MANY; i++) {
		qw_md5(&i, sizeof(i), digest);
		qw_text_hex(&out, digest, sizeof(digest));
		qw_text_char(&out, '\n');
	}
	put("many.list", qw_text_string(&out));
	kit_one(&kit, RULE("filemd5:many.list;"));
	for (int i = 0; i < 2 * MANY; i++) {
		struct scene scene = scene_tcp();
		qw_md5(&i, sizeof(i), digest);
		scene.values[0] = (struct value){QW_BUFFER_FILE_MD5, (const char *)digest, sizeof(digest)};
		assert_int_equal(scene_fires(&kit, &scene, 0), i < MANY);
	}
	kit_end(&kit);
}

static void a_list_that_is_none_refuses_the_rule(void **state)
{
	put("md5.list", "2f8d0355f0032c3e6311c6408d7c2dc2\n");
	put("word.list", "2f8d0355f0032c3e6311c6408d7c2dc2\nno digest\n");
	put("empty.list", "# none\n");
	assert_refused(RULE("filesha1:md5.list;"), "40 hexadecimal digits");
	assert_refused(RULE("filemd5:word.list;"), "line 2 of 'word.list'");
	assert_refused(RULE("filemd5:empty.list;"), "holds no digest");
	assert_refused(RULE("filemd5:missing.list;"), "cannot be read");
	assert_refused(RULE("filemagic:\"PE32\";"), "not supported");
}

static void words_of_ftp_stand_for_numbers(void **state)
{
	assert_true(sized(RULE("ftpdata_command:retr;"), QW_BUFFER_FTPDATA_COMMAND, QW_FTP_RETR));
	assert_false(sized(RULE("ftpdata_command:stor;"), QW_BUFFER_FTPDATA_COMMAND, QW_FTP_RETR));
	assert_true(sized(RULE("ftp.mode:passive;"), QW_BUFFER_FTP_MODE, QW_FTP_PASSIVE));
	assert_false(sized(RULE("ftp.mode: active;"), QW_BUFFER_FTP_MODE, QW_FTP_PASSIVE));
	assert_true(sized(RULE("ftp.reply_received:no;"), QW_BUFFER_FTP_REPLY_RECEIVED, 0));
	assert_false(sized(RULE("ftp.reply_received:on;"), QW_BUFFER_FTP_REPLY_RECEIVED, 0));
	assert_true(sized(RULE("ftp.dynamic_port:59913-59915;"), QW_BUFFER_FTP_DYNAMIC_PORT, 59914));
	assert_true(sized(RULE("ftp.dynamic_port:=59914;"), QW_BUFFER_FTP_DYNAMIC_PORT, 59914));
	assert_true(sized(RULE("ftpbounce;"), QW_BUFFER_FTP_BOUNCE, 1));
	assert_refused(RULE("ftpdata_command:list;"), "retr or stor");
	assert_refused(RULE("ftp.dynamic_port:70000;"), "not a test");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_looked_into_in_any_case),
		cmocka_unit_test(an_extension_is_all_of_it),
		cmocka_unit_test(sizes_have_units),
		cmocka_unit_test(a_rule_that_would_store_asks_for_a_file),
		cmocka_unit_test_setup_teardown(digests_are_found_in_their_list, enter, leave),
		cmocka_unit_test_setup_teardown(every_digest_of_a_long_list_is_found, enter, leave),
		cmocka_unit_test_setup_teardown(a_list_that_is_none_refuses_the_rule, enter, leave),
		cmocka_unit_test(words_of_ftp_stand_for_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
