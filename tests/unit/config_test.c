/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "quaywatch/file.h"

enum { WORKERS, CHECKSUMS, FILES, VARS, OT, MEMORY, DEEP, COUNT };

static const char *const checksums[] = {"verify", "ignore", NULL};

static const struct qw_setting settings[COUNT] = {
	[WORKERS] = {.key = "capture.workers", .type = QW_SETTING_INT, .initial = "0", .max = 64, .help = "workers"},
	[CHECKSUMS] = {.key = "capture.checksums",
		       .type = QW_SETTING_TEXT,
		       .initial = "verify",
		       .choices = checksums,
		       .help = "wrong checksums"},
	[FILES] = {.key = "reputation.files", .type = QW_SETTING_LIST, .initial = "[a, b]", .help = "iprep files"},
	[VARS] = {.key = "vars.*", .type = QW_SETTING_ANY, .help = "rule variables"},
	[OT] = {.key = "ot.enabled", .type = QW_SETTING_BOOL, .initial = "true", .help = "OT"},
	[MEMORY] = {.key = "flow.memory", .type = QW_SETTING_INT, .initial = "4294967297", .min = 1, .help = "bytes"},
	[DEEP] = {.key = "capture.ring.bytes", .type = QW_SETTING_INT, .help = "bytes"},
};

struct fixture {
	struct qw_config *config;
	struct qw_diags diags;
};

static int start(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	*state = fixture;
	qw_diags_init(&fixture->diags);
	return qw_config_new(&fixture->config, settings, COUNT);
}

static int stop(void **state)
{
	struct fixture *fixture = *state;
	qw_config_free(fixture->config);
	qw_diags_fini(&fixture->diags);
	free(fixture);
	return 0;
}

static enum qw_err read_text(struct fixture *fixture, const char *text)
{
	return qw_config_read(fixture->config, "x.conf", text, &fixture->diags);
}

static void collect(void *ctx, const char *key, const char *value)
{
	strcat(ctx, key);
	strcat(ctx, "=");
	strcat(ctx, value);
	strcat(ctx, ";");
}

static void without_a_file_every_row_has_its_default(void **state)
{
	struct fixture *fixture = *state;
	const char *const *items;
	assert_int_equal(qw_config_int(fixture->config, WORKERS), 0);
	assert_string_equal(qw_config_text(fixture->config, CHECKSUMS), "verify");
	assert_int_equal(qw_config_list(fixture->config, FILES, &items), 2);
	assert_string_equal(items[1], "b");
	assert_true(qw_config_bool(fixture->config, OT));
	assert_true(qw_config_int(fixture->config, MEMORY) == INT64_C(4294967297));
	assert_int_equal(qw_config_int(fixture->config, DEEP), 0);
}

static void a_file_sets_what_it_names(void **state)
{
	struct fixture *fixture = *state;
	const char *const *items;
	char pairs[256] = "";
	assert_int_equal(read_text(fixture, "capture = { workers = 3; checksums = \"ignore\"; ring: { bytes = 0x10; } };\n"
					    "reputation: { files = \"one\" }\n"
					    "vars = { HOME_NET = [\"10.0.0.0/8\", \"192.0.2.0/24\"]; PORTS = 502; X = \"!$Y\";\n"
					    "	MIXED = (1, \"a\", true); };\n"
					    "ot = { enabled = false; };"),
			 QW_OK);
	assert_int_equal(fixture->diags.count, 0);
	assert_int_equal(qw_config_int(fixture->config, WORKERS), 3);
	assert_string_equal(qw_config_text(fixture->config, CHECKSUMS), "ignore");
	assert_int_equal(qw_config_int(fixture->config, DEEP), 16);
	assert_int_equal(qw_config_list(fixture->config, FILES, &items), 1);
	assert_string_equal(items[0], "one");
	assert_false(qw_config_bool(fixture->config, OT));
	qw_config_each(fixture->config, VARS, collect, pairs);
	assert_string_equal(pairs, "HOME_NET=[10.0.0.0/8,192.0.2.0/24];PORTS=502;X=!$Y;MIXED=[1,a,true];");
}

static void one_run_tells_all_that_is_wrong_with_its_line(void **state)
{
	static const struct {
		uint32_t line;
		const char *text;
	} rows[] = {
		{1, "capture.workers: 65 is too large; the most is 64 (workers)"},
		{2, "capture.checksums: \"verfy\" is none of \"verify\", \"ignore\""},
		{3, "unknown key \"capture.chekcsums\"; did you mean \"capture.checksums\"?"},
		{4, "unknown group \"captur\"; did you mean \"capture\"?"},
		{5, "unknown key \"workers\"; did you mean \"capture.workers\"?"},
		{6, "ot is a group: write ot = { … };"},
		{7, "vars.x is one setting, not a group (rule variables)"},
		{8, "flow.memory: 0 is too small; the least is 1 (bytes)"},
		{9, "reputation.files wants a text in quotes, or a list of them (iprep files)"},
		{10, "unknown key \"zzz\""},
		{11, "unknown group \"yyy\""},
	};
	struct fixture *fixture = *state;
	assert_int_equal(read_text(fixture, "capture = { workers = 65;\n"
					    "checksums = \"verfy\";\n"
					    "chekcsums = \"ignore\"; };\n"
					    "captur = { };\n"
					    "workers = 3;\n"
					    "ot = 3;\n"
					    "vars = { x = { y = 1; }; };\n"
					    "flow = { memory = 0; };\n"
					    "reputation = { files = [ 1, 2 ]; };\n"
					    "zzz = 1;\n"
					    "yyy = { a = 1; b = { c = 2; }; };\n"),
			 QW_EFORMAT);
	assert_int_equal(fixture->diags.count, sizeof(rows) / sizeof(rows[0]));
	for (size_t i = 0; i < fixture->diags.count; i++) {
		assert_string_equal(fixture->diags.rows[i].text, rows[i].text);
		assert_string_equal(fixture->diags.rows[i].file, "x.conf");
		assert_int_equal(fixture->diags.rows[i].line, rows[i].line);
	}
}

static void a_value_of_another_type_is_refused(void **state)
{
	static const char *const rows[] = {
		"capture = { workers = \"3\"; };",    "capture = { workers = 1.5; };",	   "capture = { workers = true; };",
		"capture = { checksums = 1; };",      "capture = { checksums = [\"verify\"]; };", "ot = { enabled = 1; };",
		"reputation = { files = ((\"a\")); };", "vars = { A = ((1)); };",		   "vars = { A = [ ]; B = ({}); };",
		"capture = 1;",			      "capture = { workers = { }; };",
	};
	struct fixture *fixture = *state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (read_text(fixture, rows[i]) != QW_EFORMAT)
			fail_msg("accepted: %s", rows[i]);
		assert_int_equal(fixture->diags.errors, i + 1);
	}
}

static void broken_syntax_is_told_with_its_line(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(read_text(fixture, "capture = {\n workers = ;\n};"), QW_EFORMAT);
	assert_int_equal(fixture->diags.rows[0].line, 2);
	assert_int_equal(read_text(fixture, "\nvars = { A = \"1\";\nA = \"2\"; };"), QW_EFORMAT);
	assert_string_equal(fixture->diags.rows[1].text, "this name stands twice in its group: make one of the two");
	assert_int_equal(fixture->diags.rows[1].line, 3);
	assert_int_equal(read_text(fixture, "@include \"other.conf\"\n"), QW_EFORMAT);
	assert_non_null(strstr(fixture->diags.rows[2].text, "@include is not read"));
	assert_int_equal(read_text(fixture, "vars = { A = \"@include 99999999999999999999\"; }; # @include\n"), QW_OK);
}

/* libconfig 1.5 alone would make 1 and -2147483648 of these. */
static void numbers_of_64_bits_are_read_as_they_are_written(void **state)
{
	static const struct {
		const char *text;
		int64_t number;
	} rows[] = {
		{"flow = { memory = 4294967297; };", INT64_C(4294967297)},
		{"flow = { memory = 2147483648; };", INT64_C(2147483648)},
		{"flow={memory=2147483647}", 2147483647},
		{"flow = { memory = 9223372036854775807L; };", INT64_MAX},
		{"flow = { memory = 0xffffffff; };", 4294967295},
		{"flow = { memory = 8589934593 # 99999999999999999999\n };", INT64_C(8589934593)},
		{"flow = { /* 99999999999999999999 */ memory = +17; }; // 99999999999999999999", 17},
	};
	struct fixture *fixture = *state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(read_text(fixture, rows[i].text), QW_OK);
		assert_true(qw_config_int(fixture->config, MEMORY) == rows[i].number);
	}
	assert_int_equal(read_text(fixture, "\nflow = { memory = 9223372036854775808; };"), QW_EFORMAT);
	assert_int_equal(fixture->diags.rows[0].line, 2);
	assert_int_equal(read_text(fixture, "flow = { memory = -4294967295; };"), QW_EFORMAT);
}

static void assignments_go_through_the_same_checks(void **state)
{
	struct fixture *fixture = *state;
	char pairs[256] = "";
	assert_int_equal(qw_config_set(fixture->config, "capture.workers=5", &fixture->diags), QW_OK);
	assert_int_equal(qw_config_set(fixture->config, "capture.checksums = \"ignore\"", &fixture->diags), QW_OK);
	assert_int_equal(qw_config_set(fixture->config, "vars.HOME_NET=\"[a,b]\"", &fixture->diags), QW_OK);
	assert_int_equal(qw_config_set(fixture->config, "vars.HOME_NET=\"c\"", &fixture->diags), QW_OK);
	assert_int_equal(qw_config_set(fixture->config, "flow.memory=8589934592", &fixture->diags), QW_OK);
	assert_int_equal(fixture->diags.count, 0);
	assert_int_equal(qw_config_int(fixture->config, WORKERS), 5);
	assert_string_equal(qw_config_text(fixture->config, CHECKSUMS), "ignore");
	assert_true(qw_config_int(fixture->config, MEMORY) == INT64_C(8589934592));
	qw_config_each(fixture->config, VARS, collect, pairs);
	assert_string_equal(pairs, "HOME_NET=c;");

	static const char *const wrong[] = {"capture.workers", "=1", "capture.workers=", "capture.workers=65",
					    "capture.checksums=ignore", "capture.workers=1; b=2", "capture.worker=1",
					    "vars.a.b=1", "vars.=1", "vars.1=1", "vars.\xf6=1", ".=1",
					    "vars..a=1", ""};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (qw_config_set(fixture->config, wrong[i], &fixture->diags) != QW_EFORMAT)
			fail_msg("accepted: %s", wrong[i]);
	}
	assert_int_equal(qw_config_set(fixture->config, "capture={workers=7;}", &fixture->diags), QW_OK);
	assert_int_equal(qw_config_int(fixture->config, WORKERS), 7);
}

static void a_printed_config_reads_back_as_the_same(void **state)
{
	struct fixture *fixture = *state;
	char *text[2] = {NULL, NULL};
	size_t len;
	assert_int_equal(read_text(fixture, "vars = { A = \"q\\\"\\\\\\t\"; }; reputation = { files = [ ]; };"), QW_OK);
	assert_int_equal(qw_config_set(fixture->config, "flow.memory=8589934592", &fixture->diags), QW_OK);
	for (int i = 0; i < 2; i++) {
		FILE *out = open_memstream(&text[i], &len);
		qw_config_print(fixture->config, out);
		fclose(out);
		assert_int_equal(stop(state), 0);
		assert_int_equal(start(state), 0);
		fixture = *state;
		if (read_text(fixture, text[i]) != QW_OK)
			fail_msg("%s\n%s", fixture->diags.rows[0].text, text[i]);
	}
	assert_string_equal(text[0], text[1]);
	assert_non_null(strstr(text[0], "\t# wrong checksums (\"verify\", \"ignore\")\n\tchecksums = \"verify\";\n"));
	free(text[0]);
	free(text[1]);
}

static void files_that_cannot_be_read_say_why(void **state)
{
	struct fixture *fixture = *state;
	char path[] = "qw-config-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(qw_config_load(fixture->config, "no-such-file.conf", &fixture->diags), QW_ENOENT);
	assert_int_equal(qw_write_all(fd, "ot = { enabled = false; };\n\0", 28), QW_OK);
	assert_int_equal(qw_config_load(fixture->config, path, &fixture->diags), QW_EFORMAT);
	assert_string_equal(fixture->diags.rows[0].file, path);
	assert_int_equal(ftruncate(fd, 27), 0);
	assert_int_equal(qw_config_load(fixture->config, path, &fixture->diags), QW_OK);
	assert_false(qw_config_bool(fixture->config, OT));
	assert_int_equal(ftruncate(fd, 2 << 20), 0);
	assert_int_equal(qw_config_load(fixture->config, path, &fixture->diags), QW_EFORMAT);
	close(fd);
	unlink(path);
}

static void a_default_that_breaks_its_own_row_is_found_at_once(void **state)
{
	static const struct qw_setting rows[] = {
		{.key = "a", .type = QW_SETTING_INT, .initial = "7", .max = 6},
		{.key = "a", .type = QW_SETTING_INT, .initial = "7x"},
		{.key = "a", .type = QW_SETTING_BOOL, .initial = "yes"},
		{.key = "a", .type = QW_SETTING_TEXT, .initial = "c", .choices = checksums},
		{.key = "a", .type = QW_SETTING_ANY},
		{.type = QW_SETTING_INT},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct qw_config *config;
		assert_int_equal(qw_config_new(&config, &rows[i], 1), QW_EINVAL);
	}
}

#define CONFIG_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONFIG_TEST(without_a_file_every_row_has_its_default),
		CONFIG_TEST(a_file_sets_what_it_names),
		CONFIG_TEST(one_run_tells_all_that_is_wrong_with_its_line),
		CONFIG_TEST(a_value_of_another_type_is_refused),
		CONFIG_TEST(broken_syntax_is_told_with_its_line),
		CONFIG_TEST(numbers_of_64_bits_are_read_as_they_are_written),
		CONFIG_TEST(assignments_go_through_the_same_checks),
		CONFIG_TEST(a_printed_config_reads_back_as_the_same),
		CONFIG_TEST(files_that_cannot_be_read_say_why),
		CONFIG_TEST(a_default_that_breaks_its_own_row_is_found_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
