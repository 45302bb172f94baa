/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/path.h"

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

/* Each test has a folder of its own: rules/ with a.rules, and files/ for what was sent. */
static char folder[] = "qw-path-XXXXXX";

static int enter(void **state)
{
	memcpy(folder, "qw-path-XXXXXX", sizeof(folder));
	return !mkdtemp(folder) || chdir(folder) != 0 || mkdir("rules", 0700) || mkdir("files", 0700) ||
	       mkdir("files/deep", 0700);
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

/* What a rule of rules/a.rules (or of a channel) reads under this name; NULL: refused, and said so. */
static const char *read_name(const char *name, bool distributed, const char *files)
{
	static char kept[256];
	char *text;
	size_t len;
	struct qw_lexer lexer;
	struct qw_statement statement;
	struct qw_diags diags;
	struct qw_signature_options options = {.folder = files};
	qw_diags_init(&diags);
	qw_lexer_init(&lexer, name, strlen(name));
	assert_int_equal(qw_lexer_next(&lexer, &statement), QW_OK);
	struct qw_parse parse = {.path = "rules/a.rules", .statement = &statement, .diags = &diags, .options = &options,
				 .keyword = statement.text, .distributed = distributed};
	enum qw_err err = qw_rule_file(&parse, (struct qw_word){name, strlen(name)}, &text, &len);
	qw_lexer_fini(&lexer);
	assert_int_equal(diags.errors, err == QW_OK ? 0 : 1);
	if (diags.errors) {
		assert_int_equal(diags.rows[0].line, 1);
		assert_int_equal(diags.rows[0].column, 1);
	}
	snprintf(kept, sizeof(kept), "%s", err ? diags.rows[0].text : text);
	qw_diags_fini(&diags);
	if (err) {
		assert_int_equal(err, QW_EFORMAT);
		return NULL;
	}
	assert_int_equal(strlen(text), len);
	free(text);
	return kept;
}

static void a_local_rule_finds_its_file_beside_the_rule_file(void **state)
{
	put("rules/set", "beside");
	put("files/set", "elsewhere");
	assert_string_equal(read_name("set", false, "files"), "beside");
}

static void a_local_rule_finds_its_file_in_the_folder_if_none_is_beside(void **state)
{
	put("files/set", "elsewhere");
	assert_string_equal(read_name("set", false, "files"), "elsewhere");
	assert_null(read_name("set", false, NULL));
}

static void a_local_rule_may_name_any_path(void **state)
{
	char path[4096];
	put("set", "above");
	assert_string_equal(read_name("../set", false, NULL), "above");
	assert_non_null(realpath("set", path));
	assert_string_equal(read_name(path, false, NULL), "above");
}

static void a_distributed_rule_finds_its_file_below_the_folder_only(void **state)
{
	put("rules/set", "beside");
	assert_null(read_name("set", true, "files"));
	put("files/set", "sent");
	put("files/deep/set", "deep");
	assert_string_equal(read_name("set", true, "files"), "sent");
	assert_string_equal(read_name("./deep//set", true, "files"), "deep");
	assert_null(read_name("set", true, NULL));
}

static void a_distributed_rule_does_not_leave_the_folder(void **state)
{
	char path[4096];
	put("secret", "secret");
	put("files/set", "sent");
	assert_non_null(realpath("files/set", path));
	assert_null(read_name(path, true, "files"));
	assert_null(read_name("../secret", true, "files"));
	assert_null(read_name("deep/../../secret", true, "files"));
	assert_null(read_name("deep/../set", true, "files"));
}

static void a_distributed_rule_follows_no_link(void **state)
{
	put("secret", "secret");
	assert_int_equal(symlink("../secret", "files/link"), 0);
	assert_int_equal(symlink("..", "files/up"), 0);
	assert_string_equal(read_name("link", false, "files"), "secret");
	assert_null(read_name("link", true, "files"));
	assert_null(read_name("up/secret", true, "files"));
}

static void only_regular_files_are_read(void **state)
{
	assert_int_equal(mkfifo("rules/pipe", 0600), 0);
	assert_int_equal(mkfifo("files/pipe", 0600), 0);
	assert_null(read_name("pipe", false, NULL));
	assert_null(read_name("pipe", true, "files"));
	assert_null(read_name("deep", true, "files"));
	assert_null(read_name(".", true, "files"));
	assert_null(read_name("/dev/zero", false, NULL));
	assert_null(read_name("none", false, NULL));
}

static void a_file_beyond_the_bound_is_refused(void **state)
{
	put("rules/large", "");
	assert_int_equal(truncate("rules/large", QW_RULE_FILE_MAX + 1), 0);
	assert_null(read_name("large", false, NULL));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)
	const struct CMUnitTest tests[] = {
		TEST(a_local_rule_finds_its_file_beside_the_rule_file),
		TEST(a_local_rule_finds_its_file_in_the_folder_if_none_is_beside),
		TEST(a_local_rule_may_name_any_path),
		TEST(a_distributed_rule_finds_its_file_below_the_folder_only),
		TEST(a_distributed_rule_does_not_leave_the_folder),
		TEST(a_distributed_rule_follows_no_link),
		TEST(only_regular_files_are_read),
		TEST(a_file_beyond_the_bound_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
